"""Every call of the server's API is one of the client, and is written as the server reads it."""

from __future__ import annotations

import inspect
import json
import re
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from runpy import run_path
from typing import Any, Callable

import pytest

import hookseal
from client_kinds import KEY, NOBODY, Kind, both
from fake_server import Answer, fake_server
from hookseal import WebhookError
from hookseal.client import AsyncHookseal, AsyncNaive, Hookseal, Naive, types

ROOT = Path(__file__).parents[2]
DOCUMENT = json.loads((ROOT / "docs/openapi.json").read_text("utf-8"))
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation.get("parameters", []))
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
ID = "evt/1 ä"
IN_PATH = "evt%2F1%20%C3%A4"
EPOCH = datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))

Case = tuple[Callable[[Any], Any], str, Any]
CALLS: dict[str, Case] = {
    "changeSource": (
        lambda client: client.sources.update(ID, state="paused"),
        "",
        {"state": "paused"},
    ),
    "createAccount": (lambda client: client.accounts.create(name="a"), "", {"name": "a"}),
    "createApiKey": (
        lambda client: client.api_keys.create(scope="send", tenant="t"),
        "",
        {"scope": "send", "tenant": "t"},
    ),
    "createEndpoint": (
        lambda client: client.endpoints.create(url="https://example.com/", event_types=["*"]),
        "",
        {"url": "https://example.com/", "event_types": ["*"]},
    ),
    "createEventType": (
        lambda client: client.event_types.create(name="a.b", schema={"type": "object"}),
        "",
        {"name": "a.b", "schema": {"type": "object"}},
    ),
    "createSource": (
        lambda client: client.sources.create(name="a", scheme="stripe", secrets=["whsec_1"]),
        "",
        {"name": "a", "scheme": "stripe", "secrets": ["whsec_1"]},
    ),
    "deleteApiKey": (lambda client: client.api_keys.delete(ID), "", None),
    "deleteEndpoint": (lambda client: client.endpoints.delete(ID), "", None),
    "deleteEventType": (lambda client: client.event_types.delete(ID), "", None),
    "deleteSource": (lambda client: client.sources.delete(ID), "", None),
    "disableEndpoint": (lambda client: client.endpoints.disable(ID), "", None),
    "enableEndpoint": (lambda client: client.endpoints.enable(ID), "", None),
    "eraseTenant": (lambda client: client.tenants.erase(ID), "", None),
    "getAccount": (lambda client: client.account.get(), "", None),
    "getAccountById": (lambda client: client.accounts.get(ID), "", None),
    "getApiKey": (lambda client: client.api_keys.get(ID), "", None),
    "getDelivery": (lambda client: client.deliveries.get(ID), "", None),
    "getEndpoint": (lambda client: client.endpoints.get(ID), "", None),
    "getEvent": (lambda client: client.events.get(ID), "", None),
    "getEventType": (lambda client: client.event_types.get(ID, version=2), "?version=2", None),
    "getHandedOverSecret": (lambda client: client.sources.handed_over_secret(ID), "", None),
    "getRefusal": (lambda client: client.sources.refusal(ID, ID), "", None),
    "getSource": (lambda client: client.sources.get(ID), "", None),
    "listAccounts": (lambda client: client.accounts.list(limit=3).page(), "?limit=3", None),
    "listApiKeys": (
        lambda client: client.api_keys.list(after="key_1", limit=3).page(),
        "?after=key_1&limit=3",
        None,
    ),
    "listAttempts": (lambda client: client.deliveries.attempts(ID).page(), "", None),
    "listDeliveries": (
        lambda client: client.deliveries.list(
            state=["failed", "cancelled"], since=EPOCH, before="dlv_1", limit=1
        ).page(),
        "?state=failed%2Ccancelled&since=1970-01-01T00%3A00%3A00Z&before=dlv_1&limit=1",
        None,
    ),
    "listEndpoints": (
        lambda client: client.endpoints.list(tenant="a&b").page(),
        "?tenant=a%26b",
        None,
    ),
    "listEventDeliveries": (
        lambda client: client.events.deliveries(ID, after="dlv_1", limit=1).page(),
        "?after=dlv_1&limit=1",
        None,
    ),
    "listEventTypes": (
        lambda client: client.event_types.list(profile="naive").page(),
        "?profile=naive",
        None,
    ),
    "listEvents": (
        lambda client: client.events.list(type="a.b", limit=2).page(),
        "?type=a.b&limit=2",
        None,
    ),
    "listRefusals": (lambda client: client.sources.refusals(ID).page(), "", None),
    "listSources": (
        lambda client: client.sources.list(tenant="a&b", limit=2).page(),
        "?tenant=a%26b&limit=2",
        None,
    ),
    "pauseEndpoint": (lambda client: client.endpoints.pause(ID), "", None),
    "replayDelivery": (lambda client: client.deliveries.replay(ID), "", None),
    "replayEvent": (lambda client: client.events.replay(ID), "", None),
    "replayFailed": (
        lambda client: client.endpoints.replay_failed(ID, since=EPOCH),
        "",
        {"since": "1970-01-01T00:00:00Z"},
    ),
    "resumeEndpoint": (lambda client: client.endpoints.resume(ID), "", None),
    "rotateSecret": (
        lambda client: client.endpoints.rotate_secret(ID, overlap_seconds=0),
        "",
        {"overlap_seconds": 0},
    ),
    "sendEvent": (
        lambda client: client.events.send(type="a.b", data={"n": 1}),
        "",
        {"type": "a.b", "data": {"n": 1}},
    ),
    "sendEvents": (
        lambda client: client.events.send_batch([{"type": "a.b", "data": {}}]),
        "",
        {"events": [{"type": "a.b", "data": {}}]},
    ),
    "testEndpoint": (
        lambda client: client.endpoints.test(ID, type="a.b", wait=True),
        "?wait=true",
        {"type": "a.b"},
    ),
    "updateAccount": (
        lambda client: client.account.update(validate_events="known"),
        "",
        {"validate_events": "known"},
    ),
    "updateAccountById": (
        lambda client: client.accounts.update(ID, suspended=True),
        "",
        {"suspended": True},
    ),
    "updateEndpoint": (
        lambda client: client.endpoints.update(ID, description=None),
        "",
        {"description": None},
    ),
    "updateEventType": (
        lambda client: client.event_types.update(ID, archived=True),
        "",
        {"archived": True},
    ),
}
CLIENT = Hookseal(api_key=KEY, base_url=NOBODY)
LISTS: dict[str, Any] = {
    "listAccounts": CLIENT.accounts.list,
    "listApiKeys": CLIENT.api_keys.list,
    "listDeliveries": CLIENT.deliveries.list,
    "listEndpoints": CLIENT.endpoints.list,
    "listEventTypes": CLIENT.event_types.list,
    "listEvents": CLIENT.events.list,
    "listSources": CLIENT.sources.list,
}


def test_every_call_of_the_server_is_here() -> None:
    assert sorted(CALLS) == sorted(OPERATIONS)


@both
@pytest.mark.parametrize("name", CALLS)
def test_calls_are_as_the_server_reads_them(kind: Kind, name: str) -> None:
    use, query, body = CALLS[name]
    method, path, parameters = OPERATIONS[name]
    with fake_server(Answer({"id": 1})) as server:
        answer = kind(server.url, use)
    assert answer == (None if method == "DELETE" and answer is None else {"id": 1})
    (request,) = server.requests
    assert (request.method, request.url) == (method, re.sub(r"\{\w+\}", IN_PATH, path) + query)
    assert request.body == body
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers.get("content-type") == (None if body is None else "application/json")
    agent = f"hookseal-python/{hookseal.__version__} (Python {sys.version.split()[0]})"
    assert request.headers["user-agent"] == agent
    assert ("idempotency-key" in request.headers) == (method == "POST")
    # Whether the client may send it again is what the server says.
    keyed = any(parameter["name"] == "Idempotency-Key" for parameter in parameters)
    assert keyed == name.startswith("send")


@pytest.mark.parametrize("name", LISTS)
def test_lists_take_what_the_server_takes(name: str) -> None:
    _, _, parameters = OPERATIONS[name]
    named = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
    assert set(inspect.signature(LISTS[name]).parameters) == named


def test_the_types_are_of_the_document() -> None:
    # The test of the JavaScript client compares these with the document.
    theirs = (ROOT / "bindings-js/client/openapi.ts").read_text("utf-8")
    found = re.search(r"[0-9a-f]{64}", types.__doc__ or "")
    assert found
    assert found[0] in theirs, "they are of another one: run `make client-types`"
    for name in DOCUMENT["components"]["schemas"]:
        assert hasattr(types, name), name


def test_the_sync_client_is_written_from_the_async_one() -> None:
    generator = run_path(str(ROOT / "bindings-python/generate/sync_client.py"))
    written = generator["modules"]()
    assert set(written) == set((generator["CLIENT"] / "_sync").glob("*.py"))
    for path, text in written.items():
        assert path.read_text("utf-8") == text, f"run `make client-types`: {path.name} is older"


@pytest.mark.parametrize("id", ["", ".", "..", 7, None])
def test_no_id_leads_to_another_path(id: Any) -> None:
    with (
        Hookseal(api_key=KEY, base_url=NOBODY) as client,
        pytest.raises(WebhookError) as caught,
    ):
        client.endpoints.delete(id)
    assert caught.value.code == "invalid_argument"


@both
@pytest.mark.parametrize("value", [{1, 2}, float("nan"), datetime(2026, 1, 1)])
def test_what_is_no_json_is_refused(kind: Kind, value: Any) -> None:
    with pytest.raises(WebhookError) as caught:
        kind(NOBODY, lambda client: client.events.send(type="a.b", data={"x": value}))
    assert caught.value.code == "invalid_argument"


@pytest.mark.parametrize("client", [Hookseal, AsyncHookseal, Naive, AsyncNaive])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"api_key": None}, "`api_key` is missing"),
        ({"api_key": ""}, "`api_key` is missing"),
        ({"api_key": "secret key"}, "`api_key` is not the text of a key"),
        ({"api_key": "secret\n"}, "`api_key` is not the text of a key"),
        ({"api_key": b"secret"}, "`api_key` is not the text of a key"),
        ({"base_url": None}, "`base_url` is missing"),
        ({"base_url": "hooks.example.com"}, "`base_url` is not an http"),
        ({"base_url": "http://[::1"}, "`base_url` is not a URL"),
        ({"base_url": "https://user:secret@hooks.example.com"}, "`base_url` has a user"),
        ({"base_url": "https://hooks.example.com/?secret"}, "`base_url` has a query"),
        ({"timeout": 0}, "`timeout` takes seconds"),
        ({"deadline": float("inf")}, "`deadline` takes seconds"),
        ({"timeout": "1"}, "timeout"),
        ({"max_retries": -1}, "max_retries"),
        ({"max_retries": 1.5}, "max_retries"),
    ],
)
def test_the_wrong_option_is_named(client: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(WebhookError) as caught:
        client(**{"api_key": "hks_1", "base_url": "https://hooks.example.com", **options})
    assert caught.value.code == "invalid_argument"
    assert message in str(caught.value)
    assert "secret" not in repr(caught.value)


@both
def test_the_environment_says_what_arguments_do_not(kind: Kind, monkeypatch: Any) -> None:
    with fake_server(Answer({})) as server:
        monkeypatch.setenv("HOOKSEAL_API_KEY", "hks_environment")
        monkeypatch.setenv("HOOKSEAL_URL", server.url)
        kind("", lambda client: client.events.get("1"), api_key=None, base_url=None)
        kind("", lambda client: client.events.get("1"), api_key="hks_mine", base_url=None)
    keys = [request.headers["authorization"] for request in server.requests]
    assert keys == ["Bearer hks_environment", "Bearer hks_mine"]


@both
def test_the_base_may_have_a_path(kind: Kind) -> None:
    with fake_server(Answer({})) as server:
        for path in ["", "/", "/hooks", "/hooks//"]:
            kind(server.url + path, lambda client: client.events.get("1"))
    urls = [request.url for request in server.requests]
    assert urls == ["/v1/events/1", "/v1/events/1", "/hooks/v1/events/1", "/hooks/v1/events/1"]
