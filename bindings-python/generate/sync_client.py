"""Writes the client for sync code from that for async code: they differ in words only.

A test compares what is there with what this would write.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[1] / "python/hookseal/client"
HEADER = "# Written by `make client-types` from the module of the same name in `_async`.\n"
WORDS = [
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\b_async\b", "_sync"),
    (r"\basync_sleep\b", "sleep"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\b__a(enter|exit|iter)__\b", r"__\1__"),
    (r"\ba(close|iter_bytes)\b", r"\1"),
]


def modules() -> dict[Path, str]:
    """Give the modules by their paths."""
    written = {}
    for source in sorted((CLIENT / "_async").glob("*.py")):
        text = source.read_text("utf-8")
        for pattern, word in WORDS:
            text = re.sub(pattern, word, text)
        written[CLIENT / "_sync" / source.name] = HEADER + text if text else ""
    return formatted(written)


def formatted(texts: dict[Path, str]) -> dict[Path, str]:
    """Format them: shorter names join lines, and sort elsewhere."""
    result = {}
    for path, text in texts.items():
        for command in (["check", "--fix", "--quiet", "--select=I"], ["format", "--quiet"]):
            run = [sys.executable, "-m", "ruff", *command, f"--stdin-filename={path}", "-"]
            done = subprocess.run(run, input=text, capture_output=True, text=True, check=True)
            text = done.stdout
        result[path] = text
    return result


if __name__ == "__main__":
    (CLIENT / "_sync").mkdir(exist_ok=True)
    for path, text in modules().items():
        path.write_text(text, "utf-8")
