"""Where events go."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Optional, Union, cast

from hookseal.client._async.listing import AsyncListing
from hookseal.client._async.transport import AsyncTransport
from hookseal.client._call import Call, given, path

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hookseal.client.types import (
        ChangeEndpoint,
        CreateEndpoint,
        Delivery,
        Endpoint,
        EndpointWithSecret,
        Replayed,
    )


class AsyncEndpoints:
    """Where events go: ``/v1/endpoints``."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def create(
        self, *, idempotency_key: Optional[str] = None, **endpoint: Unpack[CreateEndpoint]
    ) -> EndpointWithSecret:
        """Make one, whose secret is in this answer and in no other."""
        call = Call("POST", "/v1/endpoints", body=endpoint)
        return cast("EndpointWithSecret", await self._transport.send(call, idempotency_key))

    def list(
        self,
        *,
        tenant: Optional[str] = None,
        profile: Optional[str] = None,
        after: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> AsyncListing[Endpoint]:
        """List them, oldest first."""
        query = {"tenant": tenant, "profile": profile, "after": after, "limit": limit}
        return AsyncListing(self._transport, "/v1/endpoints", "after", query)

    async def get(self, endpoint_id: str, /) -> Endpoint:
        """Show one."""
        call = Call("GET", path("/v1/endpoints/{}", endpoint_id))
        return cast("Endpoint", await self._transport.send(call))

    async def update(self, endpoint_id: str, /, **change: Unpack[ChangeEndpoint]) -> Endpoint:
        """Change what is named, and leave alone what is not."""
        call = Call("PATCH", path("/v1/endpoints/{}", endpoint_id), body=change)
        return cast("Endpoint", await self._transport.send(call))

    async def delete(self, endpoint_id: str, /) -> None:
        """Delete it; nothing more is sent to it."""
        await self._transport.send(Call("DELETE", path("/v1/endpoints/{}", endpoint_id)))

    async def pause(
        self, endpoint_id: str, /, *, idempotency_key: Optional[str] = None
    ) -> Endpoint:
        """Keep what comes for it."""
        call = Call("POST", path("/v1/endpoints/{}/pause", endpoint_id), repeatable=True)
        return cast("Endpoint", await self._transport.send(call, idempotency_key))

    async def resume(
        self, endpoint_id: str, /, *, idempotency_key: Optional[str] = None
    ) -> Endpoint:
        """Send what was kept, and what comes."""
        call = Call("POST", path("/v1/endpoints/{}/resume", endpoint_id), repeatable=True)
        return cast("Endpoint", await self._transport.send(call, idempotency_key))

    async def enable(
        self, endpoint_id: str, /, *, idempotency_key: Optional[str] = None
    ) -> Endpoint:
        """Make a disabled one active again."""
        call = Call("POST", path("/v1/endpoints/{}/enable", endpoint_id), repeatable=True)
        return cast("Endpoint", await self._transport.send(call, idempotency_key))

    async def disable(
        self, endpoint_id: str, /, *, idempotency_key: Optional[str] = None
    ) -> Endpoint:
        """Send nothing more to it; what waits is cancelled."""
        call = Call("POST", path("/v1/endpoints/{}/disable", endpoint_id), repeatable=True)
        return cast("Endpoint", await self._transport.send(call, idempotency_key))

    async def rotate_secret(
        self,
        endpoint_id: str,
        /,
        *,
        overlap_seconds: Optional[int] = None,
        secret: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> EndpointWithSecret:
        """Give it a new secret, which is in this answer and in no other.

        The old one goes on signing for a day, or for ``overlap_seconds``.
        """
        body = given(overlap_seconds=overlap_seconds, secret=secret)
        call = Call("POST", path("/v1/endpoints/{}/rotate-secret", endpoint_id), body=body)
        return cast("EndpointWithSecret", await self._transport.send(call, idempotency_key))

    async def test(
        self,
        endpoint_id: str,
        /,
        *,
        type: Optional[str] = None,
        data: Optional[dict[str, Any]] = None,
        wait: bool = False,
        idempotency_key: Optional[str] = None,
    ) -> Delivery:
        """Send an event to it alone; with ``wait``, at once and with what came of it."""
        body = given(type=type, data=data)
        query = {"wait": True} if wait else None
        call = Call("POST", path("/v1/endpoints/{}/test", endpoint_id), query, body)
        return cast("Delivery", await self._transport.send(call, idempotency_key))

    async def replay_failed(
        self,
        endpoint_id: str,
        /,
        *,
        since: Union[str, datetime],
        idempotency_key: Optional[str] = None,
    ) -> Replayed:
        """Send again what failed there since a time."""
        body = {"since": since}
        call = Call("POST", path("/v1/endpoints/{}/replay-failed", endpoint_id), body=body)
        return cast("Replayed", await self._transport.send(call, idempotency_key))
