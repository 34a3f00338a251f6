"""Verify and sign webhooks."""

from __future__ import annotations

from hookseal import _native
from hookseal._scheme import load
from hookseal._secrets import to_texts

TYPE_CHECKING = False  # As in `__init__`.
if TYPE_CHECKING:
    from typing import Any, Literal, Optional, overload

    from typing_extensions import TypeVar

    from hookseal._body import Body
    from hookseal._moment import Span
    from hookseal._scheme import Config, SchemeLike
    from hookseal._secrets import Secrets
    from hookseal.payload import (
        AinativePayload,
        LumaPayload,
        NaivePayload,
        NativemsgPayload,
        StandardPayload,
        YativoPayload,
    )

    Payload_co = TypeVar("Payload_co", covariant=True, default=Any)
else:
    Payload_co = object  # Only type checkers look at it.


class Webhook(_native.Webhook[Payload_co]):
    """A scheme with its secrets, parsed once: to verify what comes in, to sign what goes out.

    >>> hook = Webhook("standard_webhooks", "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0")
    >>> hook.scheme
    'standard_webhooks'

    Args:
        scheme: A name of the catalogue (see :func:`hookseal.schemes`), or a scheme of your own: a
            mapping with the fields of the catalogue's rows (:class:`hookseal.SchemeDefinition`),
            its JSON, or the path of a file that holds it.
        secrets: The secret as the sender shows it; several while they are rotated, newest first.
            Verifying accepts each of them. Where the sender has a pair of keys: its public key or
            certificate as PEM, JWK, JWKS or ``whpk_…``.
        config: The values that only you know, where the scheme takes such: by their names.
        tolerance: How far a signed timestamp may be off, instead of what the scheme says: whole
            seconds, or a timedelta.

    Raises:
        WebhookError: ``unknown_scheme``, ``invalid_scheme``, ``invalid_secret``,
            ``missing_config``, ``invalid_config``, ``invalid_argument``.

    """

    __slots__ = ()

    if TYPE_CHECKING:
        # Events of the senders that publish their payloads have the type of these.
        @overload
        def __new__(
            cls,
            scheme: Literal["standard_webhooks", "standard_webhooks_ed25519"],
            secrets: Secrets,
            *,
            config: Config = None,
            tolerance: Optional[Span] = None,
        ) -> Webhook[StandardPayload]: ...
        @overload
        def __new__(
            cls,
            scheme: Literal["naive"],
            secrets: Secrets,
            *,
            config: Config = None,
            tolerance: Optional[Span] = None,
        ) -> Webhook[NaivePayload]: ...
        @overload
        def __new__(
            cls,
            scheme: Literal["ainative"],
            secrets: Secrets,
            *,
            config: Config = None,
            tolerance: Optional[Span] = None,
        ) -> Webhook[AinativePayload]: ...
        @overload
        def __new__(
            cls,
            scheme: Literal["yativo", "yativo-v2"],
            secrets: Secrets,
            *,
            config: Config = None,
            tolerance: Optional[Span] = None,
        ) -> Webhook[YativoPayload]: ...
        @overload
        def __new__(
            cls,
            scheme: Literal["nativemsg"],
            secrets: Secrets,
            *,
            config: Config = None,
            tolerance: Optional[Span] = None,
        ) -> Webhook[NativemsgPayload]: ...
        @overload
        def __new__(
            cls,
            scheme: Literal["luma"],
            secrets: Secrets,
            *,
            config: Config = None,
            tolerance: Optional[Span] = None,
        ) -> Webhook[LumaPayload]: ...
        @overload
        def __new__(
            cls,
            scheme: SchemeLike,
            secrets: Secrets,
            *,
            config: Config = None,
            tolerance: Optional[Span] = None,
        ) -> Webhook[Any]: ...

    def __new__(  # noqa: D102 - the class says it
        cls,
        scheme: SchemeLike,
        secrets: Secrets,
        *,
        config: Config = None,
        tolerance: Optional[Span] = None,
    ) -> Any:
        return super().__new__(
            cls, load(scheme, config), to_texts(secrets), tolerance_of(tolerance)
        )

    def __repr__(self) -> str:
        return f"Webhook({self.scheme!r})"


def tolerance_of(tolerance: Optional[Span]) -> Optional[int]:
    """Give the milliseconds of a tolerance."""
    if tolerance is None:
        return None
    from hookseal._moment import to_millis  # It takes `datetime`.

    return to_millis("tolerance", tolerance)


def verify_webhook_signature(secret: str, raw_body: Body, header: Any) -> bool:
    """Say whether ``header``, the value of ``X-Naive-Signature``, signs the raw body.

    A header that is absent or not a signature is False, never an exception.

    Raises:
        WebhookError: ``body_not_raw`` for a parsed body, ``invalid_argument`` for a secret that is
            not text.

    """
    return _native.verify_signature(secret, raw_body, header)
