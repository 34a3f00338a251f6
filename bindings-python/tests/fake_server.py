"""A server that answers as it is told, one answer per request, and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, NamedTuple, Optional, Union


class Answer(NamedTuple):
    """What is answered; text as it is, the rest as JSON."""

    body: Any = None
    status: int = 200
    headers: Optional[dict[str, str]] = None


RESET = "reset"
"""Breaks the connection off."""
SILENT = "silent"
"""Answers nothing."""
HANG = "hang"
"""Answers a head, and a byte now and then."""


class Asked(NamedTuple):
    """A request."""

    method: str
    url: str
    headers: dict[str, str]
    body: Any


class FakeServer(NamedTuple):
    """What a test sees of it."""

    url: str
    requests: list[Asked]


def refusal(
    status: int, code: str, *, headers: Optional[dict[str, str]] = None, **more: Any
) -> Answer:
    """Give an error as the server writes it."""
    error = {"code": code, "message": f"this is {code}", "hint": "do this", "field": None, **more}
    return Answer({"error": error}, status, headers)


@contextmanager
def fake_server(*answers: Union[Answer, str]) -> Iterator[FakeServer]:
    """Start it; the last answer is given for ever."""
    requests: list[Asked] = []
    left = list(answers)
    ended = Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            headers = {name.lower(): value for name, value in self.headers.items()}
            requests.append(Asked(self.command, self.path, headers, body))
            answer = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(answer, Answer):
                self.answer(answer)
                return
            self.close_connection = True
            if answer == RESET:
                return
            if answer == HANG:
                self.send_response(200)
                self.end_headers()
            while not ended.wait(0.02):
                if answer == HANG:
                    try:
                        self.wfile.write(b" ")
                    except OSError:  # The client had enough.
                        return

        def answer(self, answer: Answer) -> None:
            text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            content = b"" if answer.status == 204 else text.encode()
            self.send_response(answer.status)
            self.send_header("content-length", str(len(content)))
            for name, value in (answer.headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_DELETE = do_GET = do_PATCH = do_POST = handle_any  # noqa: N815 - the names are given

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield FakeServer(f"http://127.0.0.1:{server.server_port}", requests)
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
