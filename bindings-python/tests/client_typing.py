"""Checked by mypy, never run: what must and must not type-check."""

from __future__ import annotations

from datetime import datetime
from typing import Optional

from hookseal.client import ApiError, AsyncHookseal, Hookseal, Naive, Page
from hookseal.client.types import Delivery, DeliverySummary, Endpoint, SendEvent, Source


def calls(client: Hookseal) -> Optional[str]:
    made = client.endpoints.create(url="https://example.com/", event_types=["*"], tenant=None)
    secret: Optional[str] = made["secret"]
    client.endpoints.create(url="https://example.com/")  # type: ignore[call-arg]
    client.endpoints.create(url="https://example.com/", event_types=["*"], profile="x")  # type: ignore[arg-type]
    client.endpoints.create(url="https://example.com/", event_types=["*"], colour="x")  # type: ignore[call-arg]
    listed: list[Endpoint] = client.webhooks.list()
    listed[0]["secret"]  # type: ignore[typeddict-item]
    client.endpoints.update(made["id"], settings={"rate_limit": None}, description=None)
    event: SendEvent = {"type": "invoice.paid", "data": {"amount": 5}}
    client.events.send(**event, idempotency_key="order-7")
    client.events.send(type="invoice.paid")  # type: ignore[call-arg]
    for accepted in client.events.send_batch([event])["events"]:
        assert accepted
    client.deliveries.list(state="lost")  # type: ignore[arg-type]
    for delivery in client.deliveries.list(state=["failed"], since=datetime.now()):
        replayed: Delivery = client.deliveries.replay(delivery["id"])
        replayed["attempts"][0]["status"]
    source: Source = client.sources.create(name="shop", scheme="stripe", secrets=["whsec_1"])
    client.sources.create(name="shop")  # type: ignore[call-arg]
    client.sources.update(source["id"], state="lost")  # type: ignore[arg-type]
    for refusal in client.sources.refusals(source["id"]):
        client.sources.refusal(source["id"], refusal["id"])["headers"]
    page: Page[DeliverySummary] = client.deliveries.list().page()
    assert [secret, page["data"][0]["last_attempt"]]
    return page["next"]


async def async_calls(client: AsyncHookseal) -> None:
    made = await client.for_user("u1").webhooks.create("https://example.com/", ["*"])
    async for endpoint in client.endpoints.list():
        assert [endpoint["url"], made["id"]]
    rows: list[Endpoint] = await client.endpoints.list().all()
    assert rows


def naives(naive: Naive) -> str:
    sub = naive.webhooks.create("https://example.com/", ["email.received"])
    delivered: bool = naive.for_user("u1").webhooks.test(sub["id"])["delivered"]
    naive.webhooks.list()[0]["secret"]  # type: ignore[typeddict-item]
    return sub["secret"] if delivered else ""


def failures(error: ApiError) -> tuple[str, Optional[int], Optional[str]]:
    return error.code, error.status, error.field
