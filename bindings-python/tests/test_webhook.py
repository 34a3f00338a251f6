"""What the Python face adds to the vectors: the types of bodies, headers and moments."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from email.message import Message
from functools import partial
from types import MappingProxyType
from typing import Any, get_args

import pytest

from hookseal import (
    SchemeName,
    Verified,
    Webhook,
    __version__,
    schemes,
    verify_webhook_signature,
)
from sample import HOOK, NOW, RAW, SECRET, refused

OWN = {
    "id": "own",
    "signature": {"from": "header:x-own", "encoding": "hex"},
    "signed_content": "{body}",
}


class Items:
    """Headers of a framework: nothing but ``items()``."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs

    def items(self) -> Iterator[tuple[str, Any]]:
        return iter(self.pairs)


def message(headers: dict[str, str]) -> Message:
    result = Message()
    for name, value in headers.items():
        result[name] = value
    return result


@pytest.fixture(scope="module")
def headers() -> dict[str, str]:
    return {**HOOK.sign(RAW, id="msg_1", now=NOW), "content-type": "application/json"}


def test_verified_says_what_the_request_says(headers: dict[str, str]) -> None:
    verified = HOOK.verify(RAW, headers, now=NOW)
    assert isinstance(verified, Verified)
    assert (verified.id, verified.type, verified.key_index) == ("msg_1", "invoice.paid", 0)
    assert verified.timestamp == datetime(2026, 4, 25, 10, 5, 23, tzinfo=timezone.utc)
    assert verified.body is RAW
    assert verified.json() == {"type": "invoice.paid", "data": {"note": "café"}}
    assert repr(verified) == "Verified(id='msg_1', type='invoice.paid', key_index=0)"
    with pytest.raises(AttributeError):
        verified.id = "other"  # type: ignore[misc]


def test_what_a_scheme_does_not_have_is_none() -> None:
    hook = Webhook("naive", "secret")
    verified = hook.verify(b"\xff", hook.sign(b"\xff"))
    assert (verified.id, verified.type, verified.timestamp) == (None, None, None)
    assert hook.scheme == "naive"
    assert repr(hook) == "Webhook('naive')"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda raw: raw.decode()])
def test_bodies(headers: dict[str, str], kind: Callable[[bytes], Any]) -> None:
    verified = HOOK.verify(kind(RAW), headers, now=NOW)
    assert type(verified.body) is bytes
    assert verified.body == RAW
    assert HOOK.sign(kind(RAW), id="msg_1", now=NOW).items() <= headers.items()
    assert HOOK.sign_body(kind(RAW)) == RAW


def test_a_mutable_body_is_copied(headers: dict[str, str]) -> None:
    body = bytearray(RAW)
    verified = HOOK.verify(body, headers, now=NOW)
    body[:] = b"x" * len(body)
    assert verified.body == RAW


@pytest.mark.parametrize(
    "kind",
    [
        dict,
        MappingProxyType,
        message,
        lambda headers: {name.upper(): value for name, value in headers.items()},
        lambda headers: {name.title(): value for name, value in headers.items()},
        lambda headers: {name: [value] for name, value in headers.items()},
        lambda headers: {**headers, "x-none": None, "x-number": 7},
        lambda headers: {name: value.encode() for name, value in headers.items()},
        lambda headers: list(headers.items()),
        lambda headers: iter(headers.items()),
        lambda headers: [list(pair) for pair in headers.items()],
        lambda headers: [(name.encode(), value.encode()) for name, value in headers.items()],
        lambda headers: Items(list(headers.items())),
    ],
)
def test_headers(headers: dict[str, str], kind: Callable[[Any], Any]) -> None:
    assert HOOK.verify(RAW, kind(headers), now=NOW).id == "msg_1"


def test_a_header_that_came_twice_counts_twice(headers: dict[str, str]) -> None:
    good = headers["webhook-signature"]
    bad = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    for signatures in ([bad, good], [good, bad], (bad, good.encode())):
        both = {**headers, "webhook-signature": signatures}
        assert HOOK.verify(RAW, both, now=NOW).id == "msg_1"
    twice = [*headers.items(), ("Webhook-Id", "msg_1")]
    refused("malformed_header", lambda: HOOK.verify(RAW, twice, now=NOW))


def test_names_differ_in_ascii_case_only(headers: dict[str, str]) -> None:
    # The Kelvin sign is a `k` in lower case, the long s an `s` in upper case.
    for name in ("webhoo\u212a-id", "webhook-t\u0131mestamp", "webhook-\u017fignature"):
        plain = name.replace("\u212a", "k").replace("\u0131", "i").replace("\u017f", "s")
        other = {**headers, plain: None, name: headers[plain]}
        refused("missing_header", partial(HOOK.verify, RAW, other, now=NOW))


def test_a_value_that_is_not_unicode_is_not_replaced() -> None:
    key = base64.b64decode(SECRET[len("whsec_") :])
    for sent, read in [
        ("é", "é"),
        ("\ud800", "\ufffd"),
        ("a\udfff", "a\ufffd"),
        ("\ud800", "\ufffd" * 3),
    ]:
        content = f"{read}.1777111523.".encode() + RAW
        signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        headers = {"webhook-timestamp": "1777111523", "webhook-signature": f"v1,{signature}"}
        for form in ({**headers, "webhook-id": sent}, [*headers.items(), ("webhook-id", sent)]):
            if sent == read:
                assert HOOK.verify(RAW, form, now=NOW).id == sent
            else:
                error = refused("malformed_header", partial(HOOK.verify, RAW, form, now=NOW))
                assert error.status == 401


def test_none_is_an_absent_header(headers: dict[str, str]) -> None:
    absent = {**headers, "webhook-id": None}
    refused("missing_header", lambda: HOOK.verify(RAW, absent, now=NOW))


def test_a_moment_is_the_millisecond_that_has_begun() -> None:
    strict = Webhook("yativo-v2", SECRET, tolerance=0)
    headers = strict.sign(RAW, now=1_777_111_523)
    utc = datetime(2026, 4, 25, 10, 5, 23, tzinfo=timezone.utc)
    now: Any
    for now in (1_777_111_523.0009, utc.replace(microsecond=999)):
        assert strict.verify(RAW, headers, now=now).body == RAW
    for now in (1_777_111_523.001, utc.replace(microsecond=1000), utc.replace(microsecond=1999)):
        refused("timestamp_too_old", partial(strict.verify, RAW, headers, now=now))
    for now in (1_777_111_522.9999, utc - timedelta(microseconds=1)):
        refused("timestamp_too_new", partial(strict.verify, RAW, headers, now=now))


def test_every_millisecond_is_itself() -> None:
    # Times 1000, many a float comes out a little below.
    definition = {**OWN, "signed_content": "{timestamp}{body}"}
    hook = Webhook({**definition, "timestamp": {"from": "header:x-at", "unit": "ms"}}, "secret")
    for base in (0, 1_777_111_523_000, 253_402_300_799_000):
        for millis in range(base, base + 1000):
            at = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=millis)
            assert hook.sign(RAW, now=millis / 1000)["x-at"] == str(millis)
            assert hook.sign(RAW, now=at)["x-at"] == str(millis)


@pytest.mark.parametrize(
    "now",
    [
        NOW,
        int(NOW),
        datetime.fromtimestamp(NOW, timezone.utc),
        datetime.fromtimestamp(NOW, timezone(timedelta(hours=-7))),
    ],
)
def test_moments(now: Any) -> None:
    headers = HOOK.sign(RAW, id="m", now=now)
    assert headers["webhook-timestamp"] == "1777111523"
    assert HOOK.verify(RAW, headers, now=now).id == "m"
    refused("timestamp_too_old", lambda: HOOK.verify(RAW, headers))


def test_the_clock_is_read_when_no_moment_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    signed = int(HOOK.sign(RAW, id="m")["webhook-timestamp"])
    assert abs(signed - time.time()) < 60
    monkeypatch.setattr(time, "time", lambda: NOW)
    assert HOOK.sign(RAW, id="m")["webhook-timestamp"] == "1777111523"


def test_tolerance(headers: dict[str, str]) -> None:
    strict = Webhook("standard_webhooks", SECRET, tolerance=10)
    assert strict.verify(RAW, headers, now=int(NOW) + 10).id == "msg_1"
    refused("timestamp_too_old", lambda: strict.verify(RAW, headers, now=int(NOW) + 10.001))
    refused("timestamp_too_new", lambda: strict.verify(RAW, headers, now=int(NOW) - 10.001))


def test_secrets_are_rotated() -> None:
    old, new = Webhook("ainative", "old secret"), Webhook("ainative", ("new secret", "old secret"))
    assert new.verify(RAW, old.sign(RAW)).key_index == 1
    assert new.verify(RAW, new.sign(RAW)).key_index == 0
    refused("no_match", lambda: old.verify(RAW, new.sign(RAW)))


def test_a_scheme_of_your_own() -> None:
    hook = Webhook(MappingProxyType(OWN), "secret")
    assert hook.scheme == "own"
    assert list(hook.sign(RAW)) == ["x-own"]
    error = refused("invalid_scheme", lambda: Webhook({**OWN, "sigature": 1}, "secret"))
    assert "sigature" in str(error)


def test_the_signature_can_be_in_the_body() -> None:
    hook = Webhook("nativemsg", "secret")
    signed = hook.sign_body('{"event":"message.sent"}')
    assert hook.verify(signed, {}).json().keys() == {"event", "signature"}
    assert hook.verify(signed, hook.sign(signed)).type == "message.sent"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"NaN", b"\xef\xbb\xbf{}", b"[" * 100_000])
def test_what_is_not_json_says_so(body: bytes) -> None:
    hook = Webhook("naive", "secret")
    verified = hook.verify(body, hook.sign(body))
    refused("invalid_payload", verified.json)


def test_the_boolean_helper() -> None:
    signature = Webhook("naive", "secret").sign(RAW)["x-naive-signature"]
    assert verify_webhook_signature("secret", RAW.decode(), signature) is True
    assert verify_webhook_signature("secret", RAW, signature.encode()) is True
    for header in (None, "", "x", signature[:-1], signature + "0", 7, [signature], b"\xff"):
        assert verify_webhook_signature("secret", RAW, header) is False
    parsed: Any = {"type": "invoice.paid"}
    refused("body_not_raw", lambda: verify_webhook_signature("secret", parsed, signature))


def test_the_names_of_the_catalogue_are_typed() -> None:
    assert list(get_args(SchemeName)) == [scheme.id for scheme in schemes()]


def test_threads_share_a_webhook() -> None:
    # The large body is hashed without the GIL.
    hook = Webhook("naive", "secret")
    verified: list[bool] = []
    bodies = [bytes([number]) * size for number in range(4) for size in (100, 200_000)]

    def work(body: bytes) -> None:
        verified.extend(hook.verify(body, hook.sign(body)).body == body for _ in range(20))

    threads = [threading.Thread(target=work, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert verified == [True] * 20 * len(bodies)


def test_importing_is_cheap() -> None:
    # Modules that cost more to import than all of this package; a receiver needs none of them.
    costly = {"asyncio", "collections", "datetime", "enum", "json", "random", "re", "typing"}
    make = f"hookseal.Webhook('standard_webhooks', {SECRET!r})"
    code = f"import sys, hookseal; {make}; print({costly} & {{*sys.modules}})"
    # Without `site`: what an environment imports by itself is not ours.
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        check=True,
        timeout=60,
        env={**os.environ, **paths},
    )
    assert done.stdout.strip() == b"set()"


def test_version() -> None:
    assert __version__.count(".") == 2
