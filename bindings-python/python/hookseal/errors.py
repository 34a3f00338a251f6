"""The one exception of this package, and the table of its codes."""

from __future__ import annotations

import sys
from typing import Literal, NamedTuple, cast

from hookseal import _native

ErrorCode = Literal[
    "body_not_raw",
    "body_too_large",
    "claim_mismatch",
    "digest_mismatch",
    "header_too_long",
    "in_progress",
    "invalid_argument",
    "invalid_config",
    "invalid_event",
    "invalid_event_type",
    "invalid_message",
    "invalid_payload",
    "invalid_retry_policy",
    "invalid_scheme",
    "invalid_secret",
    "malformed_body",
    "malformed_header",
    "malformed_timestamp",
    "malformed_url",
    "missing_config",
    "missing_header",
    "missing_url",
    "missing_value",
    "no_match",
    "timestamp_too_new",
    "timestamp_too_old",
    "too_many_signatures",
    "unknown_profile",
    "unknown_scheme",
    "unsupported_signature",
    "untrusted_key_url",
]
"""A stable name for each way to fail. Names never change; new ones may be added."""


class WebhookError(Exception):
    """Why a webhook was refused, or what is wrong with a call.

    ``str(error)`` says what was expected and what came; it never holds a secret, a signature or a
    body. Tracebacks show the hint too (from Python 3.11).
    """

    code: ErrorCode
    """Branch on this, never on the message."""
    hint: str
    """What to do about it."""
    status: int
    """The HTTP status that a receiver answers: 4xx for what the sender can mend, else 500."""

    def __init__(self, message: str, code: ErrorCode, hint: str, status: int) -> None:
        super().__init__(message, code, hint, status)
        self.code = code
        self.hint = hint
        self.status = status
        if sys.version_info >= (3, 11):
            self.add_note(f"hint: {hint}")

    def __str__(self) -> str:
        return cast(str, self.args[0])


class ErrorInfo(NamedTuple):
    """One row of the table of errors."""

    code: ErrorCode
    http_status: int
    meaning: str
    hint: str


def error_codes() -> list[ErrorInfo]:
    """Every error code, in alphabetical order."""
    return [ErrorInfo(*row) for row in _native.error_codes()]
