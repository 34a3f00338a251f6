"""Webhooks in Django.

@receives(Webhook("github", settings.GITHUB_SECRET))
def hook(request: HttpRequest, event: Verified) -> None: ...

urlpatterns = [path("hooks", hook)]
"""

from __future__ import annotations

from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, Callable, Optional, Union

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.views.decorators.csrf import csrf_exempt

from hookseal import _native
from hookseal._handshake import HandshakeResponse
from hookseal._native import Verified
from hookseal._receiver import MAX_BODY, Answer, Receiver, handle_once, handle_once_async
from hookseal.errors import WebhookError
from hookseal.idempotency import AsyncIdempotency, Idempotency
from hookseal.webhook import Webhook


def receives(
    hook: Webhook,
    *,
    idempotency: Union[Idempotency, AsyncIdempotency, None] = None,
    max_body: int = MAX_BODY,
    url: Optional[Callable[[HttpRequest], str]] = None,
    on_error: Optional[Callable[[WebhookError, HttpRequest], object]] = None,
    on_handshake: Optional[Callable[[HandshakeResponse], object]] = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a view, exempt from CSRF, of a function that takes a request and its verified event.

    What is refused, a handshake and a duplicate are answered without calling it. It may return
    None for an empty 200, and may be ``async``.

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
    receiver: Receiver[HttpRequest] = Receiver(hook, max_body, on_error, on_handshake)

    def decorate(handler: Callable[..., Any]) -> Callable[..., Any]:
        if iscoroutinefunction(handler):
            return csrf_exempt(_async_view(receiver, idempotency, url, handler))
        return csrf_exempt(_view(receiver, idempotency, url, handler))

    return decorate


_Once = Union[Idempotency, AsyncIdempotency, None]
_Url = Optional[Callable[[HttpRequest], str]]


def _view(
    receiver: Receiver[HttpRequest], once: _Once, url: _Url, handler: Callable[..., Any]
) -> Callable[..., HttpResponse]:
    if isinstance(once, AsyncIdempotency):
        raise _native.wrong("idempotency", "an Idempotency for a view that is not async", once)

    @wraps(handler)
    def view(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        event = _decide(receiver, request, url)
        if isinstance(event, Answer):
            return _to_response(event)

        def handle() -> HttpResponse:
            return handler(request, event, *args, **named) or HttpResponse()

        done = handle_once(once, receiver.key(event), handle, _status)
        return _to_response(done) if isinstance(done, Answer) else done

    return view


def _async_view(
    receiver: Receiver[HttpRequest], idempotency: _Once, url: _Url, handler: Callable[..., Any]
) -> Callable[..., Any]:
    once = None if idempotency is None else AsyncIdempotency.of(idempotency)

    @wraps(handler)
    async def view(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        event = _decide(receiver, request, url)
        if isinstance(event, Answer):
            return _to_response(event)

        async def handle() -> HttpResponse:
            return await handler(request, event, *args, **named) or HttpResponse()

        done = await handle_once_async(once, receiver.key(event), handle, _status)
        return _to_response(done) if isinstance(done, Answer) else done

    return view


def _decide(
    receiver: Receiver[HttpRequest], request: HttpRequest, url: _Url
) -> Union[Verified, Answer]:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > receiver.max_body:
        return receiver.too_long(request)
    how = "let no middleware read `request.POST`, `request.FILES` or `request` itself first"
    try:
        body = request.body
    except RequestDataTooBig:  # More than DATA_UPLOAD_MAX_MEMORY_SIZE.
        return receiver.too_long(request)
    except RawPostDataException:
        return receiver.was_read(request, how)
    if len(body) > receiver.max_body:
        return receiver.too_long(request)
    where = url or HttpRequest.build_absolute_uri
    return receiver.decide(request, body, request.META, request.method, where)


def _to_response(answer: Answer) -> HttpResponse:
    return HttpResponse(answer.body, status=answer.status, headers=answer.headers)


def _status(response: HttpResponse) -> int:
    return response.status_code
