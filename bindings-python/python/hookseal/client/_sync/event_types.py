# Written by `make client-types` from the module of the same name in `_async`.
"""What can happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, cast

from hookseal.client._call import Call, path
from hookseal.client._sync.listing import Listing
from hookseal.client._sync.transport import Transport

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hookseal.client.types import (
        ChangeEventType,
        CreateEventType,
        EventType,
        EventTypeSummary,
        ProfileName,
    )


class EventTypes:
    """What can happen, and the schema of its data: ``/v1/event-types``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self, *, idempotency_key: Optional[str] = None, **event_type: Unpack[CreateEventType]
    ) -> EventType:
        """Register one, with the JSON Schema of its data where you have one."""
        call = Call("POST", "/v1/event-types", body=event_type)
        return cast("EventType", self._transport.send(call, idempotency_key))

    def list(
        self,
        *,
        profile: Optional[ProfileName] = None,
        after: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Listing[EventTypeSummary]:
        """List them, without their schemas; with ``profile`` those of a profile."""
        query = {"profile": profile, "after": after, "limit": limit}
        return Listing(self._transport, "/v1/event-types", "after", query)

    def get(self, name: str, /, *, version: Optional[int] = None) -> EventType:
        """Show one with its newest schema, or with that of a version."""
        call = Call("GET", path("/v1/event-types/{}", name), {"version": version})
        return cast("EventType", self._transport.send(call))

    def update(self, name: str, /, **change: Unpack[ChangeEventType]) -> EventType:
        """Change or archive it, or add a version of its schema."""
        # Each schema that is sent is another version.
        repeatable = "schema" not in change
        own = path("/v1/event-types/{}", name)
        call = Call("PATCH", own, body=change, repeatable=repeatable)
        return cast("EventType", self._transport.send(call))

    def delete(self, name: str, /) -> None:
        """Remove it with all its versions."""
        self._transport.send(Call("DELETE", path("/v1/event-types/{}", name)))
