"""Webhooks in Django.

@receives(Webhook("github", settings.GITHUB_SECRET))
def hook(request: HttpRequest, event: Verified) -> None: ...

urlpatterns = [path("hooks", hook)]
"""

from __future__ import annotations

from collections.abc import Awaitable
from functools import wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Callable, TypeVar, Union, overload

from asgiref.sync import async_to_sync
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.views.decorators.csrf import csrf_exempt

from hookseal._native import Verified
from hookseal._receiver import (
    Answer,
    Receiver,
    async_once,
    blocking_once,
    handle_once,
    handle_once_async,
)
from hookseal.idempotency import AsyncIdempotency, Idempotency

if TYPE_CHECKING:
    from typing_extensions import Concatenate, Unpack

    from hookseal._hook_source import HookLike, SecretLike
    from hookseal._receiver import Options, SchemeOptions
    from hookseal._scheme import SchemeLike

Payload = TypeVar("Payload")
T = TypeVar("T")
Once = Union[Idempotency, AsyncIdempotency, None]
View = Callable[..., Any]

if TYPE_CHECKING:
    Handler = Callable[Concatenate[HttpRequest, Verified[Payload], ...], Any]


@overload
def receives(
    hook: HookLike[Payload, HttpRequest],
    *,
    idempotency: Once = None,
    **options: Unpack[Options[HttpRequest]],
) -> Callable[[Handler[Payload]], View]: ...
@overload
def receives(
    hook: SchemeLike,
    secret: SecretLike[HttpRequest],
    *,
    idempotency: Once = None,
    **options: Unpack[SchemeOptions[HttpRequest]],
) -> Callable[[Handler[Any]], View]: ...
def receives(hook: Any, secret: Any = None, *, idempotency: Any = None, **options: Any) -> Any:
    """Make a view, exempt from CSRF, of a function that takes a request and its verified event.

    What is refused, a handshake and a duplicate are answered without calling it. It may return
    None for an empty 200, and may be ``async``.

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
    receiver: Receiver[HttpRequest] = Receiver(hook, secret, **options)

    def decorate(handler: View) -> View:
        if iscoroutinefunction(handler):
            return csrf_exempt(_async_view(receiver, idempotency, handler))
        return csrf_exempt(_view(receiver, idempotency, handler))

    return decorate


def _view(receiver: Receiver[HttpRequest], idempotency: Once, handler: View) -> View:
    once = blocking_once(idempotency)

    @wraps(handler)
    def view(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        body = _body_of(receiver, request)
        if isinstance(body, Answer):
            return _to_response(body)
        method = request.method
        delivery = receiver.decide(request, body, request.META, method, _url, _wait)
        if isinstance(delivery, Answer):
            return _to_response(delivery)

        def handle() -> HttpResponse:
            return handler(request, delivery.event, *args, **named) or HttpResponse()

        done = handle_once(once, delivery, handle, _status)
        return _to_response(done) if isinstance(done, Answer) else done

    return view


def _async_view(receiver: Receiver[HttpRequest], idempotency: Once, handler: View) -> View:
    once = async_once(idempotency)

    @wraps(handler)
    async def view(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        body = _body_of(receiver, request)
        if isinstance(body, Answer):
            return _to_response(body)
        method = request.method
        delivery = await receiver.decide_async(request, body, request.META, method, _url)
        if isinstance(delivery, Answer):
            return _to_response(delivery)

        async def handle() -> HttpResponse:
            return await handler(request, delivery.event, *args, **named) or HttpResponse()

        done = await handle_once_async(once, delivery, handle, _status)
        return _to_response(done) if isinstance(done, Answer) else done

    return view


def _body_of(receiver: Receiver[HttpRequest], request: HttpRequest) -> Union[bytes, Answer]:
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
    return body


def _url(request: HttpRequest) -> str:
    return request.build_absolute_uri()


def _wait(awaitable: Awaitable[T]) -> T:
    async def result() -> T:
        return await awaitable

    return async_to_sync(result)()


def _to_response(answer: Answer) -> HttpResponse:
    return HttpResponse(answer.body, status=answer.status, headers=answer.headers)


def _status(response: HttpResponse) -> int:
    return response.status_code
