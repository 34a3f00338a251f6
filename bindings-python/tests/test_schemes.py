"""Schemes of one's own, and those of the catalogue as they are written."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from hookseal import Webhook, scheme_definition, schemes
from sample import RAW, ROOT, refused


def test_a_scheme_of_your_own_as_json_or_in_a_file(tmp_path: Path) -> None:
    signature = {"from": "header:x-sig", "encoding": "hex"}
    text = json.dumps({"id": "own", "signature": signature, "signed_content": "{body}"})
    file = tmp_path / "own.json"
    file.write_text(text, encoding="utf-8")
    mapping = json.loads(text)
    signed = Webhook(mapping, "secret").sign(RAW)
    for scheme in (text, f"\n {text}", file, PurePosixPath(file)):
        hook = Webhook(scheme, "secret")
        assert (hook.scheme, hook.sign(RAW)) == ("own", signed)
    error = refused("invalid_scheme", lambda: Webhook(tmp_path / "none.json", "secret"))
    assert str(error) == "the file of `scheme` cannot be read: FileNotFoundError"
    file.write_text("naive", encoding="utf-8")  # A name is no scheme of one's own.
    refused("invalid_scheme", lambda: Webhook(file, "secret"))
    refused("invalid_scheme", lambda: Webhook('{"id": "own"', "secret"))


def test_a_built_in_scheme_is_a_start_for_ones_own() -> None:
    for info in schemes():
        definition = scheme_definition(info.id)
        assert (definition["id"], definition.get("name")) == (info.id, info.name)
    own = {**scheme_definition("naive"), "id": "own"}
    assert Webhook(own, "secret").sign(RAW) == Webhook("naive", "secret").sign(RAW)
    refused("unknown_scheme", lambda: scheme_definition("no such"))
    refused("invalid_argument", lambda: scheme_definition(None))  # type: ignore[arg-type]


@pytest.mark.parametrize("file", ["payload.py", "scheme_types.py"])
def test_types_are_those_of_the_json_schemas(file: str) -> None:
    code = f"from payload import WRITTEN; print(WRITTEN[{file!r}]())"
    folder = ROOT / "bindings-python/generate"
    written = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, timeout=60
    )
    committed = ROOT / "bindings-python/python/hookseal" / file
    assert ast.dump(ast.parse(committed.read_bytes())) == ast.dump(ast.parse(written.stdout))
