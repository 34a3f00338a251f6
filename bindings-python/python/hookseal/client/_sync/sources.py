# Written by `make client-types` from the module of the same name in `_async`.
"""Who sends webhooks to you."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, cast

from hookseal.client._call import Call, path
from hookseal.client._sync.listing import Listing
from hookseal.client._sync.transport import Transport

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hookseal.client.types import (
        ChangeSource,
        CreateSource,
        HandedOverSecret,
        Refusal,
        RefusalSummary,
        Source,
        SourceWithCounts,
    )


class Sources:
    """Who sends webhooks to you: ``/v1/sources``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self, *, idempotency_key: Optional[str] = None, **source: Unpack[CreateSource]
    ) -> Source:
        """Make one; its ``url`` is what the sender is given."""
        call = Call("POST", "/v1/sources", body=source)
        return cast("Source", self._transport.send(call, idempotency_key))

    def list(
        self,
        *,
        tenant: Optional[str] = None,
        after: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Listing[Source]:
        """List them, oldest first."""
        query = {"tenant": tenant, "after": after, "limit": limit}
        return Listing(self._transport, "/v1/sources", "after", query)

    def get(self, source_id: str, /) -> SourceWithCounts:
        """Show one, and how many requests it took and refused."""
        call = Call("GET", path("/v1/sources/{}", source_id))
        return cast("SourceWithCounts", self._transport.send(call))

    def update(self, source_id: str, /, **change: Unpack[ChangeSource]) -> Source:
        """Change what is named, and leave alone what is not.

        ``secrets`` are all of them, the newest first.
        """
        call = Call("PATCH", path("/v1/sources/{}", source_id), body=change)
        return cast("Source", self._transport.send(call))

    def delete(self, source_id: str, /) -> None:
        """Delete it; nothing more is taken, its events stay."""
        self._transport.send(Call("DELETE", path("/v1/sources/{}", source_id)))

    def handed_over_secret(self, source_id: str, /) -> HandedOverSecret:
        """Show the secret that its sender handed over.

        It is for a sender that wants it pasted somewhere.
        """
        call = Call("GET", path("/v1/sources/{}/handed-over-secret", source_id))
        return cast("HandedOverSecret", self._transport.send(call))

    def refusals(self, source_id: str, /) -> Listing[RefusalSummary]:
        """List the last requests that it refused, newest first."""
        own = path("/v1/sources/{}/refusals", source_id)
        return Listing(self._transport, own, "after")

    def refusal(self, source_id: str, refusal_id: str, /) -> Refusal:
        """Show one of them, and why it does not verify with the secrets of now."""
        call = Call("GET", path("/v1/sources/{}/refusals/{}", source_id, refusal_id))
        return cast("Refusal", self._transport.send(call))
