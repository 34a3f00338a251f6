"""Bodies: the raw bytes, in whichever type a framework hands them over."""

from __future__ import annotations

from typing import Any, Union

from hookseal import _native

Body = Union[bytes, bytearray, memoryview, str]
"""A raw body. Text stands for its UTF-8 bytes."""


def to_bytes(body: Any) -> bytes:
    """Give the bytes of a raw body, or raise ``body_not_raw`` for what is not one."""
    if isinstance(body, str):
        try:
            return str.encode(body)
        except UnicodeEncodeError as cause:
            # No UTF-8 reads as this, so it is not what was received.
            raise _native.error("body_not_raw", "body is text with lone surrogates") from cause
    if isinstance(body, (bytes, bytearray, memoryview)):
        try:
            return memoryview(body).tobytes()
        except ValueError as cause:
            raise _native.error("body_not_raw", "body is a memoryview after its release") from cause
    kind = type(body).__name__
    raise _native.error("body_not_raw", f"body takes bytes or text, got `{kind}`")
