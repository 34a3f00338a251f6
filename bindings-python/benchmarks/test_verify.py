"""One valid Standard Webhooks delivery, from raw body and headers to an accepted event.

Run with ``pytest benchmarks``; the ordinary run does not collect this.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

import pytest
import standardwebhooks

from hookseal import Webhook

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
SIZES = {"256 B": 256, "1 KiB": 1024, "64 KiB": 65536, "256 KiB": 262144}
Verify = Callable[[bytes, dict[str, str]], Any]


def hookseal() -> Verify:
    return Webhook("standard_webhooks", SECRET).verify


def hookseal_json() -> Verify:
    verify = Webhook("standard_webhooks", SECRET).verify
    return lambda body, headers: verify(body, headers).json()


def standard_webhooks() -> Verify:
    """It cannot but parse the body, so compare it with us and JSON too."""
    return standardwebhooks.Webhook(SECRET).verify


def hmac_snippet() -> Verify:
    """What people write by hand, done right, for headers that are in lower case."""

    def verify(body: bytes, headers: dict[str, str]) -> str:
        message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        if abs(time.time() - int(timestamp)) > 300:
            raise ValueError("timestamp")
        content = f"{message_id}.{timestamp}.".encode() + body
        expected = base64.b64encode(hmac.new(KEY, content, hashlib.sha256).digest()).decode()
        for signature in headers["webhook-signature"].split(" "):
            version, _, value = signature.partition(",")
            if version == "v1" and hmac.compare_digest(value, expected):
                return message_id
        raise ValueError("signature")

    return verify


PEERS: dict[str, Callable[[], Verify]] = {
    "hookseal": hookseal,
    "hookseal and json": hookseal_json,
    "standardwebhooks": standard_webhooks,
    "hmac snippet": hmac_snippet,
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("peer", PEERS)
def test_verify(benchmark: Any, peer: str, size: str) -> None:
    head = b'{"type":"invoice.paid","data":"'
    body = head + b"x" * (SIZES[size] - len(head) - 2) + b'"}'
    headers = Webhook("standard_webhooks", SECRET).sign(body, id="msg_1")
    headers.update(
        {"content-type": "application/json", "user-agent": "bench", "host": "example.com"}
    )
    benchmark.group, benchmark.param = f"verify {size}", peer
    calls = 4_000_000 // (2_000 + SIZES[size])
    assert benchmark.pedantic(
        PEERS[peer](), (body, headers), iterations=calls, rounds=30, warmup_rounds=1
    )
