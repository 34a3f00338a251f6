"""The names of the built-in schemes."""

from __future__ import annotations

from typing import Literal

from hookseal import _native

SchemeName = Literal[
    "standard_webhooks",
    "naive",
    "ainative",
    "yativo",
    "yativo-v2",
    "nativemsg",
    "luma",
]
"""A scheme of the catalogue: how one sender signs."""


def schemes() -> list[SchemeName]:
    """The name of every built-in scheme."""
    return _native.schemes()
