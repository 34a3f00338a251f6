"""Verify and sign webhooks."""

from __future__ import annotations

from hookseal import _native
from hookseal._scheme import load
from hookseal._secrets import to_texts

TYPE_CHECKING = False  # As in `__init__`.
if TYPE_CHECKING:
    from typing import Any, Optional

    from typing_extensions import Self

    from hookseal._body import Body
    from hookseal._moment import Span
    from hookseal._scheme import Config, SchemeLike
    from hookseal._secrets import Secrets


class Webhook(_native.Webhook):
    """A scheme with its secrets, parsed once: to verify what comes in, to sign what goes out.

    >>> hook = Webhook("standard_webhooks", "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0")
    >>> hook.scheme
    'standard_webhooks'

    Args:
        scheme: A name of the catalogue (see :func:`hookseal.schemes`), or a scheme of your own: a
            mapping with the fields of the catalogue's rows.
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

    def __new__(  # noqa: D102 - the class says it
        cls,
        scheme: SchemeLike,
        secrets: Secrets,
        *,
        config: Config = None,
        tolerance: Optional[Span] = None,
    ) -> Self:
        texts, millis = to_texts(secrets), None
        if tolerance is not None:
            from hookseal._moment import to_millis  # It takes `datetime`.

            millis = to_millis("tolerance", tolerance)
        return super().__new__(cls, load(scheme, config), texts, millis)

    def __repr__(self) -> str:
        return f"Webhook({self.scheme!r})"


def verify_webhook_signature(secret: str, raw_body: Body, header: Any) -> bool:
    """Say whether ``header``, the value of ``X-Naive-Signature``, signs the raw body.

    A header that is absent or not a signature is False, never an exception.

    Raises:
        WebhookError: ``body_not_raw`` for a parsed body, ``invalid_argument`` for a secret that is
            not text.

    """
    return _native.verify_signature(secret, raw_body, header)
