"""What a response cache keeps: bounded in number and in bytes, the least recently used gone first."""

from __future__ import annotations

import time
from .headers import RawHeaders
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

# Defaults of the options of these names. They bound what a worker keeps.
ENTRIES_MAX = 1000
BYTES_MAX = 64 * 1024 * 1024
ENTRY_BYTES_MAX = 1024 * 1024

# Scheme and host, path, query, then the values of the headers that the response varies by.
Key = tuple[str, ...]


@dataclass(frozen=True)
class StoredResponse:
    """A response that may be sent again until `expires_s` on the store's clock."""

    status_code: int
    headers: RawHeaders
    body: bytes
    stored_s: float
    expires_s: float
    #: It did not say itself that it may be kept.
    is_guess: bool = False

    @property
    def size(self) -> int:
        """Bytes of body and headers."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers)


class CacheStore:
    """Responses by key, of one process. Share it with the application to forget what has changed: `store.delete(path)`."""

    def __init__(
        self,
        *,
        entries_max: int = ENTRIES_MAX,
        bytes_max: int = BYTES_MAX,
        entry_bytes_max: int = ENTRY_BYTES_MAX,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.entries_max = entries_max
        self.bytes_max = bytes_max
        self.entry_bytes_max = entry_bytes_max
        self.clock = clock
        self.size = 0
        self._entries: OrderedDict[Key, StoredResponse] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> StoredResponse | None:
        """What is stored and still fresh."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires_s <= self.clock():
            self._remove(key)
            return None
        self._entries.move_to_end(key)
        return entry

    def set(self, key: Key, entry: StoredResponse) -> None:
        """Keeps a response, unless it is larger than one may be, and drops others to make room."""
        self._remove(key)
        if entry.size > min(self.entry_bytes_max, self.bytes_max):
            return
        self._entries[key] = entry
        self.size += entry.size
        while len(self._entries) > self.entries_max or self.size > self.bytes_max:
            self._remove(next(iter(self._entries)))

    def delete(self, path: str) -> None:
        """Forgets every response of a path: of every host, query and variant."""
        for key in [key for key in self._entries if key[1] == path]:
            self._remove(key)

    def clear(self) -> None:
        """Forgets everything."""
        self._entries.clear()
        self.size = 0

    def _remove(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.size -= entry.size
