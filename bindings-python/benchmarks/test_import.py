"""How long importing takes, without what the interpreter imports anyway."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

MODULES = {"hookseal": "hookseal", "standardwebhooks": "standardwebhooks", "svix": "svix.webhooks"}


@pytest.mark.parametrize("peer", MODULES)
def test_import(benchmark: Any, peer: str) -> None:
    module = MODULES[peer]
    benchmark.group, benchmark.param = "import", peer
    # In a process of its own for each round, whose own start does not count. Of the processor's
    # time: what else the machine does must not count either.
    clock = f"import time; t = time.process_time(); import {module}; print(time.process_time() - t)"

    def imported() -> float:
        done = subprocess.run([sys.executable, "-c", clock], capture_output=True, check=True)
        return float(done.stdout)

    benchmark.extra_info["seconds"] = min(imported() for _ in range(15))
    benchmark.pedantic(lambda: None, rounds=1)
