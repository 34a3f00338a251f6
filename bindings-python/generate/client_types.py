"""Writes the types of the client in Python, from what bindings-js/openapi takes of the document."""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / "bindings-python/python/hookseal/client/types.py"
OPTIONS = [
    "--input-file-type=openapi",
    "--output-model-type=typing.TypedDict",
    "--target-python-version=3.10",
    "--no-use-union-operator",
    "--no-use-closed-typed-dict",
    "--enum-field-as-literal=all",
    "--use-schema-description",
    "--use-field-description",
    "--use-single-line-docstring",
    "--formatters=builtin",
    "--disable-timestamp",
    "--disable-warnings",
]

reduce = ["node", str(ROOT / "bindings-js/openapi/document.mjs")]
document = subprocess.run(reduce, check=True, capture_output=True).stdout
digest = hashlib.sha256(document.rstrip(b"\n")).hexdigest()
header = f'''"""What goes to the server and comes from it, as its OpenAPI document has it.

Written by `make client-types` from docs/openapi.json; the SHA-256 of its schemas is
{digest}.
"""'''

with tempfile.TemporaryDirectory() as folder:
    source = Path(folder, "openapi.json")
    source.write_bytes(document)
    generate = [sys.executable, "-m", "datamodel_code_generator", f"--input={source}", *OPTIONS]
    command = [*generate, f"--custom-file-header={header}"]
    written = subprocess.run(command, check=True, capture_output=True, text=True).stdout

# Python 3.9 has no `TypeAlias`, and its `TypedDict` knows nothing of `NotRequired`.
generated = """from typing import Any, Literal, Optional, TypeAlias, TypedDict, Union

from typing_extensions import NotRequired
"""
ours = """from typing import Any, Literal, Optional, Union

from typing_extensions import NotRequired, TypeAlias, TypedDict
"""
if generated not in written:
    sys.exit("the generator writes other imports than those that are replaced here")
written = written.replace(generated, ours)
OUTPUT.write_text(written.rstrip() + "\n")
