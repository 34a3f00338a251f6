"""The names of the built-in schemes."""

from __future__ import annotations

from hookseal import _native
from hookseal._scheme_name import SchemeName

__all__ = ["SchemeName", "schemes"]


def schemes() -> list[SchemeName]:
    """The name of every built-in scheme."""
    return _native.schemes()
