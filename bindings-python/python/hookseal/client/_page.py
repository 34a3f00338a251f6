"""A page of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Optional, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from typing_extensions import TypedDict

    class Page(TypedDict, Generic[T]):
        """One page."""

        data: list[T]
        next: Optional[str]
        """What to pass to ``page`` for the page that follows; None on the last."""

else:
    # Before Python 3.11 a TypedDict cannot be generic.
    class Page(dict, Generic[T]):
        """One page: ``data`` and ``next``."""
