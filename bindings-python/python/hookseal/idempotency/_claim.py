"""What comes of claiming a key, and for how long."""

from __future__ import annotations

import os
from typing import Any, Literal

from hookseal import _native
from hookseal._moment import to_millis

Claim = Literal["claimed", "in_progress", "done"]
"""``claimed``: handle the event, then complete or release it; ``in_progress``: somebody else does;
``done``: it was handled before."""

MINUTE = 60
WEEK = 7 * 24 * 3600


def to_term(name: str, value: Any) -> int:
    """Give the milliseconds of a span that is not empty."""
    millis = to_millis(name, value)
    if not millis:
        message = f"`{name}` takes a timedelta or whole seconds, more than none"
        raise _native.error("invalid_argument", message)
    return millis


def new_token() -> str:
    """Make what tells one holder of a claim from another."""
    return os.urandom(16).hex()
