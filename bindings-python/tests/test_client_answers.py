"""What a call comes to: pages, and errors whatever answers."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from typing import Any

import pytest

from client_kinds import KEY, Kind, both, failure_of
from fake_server import RESET, Answer, fake_server, refusal
from hookseal.client import ApiError

PAGES = (
    Answer({"data": [1, 2], "next": "b"}),
    Answer({"data": [], "next": "c"}),
    Answer({"data": [3], "next": None}),
)
URLS = [f"/v1/endpoints?tenant=t{cursor}" for cursor in ["", "&after=b", "&after=c"]]


@both
def test_an_error_of_the_server_has_its_parts(kind: Kind) -> None:
    told = {"message": "rate_limit is 0", "hint": "send more", "field": "settings/rate_limit"}
    answer = refusal(422, "invalid_argument", headers={"x-request-id": "req_7"}, **told)
    with fake_server(answer) as server:
        error = failure_of(kind, server.url)
    assert vars(error) | {"__notes__": 0} == {
        "code": "invalid_argument",
        "status": 422,
        **told,
        "request_id": "req_7",
        "__notes__": 0,
    }
    assert str(error) == "rate_limit is 0"
    for same in [copy.copy(error), pickle.loads(pickle.dumps(error))]:
        assert (same.code, same.message, same.field) == (error.code, error.message, error.field)


@both
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (502, "<html><h1>Bad Gateway</h1></html>"),
        (404, ""),
        (500, '{"error":"internal"}'),
        (500, '{"error":{"code":7,"message":null}}'),
        (403, "null"),
        (200, "<html>sign in"),
        (200, ""),
        (302, ""),
    ],
)
def test_an_answer_that_is_not_the_servers_is_an_error_too(
    kind: Kind, status: int, body: str
) -> None:
    with fake_server(Answer(body, status, {"content-type": "text/html"})) as server:
        error = failure_of(kind, server.url, max_retries=0)
    assert (error.code, error.status) == ("unexpected_answer", status)
    assert str(error).startswith(f"the answer is {status}")
    assert "base_url" in error.hint
    assert "html" not in str(error)


@both
def test_the_key_is_sent_to_no_other_server(kind: Kind) -> None:
    with fake_server(Answer({})) as other:
        with fake_server(Answer({}, 307, {"location": other.url})) as server:
            assert failure_of(kind, server.url).status == 307
        assert other.requests == []


@both
def test_where_nothing_answers_the_error_says_what_happened(kind: Kind) -> None:
    with fake_server(RESET) as server:
        broken = failure_of(kind, server.url, max_retries=0)
    refused = failure_of(kind, server.url, max_retries=0)
    for error in [broken, refused]:
        assert (error.code, error.status) == ("connection_failed", None)
        assert str(error).startswith("GET /v1/events/evt_1 had no answer: ")
        assert error.__cause__ is not None


@both
def test_nothing_shows_the_key(kind: Kind, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    with fake_server(refusal(401, "unauthorized")) as server:
        error = failure_of(kind, server.url)
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert KEY not in "".join(frames.format())
    assert KEY not in caplog.text
    for thing in kind(server.url, lambda client: [client, client.events, client._transport]):
        assert KEY not in repr(thing)


@both
def test_an_answer_without_a_body_is_nothing(kind: Kind) -> None:
    with fake_server(Answer(status=204)) as server:
        assert kind(server.url, lambda client: client.tenants.erase("t")) is None


@both
def test_a_list_is_gone_through_page_by_page(kind: Kind) -> None:
    with fake_server(*PAGES) as server:
        rows = kind(server.url, lambda client: kind.rows(client.endpoints.list(tenant="t")))
    assert rows == [1, 2, 3]
    assert [request.url for request in server.requests] == URLS
    with fake_server(*PAGES) as server:
        assert kind(server.url, lambda client: client.endpoints.list().all()) == [1, 2, 3]
    with fake_server(*PAGES) as server:
        pages = kind(server.url, lambda client: kind.rows(client.endpoints.list().pages()))
    assert pages == [page.body for page in PAGES]


@both
def test_a_page_can_be_asked_for(kind: Kind) -> None:
    def lists(client: Any) -> Any:
        return client.endpoints.list(tenant="t")

    with fake_server(*PAGES) as server:
        first = kind(server.url, lambda client: lists(client).page())
        assert first == {"data": [1, 2], "next": "b"}
        kind(server.url, lambda client: lists(client).page(first["next"]))
        kind(server.url, lambda client: client.endpoints.list(tenant="t", after="c").page())
    assert [request.url for request in server.requests] == URLS


@both
def test_webhooks_are_endpoints(kind: Kind) -> None:
    url = "https://app.example.com/hooks"
    with fake_server(Answer({"id": "ep_1", "tenant": "u 1", "data": [7], "next": None})) as server:
        for user in [None, "u 1"]:

            def of(client: Any, user: Any = user) -> Any:
                return (client if user is None else client.for_user(user)).webhooks

            kind(server.url, lambda client: of(client).create(url, ["a.b"]))
            assert kind(server.url, lambda client: of(client).list()) == [7]
            kind(server.url, lambda client: of(client).test("ep_1"))
            kind(server.url, lambda client: of(client).remove("ep_1"))
    assert [request[:2] + request[3:] for request in server.requests] == [
        ("POST", "/v1/endpoints", {"url": url, "event_types": ["a.b"]}),
        ("GET", "/v1/endpoints", None),
        ("POST", "/v1/endpoints/ep_1/test?wait=true", None),
        ("DELETE", "/v1/endpoints/ep_1", None),
        ("POST", "/v1/endpoints", {"url": url, "event_types": ["a.b"], "tenant": "u 1"}),
        ("GET", "/v1/endpoints?tenant=u+1", None),
        ("GET", "/v1/endpoints/ep_1", None),
        ("POST", "/v1/endpoints/ep_1/test?wait=true", None),
        ("GET", "/v1/endpoints/ep_1", None),
        ("DELETE", "/v1/endpoints/ep_1", None),
    ]


@both
@pytest.mark.parametrize("tenant", [None, "u2"])
@pytest.mark.parametrize("call", ["test", "remove"])
def test_a_user_has_no_webhooks_of_others(kind: Kind, tenant: Any, call: str) -> None:
    with fake_server(Answer({"id": "ep_1", "tenant": tenant})) as server:
        error = failure_of(
            kind,
            server.url,
            lambda client: getattr(client.for_user("u1").webhooks, call)("ep_1"),
        )
    assert (error.code, error.status) == ("not_found", 404)
    assert {request.method for request in server.requests} == {"GET"}


@both
def test_naives_client_calls_naives_paths(kind: Kind) -> None:
    url = "https://app.example.com/hooks"
    answer = {"id": "w", "data": [7], "next": None, "eventTypes": ["email.received"]}
    with fake_server(Answer(answer)) as server:
        for user in [None, "u/1"]:

            def of(client: Any, user: Any = user) -> Any:
                return (client if user is None else client.for_user(user)).webhooks

            def ask(use: Any) -> Any:
                return kind(server.url, lambda client: use(of(client)), naive=True)

            ask(lambda webhooks: webhooks.create(url, ["email.received"]))
            assert ask(lambda webhooks: webhooks.list()) == [7]
            assert ask(lambda webhooks: webhooks.event_types()) == ["email.received"]
            ask(lambda webhooks: webhooks.test("w/1"))
            assert ask(lambda webhooks: webhooks.remove("w/1")) is None
    expected: list[Any] = []
    for path in ["/v1/webhooks", "/v1/users/u%2F1/webhooks"]:
        expected += [
            ("POST", path, {"url": url, "eventTypes": ["email.received"]}),
            ("GET", path, None),
            ("GET", f"{path}/event-types", None),
            ("POST", f"{path}/w%2F1/test", None),
            ("DELETE", f"{path}/w%2F1", None),
        ]
    assert [request[:2] + request[3:] for request in server.requests] == expected


@both
def test_naives_client_raises_the_same_errors(kind: Kind) -> None:
    with fake_server(refusal(404, "not_found")) as server, pytest.raises(ApiError):
        kind(server.url, lambda client: client.webhooks.remove("w"), naive=True)
