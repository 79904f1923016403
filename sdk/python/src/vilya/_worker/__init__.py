"""The worker: one process that serves an ASGI or WSGI application to the engine. Nothing in here is public."""
