"""The snippets of docs/clients.md, one after the other, with the real server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from real_server import real_server, receiver

PAGE = Path(__file__).parents[2] / "docs/clients.md"


def test_snippets(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    snippets = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(snippets) == 12
    with real_server() as server, receiver(lambda *_: 204) as url:
        monkeypatch.setenv("HOOKSEAL_API_KEY", server.api_key)
        monkeypatch.setenv("HOOKSEAL_URL", server.url)
        scope: dict[str, Any] = {"api_key": server.api_key, "base_url": server.url}
        for snippet in snippets:
            code = snippet.replace("https://example.com/hooks", url)
            exec(compile(code, "clients.md", "exec"), scope)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("evt_")
    assert lines[2].startswith("True dlv_")
    assert lines[-1].startswith("invalid_argument settings/rate_limit ")
