"""Method, URL, any header and settings: what some schemes need besides body and signature."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

import pytest

from hookseal import Webhook, schemes
from sample import HOOK, NOW, RAW, SECRET, deliveries, hook_of, refused, rows

URL = "https://example.com/hubspot?a=1"


def test_method_and_url_are_signed() -> None:
    hook = Webhook("hubspot_v3", "secret")
    headers = hook.sign(RAW, method="PUT", url=URL, now=NOW)
    verify = partial(hook.verify, RAW, headers, now=NOW)
    assert verify(method="PUT", url=URL).body == RAW
    # Text that is not the constant, but equal to it.
    assert hook.sign(RAW, method="po".upper() + "ST", url=URL, now=NOW) == hook.sign(
        RAW, url=URL, now=NOW
    )
    refused("no_match", partial(verify, url=URL))
    refused("no_match", partial(verify, method="PUT", url=URL + "2"))
    for url in (None, ""):
        assert refused("missing_url", partial(verify, method="PUT", url=url)).status == 500


def test_what_is_not_unicode_is_not_replaced() -> None:
    hook = Webhook("hubspot_v3", "secret")
    headers = hook.sign(RAW, url=URL + "\ufffd", now=NOW)
    assert hook.verify(RAW, headers, url=URL + "\ufffd", now=NOW).body == RAW
    refused("malformed_url", partial(hook.verify, RAW, headers, url=URL + "\ud800", now=NOW))
    refused("malformed_url", partial(hook.sign, RAW, url=URL + "\ud800"))
    refused("invalid_argument", partial(hook.verify, RAW, headers, method="\ud800", url=URL))


@pytest.mark.parametrize("odd", [b"POST", 7, ["POST"], {}])
def test_method_and_url_are_text(odd: Any) -> None:
    calls: list[Callable[..., object]] = [partial(HOOK.verify, RAW, {}), partial(HOOK.sign, RAW)]
    calls.append(partial(HOOK.handshake, RAW, {}))
    for name in ("method", "url"):
        for call in calls:
            error = refused("invalid_argument", partial(call, **{name: odd}))
            assert str(error) == f"`{name}` takes text, got `{type(odd).__name__}`"


def test_other_headers_are_signed() -> None:
    hook = hook_of("bluesnap")
    refused("invalid_message", partial(hook.sign, RAW))
    given: Any
    for given in ({"Bls-Ipn-Timestamp": "2026"}, [(b"bls-ipn-timestamp", b"2026")]):
        headers = hook.sign(RAW, headers=given)
        assert headers.keys() == {"bls-ipn-timestamp", "bls-signature"}
        assert hook.verify(RAW, headers).body == RAW
    for given in (7, "text"):
        refused("invalid_argument", partial(hook.sign, RAW, headers=given))


def test_all_headers_are_handed_over_where_the_request_names_them() -> None:
    hook = hook_of("hook0")
    others: dict[str, Any] = {"X-Event-Id": "evt_1", "Content-Type": ["a/b"], "X-None": None}
    signed = hook.sign(RAW, headers=others, now=NOW)
    assert "h=X-Event-Id Content-Type," in signed["x-hook0-signature"]
    verify = partial(hook.verify, RAW, now=NOW)
    more = {"x-\u017f": "é", "\ud800": "x", "x-other": b"\xff"}
    assert verify({**others, **signed, **more}).body == RAW
    pairs = [("content-type", "a/b"), ("x-event-id", "evt_1"), *signed.items()]
    assert verify(pairs).body == RAW
    assert verify([(name.upper().encode(), value.encode()) for name, value in pairs]).body == RAW
    refused("malformed_header", lambda: verify([*pairs, ("X-EVENT-ID", "evt_1")]))
    refused("no_match", lambda: verify({**signed, "x-event-id": "evt_2", "content-type": "a/b"}))
    refused("missing_header", lambda: verify({**others, **signed, "X-Event-Id": None}))


def test_settings_are_put_into_the_scheme() -> None:
    secret = deliveries()["kinde"]["secrets"][0]
    error = refused("missing_config", partial(Webhook, "kinde", secret))
    assert "`issuer`" in str(error)
    for config in ({"issuer": "https://x.kinde.com"}, MappingProxyType({"issuer": "https://y"})):
        assert Webhook("kinde", secret, config=config).scheme == "kinde"
    for config in ({"isuer": "https://x"}, {"issuer": "{body}"}, {"issuer": "\ud800"}, {"": ""}):
        refused("invalid_config", partial(Webhook, "kinde", secret, config=config))
    refused("invalid_config", partial(Webhook, "naive", "secret", config={"issuer": "https://x"}))


@pytest.mark.parametrize("odd", [7, "issuer", [("issuer", "a")], {"issuer": 7}, {7: "a"}], ids=str)
def test_settings_are_texts_by_name(odd: Any) -> None:
    error = refused("invalid_argument", lambda: Webhook("kinde", "secret", config=odd))
    assert str(error).startswith("`config` takes a mapping of names to texts")


def test_claims_are_what_a_token_says() -> None:
    group = deliveries()["kinde"]
    case = group["tests"][0]
    body = case["body"].encode()
    checked = hook_of("kinde").verify(body, case["headers"], now=case["nowMs"] / 1000)
    assert checked.body is body
    assert (checked.id, checked.type) == ("event_1", "user.created")
    assert checked.json()["iss"] == group["config"]["issuer"]
    assert checked.payload.startswith(b'{"iss":')
    plain = HOOK.verify(RAW, HOOK.sign(RAW, id="m"))
    assert plain.payload is plain.body is RAW


def test_a_token_in_a_header_is_not_the_payload() -> None:
    hook = Webhook("livekit", "secret", config={"api_key": "key"})
    checked = hook.verify(RAW, hook.sign(RAW, now=NOW), now=NOW)
    assert checked.payload is RAW


@pytest.mark.parametrize("tolerance", [2, timedelta(seconds=2), timedelta(milliseconds=1500)])
def test_a_tolerance_is_seconds_or_a_timedelta(tolerance: Any) -> None:
    hook = Webhook("standard_webhooks", SECRET, tolerance=tolerance)
    headers = hook.sign(RAW, id="m", now=int(NOW))
    assert hook.verify(RAW, headers, now=int(NOW) + 1.5).id == "m"
    refused("timestamp_too_old", lambda: hook.verify(RAW, headers, now=int(NOW) + 2.001))


def test_a_timedelta_is_in_range() -> None:
    for odd in (timedelta(-1), timedelta.min, timedelta.max, timedelta(microseconds=-1)):
        error = refused("invalid_argument", partial(Webhook, "naive", "secret", tolerance=odd))
        assert "`tolerance` takes a timedelta" in str(error)
    assert Webhook("naive", "secret", tolerance=timedelta()).scheme == "naive"


def test_the_catalogue_says_what_is_known() -> None:
    found = {scheme.id: scheme for scheme in schemes()}
    assert len(found) > 240
    for name, row in rows().items():
        entry = found[name]  # type: ignore[index]
        settings = {key: each["description"] for key, each in row.get("config", {}).items()}
        assert entry.config == settings
        assert (entry.name, entry.source) == (row["name"], row["source"])
        assert (entry.confidence, entry.notes) == (row["confidence"], row.get("notes"))


def test_deliveries_of_every_kind_come_in_every_form() -> None:
    for name in ("paypal", "aws_sns", "contentful", "discord", "sendgrid"):
        case = deliveries()[name]["tests"][0]
        body, headers = case["body"].encode(), dict(case["headers"])
        now, url = case["nowMs"] / 1000, case.get("url")
        for form in (headers, case["headers"], {key.title(): headers[key] for key in headers}):
            assert hook_of(name).verify(body, form, url=url, now=now).body is body
