"""What the Python face adds to the vectors: moments, defaults, dictionaries."""

from __future__ import annotations

import math
import time
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from typing import Any, Optional, get_args

import pytest

from hookseal import PresetName, ProfileName, RetryDecision, RetryPolicy, WebhookError
from sample import NOW

UTC_NOW = datetime.fromtimestamp(NOW, timezone.utc)
OWN: dict[str, Any] = {"schedule": {"list": [10]}, "jitter": "full", "max_age_seconds": 60}


@pytest.fixture(scope="module")
def yativo() -> RetryPolicy:
    return RetryPolicy.profile("yativo")


def test_a_decision(yativo: RetryPolicy) -> None:
    again = yativo.next(attempt=1, status=503, now=UTC_NOW)
    assert again == RetryDecision("retry", UTC_NOW + timedelta(minutes=1), 60.0, None)
    assert yativo.next(attempt=1, status=HTTPStatus.NO_CONTENT) == RetryDecision("delivered")
    assert yativo.next(attempt=1, status=410) == RetryDecision("disable")
    last = yativo.next(attempt=yativo.max_attempts)
    assert last == RetryDecision("give_up", reason="attempts_exhausted")


def test_retry_after(yativo: RetryPolicy) -> None:
    at: Any
    for at in (120, "120", "Sat, 25 Apr 2026 10:07:23 GMT"):
        decision = yativo.next(attempt=1, status=503, retry_after=at, now=int(NOW))
        assert decision.delay_seconds == 120
    for at in (604_801, 2**53 - 1, "9" * 30):
        decision = yativo.next(attempt=1, status=503, retry_after=at, now=NOW)
        assert decision.reason == "retry_after_too_long"
    for at in ("", "-5", "1.5", "soon"):
        assert yativo.next(attempt=1, status=503, retry_after=at, now=NOW).delay_seconds == 60


@pytest.mark.parametrize("at", [-5, 1.5, 90.0, 2**53, 10**21, True, b"120", {}, [120]])
@pytest.mark.parametrize("status", [503, 200, None])
def test_retry_after_is_checked_whatever_the_status(
    yativo: RetryPolicy, status: Optional[int], at: Any
) -> None:
    with pytest.raises(WebhookError, match="retry_after") as caught:
        yativo.next(attempt=1, status=status, retry_after=at)
    assert caught.value.code == "invalid_argument"


@pytest.mark.parametrize(
    "odd",
    [
        {"attempt": 0},
        {"attempt": -1},
        {"attempt": 1.0},
        {"attempt": 2**32},
        {"status": 0},
        {"status": 99},
        {"status": 600},
        {"status": 2**16},
        {"random": -0.1},
        {"random": 1.1},
        {"random": float("nan")},
        {"random": 10**400},
        {"now": float("nan")},
        {"now": float("inf")},
        {"now": datetime(2026, 1, 1)},
        {"first_attempt_at": "yesterday"},
        {"delivery": b"disable"},
        {"previous_delay_seconds": -0.1},
        {"previous_delay_seconds": float("nan")},
        {"previous_delay_seconds": float("inf")},
        {"previous_delay_seconds": 10**400},
        {"previous_delay_seconds": "60"},
    ],
    ids=str,
)
def test_what_is_out_of_range_is_refused(yativo: RetryPolicy, odd: dict[str, Any]) -> None:
    with pytest.raises(WebhookError, match=next(iter(odd))) as caught:
        yativo.next(**{"attempt": 1, "status": 503, **odd})
    assert caught.value.code == "invalid_argument"


@pytest.mark.parametrize(
    "now", [-1e300, -0.005, -0.0, 0.0009, NOW + 0.0007, 253_402_300_799.5, 1e300]
)
def test_a_delay_is_never_negative(yativo: RetryPolicy, now: float) -> None:
    decision = yativo.next(attempt=1, status=503, now=now)
    assert decision.at is not None
    assert decision.delay_seconds is not None
    ended = decision.at - timedelta(seconds=decision.delay_seconds)
    begun = max(0, min(math.floor(now * 1000), 253_402_300_799_999))
    assert ended == datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=begun)
    # Time ends with the year 9999.
    assert decision.delay_seconds == (60 if now < 1e11 else (253_402_300_799_999 - begun) / 1000)


def test_now_is_the_clock_and_the_first_attempt_was_now() -> None:
    policy = RetryPolicy.from_dict(OWN)
    decision = policy.next(attempt=1)
    assert decision.at is not None
    assert 0 <= decision.at.timestamp() - time.time() + 5 < 20
    assert policy.next(attempt=1, first_attempt_at=NOW, now=NOW + 61).reason == "too_old"


def test_jitter_is_drawn_where_none_is_given() -> None:
    policy = RetryPolicy.from_dict(OWN)
    drawn = {policy.next(attempt=1, now=NOW).delay_seconds for _ in range(20)}
    assert len(drawn) > 1
    assert policy.next(attempt=1, now=NOW, random=0).delay_seconds == 0
    assert policy.next(attempt=1, now=NOW, random=1).delay_seconds == 10


def test_a_policy_is_a_dictionary() -> None:
    policy = RetryPolicy.from_dict(OWN)
    assert policy.max_attempts == 2
    again = RetryPolicy.from_dict(policy.to_dict())
    assert again.to_dict() == policy.to_dict()
    assert repr(policy) == f"RetryPolicy.from_dict({policy.to_dict()!r})"
    with pytest.raises(WebhookError, match="jitter") as caught:
        RetryPolicy.from_dict({**OWN, "jitter": {"plus_minus": 7}})
    assert caught.value.code == "invalid_retry_policy"


def test_a_receiver_controls_what_it_is_sent(yativo: RetryPolicy) -> None:
    taken = yativo.next(attempt=1, status=200, delivery="disable")
    assert taken == RetryDecision("delivered_and_disable")
    assert yativo.next(attempt=1, status=500, delivery="disable") == RetryDecision("disable")
    aborted = yativo.next(attempt=1, status=500, delivery="abort-message")
    assert aborted == RetryDecision("give_up", reason="aborted")
    assert yativo.next(attempt=1, status=503, retry_after=10**9).reason == "retry_after_too_long"


def test_decorrelated_jitter_grows_from_the_previous_delay() -> None:
    exponential = {"initial_seconds": 1, "factor": 3, "max_seconds": 60, "max_attempts": 5}
    definition = {"schedule": {"exponential": exponential}, "jitter": "decorrelated"}
    policy = RetryPolicy.from_dict(definition)
    for previous, longest in ((2, 6), (0.5, 3), (1e300, 27), (None, 27)):
        decision = policy.next(attempt=3, previous_delay_seconds=previous, now=NOW, random=1)
        assert decision.delay_seconds == longest


def test_a_schedule_is_shown() -> None:
    policy = RetryPolicy.preset("naive")
    assert policy.schedule() == [(1, 0, 0, 0, 0), (2, 8, 12, 8, 12), (3, 48, 72, 56, 84)]
    assert policy.schedule()[2].max_elapsed_seconds == 84
    assert policy.table().splitlines()[2] == "      2  8s – 12s      8s – 12s"  # noqa: RUF001


def test_the_names_of_the_presets_are_typed() -> None:
    assert RetryPolicy.presets() == list(get_args(PresetName))
    with pytest.raises(WebhookError, match="there are standard_webhooks, naive") as caught:
        RetryPolicy.preset("no such")
    assert caught.value.code == "invalid_argument"


@pytest.mark.parametrize("name", get_args(ProfileName))
def test_the_names_of_the_profiles_are_typed(name: ProfileName) -> None:
    assert RetryPolicy.profile(name).max_attempts >= 1


def test_the_typed_profiles_are_all() -> None:
    with pytest.raises(WebhookError) as caught:
        RetryPolicy.profile("no such")
    named = [part for part in caught.value.hint.split("`") if part.replace("_", "").isalnum()]
    assert named == list(get_args(ProfileName))
