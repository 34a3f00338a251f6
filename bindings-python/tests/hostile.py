"""Objects that lie about themselves, or fail whatever is done with them."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any


class Hostile:
    """Fails whatever is done with it."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("iter")

    def __len__(self) -> int:
        raise RuntimeError("len")

    def __str__(self) -> str:
        raise RuntimeError("str")

    __repr__ = __str__

    def __bool__(self) -> bool:
        raise RuntimeError("bool")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    __hash__ = None  # type: ignore[assignment]

    def __index__(self) -> int:
        raise RuntimeError("index")

    def __float__(self) -> float:
        raise RuntimeError("float")


class BadText(str):
    """Text of which every method that might be called fails."""

    __slots__ = ()

    def lower(self) -> str:
        raise RuntimeError("lower")

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        raise RuntimeError("encode")

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("iter")


class BadZone(tzinfo):
    def utcoffset(self, _: Any) -> Any:
        raise RuntimeError("utcoffset")

    dst = tzname = utcoffset


class BadItems(UserDict[Any, Any]):
    def items(self) -> Any:
        raise RuntimeError("items")


class BadLower:
    def lower(self) -> Any:
        return []


class Liar:
    """Says that it is text, which it is not."""

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return str


class NoClass:
    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise RuntimeError("__class__")


class NoName(type):
    @property
    def __name__(cls) -> Any:  # type: ignore[override]
        raise RuntimeError("__name__")


class Nameless(metaclass=NoName):
    pass


class BadFloat(float):
    def fail(self, *_: object) -> Any:
        raise RuntimeError("float")

    __mul__ = __rmul__ = __ge__ = __le__ = __float__ = __round__ = fail


class BadInt(int):
    def fail(self, *_: object) -> Any:
        raise RuntimeError("int")

    __mul__ = __rmul__ = __ge__ = __le__ = __index__ = __float__ = __int__ = __str__ = fail
    __repr__ = fail


class BadList(list[Any]):
    def __iter__(self) -> Any:
        raise RuntimeError("iter")


class BadMapping(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        raise RuntimeError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(["id"])

    def __len__(self) -> int:
        return 1


class BadCauseError(Exception, metaclass=NoName):
    """Not even its type has a name."""


class BadKeys(BadMapping):
    def __iter__(self) -> Iterator[str]:
        raise BadCauseError


class BadBuffer(bytes):
    """From Python 3.12, a subclass can have a buffer of its own."""

    def __buffer__(self, _: int) -> memoryview:
        raise RuntimeError("buffer")

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise RuntimeError("decode")
