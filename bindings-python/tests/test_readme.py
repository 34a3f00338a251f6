"""The snippets of the README run, in their order; so do the examples in the docstrings."""

from __future__ import annotations

import asyncio
import doctest
import json
import re
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from fake_server import Answer, fake_server
from hookseal import Webhook, _explain, _handshake, _published, catalogue, keys, retry, webhook
from sample import deliveries

ADAPTERS = ["aiohttp", "django", "fastapi", "flask", "starlette"]
README = Path(__file__).parents[1] / "README.md"


def test_snippets(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    snippets = re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S)
    assert len(snippets) == 12 + len(ADAPTERS)
    group = deliveries()["aws_sns"]
    fetched: list[str] = []

    def get(url: str) -> bytes:
        fetched.append(url)
        return str(group["secrets"][0]).encode()

    monkeypatch.setattr(_published, "get", get)
    scope: dict[str, Any] = {}
    for snippet in snippets:
        # The tests of the wheel run those: the frameworks are there.
        if any(f"from hookseal.{framework} import" in snippet for framework in ADAPTERS):
            continue
        exec(compile(snippet, "README.md", "exec"), scope)
    accepted, short, empty = capsys.readouterr().out.splitlines()
    assert accepted == "msg_1 invoice.paid {'type': 'invoice.paid', 'data': {'amount': 5}}"
    assert short.startswith("no_match - ")
    assert empty.startswith("missing_header - ")
    case = group["tests"][0]
    monkeypatch.setattr(time, "time", lambda: case["nowMs"] / 1000)
    for _ in range(2):
        assert scope["receive_notification"](case["body"], case["headers"]).type == "Notification"
    assert fetched == [json.loads(case["body"])["SigningCertURL"]]
    request = SimpleNamespace(path_params={"tenant": "tenant_1"})
    scheme, secret_of = scope["receiver"](lambda *args: args)
    secret = asyncio.run(secret_of(request))
    assert Webhook(scheme, secret).verify(b"{}", Webhook(scheme, secret).sign(b"{}", id="a"))
    naive = Webhook("naive", "secret")
    resolved = b'{"event":"approval.resolved","data":{"status":"approved"}}'
    scope["handle"](naive.verify(resolved, naive.sign(resolved)))
    assert capsys.readouterr().out == "approved\n"


def test_the_client_calls_the_server() -> None:
    (snippet,) = re.findall(
        r"^```python\n(from hookseal.client .*?)^```", README.read_text("utf-8"), re.M | re.S
    )
    answer = {"id": "ep_1", "secret": "whsec_1", "data": [{"id": "dlv_1"}], "next": None}
    scope: dict[str, Any] = {}
    with fake_server(Answer(answer)) as server:
        exec(
            compile(snippet.replace("https://hooks.example.com", server.url), "README.md", "exec"),
            scope,
        )
        assert scope["subscribe"]("user_1", "https://example.com/hooks") == ("ep_1", "whsec_1")
        scope["paid"]("user_1", {"id": "in_42"})
        assert scope["undelivered"]("2026-04-25T00:00:00Z") == ["dlv_1"]
        scope["client"].close()
    assert [request.url for request in server.requests] == [
        "/v1/endpoints",
        "/v1/events",
        "/v1/deliveries?state=failed&since=2026-04-25T00%3A00%3A00Z",
    ]
    assert server.requests[1].body["id"] == "in_42-paid"


@pytest.mark.parametrize(
    "module",
    [_explain, _handshake, catalogue, keys, retry, webhook],
    ids=lambda module: module.__name__,
)
def test_examples(module: ModuleType) -> None:
    failed, attempted = doctest.testmod(module)
    assert (failed, attempted > 0) == (0, True)
