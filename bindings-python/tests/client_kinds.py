"""The clients for sync and for async code, called in the same way."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Any, Callable, Optional

import httpx
import pytest

from hookseal.client import ApiError, AsyncHookseal, AsyncNaive, Hookseal, Naive

KEY = "hks_live_do_not_show_this"
NOBODY = "http://127.0.0.1:9"
"""Where no call comes to."""

TLS = ssl.create_default_context()
"""One for all: to read the authorities takes longer than most of the tests."""


class Kind:
    """A kind of code."""

    hookseal: Any
    naive: Any

    def __call__(
        self, url: str, use: Callable[[Any], Any], *, naive: bool = False, **options: Any
    ) -> Any:
        """Give what ``use`` makes of a client; what is to be awaited is."""
        raise NotImplementedError

    def rows(self, iterated: Any) -> Any:
        """Give what an iteration gives."""
        raise NotImplementedError


class Sync(Kind):
    """Without `await`."""

    hookseal = Hookseal
    naive = Naive

    def __call__(
        self, url: str, use: Callable[[Any], Any], *, naive: bool = False, **options: Any
    ) -> Any:
        kind = self.naive if naive else self.hookseal
        with httpx.Client(verify=TLS) as http:
            client = kind(**{"api_key": KEY, "base_url": url, **options}, http_client=http)
            return use(client)

    def rows(self, iterated: Iterator[Any]) -> Any:
        return list(iterated)


class Async(Kind):
    """With `await`."""

    hookseal = AsyncHookseal
    naive = AsyncNaive

    def __call__(
        self, url: str, use: Callable[[Any], Any], *, naive: bool = False, **options: Any
    ) -> Any:
        async def run() -> Any:
            kind = self.naive if naive else self.hookseal
            async with httpx.AsyncClient(verify=TLS) as http:
                client = kind(**{"api_key": KEY, "base_url": url, **options}, http_client=http)
                used = use(client)
                return await used if isinstance(used, Awaitable) else used

        return asyncio.run(run())

    async def rows(self, iterated: AsyncIterator[Any]) -> Any:
        return [row async for row in iterated]


both = pytest.mark.parametrize("kind", [Sync(), Async()], ids=["sync", "async"])


def failure_of(
    kind: Kind, url: str, use: Optional[Callable[[Any], Any]] = None, **options: Any
) -> Any:
    """Give what a call raises."""
    with pytest.raises(ApiError) as caught:
        kind(url, use or (lambda client: client.events.get("evt_1")), **options)
    return caught.value
