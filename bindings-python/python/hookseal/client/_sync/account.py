# Written by `make client-types` from the module of the same name in `_async`.
"""What opens the API, and whose the rest is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, cast

from hookseal.client._call import Call, path
from hookseal.client._sync.listing import Listing
from hookseal.client._sync.transport import Transport

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hookseal.client.types import ApiKey, CreateApiKey, CreatedApiKey


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

    def list(self) -> Listing[ApiKey]:
        """List them, without their texts."""
        return Listing(self._transport, "/v1/api-keys", "after")

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
