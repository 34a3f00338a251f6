"""How long importing takes, without what the interpreter imports anyway.

Run with ``python benchmarks/importing.py``.
"""

from __future__ import annotations

import subprocess
import sys

MODULES = {"hookseal": "hookseal", "standardwebhooks": "standardwebhooks", "svix": "svix.webhooks"}
ROUNDS = 15


def main() -> None:
    least = dict.fromkeys(MODULES, float("inf"))
    for _ in range(ROUNDS):
        for name, module in MODULES.items():
            least[name] = min(least[name], seconds(module))
    print("import")
    for name, took in least.items():
        print(f"  {name:<28} {took * 1e3:9.2f} ms  {took / least['hookseal']:6.1f} x hookseal")


def seconds(module: str) -> float:
    """Import in a process of its own, whose start does not count, nor waiting for a processor."""
    clock = f"import time; t = time.process_time(); import {module}; print(time.process_time() - t)"
    command = [sys.executable, "-c", clock]
    return float(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


if __name__ == "__main__":
    main()
