"""A webhook with an id and a signed timestamp, and a moment at which nothing is too old."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hookseal import Webhook, WebhookError, schemes

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_777_111_523.25
HOOK = Webhook("standard_webhooks", SECRET)
RAW = '{"type":"invoice.paid","data":{"note":"café"}}'.encode()

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "core" / "src" / "scheme" / "catalogue.jsonl"
DELIVERIES = ROOT / "tests" / "vectors" / "providers.json"


@cache
def deliveries() -> dict[str, dict[str, Any]]:
    """By scheme, the first group of vectors: secrets, config and tests."""
    groups = json.loads(DELIVERIES.read_text(encoding="utf-8"))["testGroups"]
    return {group["scheme"]: group for group in reversed(groups)}


def hook_of(scheme: str) -> Webhook:
    """A webhook of the scheme, with the secrets that its sender has in the vectors."""
    group = deliveries()[scheme]
    return Webhook(scheme, group["secrets"], config=group.get("config"))


def refused(code: str, call: Callable[[], object]) -> WebhookError:
    """The error of a call that must fail with this code."""
    with pytest.raises(WebhookError) as caught:
        call()
    assert caught.value.code == code, caught.value
    return caught.value


def rows() -> dict[str, dict[str, Any]]:
    """The catalogue as it is written, by name."""
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()
    found = {row["id"]: row for row in map(json.loads, lines)}
    assert list(found) == [scheme.id for scheme in schemes()]
    return found
