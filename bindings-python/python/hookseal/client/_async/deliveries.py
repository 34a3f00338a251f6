"""Events on their way to endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Optional, Union, cast

from hookseal.client._async.listing import AsyncListing
from hookseal.client._async.transport import AsyncTransport
from hookseal.client._call import Call, path

if TYPE_CHECKING:
    from hookseal.client.types import Attempt, Delivery, DeliveryState, DeliverySummary


class AsyncDeliveries:
    """Events on their way to endpoints: ``/v1/deliveries``."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(
        self,
        *,
        endpoint_id: Optional[str] = None,
        tenant: Optional[str] = None,
        state: Union[DeliveryState, Sequence[DeliveryState], None] = None,
        since: Union[str, datetime, None] = None,
        before: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> AsyncListing[DeliverySummary]:
        """List them, newest first, each with its last attempt.

        Those of ``state="failed"`` are the undelivered.
        """
        query = {
            "endpoint_id": endpoint_id,
            "tenant": tenant,
            "state": state,
            "since": since,
            "before": before,
            "limit": limit,
        }
        return AsyncListing(self._transport, "/v1/deliveries", "before", query)

    async def get(self, delivery_id: str, /) -> Delivery:
        """Show one with every attempt."""
        call = Call("GET", path("/v1/deliveries/{}", delivery_id))
        return cast("Delivery", await self._transport.send(call))

    def attempts(self, delivery_id: str, /) -> AsyncListing[Attempt]:
        """List its attempts, first to last."""
        own = path("/v1/deliveries/{}/attempts", delivery_id)
        return AsyncListing(self._transport, own, "after")

    async def replay(
        self, delivery_id: str, /, *, idempotency_key: Optional[str] = None
    ) -> Delivery:
        """Send it again, from the first step of its schedule."""
        call = Call("POST", path("/v1/deliveries/{}/replay", delivery_id))
        return cast("Delivery", await self._transport.send(call, idempotency_key))
