"""Webhooks in Flask.

@app.route("/hooks", methods=METHODS)
@receives(Webhook("github", secret))
def hook(event: Verified) -> str: ...
"""

from __future__ import annotations

from collections.abc import Awaitable
from functools import wraps
from typing import TYPE_CHECKING, Any, Callable, Final, Optional, TypeVar, Union, overload

from flask import Request, Response, current_app, make_response, request

from hookseal._native import Verified
from hookseal._receiver import Answer, Delivery, Receiver, blocking_once, handle_once
from hookseal.idempotency import Idempotency

if TYPE_CHECKING:
    from typing_extensions import Concatenate, Unpack

    from hookseal._hook_source import HookLike, SecretLike
    from hookseal._receiver import Options, SchemeOptions
    from hookseal._scheme import SchemeLike

METHODS: Final = ["POST", "GET", "HEAD", "OPTIONS"]
"""For the route: deliveries come with POST, handshakes with any."""

Payload = TypeVar("Payload")
T = TypeVar("T")

if TYPE_CHECKING:
    Handler = Callable[Concatenate[Verified[Payload], ...], Any]
    View = Callable[..., Response]


@overload
def receives(
    hook: HookLike[Payload, Request],
    *,
    idempotency: Optional[Idempotency] = None,
    **options: Unpack[Options[Request]],
) -> Callable[[Handler[Payload]], View]: ...
@overload
def receives(
    hook: SchemeLike,
    secret: SecretLike[Request],
    *,
    idempotency: Optional[Idempotency] = None,
    **options: Unpack[SchemeOptions[Request]],
) -> Callable[[Handler[Any]], View]: ...
def receives(hook: Any, secret: Any = None, *, idempotency: Any = None, **options: Any) -> Any:
    """Make a view of a function that takes the verified event first.

    What is refused, a handshake and a duplicate are answered without calling it. It may return
    None for an empty 200, and may be ``async`` where Flask is installed as ``flask[async]``.

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
    once = blocking_once(idempotency)

    def decorate(handler: Callable[..., Any]) -> View:
        @wraps(handler)
        def view(*args: Any, **named: Any) -> Response:
            delivery = _decide(receiver)
            if isinstance(delivery, Answer):
                return _to_response(delivery)

            def handle() -> Response:
                # As Flask calls views.
                result = current_app.ensure_sync(handler)(delivery.event, *args, **named)
                return make_response("" if result is None else result)

            done = handle_once(once, delivery, handle, _status)
            return _to_response(done) if isinstance(done, Answer) else done

        # Flask would answer OPTIONS by itself.
        view.provide_automatic_options = False  # type: ignore[attr-defined]
        return view

    return decorate


def _decide(receiver: Receiver[Request]) -> Union[Delivery, Answer]:
    received: Request = request._get_current_object()  # type: ignore[attr-defined]
    length = received.content_length
    if length is not None and length > receiver.max_body:
        return receiver.too_long(received)
    in_chunks = length is None  # Then as much as is allowed.
    body = received.stream.read(receiver.max_body + 1) if in_chunks else received.get_data()
    if len(body) > receiver.max_body:
        return receiver.too_long(received)
    if length and not body:
        how = "let nothing read `request.form`, `request.files` or `request.stream` first"
        return receiver.was_read(received, how)
    headers, method = received.environ, received.method
    return receiver.decide(received, body, headers, method, _url, _wait)


def _wait(awaitable: Awaitable[T]) -> T:
    async def result() -> T:
        return await awaitable

    found: T = current_app.async_to_sync(result)()
    return found


def _url(received: Request) -> str:
    return received.url


def _to_response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, answer.headers)


def _status(response: Response) -> int:
    return response.status_code
