# Written by `make client-types` from the module of the same name in `_async`.
"""Endpoints in four words."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from typing import TYPE_CHECKING, Optional, cast

from hookseal.client._call import given
from hookseal.client._error import ApiError
from hookseal.client._sync.endpoints import Endpoints

if TYPE_CHECKING:
    from hookseal.client.types import CreateEndpoint, Delivery, Endpoint, EndpointWithSecret


class Webhooks:
    """Endpoints in four words: of the account, or of one user where ``for_user`` made it."""

    def __init__(self, endpoints: Endpoints, tenant: Optional[str] = None) -> None:
        self._endpoints = endpoints
        self._tenant = tenant

    def create(self, url: str, types: Iterable[str]) -> EndpointWithSecret:
        """Send events of these types to a URL. The secret is in this answer and in no other."""
        endpoint = given(url=url, event_types=list(types), tenant=self._tenant) or {}
        return self._endpoints.create(**cast("CreateEndpoint", endpoint))

    def list(self) -> builtins.list[Endpoint]:
        """Give all of them, without their secrets."""
        return self._endpoints.list(tenant=self._tenant).all()

    def test(self, webhook_id: str, /) -> Delivery:
        """Send a signed test event to it, and say what came of that."""
        self._own(webhook_id)
        return self._endpoints.test(webhook_id, wait=True)

    def remove(self, webhook_id: str, /) -> None:
        """Remove it; nothing more is sent to it."""
        self._own(webhook_id)
        self._endpoints.delete(webhook_id)

    def _own(self, webhook_id: str) -> None:
        # The key may see more than this user's. The tenant of an endpoint never changes: what is
        # looked up stays true.
        if self._tenant is None:
            return
        endpoint = self._endpoints.get(webhook_id)
        if endpoint["tenant"] != self._tenant:
            message = f"this user has no webhook `{webhook_id}`"
            hint = "take the id from `list()` of the same user"
            raise ApiError(message, "not_found", hint, 404)
