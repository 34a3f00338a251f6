"""Who makes one of the usual mistakes reads what to do about it."""

from __future__ import annotations

import json
from collections import UserDict
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Callable

import pytest

from hookseal import Webhook, explain
from sample import refused

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOK = Webhook("standard_webhooks", SECRET)
BODY = b'{"type": "invoice.paid", "data": {"amount": 5}}'
HEADERS = HOOK.sign(BODY, id="msg_1")
TWILIO = Webhook("twilio", "secret")
COMPACT = json.dumps(json.loads(BODY), separators=(",", ":"))


def but(**values: str) -> dict[str, str]:
    """The headers, some of them others."""
    return {**HEADERS, **{"webhook-" + name: value for name, value in values.items()}}


async def read() -> bytes:
    return BODY


class Mapped(UserDict[str, str]):
    """A request as Starlette has it: a mapping, but not of its headers."""

    headers = HEADERS


NOT_AWAITED = read()
NOT_AWAITED.close()

MISTAKES: dict[str, tuple[str, list[str], Callable[[], object]]] = {
    "a parsed body": (
        "body_not_raw",
        ["request.body", "request.get_data()", "got `dict`", "before any JSON parser touched it"],
        lambda: HOOK.verify(json.loads(BODY), HEADERS),
    ),
    "a body that was not awaited": (
        "body_not_raw",
        ["got `coroutine`", "`await` it"],
        lambda: HOOK.verify(NOT_AWAITED, HEADERS),  # type: ignore[arg-type]
    ),
    "a method in place of what it gives": (
        "body_not_raw",
        ["got `builtin_function_or_method`", "; call it"],
        lambda: HOOK.verify(BODY.strip, HEADERS),  # type: ignore[arg-type]
    ),
    "a value to be sent": (
        "body_not_raw",
        ["`json.dumps(…)` once, for `sign` and for the request"],
        lambda: HOOK.sign(json.loads(BODY), id="msg_1"),
    ),
    "a message without its id": (
        "invalid_message",
        ["the id of the event is needed: it is signed as header `webhook-id`"],
        lambda: HOOK.sign(BODY),
    ),
    "a request in place of its headers": (
        "invalid_argument",
        ["pass `request.headers`", "got `SimpleNamespace`"],
        lambda: HOOK.verify(BODY, SimpleNamespace(headers=HEADERS)),
    ),
    "a request that is a mapping in place of its headers": (
        "invalid_argument",
        ["pass `request.headers`", "got `Mapped`"],
        lambda: HOOK.verify(BODY, Mapped(type="http", method="POST")),
    ),
    "a form that is read as JSON": (
        "invalid_payload",
        ["read `event.body`, a form with `urllib.parse.parse_qs`"],
        lambda: HOOK.verify(b"a=1", HOOK.sign(b"a=1", id="msg_1")).json(),
    ),
    "the URL that the server behind a proxy sees": (
        "no_match",
        ["the URL that is registered with the sender is signed, too"],
        lambda: TWILIO.verify(
            b"a=1",
            TWILIO.sign(b"a=1", url="https://example.com/hooks"),
            url="http://10.0.0.1:3000/hooks",
        ),
    ),
    "the key of the API in place of the secret": (
        "invalid_secret",
        ["neither `whsec_` and base64 nor base64 alone"],
        lambda: Webhook("standard_webhooks", "sk_live_abcdefghijklmnopqrstuvwx"),
    ),
    "a name that the catalogue has not": (
        "unknown_scheme",
        ["is it `meta`?"],
        lambda: Webhook("whatsapp", SECRET),
    ),
    "the body of another environment's secret": (
        "no_match",
        ["`webhook-signature` does not match the key", "check the secret"],
        lambda: Webhook("standard_webhooks", "whsec_" + "A" * 32).verify(BODY, HEADERS),
    ),
    "headers under other names": (
        "missing_header",
        ["`webhook-signature` is missing", "pass this header on"],
        lambda: HOOK.verify(BODY, {"x-" + name: value for name, value in HEADERS.items()}),
    ),
    "a header left out": (
        "missing_header",
        ["`webhook-id` is missing"],
        lambda: HOOK.verify(BODY, {k: v for k, v in HEADERS.items() if k != "webhook-id"}),
    ),
    "the signature instead of the headers": (
        "invalid_argument",
        ["`headers` takes a mapping or pairs of names and values, got `str`"],
        lambda: HOOK.verify(BODY, HEADERS["webhook-signature"]),
    ),
    "a short signature": (
        "malformed_header",
        ["`webhook-signature` holds a signature of 39 characters", "44 characters of base64"],
        lambda: HOOK.verify(BODY, but(signature=HEADERS["webhook-signature"][:-5])),
    ),
    "a signature without its version": (
        "malformed_header",
        ["`webhook-signature` holds no signature of the form `v1,…`"],
        lambda: HOOK.verify(BODY, but(signature=HEADERS["webhook-signature"][3:])),
    ),
    "a secret that was not copied whole": (
        "invalid_secret",
        ["is not base64", "copy the secret again"],
        lambda: Webhook("standard_webhooks", SECRET[:-3]),
    ),
    "a secret with its quotes": (
        "invalid_secret",
        ["without spaces or quotes"],
        lambda: Webhook("standard_webhooks", f'"{SECRET}"'),
    ),
    "a secret in bytes": (
        "invalid_argument",
        ["`secrets` takes text or a list of texts, got `bytes`"],
        lambda: Webhook("standard_webhooks", SECRET.encode()),  # type: ignore[arg-type]
    ),
    "a secret that is not set": (
        "invalid_argument",
        ["`secrets` is None", "environment variable"],
        lambda: Webhook("standard_webhooks", None),  # type: ignore[call-overload]
    ),
    "a list of secrets without one": (
        "invalid_secret",
        ["1 to 16 secrets are needed, got 0"],
        lambda: Webhook("standard_webhooks", []),
    ),
    "the text of bytes": (
        "no_match",
        ["that the body is the raw bytes as received"],
        lambda: HOOK.verify(str(BODY), HEADERS),
    ),
    "an old request": (
        "timestamp_too_old",
        ["s before now, the tolerance is 300 s", "check the clock"],
        lambda: HOOK.verify(BODY, HOOK.sign(BODY, id="msg_1", now=1_700_000_000)),
    ),
    "a moment without a time zone": (
        "invalid_argument",
        ["datetime.now(timezone.utc)"],
        lambda: HOOK.verify(BODY, HEADERS, now=datetime.now()),
    ),
    "another sender's scheme": (
        "missing_header",
        ["`stripe-signature` is missing", "check that the scheme is the sender's"],
        lambda: Webhook("stripe", SECRET).verify(BODY, HEADERS),
    ),
    "a scheme written otherwise": (
        "unknown_scheme",
        ["this one is `standard_webhooks`"],
        lambda: Webhook("Standard-Webhooks", SECRET),
    ),
    "scheme and secret mixed up": (
        "unknown_scheme",
        ["is it the secret?"],
        lambda: Webhook(SECRET, "standard_webhooks"),
    ),
    "a body that was written again": (
        "no_match",
        ["not parsed and serialised again"],
        lambda: HOOK.verify(COMPACT, HEADERS),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_message_says_what_to_do(mistake: str) -> None:
    code, telling, call = MISTAKES[mistake]
    error = refused(code, call)
    said = f"{error} - {error.hint}"
    for words in telling:
        assert words in said
    assert SECRET not in said


def test_what_is_no_mistake_works() -> None:
    for secret in (SECRET, SECRET[6:]):  # The prefix says nothing.
        for body in (BODY, BODY.decode(), bytearray(BODY)):
            assert Webhook("standard_webhooks", secret).verify(body, HEADERS).id == "msg_1"


EXPLAINED: dict[str, tuple[str, dict[str, Any]]] = {
    "body_reserialized": ("pass the raw request body", {"body": COMPACT}),
    "header_renamed": (
        "pass the headers under the names that the sender gave them",
        {"headers": {name.replace("-", "_"): value for name, value in HEADERS.items()}},
    ),
    "secret_padded": ("", {"secrets": SECRET + "\n"}),
    "signature_truncated": ("", {"headers": but(signature=HEADERS["webhook-signature"][:-5])}),
}


@pytest.mark.parametrize("cause", EXPLAINED)
def test_explain_goes_further(cause: str) -> None:
    hint, given = EXPLAINED[cause]
    sent: dict[str, Any] = {"secrets": SECRET, "body": BODY, "headers": HEADERS, **given}
    finding = explain("standard_webhooks", **sent).findings[0]
    assert (finding.cause, finding.certain) == (cause, True)
    assert hint in finding.hint
