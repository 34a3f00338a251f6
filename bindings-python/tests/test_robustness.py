"""No input whatever raises anything but WebhookError."""

from __future__ import annotations

import math
import random
from collections import OrderedDict, UserDict, UserString
from collections.abc import Callable, Iterator
from datetime import datetime, timezone, tzinfo
from decimal import Decimal
from typing import Any

import pytest

from hookseal import RetryPolicy, Webhook, WebhookError, schemes, verify_webhook_signature
from sample import NOW, SECRET

RUNS = 400


class Hostile:
    """Fails whatever is done with it."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("iter")

    def __len__(self) -> int:
        raise RuntimeError("len")

    def __str__(self) -> str:
        raise RuntimeError("str")

    __repr__ = __str__

    def __bool__(self) -> bool:
        raise RuntimeError("bool")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    __hash__ = None  # type: ignore[assignment]

    def __index__(self) -> int:
        raise RuntimeError("index")

    def __float__(self) -> float:
        raise RuntimeError("float")


class BadText(str):
    """Text of which every method that might be called fails."""

    __slots__ = ()

    def lower(self) -> str:
        raise RuntimeError("lower")

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        raise RuntimeError("encode")

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("iter")


class BadZone(tzinfo):
    def utcoffset(self, _: Any) -> Any:
        raise RuntimeError("utcoffset")

    dst = tzname = utcoffset


class BadItems(UserDict[Any, Any]):
    def items(self) -> Any:
        raise RuntimeError("items")


class BadLower:
    def lower(self) -> Any:
        return []


def released() -> memoryview:
    view = memoryview(b"body")
    view.release()
    return view


def circular() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["value"] = value
    return value


def deep() -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(50_000):
        value = {"value": value}
    return value


ODD: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**64, -(2**64), 10**400, 10**5000, 0.5, -0.0, 1e308,
    math.nan, math.inf, -math.inf, 1j, Decimal("NaN"), "", " ", "\0", "\n", "x", "é", "\ud800",
    "\udfff\ud800", "\U0010ffff", "x" * 100_000, UserString("x"), BadText("x"), b"", b"\xff\xfe",
    b"x" * 100_000, bytearray(b"\0"), memoryview(b"ab"), memoryview(b"abcd").cast("i"),
    memoryview(b"abcd")[::2], released(), [], [None], [1, 2], [[]], [()], [("a",)],
    [("a", "b", "c")], [(1, 2)], [("webhook-id", 1)], [("webhook-id", Hostile())],
    [(b"webhook-id", None)], [("webhook-id", ["a", 1])], ["ab", "cd"], [BadText("ab")],
    [(BadText("webhook-id"), "x")], [("webhook-id", BadText("x"))], [(BadLower(), "x")], (), set(),
    {"a"}, frozenset(), {}, {"a": 1}, {1: "a"}, {None: None}, {"webhook-id": 7},
    {"webhook-id": {}}, {"webhook-id": "\ud800"}, {"webhook-id": "\r\nx: y"}, {b"\xff": b"\xff"},
    OrderedDict(a=math.nan), UserDict(a=1), BadItems(), circular(), deep(), Hostile(), object(),
    type, len, ..., NotImplemented, range(3), iter([1]), (x for x in "ab"), Exception("x"),
    datetime(2026, 1, 1), datetime.min.replace(tzinfo=timezone.utc),
    datetime.max.replace(tzinfo=timezone.utc), datetime(2026, 1, 1, tzinfo=BadZone()),
]  # fmt: skip


def only_webhook_errors(call: Callable[..., object], *args: Any, **named: Any) -> None:
    try:
        call(*args, **named)
    except WebhookError as error:
        assert "\n" not in str(error)
        assert error.code
        assert error.hint
        assert error.status in (400, 401, 500)


@pytest.fixture(params=schemes(), scope="module")
def any_hook(request: pytest.FixtureRequest) -> Webhook:
    return Webhook(request.param, SECRET)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
def test_odd_arguments(odd: Any, any_hook: Webhook) -> None:
    hook, body = any_hook, b'{"type":"a"}'
    policy = RetryPolicy.profile("naive")
    signed = hook.sign(body, id="m", type="a", now=NOW)
    attempt = only_webhook_errors
    attempt(Webhook, odd, SECRET)
    attempt(Webhook, "naive", odd)
    attempt(Webhook, "naive", [odd])
    attempt(Webhook, "naive", SECRET, tolerance_seconds=odd)
    attempt(Webhook, {"id": odd}, SECRET)
    attempt(hook.verify, odd, signed, now=NOW)
    attempt(hook.verify, body, odd, now=NOW)
    attempt(hook.verify, body, signed, now=odd)
    attempt(hook.verify, body, {**signed, "webhook-id": odd}, now=NOW)
    attempt(hook.verify, body, [*signed.items(), odd], now=NOW)
    attempt(hook.sign, odd, id="m", type="a")
    attempt(hook.sign, body, id=odd, type="a")
    attempt(hook.sign, body, id="m", type=odd)
    attempt(hook.sign, body, id="m", type="a", now=odd)
    attempt(hook.sign_body, odd)
    attempt(verify_webhook_signature, odd, body, "x")
    attempt(verify_webhook_signature, "x", odd, "x")
    attempt(verify_webhook_signature, "x", body, odd)
    attempt(RetryPolicy, odd)
    attempt(RetryPolicy.profile, odd)
    attempt(RetryPolicy.from_dict, odd)
    attempt(RetryPolicy.from_dict, {"schedule": odd})
    attempt(policy.next, attempt=odd)
    attempt(policy.next, attempt=1, status=odd)
    attempt(policy.next, attempt=1, status=500, retry_after=odd)
    attempt(policy.next, attempt=1, first_attempt_at=odd)
    attempt(policy.next, attempt=1, now=odd)
    attempt(policy.next, attempt=1, random=odd)


def test_random_requests(any_hook: Webhook) -> None:
    seeded = random.Random(7)
    names = ["webhook-id", "Webhook-Timestamp", "webhook-signature", "x-naive-signature"]
    names += ["x-zerodb-signature", "x-webhook-signature", "x-yativo-signature", "x-luma-signature"]
    names += ["x-yativo-timestamp", "x-nativemsg-signature", "X-Naive-Event", "x-other"]
    parts = ["v1,", "v1a,", "sha256=", "t=", " ", ",", "=", "0" * 64, "A" * 43 + "=", "é", "\0"]
    parts += ["1777111523", "\ud800", "\r\n", "+1", "9" * 30, "msg_1", "x" * 9000]
    pieces = [b'{"signature":"', b'"type":', b"}", b'",', b"\xff", b"\0", b"[", b"{", b"0" * 64]
    for _ in range(RUNS):
        body = b"".join(seeded.choices(pieces, k=seeded.randrange(12)))
        values = ["".join(seeded.choices(parts, k=seeded.randrange(5))) for _ in range(9)]
        headers = list(zip(seeded.choices(names, k=9), values))
        now = seeded.choice([NOW, 0, -1.5, 1e18])
        only_webhook_errors(any_hook.sign_body, body.decode(errors="surrogateescape"))
        for form in (headers, dict(headers)):
            with pytest.raises(WebhookError) as caught:
                any_hook.verify(body, form, now=now)
            assert caught.value.status == 401, caught.value
        only_webhook_errors(any_hook.sign, body, id=values[0], type=values[1], now=now)


def test_no_flipped_bit_passes(any_hook: Webhook) -> None:
    body = any_hook.sign_body(b'{"type":"invoice.paid","event":"a.b"}')
    headers = any_hook.sign(body, id="msg_1", type="a.b", now=NOW)
    any_hook.verify(body, headers, now=NOW)
    for position in range(len(body) * 8):
        flipped = bytearray(body)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(WebhookError):
            any_hook.verify(flipped, headers, now=NOW)
