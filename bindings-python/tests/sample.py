"""A webhook with an id and a signed timestamp, and a moment at which nothing is too old."""

import json
from pathlib import Path
from typing import Any, Optional

from hookseal import Webhook, WebhookError, schemes

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_777_111_523.25
HOOK = Webhook("standard_webhooks", SECRET)

BASE64 = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
SECRETS = ["whsec_" + BASE64, BASE64, "07" * 32]

CATALOGUE = Path(__file__).parents[2] / "core" / "src" / "scheme" / "catalogue.json"


def hook_of(scheme: str) -> Webhook:
    """A webhook of the scheme, with the first secret that is written as the scheme says."""
    return next(hook for secret in SECRETS if (hook := _fits(scheme, secret)))


def _fits(scheme: str, secret: str) -> Optional[Webhook]:
    try:
        return Webhook(scheme, secret)
    except WebhookError as error:
        assert error.code == "invalid_secret", error
        return None


def rows() -> dict[str, dict[str, Any]]:
    """The catalogue as it is written, by name."""
    found = {row["id"]: row for row in json.loads(CATALOGUE.read_text(encoding="utf-8"))}
    assert list(found) == schemes()
    return found
