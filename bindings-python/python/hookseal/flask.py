"""Webhooks in Flask.

@app.route("/hooks", methods=METHODS)
@receives(Webhook("github", secret))
def hook(event: Verified) -> str: ...
"""

from __future__ import annotations

from functools import wraps
from typing import Any, Callable, Final, Optional, Union

from flask import Request, Response, make_response, request

from hookseal._handshake import HandshakeResponse
from hookseal._native import Verified
from hookseal._receiver import MAX_BODY, Answer, Receiver, handle_once
from hookseal.errors import WebhookError
from hookseal.idempotency import Idempotency
from hookseal.webhook import Webhook

METHODS: Final = ["POST", "GET", "HEAD", "OPTIONS"]
"""For the route: deliveries come with POST, handshakes with any."""


def receives(
    hook: Webhook,
    *,
    idempotency: Optional[Idempotency] = None,
    max_body: int = MAX_BODY,
    url: Optional[Callable[[Request], str]] = None,
    on_error: Optional[Callable[[WebhookError, Request], object]] = None,
    on_handshake: Optional[Callable[[HandshakeResponse], object]] = None,
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Make a view of a function that takes the verified event first.

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

    def decorate(handler: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(handler)
        def view(*args: Any, **named: Any) -> Response:
            event = _decide(receiver, url)
            if isinstance(event, Answer):
                return _to_response(event)

            def handle() -> Response:
                result = handler(event, *args, **named)
                return make_response("" if result is None else result)

            done = handle_once(idempotency, receiver.key(event), handle, _status)
            return _to_response(done) if isinstance(done, Answer) else done

        # Flask would answer OPTIONS by itself.
        view.provide_automatic_options = False  # type: ignore[attr-defined]
        return view

    return decorate


def _decide(
    receiver: Receiver[Request], url: Optional[Callable[[Request], str]]
) -> Union[Verified, Answer]:
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
    return receiver.decide(received, body, received.environ, received.method, url or _url)


def _url(received: Request) -> str:
    return received.url


def _to_response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, answer.headers)


def _status(response: Response) -> int:
    return response.status_code
