"""Moments: aware datetimes, or seconds since the epoch. Spans: timedeltas, or seconds."""

from __future__ import annotations

import math
import time
from datetime import datetime, timedelta, timezone
from typing import Any, Optional, Union

from hookseal import _native
from hookseal._argument import is_a, number, whole

Moment = Union[datetime, float]
"""An aware datetime, or seconds since the epoch as from ``time.time()``."""

Span = Union[timedelta, int]
"""A timedelta, or whole seconds."""

_MOST_SECONDS = 2**32 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)


def to_seconds(name: str, value: Any) -> float:
    """Give seconds since the epoch; None is now.

    The clock is read through ``time.time``: a test that freezes that freezes this too.
    """
    if value is None:
        return time.time()
    expected = "an aware datetime or seconds since the epoch"
    if is_a(value, datetime):
        return _from_datetime(name, value)
    seconds = number(name, expected, value)
    if not math.isfinite(seconds):
        raise _native.error("invalid_argument", f"`{name}` takes {expected}, got {seconds}")
    return seconds


def to_millis(name: str, value: Any) -> Optional[int]:
    """Give the milliseconds of a span, if there is one."""
    if value is None:
        return None
    if not is_a(value, timedelta):
        return whole(name, value, _MOST_SECONDS) * 1000
    millis = timedelta.__floordiv__(value, _MILLISECOND)
    if not 0 <= millis <= _MOST_SECONDS * 1000:
        message = f"`{name}` takes a timedelta from 0 to {_MOST_SECONDS} seconds"
        raise _native.error("invalid_argument", message)
    return millis


def _from_datetime(name: str, value: datetime) -> float:
    try:
        # A naive datetime would be read as local time, which is hardly ever meant.
        aware = value.utcoffset() is not None
        # In whole numbers: `timestamp()` rounds.
        seconds = float((value - _EPOCH) // _MILLISECOND / 1000) if aware else 0.0
    except Exception as cause:  # A time zone is anybody's code.
        raise _native.wrong(name, "a datetime whose time zone works", value) from cause
    if not aware:
        message = f"`{name}` takes an aware datetime, such as `datetime.now(timezone.utc)`"
        raise _native.error("invalid_argument", f"{message}, got a naive one")
    return seconds
