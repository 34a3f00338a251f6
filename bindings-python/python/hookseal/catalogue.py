"""The built-in schemes: what is known of each."""

from __future__ import annotations

import json
from typing import Literal, NamedTuple, Optional, Union

from hookseal import _native
from hookseal._argument import is_a
from hookseal._scheme_name import SchemeName
from hookseal.scheme_types import SchemeDefinition

__all__ = ["SchemeInfo", "SchemeName", "scheme_definition", "schemes"]


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


def scheme_definition(id: Union[SchemeName, str]) -> SchemeDefinition:
    """Give a built-in scheme as it is written: a start for one of your own.

    >>> scheme_definition("naive")["signature"]["from"]
    'header:x-naive-signature'

    Raises:
        WebhookError: ``unknown_scheme``.

    """
    if not is_a(id, str):
        raise _native.wrong("id", "the name of a scheme", id)
    definition: SchemeDefinition = json.loads(_native.Scheme.definition(id))
    return definition
