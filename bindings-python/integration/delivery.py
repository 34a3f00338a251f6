"""What a sender posts."""

from __future__ import annotations

from typing import Any

from hookseal import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SENDER = Webhook("standard_webhooks", SECRET)
BODY = b'{"type":"invoice.paid","data":{"note":"caf\xc3\xa9"}}'
JSON = {"content-type": "application/json"}


def delivery(id: str, body: bytes = BODY) -> dict[str, Any]:
    """A request that verifies."""
    return {"content": body, "headers": {**SENDER.sign(body, id=id), **JSON}}


def changed(request: dict[str, Any], body: Any) -> dict[str, Any]:
    """The same with another body."""
    return {**request, "content": body}
