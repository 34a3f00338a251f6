"""Where the webhook comes from that a request is verified with."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Generic, Optional, TypeVar, Union

from hookseal import _native
from hookseal._argument import is_a
from hookseal._headers import Headers
from hookseal._published import PublishedKeys
from hookseal._scheme import load
from hookseal._secrets import to_texts
from hookseal._steps import Block, Call, Steps
from hookseal.keys import KeyRequest
from hookseal.webhook import Webhook, tolerance_of

if TYPE_CHECKING:
    pass

Request = TypeVar("Request")
Payload = TypeVar("Payload")

if TYPE_CHECKING:
    from hookseal._secrets import Secrets

    HookLike = Union[
        Webhook[Payload], Callable[[Request], Union[Webhook[Payload], Awaitable[Webhook[Payload]]]]
    ]
    """A webhook, or a function that gives that of a request: of its tenant, say. It may be
    ``async``."""

    SecretLike = Union[
        Secrets,
        PublishedKeys,
        Callable[[Request], Union[Optional[Secrets], Awaitable[Optional[Secrets]]]],
    ]
    """The secret of a scheme, several while they are rotated, or a function that gives that of a
    request. None is for a sender that has yet to hand it over: then its handshakes are answered."""


class HookSource(Generic[Request]):
    """Gives the webhook of a request, and makes none anew that it has made."""

    def __init__(self, hook: Any, secret: Any, config: Any, tolerance: Any) -> None:
        self.hook: Optional[Webhook[Any]] = None
        """The one of all requests, where there is such."""
        self._hook_of: Optional[Callable[[Request], Any]] = None
        if is_a(hook, Webhook):
            self.hook = hook
        elif callable(hook):
            self._hook_of = hook
        if self.hook is not None or self._hook_of is not None:
            for name, value in (("secret", secret), ("config", config), ("tolerance", tolerance)):
                if value is not None:
                    raise _native.wrong(name, "nothing beside a Webhook, which has its own", value)
            return
        if hook is None:
            expected = "a Webhook or a function that gives one; or a scheme, and then a secret"
            raise _native.wrong("hook", expected, hook)
        if secret is None:
            message = (
                "`secret` is None: pass a Webhook, or the scheme and then the secret; "
                "is the environment variable set that holds it?"
            )
            raise _native.error("invalid_argument", message)
        self.scheme = load(hook, config)
        self._secret, self._tolerance = secret, tolerance_of(tolerance)
        self._made: dict[tuple[str, ...], Webhook[Any]] = {}
        if not is_a(secret, PublishedKeys) and not callable(secret):
            self.hook = self._with(secret)

    def hook_of(
        self,
        request: Request,
        body: bytes,
        headers: Headers,
        target: Callable[[], tuple[Optional[str], Optional[str]]],
    ) -> Steps[Optional[Webhook[Any]]]:
        """Give the webhook of a request; None where there is no secret yet."""
        if self.hook is not None:
            return self.hook
        if self._hook_of is not None:
            hook = yield Call(partial(self._hook_of, request))
            if not is_a(hook, Webhook):
                raise _native.wrong("hook", "a function that gives a Webhook", hook)
            return hook
        if is_a(self._secret, PublishedKeys):
            asked = self.scheme.key_request(body, headers, *target())
            if asked is None:
                message = f"`{self.scheme.id}` publishes no keys: pass its secret"
                raise _native.error("invalid_argument", message)
            wanted = KeyRequest(*asked)
            secret = self._secret.recall(wanted)
            if secret is None:
                secret = yield Block(partial(self._secret.fetch, wanted))
        else:
            secret = yield Call(partial(self._secret, request))
        return None if secret is None else self._with(secret)

    def _with(self, secret: Any) -> Webhook[Any]:
        texts = tuple(to_texts(secret))
        hook = self._made.get(texts)
        if hook is None:
            if len(self._made) >= _MOST_MADE:
                self._made.clear()
            hook = self._made[texts] = _native.Webhook.__new__(
                Webhook, self.scheme, [*texts], self._tolerance
            )
        return hook


_MOST_MADE = 256
