"""Clients of the server's API, for sync and for async code.

They need ``httpx``: ``pip install "hookseal[client]"``. The types of what they take and give are in
``hookseal.client.types``.

>>> from hookseal.client import Hookseal
>>> client = Hookseal(api_key="hks_…", base_url="https://hooks.example.com")  # doctest: +SKIP
>>> client.events.send(type="invoice.paid", data={"amount": 5})  # doctest: +SKIP
"""

try:
    import httpx as _httpx  # noqa: F401 - says what is missing before anything else does
except ModuleNotFoundError as error:
    if error.name != "httpx":
        raise
    message = 'hookseal.client needs httpx: pip install "hookseal[client]"'
    raise ModuleNotFoundError(message, name="httpx") from None

from hookseal.client._async.hookseal import AsyncHookseal
from hookseal.client._async.listing import AsyncListing
from hookseal.client._async.naive import AsyncNaive
from hookseal.client._error import ApiError
from hookseal.client._naive import CreatedNaiveWebhook, NaiveTest, NaiveWebhook
from hookseal.client._page import Page
from hookseal.client._sync.hookseal import Hookseal
from hookseal.client._sync.listing import Listing
from hookseal.client._sync.naive import Naive
from hookseal.errors import WebhookError
from hookseal.webhook import verify_webhook_signature

__all__ = [
    "ApiError",
    "AsyncHookseal",
    "AsyncListing",
    "AsyncNaive",
    "CreatedNaiveWebhook",
    "Hookseal",
    "Listing",
    "Naive",
    "NaiveTest",
    "NaiveWebhook",
    "Page",
    "WebhookError",
    "verify_webhook_signature",
]
