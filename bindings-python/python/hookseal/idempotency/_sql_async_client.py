"""The clients of databases that users have for ``async`` code; as those of ``_sql_client``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, Callable, Optional, TypeVar

from hookseal import _native
from hookseal.idempotency._sql_client import (
    LostError,
    done_of,
    is_lost,
    mark_of_dialect,
    mark_of_module,
)
from hookseal.idempotency._sql_statement import Arguments, Begin, Done, numbered, reads

T = TypeVar("T")
AsyncExecute = Callable[[str, Arguments], Awaitable[Done]]


class AsyncClient:
    """One for ``async`` code."""

    def __init__(
        self,
        session: Callable[[], Any],
        renew: Optional[Callable[[], Awaitable[object]]] = None,
    ) -> None:
        self._session = session
        self._renew = renew

    async def run(self, begin: Begin[T]) -> T:
        """Have an exchange in a transaction."""
        try:
            return await self._run(begin)
        except LostError as lost:
            if self._renew is None:
                raise lost.cause from None
            await self._renew()
        try:
            return await self._run(begin)
        except LostError as lost:
            raise lost.cause from None

    async def _run(self, begin: Begin[T]) -> T:
        committing = False
        try:
            async with self._session() as execute:
                exchange, done = begin(), None
                try:
                    while True:
                        done = await execute(*exchange.send(done))  # type: ignore[arg-type]
                except StopIteration as end:
                    committing = True
                    value: T = end.value
            return value
        except Exception as error:
            if committing or not is_lost(error):
                raise
            raise LostError(error) from error


def async_client_of(given: Any) -> AsyncClient:
    """Tell which client it is."""
    if hasattr(given, "sync_engine"):
        return AsyncClient(partial(_async_engine_session, given), _nothing_async)
    if hasattr(given, "getconn") and iscoroutinefunction(getattr(given, "check", None)):
        return AsyncClient(partial(_async_pool_session, given), given.check)
    if hasattr(given, "fetchrow"):
        if hasattr(given, "acquire"):
            return AsyncClient(partial(_asyncpg_pool_session, given), given.expire_connections)
        return AsyncClient(_AsyncConnection(given, _asyncpg_execute).session)
    if iscoroutinefunction(getattr(given, "commit", None)):
        mark = mark_of_module(given)
        if mark is not None:
            execute = partial(_execute_async, mark=mark)
            return AsyncClient(_AsyncConnection(given, execute, given.commit).session)
    expected = (
        "an `AsyncEngine` of SQLAlchemy, a pool or connection of `asyncpg` or of `psycopg` for "
        "async code, or a connection of `aiosqlite`; for others there is `SqlStore`"
    )
    raise _native.wrong("client", expected, given)


class _AsyncConnection:
    """The same for ``async`` code."""

    def __init__(
        self,
        connection: Any,
        execute: Callable[[Any, str, Arguments], Awaitable[Done]],
        commit: Optional[Callable[[], Awaitable[object]]] = None,
    ) -> None:
        self._connection, self._execute, self._commit = connection, execute, commit
        self._lock: Any = None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncExecute]:
        if self._lock is None:
            from asyncio import Lock

            self._lock = Lock()
        async with self._lock:
            try:
                yield partial(self._execute, self._connection)
                if self._commit is not None:
                    await self._commit()
            except BaseException:
                if self._commit is not None:
                    with suppress(Exception):
                        await self._connection.rollback()
                raise


@asynccontextmanager
async def _async_engine_session(engine: Any) -> AsyncIterator[AsyncExecute]:
    paramstyle = engine.dialect.paramstyle
    async with engine.begin() as connection:

        async def execute(statement: str, arguments: Arguments) -> Done:
            written = (
                numbered(statement)
                if paramstyle == "numeric_dollar"
                else statement.replace("?", mark_of_dialect(engine.dialect))
            )
            return done_of(await connection.exec_driver_sql(written, arguments))

        yield execute


@asynccontextmanager
async def _async_pool_session(pool: Any) -> AsyncIterator[AsyncExecute]:
    async with pool.connection() as connection:
        yield partial(_execute_async, connection, mark="%s")


@asynccontextmanager
async def _asyncpg_pool_session(pool: Any) -> AsyncIterator[AsyncExecute]:
    async with pool.acquire() as connection:
        yield partial(_asyncpg_execute, connection)


async def _execute_async(
    connection: Any, statement: str, arguments: Arguments, *, mark: str
) -> Done:
    cursor = await connection.execute(statement.replace("?", mark), arguments)
    try:
        return Done(cursor.rowcount, await cursor.fetchone() if cursor.description else None)
    finally:
        await cursor.close()


async def _asyncpg_execute(connection: Any, statement: str, arguments: Arguments) -> Done:
    if reads(statement):
        row = await connection.fetchrow(numbered(statement), *arguments)
        return Done(0, None if row is None else tuple(row))
    status = await connection.execute(numbered(statement), *arguments)  # Such as `INSERT 0 1`.
    count = status.rpartition(" ")[2]
    return Done(int(count) if count.isdecimal() else 0, None)


async def _nothing_async() -> None:
    """It sees by itself that its connections are lost."""
