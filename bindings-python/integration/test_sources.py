"""Where the secret comes from, in each framework."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from typing import Any, Callable

import pytest

import hookseal.fastapi
import hookseal.flask
from conftest import Serve
from delivery import BODY, JSON, SECRET, delivery
from hookseal import KeyRequest, PublishedKeys, Verified, Webhook, WebhookError
from served import Answered

TENANTS = {"a": SECRET, "b": "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"}
VECTORS = Path(__file__).parents[2] / "tests/vectors/providers.json"


def awaited(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same as `async` code has it."""

    async def call(*args: Any) -> Any:
        return function(*args)

    return call


KINDS = pytest.mark.parametrize("kind", [lambda function: function, awaited], ids=["def", "async"])
Kind = Callable[[Callable[..., Any]], Callable[..., Any]]


def of_tenant(name: str) -> dict[str, Any]:
    """What the sender of a tenant posts."""
    signed = Webhook("standard_webhooks", TENANTS[name]).sign(BODY, id=f"evt_{name}")
    return {"content": BODY, "headers": {**signed, **JSON, "x-tenant": name}}


@KINDS
def test_a_function_gives_the_webhook_of_a_request(serve: Serve, kind: Kind) -> None:
    hooks = {name: Webhook("standard_webhooks", secret) for name, secret in TENANTS.items()}
    post = serve(hook=kind(lambda request: hooks[request.headers["x-tenant"]]))
    for name in ("a", "b", "a"):
        assert post(**of_tenant(name)).status == 200
    stolen = {**of_tenant("a"), "headers": {**of_tenant("a")["headers"], "x-tenant": "b"}}
    assert post(**stolen).status == 401


@KINDS
def test_a_function_gives_the_secret_of_a_request(serve: Serve, kind: Kind) -> None:
    handled: list[Verified] = []
    secret = kind(
        lambda request: [
            "whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldA==",
            TENANTS[request.headers["x-tenant"]],
        ]
    )

    def handle(event: Verified) -> int:
        handled.append(event)
        return 200

    post = serve(handle, hook="standard_webhooks", secret=secret)
    for name in ("a", "b", "a"):
        assert post(**of_tenant(name)).status == 200
    assert [(event.id, event.key_index) for event in handled] == [
        ("evt_a", 1),
        ("evt_b", 1),
        ("evt_a", 1),
    ]


def test_a_scheme_and_its_secret_make_a_webhook(serve: Serve) -> None:
    post = serve(hook="standard_webhooks", secret=SECRET, tolerance=60)
    assert post(**delivery("evt_1")).status == 200
    old = Webhook("standard_webhooks", SECRET).sign(BODY, id="evt_1", now=time.time() - 61)
    assert post(content=BODY, headers={**old, **JSON}).status == 401


def test_a_secret_that_has_yet_to_come_comes_in_a_handshake(serve: Serve) -> None:
    known: list[Any] = [None]
    post = serve(
        hook="asana",
        secret=lambda request: known[0],
        on_handshake=lambda answer: known.append(answer.secret),
        on_error=lambda error, request: known.append(error.code),
    )
    secret = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81"
    answer = post(content=b"", headers={"x-hook-secret": secret, **JSON})
    assert (answer.status, answer.headers["x-hook-secret"]) == (200, secret)
    signed = Webhook("asana", secret).sign(b"{}")
    assert post(content=b"{}", headers={**signed, **JSON}).status == 500
    assert known == [None, secret, "invalid_secret"]
    known[0] = secret
    assert post(content=b"{}", headers={**signed, **JSON}).status == 200


@KINDS
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_a_function_raises_is_for_the_framework(serve: Serve, kind: Kind) -> None:
    def fail(request: Any) -> Any:
        raise ZeroDivisionError

    assert serve(hook=kind(fail))(**delivery("evt_1")).status == 500

    def refuse(request: Any) -> Any:
        return Webhook("standard_webhooks", "not a secret")

    answer = serve(hook=kind(refuse))(**delivery("evt_1"))
    assert (answer.status, code_of(answer)) == (500, "invalid_secret")


class Topic:
    """Notifications of Amazon SNS, from the vectors."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        groups = json.loads(VECTORS.read_text(encoding="utf-8"))["testGroups"]
        group = next(group for group in groups if group["scheme"] == "aws_sns")
        self.certificate, self.config, case = (
            group["secrets"][0],
            group["config"],
            group["tests"][0],
        )
        self.body, self.headers = case["body"].encode(), dict(case["headers"])
        self.url = json.loads(self.body)["SigningCertURL"]
        now = case["nowMs"] / 1000
        monkeypatch.setattr(time, "time", lambda: now)

    def forged(self, url: str) -> bytes:
        forged = {"SigningCertURL": url, "Message": "forged"}
        return json.dumps({**json.loads(self.body), **forged}).encode()


@KINDS
def test_a_published_key_is_fetched_once(
    serve: Serve, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic, asked = Topic(monkeypatch), []

    def fetch(key: KeyRequest) -> bytes:
        asked.append(key)
        return f"{topic.certificate}\n".encode()

    keys = PublishedKeys(kind(fetch))
    post = serve(hook="aws_sns", secret=keys, config=topic.config)
    for _ in range(3):
        assert post(content=topic.body, headers={**topic.headers, **JSON}).status == 200
    assert asked == [KeyRequest(topic.url, None, "x509")]
    elsewhere = topic.forged("https://sns.us-west-2.amazonaws.com.evil.example/a.pem")
    answer = post(content=elsewhere, headers={**topic.headers, **JSON})
    assert (answer.status, code_of(answer)) == (401, "untrusted_key_url")
    assert len(asked) == 1


def test_a_key_that_cannot_be_had_is_asked_for_later(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic, asked, causes = Topic(monkeypatch), [], []

    def fetch(key: KeyRequest) -> str:
        asked.append(key.url)
        if len(asked) == 1:
            raise OSError("the network is away")
        return str(topic.certificate)

    post = serve(
        hook="aws_sns",
        secret=PublishedKeys(fetch),
        config=topic.config,
        on_error=lambda error, request: causes.append(type(error.__cause__)),
    )
    send = partial(post, content=topic.body, headers={**topic.headers, **JSON})
    for _ in range(2):
        answer = send()
        assert (answer.status, code_of(answer)) == (503, "key_unavailable")
    assert (len(asked), causes) == (1, [OSError, type(None)])
    since = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: since + 61)
    assert send().status == 200
    assert len(asked) == 2


def test_strangers_cause_few_fetches(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    topic, asked = Topic(monkeypatch), []
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)

    def fetch(key: KeyRequest) -> str:
        asked.append(key.url)
        return str(topic.certificate)

    post = serve(hook="aws_sns", secret=PublishedKeys(fetch), config=topic.config)
    host = "https://sns.us-west-2.amazonaws.com"
    codes = [
        code_of(post(content=topic.forged(f"{host}/{number}.pem"), headers=JSON))
        for number in range(12)
    ]
    assert codes == ["no_match"] * 10 + ["key_unavailable"] * 2
    assert len(asked) == 10
    now += 6
    assert code_of(post(content=topic.forged(f"{host}/11.pem"), headers=JSON)) == "no_match"
    assert len(asked) == 11


def test_a_sender_without_published_keys_has_none(serve: Serve) -> None:
    answer = serve(hook="github", secret=PublishedKeys())(**delivery("evt_1"))
    assert (answer.status, code_of(answer)) == (500, "invalid_argument")


@pytest.mark.parametrize(
    ("args", "options", "message"),
    [
        ((), {}, "`hook` takes a Webhook"),
        (
            ("github",),
            {"secret": None},
            "`secret` is None: pass a Webhook, or the scheme .* environment variable",
        ),
        (("github", "secret"), {"max_body": "1mb"}, "`max_body` takes a whole number, got `str`"),
        (("github", "secret"), {"url": 7}, "`url` takes text, or a function"),
        ((Webhook("github", "secret"), "secret"), {}, "`secret` takes nothing beside a Webhook"),
        ((Webhook("github", "secret"),), {"tolerance": 5}, "`tolerance` takes nothing beside"),
        ((lambda request: None,), {"config": {}}, "`config` takes nothing beside"),
        (("github", 7), {}, "`secrets` takes text"),
        (("no such", "secret"), {}, "no such"),
    ],
)
def test_what_makes_no_source_is_refused(args: Any, options: Any, message: str) -> None:
    for module in (hookseal.fastapi, hookseal.flask):
        with pytest.raises(WebhookError, match=message):
            module.receives(*(args or (None,)), **options)


def code_of(answer: Answered) -> str:
    code: str = json.loads(answer.body)["error"]["code"]
    return code
