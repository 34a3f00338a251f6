"""Claims in Redis, through the client that the user has (redis-py, or what is called like it).

A key holds the token of its holder until it is done, then ``done``.
"""

from __future__ import annotations

from typing import Any, Optional, Protocol, Union

from hookseal import _native
from hookseal.idempotency._claim import Claim

_DONE = "done"
_PREFIX = "hookseal:"

# A lease that ran out leaves no key: then the work was done all the same.
_COMPLETE = """
local holder = redis.call("get", KEYS[1])
if not holder or holder == ARGV[1] then redis.call("set", KEYS[1], ARGV[2], "PX", ARGV[3]) end
"""
_RELEASE = """
if redis.call("get", KEYS[1]) == ARGV[1] then redis.call("del", KEYS[1]) end
"""


class _Client(Protocol):
    """What both kinds of client have; the asynchronous one gives awaitables."""

    def set(self, name: Any, value: Any, *, px: Any = None, nx: bool = False) -> Any: ...
    def get(self, name: Any) -> Any: ...
    def eval(self, script: str, numkeys: int, *keys_and_args: Any) -> Any: ...


class RedisStore:
    """Claims in Redis.

    Args:
        client: A ``redis.Redis``.
        prefix: Put before each key.

    Raises:
        WebhookError: ``invalid_argument`` for what is no client, or one for ``async`` code.

    """

    def __init__(self, client: _Client, prefix: str = _PREFIX) -> None:
        if not _is_client(client) or _is_async(client):
            expected = "a `redis.Redis`; for a `redis.asyncio.Redis` there is `AsyncRedisStore`"
            raise _native.wrong("client", expected, client)
        self._client, self._prefix = client, prefix

    def claim(self, key: str, token: str, lease_ms: int) -> Claim:
        """See :class:`hookseal.idempotency.Store`."""
        name = self._prefix + key
        if self._client.set(name, token, px=lease_ms, nx=True):
            return "claimed"
        return _state(self._client.get(name))

    def complete(self, key: str, token: str, ttl_ms: int) -> None:
        """See :class:`hookseal.idempotency.Store`."""
        self._client.eval(_COMPLETE, 1, self._prefix + key, token, _DONE, str(ttl_ms))

    def release(self, key: str, token: str) -> None:
        """See :class:`hookseal.idempotency.Store`."""
        self._client.eval(_RELEASE, 1, self._prefix + key, token)


class AsyncRedisStore:
    """Claims in Redis, for ``async`` code.

    Args:
        client: A ``redis.asyncio.Redis``.
        prefix: Put before each key.

    Raises:
        WebhookError: ``invalid_argument`` for what is no client, or one that blocks.

    """

    def __init__(self, client: _Client, prefix: str = _PREFIX) -> None:
        if not _is_client(client) or _is_async(client) is False:
            expected = "a `redis.asyncio.Redis`; for a `redis.Redis` there is `RedisStore`"
            raise _native.wrong("client", expected, client)
        self._client, self._prefix = client, prefix

    async def claim(self, key: str, token: str, lease_ms: int) -> Claim:
        """See :class:`hookseal.idempotency.AsyncStore`."""
        name = self._prefix + key
        if await self._client.set(name, token, px=lease_ms, nx=True):
            return "claimed"
        return _state(await self._client.get(name))

    async def complete(self, key: str, token: str, ttl_ms: int) -> None:
        """See :class:`hookseal.idempotency.AsyncStore`."""
        await self._client.eval(_COMPLETE, 1, self._prefix + key, token, _DONE, str(ttl_ms))

    async def release(self, key: str, token: str) -> None:
        """See :class:`hookseal.idempotency.AsyncStore`."""
        await self._client.eval(_RELEASE, 1, self._prefix + key, token)


def _is_client(client: object) -> bool:
    """Say whether a client has what is called here; a URL has not."""
    return all(callable(getattr(client, name, None)) for name in ("set", "get", "eval"))


def _is_async(client: object) -> Optional[bool]:
    """Tell by what every command goes through in redis-py; unknown where that is not there."""
    from inspect import iscoroutinefunction

    execute = getattr(client, "execute_command", None)
    return None if execute is None else iscoroutinefunction(execute)


def _state(value: Union[str, bytes, None]) -> Claim:
    # Where the key has just gone, the sender's next attempt finds it free.
    return "done" if value in (_DONE, _DONE.encode()) else "in_progress"
