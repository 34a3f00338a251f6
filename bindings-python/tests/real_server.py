"""The server itself, started by a test, and a receiver for what it delivers."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Callable, NamedTuple

BUILT = Path(__file__).parents[2] / "target/debug/hookseal"


class RealServer(NamedTuple):
    """What a test needs of it."""

    url: str
    api_key: str


@contextmanager
def real_server() -> Iterator[RealServer]:
    """Start it on a free port, in a folder of its own."""
    api_key = "hks_client_test_0123456789abcdef"
    env = {name: value for name, value in os.environ.items() if not name.startswith("HOOKSEAL_")}
    env["HOOKSEAL_ADMIN_KEY"] = api_key
    with TemporaryDirectory(prefix="hookseal-client-") as folder:
        program = Path(os.environ.get("HOOKSEAL_BIN", BUILT))
        assert program.exists(), "build the server with scripts/build.sh server-debug"
        command = [str(program), "serve", f"--data={folder}"]
        command += ["--listen=127.0.0.1:0", "--log=error", "--allow-http"]
        command += ["--allow-network=127.0.0.0/8", "--retry-delay-factor=0"]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout
                for line in process.stdout:
                    found = re.search(r"listening on (http:\S+)", line)
                    if found:
                        break
                else:
                    raise AssertionError("the server ended before it was ready")
                yield RealServer(found[1], api_key)
            finally:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()


@contextmanager
def receiver(handle: Callable[[bytes, Mapping[str, str]], int]) -> Iterator[str]:
    """Start what answers deliveries with the status that ``handle`` gives; give its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(handle(body, headers))
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def eventually(read: Callable[[], Any], seconds: float = 20) -> Any:
    """Give what ``read`` gives, once it is not None."""
    until = time.monotonic() + seconds
    while True:
        found = read()
        if found is not None:
            return found
        assert time.monotonic() < until, f"it did not come within {seconds} seconds"
        time.sleep(0.02)
