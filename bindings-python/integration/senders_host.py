"""A host of a sender, reached as a proxy of the environment reaches it: CONNECT, then TLS."""

from __future__ import annotations

import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Optional

import pytest


class Host(NamedTuple):
    asked: list[str]
    """The request lines, of what was asked of the host after the proxy let it through."""
    answers: dict[str, Optional[bytes]]
    """By path, what is sent; None to keep silent."""


@contextmanager
def senders_host(name: str, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Serve what is put into its answers as `https://{name}`; its certificate is believed."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        f"-subj /CN=sender -addext subjectAltName=DNS:{name} -out certificate.pem -keyout key.pem"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    host = Host([], {})
    stop = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if head(self.request) != f"CONNECT {name}:443":
                return
            self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            try:
                with context.wrap_socket(self.request, server_side=True) as secure:
                    line = head(secure)
                    host.asked.append(line)
                    answer = host.answers[line.split()[1]]
                    if answer is None:
                        stop.wait(30)
                    else:
                        secure.sendall(answer)
            except OSError:
                pass  # It went away, as it may.

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for variable in ("NO_PROXY", "no_proxy", "https_proxy"):
            patch.delenv(variable, raising=False)
        patch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.server_address[1]}")
        patch.setenv("SSL_CERT_FILE", str(certificate))
        yield host
        stop.set()
        server.shutdown()


def head(connection: socket.socket | Any) -> str:
    """Read the head of a request; give what is asked for."""
    read = b""
    while b"\r\n\r\n" not in read:
        part = connection.recv(65536)
        if not part:
            return ""
        read += part
    return read.decode().partition(" HTTP/")[0]


def answer(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{more}\r\n".encode() + body
