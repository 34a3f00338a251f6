"""Webhooks in aiohttp.

@receives(Webhook("github", secret))
async def hook(request: web.Request, event: Verified) -> None: ...

app.router.add_route("*", "/hooks", hook)
"""

from __future__ import annotations

from collections.abc import Awaitable
from functools import wraps
from typing import TYPE_CHECKING, Any, Callable, Optional, TypeVar, Union, overload

from aiohttp import web

from hookseal._native import Verified
from hookseal._receiver import Answer, Delivery, Receiver, async_once, handle_once_async
from hookseal._steps import awaited, in_thread
from hookseal.idempotency import AsyncIdempotency, Idempotency

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hookseal._hook_source import HookLike, SecretLike
    from hookseal._receiver import Options, SchemeOptions
    from hookseal._scheme import SchemeLike

Payload = TypeVar("Payload")
Once = Union[Idempotency, AsyncIdempotency, None]

if TYPE_CHECKING:
    Handler = Callable[
        [web.Request, Verified[Payload]],
        Union[Optional[web.StreamResponse], Awaitable[Optional[web.StreamResponse]]],
    ]
    Receive = Callable[[web.Request], Awaitable[web.StreamResponse]]


@overload
def receives(
    hook: HookLike[Payload, web.Request],
    *,
    idempotency: Once = None,
    **options: Unpack[Options[web.Request]],
) -> Callable[[Handler[Payload]], Receive]: ...
@overload
def receives(
    hook: SchemeLike,
    secret: SecretLike[web.Request],
    *,
    idempotency: Once = None,
    **options: Unpack[SchemeOptions[web.Request]],
) -> Callable[[Handler[Any]], Receive]: ...
def receives(hook: Any, secret: Any = None, *, idempotency: Any = None, **options: Any) -> Any:
    """Make a handler of a function that takes a request and its verified event.

    What is refused, a handshake and a duplicate are answered without calling it. It may return
    None for an empty 200. One that is not ``async`` is called in a thread. Bodies longer than the
    ``client_max_size`` of the application are refused too.

    Args:
        hook: A :class:`hookseal.Webhook`, or a function that takes a request and gives one; or the
            scheme, and then its secret.
        secret: The secret of a scheme, several while they are rotated; a function that takes a
            request and gives them, or None while the sender has yet to hand its secret over; or
            :class:`hookseal.PublishedKeys`, for senders that publish theirs. Functions may be
            ``async``.
        idempotency: When given, an event is handled once: what was handled before is answered 200
            without calling the handler, what is being handled 409.
        config: Beside a scheme: as :class:`hookseal.Webhook` takes it.
        tolerance: Beside a scheme: as :class:`hookseal.Webhook` takes it.
        max_body: The longest body that is read (bytes); a longer one is answered 413.
        url: The URL that is registered with the sender, where that is not what this server sees:
            behind a proxy. Its query is that of the request, unless a function says all of it. Only
            some schemes sign it.
        on_error: Called with each refusal, to log it.
        on_handshake: Called with the answer to a handshake, for its ``secret``. The URL that some
            senders want to be called (``fetch``) is called afterwards.

    """
    receiver: Receiver[web.Request] = Receiver(hook, secret, **options)
    once = async_once(idempotency)

    def decorate(handler: Callable[..., Any]) -> Receive:
        handling = awaited(handler, in_thread)

        @wraps(handler)
        async def receive(request: web.Request) -> web.StreamResponse:
            delivery = await _decide(receiver, request)
            if isinstance(delivery, Answer):
                return _to_response(delivery)
            event = delivery.event

            async def handle() -> web.StreamResponse:
                return await handling(request, event) or web.Response()

            done = await handle_once_async(once, delivery, handle, _status)
            return _to_response(done) if isinstance(done, Answer) else done

        return receive

    return decorate


async def _decide(receiver: Receiver[web.Request], request: web.Request) -> Union[Delivery, Answer]:
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
    headers = [*request.raw_headers]
    return await receiver.decide_async(request, body, headers, request.method, _url)


def _url(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}{request.raw_path}"


def _to_response(answer: Answer) -> web.Response:
    return web.Response(body=answer.body, status=answer.status, headers=answer.headers)


def _status(response: web.StreamResponse) -> int:
    return response.status
