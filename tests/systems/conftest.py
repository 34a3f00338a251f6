"""A server as a user starts it, and receivers: each a process of its own on loopback, stopped at the end."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

KEY = "nv_sk_live_0123456789abcdef"
PATIENCE = 30
RECEIVERS = Path(__file__).parent / "receivers"
COMMANDS = {
    "express": ["node", RECEIVERS / "express.mjs"],
    "fastapi": [sys.executable, RECEIVERS / "fastapi_app.py"],
}


@contextmanager
def running(command: list, environment: dict, ready: str):
    """The process, and what follows `ready` in the line that says it is."""
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            if found := re.search(ready, line):
                yield found[1]
                return
        raise RuntimeError(f"{command[0]} ended before it was ready")
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()


class Api:
    """The server, as the owner of the key calls it."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.headers = {"Authorization": f"Bearer {KEY}"}

    def call(self, method: str, path: str, body: dict | None = None) -> dict:
        answer = httpx.request(method, self.base + path, headers=self.headers, json=body, timeout=PATIENCE)
        assert answer.is_success, answer.text
        return answer.json()

    def emit(self, profile: str, event_type: str, data: dict, tenant: str | None = None) -> str:
        body = {"profile": profile, "type": event_type, "data": data, "tenant": tenant}
        return self.call("POST", "/v1/events", body)["id"]


class Receiver:
    """A receiver, by its URL."""

    def __init__(self, port: str) -> None:
        self.base = f"http://127.0.0.1:{port}"

    def statuses(self, path: str, count: int) -> list[int]:
        """What it answered at a path, once that is so much."""
        deadline = time.monotonic() + PATIENCE
        while True:
            seen = httpx.get(f"{self.base}/seen").json()
            found = [one["status"] for one in seen if one["path"] == path]
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.01)


@pytest.fixture(scope="session")
def api(tmp_path_factory):
    binary = os.environ["HOOKSEAL_BIN"]
    command = [binary, "serve", "--listen", "127.0.0.1:0", "--data", tmp_path_factory.mktemp("data")]
    command += ["--allow-http", "--allow-network", "127.0.0.0/8", "--retry-delay-factor", "0.0001"]
    environment = {"HOOKSEAL_ADMIN_KEY": KEY, "HOOKSEAL_LOG": "warn"}
    with running(command, environment, r"listening on (http://\S+)") as base:
        yield Api(base)


@pytest.fixture
def receiver():
    """Starts a receiver with the secrets of its paths."""
    stack = []

    def start(runtime: str, secrets: dict) -> Receiver:
        process = running(COMMANDS[runtime], {"SECRETS": json.dumps(secrets)}, r"ready (\d+)")
        stack.append(process)
        return Receiver(process.__enter__())

    yield start
    for process in stack:
        process.__exit__(None, None, None)
