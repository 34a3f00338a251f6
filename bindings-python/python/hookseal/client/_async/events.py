"""What happened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Optional, cast

from hookseal.client._async.listing import AsyncListing
from hookseal.client._async.transport import AsyncTransport
from hookseal.client._call import Call, path

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hookseal.client.types import (
        AcceptedBatch,
        AcceptedEvent,
        DeliverySummary,
        Event,
        EventSummary,
        Replayed,
        SendEvent,
    )


class AsyncEvents:
    """What happened: ``/v1/events``."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def send(
        self, *, idempotency_key: Optional[str] = None, **event: Unpack[SendEvent]
    ) -> AcceptedEvent:
        """Send one; it is on disk when this returns.

        A repeat of its ``id``, or of the idempotency key, is the same event.
        """
        call = Call("POST", "/v1/events", body=event, repeatable=True)
        return cast("AcceptedEvent", await self._transport.send(call, idempotency_key))

    async def send_batch(
        self, events: Iterable[SendEvent], /, *, idempotency_key: Optional[str] = None
    ) -> AcceptedBatch:
        """Send up to 1,000, and learn in their order what became of each.

        Each is accepted, or refused because its ``id`` was used for another. With a mistake in
        one of them the whole batch is refused.
        """
        body = {"events": list(events)}
        call = Call("POST", "/v1/events/batch", body=body, repeatable=True)
        return cast("AcceptedBatch", await self._transport.send(call, idempotency_key))

    def list(
        self,
        *,
        type: Optional[str] = None,
        tenant: Optional[str] = None,
        before: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> AsyncListing[EventSummary]:
        """List them, newest first, without their data."""
        query = {"type": type, "tenant": tenant, "before": before, "limit": limit}
        return AsyncListing(self._transport, "/v1/events", "before", query)

    async def get(self, event_id: str, /) -> Event:
        """Show one with its first 250 deliveries and every attempt."""
        call = Call("GET", path("/v1/events/{}", event_id))
        return cast("Event", await self._transport.send(call))

    def deliveries(
        self, event_id: str, /, *, after: Optional[str] = None, limit: Optional[int] = None
    ) -> AsyncListing[DeliverySummary]:
        """List its deliveries, each with its last attempt."""
        own = path("/v1/events/{}/deliveries", event_id)
        return AsyncListing(self._transport, own, "after", {"after": after, "limit": limit})

    async def replay(self, event_id: str, /, *, idempotency_key: Optional[str] = None) -> Replayed:
        """Send it again to all endpoints that it went to."""
        call = Call("POST", path("/v1/events/{}/replay", event_id))
        return cast("Replayed", await self._transport.send(call, idempotency_key))
