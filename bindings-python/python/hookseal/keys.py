"""Keys that a sender publishes, and pairs of keys for signatures of your own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, NamedTuple, Optional

from hookseal import _native
from hookseal._body import Body
from hookseal._headers import Headers
from hookseal._scheme import load

if TYPE_CHECKING:
    from hookseal._scheme import Config, SchemeLike


class KeyRequest(NamedTuple):
    """A published key that verifying a request needs.

    Fetch the URL over HTTPS without following redirects, and take the text of the answer as a
    secret. The same request is equal to itself: keep the key under it, as long as the answer's
    ``Cache-Control`` allows, but at most a day.
    """

    url: Optional[str]
    """Where to fetch it: a host of the sender. None where only its API gives it to customers."""
    key_id: Optional[str]
    """Which of the sender's keys it is, where the request says so."""
    format: Literal["jwks", "pem", "text", "x509"]
    """In which form it comes; ``x509`` is a certificate in PEM."""


def key_request(
    scheme: SchemeLike,
    body: Body,
    headers: Headers,
    *,
    config: Config = None,
    method: str = "POST",
    url: Optional[str] = None,
) -> Optional[KeyRequest]:
    """Say which published key verifying a request needs; None where the sender has no such.

    Nothing of the request is trusted yet, but the URL to fetch is on a host of the sender.

    Args:
        scheme: A name of the catalogue, or a scheme of your own.
        body: The raw body as received.
        headers: The headers of the request.
        config: The values that only you know, where the scheme takes such: by their names.
        method: The method of the request, in capitals.
        url: The URL of the request, where the scheme reads it.

    Raises:
        WebhookError: ``untrusted_key_url``; what verifying raises for what is absent or not
            well-formed; for the scheme as :class:`hookseal.Webhook`.

    """
    found = load(scheme, config).key_request(body, headers, method, url)
    return None if found is None else KeyRequest(*found)


class KeyPair(NamedTuple):
    """An Ed25519 private key, which signs, and the public key that receivers verify with."""

    private_key: str
    """``whsk_…``: a secret."""
    public_key: str
    """``whpk_…``."""

    def __repr__(self) -> str:
        return f"KeyPair(public_key={self.public_key!r})"


def generate_key_pair() -> KeyPair:
    """Make a pair of keys for the ``v1a`` signatures of Standard Webhooks.

    >>> generate_key_pair().public_key[:5]
    'whpk_'
    """
    return KeyPair(*_native.generate_key_pair(os.urandom(32)))
