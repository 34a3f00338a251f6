"""What is tried again, when, and what is not."""

from __future__ import annotations

from time import monotonic
from typing import Any

import httpx
import pytest

from client_kinds import KEY, NOBODY, Kind, both, failure_of
from fake_server import HANG, RESET, SILENT, Answer, fake_server, refusal
from hookseal import RetryPolicy, WebhookError
from hookseal.client import ApiError, AsyncHookseal, Hookseal

OK = Answer({"id": "evt_1"})
BUSY = refusal(503, "overloaded")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every wait short."""
    monkeypatch.setattr("random.random", lambda: 0.0)


def send(client: Any) -> Any:
    return client.events.send(type="a.b", data={})


def create(client: Any) -> Any:
    return client.endpoints.create(url="https://example.com/", event_types=["*"])


@both
@pytest.mark.parametrize(
    "first",
    [
        refusal(408, "request_timeout"),
        refusal(429, "rate_limited"),
        refusal(500, "internal"),
        Answer("<html>", 502, {"content-type": "text/html"}),
        BUSY,
        RESET,
    ],
)
def test_an_event_is_sent_again_under_the_same_key(kind: Kind, first: Any) -> None:
    with fake_server(first, OK) as server:
        assert kind(server.url, send) == {"id": "evt_1"}
    first_request, second = server.requests
    assert first_request.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first_request.body == second.body == {"type": "a.b", "data": {}}


@both
def test_each_call_has_a_key_of_its_own_or_the_callers(kind: Kind) -> None:
    with fake_server(OK) as server:
        kind(server.url, send)
        kind(server.url, send)
        kind(server.url, lambda client: client.events.send_batch([], idempotency_key="order-7"))
        first, second, third = (request.headers["idempotency-key"] for request in server.requests)
        assert first != second
        assert third == "order-7"


@both
@pytest.mark.parametrize("key", ["", "ä", 7, "a b", "a\n"])
def test_a_key_that_no_header_can_hold_is_refused(kind: Kind, key: Any) -> None:
    with pytest.raises(WebhookError) as caught:
        kind(NOBODY, lambda client: client.events.send_batch([], idempotency_key=key))
    assert caught.value.code == "invalid_argument"


@both
@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 410, 422])
def test_what_is_refused_is_not_sent_again(kind: Kind, status: int) -> None:
    with fake_server(refusal(status, "no"), OK) as server:
        error = failure_of(kind, server.url, send)
    assert (error.status, error.code, len(server.requests)) == (status, "no", 1)


@both
@pytest.mark.parametrize(
    ("made", "options"),
    [
        (RetryPolicy.preset("api_client").max_attempts, {}),
        (1, {"max_retries": 0}),
        (8, {"max_retries": 7}),
    ],
)
def test_the_number_of_attempts_is_the_cores_or_the_callers(
    kind: Kind, made: int, options: Any
) -> None:
    with fake_server(BUSY) as server:
        assert failure_of(kind, server.url, **options).code == "overloaded"
    assert len(server.requests) == made


@both
def test_a_client_with_other_limits_shares_the_connections(kind: Kind) -> None:
    with fake_server(BUSY) as server:
        error = failure_of(
            kind,
            server.url,
            lambda client: client.with_options(max_retries=2).events.get("evt_1"),
            max_retries=0,
        )
    assert (error.code, len(server.requests)) == ("overloaded", 3)


@both
def test_the_server_says_how_long_to_wait(kind: Kind) -> None:
    with fake_server(refusal(429, "rate_limited", headers={"retry-after": "1"}), OK) as server:
        before = monotonic()
        kind(server.url, send)
        assert monotonic() - before >= 0.99


@both
@pytest.mark.parametrize(("asked", "options"), [("61", {}), ("5", {"deadline": 2})])
def test_a_wait_that_is_too_long_is_not_begun(kind: Kind, asked: str, options: Any) -> None:
    with fake_server(refusal(429, "rate_limited", headers={"retry-after": asked}), OK) as server:
        assert failure_of(kind, server.url, **options).code == "rate_limited"
    assert len(server.requests) == 1


@both
@pytest.mark.parametrize(
    ("made", "first"),
    [
        (2, BUSY),
        (2, refusal(429, "rate_limited")),
        (2, refusal(500, "internal")),
        (1, Answer("", 502)),
        (1, Answer("", 504)),
        (1, RESET),
    ],
)
def test_what_could_be_done_twice_is_sent_again_only_where_it_was_not_done(
    kind: Kind, made: int, first: Any
) -> None:
    with fake_server(first, OK) as server:
        if made == 1:
            failure_of(kind, server.url, create)
        else:
            kind(server.url, create)
    assert len(server.requests) == made


@both
@pytest.mark.parametrize(("made", "change"), [(1, {"schema": {}}), (2, {"archived": True})])
def test_each_schema_that_is_sent_is_another_version(kind: Kind, made: int, change: Any) -> None:
    with fake_server(RESET, OK) as server:
        try:
            kind(server.url, lambda client: client.event_types.update("a.b", **change))
        except ApiError:
            assert made == 1
    assert len(server.requests) == made


@both
def test_twice_paused_is_paused(kind: Kind) -> None:
    with fake_server(RESET, OK) as server:
        kind(server.url, lambda client: client.endpoints.pause("ep_1"))
    assert len(server.requests) == 2


@both
def test_what_was_deleted_by_an_attempt_without_an_answer_is_deleted(kind: Kind) -> None:
    gone = refusal(404, "not_found")
    with fake_server(RESET, gone) as server:
        assert kind(server.url, lambda client: client.endpoints.delete("ep_1")) is None
    for answers in [(gone,), (BUSY, gone)]:
        with fake_server(*answers) as server:
            error = failure_of(kind, server.url, lambda client: client.endpoints.delete("ep_1"))
        assert error.code == "not_found"


@both
@pytest.mark.parametrize("slow", [SILENT, HANG])
def test_an_attempt_has_a_time_limit(kind: Kind, slow: str) -> None:
    with fake_server(slow, OK) as server:
        assert kind(server.url, send, timeout=0.1) == {"id": "evt_1"}
    assert len(server.requests) == 2


@both
def test_a_call_has_a_time_limit(kind: Kind) -> None:
    with fake_server(HANG) as server:
        error = failure_of(kind, server.url, deadline=0.2)
    assert (error.code, error.status, len(server.requests)) == ("timeout", None, 1)
    assert str(error).startswith("GET /v1/events/evt_1 had no answer within 0.")
    assert isinstance(error.__cause__, httpx.TimeoutException)


def test_a_client_that_is_passed_is_used_and_not_closed() -> None:
    with fake_server(OK) as server, httpx.Client(headers={"x-mine": "1"}) as own:
        for _ in range(2):
            with Hookseal(api_key=KEY, base_url=server.url, http_client=own) as client:
                send(client)
        assert not own.is_closed
    assert [request.headers["x-mine"] for request in server.requests] == ["1", "1"]
    client = Hookseal(api_key=KEY, base_url=server.url)
    with client:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        send(client)


def test_an_async_client_closes_its_own_connections() -> None:
    import asyncio

    async def run(url: str) -> None:
        async with AsyncHookseal(api_key=KEY, base_url=url) as client:
            await client.events.send(type="a.b", data={})
        with pytest.raises(RuntimeError, match="closed"):
            await client.events.send(type="a.b", data={})

    with fake_server(OK) as server:
        asyncio.run(run(server.url))


def test_cancelling_ends_a_call() -> None:
    import asyncio

    async def run(url: str) -> None:
        async with AsyncHookseal(api_key=KEY, base_url=url) as client:
            await asyncio.wait_for(client.events.get("evt_1"), 0.1)

    with fake_server(SILENT) as server, pytest.raises(asyncio.TimeoutError):
        asyncio.run(run(server.url))
