"""Keys that senders publish: fetched when a request needs one, and kept.

The core says when, and what is kept for how long; here is who fetches, one at a time.
"""

from __future__ import annotations

import threading
import time
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Optional

from hookseal import _native
from hookseal._https import get
from hookseal._steps import Wait, in_thread, waiting
from hookseal.errors import WebhookError

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Callable, Union

    from hookseal.keys import KeyRequest

    Text = Union[str, bytes]
    Fetch = Callable[[KeyRequest], Union[Text, Awaitable[Text]]]
    """Gives the key that was asked for."""


class PublishedKeys:
    """The published keys of senders, for an adapter: in the place of a secret.

    A key is kept for an hour, and that one could not be had for a minute.

    Args:
        fetch: Gives the text of a key, where it is not to be fetched from its URL with HTTPS by the
            standard library: from the API of a sender that gives keys only to its customers, with a
            client of your own. It may be ``async`` where the framework is. The URL was checked to
            be one of the sender's: follow no redirects.

    """

    def __init__(self, fetch: Optional[Fetch] = None) -> None:
        self._fetch = fetch
        self._keys = _native.PublishedKeys()
        self._fetching = threading.Lock()

    def secret_of(self, asked: KeyRequest) -> str:
        """Give the key that a request needs, as a secret for :class:`hookseal.Webhook`.

        Raises:
            WebhookError: ``key_unavailable``, also when strangers ask for too many;
                ``invalid_argument`` for a ``fetch`` that is ``async``, or gives no text.

        """
        known = self.recall(asked)
        return self.fetch(asked, _no_wait) if known is None else known

    async def secret_of_async(self, asked: KeyRequest) -> str:
        """As :meth:`secret_of`, for ``async`` code: what blocks is called in a thread."""
        known = self.recall(asked)
        return await in_thread(self.fetch, asked, waiting()) if known is None else known

    def recall(self, asked: KeyRequest) -> Optional[str]:
        """Give the key where it is known.

        Raises:
            WebhookError: ``key_unavailable`` where it could not be had a moment ago.

        """
        return self._keys.recall(asked, _now())

    def fetch(self, asked: KeyRequest, wait: Wait) -> str:
        """Fetch the key, unless somebody else has done so meanwhile."""
        url = _native.PublishedKeys.public_url(asked) if self._fetch is None else ""
        with self._fetching:
            key = self._keys.ask(asked, _now())
            if key is not None:
                return key
            try:
                text = self._fetched(asked, url, wait)
            except Exception as cause:
                return self._failed(asked, cause)
            return self._keys.arrived(asked, text, _now())

    def _failed(self, asked: KeyRequest, cause: Exception) -> str:
        try:
            return self._keys.failed(asked, type(cause).__name__, _now())
        except WebhookError as error:
            if isinstance(cause, WebhookError):
                raise cause from cause.__cause__
            raise error from cause

    def _fetched(self, asked: KeyRequest, url: str, wait: Wait) -> str:
        found: Any = get(url) if self._fetch is None else self._fetch(asked)
        found = wait(found) if isawaitable(found) else found
        if isinstance(found, bytes):
            found = found.decode()
        if not isinstance(found, str):
            raise _native.wrong("fetch", "a function that gives text", found)
        return found


def _now() -> int:
    """Give the milliseconds of the monotonic clock."""
    return int(time.monotonic() * 1000)


def _no_wait(awaitable: object) -> object:
    close = getattr(awaitable, "close", None)
    if close is not None:
        close()  # A coroutine would say that nobody awaited it.
    raise _native.wrong("fetch", "a function that is not async, or `secret_of_async`", awaitable)
