"""The server's binary on a free port, with nothing in it."""

import os
import re
import subprocess
import sys

import pytest

KEY = "hks_test_0123456789abcdef"


@pytest.fixture
def server(tmp_path):
    """The URL of a server that delivers nowhere but to this machine."""
    environment = {**os.environ, "HOOKSEAL_ADMIN_KEY": KEY}
    command = [os.environ["HOOKSEAL"], "serve", "--listen", "127.0.0.1:0", "--data", str(tmp_path)]
    log = open(tmp_path / "log", "w")
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process:
        try:
            line = process.stdout.readline()
            yield re.search(r"http://\S+", line).group()
        finally:
            process.terminate()
            process.wait(timeout=30)
            log.close()
    # What the server could not do is in its log, whatever it answered.
    failed = [line for line in (tmp_path / "log").read_text().splitlines() if "request failed" in line]
    if failed:
        print(*failed, sep="\n", file=sys.stderr)
    assert not failed


@pytest.fixture
def key():
    return KEY
