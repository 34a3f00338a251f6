"""The server's API."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Optional, Union

import httpx

from hookseal.client._async.account import (
    AsyncAccounts,
    AsyncApiKeys,
    AsyncOwnAccount,
    AsyncTenants,
)
from hookseal.client._async.deliveries import AsyncDeliveries
from hookseal.client._async.endpoints import AsyncEndpoints
from hookseal.client._async.event_types import AsyncEventTypes
from hookseal.client._async.events import AsyncEvents
from hookseal.client._async.sources import AsyncSources
from hookseal.client._async.transport import AsyncTransport
from hookseal.client._async.webhooks import AsyncWebhooks
from hookseal.client._options import limits_of, user_of

if TYPE_CHECKING:
    from typing_extensions import Self


class AsyncUser(NamedTuple):
    """What belongs to one of your users."""

    webhooks: AsyncWebhooks


class AsyncHookseal:
    """The server's API.

    What fails with 408, 425, 429, 5xx or without an answer is tried again on the schedule that the
    core has for it, ``RetryPolicy.preset("api_client")``, where that cannot do a thing twice.

    Args:
        api_key: ``hks_…``; otherwise the environment variable ``HOOKSEAL_API_KEY``.
        base_url: Where the server is; otherwise the environment variable ``HOOKSEAL_URL``.
        timeout: How many seconds one attempt may take (30).
        deadline: How many seconds a call may take with all its attempts and waits (120).
        max_retries: How often a call is tried again (4).
        http_client: An ``httpx`` client of your own, for proxies, certificates and limits. It is
            yours to close.

    Raises:
        WebhookError: ``invalid_argument``, with the argument and what it takes.

    """

    def __init__(
        self,
        *,
        api_key: Optional[str] = None,
        base_url: Union[str, httpx.URL, None] = None,
        timeout: Optional[float] = None,
        deadline: Optional[float] = None,
        max_retries: Optional[int] = None,
        http_client: Optional[httpx.AsyncClient] = None,
    ) -> None:
        limits = limits_of(timeout, deadline, max_retries)
        self._use(AsyncTransport(api_key, base_url, limits, http_client))

    def _use(self, transport: AsyncTransport) -> None:
        self._transport = transport
        self.account = AsyncOwnAccount(transport)
        self.accounts = AsyncAccounts(transport)
        self.api_keys = AsyncApiKeys(transport)
        self.deliveries = AsyncDeliveries(transport)
        self.endpoints = AsyncEndpoints(transport)
        self.event_types = AsyncEventTypes(transport)
        self.events = AsyncEvents(transport)
        self.sources = AsyncSources(transport)
        self.tenants = AsyncTenants(transport)
        self.webhooks = AsyncWebhooks(self.endpoints)

    def for_user(self, user_id: str, /) -> AsyncUser:
        """Give what belongs to one of your users: its webhooks get that user's events only."""
        return AsyncUser(AsyncWebhooks(self.endpoints, user_of(user_id)))

    def with_options(
        self,
        *,
        timeout: Optional[float] = None,
        deadline: Optional[float] = None,
        max_retries: Optional[int] = None,
    ) -> Self:
        """Give a client with other limits, over the same connections."""
        other = object.__new__(type(self))
        other._use(self._transport.limited(timeout, deadline, max_retries))
        return other

    async def aclose(self) -> None:
        """Close the connections, unless they are of a client that was passed."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        await self.aclose()
