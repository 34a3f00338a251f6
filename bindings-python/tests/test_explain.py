"""What the Python face adds to the core's explanations: types, and all headers handed over."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any, get_args

import pytest

from hookseal import Cause, Explanation, Finding, Webhook, WebhookError, explain
from sample import HOOK, NOW, RAW, ROOT, SECRET, refused

HEADERS = HOOK.sign(RAW, id="msg_1", now=NOW)
ask = partial(explain, "standard_webhooks", SECRET, now=NOW)


def first(explanation: Explanation) -> Finding:
    assert not explanation.verified
    assert isinstance(explanation.error, WebhookError)
    return explanation.findings[0]


def test_the_causes_are_typed() -> None:
    table = (ROOT / "core" / "src" / "explain" / "cause.rs").read_text(encoding="utf-8")
    names = re.findall(r'^    \w+ = "(\w+)",$', table, re.M)
    assert list(get_args(Cause)) == names


def test_what_verifies_is_explained_by_advice() -> None:
    assert ask(RAW, HEADERS) == Explanation(True, None, [])
    old = explain("standard_webhooks", ["whsec_" + "A" * 44, SECRET], RAW, HEADERS, now=NOW)
    assert old.verified
    assert [found.cause for found in old.findings] == ["old_secret"]


@pytest.mark.parametrize("form", [dict, lambda headers: list(headers.items())])
def test_a_body_that_was_written_again(form: Any) -> None:
    body = json.dumps(json.loads(RAW))
    explanation = ask(body, form(HEADERS))
    found = first(explanation)
    assert (found.cause, found.certain) == ("body_reserialized", True)
    assert found.hint
    assert explanation.error is not None
    assert explanation.error.code == "no_match"


def test_a_secret_that_cannot_be_read() -> None:
    found = first(explain("standard_webhooks", f" {SECRET}\n", RAW, HEADERS, now=NOW))
    assert found.cause == "secret_padded"
    refused("invalid_secret", lambda: explain("naive", "\ud800", RAW, {}))


def test_a_header_of_another_name_is_seen() -> None:
    renamed = {"x-" + name: value for name, value in HEADERS.items()}
    assert first(ask(RAW, {**renamed, "host": "example.com"})).cause == "header_renamed"
    assert first(ask(RAW, {"host": "example.com"})).cause == "header_missing"


def test_moment_tolerance_url_and_settings_are_handed_on() -> None:
    late = partial(explain, "standard_webhooks", SECRET, RAW, HEADERS, now=NOW + 400)
    assert first(late()).cause in ("clock_off", "replay")
    assert late(tolerance=500).verified
    hook = Webhook("hubspot_v3", "secret")
    headers = hook.sign(RAW, url="https://example.com/a", now=NOW)
    at = partial(explain, "hubspot_v3", "secret", RAW, headers, now=NOW)
    assert at(url="https://example.com/a").verified
    assert first(at(url="http://example.com/a")).cause == "wrong_url"
    assert first(at(url="https://example.com/a", method="PUT")).cause == "wrong_method"
    refused("missing_config", lambda: explain("kinde", "secret", RAW, {}))
    refused("body_not_raw", lambda: ask({}, {}))  # type: ignore[arg-type]


def test_nothing_is_given_away() -> None:
    for secret in (SECRET, SECRET[6:], "other " + SECRET):
        for body in (RAW, RAW + b"\n", b""):
            shown = repr(explain("standard_webhooks", secret, body, HEADERS, now=NOW))
            assert SECRET[6:] not in shown
            assert HEADERS["webhook-signature"] not in shown
            assert "invoice" not in shown
