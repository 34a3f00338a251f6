"""Why a request does not verify."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Optional

from hookseal import _native
from hookseal._body import Body
from hookseal._headers import Headers
from hookseal._moment import Moment, Span, to_millis
from hookseal._scheme import load
from hookseal._secrets import to_texts
from hookseal.errors import WebhookError

if TYPE_CHECKING:
    from hookseal._scheme import Config, SchemeLike
    from hookseal._secrets import Secrets

Cause = Literal[
    "body_base64",
    "body_charset",
    "body_compressed",
    "body_decoded",
    "body_double_encoded",
    "body_empty",
    "body_not_covered",
    "body_reserialized",
    "body_truncated",
    "body_wrapped",
    "bom_added",
    "bom_removed",
    "clock_off",
    "config_value",
    "handshake_request",
    "header_missing",
    "header_renamed",
    "header_repeated",
    "key_kind",
    "line_endings",
    "newline_added",
    "newline_removed",
    "no_replay_protection",
    "old_secret",
    "other_scheme",
    "replay",
    "secret_encoding",
    "secret_padded",
    "secret_prefix",
    "signature_altered",
    "signature_encoding",
    "signature_truncated",
    "timestamp_unit",
    "wrong_algorithm",
    "wrong_method",
    "wrong_secret",
    "wrong_url",
]
"""A stable name for each mistake. Names never change; new ones may be added."""


class Finding(NamedTuple):
    """One mistake that fits."""

    cause: Cause
    """Its name."""
    certain: bool
    """Whether it is proven: the request verifies once this is put right, or cannot before it is."""
    message: str
    """What was found."""
    hint: str
    """What to do about it."""


class Explanation(NamedTuple):
    """What is to be said of a request. It is for you, not for whoever sent the request."""

    verified: bool
    """Whether the request verifies as it is."""
    error: Optional[WebhookError]
    """Why it does not: what :class:`hookseal.Webhook` and its ``verify`` raise."""
    findings: list[Finding]
    """The mistakes that fit, the certain ones first; of a request that verifies, advice."""


def explain(
    scheme: SchemeLike,
    secrets: Secrets,
    body: Body,
    headers: Headers,
    *,
    config: Config = None,
    tolerance: Optional[Span] = None,
    method: str = "POST",
    url: Optional[str] = None,
    now: Optional[Moment] = None,
) -> Explanation:
    """Say why a request does not verify, by trying the usual mistakes.

    It takes up to a second where much is to be tried: for whoever looks for a mistake, not for
    every request that is refused. It never shows a secret, a right signature or the body.

    >>> from hookseal import Webhook
    >>> headers = Webhook("naive", "secret").sign("{}")
    >>> explain("naive", "secret ", "{}", headers).findings[0].cause
    'secret_padded'

    Args:
        scheme: A name of the catalogue, or a scheme of your own.
        secrets: The secret as you have it, or several; also one that does not suit the scheme.
        body: The body as it is passed to ``verify``.
        headers: All headers of the request: one may have come under another name.
        config: The values that only you know, where the scheme takes such: by their names.
        tolerance: The same as that of the webhook.
        method: The method of the request, in capitals.
        url: The whole URL of the request, where you know it.
        now: When the request came, instead of the clock.

    Raises:
        WebhookError: For the scheme as :class:`hookseal.Webhook`; ``body_not_raw``,
            ``invalid_argument``.

    """
    verified, error, findings = _native.explain(
        load(scheme, config),
        to_texts(secrets),
        to_millis("tolerance", tolerance),
        body,
        headers,
        method,
        url,
        now,
    )
    return Explanation(verified, error, [Finding(*found) for found in findings])
