"""Webhooks in FastAPI: a dependency that gives the verified event.

@app.api_route("/hooks", methods=METHODS)
async def hook(event: Annotated[Verified, Depends(receives(webhook))]) -> None: ...
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Callable, Optional, Union

from fastapi import Request
from starlette.responses import Response

from hookseal._handshake import HandshakeResponse
from hookseal._native import Verified
from hookseal._receiver import MAX_BODY, Answer, Receiver, skipped
from hookseal.errors import WebhookError
from hookseal.idempotency import AsyncIdempotency, Idempotency
from hookseal.starlette import METHODS, decide, to_response
from hookseal.webhook import Webhook

__all__ = ["METHODS", "receives"]


def receives(
    hook: Webhook,
    *,
    idempotency: Union[Idempotency, AsyncIdempotency, None] = None,
    max_body: int = MAX_BODY,
    url: Optional[Callable[[Request], str]] = None,
    on_error: Optional[Callable[[WebhookError, Request], object]] = None,
    on_handshake: Optional[Callable[[HandshakeResponse], object]] = None,
) -> Callable[[Request], AsyncIterator[Verified]]:
    """Make a dependency that gives the verified event of a request.

    What is refused, a handshake and a duplicate are answered without calling the handler. An event
    counts as handled when the handler returns: raise (an ``HTTPException``, say) when it failed.

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

    async def event_of(request: Request) -> AsyncIterator[Verified]:
        event = await decide(receiver, request, url)
        if isinstance(event, Answer):
            raise _answered(request, event)
        if once is None:
            yield event
            return
        async with once.claiming(receiver.key(event)) as claim:
            if claim == "claimed":
                yield event
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
