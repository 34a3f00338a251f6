"""What to answer to a sender that makes sure that you want its webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Optional

from hookseal._body import Body
from hookseal._headers import Headers
from hookseal._scheme import load

if TYPE_CHECKING:
    from hookseal._scheme import Config, SchemeLike


class HandshakeResponse(NamedTuple):
    """The answer to a handshake."""

    status: int
    """The HTTP status."""
    headers: dict[str, str]
    """The headers to send, names in lower case; the server adds ``content-length``."""
    body: bytes
    """The body to send; empty where there is none."""
    secret: Optional[str] = None
    """The secret that the sender hands over, for a :class:`hookseal.Webhook`. Nobody has vouched
    for it: keep it only while you wait for it, never in the place of one that is in use."""
    fetch: Optional[str] = None
    """The URL to call with GET, as it is and without following redirects, so that deliveries
    begin. It came with a signature that verified, and is on a host of the sender."""

    def __repr__(self) -> str:
        # Headers and body repeat the secret with some senders.
        return f"HandshakeResponse(status={self.status}, fetch={self.fetch!r})"


def handshake(
    scheme: SchemeLike,
    body: Body,
    headers: Headers,
    *,
    config: Config = None,
    method: str = "POST",
    url: Optional[str] = None,
) -> Optional[HandshakeResponse]:
    """Answer a handshake while there is no secret: some senders hand it over in it.

    Who has a secret asks :meth:`hookseal.Webhook.handshake`.

    >>> handshake("notion", b'{"verification_token":"secret_tMrlL1qK"}', {}).secret
    'secret_tMrlL1qK'

    Args:
        scheme: A name of the catalogue, or a scheme of your own.
        body: The raw body as received.
        headers: The headers of the request.
        config: The values that only you know, where the scheme takes such: by their names.
        method: The method of the request, in capitals.
        url: The URL of the request, for handshakes that come in its query.

    Returns:
        The answer, or None for a request that is no handshake.

    Raises:
        WebhookError: ``missing_config`` for a value that the answer needs; ``invalid_secret`` for a
            handshake that takes a secret to answer; for the scheme as :class:`hookseal.Webhook`.

    """
    return load(scheme, config).handshake(body, headers, method, url)
