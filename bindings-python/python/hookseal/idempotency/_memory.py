"""Claims in the memory of this process."""

from __future__ import annotations

import threading
import time
from typing import NamedTuple, Optional

from hookseal.idempotency._claim import Claim


class _Entry(NamedTuple):
    token: Optional[str]
    """Who holds it; None where it is done."""
    ends: float
    """In seconds of the monotonic clock."""


class MemoryStore:
    """Claims in the memory of this process: for tests, and where one process receives everything.

    Args:
        max_entries: How many keys are kept; beyond that the oldest is forgotten.

    """

    def __init__(self, max_entries: int = 100_000) -> None:
        self._max_entries = max_entries
        # The oldest first: what is written anew goes to the end.
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()

    def claim(self, key: str, token: str, lease_ms: int) -> Claim:
        """See :class:`hookseal.idempotency.Store`."""
        with self._lock:
            entry = self._find(key)
            if entry is not None:
                return "done" if entry.token is None else "in_progress"
            self._put(key, token, lease_ms)
            return "claimed"

    def complete(self, key: str, token: str, ttl_ms: int) -> None:
        """See :class:`hookseal.idempotency.Store`."""
        with self._lock:
            entry = self._find(key)
            if entry is None or entry.token == token:
                self._put(key, None, ttl_ms)

    def release(self, key: str, token: str) -> None:
        """See :class:`hookseal.idempotency.Store`."""
        with self._lock:
            entry = self._find(key)
            if entry is not None and entry.token == token:
                del self._entries[key]

    def _find(self, key: str) -> Optional[_Entry]:
        entry = self._entries.get(key)
        return entry if entry is not None and entry.ends > time.monotonic() else None

    def _put(self, key: str, token: Optional[str], term_ms: int) -> None:
        self._entries.pop(key, None)
        while len(self._entries) >= self._max_entries:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = _Entry(token, time.monotonic() + term_ms / 1000)
