"""Deliveries at receivers that are written after the systems' pages."""

from __future__ import annotations

import httpx
import pytest

#: The system, the path at the receiver, and how its webhook is made there.
NAIVE = ("naive", "/v1/webhooks", "eventTypes", "email.received", {"subject": "Grüße"})
AINATIVE = ("ainative", "/api/v1/webhooks/register", "events", "agent.task.complete", {"status": "completed"})
YATIVO = ("yativo", "/webhook/create", "events", "deposit.confirmed", {"amount": "12345678901234567890.10"})
NATIVEMSG = ("nativemsg", "/nativemsg/v1/webhooks", "events", "message.received", {"user": {"id": "67890"}})
FORGED = {
    "x-naive-signature": "0" * 64,
    "x-naive-event": "email.received",
    "x-zerodb-signature": "sha256=" + "0" * 64,
    "x-webhook-signature": "0" * 64,
    "x-yativo-signature": "sha256=" + "0" * 64,
    "x-yativo-timestamp": "1777111523",
    "x-nativemsg-signature": "sha256=" + "0" * 64,
}


@pytest.mark.parametrize(
    ("runtime", "path", "system"),
    [
        ("express", "naive", NAIVE),
        ("express", "ainative", AINATIVE),
        ("express", "yativo", YATIVO),
        ("express", "yativo-v2", YATIVO),
        ("fastapi", "ainative", AINATIVE),
        ("fastapi", "yativo", YATIVO),
        ("fastapi", "nativemsg", NATIVEMSG),
        ("fastapi", "nativemsg-header", NATIVEMSG),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_accepts_what_is_delivered_and_nothing_else(api, receiver, runtime, path, system):
    profile, create, field, event_type, data = system
    wanted = {"url": "https://example.com/", field: [event_type]}
    if profile == "ainative":
        wanted["secret"] = "my-secret-at-least-8-chars"
    made = api.call("POST", create, wanted)
    started = receiver(runtime, {path: made.get("secret", wanted.get("secret"))})
    # The secret is known now, and with it the receiver's URL: the webhook moves there.
    endpoints = api.call("GET", f"/v1/endpoints?profile={profile}")["data"]
    native = endpoints[-1]["id"]
    api.call("PATCH", f"/v1/endpoints/{native}", {"url": f"{started.base}/{path}"})

    api.emit(profile, event_type, data, "t1" if profile in ("naive", "nativemsg") else None)
    assert started.statuses(f"/{path}", 1) == [200]
    body = b'{"event":"email.received","data":{"tenant_user_id":null},"signature":"sha256=%s"}' % (b"0" * 64)
    forged = httpx.post(f"{started.base}/{path}", headers={"content-type": "application/json", **FORGED}, content=body)
    assert forged.status_code == 401
    api.call("POST", f"/v1/endpoints/{native}/test?wait=true")
    assert started.statuses(f"/{path}", 3) == [200, 401, 200]
    httpx.delete(f"{api.base}/v1/endpoints/{native}", headers=api.headers).raise_for_status()
