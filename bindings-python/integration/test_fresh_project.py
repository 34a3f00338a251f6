"""A new project of each framework, begun as its documentation says, with the README's snippet."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from conftest import free_port, until
from delivery import BODY, JSON, SECRET, changed, delivery

if sys.version_info >= (3, 10):
    import httpx2 as httpx
else:
    import httpx

README = Path(__file__).parents[1] / "README.md"


class Start(NamedTuple):
    file: str
    """Where the snippet is pasted, at the end."""
    run: list[str]
    begin: list[str]


STARTS = {
    "aiohttp": Start("app.py", ["app.py"], []),
    "django": Start(
        "mysite/urls.py",
        ["manage.py", "runserver", "--noreload", "{port}"],
        ["-m", "django", "startproject", "mysite", "."],
    ),
    "fastapi": Start("main.py", ["-m", "uvicorn", "main:app", "--port", "{port}"], []),
    "flask": Start("app.py", ["-m", "flask", "run", "--port", "{port}"], []),
    "starlette": Start("main.py", ["-m", "uvicorn", "main:app", "--port", "{port}"], []),
}


def snippet_of(framework: str) -> str:
    snippets = re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S)
    (found,) = [each for each in snippets if f"from hookseal.{framework} import" in each]
    return str(found)


@pytest.mark.parametrize("framework", STARTS)
def test_the_snippet_works_where_it_is_pasted(framework: str, tmp_path: Path) -> None:
    start, port = STARTS[framework], free_port()
    if start.begin:
        subprocess.run([sys.executable, *start.begin], cwd=tmp_path, check=True, timeout=60)
    with (tmp_path / start.file).open("a", encoding="utf-8") as pasted:
        pasted.write(snippet_of(framework).replace("port=8000", f"port={port}"))
    env = {**os.environ, "WEBHOOK_SECRET": SECRET, "NO_PROXY": "*", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, *(part.format(port=port) for part in start.run)]
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=tmp_path, env=env, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            until(lambda: client.get("/"), process)
            assert client.post("/hooks", **delivery("evt_1")).status_code == 200
            answers = [
                client.post("/hooks", content=BODY, headers=JSON),
                client.post("/hooks", **changed(delivery("evt_2"), BODY + b" ")),
            ]
    finally:
        process.terminate()
        process.wait(30)
    lines = log.read_text(encoding="utf-8").splitlines()
    handled = "evt_1 invoice.paid {'type': 'invoice.paid', 'data': {'note': 'café'}}"
    assert [line for line in lines if line.startswith("evt_")] == [handled]
    for answer, code in zip(answers, ["missing_header", "no_match"]):
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)
