"""What a receiver does with a request, whatever the framework: the one place that decides.

The adapters capture the raw body, and write the answers in the way of their framework.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Generic, NamedTuple, Optional, TypeVar, Union

from hookseal import _native
from hookseal._argument import is_a, whole
from hookseal._handshake import HandshakeResponse
from hookseal._headers import Headers
from hookseal._hook_source import HookSource
from hookseal._https import get
from hookseal._native import Verified, idempotency_key
from hookseal._steps import Block, Call, Steps, Wait, run, run_async
from hookseal.errors import WebhookError
from hookseal.idempotency import AsyncIdempotency, Claim, Idempotency
from hookseal.webhook import Webhook

if TYPE_CHECKING:
    from typing_extensions import TypedDict

    from hookseal._moment import Span
    from hookseal._scheme import Config

Request = TypeVar("Request")
Response = TypeVar("Response")

MAX_BODY = 1024 * 1024
"""The longest body that is read (bytes), unless said otherwise."""

if TYPE_CHECKING:

    class Options(TypedDict, Generic[Request], total=False):
        """What every adapter takes."""

        max_body: int
        url: Union[str, Callable[[Request], str], None]
        on_error: Optional[Callable[[WebhookError, Request], object]]
        on_handshake: Optional[Callable[[HandshakeResponse], object]]

    class SchemeOptions(Options[Request], total=False):
        """What they take beside a scheme."""

        config: Config
        tolerance: Optional[Span]


class Answer(NamedTuple):
    """What to answer instead of calling the handler."""

    status: int
    headers: dict[str, str]
    body: bytes


class Delivery(NamedTuple):
    """An event for the handler."""

    event: Verified[Any]
    scheme: str

    @property
    def key(self) -> str:
        """The key under which it is claimed. Two senders may use the same ids."""
        return f"{self.scheme}:{idempotency_key(self.event.id, self.event.body)}"


class Receiver(Generic[Request]):
    """Decides on the requests to one URL."""

    def __init__(
        self,
        hook: Any,
        secret: Any = None,
        *,
        config: Any = None,
        tolerance: Any = None,
        max_body: int = MAX_BODY,
        url: Union[str, Callable[[Request], str], None] = None,
        on_error: Optional[Callable[[WebhookError, Request], object]] = None,
        on_handshake: Optional[Callable[[HandshakeResponse], object]] = None,
    ) -> None:
        self._source: HookSource[Request] = HookSource(hook, secret, config, tolerance)
        only = self._source.hook
        # Most senders sign no URL and have no handshake: then there is nothing to wait for.
        self._plain = None if only is None or only.has_handshake or only.reads_target else only
        if not (url is None or is_a(url, str) or callable(url)):
            raise _native.wrong("url", "text, or a function that takes a request", url)
        self._url = url
        self._on_error = on_error
        self._on_handshake = on_handshake
        self.max_body = whole("max_body", max_body, sys.maxsize)

    def decide(
        self,
        request: Request,
        body: bytes,
        headers: Headers,
        method: Optional[str],
        seen_url: Callable[[Request], str],
        wait: Wait,
    ) -> Union[Delivery, Answer]:
        """Give the event, or what to answer: to a handshake, or to a request that is refused."""
        if self._plain is not None:
            return self._verify(self._plain, request, body, headers)
        return run(self._deciding(request, body, headers, method, seen_url), wait)

    async def decide_async(
        self,
        request: Request,
        body: bytes,
        headers: Headers,
        method: Optional[str],
        seen_url: Callable[[Request], str],
    ) -> Union[Delivery, Answer]:
        """Do the same in ``async`` code."""
        if self._plain is not None:
            return self._verify(self._plain, request, body, headers)
        return await run_async(self._deciding(request, body, headers, method, seen_url))

    def _verify(
        self, hook: Webhook[Any], request: Request, body: bytes, headers: Headers
    ) -> Union[Delivery, Answer]:
        try:
            return Delivery(hook.verify(body, headers), hook.scheme)
        except WebhookError as error:
            return self.refuse(request, error)

    def _deciding(
        self,
        request: Request,
        body: bytes,
        headers: Headers,
        method: Optional[str],
        seen_url: Callable[[Request], str],
    ) -> Steps[Union[Delivery, Answer]]:
        # Only where it is needed: to put a URL together takes a framework longer than to verify.
        def target() -> tuple[str, str]:
            return method or "", self._url_of(request, seen_url)

        handshake, source = None, self._source
        try:
            hook = yield from source.hook_of(request, body, headers, target)
            if hook is None:
                handshake = source.scheme.handshake(body, headers, *target())
                if handshake is None:
                    message = (
                        "there is no secret yet: the function of `secret` gave none; "
                        "is the variable set that holds it?"
                    )
                    raise _native.error("invalid_secret", message)
            elif not (hook.has_handshake or hook.reads_target):
                return Delivery(hook.verify(body, headers), hook.scheme)
            else:
                verb, url = target()
                if hook.has_handshake:
                    handshake = hook.handshake(body, headers, method=verb, url=url)
                if handshake is None:
                    event = hook.verify(body, headers, method=verb, url=url)
                    return Delivery(event, hook.scheme)
        except WebhookError as error:
            return self.refuse(request, error)
        if self._on_handshake is not None:
            yield Call(partial(self._on_handshake, handshake))
        if handshake.fetch is not None:
            confirm = handshake.fetch
            yield Block(lambda _: get(confirm))
        return Answer(handshake.status, handshake.headers, handshake.body)

    def _url_of(self, request: Request, seen_url: Callable[[Request], str]) -> str:
        """Give the URL that is registered with the sender."""
        said = self._url
        if callable(said):
            return said(request)
        seen = seen_url(request)
        if said is None:
            return seen
        _, mark, query = seen.partition("?")
        return said.partition("?")[0] + mark + query if mark else said

    def refuse(self, request: Request, error: WebhookError) -> Answer:
        """Answer a request that is refused. The hint depends on the code alone: it may be known."""
        if self._on_error is not None:
            self._on_error(error, request)
        elif error.status >= _FIRST_OWN_FAULT:
            # Only whoever has a fault to log pays for the import.
            from logging import getLogger

            getLogger("hookseal").error("%s (%s): %s", error, error.code, error.hint)
        return _of(error)

    def was_read(self, request: Request, how: str) -> Answer:
        """Answer where something read the body before, so that its bytes are gone."""
        message = f"the body of the request was read before it got here: {how}"
        return self.refuse(request, _native.error("body_not_raw", message))

    def too_long(self, request: Request) -> Answer:
        """Answer a body that is longer than what is read."""
        message = f"the body has more than {self.max_body} bytes"
        return self.refuse(request, _native.error("body_too_large", message))


def blocking_once(given: Any) -> Optional[Idempotency]:
    """Check what is given for code that blocks."""
    if given is None or is_a(given, Idempotency):
        return given
    raise _native.wrong("idempotency", "an Idempotency for a view that is not async", given)


def async_once(given: Any) -> Optional[AsyncIdempotency]:
    """Check what is given for ``async`` code, and take one that blocks for it."""
    if given is None:
        return None
    if is_a(given, Idempotency) or is_a(given, AsyncIdempotency):
        return AsyncIdempotency.of(given)
    raise _native.wrong("idempotency", "an Idempotency or an AsyncIdempotency", given)


class _Failed(Exception):  # noqa: N818 - never leaves this module
    """The handler answered with an error: the sender tries again, so the claim is released."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response


def handle_once(
    once: Optional[Idempotency],
    delivery: Delivery,
    handler: Callable[[], Response],
    status_of: Callable[[Response], int],
) -> Union[Response, Answer]:
    """Call the handler, unless the event is done or in progress."""
    if once is None:
        return handler()
    try:
        with once.claiming(delivery.key) as claim:
            if claim != "claimed":
                return skipped(claim, once)
            response = handler()
            if status_of(response) >= _FIRST_ERROR:
                raise _Failed(response)
            return response
    except _Failed as failed:
        return failed.response  # type: ignore[no-any-return]


async def handle_once_async(
    once: Optional[AsyncIdempotency],
    delivery: Delivery,
    handler: Callable[[], Awaitable[Response]],
    status_of: Callable[[Response], int],
) -> Union[Response, Answer]:
    """Await the handler, unless the event is done or in progress."""
    if once is None:
        return await handler()
    try:
        async with once.claiming(delivery.key) as claim:
            if claim != "claimed":
                return skipped(claim, once)
            response = await handler()
            if status_of(response) >= _FIRST_ERROR:
                raise _Failed(response)
            return response
    except _Failed as failed:
        return failed.response  # type: ignore[no-any-return]


def skipped(claim: Claim, once: Union[Idempotency, AsyncIdempotency]) -> Answer:
    """Answer an event that is done, which is a success, or in progress, to be tried again."""
    if claim == "done":
        return Answer(200, {"hookseal-duplicate": "true"}, b"")
    answer = _of(_native.error("in_progress", "this event is being handled"))
    answer.headers["retry-after"] = str(once.lease_seconds)
    return answer


def _of(error: WebhookError) -> Answer:
    """Answer with an error, whose code, message and hint hold neither secret nor body."""
    shown = {"code": error.code, "message": str(error), "hint": error.hint}
    body = json.dumps({"error": shown}).encode()
    return Answer(error.status, {"content-type": "application/json"}, body)


_FIRST_ERROR = 400
_FIRST_OWN_FAULT = 500
