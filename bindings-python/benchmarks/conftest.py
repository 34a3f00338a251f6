"""Prints how many times as fast as each peer we are."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    session: Any = getattr(config, "_benchmarksession", None)
    fastest: dict[str, dict[str, float]] = defaultdict(dict)
    for bench in session.benchmarks if session else ():
        if bench.stats.rounds:
            fastest[bench.group][bench.param] = bench.stats.min
    terminalreporter.section("hookseal against peers (fastest round of each, same run)")
    for group, rows in fastest.items():
        for own in ("hookseal", "hookseal and json"):
            for peer in rows.keys() - {"hookseal", "hookseal and json"}:
                times = rows[peer] / rows[own]
                line = (
                    f"{group}: {own}, {rows[own] * 1e6:.2f} µs, is {times:.1f} x as fast as {peer}"
                )
                terminalreporter.write_line(line)
