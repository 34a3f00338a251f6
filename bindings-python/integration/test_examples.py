"""Each example runs as its README says, and answers what a sender posts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import hookseal
from conftest import free_port, until
from delivery import BODY, JSON, SECRET, changed, delivery
from hookseal import Webhook

if sys.version_info >= (3, 10):
    import httpx2 as httpx
else:
    import httpx

EXAMPLES = Path(__file__).parents[2] / "examples"
COMMANDS = {
    "aiohttp": ["app.py"],
    "django": ["app.py", "runserver", "--noreload", "{port}"],
    "fastapi": ["-m", "uvicorn", "app:app", "--port", "{port}"],
    "flask": ["-m", "flask", "run", "--port", "{port}"],
    "starlette": ["-m", "uvicorn", "app:app", "--port", "{port}"],
}
META = Webhook("meta", "app secret", config={"verify_token": "chosen by us"})


class Example(NamedTuple):
    name: str
    client: httpx.Client
    log: Path

    def handled(self) -> list[str]:
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if line.startswith("handled ")]


@pytest.fixture(params=COMMANDS, scope="module")
def example(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Example]:
    port, log = free_port(), tmp_path_factory.mktemp("example") / "log"
    command = [part.format(port=port) for part in COMMANDS[request.param]]
    env = {**os.environ, "PORT": str(port), "WEBHOOK_SECRET": SECRET, "NO_PROXY": "*"}
    env.update(META_SECRET="app secret", META_TOKEN="chosen by us", PYTHONUNBUFFERED="1")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=EXAMPLES / request.param,
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            until(lambda: client.get("/"), process)
            yield Example(request.param, client, log)
    finally:
        process.terminate()
        process.wait(30)


def test_it_is_the_wheel_that_is_tested() -> None:
    assert "site-packages" in hookseal.__file__


def test_a_good_event_is_handled_and_its_duplicate_is_not(example: Example) -> None:
    answer = example.client.post("/hooks", **delivery("good"))
    assert (answer.status_code, answer.json()) == (200, {"received": "invoice.paid"})
    again = example.client.post("/hooks", **delivery("good"))
    assert (again.status_code, again.headers["hookseal-duplicate"]) == (200, "true")
    assert example.handled().count("handled good invoice.paid") == 1


def test_what_does_not_verify_is_refused_with_its_reason(example: Example) -> None:
    good = delivery("bad")
    flipped = {**good["headers"], "webhook-signature": "v1," + "A" * 43 + "="}
    for request, code in (
        ({**good, "headers": flipped}, "no_match"),
        (changed(good, BODY + b" "), "no_match"),
        ({"content": BODY, "headers": JSON}, "missing_header"),
    ):
        answer = example.client.post("/hooks", **request)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (401, code)
        assert error.keys() == {"code", "message", "hint"}
    assert not [line for line in example.handled() if " bad " in line]


def test_a_body_may_come_in_chunks(example: Example) -> None:
    request = changed(delivery("chunks"), iter([BODY[:9], BODY[9:]]))
    # The server that comes with Django hands no such body over.
    expected = 401 if example.name == "django" else 200
    answer = httpx.post(f"{example.client.base_url}/hooks", **request, trust_env=False)
    assert answer.status_code == expected


def test_a_handshake_is_answered(example: Example) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    asked = {**query, "hub.verify_token": "chosen by us"}
    answer = example.client.get("/meta", params=asked)
    assert (answer.status_code, answer.content) == (200, b"1158201444")
    answer = example.client.get("/meta", params={**asked, "hub.verify_token": "guessed"})
    assert answer.status_code == 403
    body = b'{"object":"page"}'
    answer = example.client.post("/meta", content=body, headers={**META.sign(body), **JSON})
    assert answer.status_code == 200
    assert example.handled().count("handled page") == 1
