"""Verify and sign webhooks."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Optional, Union

from hookseal import _native
from hookseal._argument import is_a, text, to_json, whole
from hookseal._body import Body, to_bytes
from hookseal._headers import Headers
from hookseal._moment import Moment, to_seconds
from hookseal._native import Verified
from hookseal.schemes import SchemeName


class Webhook:
    """A scheme with its secrets, parsed once: to verify what comes in, to sign what goes out.

    >>> hook = Webhook("standard_webhooks", "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0")
    >>> hook.scheme
    'standard_webhooks'

    Args:
        scheme: A name of the catalogue (see :func:`hookseal.schemes`), or a scheme of your own: a
            mapping with the fields of the catalogue's rows.
        secret: The secret as the sender shows it; several while they are rotated, newest first.
            Verifying accepts each of them.
        tolerance_seconds: How far a signed timestamp may be off, instead of what the scheme says.

    Raises:
        WebhookError: ``unknown_scheme``, ``invalid_scheme``, ``invalid_secret``,
            ``invalid_argument``.

    """

    __slots__ = ("_native",)

    def __init__(
        self,
        scheme: Union[SchemeName, str, Mapping[str, Any]],
        secret: Union[str, Sequence[str]],
        *,
        tolerance_seconds: Optional[int] = None,
    ) -> None:
        secrets = _secrets(secret)
        tolerance = tolerance_seconds
        if tolerance is not None:
            tolerance = whole("tolerance_seconds", tolerance, 2**32 - 1)
        if is_a(scheme, str):
            self._native = _native.Webhook.builtin(scheme, secrets, tolerance)
        else:
            definition = to_json("scheme", "a name or a mapping", scheme)
            self._native = _native.Webhook.own(definition, secrets, tolerance)

    @property
    def scheme(self) -> str:
        """The id of the scheme."""
        return self._native.scheme

    def verify(self, body: Body, headers: Headers, *, now: Optional[Moment] = None) -> Verified:
        """Check that a request is from who it says, and not too old.

        Args:
            body: The raw body as received, before anything parsed it.
            headers: The headers of the request, in whichever form the framework has them.
            now: Instead of the clock.

        Raises:
            WebhookError: With the ``code`` that says why; answer its ``status``.

        """
        return self._native.verify(
            body if type(body) is bytes else to_bytes(body),
            headers,
            time.time() if now is None else to_seconds("now", now),
        )

    def sign(
        self,
        body: Body,
        *,
        id: Optional[str] = None,
        type: Optional[str] = None,
        now: Optional[Moment] = None,
    ) -> dict[str, str]:
        """Make the headers to send with a body, names in lower case.

        Args:
            body: The raw body, exactly as it will be sent.
            id: The id of the event, the same for each attempt.
            type: The type of the event, such as ``"invoice.paid"``.
            now: Instead of the clock.

        Raises:
            WebhookError: ``invalid_message`` when the scheme signs what the message lacks.

        """
        return self._native.sign(
            to_bytes(body), text("id", id), text("type", type), to_seconds("now", now)
        )

    def sign_body(self, body: Body) -> bytes:
        """Insert the signature into the body, where the scheme has it there (nativemsg).

        Other schemes give the body back as it is. Sign the result with :meth:`sign`.

        Raises:
            WebhookError: ``invalid_message`` when the body is not a JSON object.

        """
        return self._native.sign_body(to_bytes(body))

    def __repr__(self) -> str:
        return f"Webhook({self.scheme!r})"


def verify_webhook_signature(secret: str, raw_body: Body, header: Any) -> bool:
    """Say whether ``header``, the value of ``X-Naive-Signature``, signs the raw body.

    A header that is absent or not a signature is False, never an exception.

    Raises:
        WebhookError: ``body_not_raw`` for a parsed body, ``invalid_argument`` for a secret that is
            not text.

    """
    if not is_a(secret, str):
        raise _native.wrong("secret", "text", secret)
    body = to_bytes(raw_body)
    if is_a(header, bytes):
        header = bytes.decode(header, "latin-1")
    return is_a(header, str) and _native.verify_signature(secret, body, header)


def _secrets(secret: Any) -> list[str]:
    expected = "text or a list of texts"
    if is_a(secret, str):
        return [secret]
    if not (is_a(secret, list) or is_a(secret, tuple)):
        raise _native.wrong("secret", expected, secret)
    try:
        secrets = [*secret]
    except Exception as cause:  # A subclass that iterates its own way.
        raise _native.wrong("secret", f"{expected} that can be read", secret) from cause
    for each in secrets:
        if not is_a(each, str):
            raise _native.wrong("secret", f"{expected}; in the list", each)
    return secrets
