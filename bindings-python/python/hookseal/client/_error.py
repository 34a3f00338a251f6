"""What a call fails with."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, Optional, cast


class ApiError(Exception):
    """A call that failed: refused by the server, or without an answer of it.

    ``str(error)`` is its message. It never holds an API key, a secret or a body.
    """

    code: str
    """Branch on this: one of the server's, or ``connection_failed``, ``timeout`` (no answer in
    time), ``unexpected_answer`` (an answer that is not the server's, such as a proxy's page)."""
    status: Optional[int]
    """The HTTP status; None where there was no answer."""
    message: str
    hint: str
    """What to do about it."""
    field: Optional[str]
    """Where in the request, with ``/`` between members: ``settings/rate_limit``."""
    request_id: Optional[str]
    """What the answer has in ``X-Request-Id``, for who looks into logs."""

    def __init__(
        self,
        message: str,
        code: str,
        hint: str = "",
        status: Optional[int] = None,
        field: Optional[str] = None,
        request_id: Optional[str] = None,
    ) -> None:
        super().__init__(message, code, hint, status, field, request_id)
        self.message = message
        self.code = code
        self.hint = hint
        self.status = status
        self.field = field
        self.request_id = request_id
        if hint and sys.version_info >= (3, 11):
            self.add_note(f"hint: {hint}")

    def __str__(self) -> str:
        return self.message


def error_of(status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """Give the error in an answer that is not a success."""
    error = _told(body)
    if error is None:
        return unexpected(
            status, headers, f"the answer is {status}, without an error of the server in it"
        )
    return ApiError(
        error["message"],
        error["code"],
        _text(error.get("hint")) or "",
        status,
        _text(error.get("field")),
        headers.get("x-request-id"),
    )


def unexpected(status: int, headers: Mapping[str, str], message: str) -> ApiError:
    """Give the error for an answer that the server does not give."""
    hint = "check that `base_url` is that of the server, and what the proxies before it do"
    if 300 <= status < 400:
        hint = (
            "give the address that it redirects to as `base_url`: "
            "the API key is not sent to another one"
        )
    return ApiError(message, "unexpected_answer", hint, status, None, headers.get("x-request-id"))


def _told(body: bytes) -> Optional[dict[str, Any]]:
    try:
        answer = json.loads(body)
    except ValueError:  # Also of bytes that are not UTF-8.
        return None
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, dict) and _text(error.get("code")) and _text(error.get("message")):
        return cast("dict[str, Any]", error)
    return None


def _text(value: Any) -> Optional[str]:
    return value if isinstance(value, str) else None
