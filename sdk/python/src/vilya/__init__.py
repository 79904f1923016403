"""Vilya for Python: warm workers for ASGI and WSGI applications."""

__version__ = "0.1.0"
