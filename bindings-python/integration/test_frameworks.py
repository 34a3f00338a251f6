"""What frameworks make of headers, and of an event that is answered."""

# No postponed annotations: FastAPI would look for the names within functions in this module.
import asyncio
import io
from typing import Annotated, Any

import django.test
import fastapi
import pytest
from django.core.handlers.asgi import ASGIRequest
from starlette.testclient import TestClient

import hookseal.fastapi
from delivery import BODY, JSON, SECRET, delivery
from hookseal import Verified, Webhook
from hookseal.payload import NaivePayload

HOOK = Webhook("standard_webhooks", SECRET)
WRITTEN = {"id": "evt_1", "type": "invoice.paid", "key_index": 0}


def test_djangos_requests_hold_headers() -> None:
    request = delivery("evt_1")
    options = {"content_type": "application/json", "headers": request["headers"]}
    for factory in (django.test.RequestFactory(), django.test.AsyncRequestFactory()):
        made = factory.post("/hooks", BODY, **options)
        for headers in (made.META, made.headers):
            assert HOOK.verify(made.body, headers).id == "evt_1"


def test_the_headers_of_an_asgi_scope_are_read() -> None:
    pairs = [(name.encode(), value.encode()) for name, value in delivery("a")["headers"].items()]
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/", "headers": pairs}
    assert HOOK.verify(BODY, scope["headers"]).id == "a"
    meta = ASGIRequest({**scope, "query_string": b""}, io.BytesIO(BODY)).META
    assert HOOK.verify(BODY, meta).id == "a"


def test_an_event_is_what_a_handler_answers() -> None:
    app = fastapi.FastAPI()
    event_of = fastapi.Depends(hookseal.fastapi.receives(HOOK))

    @app.post("/plain")
    async def plain(event: Annotated[Verified, event_of]) -> Any:
        return event

    @app.post("/typed")
    async def typed(event: Annotated[Verified[NaivePayload], event_of]) -> Verified[NaivePayload]:
        return event

    @app.post("/within")
    def within(event: Annotated[Verified, event_of]) -> dict[str, Verified]:
        return {"event": event}

    with TestClient(app) as client:
        for path in ("/plain", "/typed", "/within"):
            answer = client.post(path, **delivery("evt_1"))
            assert answer.status_code == 200
            written = answer.json().get("event", answer.json())
            assert {name: written[name] for name in WRITTEN} == WRITTEN
            assert written["data"]["data"] == {"note": "café"}
            assert written["timestamp"].endswith("+00:00")
        described = client.get("/openapi.json").json()["paths"]["/typed"]["post"]["responses"]
        schema = described["200"]["content"]["application/json"]["schema"]
        assert sorted(schema["properties"]) == ["data", "id", "key_index", "timestamp", "type"]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_dependency_gives_the_webhook(kind: str) -> None:
    """As FastAPI has it: what a function of a request needs is at hand there."""
    app = fastapi.FastAPI()
    app.state.hook = HOOK

    async def hook_of(request: fastapi.Request) -> Webhook:
        await asyncio.sleep(0)
        hook: Webhook = request.app.state.hook
        return hook

    source: Any = hook_of if kind == "async" else lambda request: request.app.state.hook

    @app.post("/{tenant}/hooks")
    async def hooks(
        tenant: str, event: Annotated[Verified, fastapi.Depends(hookseal.fastapi.receives(source))]
    ) -> str:
        return f"{tenant} {event.id}"

    with TestClient(app) as client:
        answer = client.post("/t1/hooks", **delivery("evt_1"))
        assert answer.json() == "t1 evt_1"
        assert client.post("/t1/hooks", content=BODY, headers=JSON).status_code == 401
