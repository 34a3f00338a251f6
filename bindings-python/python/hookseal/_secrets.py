"""Secrets: one text, or several while they are rotated."""

from __future__ import annotations

from hookseal import _native
from hookseal._argument import is_a

TYPE_CHECKING = False  # As in `__init__`.
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Union

    Secrets = Union[str, Sequence[str]]
    """The secret as the sender shows it, or several, newest first."""


def to_texts(secrets: Any) -> list[str]:
    """Give the texts of one secret or several."""
    expected = "text or a list of texts"
    if is_a(secrets, str):
        return [secrets]
    if secrets is None:
        message = "`secrets` is None: is the environment variable set that holds the secret?"
        raise _native.error("invalid_argument", message)
    if not (is_a(secrets, list) or is_a(secrets, tuple)):
        raise _native.wrong("secrets", expected, secrets)
    try:
        texts = [*secrets]
    except Exception as cause:  # A subclass that iterates its own way.
        raise _native.wrong("secrets", f"{expected} that can be read", secrets) from cause
    for each in texts:
        if not is_a(each, str):
            raise _native.wrong("secrets", f"{expected}; in the list", each)
    return texts
