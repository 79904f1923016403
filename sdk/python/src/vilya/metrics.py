"""Metrics of the application, which the engine adds up over all workers and shows beside its own on ``/metrics``, with the label ``app``.

    from vilya import metrics

    metrics.count("orders", labels={"paid_by": "card"})
    metrics.gauge("stock", 12)
    metrics.observe("payment_seconds", 0.21)

A metric keeps the type and the names of labels that it began with. Values of labels have to be few: each one is a series. From any thread.
Where nobody listens (outside of a worker, behind an engine that takes none) nothing happens.
"""

from __future__ import annotations

import contextlib
import json
from ._worker.actions import act
from collections.abc import Mapping

#: What workers send samples to. docs/reference/wire.md W2.80.
_TOPIC = "$metrics"


def count(name: str, by: float = 1, labels: Mapping[str, str] | None = None, help: str = "") -> None:
    """Something has happened. The engine's name for it ends in ``_total``."""
    _send(name, "counter", by, labels, help)


def gauge(name: str, value: float, labels: Mapping[str, str] | None = None, help: str = "") -> None:
    """Something has this size now; the last worker to say so is right."""
    _send(name, "gauge", value, labels, help)


def observe(name: str, seconds: float, labels: Mapping[str, str] | None = None, help: str = "") -> None:
    """Something took this long, in seconds: histograms have the bounds of the engine's own, from 0.5 ms to 30 s."""
    _send(name, "histogram", seconds, labels, help)


def _send(name: str, kind: str, value: float, labels: Mapping[str, str] | None, help: str) -> None:
    sample = {"name": name, "type": kind, "value": value, "help": help, "labels": dict(labels or {})}
    # There may be no engine that takes it, or the value is no number: neither is worth a request.
    with contextlib.suppress(RuntimeError, TypeError, ValueError):
        act({"do": "publish", "topic": _TOPIC, "data": json.dumps([sample], allow_nan=False).encode(), "binary": False})
