"""A mistake in a call has the code that it has in JavaScript, whatever objects lie or fail."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from typing import Any

import pytest

from hookseal import RetryPolicy, Webhook, WebhookError, verify_webhook_signature
from hostile import BadFloat, BadInt, BadKeys, BadList, BadMapping, BadText, Liar, NoClass
from sample import HOOK, NOW, SECRET

SCHEME = {
    "id": "a",
    "signature": {"from": "header:x-a", "encoding": "hex"},
    "signed_content": "{body}",
}
POLICY = {"schedule": {"list": [60]}}


def cycle() -> dict[str, Any]:
    value: dict[str, Any] = {**SCHEME, **POLICY}
    value["self"] = value
    return value


class OneKey(Mapping[str, Any]):
    """A mapping that is no dict, of which the value cannot be written."""

    def __getitem__(self, key: str) -> Any:
        return object()

    def __iter__(self) -> Iterator[str]:
        return iter(["id"])

    def __len__(self) -> int:
        return 1


NOT_JSON: list[Any] = [
    cycle(),
    BadMapping(),
    BadKeys(),
    OneKey(),
    {**SCHEME, **POLICY, 1j: 1},
    {"id": {1}},
]
NOT_JSON += [
    {**SCHEME, **POLICY, "max_age_seconds": odd} for odd in (math.nan, math.inf, -math.inf)
]
NOT_JSON += [{"schedule": {"list": [math.nan]}}, {"id": "a", "timestamp": {"tolerance": math.nan}}]


@pytest.mark.parametrize("value", NOT_JSON, ids=lambda value: type(value).__name__)
def test_what_is_not_json_is_an_argument_of_the_wrong_type(value: Any) -> None:
    for name, call in (
        ("scheme", lambda: Webhook(value, SECRET)),
        ("policy", lambda: policy(value)),
    ):
        with pytest.raises(WebhookError, match=f"`{name}` cannot be written as JSON") as caught:
            call()
        assert caught.value.code == "invalid_argument"


def policy(value: Any) -> RetryPolicy:
    return RetryPolicy.from_dict(value)


def test_what_is_json_but_no_definition_says_so() -> None:
    for scheme in ({}, {**SCHEME, "id": 5}, {**SCHEME, "id": "\ud800"}):
        with pytest.raises(WebhookError) as caught:
            Webhook(scheme, SECRET)
        assert caught.value.code == "invalid_scheme"
    for definition in ({}, {"schedule": {"list": [-1]}}):
        with pytest.raises(WebhookError) as caught:
            RetryPolicy.from_dict(definition)
        assert caught.value.code == "invalid_retry_policy"


@pytest.mark.parametrize(
    "value", [None, 5, [], [("id", "a")], b"naive", Liar(), object()], ids=repr
)
def test_messages_say_what_is_taken(value: Any) -> None:
    kind = type(value).__name__
    with pytest.raises(WebhookError) as caught:
        Webhook(value, SECRET)
    expected = "a name, a mapping, its JSON or a path"
    assert str(caught.value) == f"`scheme` takes {expected}, got `{kind}`"
    with pytest.raises(WebhookError) as caught:
        RetryPolicy.from_dict(value)
    assert str(caught.value) == f"`policy` takes a mapping, got `{kind}`"
    assert caught.value.code == "invalid_argument"


def test_the_name_of_a_profile_is_no_policy() -> None:
    with pytest.raises(WebhookError) as caught:
        RetryPolicy.from_dict("yativo")  # type: ignore[arg-type]
    assert str(caught.value) == "`policy` takes a mapping, got `str`"


@pytest.mark.parametrize("seconds", [-1, 2**32, 2**53, 10**400, 1.5, 300.0, math.nan, "300", True])
def test_a_tolerance_is_as_in_javascript(seconds: Any) -> None:
    with pytest.raises(WebhookError, match="tolerance") as caught:
        Webhook("standard_webhooks", SECRET, tolerance=seconds)
    assert caught.value.code == "invalid_argument"


def test_the_ends_of_a_tolerance() -> None:
    headers = HOOK.sign(b"{}", id="m", now=NOW)
    longest = Webhook("standard_webhooks", SECRET, tolerance=2**32 - 1)
    assert longest.verify(b"{}", headers, now=NOW + 2**32 - 2).id == "m"
    with pytest.raises(WebhookError) as caught:
        longest.verify(b"{}", headers, now=NOW + 2**32)
    assert caught.value.code == "timestamp_too_old"
    none = Webhook("standard_webhooks", SECRET, tolerance=0)
    assert none.verify(b"{}", headers, now=int(NOW)).id == "m"


FLAT: list[Any] = ["", "webhook-id: a", "ab", BadText(""), b"", b"ab", bytearray(), memoryview(b"")]


@pytest.mark.parametrize("headers", FLAT, ids=lambda value: type(value).__name__)
def test_text_is_no_headers(headers: Any) -> None:
    with pytest.raises(WebhookError, match="`headers` takes a mapping or pairs") as caught:
        HOOK.verify(b"{}", headers, now=NOW)
    assert caught.value.code == "invalid_argument"


class Number(IntEnum):
    ONE = 1
    FAILED = 503


def test_subclasses_of_numbers_are_the_numbers_that_they_are() -> None:
    headers = HOOK.sign(b"{}", id="m", now=BadFloat(NOW))
    assert headers == HOOK.sign(b"{}", id="m", now=NOW)
    strict = Webhook("standard_webhooks", SECRET, tolerance=BadInt(1))
    assert strict.verify(b"{}", headers, now=BadInt(NOW)).id == "m"
    yativo = RetryPolicy.profile("yativo")
    for attempt, status in ((BadInt(1), BadInt(503)), (Number.ONE, Number.FAILED)):
        decision = yativo.next(attempt=attempt, status=status, random=BadFloat(0.5), now=NOW)
        assert decision.delay_seconds == 60
        decision = yativo.next(attempt=attempt, status=status, retry_after=BadInt(90), now=NOW)
        assert decision.delay_seconds == 90


@pytest.mark.parametrize("odd", [0, 1, 2], ids=["Liar", "NoClass", "BadList"])
def test_objects_that_lie_or_fail_are_of_the_wrong_type(odd: int) -> None:
    # Made here: pytest itself fails when it looks at them.
    values: list[Any] = [Liar(), NoClass(), BadList(["a"])]
    value = values[odd]
    yativo = RetryPolicy.profile("yativo")
    calls: list[tuple[str, Callable[[], object]]] = [
        ("invalid_argument", lambda: Webhook(value, SECRET)),
        ("invalid_argument", lambda: Webhook("naive", value)),
        ("invalid_argument", lambda: Webhook("naive", SECRET, tolerance=value)),
        ("invalid_argument", lambda: HOOK.verify(b"{}", value)),
        ("invalid_argument", lambda: HOOK.verify(b"{}", {}, now=value)),
        ("invalid_argument", lambda: HOOK.sign(b"{}", id=value)),
        ("invalid_argument", lambda: RetryPolicy.profile(value)),
        ("invalid_argument", lambda: RetryPolicy.from_dict(value)),
        ("invalid_argument", lambda: RetryPolicy(value)),
        ("invalid_argument", lambda: yativo.next(attempt=value)),
        ("invalid_argument", lambda: yativo.next(attempt=1, retry_after=value)),
        ("invalid_argument", lambda: yativo.next(attempt=1, random=value)),
        ("invalid_argument", lambda: verify_webhook_signature(value, b"{}", "00")),
        ("body_not_raw", lambda: HOOK.verify(value, {})),
        ("body_not_raw", lambda: HOOK.sign_body(value)),
    ]
    for code, call in calls:
        with pytest.raises(WebhookError) as caught:
            call()
        assert caught.value.code == code
    assert verify_webhook_signature("secret", b"{}", value) is False


def test_no_secret_is_replaced_by_another() -> None:
    signature = Webhook("naive", "\ufffd").sign(b"{}")["x-naive-signature"]
    assert verify_webhook_signature("\ufffd", b"{}", signature) is True
    assert verify_webhook_signature("\ud800", b"{}", signature) is False
