"""What opens the API, and whose the rest is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, cast

from hookseal.client._async.listing import AsyncListing
from hookseal.client._async.transport import AsyncTransport
from hookseal.client._call import Call, path

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hookseal.client.types import (
        Account,
        ApiKey,
        ChangeAccount,
        ChangeOwnAccount,
        CreateAccount,
        CreateApiKey,
        CreatedAccount,
        CreatedApiKey,
    )


class AsyncOwnAccount:
    """The account of the key: ``/v1/account``."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get(self) -> Account:
        """Show it."""
        return cast("Account", await self._transport.send(Call("GET", "/v1/account")))

    async def update(self, **change: Unpack[ChangeOwnAccount]) -> Account:
        """Change what is named, and leave alone what is not."""
        call = Call("PATCH", "/v1/account", body=change)
        return cast("Account", await self._transport.send(call))


class AsyncAccounts:
    """All accounts, for the operator of the server: ``/v1/accounts``."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def create(
        self, *, idempotency_key: Optional[str] = None, **account: Unpack[CreateAccount]
    ) -> CreatedAccount:
        """Make one with its first key, whose text is in this answer and in no other."""
        call = Call("POST", "/v1/accounts", body=account)
        return cast("CreatedAccount", await self._transport.send(call, idempotency_key))

    def list(
        self, *, after: Optional[str] = None, limit: Optional[int] = None
    ) -> AsyncListing[Account]:
        """List them, oldest first."""
        query = {"after": after, "limit": limit}
        return AsyncListing(self._transport, "/v1/accounts", "after", query)

    async def get(self, account_id: str, /) -> Account:
        """Show one."""
        call = Call("GET", path("/v1/accounts/{}", account_id))
        return cast("Account", await self._transport.send(call))

    async def update(self, account_id: str, /, **change: Unpack[ChangeAccount]) -> Account:
        """Change or suspend one."""
        call = Call("PATCH", path("/v1/accounts/{}", account_id), body=change)
        return cast("Account", await self._transport.send(call))


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

    def list(
        self, *, after: Optional[str] = None, limit: Optional[int] = None
    ) -> AsyncListing[ApiKey]:
        """List them, oldest first, without their texts."""
        query = {"after": after, "limit": limit}
        return AsyncListing(self._transport, "/v1/api-keys", "after", query)

    async def get(self, key_id: str, /) -> ApiKey:
        """Show one, without its text."""
        call = Call("GET", path("/v1/api-keys/{}", key_id))
        return cast("ApiKey", await self._transport.send(call))

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
