"""Arguments: what a call takes, checked before the native module sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Optional

from hookseal import _native
from hookseal.errors import ErrorCode, WebhookError


def wrong(name: str, expected: str, value: Any) -> WebhookError:
    """Make the error for a value of the wrong type. The value itself may be a secret: not shown."""
    message = f"`{name}` takes {expected}, got `{type(value).__name__}`"
    return _native.error("invalid_argument", message)


def text(name: str, value: Any) -> Optional[str]:
    """Give text or None."""
    if value is None or isinstance(value, str):
        return value
    raise wrong(name, "text", value)


def whole(name: str, value: Any, least: int, most: int) -> int:
    """Give a whole number from ``least`` to ``most``."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong(name, "a whole number", value)
    if not least <= value <= most:
        message = f"`{name}` takes a whole number from {least} to {most}"
        raise _native.error("invalid_argument", message)
    return value


def to_json(name: str, code: ErrorCode, value: Any) -> str:
    """Write a mapping as JSON, or raise ``code``."""
    if not isinstance(value, Mapping):
        raise wrong(name, "a name or a mapping", value)
    try:
        return json.dumps(dict(value))
    except Exception as cause:  # Not JSON, circular, too deep, or a mapping that fails by itself.
        message = f"`{name}` cannot be written as JSON: {type(cause).__name__}"
        raise _native.error(code, message) from cause
