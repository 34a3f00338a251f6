"""What opens the API, and whose the rest is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, cast

from hookseal.client._async.listing import AsyncListing
from hookseal.client._async.transport import AsyncTransport
from hookseal.client._call import Call, path

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hookseal.client.types import ApiKey, CreateApiKey, CreatedApiKey


class AsyncApiKeys:
    """What opens the API: ``/v1/api-keys``."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def create(
        self, *, idempotency_key: Optional[str] = None, **key: Unpack[CreateApiKey]
    ) -> CreatedApiKey:
        """Make one, whose text is in this answer and in no other."""
        call = Call("POST", "/v1/api-keys", body=key)
        return cast("CreatedApiKey", await self._transport.send(call, idempotency_key))

    def list(self) -> AsyncListing[ApiKey]:
        """List them, without their texts."""
        return AsyncListing(self._transport, "/v1/api-keys", "after")

    async def delete(self, key_id: str, /) -> None:
        """Revoke one."""
        await self._transport.send(Call("DELETE", path("/v1/api-keys/{}", key_id)))


class AsyncTenants:
    """Your users: ``/v1/tenants``."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def erase(self, tenant: str, /) -> None:
        """Erase all that belongs to a tenant: keys, endpoints, events.

        Broken off, it can be repeated.
        """
        await self._transport.send(Call("DELETE", path("/v1/tenants/{}", tenant)))
