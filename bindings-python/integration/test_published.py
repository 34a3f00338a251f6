"""Keys and confirmations by HTTPS, as the standard library fetches them."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Optional

import pytest

from conftest import Serve
from delivery import JSON
from hookseal import (
    KeyRequest,
    PublishedKeys,
    Webhook,
    WebhookError,
    _https,
    _published,
    generate_key_pair,
)
from senders_host import Host, answer, senders_host

NAME = "hooks.sender.example"
KEY = KeyRequest(f"https://{NAME}/key", None, "text")
KEY_SET = json.dumps(
    {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "kid": "a",
                "x": generate_key_pair()
                .public_key.removeprefix("whpk_")
                .rstrip("=")
                .translate(str.maketrans("+/", "-_")),
            }
        ]
    }
)
CONFIRMING = {
    "id": "confirming",
    "signature": {"from": "header:x-signature", "encoding": "hex"},
    "signed_content": "{body}",
    "handshake": {
        "match": {"json:/type": "confirm"},
        "verify_first": True,
        "respond": {"status": 200},
        "fetch": {"url": "json:/url", "hosts": [NAME]},
    },
}


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    with senders_host(NAME, tmp_path, monkeypatch) as host:
        yield host


def test_a_key_comes_from_the_senders_host(host: Host) -> None:
    host.answers["/key"] = answer(b" the key\n")
    keys = PublishedKeys()
    assert [keys.secret_of(KEY) for _ in range(3)] == ["the key"] * 3
    assert host.asked == ["GET /key"]
    assert asyncio.run(keys.secret_of_async(KEY)) == "the key"
    assert asyncio.run(PublishedKeys().secret_of_async(KEY)) == "the key"
    assert host.asked == ["GET /key"] * 2


@pytest.mark.parametrize(
    ("path", "sent", "why"),
    [
        ("/key", answer(b"", "404 Not Found"), "HTTPError"),
        ("/key", answer(b"", "302 Found", f"location: https://{NAME}/other\r\n"), "HTTPError"),
        ("/key", answer(b"\xff"), "UnicodeDecodeError"),
        ("/key", answer(b"x" * (256 * 1024 + 1)), "OSError"),
        ("/key", b"", "RemoteDisconnected"),
    ],
    ids=["absent", "elsewhere", "no text", "long", "none"],
)
def test_what_is_no_key_is_not_taken(host: Host, path: str, sent: bytes, why: str) -> None:
    host.answers.update({path: sent, "/other": answer(b"the key of somebody else")})
    with pytest.raises(WebhookError, match=why) as caught:
        PublishedKeys().secret_of(KEY)
    assert (caught.value.code, caught.value.status) == ("key_unavailable", 503)
    assert host.asked == ["GET /key"]


def test_a_host_that_keeps_silent_is_not_waited_for(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_https, "WITHIN", 0.4)
    host.answers["/key"] = None
    with pytest.raises(WebhookError, match="TimeoutError"):
        PublishedKeys().secret_of(KEY)


def test_only_https_is_spoken(host: Host) -> None:
    for url in (f"http://{NAME}/key", "file:///etc/hostname", f"ftp://{NAME}/key"):
        with pytest.raises(OSError, match="unknown url type"):
            _https.get(url)
    other = f"https://other.{NAME}/key"
    with pytest.raises(OSError, match=r"(?i)tunnel|remote end"):  # The proxy lets it not through.
        _https.get(other)


def test_many_that_need_a_key_fetch_it_once(host: Host) -> None:
    host.answers["/key"] = answer(b"the key")
    keys, together = PublishedKeys(), threading.Barrier(8)

    def get(_: int) -> str:
        together.wait(30)
        return keys.secret_of(KEY)

    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(get, range(8))] == ["the key"] * 8

    async def main() -> list[str]:
        other = PublishedKeys()
        return await asyncio.gather(*(other.secret_of_async(KEY) for _ in range(8)))

    assert asyncio.run(main()) == ["the key"] * 8
    assert host.asked == ["GET /key"] * 2


def test_a_key_without_a_url_takes_a_function() -> None:
    asked = KeyRequest(None, "key 1", "text")
    with pytest.raises(WebhookError, match="pass `PublishedKeys` a `fetch`"):
        PublishedKeys().secret_of(asked)
    assert PublishedKeys(lambda key: f"the {key.key_id}").secret_of(asked) == "the key 1"


def test_a_function_gives_text() -> None:
    async def fetch(key: KeyRequest) -> str:
        return "the key"

    assert asyncio.run(PublishedKeys(fetch).secret_of_async(KEY)) == "the key"
    with pytest.raises(WebhookError, match="that is not async, or `secret_of_async`"):
        PublishedKeys(fetch).secret_of(KEY)
    nothing: Any = lambda key: None  # noqa: E731 - typed as what it is not
    with pytest.raises(WebhookError, match="a function that gives text"):
        PublishedKeys(nothing).secret_of(KEY)


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    now, fetched = 0, []

    def fetch(key: KeyRequest) -> str:
        fetched.append(key.key_id)
        return "the key"

    monkeypatch.setattr(_published, "_now", lambda: now)
    keys = PublishedKeys(fetch)
    numbers = [*map(str, range(100))]
    for number in [*numbers, "99", "0"]:
        now += 6_000
        keys.secret_of(KeyRequest(KEY.url, number, "text"))
    assert fetched == [*numbers, "0"]


def test_an_id_that_a_key_set_lacks_does_not_fetch_it_again() -> None:
    asked: list[Optional[str]] = []

    def fetch(key: KeyRequest) -> str:
        asked.append(key.key_id)
        return KEY_SET

    keys = PublishedKeys(fetch)
    for key_id in ("a", "b", None):
        assert keys.secret_of(KeyRequest(KEY.url, key_id, "jwks")) == KEY_SET
    assert asked == ["a"]


def test_what_came_is_a_key() -> None:
    for key, text, why in (
        (KEY._replace(format="pem"), "<html>", "could not be had: expected"),
        (KEY, "", "the answer is empty"),
    ):
        keys = PublishedKeys(lambda key, text=text: text)  # type: ignore[misc]
        with pytest.raises(WebhookError, match=why) as caught:
            keys.secret_of(key)
        assert (caught.value.code, caught.value.status) == ("key_unavailable", 503)
        with pytest.raises(WebhookError, match="a moment ago"):
            keys.secret_of(key)


def test_a_request_for_a_key_is_one_that_can_be() -> None:
    wrong: Any = "der"
    for key, why in (
        (KEY._replace(format=wrong), "got `der`"),
        (KEY._replace(url=f"http://{NAME}/key"), "begins with `https://`"),
    ):
        with pytest.raises(WebhookError, match=why) as caught:
            PublishedKeys().secret_of(key)
        assert caught.value.code == "invalid_argument"


def test_a_url_that_the_sender_wants_called_is_called(serve: Serve, host: Host) -> None:
    host.answers.update({"/confirm?token=1": answer(b"done"), "/gone": answer(b"", "410 Gone")})
    hook = Webhook(CONFIRMING, "secret")
    seen: list[Any] = []
    post = serve(hook=hook, on_handshake=seen.append)
    for path, status in (("/confirm?token=1", 200), ("/gone", 500)):
        body = f'{{"type":"confirm","url":"https://{NAME}{path}"}}'.encode()
        assert post(content=body, headers={**hook.sign(body), **JSON}).status == status
        assert seen.pop().fetch == f"https://{NAME}{path}"
    assert host.asked == ["GET /confirm?token=1", "GET /gone"]
