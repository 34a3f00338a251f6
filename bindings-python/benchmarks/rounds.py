"""Measures contenders in turns, so that what else the machine does hits all of them alike."""

from __future__ import annotations

import timeit
from collections.abc import Callable, Mapping
from typing import Any

ROUNDS = 400
ROUND_SECONDS = 0.000_4

Call = tuple[Callable[..., Any], tuple[Any, ...]]
"""A function, and what it is called with."""


def least_times(contenders: Mapping[str, Call]) -> dict[str, float]:
    """Give the seconds that a call of each takes in its fastest round, which nothing disturbed."""
    loops = {name: Loop(*call) for name, call in contenders.items()}
    least = {name: loop.seconds() for name, loop in loops.items()}
    for _ in range(ROUNDS):
        for name, loop in loops.items():
            least[name] = min(least[name], loop.seconds())
    return least


class Loop:
    """Calls a function as the line ``call(a, b)`` of a program does, over and over."""

    def __init__(self, call: Callable[..., Any], args: tuple[Any, ...]) -> None:
        names = [f"arg{index}" for index in range(len(args))]
        scope = {"call": call, **dict(zip(names, args))}
        setup = f"call, {', '.join(names)} = _call, {', '.join('_' + name for name in names)}"
        given = {"_" + name: value for name, value in scope.items()}
        # Local names, as the variables of a handler are.
        self._timer = timeit.Timer(f"call({', '.join(names)})", setup, globals=given)
        once = min(self._timer.repeat(3, 1))
        self._calls = max(1, round(ROUND_SECONDS / once))

    def seconds(self) -> float:
        return self._timer.timeit(self._calls) / self._calls
