"""What blocks in some frameworks and is awaited in others, written once.

A function of steps is a generator: it yields calls, and is given what they give.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from inspect import isawaitable, iscoroutinefunction
from typing import Any, Callable, NamedTuple, TypeVar, Union

T = TypeVar("T")

Wait = Callable[[Awaitable[Any]], Any]
"""Blocks until there is the result."""


class Call(NamedTuple):
    """Calls what may give an awaitable, which is awaited."""

    function: Callable[[], Any]


class Block(NamedTuple):
    """Calls what blocks: where code is ``async``, in a thread."""

    function: Callable[[Wait], Any]


Steps = Generator[Union[Call, Block], Any, T]


def run(steps: Steps[T], wait: Wait) -> T:
    """Take the steps in code that blocks."""
    resume: Callable[[Any], Union[Call, Block]] = steps.send
    value: Any = None
    while True:
        try:
            step = resume(value)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        try:
            if isinstance(step, Call):
                value = step.function()
                value = wait(value) if isawaitable(value) else value
            else:
                value = step.function(wait)
            resume = steps.send
        except BaseException as error:
            resume, value = steps.throw, error


async def run_async(steps: Steps[T]) -> T:
    """Take the steps in ``async`` code."""
    resume: Callable[[Any], Union[Call, Block]] = steps.send
    value: Any = None
    while True:
        try:
            step = resume(value)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        try:
            if isinstance(step, Call):
                value = step.function()
                value = await value if isawaitable(value) else value
            else:
                value = await in_thread(step.function, waiting())
            resume = steps.send
        except BaseException as error:
            resume, value = steps.throw, error


def awaited(
    function: Callable[..., Any], in_thread: Callable[..., Awaitable[Any]]
) -> Callable[..., Awaitable[Any]]:
    """Give what is ``async``, and what is not as what is called in a thread."""
    if iscoroutinefunction(function):
        return function

    async def call(*args: Any) -> Any:
        result = await in_thread(function, *args)
        # An object that is called may give what is to be awaited, too.
        return await result if isawaitable(result) else result

    return call


async def in_thread(function: Callable[..., T], *args: Any) -> T:
    """Call what blocks."""
    # Only whoever has an event loop pays for its import.
    from asyncio import to_thread

    return await to_thread(function, *args)


def waiting() -> Wait:
    """Make what waits, in another thread, for this loop."""
    from asyncio import get_running_loop, run_coroutine_threadsafe

    loop = get_running_loop()

    async def result_of(awaitable: Awaitable[T]) -> T:
        return await awaitable

    return lambda awaitable: run_coroutine_threadsafe(result_of(awaitable), loop).result()
