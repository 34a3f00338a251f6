"""Who sends webhooks to you."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, cast

from hookseal.client._async.listing import AsyncListing
from hookseal.client._async.transport import AsyncTransport
from hookseal.client._call import Call, path

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


class AsyncSources:
    """Who sends webhooks to you: ``/v1/sources``."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def create(
        self, *, idempotency_key: Optional[str] = None, **source: Unpack[CreateSource]
    ) -> Source:
        """Make one; its ``url`` is what the sender is given."""
        call = Call("POST", "/v1/sources", body=source)
        return cast("Source", await self._transport.send(call, idempotency_key))

    def list(
        self,
        *,
        tenant: Optional[str] = None,
        after: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> AsyncListing[Source]:
        """List them, oldest first."""
        query = {"tenant": tenant, "after": after, "limit": limit}
        return AsyncListing(self._transport, "/v1/sources", "after", query)

    async def get(self, source_id: str, /) -> SourceWithCounts:
        """Show one, and how many requests it took and refused."""
        call = Call("GET", path("/v1/sources/{}", source_id))
        return cast("SourceWithCounts", await self._transport.send(call))

    async def update(self, source_id: str, /, **change: Unpack[ChangeSource]) -> Source:
        """Change what is named, and leave alone what is not.

        ``secrets`` are all of them, the newest first.
        """
        call = Call("PATCH", path("/v1/sources/{}", source_id), body=change)
        return cast("Source", await self._transport.send(call))

    async def delete(self, source_id: str, /) -> None:
        """Delete it; nothing more is taken, its events stay."""
        await self._transport.send(Call("DELETE", path("/v1/sources/{}", source_id)))

    async def handed_over_secret(self, source_id: str, /) -> HandedOverSecret:
        """Show the secret that its sender handed over.

        It is for a sender that wants it pasted somewhere.
        """
        call = Call("GET", path("/v1/sources/{}/handed-over-secret", source_id))
        return cast("HandedOverSecret", await self._transport.send(call))

    def refusals(self, source_id: str, /) -> AsyncListing[RefusalSummary]:
        """List the last requests that it refused, newest first."""
        own = path("/v1/sources/{}/refusals", source_id)
        return AsyncListing(self._transport, own, "after")

    async def refusal(self, source_id: str, refusal_id: str, /) -> Refusal:
        """Show one of them, and why it does not verify with the secrets of now."""
        call = Call("GET", path("/v1/sources/{}/refusals/{}", source_id, refusal_id))
        return cast("Refusal", await self._transport.send(call))
