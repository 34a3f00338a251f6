"""Webhooks in FastAPI: a dependency that gives the verified event.

@app.api_route("/hooks", methods=METHODS)
async def hook(event: Annotated[Verified, Depends(receives(webhook))]) -> None: ...
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Callable, TypeVar, overload

from fastapi import Request
from starlette.responses import Response

from hookseal._native import Verified
from hookseal._receiver import Answer, Receiver, async_once, skipped
from hookseal.starlette import METHODS, decide, to_response

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hookseal._hook_source import HookLike, SecretLike
    from hookseal._receiver import Options, SchemeOptions
    from hookseal._scheme import SchemeLike
    from hookseal.starlette import Once

__all__ = ["METHODS", "receives"]

Payload = TypeVar("Payload")


@overload
def receives(
    hook: HookLike[Payload, Request],
    *,
    idempotency: Once = None,
    **options: Unpack[Options[Request]],
) -> Callable[[Request], AsyncIterator[Verified[Payload]]]: ...
@overload
def receives(
    hook: SchemeLike,
    secret: SecretLike[Request],
    *,
    idempotency: Once = None,
    **options: Unpack[SchemeOptions[Request]],
) -> Callable[[Request], AsyncIterator[Verified[Any]]]: ...
def receives(hook: Any, secret: Any = None, *, idempotency: Any = None, **options: Any) -> Any:
    """Make a dependency that gives the verified event of a request.

    What is refused, a handshake and a duplicate are answered without calling the handler. An event
    counts as handled when the handler returns: raise (an ``HTTPException``, say) when it failed.

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

    async def event_of(request: Request) -> AsyncIterator[Verified]:
        delivery = await decide(receiver, request)
        if isinstance(delivery, Answer):
            raise _answered(request, delivery)
        if once is None:
            yield delivery.event
            return
        async with once.claiming(delivery.key) as claim:
            if claim == "claimed":
                yield delivery.event
                return
        raise _answered(request, skipped(claim, once))

    # FastAPI reads the annotations; it would look for the names in this module as text.
    event_of.__annotations__ = {"request": Request}
    return event_of


class _AnsweredError(Exception):
    """Carries an answer past the handler."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def _answered(request: Request, answer: Answer) -> _AnsweredError:
    # A dependency cannot answer, but an exception handler can. This is where Starlette looks them
    # up while it handles this request; an application need not know of ours.
    handlers, _ = request.scope["starlette.exception_handlers"]
    handlers.setdefault(_AnsweredError, _answer)
    return _AnsweredError(answer)


async def _answer(_: Request, error: _AnsweredError) -> Response:
    return to_response(error.answer)
