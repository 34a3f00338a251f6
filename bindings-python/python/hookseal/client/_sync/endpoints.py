# Written by `make client-types` from the module of the same name in `_async`.
"""Where events go."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Optional, Union, cast

from hookseal.client._call import Call, given, path
from hookseal.client._sync.listing import Listing
from hookseal.client._sync.transport import Transport

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


class Endpoints:
    """Where events go: ``/v1/endpoints``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self, *, idempotency_key: Optional[str] = None, **endpoint: Unpack[CreateEndpoint]
    ) -> EndpointWithSecret:
        """Make one, whose secret is in this answer and in no other."""
        call = Call("POST", "/v1/endpoints", body=endpoint)
        return cast("EndpointWithSecret", self._transport.send(call, idempotency_key))

    def list(
        self,
        *,
        tenant: Optional[str] = None,
        profile: Optional[str] = None,
        after: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Listing[Endpoint]:
        """List them, oldest first."""
        query = {"tenant": tenant, "profile": profile, "after": after, "limit": limit}
        return Listing(self._transport, "/v1/endpoints", "after", query)

    def get(self, endpoint_id: str, /) -> Endpoint:
        """Show one."""
        call = Call("GET", path("/v1/endpoints/{}", endpoint_id))
        return cast("Endpoint", self._transport.send(call))

    def update(self, endpoint_id: str, /, **change: Unpack[ChangeEndpoint]) -> Endpoint:
        """Change what is named, and leave alone what is not."""
        call = Call("PATCH", path("/v1/endpoints/{}", endpoint_id), body=change)
        return cast("Endpoint", self._transport.send(call))

    def delete(self, endpoint_id: str, /) -> None:
        """Delete it; nothing more is sent to it."""
        self._transport.send(Call("DELETE", path("/v1/endpoints/{}", endpoint_id)))

    def pause(self, endpoint_id: str, /, *, idempotency_key: Optional[str] = None) -> Endpoint:
        """Keep what comes for it."""
        call = Call("POST", path("/v1/endpoints/{}/pause", endpoint_id), repeatable=True)
        return cast("Endpoint", self._transport.send(call, idempotency_key))

    def resume(self, endpoint_id: str, /, *, idempotency_key: Optional[str] = None) -> Endpoint:
        """Send what was kept, and what comes."""
        call = Call("POST", path("/v1/endpoints/{}/resume", endpoint_id), repeatable=True)
        return cast("Endpoint", self._transport.send(call, idempotency_key))

    def enable(self, endpoint_id: str, /, *, idempotency_key: Optional[str] = None) -> Endpoint:
        """Make a disabled one active again."""
        call = Call("POST", path("/v1/endpoints/{}/enable", endpoint_id), repeatable=True)
        return cast("Endpoint", self._transport.send(call, idempotency_key))

    def disable(self, endpoint_id: str, /, *, idempotency_key: Optional[str] = None) -> Endpoint:
        """Send nothing more to it; what waits is cancelled."""
        call = Call("POST", path("/v1/endpoints/{}/disable", endpoint_id), repeatable=True)
        return cast("Endpoint", self._transport.send(call, idempotency_key))

    def rotate_secret(
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
        return cast("EndpointWithSecret", self._transport.send(call, idempotency_key))

    def test(
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
        return cast("Delivery", self._transport.send(call, idempotency_key))

    def replay_failed(
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
        return cast("Replayed", self._transport.send(call, idempotency_key))
