"""Bodies: the raw bytes, in whichever type a framework hands them over."""

from __future__ import annotations

from typing import Any, Union

from hookseal import _native
from hookseal._argument import is_a

Body = Union[bytes, bytearray, memoryview, str]
"""A raw body. Text stands for its UTF-8 bytes."""


def to_bytes(body: Any) -> bytes:
    """Give the bytes of a raw body, or raise ``body_not_raw`` for what is not one."""
    if is_a(body, str):
        try:
            return str.encode(body)
        except UnicodeEncodeError as cause:
            # No UTF-8 reads as this, so it is not what was received.
            raise _native.error("body_not_raw", "body is text with lone surrogates") from cause
    if is_a(body, bytes) or is_a(body, bytearray) or is_a(body, memoryview):
        try:
            return memoryview(body).tobytes()
        except Exception as cause:  # Released, or a subclass with a buffer of its own.
            raise _native.error("body_not_raw", "the bytes of body cannot be read") from cause
    raise _native.wrong("body", "bytes or text", body, "body_not_raw")
