"""Arguments: what a call takes, checked before the native module sees it.

By ``type(value)``, and with the methods of the built-in types: what a subclass or a ``__class__``
of the caller's says or raises changes nothing.
"""

from __future__ import annotations

from hookseal import _native

TYPE_CHECKING = False  # As in `__init__`.
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Optional, TypeGuard, TypeVar

    T = TypeVar("T")


def is_a(value: Any, kind: type[T]) -> TypeGuard[T]:
    """Say what a value is; unlike ``isinstance``, without asking the value."""
    return issubclass(type(value), kind)


def text(name: str, value: Any) -> Optional[str]:
    """Give text or None."""
    if value is None or is_a(value, str):
        return value
    raise _native.wrong(name, "text", value)


def whole(name: str, value: Any, most: int) -> int:
    """Give a whole number from 0 to ``most``."""
    if not is_a(value, int) or is_a(value, bool):
        raise _native.wrong(name, "a whole number", value)
    exact = int.__index__(value)
    if not 0 <= exact <= most:
        message = f"`{name}` takes a whole number from 0 to {most}"
        raise _native.error("invalid_argument", message)
    return exact


def number(name: str, expected: str, value: Any) -> float:
    """Give a number as a float, also one that is not finite."""
    if is_a(value, float):
        return float.__float__(value)
    if is_a(value, int) and not is_a(value, bool):
        try:
            return int.__float__(value)
        except OverflowError:
            return float("inf")
    raise _native.wrong(name, expected, value)


def is_mapping(value: Any) -> TypeGuard[Mapping[Any, Any]]:
    """Say whether a value is a mapping."""
    # Where there are no settings and no schemes of one's own, it is not needed.
    from collections.abc import Mapping

    return is_a(value, dict) or is_a(value, Mapping)  # type: ignore[type-abstract]


def to_json(name: str, expected: str, value: Any) -> str:
    """Write a mapping as JSON."""
    # It takes longer to import than the rest of this package; few need it.
    import json

    try:
        if is_mapping(value):
            return json.dumps(dict(value), allow_nan=False)
    except Exception as cause:  # Not JSON, circular, too deep, or a mapping that fails by itself.
        message = f"`{name}` cannot be written as JSON"
        raise _native.error("invalid_argument", message) from cause
    raise _native.wrong(name, expected, value)
