"""What the Python face adds to the vectors: the types of requests and answers."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from hookseal import HandshakeResponse, Webhook, handshake
from sample import NOW, refused

SLACK = b'{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV"}'
TOKEN = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda raw: raw.decode()])
def test_an_answer_is_ready_to_send(kind: Any) -> None:
    hook = Webhook("slack", "secret")
    answer = hook.handshake(kind(SLACK), hook.sign(SLACK, now=NOW), now=NOW)
    assert isinstance(answer, HandshakeResponse)
    assert (answer.status, answer.body) == (200, b"3eZbrw1aBm2rZgRNFdxV")
    assert answer.headers["content-type"] == "text/plain"
    assert (answer.secret, answer.fetch) == (None, None)
    assert hook.handshake(b'{"type":"event_callback"}', {}) is None


def test_a_handshake_that_is_signed_is_verified() -> None:
    hook = Webhook("slack", "secret")
    headers = hook.sign(SLACK, now=NOW)
    refused("missing_header", lambda: hook.handshake(SLACK, {}))
    refused("timestamp_too_old", lambda: hook.handshake(SLACK, headers))
    other = Webhook("slack", "other")
    refused("no_match", lambda: other.handshake(SLACK, headers, now=NOW))


def test_a_query_is_asked_with_get() -> None:
    hook = Webhook("meta", "secret", config={"verify_token": "meatyhamhock"})
    query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock"
    ask = partial(hook.handshake, b"", {}, url=f"https://example.com/hook?{query}")
    answer = ask(method="GET")
    assert answer is not None
    assert (answer.status, answer.body) == (200, b"1158201444")
    assert ask() is None
    assert hook.handshake(b"", {}, method="GET") is None
    other = Webhook("meta", "secret")
    url = f"https://example.com/hook?{query}"
    refused("missing_config", partial(other.handshake, b"", {}, method="GET", url=url))


def test_a_secret_comes_before_there_is_one() -> None:
    for headers in ({"X-Hook-Secret": TOKEN}, [(b"x-hook-secret", TOKEN.encode())]):
        answer = handshake("asana", b"", headers)
        assert answer is not None
        assert answer.secret == answer.headers["x-hook-secret"] == TOKEN
        assert repr(answer) == str(answer) == "HandshakeResponse(status=200, fetch=None)"
    assert handshake("asana", b'{"events":[]}', {}) is None
    assert Webhook("asana", TOKEN).scheme == "asana"


def test_some_need_the_secret_to_answer() -> None:
    body = b'{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}'
    refused("invalid_secret", lambda: handshake("zoom", body, {}))
    hook = Webhook("zoom", "secret")
    answer = hook.handshake(body, hook.sign(body))
    assert answer is not None
    assert b"encryptedToken" in answer.body


def test_a_scheme_of_your_own_has_settings() -> None:
    own = {
        "id": "own",
        "signature": {"from": "header:x-own", "encoding": "hex"},
        "signed_content": "{body}",
        "config": {"code": {"description": "what the sender shows"}},
        "handshake": {
            "match": {"query:code": {}},
            "method": "GET",
            "compare": {"query:code": "{config:code}"},
            "mismatch_status": 404,
            "respond": {"status": 204},
        },
    }
    ask = partial(handshake, own, b"", {}, method="GET", url="/?code=abc")
    for code, status in (("abc", 204), ("abd", 404)):
        answer = ask(config={"code": code})
        assert answer is not None
        assert answer.status == status
    refused("missing_config", ask)
    refused("invalid_config", partial(ask, config={"cod": "abc"}))
    refused("unknown_scheme", lambda: handshake("no such", b"", {}))
    refused("body_not_raw", lambda: handshake("asana", {}, {}))  # type: ignore[arg-type]
