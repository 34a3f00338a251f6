"""Verify and sign webhooks."""

from __future__ import annotations

import time
from typing import Any, Optional

from hookseal import _native
from hookseal._argument import is_a, text
from hookseal._body import Body, to_bytes
from hookseal._handshake import HandshakeResponse
from hookseal._headers import Headers
from hookseal._moment import Moment, Span, to_millis, to_seconds
from hookseal._native import Verified
from hookseal._scheme import Config, SchemeLike, load
from hookseal._secrets import Secrets, to_texts
from hookseal._target import POST, to_target


class Webhook:
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

    __slots__ = ("_native",)

    def __init__(
        self,
        scheme: SchemeLike,
        secrets: Secrets,
        *,
        config: Config = None,
        tolerance: Optional[Span] = None,
    ) -> None:
        texts, millis = to_texts(secrets), to_millis("tolerance", tolerance)
        self._native = _native.Webhook(load(scheme, config), texts, millis)

    @property
    def scheme(self) -> str:
        """The id of the scheme."""
        return self._native.scheme

    def verify(
        self,
        body: Body,
        headers: Headers,
        *,
        method: str = POST,
        url: Optional[str] = None,
        now: Optional[Moment] = None,
    ) -> Verified:
        """Check that a request is from who it says, and not too old.

        Args:
            body: The raw body as received, before anything parsed it.
            headers: The headers of the request, in whichever form the framework has them.
            method: The method of the request, in capitals.
            url: The whole URL as it is registered with the sender, for schemes that sign it.
            now: Instead of the clock.

        Raises:
            WebhookError: With the ``code`` that says why; answer its ``status``.

        """
        return self._native.verify(
            body if type(body) is bytes else to_bytes(body),
            headers,
            time.time() if now is None else to_seconds("now", now),
            None if url is None and method is POST else to_target(method, url),
        )

    def handshake(
        self,
        body: Body,
        headers: Headers,
        *,
        method: str = POST,
        url: Optional[str] = None,
        now: Optional[Moment] = None,
    ) -> Optional[HandshakeResponse]:
        """Answer the request by which a sender makes sure that you want its webhooks.

        Ask this first, for every request: some senders repeat their handshake. Before there is a
        secret, ask :func:`hookseal.handshake`.

        Args:
            body: The raw body as received.
            headers: The headers of the request.
            method: The method of the request, in capitals.
            url: The URL of the request, for handshakes that come in its query.
            now: Instead of the clock.

        Returns:
            The answer, or None for a delivery, which is to be verified.

        Raises:
            WebhookError: ``missing_config`` for a value that the answer needs; for a handshake
                that is signed, as :meth:`verify`.

        """
        found = self._native.handshake(
            to_bytes(body), headers, to_seconds("now", now), to_target(method, url)
        )
        return None if found is None else HandshakeResponse(*found)

    def sign(
        self,
        body: Body,
        *,
        id: Optional[str] = None,
        type: Optional[str] = None,
        method: str = POST,
        url: Optional[str] = None,
        headers: Optional[Headers] = None,
        now: Optional[Moment] = None,
    ) -> dict[str, str]:
        """Make the headers to send with a body, names in lower case.

        Args:
            body: The raw body, exactly as it will be sent.
            id: The id of the event, the same for each attempt.
            type: The type of the event, such as ``"invoice.paid"``.
            method: The method that it will be sent with, in capitals.
            url: The whole URL that it will be sent to, for schemes that sign it.
            headers: Other headers that it will be sent with, for schemes that sign them.
            now: Instead of the clock.

        Raises:
            WebhookError: ``invalid_message`` when the scheme signs what the message lacks.

        """
        return self._native.sign(
            to_bytes(body),
            text("id", id),
            text("type", type),
            time.time() if now is None else to_seconds("now", now),
            None if url is None and method is POST else to_target(method, url),
            {} if headers is None else headers,
        )

    def sign_body(self, body: Body) -> bytes:
        """Insert the signature into the body, where the scheme has it there (nativemsg).

        Other schemes give the body back as it is. Sign the result with :meth:`sign`.

        Raises:
            WebhookError: ``invalid_message`` when the body has no place for it.

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
