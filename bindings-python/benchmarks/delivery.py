"""A Standard Webhooks delivery, its headers in the forms of frameworks, and who verifies it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import standardwebhooks
import svix.webhooks
from starlette.datastructures import Headers
from werkzeug.datastructures import EnvironHeaders

from hookseal import Webhook

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
Verify = Callable[[bytes, Any], Any]


def hookseal() -> Verify:
    return Webhook("standard_webhooks", SECRET).verify


def hookseal_json() -> Verify:
    verify = Webhook("standard_webhooks", SECRET).verify
    return lambda body, headers: verify(body, headers).json()


def standard_webhooks() -> Verify:
    """As its README calls it: it reads the JSON, too."""
    return standardwebhooks.Webhook(SECRET).verify


def standard_webhooks_bare() -> Verify:
    return partial(standardwebhooks.Webhook(SECRET).verify, json_parse=False)


def svix_webhooks() -> Verify:
    """It reads no JSON."""
    return svix.webhooks.Webhook(SECRET).verify


def hmac_snippet() -> Verify:
    """What people paste, done right, for headers that are in lower case."""

    def verify(body: bytes, headers: Any) -> str:
        message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        if abs(time.time() - int(timestamp)) > 300:
            raise ValueError("timestamp")
        key = base64.b64decode(SECRET.split("_")[1])
        content = f"{message_id}.{timestamp}.".encode() + body
        expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        for signature in headers["webhook-signature"].split(" "):
            version, _, value = signature.partition(",")
            if version == "v1" and hmac.compare_digest(value, expected):
                return str(message_id)
        raise ValueError("signature")

    return verify


PEERS: dict[str, Callable[[], Verify]] = {
    "hookseal": hookseal,
    "hookseal and JSON": hookseal_json,
    "standardwebhooks": standard_webhooks,
    "standardwebhooks, no JSON": standard_webhooks_bare,
    "svix": svix_webhooks,
    "hmac snippet": hmac_snippet,
}
READS_JSON = {"standardwebhooks", "stripe"}
"""Of these, the call that is measured gives the JSON of the body."""

OTHERS = {
    "host": "example.com",
    "user-agent": "bench",
    "content-type": "application/json",
    "accept": "*/*",
    "accept-encoding": "gzip, deflate",
    "x-forwarded-for": "192.0.2.1",
}


def in_starlette(headers: dict[str, str]) -> Headers:
    return Headers(raw=[(name.encode(), value.encode()) for name, value in headers.items()])


def in_flask(headers: dict[str, str]) -> EnvironHeaders:
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "SERVER_NAME": "example.com"}
    for name, value in headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    return EnvironHeaders(environ)


FORMS: dict[str, Callable[[dict[str, str]], Any]] = {
    "a dict": dict,
    "Starlette's headers": in_starlette,
    "Flask's headers": in_flask,
}


def body_of(size: int) -> bytes:
    head = b'{"type":"invoice.paid","data":"'
    return head + b"x" * (size - len(head) - 2) + b'"}'


def headers_for(body: bytes) -> dict[str, str]:
    return {**OTHERS, **Webhook("standard_webhooks", SECRET).sign(body, id="msg_1")}
