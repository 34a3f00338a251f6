"""The snippets of the README run, in their order; so do the examples in the docstrings."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hookseal import retry, webhook

README = Path(__file__).parents[1] / "README.md"


def test_snippets(capsys: pytest.CaptureFixture[str]) -> None:
    snippets = re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S)
    assert len(snippets) == 4
    scope: dict[str, Any] = {}
    for snippet in snippets:
        exec(compile(snippet, "README.md", "exec"), scope)
    accepted, short, empty = capsys.readouterr().out.splitlines()
    assert accepted == "msg_1 invoice.paid {'type': 'invoice.paid', 'data': {'amount': 5}}"
    assert short.startswith("no_match - ")
    assert empty.startswith("missing_header - ")


@pytest.mark.parametrize("module", [retry, webhook], ids=lambda module: module.__name__)
def test_examples(module: ModuleType) -> None:
    failed, attempted = doctest.testmod(module)
    assert (failed, attempted > 0) == (0, True)
