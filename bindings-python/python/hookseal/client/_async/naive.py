"""naive's own API, as the dialect of the server serves it; the shape of its SDK."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Optional, Union, cast

import httpx

from hookseal.client._async.transport import AsyncTransport
from hookseal.client._call import Call, path
from hookseal.client._naive import CreatedNaiveWebhook, NaiveTest, NaiveWebhook
from hookseal.client._options import limits_of, user_of

if TYPE_CHECKING:
    from typing_extensions import Self


class AsyncNaiveWebhooks:
    """Subscriptions: of the company, or of one user where ``for_user`` made it."""

    def __init__(self, transport: AsyncTransport, path: str) -> None:
        self._transport = transport
        self._path = path

    async def create(self, url: str, event_types: Iterable[str]) -> CreatedNaiveWebhook:
        """Subscribe a URL to events of these types."""
        call = Call("POST", self._path, body={"url": url, "eventTypes": list(event_types)})
        return cast(CreatedNaiveWebhook, await self._transport.send(call))

    async def list(self) -> builtins.list[NaiveWebhook]:
        """Give all of them, without their secrets."""
        answer = await self._transport.send(Call("GET", self._path))
        return cast("list[NaiveWebhook]", answer["data"])

    async def event_types(self) -> builtins.list[str]:
        """Give the types that there are."""
        answer = await self._transport.send(Call("GET", f"{self._path}/event-types"))
        return cast("list[str]", answer["eventTypes"])

    async def test(self, webhook_id: str, /) -> NaiveTest:
        """Deliver a signed test event at once, and say what came of it."""
        call = Call("POST", self._path + path("/{}/test", webhook_id))
        return cast(NaiveTest, await self._transport.send(call))

    async def remove(self, webhook_id: str, /) -> None:
        """Remove it; nothing more is sent to it."""
        await self._transport.send(Call("DELETE", self._path + path("/{}", webhook_id)))


class AsyncNaiveUser(NamedTuple):
    """What belongs to one user."""

    webhooks: AsyncNaiveWebhooks


class AsyncNaive:
    """The client of naive, for a server that speaks its dialect.

    It takes what ``AsyncHookseal`` takes.
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
        self._transport = AsyncTransport(api_key, base_url, limits, http_client)
        self.webhooks = AsyncNaiveWebhooks(self._transport, "/v1/webhooks")

    def for_user(self, user_id: str, /) -> AsyncNaiveUser:
        """Give what belongs to one user: its subscriptions get that user's events only."""
        own = path("/v1/users/{}/webhooks", user_of(user_id))
        return AsyncNaiveUser(AsyncNaiveWebhooks(self._transport, own))

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
