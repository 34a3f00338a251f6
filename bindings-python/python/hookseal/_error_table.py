"""The table of error codes."""

from __future__ import annotations

from typing import Literal, NamedTuple

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
    "key_unavailable",
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


class ErrorInfo(NamedTuple):
    """One row of the table of errors."""

    code: ErrorCode
    http_status: int
    meaning: str
    hint: str


def error_codes() -> list[ErrorInfo]:
    """Every error code, in alphabetical order."""
    return [ErrorInfo(*row) for row in _native.error_codes()]
