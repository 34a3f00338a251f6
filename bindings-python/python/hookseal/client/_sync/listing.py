# Written by `make client-types` from the module of the same name in `_async`.
"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, Optional, TypeVar, cast

from hookseal.client._call import Call
from hookseal.client._page import Page
from hookseal.client._sync.transport import Transport

T = TypeVar("T")


class Listing(Generic[T]):
    """A list that was asked for: iterate over all of its rows, or take a page."""

    def __init__(
        self,
        transport: Transport,
        path: str,
        cursor: str,
        filters: Optional[Mapping[str, Any]] = None,
    ) -> None:
        self._transport = transport
        self._path = path
        self._cursor = cursor
        self._filters = filters or {}

    def __iter__(self) -> Iterator[T]:
        """Go through every row, from the first page on."""
        for page in self.pages():
            for row in page["data"]:
                yield row

    def pages(self) -> Iterator[Page[T]]:
        """Go from page to page."""
        page = self.page()
        yield page
        while page["next"] is not None:
            page = self.page(page["next"])
            yield page

    def page(self, cursor: Optional[str] = None) -> Page[T]:
        """Give the first page, or the one that the ``next`` of another asks for."""
        query = self._filters if cursor is None else {**self._filters, self._cursor: cursor}
        return cast("Page[T]", self._transport.send(Call("GET", self._path, query)))

    def all(self) -> list[T]:
        """Give all rows, for lists that are known to be short."""
        return [row for row in self]
