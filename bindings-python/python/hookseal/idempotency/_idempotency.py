"""Claims of keys, for code that blocks and for ``async`` code."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from types import CoroutineType
from typing import Any, Callable, Optional, TypeVar, Union

from hookseal import _native
from hookseal._argument import is_a
from hookseal._moment import Span
from hookseal.idempotency._claim import MINUTE, WEEK, Claim, new_token, to_term
from hookseal.idempotency._memory import MemoryStore
from hookseal.idempotency._store import AsyncStore, Store

T = TypeVar("T")


class _Terms:
    def __init__(self, ttl: Span, lease: Span) -> None:
        self._ttl_ms, self._lease_ms = to_term("ttl", ttl), to_term("lease", lease)
        self._token = new_token()

    @property
    def lease_seconds(self) -> int:
        """How long a claim is held, rounded up: what ``Retry-After`` says."""
        return -(-self._lease_ms // 1000)

    def _own(self) -> str:
        # Processes that were forked from this one are others.
        return f"{self._token}.{os.getpid()}"


class Idempotency(_Terms):
    """Handle each event once.

    >>> once = Idempotency(MemoryStore())
    >>> once.run("stripe:evt_1", lambda: "shipped")
    ('claimed', 'shipped')
    >>> once.run("stripe:evt_1", lambda: "shipped")
    ('done', None)

    Args:
        store: Where claims are kept.
        ttl: How long a key that is done is remembered: longer than the sender tries again.
        lease: How long a claim is held: longer than handling takes. Then the next attempt gets it,
            because whoever had it must have died.

    """

    def __init__(self, store: Store, *, ttl: Span = WEEK, lease: Span = MINUTE) -> None:
        super().__init__(ttl, lease)
        if not callable(getattr(store, "claim", None)):
            raise _native.wrong("store", _STORE, store)
        self._store = store

    def claim(self, key: str) -> Claim:
        """Claim a key; once the event is handled, complete or release it."""
        return self._store.claim(_key(key), self._own(), self._lease_ms)

    def complete(self, key: str) -> None:
        """Note a key that was claimed here as done."""
        self._store.complete(key, self._own(), self._ttl_ms)

    def release(self, key: str) -> None:
        """Give a key that was claimed here back, so that the next attempt gets it."""
        self._store.release(key, self._own())

    @contextmanager
    def claiming(self, key: str) -> Iterator[Claim]:
        """Claim a key for a block: done when the block ends, released when it raises."""
        token = new_token()
        claim = self._store.claim(_key(key), token, self._lease_ms)
        if claim != "claimed":
            yield claim
            return
        try:
            yield claim
        except BaseException:
            self._store.release(key, token)
            raise
        self._store.complete(key, token, self._ttl_ms)

    def run(self, key: str, handler: Callable[[], T]) -> tuple[Claim, Optional[T]]:
        """Call the handler if the key can be claimed; give back the claim and what it returned."""
        with self.claiming(key) as claim:
            if claim != "claimed":
                return claim, None
            value = handler()
            if is_a(value, CoroutineType):
                # Nobody would await it, and the event would count as handled.
                value.close()
                raise _native.wrong("handler", "a function; `async` ones AsyncIdempotency", value)
            return claim, value


class AsyncIdempotency(_Terms):
    """Handle each event once, in ``async`` code; as :class:`Idempotency`.

    Args:
        store: Where claims are kept. A store that blocks is called in a thread.
        ttl: How long a key that is done is remembered.
        lease: How long a claim is held.

    """

    def __init__(
        self, store: Union[Store, AsyncStore], *, ttl: Span = WEEK, lease: Span = MINUTE
    ) -> None:
        super().__init__(ttl, lease)
        self._store = _to_async(store)

    @classmethod
    def of(cls, other: Union[Idempotency, AsyncIdempotency]) -> AsyncIdempotency:
        """Take one that blocks for ``async`` code, with the same store and terms."""
        if isinstance(other, AsyncIdempotency):
            return other
        ttl, lease = (timedelta(milliseconds=term) for term in (other._ttl_ms, other._lease_ms))
        return cls(other._store, ttl=ttl, lease=lease)

    async def claim(self, key: str) -> Claim:
        """Claim a key; once the event is handled, complete or release it."""
        return await self._store.claim(_key(key), self._own(), self._lease_ms)

    async def complete(self, key: str) -> None:
        """Note a key that was claimed here as done."""
        await self._store.complete(key, self._own(), self._ttl_ms)

    async def release(self, key: str) -> None:
        """Give a key that was claimed here back, so that the next attempt gets it."""
        await self._store.release(key, self._own())

    @asynccontextmanager
    async def claiming(self, key: str) -> AsyncIterator[Claim]:
        """Claim a key for a block: done when the block ends, released when it raises."""
        token = new_token()
        claim = await self._store.claim(_key(key), token, self._lease_ms)
        if claim != "claimed":
            yield claim
            return
        try:
            yield claim
        except BaseException:
            await self._store.release(key, token)
            raise
        await self._store.complete(key, token, self._ttl_ms)

    async def run(self, key: str, handler: Callable[[], Awaitable[T]]) -> tuple[Claim, Optional[T]]:
        """Await the handler if the key can be claimed; give back the claim and what it returned."""
        async with self.claiming(key) as claim:
            return claim, await handler() if claim == "claimed" else None


class _InThread:
    """A store that blocks, as one that does not."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def claim(self, key: str, token: str, lease_ms: int) -> Claim:
        return await _in_thread(self._store.claim, key, token, lease_ms)

    async def complete(self, key: str, token: str, ttl_ms: int) -> None:
        await _in_thread(self._store.complete, key, token, ttl_ms)

    async def release(self, key: str, token: str) -> None:
        await _in_thread(self._store.release, key, token)


class _AtOnce(_InThread):
    """A store that does not block for long: that of the memory."""

    async def claim(self, key: str, token: str, lease_ms: int) -> Claim:
        return self._store.claim(key, token, lease_ms)

    async def complete(self, key: str, token: str, ttl_ms: int) -> None:
        self._store.complete(key, token, ttl_ms)

    async def release(self, key: str, token: str) -> None:
        self._store.release(key, token)


async def _in_thread(call: Callable[..., T], *args: Any) -> T:
    # Only whoever has an event loop pays for its import.
    from asyncio import to_thread

    return await to_thread(call, *args)


def _key(key: Any) -> str:
    """Check a key: None would be the same one for all events that have no id."""
    if is_a(key, str):
        return key
    raise _native.wrong("key", "text, such as that of `idempotency_key`", key)


_STORE = "a MemoryStore, RedisStore, SqlStore or one of your own with `claim`"


def _to_async(store: Union[Store, AsyncStore]) -> AsyncStore:
    from inspect import iscoroutinefunction

    if not callable(getattr(store, "claim", None)):
        raise _native.wrong("store", _STORE, store)
    if isinstance(store, MemoryStore):
        return _AtOnce(store)
    if iscoroutinefunction(store.claim):
        return store  # type: ignore[return-value]
    return _InThread(store)  # type: ignore[arg-type]
