"""When to try a failed delivery again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, Optional, Union, cast

from hookseal import _native
from hookseal._argument import is_a, number, text, to_json, whole
from hookseal._moment import Moment, to_seconds

ProfileName = Literal["standard_webhooks", "naive", "ainative", "yativo", "nativemsg"]
"""A system whose rules are built in."""

PresetName = Literal[
    "standard_webhooks",
    "naive",
    "ainative",
    "yativo",
    "nativemsg",
    "svix",
    "stripe",
    "convoy",
    "outpost",
    "api_client",
]
"""A schedule that has a name: that of such a system, of another sender, or of our own client."""


class RetryDecision(NamedTuple):
    """What to do after an attempt."""

    action: Literal["delivered", "delivered_and_disable", "retry", "give_up", "disable"]
    """``disable``: failed for good, and send nothing more to this endpoint;
    ``delivered_and_disable``: taken, but send nothing more."""
    at: Optional[datetime] = None
    """When to try again, in UTC, for ``retry``."""
    delay_seconds: Optional[float] = None
    """The same, from ``now`` on."""
    reason: Optional[
        Literal["aborted", "attempts_exhausted", "final_status", "retry_after_too_long", "too_old"]
    ] = None
    """Why not again, for ``give_up``."""


class ScheduleRow(NamedTuple):
    """One attempt of a schedule."""

    attempt: int
    """The number of the attempt, from 1."""
    min_delay_seconds: float
    """The least wait before it."""
    max_delay_seconds: float
    """The longest wait before it."""
    min_elapsed_seconds: float
    """The least time since the first attempt."""
    max_elapsed_seconds: float
    """The longest time since the first attempt."""


class RetryPolicy:
    """When a failed delivery is tried again, and when no more.

    >>> RetryPolicy.preset("yativo").next(attempt=1, status=503).delay_seconds
    60.0
    """

    __slots__ = ("_native",)

    def __init__(self, native: _native.RetryPolicy) -> None:
        if not is_a(native, _native.RetryPolicy):
            expected = "what `RetryPolicy.preset` and `RetryPolicy.from_dict` make"
            raise _native.wrong("RetryPolicy", expected, native)
        self._native = native

    @staticmethod
    def presets() -> list[str]:
        """Name the presets; the first is the default."""
        return _native.RetryPolicy.presets()

    @classmethod
    def preset(cls, name: Union[PresetName, str]) -> RetryPolicy:
        """Take a schedule by its name.

        Raises:
            WebhookError: ``invalid_argument``, with the names that there are.

        """
        if not is_a(name, str):
            raise _native.wrong("name", "text", name)
        return cls(_native.RetryPolicy.preset(name))

    @classmethod
    def profile(cls, name: Union[ProfileName, str]) -> RetryPolicy:
        """Take the schedule of a system whose rules are built in: the preset of that name.

        Raises:
            WebhookError: ``unknown_profile``.

        """
        if not is_a(name, str):
            raise _native.wrong("name", "text", name)
        return cls(_native.RetryPolicy.profile(name))

    @classmethod
    def from_dict(cls, policy: Mapping[str, Any]) -> RetryPolicy:
        """Take a schedule of your own: ``{"schedule": {"list": [60, 300]}, "jitter": "full"}``.

        ``schedule`` is ``{"list": [...]}`` or ``{"exponential": {"initial_seconds": ...,
        "factor": ..., "max_seconds": ..., "max_attempts": ...}}``. Optional are ``jitter``
        (``"none"``, ``"full"``, ``"equal"``, ``"decorrelated"`` or ``{"plus_minus": 0.2}``),
        ``max_age_seconds``, ``max_retry_after_seconds`` (a week by default: give up when
        ``Retry-After`` asks for more), ``final_statuses`` and ``disable_statuses`` (``[410]``).

        Raises:
            WebhookError: ``invalid_retry_policy``, with the field and what it takes;
                ``invalid_argument`` for what is no mapping or cannot be written as JSON.

        """
        return cls(_native.RetryPolicy.own(to_json("policy", "a mapping", policy)))

    def to_dict(self) -> dict[str, Any]:
        """Give the mapping that :meth:`from_dict` reads back."""
        # It takes longer to import than the rest of this package; few need it.
        import json

        return cast("dict[str, Any]", json.loads(self._native.to_json()))

    @property
    def max_attempts(self) -> int:
        """How many attempts there are in all."""
        return self._native.max_attempts

    def schedule(self) -> list[ScheduleRow]:
        """List every attempt there can be if all fail, with its bounds."""
        return [ScheduleRow(*row) for row in self._native.schedule()]

    def table(self) -> str:
        """Write the schedule as a table for people."""
        return self._native.table()

    def next(
        self,
        *,
        attempt: int,
        status: Optional[int] = None,
        retry_after: Union[str, int, None] = None,
        delivery: Optional[str] = None,
        previous_delay_seconds: Optional[float] = None,
        first_attempt_at: Optional[Moment] = None,
        now: Optional[Moment] = None,
        random: Optional[float] = None,
    ) -> RetryDecision:
        """Decide what to do after an attempt.

        Args:
            attempt: Which attempt this was, from 1.
            status: The HTTP status; None when there was no answer (refused, timed out, TLS, DNS).
            retry_after: The answer's ``Retry-After``: the header as received, or seconds.
            delivery: The answer's ``webhook-delivery`` header, with which a receiver says
                ``disable`` or ``abort-message``.
            previous_delay_seconds: How long was waited before this attempt; only ``"decorrelated"``
                jitter grows from it.
            first_attempt_at: When the first attempt was made; ``now`` by default.
            now: Instead of the clock.
            random: From 0 to 1, for jitter, instead of a random number.

        Raises:
            WebhookError: ``invalid_argument``.

        """
        attempt = whole("attempt", attempt, 2**32 - 1)
        asked = _retry_after(retry_after)
        wanted = text("delivery", delivery)
        previous = None
        if previous_delay_seconds is not None:
            previous = number("previous_delay_seconds", "a number", previous_delay_seconds)
        answer = None
        if status is not None:
            answer = (whole("status", status, 2**16 - 1), asked, wanted)
        ended = to_seconds("now", now)
        first = ended
        if first_attempt_at is not None:
            first = to_seconds("first_attempt_at", first_attempt_at)
        decided = self._native.next(attempt, answer, previous, first, ended, _random(random))
        return RetryDecision(*decided)

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
