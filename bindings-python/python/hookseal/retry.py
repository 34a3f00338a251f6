"""When to try a failed delivery again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, Optional, Union, cast

from hookseal import _native
from hookseal._argument import is_a, number, to_json, whole
from hookseal._moment import Moment, to_seconds

ProfileName = Literal["standard_webhooks", "naive", "ainative", "yativo", "nativemsg"]
"""A system with a schedule of its own."""


class RetryDecision(NamedTuple):
    """What to do after an attempt."""

    action: Literal["delivered", "retry", "give_up", "disable"]
    """``disable``: send nothing more to this endpoint."""
    at: Optional[datetime] = None
    """When to try again, in UTC, for ``retry``."""
    delay_seconds: Optional[float] = None
    """The same, from ``now`` on."""
    reason: Optional[Literal["attempts_exhausted", "final_status", "too_old"]] = None
    """Why not again, for ``give_up``."""


class RetryPolicy:
    """When a failed delivery is tried again, and when no more.

    >>> RetryPolicy.profile("yativo").next(attempt=1, status=503).delay_seconds
    60.0
    """

    __slots__ = ("_native",)

    def __init__(self, native: _native.RetryPolicy) -> None:
        if not is_a(native, _native.RetryPolicy):
            expected = "what `RetryPolicy.profile` and `RetryPolicy.from_dict` make"
            raise _native.wrong("RetryPolicy", expected, native)
        self._native = native

    @classmethod
    def profile(cls, name: Union[ProfileName, str]) -> RetryPolicy:
        """Take the schedule of a system.

        Raises:
            WebhookError: ``unknown_profile``.

        """
        if not is_a(name, str):
            raise _native.wrong("name", "text", name)
        return cls(_native.RetryPolicy.profile(name))

    @classmethod
    def from_dict(cls, policy: Mapping[str, Any]) -> RetryPolicy:
        """Take a schedule of your own: ``{"schedule": {"list": [60, 300]}, "jitter": "full"}``.

        Raises:
            WebhookError: ``invalid_retry_policy``, with the field and what it takes;
                ``invalid_argument`` for what is no mapping or cannot be written as JSON.

        """
        return cls(_native.RetryPolicy.own(to_json("policy", "a mapping", policy)))

    def to_dict(self) -> dict[str, Any]:
        """Give the mapping that :meth:`from_dict` reads back."""
        return cast("dict[str, Any]", json.loads(self._native.to_json()))

    @property
    def max_attempts(self) -> int:
        """How many attempts there are in all."""
        return self._native.max_attempts

    def next(
        self,
        *,
        attempt: int,
        status: Optional[int] = None,
        retry_after: Union[str, int, None] = None,
        first_attempt_at: Optional[Moment] = None,
        now: Optional[Moment] = None,
        random: Optional[float] = None,
    ) -> RetryDecision:
        """Decide what to do after an attempt.

        Args:
            attempt: Which attempt this was, from 1.
            status: The HTTP status; None when there was no answer (refused, timed out, TLS, DNS).
            retry_after: The answer's ``Retry-After``: the header as received, or seconds.
            first_attempt_at: When the first attempt was made; ``now`` by default.
            now: Instead of the clock.
            random: From 0 to 1, for jitter, instead of a random number.

        Raises:
            WebhookError: ``invalid_argument``.

        """
        attempt = whole("attempt", attempt, 2**32 - 1)
        asked = _retry_after(retry_after)
        answer = None if status is None else (whole("status", status, 2**16 - 1), asked)
        ended = to_seconds("now", now)
        first = ended
        if first_attempt_at is not None:
            first = to_seconds("first_attempt_at", first_attempt_at)
        return RetryDecision(*self._native.next(attempt, answer, first, ended, _random(random)))

    def __repr__(self) -> str:
        return f"RetryPolicy.from_dict({self.to_dict()!r})"


def _retry_after(value: Any) -> Optional[str]:
    if is_a(value, int):
        # As far as JavaScript counts.
        return str(whole("retry_after", value, 2**53 - 1))
    if value is None or is_a(value, str):
        return value
    raise _native.wrong("retry_after", "text or a whole number of seconds", value)


def _random(value: Any) -> float:
    if value is None:
        # The module takes longer to import than all of this package; only senders need it.
        from random import random

        return random()  # noqa: S311 - spreads load, keeps no secret
    return number("random", "a number from 0 to 1", value)
