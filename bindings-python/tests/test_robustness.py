"""No input whatever raises anything but WebhookError."""

from __future__ import annotations

import math
import random
from collections import OrderedDict, UserDict, UserString
from collections.abc import Callable
from datetime import datetime, timezone
from decimal import Decimal
from functools import partial
from hashlib import sha256
from typing import Any

import pytest

from hookseal import (
    RetryPolicy,
    Webhook,
    WebhookError,
    explain,
    handshake,
    key_request,
    verify_webhook_signature,
)
from hostile import (
    BadBuffer,
    BadFloat,
    BadInt,
    BadItems,
    BadKeys,
    BadList,
    BadLower,
    BadMapping,
    BadText,
    BadZone,
    Hostile,
    Liar,
    Nameless,
    NoClass,
)
from sample import NOW, SECRET, hook_of, rows

RUNS = 400
BODY = b'{"type":"invoice.paid"}'
# Twilio has a digest of the body in the URL.
URL = f"https://example.com/?bodySHA256={sha256(BODY).hexdigest()}"
# Schemes of each kind: id and timestamp signed, plain, signature in the body, fields in one header,
# prefix, event in a header, base64, token, password, bare hash, method and URL.
KINDS = ["standard_webhooks", "naive", "nativemsg", "stripe", "slack", "github", "shopify"]
KINDS += ["gitlab", "postmark", "sellsy", "hubspot_v3"]


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
    Liar(), NoClass(), Nameless(), BadFloat(1), BadInt(1), BadList(), BadList(["a"]), BadMapping(),
    BadKeys(), BadBuffer(b"x"), bytearray(), type, len, ..., NotImplemented, range(3), iter([1]),
    (x for x in "ab"), Exception("x"),
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
        assert error.status in (400, 401, 409, 413, 500)


@pytest.fixture(params=KINDS, scope="module")
def hook(request: pytest.FixtureRequest) -> Webhook:
    return hook_of(request.param)


# By their number: pytest itself fails when it looks at some of them.
each_odd = pytest.mark.parametrize("at", range(len(ODD)), ids=lambda at: type(ODD[at]).__qualname__)


@each_odd
def test_odd_arguments(at: int) -> None:
    odd = ODD[at]
    policy, own = RetryPolicy.profile("naive"), {"schedule": {"list": [60]}}
    attempt = only_webhook_errors
    attempt(Webhook, odd, SECRET)
    attempt(Webhook, "naive", odd)
    attempt(Webhook, "naive", [odd])
    attempt(Webhook, "naive", SECRET, tolerance=odd)
    attempt(Webhook, "naive", SECRET, config=odd)
    attempt(Webhook, {"id": odd}, SECRET)
    attempt(explain, odd, SECRET, b"{}", {})
    attempt(explain, "naive", odd, b"{}", {})
    attempt(explain, "naive", SECRET, odd, {})
    attempt(explain, "naive", SECRET, b"{}", odd)
    attempt(explain, "naive", SECRET, b"{}", {"x-any": odd})
    attempt(explain, "naive", SECRET, b"{}", {}, config=odd)
    attempt(explain, "naive", SECRET, b"{}", {}, tolerance=odd)
    attempt(explain, "naive", SECRET, b"{}", {}, method=odd, url=odd, now=odd)
    for call in (handshake, key_request):
        attempt(call, odd, b"{}", {})
        attempt(call, "aws_sns", odd, {})
        attempt(call, "aws_sns", b"{}", odd)
        attempt(call, "aws_sns", b"{}", {}, method=odd)
        attempt(call, "aws_sns", b"{}", {}, url=odd)
        attempt(call, "aws_sns", b"{}", {}, config=odd)
        attempt(call, "aws_sns", b"{}", {}, config={"topic_arn": odd})
    attempt(verify_webhook_signature, odd, b"{}", "x")
    attempt(verify_webhook_signature, "x", odd, "x")
    assert verify_webhook_signature("x", b"{}", odd) is False
    attempt(RetryPolicy, odd)
    attempt(RetryPolicy.profile, odd)
    attempt(RetryPolicy.preset, odd)
    attempt(RetryPolicy.from_dict, odd)
    attempt(RetryPolicy.from_dict, {**own, "max_age_seconds": odd})
    attempt(policy.next, attempt=odd)
    attempt(policy.next, attempt=1, status=odd)
    attempt(policy.next, attempt=1, retry_after=odd)
    attempt(policy.next, attempt=1, status=500, retry_after=odd)
    attempt(policy.next, attempt=1, delivery=odd)
    attempt(policy.next, attempt=1, status=500, delivery=odd)
    attempt(policy.next, attempt=1, previous_delay_seconds=odd)
    attempt(policy.next, attempt=1, first_attempt_at=odd)
    attempt(policy.next, attempt=1, now=odd)
    attempt(policy.next, attempt=1, random=odd)


@each_odd
def test_odd_requests(at: int) -> None:
    odd = ODD[at]
    body, attempt = b'{"type":"a"}', only_webhook_errors
    for hook in map(hook_of, KINDS):
        verify, sign = partial(hook.verify, url=URL), partial(hook.sign, url=URL)
        signed = sign(body, id="m", type="a", now=NOW)
        attempt(verify, odd, signed, now=NOW)
        attempt(verify, body, odd, now=NOW)
        attempt(verify, body, signed, now=odd)
        attempt(verify, body, signed, method=odd)
        attempt(verify, body, signed, url=odd)
        attempt(hook.handshake, odd, signed)
        attempt(hook.handshake, body, odd)
        attempt(hook.handshake, body, signed, method=odd, url=odd, now=odd)
        attempt(verify, body, [*signed.items(), odd], now=NOW)
        for name in signed:
            attempt(verify, body, {**signed, name: odd}, now=NOW)
            attempt(verify, body, {**signed, name: [odd]}, now=NOW)
        attempt(sign, odd, id="m", type="a")
        attempt(sign, body, id=odd, type="a")
        attempt(sign, body, id="m", type=odd)
        attempt(sign, body, id="m", type="a", now=odd)
        attempt(sign, body, id="m", type="a", method=odd)
        attempt(sign, body, id="m", type="a", url=odd)
        attempt(sign, body, id="m", type="a", headers=odd)
        attempt(hook.sign_body, odd)


def test_random_requests(hook: Webhook) -> None:
    seeded = random.Random(7)
    names = [
        *hook.sign(b"{}", id="m", type="a", url=URL),
        "X-Webhook-Signature",
        "x-naive-event",
        "x-other",
    ]
    parts = ["v1,", "v1a,", "sha256=", "t=", " ", ",", "=", "0" * 64, "A" * 43 + "=", "é", "\0"]
    parts += ["1777111523", "\ud800", "\r\n", "+1", "9" * 30, "msg_1", "x" * 9000]
    pieces = [b'{"signature":"', b'"type":', b"}", b'",', b"\xff", b"\0", b"[", b"{", b"0" * 64]
    for _ in range(RUNS):
        body = b"".join(seeded.choices(pieces, k=seeded.randrange(12)))
        values = ["".join(seeded.choices(parts, k=seeded.randrange(5))) for _ in range(9)]
        headers = list(zip(seeded.choices(names, k=9), values))
        now = seeded.choice([NOW, 0, -1.5, 1e18])
        only_webhook_errors(hook.sign_body, body.decode(errors="surrogateescape"))
        for form in (headers, dict(headers)):
            with pytest.raises(WebhookError) as caught:
                hook.verify(body, form, url=URL, now=now)
            assert caught.value.status == 401, caught.value
        only_webhook_errors(hook.sign, body, id=values[0], type=values[1], url=URL, now=now)


def passes(hook: Webhook, body: bytes, headers: dict[str, str]) -> bool:
    try:
        hook.verify(body, headers, url=URL, now=NOW)
    except WebhookError:
        return False
    return True


def flipped(body: bytes, bit: int) -> bytes:
    changed = bytearray(body)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("name", KINDS)
def test_no_flipped_bit_passes(name: str) -> None:
    hook = hook_of(name)
    body = hook.sign_body(b'{"type":"invoice.paid","event":"a.b"}')
    headers = hook.sign(body, id="msg_1", type="a.b", url=URL, now=NOW)
    assert passes(hook, body, headers)
    passed = [bit for bit in range(len(body) * 8) if passes(hook, flipped(body, bit), headers)]
    # A token says who sent the request, not what is in it.
    token = rows()[name].get("body_coverage") == "none"
    assert passed == (list(range(len(body) * 8)) if token else [])


def test_every_scheme_covers_what_it_says() -> None:
    covered, not_signed = set(), set()
    for name, row in rows().items():
        hook = hook_of(name)
        with pytest.raises(WebhookError) as caught:
            hook.verify(BODY, {}, url=URL, now=NOW)
        assert caught.value.status == 401, name
        try:
            signed = hook.sign_body(BODY)
            headers = hook.sign(signed, id="msg_1", type="a.b", url=URL, now=NOW)
        except WebhookError as error:
            # It signs what is not here, or with a key that only the sender has.
            assert error.code in ("invalid_message", "invalid_secret"), name
            not_signed.add(name)
            continue
        assert passes(hook, signed, headers), name
        changed = passes(hook, flipped(signed, 70), headers)
        assert changed == (row.get("body_coverage") == "none"), name
        if not changed:
            covered.add(name)
    assert len(not_signed) < 40 < 180 < len(covered)
