# Written by `make client-types` from the module of the same name in `_async`.
"""The server's API."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Optional, Union

import httpx

from hookseal.client._options import limits_of, user_of
from hookseal.client._sync.account import (
    Accounts,
    ApiKeys,
    OwnAccount,
    Tenants,
)
from hookseal.client._sync.deliveries import Deliveries
from hookseal.client._sync.endpoints import Endpoints
from hookseal.client._sync.event_types import EventTypes
from hookseal.client._sync.events import Events
from hookseal.client._sync.sources import Sources
from hookseal.client._sync.transport import Transport
from hookseal.client._sync.webhooks import Webhooks

if TYPE_CHECKING:
    from typing_extensions import Self


class User(NamedTuple):
    """What belongs to one of your users."""

    webhooks: Webhooks


class Hookseal:
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
        http_client: Optional[httpx.Client] = None,
    ) -> None:
        limits = limits_of(timeout, deadline, max_retries)
        self._use(Transport(api_key, base_url, limits, http_client))

    def _use(self, transport: Transport) -> None:
        self._transport = transport
        self.account = OwnAccount(transport)
        self.accounts = Accounts(transport)
        self.api_keys = ApiKeys(transport)
        self.deliveries = Deliveries(transport)
        self.endpoints = Endpoints(transport)
        self.event_types = EventTypes(transport)
        self.events = Events(transport)
        self.sources = Sources(transport)
        self.tenants = Tenants(transport)
        self.webhooks = Webhooks(self.endpoints)

    def for_user(self, user_id: str, /) -> User:
        """Give what belongs to one of your users: its webhooks get that user's events only."""
        return User(Webhooks(self.endpoints, user_of(user_id)))

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

    def close(self) -> None:
        """Close the connections, unless they are of a client that was passed."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()
