"""An application that takes 100 ms to import, as a framework with its models does, and holds 30 MB that requests only read."""

import hashlib
import time

_ends_at = time.monotonic() + 0.1
held = [bytes([65 + number]) * 1_000_000 for number in range(30)]
while time.monotonic() < _ends_at:
    hashlib.sha256(held[0])


async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": held[0][:1]})
