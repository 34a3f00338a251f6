"""Webhooks in Starlette.

@receives(Webhook("github", secret))
async def hook(request: Request, event: Verified) -> None: ...

app = Starlette(routes=[Route("/hooks", hook, methods=METHODS)])
"""

from __future__ import annotations

from collections.abc import Awaitable
from functools import wraps
from typing import TYPE_CHECKING, Any, Callable, Final, Optional, TypeVar, Union, overload

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hookseal._native import Verified
from hookseal._receiver import Answer, Delivery, Receiver, async_once, handle_once_async
from hookseal._steps import awaited
from hookseal.idempotency import AsyncIdempotency, Idempotency

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hookseal._hook_source import HookLike, SecretLike
    from hookseal._receiver import Options, SchemeOptions
    from hookseal._scheme import SchemeLike

METHODS: Final = ["POST", "GET", "HEAD", "OPTIONS"]
"""For the route: deliveries come with POST, handshakes with any."""

Payload = TypeVar("Payload")
Once = Union[Idempotency, AsyncIdempotency, None]

if TYPE_CHECKING:
    Handler = Callable[
        [Request, Verified[Payload]], Union[Optional[Response], Awaitable[Optional[Response]]]
    ]
    Endpoint = Callable[[Request], Awaitable[Response]]


@overload
def receives(
    hook: HookLike[Payload, Request],
    *,
    idempotency: Once = None,
    **options: Unpack[Options[Request]],
) -> Callable[[Handler[Payload]], Endpoint]: ...
@overload
def receives(
    hook: SchemeLike,
    secret: SecretLike[Request],
    *,
    idempotency: Once = None,
    **options: Unpack[SchemeOptions[Request]],
) -> Callable[[Handler[Any]], Endpoint]: ...
def receives(hook: Any, secret: Any = None, *, idempotency: Any = None, **options: Any) -> Any:
    """Make an endpoint of a function that takes a request and its verified event.

    What is refused, a handshake and a duplicate are answered without calling it. It may return
    None for an empty 200. One that is not ``async`` is called in a thread.

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
    receiver: Receiver[Request] = Receiver(hook, secret, **options)
    once = async_once(idempotency)

    def decorate(handler: Callable[..., Any]) -> Endpoint:
        handling = awaited(handler, run_in_threadpool)

        @wraps(handler)
        async def endpoint(request: Request) -> Response:
            delivery = await decide(receiver, request)
            if isinstance(delivery, Answer):
                return to_response(delivery)
            event = delivery.event

            async def handle() -> Response:
                return await handling(request, event) or Response()

            done = await handle_once_async(once, delivery, handle, _status)
            return to_response(done) if isinstance(done, Answer) else done

        return endpoint

    return decorate


async def decide(receiver: Receiver[Request], request: Request) -> Union[Delivery, Answer]:
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
    headers, method = request.scope["headers"], request.method
    return await receiver.decide_async(request, body, headers, method, _url)


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
