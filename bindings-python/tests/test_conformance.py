"""The conformance vectors that every language runs: all files, all tests."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hookseal import (
    RetryPolicy,
    Webhook,
    WebhookError,
    error_codes,
    explain,
    handshake,
    verify_webhook_signature,
)

VECTORS = Path(__file__).parents[2] / "tests" / "vectors"
FILES = [path for path in sorted(VECTORS.glob("*.json")) if path.name != "vector.schema.json"]
Case = dict[str, Any]


def body(case: Case) -> bytes:
    return base64.b64decode(case["bodyBase64"]) if "bodyBase64" in case else case["body"].encode()


def webhook(case: Case) -> Webhook:
    config, tolerance = case.get("config"), case.get("toleranceSeconds")
    return Webhook(case["scheme"], case["secrets"], config=config, tolerance=tolerance)


def target(case: Case) -> Case:
    """Method and URL, where the case has them."""
    return {name: case[name] for name in ("method", "url") if name in case}


def verify(case: Case) -> Case:
    now = case["nowMs"] / 1000
    checked = webhook(case).verify(body(case), case["headers"], now=now, **target(case))
    assert checked.body == body(case)
    millis = None if checked.timestamp is None else round(checked.timestamp.timestamp() * 1000)
    found = {"id": checked.id, "type": checked.type, "timestampMs": millis}
    return {"expected": {**found, "keyIndex": checked.key_index}}


def sign(case: Case) -> Case:
    hook, now = webhook(case), case["nowMs"] / 1000
    headers = hook.sign(body(case), id=case.get("id"), type=case.get("type"), now=now)
    if "signedBodyBase64" not in case:
        return {"headers": headers}
    signed = base64.b64encode(hook.sign_body(body(case))).decode()
    return {"headers": headers, "signedBodyBase64": signed}


def answer(case: Case) -> Case:
    request = (body(case), case["headers"])
    if case["secrets"]:
        now = case["nowMs"] / 1000
        response = webhook(case).handshake(*request, now=now, **target(case))
    else:
        config = case.get("config")
        response = handshake(case["scheme"], *request, config=config, **target(case))
    if response is None:
        return {"response": None}
    given = {name: value for name, value in response._asdict().items() if value is not None}
    return {"response": {**given, "body": response.body.decode()}}


def construct(case: Case) -> Case:
    webhook(case)
    return {}


def explained(case: Case) -> Case:
    explanation = explain(
        case["scheme"],
        case["secrets"],
        body(case),
        case["headers"],
        config=case.get("config"),
        tolerance=case.get("toleranceSeconds"),
        now=case["nowMs"] / 1000,
        **target(case),
    )
    findings = [[finding.cause, finding.certain] for finding in explanation.findings]
    assert findings == case["findings"], case["comment"]
    assert explanation.verified == (explanation.error is None)
    if explanation.error is not None:
        raise explanation.error
    return {}


def helper(case: Case) -> Case:
    answer = verify_webhook_signature(case["secret"], body(case), case["header"])
    assert type(answer) is bool
    return {"result": "valid" if answer else "invalid"}


def retry(case: Case) -> Case:
    if "profile" in case:
        policy = RetryPolicy.profile(case["profile"])
    elif "preset" in case:
        policy = RetryPolicy.preset(case["preset"])
    else:
        policy = RetryPolicy.from_dict(case["policy"])
    previous = case.get("previousDelayMs")
    decision = policy.next(
        attempt=case["attempt"],
        status=case["status"],
        retry_after=case["retryAfter"],
        delivery=case.get("delivery"),
        previous_delay_seconds=None if previous is None else previous / 1000,
        first_attempt_at=case["firstAttemptMs"] / 1000,
        now=case["nowMs"] / 1000,
        random=case["random"],
    )
    found: Case = {"action": decision.action}
    if decision.at is not None:
        found["atMs"] = round(decision.at.timestamp() * 1000)
    if decision.reason is not None:
        found["reason"] = decision.reason
    return {"decision": found}


def errors(case: Case) -> Case:
    row = error_codes()[case["tcId"] - 1]
    return {"code": row.code, "httpStatus": row.http_status, "hint": row.hint}


OPERATIONS: dict[str, Callable[[Case], Case]] = {
    "construct": construct,
    "errors": errors,
    "explain": explained,
    "handshake": answer,
    "helper": helper,
    "retry": retry,
    "sign": sign,
    "verify": verify,
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_vectors(path: Path) -> None:
    vectors = json.loads(path.read_text(encoding="utf-8"))
    run = OPERATIONS[vectors["operation"]]
    cases = [{**group, **case} for group in vectors["testGroups"] for case in group["tests"]]
    for case in cases:
        where = f"{path.name} {case['tcId']}: {case['comment']}"
        try:
            found = run(case)
        except WebhookError as error:
            assert (case["result"], case.get("code")) == ("invalid", error.code), where
        else:
            assert found == {key: case[key] for key in found}, where
            assert case["result"] == "valid" or "result" in found, where
    assert len(cases) == vectors["numberOfTests"] > 0
    if vectors["operation"] == "errors":
        assert len(cases) == len(error_codes())


def test_all_operations_have_vectors() -> None:
    found = {json.loads(path.read_text(encoding="utf-8"))["operation"] for path in FILES}
    assert found == set(OPERATIONS)
