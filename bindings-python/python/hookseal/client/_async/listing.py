"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Generic, Optional, TypeVar, cast

from hookseal.client._async.transport import AsyncTransport
from hookseal.client._call import Call
from hookseal.client._page import Page

T = TypeVar("T")


class AsyncListing(Generic[T]):
    """A list that was asked for: iterate over all of its rows, or take a page."""

    def __init__(
        self,
        transport: AsyncTransport,
        path: str,
        cursor: str,
        filters: Optional[Mapping[str, Any]] = None,
    ) -> None:
        self._transport = transport
        self._path = path
        self._cursor = cursor
        self._filters = filters or {}

    async def __aiter__(self) -> AsyncIterator[T]:
        """Go through every row, from the first page on."""
        async for page in self.pages():
            for row in page["data"]:
                yield row

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Go from page to page."""
        page = await self.page()
        yield page
        while page["next"] is not None:
            page = await self.page(page["next"])
            yield page

    async def page(self, cursor: Optional[str] = None) -> Page[T]:
        """Give the first page, or the one that the ``next`` of another asks for."""
        query = self._filters if cursor is None else {**self._filters, self._cursor: cursor}
        return cast("Page[T]", await self._transport.send(Call("GET", self._path, query)))

    async def all(self) -> list[T]:
        """Give all rows, for lists that are known to be short."""
        return [row async for row in self]
