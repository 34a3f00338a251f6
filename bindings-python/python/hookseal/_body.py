"""Bodies: the raw bytes, in whichever type a framework hands them over."""

from __future__ import annotations

from typing import Union

Body = Union[bytes, bytearray, memoryview, str]
"""A raw body. Text stands for its UTF-8 bytes."""
