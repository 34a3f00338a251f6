"""The snippets of the README that need a framework run, and receive what is posted to them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from delivery import BODY, delivery

README = Path(__file__).parents[1] / "README.md"


def test_snippets(capsys: pytest.CaptureFixture[str]) -> None:
    snippets = re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S)
    first, *framed = [each for each in snippets if each is snippets[0] or "app = " in each]
    assert len(framed) == 2
    # Annotations are looked up in the module.
    scope: dict[str, Any] = {"__name__": __name__}
    for snippet in (first, *framed):
        exec(compile(snippet, "README.md", "exec"), scope)
    with TestClient(scope["app"]) as client:
        for _ in range(2):
            assert client.post("/hooks", **delivery("evt_1")).status_code == 200
        assert client.post("/hooks", content=BODY).status_code == 401
    assert capsys.readouterr().out == "evt_1 invoice.paid\n"
    request = delivery("evt_2")
    flask = scope["flask_app"].test_client()
    answer = flask.post("/hooks", data=request["content"], headers=request["headers"])
    assert (answer.status_code, answer.data) == (200, b"got invoice.paid")
    assert flask.post("/hooks", data=BODY).status_code == 401
    assert capsys.readouterr().out == "refused: missing_header\n"
