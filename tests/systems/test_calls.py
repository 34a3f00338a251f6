"""The calls of the pages, with the base URL changed, and the answers that the pages print."""

from __future__ import annotations

import json
import re
import subprocess
import uuid

import httpx
from conftest import KEY, PATIENCE


def curl(*arguments: str) -> tuple[int, dict]:
    """The status and the JSON that curl prints."""
    command = ["curl", "--silent", "--max-time", str(PATIENCE), "--write-out", "\n%{http_code}", *arguments]
    body, _, status = subprocess.run(command, check=True, capture_output=True, text=True).stdout.rpartition("\n")
    return int(status), json.loads(body)


def test_the_curl_of_naives_page(api):
    status, made = curl(
        "-X", "POST", f"{api.base}/v1/webhooks",
        "-H", f"Authorization: Bearer {KEY}", "-H", "Content-Type: application/json",
        "-d", '{"url":"https://app.example.com/api/webhooks/naive","eventTypes":["email.received"]}',
    )  # fmt: skip
    assert (status, set(made)) == (201, {"id", "url", "eventTypes", "secret", "active", "tenant_user_id"})
    assert made["secret"].startswith("whsec_") and made["tenant_user_id"] is None and made["active"] is True
    status, types = curl(f"{api.base}/v1/webhooks/event-types", "-H", f"Authorization: Bearer {KEY}")
    assert (status, types) == (200, {"eventTypes": ["email.received", "approval.resolved"]})
    status, listed = curl(f"{api.base}/v1/webhooks", "-H", f"Authorization: Bearer {KEY}")
    assert (status, [one["id"] for one in listed["data"]]) == (200, [made["id"]])
    assert made["secret"] not in json.dumps(listed)
    status, _ = curl("-X", "DELETE", f"{api.base}/v1/webhooks/{made['id']}", "-H", f"Authorization: Bearer {KEY}")
    assert status == 200


def test_the_curl_and_httpx_of_ainatives_page(api):
    wanted = {
        "url": "https://my-system.example.com/webhooks/ainative",
        "events": ["memory.stored", "agent.task.complete"],
        "secret": "my-secret-at-least-8-chars",
    }
    status, by_curl = curl(
        "-X", "POST", f"{api.base}/api/v1/webhooks/register",
        "-H", f"Authorization: Bearer {KEY}", "-H", "Content-Type: application/json",
        "-d", json.dumps(wanted, indent=2),
    )  # fmt: skip
    answer = httpx.post(
        f"{api.base}/api/v1/webhooks/register",
        headers={"Authorization": f"Bearer {KEY}"},
        json=wanted,
    )
    assert (status, answer.status_code) == (201, 201)
    for made in [by_curl, answer.json()]:
        assert list(made) == ["webhook_id", "url", "events", "created_at"]
        assert uuid.UUID(made["webhook_id"]).version == 4
        assert (made["url"], made["events"]) == (wanted["url"], ["agent.task.complete", "memory.stored"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["created_at"])

    status, listed = curl(f"{api.base}/api/v1/webhooks/", "-H", f"Authorization: Bearer {KEY}")
    assert (status, listed["count"]) == (200, 2)
    assert listed["webhooks"] == [{**made, "is_active": True} for made in [by_curl, answer.json()]]
    for made in listed["webhooks"]:
        path = f"{api.base}/api/v1/webhooks/{made['webhook_id']}"
        call = ["-X", "DELETE", path, "-H", f"Authorization: Bearer {KEY}"]
        assert curl(*call) == (200, {"webhook_id": made["webhook_id"], "status": "deleted"})
        status, error = curl(*call)
        assert (status, list(error)) == (404, ["detail"])


def test_the_calls_of_yativo(api):
    made = api.call("POST", "/webhook/create", {"url": "https://example.com/", "events": ["*"], "description": "d"})
    path = f"/webhook/{made['id']}"
    assert api.call("PUT", path, {"events": ["deposit.detected"]})["url"] == "https://example.com/"
    shown = api.call("GET", path)
    assert (shown["events"], shown["description"], "secret" in shown) == (["deposit.detected"], "d", False)
    assert [one["id"] for one in api.call("GET", "/webhook/list")["data"]] == [made["id"]]
    assert api.call("GET", f"{path}/events")["data"] == []
    api.call("DELETE", path)
    refused = httpx.post(
        f"{api.base}/webhook/create", headers=api.headers, json={"url": "http://example.com/", "events": ["*"]}
    )
    assert refused.status_code == 422 and "https://" in refused.json()["error"]["message"]
