"""The built-in schemes: what is known of each."""

from __future__ import annotations

from typing import Literal, NamedTuple, Optional

from hookseal import _native
from hookseal._scheme_name import SchemeName

__all__ = ["SchemeInfo", "SchemeName", "schemes"]


class SchemeInfo(NamedTuple):
    """One row of the catalogue."""

    id: SchemeName
    """The name that stands for it in code."""
    name: str
    """The name for people."""
    source: str
    """Where the facts come from: a URL, or a package or repository with its version and file."""
    confidence: Literal["high", "medium", "low"]
    """``high``: the provider's own documents or code; ``medium``: one other source; ``low``:
    recollection."""
    notes: Optional[str]
    """What a user should know."""
    config: dict[str, str]
    """The values that only its user knows: name and description."""


def schemes() -> list[SchemeInfo]:
    """Every built-in scheme."""
    return [SchemeInfo(*row) for row in _native.schemes()]
