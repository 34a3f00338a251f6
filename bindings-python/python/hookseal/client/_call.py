"""A call as a value: what is sent, and what may be done when nothing comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Literal, NamedTuple, Optional
from urllib.parse import quote, urlencode

from hookseal import _native


class Call(NamedTuple):
    """What is sent."""

    method: Literal["DELETE", "GET", "PATCH", "POST"]
    path: str
    query: Optional[Mapping[str, Any]] = None
    body: Optional[Mapping[str, Any]] = None
    """Sent as JSON; None sends none."""
    repeatable: Optional[bool] = None
    """Whether it does no more when it is sent twice: because the server reads its
    ``Idempotency-Key``, or by what it asks for. Others are sent again only where it is sure that
    nothing was done. None: what is no ``POST``."""

    def may_repeat(self) -> bool:
        """Say whether it does no more when it is sent twice."""
        return self.method != "POST" if self.repeatable is None else self.repeatable


def path(template: str, *values: Any) -> str:
    """Put values into a path, as one segment each."""
    return template.format(*map(_segment, values))


def given(**members: Any) -> Optional[dict[str, Any]]:
    """Give the members that are not None, or None where there are none."""
    return {name: value for name, value in members.items() if value is not None} or None


def query_of(query: Optional[Mapping[str, Any]]) -> str:
    """Write the query with its ``?``, or nothing."""
    given = {name: _written(value) for name, value in (query or {}).items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def json_of(body: Mapping[str, Any]) -> bytes:
    """Write what is to be sent.

    Raises:
        WebhookError: ``invalid_argument``

    """
    try:
        return json.dumps(body, allow_nan=False, default=_moment, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as cause:
        message = "what is to be sent cannot be written as JSON"
        raise _native.error("invalid_argument", message) from cause


def _segment(value: Any) -> str:
    if not isinstance(value, str):
        raise _native.wrong("id", "text", value)
    # A URL has no way to say these as a name.
    if value in {"", ".", ".."}:
        raise _native.error("invalid_argument", f"an id cannot be `{value}`")
    return quote(value, safe="")


def _written(value: Any) -> str:
    """A list is written with commas, a moment in RFC 3339, truth as in JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value)


def _moment(value: Any) -> str:
    if not isinstance(value, datetime):
        raise TypeError
    if value.tzinfo is None:
        raise _native.error("invalid_argument", "a datetime needs a time zone")
    return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
