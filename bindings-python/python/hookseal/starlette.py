"""Webhooks in Starlette.

@receives(Webhook("github", secret))
async def hook(request: Request, event: Verified) -> None: ...

app = Starlette(routes=[Route("/hooks", hook, methods=METHODS)])
"""

from __future__ import annotations

from collections.abc import Awaitable
from functools import wraps
from typing import Callable, Final, Optional, Union

from starlette.requests import Request
from starlette.responses import Response

from hookseal._handshake import HandshakeResponse
from hookseal._native import Verified
from hookseal._receiver import MAX_BODY, Answer, Receiver, handle_once_async
from hookseal.errors import WebhookError
from hookseal.idempotency import AsyncIdempotency, Idempotency
from hookseal.webhook import Webhook

METHODS: Final = ["POST", "GET", "HEAD", "OPTIONS"]
"""For the route: deliveries come with POST, handshakes with any."""

Handler = Callable[[Request, Verified], Awaitable[Optional[Response]]]


def receives(
    hook: Webhook,
    *,
    idempotency: Union[Idempotency, AsyncIdempotency, None] = None,
    max_body: int = MAX_BODY,
    url: Optional[Callable[[Request], str]] = None,
    on_error: Optional[Callable[[WebhookError, Request], object]] = None,
    on_handshake: Optional[Callable[[HandshakeResponse], object]] = None,
) -> Callable[[Handler], Callable[[Request], Awaitable[Response]]]:
    """Make an endpoint of a function that takes a request and its verified event.

    What is refused, a handshake and a duplicate are answered without calling it. It may return
    None for an empty 200.

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
    receiver: Receiver[Request] = Receiver(hook, max_body, on_error, on_handshake)
    once = None if idempotency is None else AsyncIdempotency.of(idempotency)

    def decorate(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        @wraps(handler)
        async def endpoint(request: Request) -> Response:
            event = await decide(receiver, request, url)
            if isinstance(event, Answer):
                return to_response(event)

            async def handle() -> Response:
                return await handler(request, event) or Response()

            done = await handle_once_async(once, receiver.key(event), handle, _status)
            return to_response(done) if isinstance(done, Answer) else done

        return endpoint

    return decorate


async def decide(
    receiver: Receiver[Request], request: Request, url: Optional[Callable[[Request], str]]
) -> Union[Verified, Answer]:
    """Read the body and decide."""
    chunks, length = [], 0
    try:
        async for chunk in request.stream():
            length += len(chunk)
            if length > receiver.max_body:
                return receiver.too_long(request)
            chunks.append(chunk)
    except RuntimeError:
        how = "let no middleware or dependency call `request.form()` or `request.stream()` first"
        return receiver.was_read(request, how)
    body = b"".join(chunks)
    # As `request.body()` keeps it: the handler may read it again.
    request._body = body
    return receiver.decide(request, body, request.scope["headers"], request.method, url or _url)


def to_response(answer: Answer) -> Response:
    """Write an answer in the way of Starlette."""
    return Response(answer.body, answer.status, answer.headers)


def _status(response: Response) -> int:
    return response.status_code


def _url(request: Request) -> str:
    # As it was sent: `request.url` has the path with its escapes undone.
    scope = request.scope
    path = scope.get("raw_path") or scope["path"].encode()
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    return f"{request.url.scheme}://{request.url.netloc}{(path + query).decode('latin-1')}"
