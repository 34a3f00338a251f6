"""What the adapters do, the same in each framework."""

from __future__ import annotations

import json
from typing import Any, Callable

import pytest
from django.http import HttpRequest

import hookseal.aiohttp
import hookseal.django
import hookseal.fastapi
import hookseal.flask
from conftest import Serve
from delivery import BODY, JSON, SECRET, delivery
from hookseal import Verified, Webhook, WebhookError
from hookseal.idempotency import AsyncIdempotency, Idempotency, MemoryStore
from served import Answered

HOOK = Webhook("standard_webhooks", SECRET)


def keeping(events: list[Verified]) -> Callable[[Verified], int]:
    """A handler that keeps what it gets."""

    def handle(event: Verified) -> int:
        events.append(event)
        return 200

    return handle


def error_of(answer: Answered) -> dict[str, str]:
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, dict[str, str]] = json.loads(answer.body)
    return found["error"]


def test_the_handler_gets_the_event(serve: Serve) -> None:
    events: list[Verified] = []
    answer = serve(keeping(events))(**delivery("evt_1"))
    assert (answer.status, b"handled" in answer.body) == (200, True)
    assert [(event.id, event.type, event.body) for event in events] == [
        ("evt_1", "invoice.paid", BODY)
    ]


def test_a_refusal_says_why_and_can_be_logged(serve: Serve) -> None:
    logged: list[tuple[WebhookError, Any]] = []
    post = serve(on_error=lambda error, request: logged.append((error, request)))
    answer = post(content=BODY + b" ", headers=delivery("evt_1")["headers"])
    [(error, request)] = logged
    assert error_of(answer) == {"code": "no_match", "message": str(error), "hint": error.hint}
    assert answer.status == error.status == 401
    assert request.method == "POST"


def test_a_long_body_is_not_read(serve: Serve) -> None:
    limit = len(BODY)
    post = serve(max_body=limit)
    assert post(**delivery("a")).status == 200
    answer = post(**delivery("b", BODY + b" "))
    assert answer.status == 413
    error = error_of(answer)
    assert error["code"] == "body_too_large"
    assert error["message"] == f"the body has more than {limit} bytes"
    post = serve()
    assert post(**delivery("c", b"x" * 1024 * 1024)).status == 200
    assert post(**delivery("d", b"x" * (1024 * 1024 + 1))).status == 413


def test_a_body_that_was_read_before_is_our_fault(serve: Serve) -> None:
    logged: list[str] = []
    post = serve(read_first=True, on_error=lambda error, _: logged.append(error.code))
    answer = post(**delivery("evt_1"))
    assert answer.status == 500
    error = error_of(answer)
    assert error["code"] == "body_not_raw"
    assert "the body of the request was read before it got here: let no" in error["message"]
    assert logged == ["body_not_raw"]


def test_an_event_that_was_handled_is_not_handled_again(serve: Serve) -> None:
    handled: list[Verified] = []
    once = Idempotency(MemoryStore())
    post = serve(keeping(handled), idempotency=once)
    assert "hookseal-duplicate" not in post(**delivery("a")).headers
    again = post(**delivery("a"))
    assert (again.status, again.body, again.headers["hookseal-duplicate"]) == (200, b"", "true")
    assert post(**delivery("b")).status == 200
    assert [event.id for event in handled] == ["a", "b"]
    assert once.claim("standard_webhooks:a") == "done"


def test_an_event_that_is_being_handled_is_to_be_sent_again(serve: Serve) -> None:
    once = Idempotency(MemoryStore(), lease=90)
    post = serve(idempotency=once)
    assert once.claim("standard_webhooks:a") == "claimed"
    answer = post(**delivery("a"))
    assert (answer.status, answer.headers["retry-after"]) == (409, "90")
    assert error_of(answer)["code"] == "in_progress"
    once.release("standard_webhooks:a")
    assert post(**delivery("a")).status == 200


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_handler_that_fails_gets_the_event_again(serve: Serve) -> None:
    outcomes: list[Any] = [ZeroDivisionError("on purpose"), 503, 200]

    def handle(_: Verified) -> int:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        status: int = outcome
        return status

    post = serve(handle, idempotency=Idempotency(MemoryStore()))
    assert [post(**delivery("a")).status for _ in range(4)] == [500, 503, 200, 200]
    assert outcomes == []


def test_the_url_is_the_one_that_was_called_or_the_one_you_say(serve: Serve) -> None:
    hook = Webhook("hubspot_v3", "secret")
    for url, said in (
        ("https://hooks.example.com/x?b=2", lambda _: "https://hooks.example.com/x?b=2"),
        (None, None),
    ):
        called: list[Verified] = []
        options = {"url": said} if said else {}
        post = serve(keeping(called), hook=hook, **options)
        host = "hooks.example.com"
        signed = hook.sign(b"{}", url=url or f"http://{host}/hooks?a=1")
        assert post(content=b"{}", headers={**signed, "host": host, **JSON}).status == 200
        assert len(called) == 1


def test_a_url_in_text_is_called_with_the_query_of_the_request(serve: Serve) -> None:
    hook = Webhook("hubspot_v3", "secret")
    for said in ("https://hooks.example.com/x", "https://hooks.example.com/x?of=registration"):
        signed = hook.sign(b"{}", url="https://hooks.example.com/x?a=1")
        assert serve(hook=hook, url=said)(content=b"{}", headers={**signed, **JSON}).status == 200


def test_what_is_our_own_fault_is_logged(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    assert serve(read_first=True)(**delivery("evt_1")).status == 500
    [record] = [record for record in caplog.records if record.name == "hookseal"]
    assert record.levelname == "ERROR"
    assert "(body_not_raw): pass the raw request body" in record.getMessage()
    caplog.clear()
    assert serve()(content=BODY + b" ", headers=delivery("evt_1")["headers"]).status == 401
    assert [record for record in caplog.records if record.name == "hookseal"] == []


def test_the_url_is_asked_for_only_where_it_is_needed(serve: Serve) -> None:
    asked: list[object] = []

    def said(request: object) -> str:
        asked.append(request)
        return "https://example.com/hooks"

    assert serve(url=said)(**delivery("evt_1")).status == 200
    assert asked == []
    hook = Webhook("slack", "secret")  # Whose handshakes could stand in the query.
    post = serve(hook=hook, url=said)
    assert post(content=b"{}", headers={**hook.sign(b"{}"), **JSON}).status == 200
    assert len(asked) == 1


def test_a_handshake_can_be_looked_at(serve: Serve) -> None:
    answers: list[Any] = []
    hook = Webhook("slack", "secret")
    post = serve(hook=hook, on_handshake=answers.append)
    body = b'{"type":"url_verification","challenge":"3eZbrw1aB"}'
    answer = post(content=body, headers={**hook.sign(body), **JSON})
    assert (answer.status, b"3eZbrw1aB" in answer.body) == (200, True)
    assert answers[0].status == 200


def test_async_claims_need_an_async_view() -> None:
    receives = hookseal.django.receives(HOOK, idempotency=AsyncIdempotency(MemoryStore()))
    with pytest.raises(WebhookError, match="an Idempotency for a view that is not async"):

        @receives
        def _(request: HttpRequest, event: Verified) -> None: ...


@pytest.mark.parametrize(
    ("hook", "message"),
    [
        (None, "`hook` takes a Webhook"),
        ("github", "`secret` is None: pass a Webhook, or the scheme and then the secret"),
        (SECRET, "`secret` is None: pass a Webhook, or the scheme and then the secret"),
    ],
)
def test_a_receiver_takes_a_webhook(hook: Any, message: str) -> None:
    for module in (hookseal.aiohttp, hookseal.django, hookseal.fastapi, hookseal.flask):
        with pytest.raises(WebhookError, match=message):
            module.receives(hook)
