"""The receivers, a Redis and a PostgreSQL of our own: on free ports, in folders that go away."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Callable

import psycopg
import pytest
import redis

from delivery import SECRET
from hookseal import Verified, Webhook
from served import SERVED, Post

HOOK = Webhook("standard_webhooks", SECRET)
Serve = Callable[..., Post]


@pytest.fixture(params=SERVED)
def serve(request: pytest.FixtureRequest) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(
            handle: Callable[[Verified], int] = lambda _: 200,
            *,
            hook: Any = HOOK,
            read_first: bool = False,
            **options: Any,
        ) -> Post:
            served = SERVED[request.param](handle, read_first, hook=hook, **options)
            return stack.enter_context(served)

        yield start


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def until(ready: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    """Wait for a server, but not for ever, and not for one that has ended."""
    for _ in range(600):
        try:
            ready()
        except Exception:
            assert process.poll() is None, "the server ended by itself"
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server did not come up within 30 s")


@pytest.fixture(scope="session")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port) as client:
            until(client.ping, process)
        yield port
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # PostgreSQL refuses to run as root.
    user = "nobody" if os.geteuid() == 0 else None
    port, folder = free_port(), tmp_path_factory.mktemp("postgres")
    if user is not None:
        for parent in (folder, folder.parent, folder.parent.parent):
            parent.chmod(0o755)
        shutil.chown(folder, user)
    programs = _postgres_programs()
    subprocess.run(
        [
            programs / "initdb",
            "--pgdata",
            folder / "data",
            "--auth",
            "trust",
            "--no-sync",
            "-U",
            "me",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        user=user,
        timeout=120,
    )
    options = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-k", str(folder)]
    process = subprocess.Popen(
        [programs / "postgres", "-D", folder / "data", "-p", str(port), *options],
        stderr=subprocess.DEVNULL,
        user=user,
    )
    url = f"postgresql://me@127.0.0.1:{port}/postgres"
    try:
        until(lambda: psycopg.connect(url).close(), process)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _postgres_programs() -> Path:
    """Debian keeps them out of the path, a folder for each version."""
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")), shutil.which("initdb")]
    newest = next(each for each in reversed(found[-1:] + found[:-1]) if each)
    return Path(newest).parent
