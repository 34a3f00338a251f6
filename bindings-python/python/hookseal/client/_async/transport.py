"""Sends calls: the only part that talks to the network, and waits."""

from __future__ import annotations

from time import monotonic
from typing import Any, Optional, Union

import httpx

from hookseal.client._attempts import Answer, Attempts, Wait
from hookseal.client._call import Call
from hookseal.client._options import Limits, api_key_of, base_url_of, limits_of
from hookseal.client._request import Bearer, Prepared, prepare
from hookseal.client._sleep import async_sleep


class AsyncTransport:
    """What the resources of a client share."""

    def __init__(
        self,
        api_key: Optional[str],
        base_url: Union[str, httpx.URL, None],
        limits: Limits,
        http_client: Optional[httpx.AsyncClient],
    ) -> None:
        self._auth = Bearer(api_key_of(api_key))
        self._base_url = base_url_of(base_url)
        self._limits = limits
        self._own = http_client is None
        self._http = http_client or httpx.AsyncClient()

    def limited(
        self, timeout: Optional[float], deadline: Optional[float], max_retries: Optional[int]
    ) -> AsyncTransport:
        """Give the same with other limits, over the same connections."""
        other = AsyncTransport.__new__(AsyncTransport)
        other.__dict__.update(self.__dict__)
        other._limits = limits_of(timeout, deadline, max_retries, self._limits)
        return other

    async def aclose(self) -> None:
        """Close the connections, unless they are of a client that was passed."""
        if self._own:
            await self._http.aclose()

    async def send(self, call: Call, idempotency_key: Optional[str] = None) -> Any:
        """Send a call until it has its answer, the policy gives up, or once would be unsure.

        Raises:
            ApiError: what the last attempt came to.
            WebhookError: ``invalid_argument``

        """
        request = prepare(self._base_url, call, idempotency_key)
        attempts = Attempts(call, self._limits)
        while True:
            limit = attempts.limit()
            try:
                response, body = await self._attempt(request, limit)
            except httpx.HTTPError as cause:
                outcome: Union[Answer, Wait] = attempts.broke_off(cause, limit)
            else:
                outcome = attempts.answered(response, body)
            if isinstance(outcome, Answer):
                return outcome.value
            await async_sleep(outcome.seconds)

    async def _attempt(self, request: Prepared, limit: float) -> tuple[httpx.Response, bytes]:
        until = monotonic() + limit
        async with self._http.stream(auth=self._auth, **request.arguments(limit)) as response:
            body = bytearray()
            # httpx limits the wait for each part, not for all of them.
            async for part in response.aiter_bytes():
                body += part
                if monotonic() > until:
                    raise httpx.ReadTimeout("the answer did not end in time")
            return response, bytes(body)
