# Written by `make client-types` from the module of the same name in `_async`.
"""What opens the API, and whose the rest is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, cast

from hookseal.client._call import Call, path
from hookseal.client._sync.listing import Listing
from hookseal.client._sync.transport import Transport

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


class OwnAccount:
    """The account of the key: ``/v1/account``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self) -> Account:
        """Show it."""
        return cast("Account", self._transport.send(Call("GET", "/v1/account")))

    def update(self, **change: Unpack[ChangeOwnAccount]) -> Account:
        """Change what is named, and leave alone what is not."""
        call = Call("PATCH", "/v1/account", body=change)
        return cast("Account", self._transport.send(call))


class Accounts:
    """All accounts, for the operator of the server: ``/v1/accounts``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self, *, idempotency_key: Optional[str] = None, **account: Unpack[CreateAccount]
    ) -> CreatedAccount:
        """Make one with its first key, whose text is in this answer and in no other."""
        call = Call("POST", "/v1/accounts", body=account)
        return cast("CreatedAccount", self._transport.send(call, idempotency_key))

    def list(self, *, after: Optional[str] = None, limit: Optional[int] = None) -> Listing[Account]:
        """List them, oldest first."""
        query = {"after": after, "limit": limit}
        return Listing(self._transport, "/v1/accounts", "after", query)

    def get(self, account_id: str, /) -> Account:
        """Show one."""
        call = Call("GET", path("/v1/accounts/{}", account_id))
        return cast("Account", self._transport.send(call))

    def update(self, account_id: str, /, **change: Unpack[ChangeAccount]) -> Account:
        """Change or suspend one."""
        call = Call("PATCH", path("/v1/accounts/{}", account_id), body=change)
        return cast("Account", self._transport.send(call))


class ApiKeys:
    """What opens the API: ``/v1/api-keys``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self, *, idempotency_key: Optional[str] = None, **key: Unpack[CreateApiKey]
    ) -> CreatedApiKey:
        """Make one, whose text is in this answer and in no other."""
        call = Call("POST", "/v1/api-keys", body=key)
        return cast("CreatedApiKey", self._transport.send(call, idempotency_key))

    def list(self, *, after: Optional[str] = None, limit: Optional[int] = None) -> Listing[ApiKey]:
        """List them, oldest first, without their texts."""
        query = {"after": after, "limit": limit}
        return Listing(self._transport, "/v1/api-keys", "after", query)

    def get(self, key_id: str, /) -> ApiKey:
        """Show one, without its text."""
        call = Call("GET", path("/v1/api-keys/{}", key_id))
        return cast("ApiKey", self._transport.send(call))

    def delete(self, key_id: str, /) -> None:
        """Revoke one."""
        self._transport.send(Call("DELETE", path("/v1/api-keys/{}", key_id)))


class Tenants:
    """Your users: ``/v1/tenants``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def erase(self, tenant: str, /) -> None:
        """Erase all that belongs to a tenant: keys, endpoints, events.

        Broken off, it can be repeated.
        """
        self._transport.send(Call("DELETE", path("/v1/tenants/{}", tenant)))
