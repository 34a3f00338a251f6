"""Moments: aware datetimes, or seconds since the epoch."""

from __future__ import annotations

import math
import time
from datetime import datetime
from typing import Any, Union

from hookseal import _native
from hookseal._argument import wrong

Moment = Union[datetime, float]
"""An aware datetime, or seconds since the epoch as from ``time.time()``."""


def to_millis(name: str, value: Any) -> float:
    """Give milliseconds since the epoch; None is now.

    The clock is read through ``time.time``: a test that freezes that freezes this too.
    """
    if value is None:
        return time.time() * 1000.0
    if isinstance(value, datetime):
        return _from_datetime(name, value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            millis = value * 1000.0
        except OverflowError:
            millis = math.inf
        if math.isfinite(millis):
            return millis
    raise wrong(name, "an aware datetime or seconds since the epoch", value)


def _from_datetime(name: str, value: datetime) -> float:
    try:
        # A naive datetime would be read as local time, which is hardly ever meant.
        aware = value.utcoffset() is not None
        millis = value.timestamp() * 1000.0
    except Exception as cause:  # A time zone is anybody's code.
        raise wrong(name, "a datetime whose time zone works", value) from cause
    if not aware:
        message = f"`{name}` takes an aware datetime, such as `datetime.now(timezone.utc)`"
        raise _native.error("invalid_argument", f"{message}, got a naive one")
    return millis
