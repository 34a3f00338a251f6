"""What a receiver does with a request, whatever the framework: the one place that decides.

The adapters capture the raw body, and write the answers in the way of their framework.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any, Callable, Generic, NamedTuple, Optional, TypeVar, Union

from hookseal import _native
from hookseal._argument import is_a
from hookseal._handshake import HandshakeResponse
from hookseal._headers import Headers
from hookseal._native import Verified, idempotency_key
from hookseal.errors import WebhookError
from hookseal.idempotency import AsyncIdempotency, Claim, Idempotency
from hookseal.webhook import Webhook

Request = TypeVar("Request")
Response = TypeVar("Response")

MAX_BODY = 1024 * 1024
"""The longest body that is read (bytes), unless said otherwise."""


class Answer(NamedTuple):
    """What to answer instead of calling the handler."""

    status: int
    headers: dict[str, str]
    body: bytes


class Receiver(Generic[Request]):
    """Decides on the requests to one URL."""

    def __init__(
        self,
        hook: Webhook,
        max_body: int,
        on_error: Optional[Callable[[WebhookError, Request], object]],
        on_handshake: Optional[Callable[[HandshakeResponse], object]],
    ) -> None:
        if not is_a(hook, Webhook):
            raise _native.wrong("hook", "a Webhook", hook)
        self._hook = hook
        self._has_handshake = hook.has_handshake
        # Not so with most senders: then the URL is not put together, which takes a framework longer
        # than to verify.
        self._needs_target = hook.has_handshake or hook.reads_target
        self._on_error = on_error
        self._on_handshake = on_handshake
        self.max_body = max_body

    def decide(
        self,
        request: Request,
        body: bytes,
        headers: Headers,
        method: Optional[str],
        url: Callable[[Request], str],
    ) -> Union[Verified, Answer]:
        """Give the event, or what to answer: to a handshake, or to a request that is refused."""
        hook, handshake = self._hook, None
        verb, where = (method or "", url(request)) if self._needs_target else ("POST", None)
        try:
            if self._has_handshake:
                handshake = hook.handshake(body, headers, method=verb, url=where)
            if handshake is None:
                return hook.verify(body, headers, method=verb, url=where)
        except WebhookError as error:
            return self.refuse(request, error)
        if self._on_handshake is not None:
            self._on_handshake(handshake)
        return Answer(handshake.status, handshake.headers, handshake.body)

    def refuse(self, request: Request, error: WebhookError) -> Answer:
        """Answer a request that is refused. The hint depends on the code alone: it may be known."""
        if self._on_error is not None:
            self._on_error(error, request)
        return _of(error)

    def was_read(self, request: Request, how: str) -> Answer:
        """Answer where something read the body before, so that its bytes are gone."""
        message = f"the body of the request was read before it got here: {how}"
        return self.refuse(request, _native.error("body_not_raw", message))

    def too_long(self, request: Request) -> Answer:
        """Answer a body that is longer than what is read."""
        message = f"the body has more than {self.max_body} bytes"
        return self.refuse(request, _native.error("body_too_large", message))

    def key(self, event: Verified) -> str:
        """Give the key under which an event is claimed. Two senders may use the same ids."""
        return f"{self._hook.scheme}:{idempotency_key(event.id, event.body)}"


class _Failed(Exception):  # noqa: N818 - never leaves this module
    """The handler answered with an error: the sender tries again, so the claim is released."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response


def handle_once(
    once: Optional[Idempotency],
    key: str,
    handler: Callable[[], Response],
    status_of: Callable[[Response], int],
) -> Union[Response, Answer]:
    """Call the handler, unless the event is done or in progress."""
    if once is None:
        return handler()
    try:
        with once.claiming(key) as claim:
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
    key: str,
    handler: Callable[[], Awaitable[Response]],
    status_of: Callable[[Response], int],
) -> Union[Response, Answer]:
    """Await the handler, unless the event is done or in progress."""
    if once is None:
        return await handler()
    try:
        async with once.claiming(key) as claim:
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
