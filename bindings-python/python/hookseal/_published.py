"""Keys that senders publish: fetched when a request needs one, and kept.

Requests of strangers cause few fetches: one at a time, ten, and then one in six seconds. The server
does the same for its sources.
"""

from __future__ import annotations

import threading
import time
from inspect import isawaitable
from typing import TYPE_CHECKING, NamedTuple, Optional

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
        self._known: dict[KeyRequest, _Known] = {}
        self._fetching = threading.Lock()
        # A bucket, as the time when it will be full again.
        self._full_at = 0.0

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
        known = self._known.get(asked)
        if known is None or time.monotonic() >= known.ends:
            return None
        if known.key is None:
            raise _unavailable("it could not be had a moment ago")
        return known.key

    def fetch(self, asked: KeyRequest, wait: Wait) -> str:
        """Fetch the key, unless somebody else has done so meanwhile."""
        with self._fetching:
            key = self.recall(asked)
            if key is not None:
                return key
            now = time.monotonic()
            full_at = max(self._full_at, now) + _EVERY
            if full_at - now > _EVERY * _BURST:
                raise _unavailable("too many were asked for at the same time")
            self._full_at = full_at
            try:
                key = self._fetched(asked, wait)
            except Exception:
                self._remember(asked, None)
                raise
            self._remember(asked, key)
            return key

    def _fetched(self, asked: KeyRequest, wait: Wait) -> str:
        fetch = self._fetch
        if fetch is None and asked.url is None:
            message = (
                "the sender gives its keys out by its API only: pass `PublishedKeys` a `fetch`"
            )
            raise _native.error("invalid_argument", message)
        try:
            found = get(asked.url) if fetch is None else fetch(asked)  # type: ignore[arg-type]
            found = wait(found) if isawaitable(found) else found
            if isinstance(found, bytes):
                found = found.decode()
        except WebhookError:
            raise
        except Exception as cause:
            raise _unavailable(type(cause).__name__) from cause
        if not isinstance(found, str):
            raise _native.wrong("fetch", "a function that gives text", found)
        return found.strip()

    def _remember(self, asked: KeyRequest, key: Optional[str]) -> None:
        if len(self._known) >= _MOST_KNOWN:
            # Those without a key first: strangers name them.
            self._known = {each: known for each, known in self._known.items() if known.key}
        if len(self._known) >= _MOST_KNOWN:
            self._known = {}
        ends = time.monotonic() + (_FRESH if key else _FRESH_WITHOUT)
        self._known[asked] = _Known(key, ends)


class _Known(NamedTuple):
    key: Optional[str]
    """None where there was no key."""
    ends: float
    """In seconds of the monotonic clock."""


def _unavailable(why: str) -> Exception:
    return _native.error("key_unavailable", f"the key of the sender could not be had: {why}")


def _no_wait(awaitable: object) -> object:
    close = getattr(awaitable, "close", None)
    if close is not None:
        close()  # A coroutine would say that nobody awaited it.
    raise _native.wrong("fetch", "a function that is not async, or `secret_of_async`", awaitable)


_FRESH = 60 * 60
_FRESH_WITHOUT = 60
_EVERY = 6
_BURST = 10
_MOST_KNOWN = 32
