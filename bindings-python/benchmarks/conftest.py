"""Prints how many times as fast as each peer we are."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

OWN = ("hookseal", "hookseal and json")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    session: Any = getattr(config, "_benchmarksession", None)
    fastest: dict[str, dict[str, float]] = defaultdict(dict)
    for bench in session.benchmarks if session else ():
        if bench.stats.rounds:
            seconds = bench.extra_info.get("seconds", bench.stats.min)
            fastest[bench.group][bench.param] = seconds
    terminalreporter.section("hookseal against peers (fastest round of each, same run)")
    for group, rows in fastest.items():
        for own in [own for own in OWN if own in rows]:
            for peer in [peer for peer in rows if peer not in OWN]:
                times = rows[peer] / rows[own]
                line = (
                    f"{group}: {own}, {rows[own] * 1e6:.2f} µs, is {times:.1f} x as fast as {peer}"
                )
                terminalreporter.write_line(line)
