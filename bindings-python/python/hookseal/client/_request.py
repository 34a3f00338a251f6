"""A call as HTTP."""

from __future__ import annotations

import platform
from collections.abc import Generator
from typing import Any, NamedTuple, Optional

import httpx

from hookseal import __version__
from hookseal.client._call import Call, json_of, query_of
from hookseal.client._options import idempotency_key_of


class Bearer(httpx.Auth):
    """The API key, where neither tracebacks nor ``repr`` show it."""

    __slots__ = ("_header",)

    def __init__(self, api_key: str) -> None:
        self._header = f"Bearer {api_key}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put it into the request."""
        request.headers["Authorization"] = self._header
        yield request


class Prepared(NamedTuple):
    """What `httpx` is asked for, the same in each attempt."""

    method: str
    url: str
    headers: dict[str, str]
    content: Optional[bytes]

    def arguments(self, limit: float) -> dict[str, Any]:
        """Give them for ``stream``."""
        # The key goes to the server that was named, and to no other.
        return {**self._asdict(), "timeout": limit, "follow_redirects": False}


def prepare(base_url: str, call: Call, idempotency_key: Optional[str]) -> Prepared:
    """Write a call as HTTP.

    Raises:
        WebhookError: ``invalid_argument``

    """
    headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
    if call.method == "POST":
        headers["Idempotency-Key"] = idempotency_key_of(idempotency_key)
    content = None
    if call.body is not None:
        headers["Content-Type"] = "application/json"
        content = json_of(call.body)
    return Prepared(call.method, base_url + call.path + query_of(call.query), headers, content)


USER_AGENT = f"hookseal-python/{__version__} (Python {platform.python_version()})"
