"""Where claims are kept.

A store is asked for one key at a time, and each call is atomic. The token tells holders apart: who
lost a claim because its lease ran out cannot end that of the next.
"""

from __future__ import annotations

from typing import Protocol

from hookseal.idempotency._claim import Claim


class Store(Protocol):
    """A store that blocks."""

    def claim(self, key: str, token: str, lease_ms: int) -> Claim:
        """Take the key for this long, unless somebody has it or it is done."""
        ...

    def complete(self, key: str, token: str, ttl_ms: int) -> None:
        """Note the key as done for this long, unless another token has it."""
        ...

    def release(self, key: str, token: str) -> None:
        """Give the key back, if it is held with this token."""
        ...


class AsyncStore(Protocol):
    """A store for ``async`` code."""

    async def claim(self, key: str, token: str, lease_ms: int) -> Claim:
        """As :meth:`Store.claim`."""
        ...

    async def complete(self, key: str, token: str, ttl_ms: int) -> None:
        """As :meth:`Store.complete`."""
        ...

    async def release(self, key: str, token: str) -> None:
        """As :meth:`Store.release`."""
        ...
