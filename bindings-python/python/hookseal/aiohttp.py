"""Webhooks in aiohttp.

@receives(Webhook("github", secret))
async def hook(request: web.Request, event: Verified) -> None: ...

app.router.add_route("*", "/hooks", hook)
"""

from __future__ import annotations

from collections.abc import Awaitable
from functools import wraps
from typing import Callable, Optional, Union

from aiohttp import web

from hookseal._handshake import HandshakeResponse
from hookseal._native import Verified
from hookseal._receiver import MAX_BODY, Answer, Receiver, handle_once_async
from hookseal.errors import WebhookError
from hookseal.idempotency import AsyncIdempotency, Idempotency
from hookseal.webhook import Webhook

Handler = Callable[[web.Request, Verified], Awaitable[Optional[web.StreamResponse]]]


def receives(
    hook: Webhook,
    *,
    idempotency: Union[Idempotency, AsyncIdempotency, None] = None,
    max_body: int = MAX_BODY,
    url: Optional[Callable[[web.Request], str]] = None,
    on_error: Optional[Callable[[WebhookError, web.Request], object]] = None,
    on_handshake: Optional[Callable[[HandshakeResponse], object]] = None,
) -> Callable[[Handler], Callable[[web.Request], Awaitable[web.StreamResponse]]]:
    """Make a handler of a function that takes a request and its verified event.

    What is refused, a handshake and a duplicate are answered without calling it. It may return
    None for an empty 200. Bodies longer than the ``client_max_size`` of the application are
    refused too.

    Args:
        hook: The sender's scheme and secrets.
        idempotency: When given, an event is handled once: what was handled before is answered 200
            without calling the handler, what is being handled 409.
        max_body: The longest body that is read (bytes); a longer one is answered 413.
        url: Gives the URL that is registered with the sender, where that is not what this server
            sees: behind a proxy. Only some schemes sign it.
        on_error: Called with each refusal, to log it.
        on_handshake: Called with the answer to a handshake, for its ``secret`` or ``fetch``.

    """
    receiver: Receiver[web.Request] = Receiver(hook, max_body, on_error, on_handshake)
    once = None if idempotency is None else AsyncIdempotency.of(idempotency)

    def decorate(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        @wraps(handler)
        async def receive(request: web.Request) -> web.StreamResponse:
            event = await _decide(receiver, request, url)
            if isinstance(event, Answer):
                return _to_response(event)

            async def handle() -> web.StreamResponse:
                return await handler(request, event) or web.Response()

            done = await handle_once_async(once, receiver.key(event), handle, _status)
            return _to_response(done) if isinstance(done, Answer) else done

        return receive

    return decorate


async def _decide(
    receiver: Receiver[web.Request],
    request: web.Request,
    url: Optional[Callable[[web.Request], str]],
) -> Union[Verified, Answer]:
    length = request.content_length
    if length is not None and length > receiver.max_body:
        return receiver.too_long(request)
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return receiver.too_long(request)
    if len(body) > receiver.max_body:
        return receiver.too_long(request)
    if length and not body:
        how = (
            "let no middleware call `request.post()`, `request.multipart()` or read `content` first"
        )
        return receiver.was_read(request, how)
    return receiver.decide(request, body, list(request.raw_headers), request.method, url or _url)


def _url(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}{request.raw_path}"


def _to_response(answer: Answer) -> web.Response:
    return web.Response(body=answer.body, status=answer.status, headers=answer.headers)


def _status(response: web.StreamResponse) -> int:
    return response.status
