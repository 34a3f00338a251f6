"""The clients of databases that users have, each by what only it has. None of them is imported.

A connection may turn out to be lost, as after a restart of the database. Then nothing was written,
unless that happened while it was asked to commit: where the client can give another connection,
the exchange is begun once more.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, Callable, Optional, TypeVar

from hookseal import _native
from hookseal.idempotency._sql_statement import Arguments, Begin, Done

T = TypeVar("T")
Execute = Callable[[str, Arguments], Done]


class Client:
    """One that blocks."""

    def __init__(
        self, session: Callable[[], Any], renew: Optional[Callable[[], object]] = None
    ) -> None:
        self._session = session
        self._renew = renew

    def run(self, begin: Begin[T]) -> T:
        """Have an exchange in a transaction."""
        try:
            return self._run(begin)
        except LostError as lost:
            if self._renew is None:
                raise lost.cause from None
            self._renew()
        try:
            return self._run(begin)
        except LostError as lost:
            raise lost.cause from None

    def _run(self, begin: Begin[T]) -> T:
        committing = False
        try:
            with self._session() as execute:
                exchange, done = begin(), None
                try:
                    while True:
                        done = execute(*exchange.send(done))  # type: ignore[arg-type]
                except StopIteration as end:
                    committing = True
                    value: T = end.value
            return value
        except Exception as error:
            if committing or not is_lost(error):
                raise
            raise LostError(error) from error


def client_of(given: Any) -> Client:
    """Tell which client it is."""
    name = type(given).__name__
    if name.startswith("Async") or iscoroutinefunction(getattr(given, "commit", None)):
        raise _wrong_client(given)
    if hasattr(given, "exec_driver_sql"):
        connection = _Connection(given, _exec_driver, mark_of_dialect(given.dialect))
        return Client(connection.session)
    if hasattr(given, "dialect") and hasattr(given, "begin"):
        return Client(partial(_engine_session, given), _nothing)
    if hasattr(given, "getconn") and hasattr(given, "check"):
        return Client(partial(_pool_session, given), given.check)
    if hasattr(given, "cursor"):
        mark = mark_of_module(given)
        if mark is None:
            raise _wrong_client(given)
        return Client(_Connection(given, _cursor_execute, mark).session)
    if callable(given):
        opener = _Opener(given)
        return Client(opener.session, opener.close)
    raise _wrong_client(given)


class LostError(Exception):
    """The connection is gone, and nothing was written."""

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause


def is_lost(error: Exception) -> bool:
    """Tell by the names of PEP 249 and of asyncpg, and by what SQLAlchemy says of its errors."""
    if getattr(error, "connection_invalidated", False) is True:
        return True
    return any(kind.__name__ in _LOST for kind in type(error).__mro__)


_LOST = {
    "ConnectionError",
    "InterfaceError",
    "OperationalError",
    "OperatorInterventionError",
    "PostgresConnectionError",
}


class _Connection:
    """A connection that is kept, on which calls take turns."""

    def __init__(
        self, connection: Any, execute: Callable[[Any, str, Arguments], Done], mark: str
    ) -> None:
        self._connection, self._execute, self._mark = connection, execute, mark
        self._lock = threading.Lock()

    @contextmanager
    def session(self) -> Iterator[Execute]:
        with self._lock, _committing(self._connection):
            yield lambda statement, arguments: self._execute(
                self._connection, statement.replace("?", self._mark), arguments
            )


class _Opener:
    """A function that opens connections, of which one is kept."""

    def __init__(self, open_connection: Callable[[], Any]) -> None:
        self._open = open_connection
        self._connection: Any = None
        self._lock = threading.Lock()

    @contextmanager
    def session(self) -> Iterator[Execute]:
        with self._lock:
            if self._connection is None:
                self._connection = self._open()
            connection = self._connection
            mark = mark_of_module(connection)
            if mark is None:
                self._connection = None
                raise _wrong_client(connection)
            with _committing(connection):
                yield lambda statement, arguments: _cursor_execute(
                    connection, statement.replace("?", mark), arguments
                )

    def close(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()


@contextmanager
def _committing(connection: Any) -> Iterator[None]:
    try:
        yield
        connection.commit()
    except BaseException:
        # A connection that is lost may refuse even this; what is to be said is why.
        with suppress(Exception):
            connection.rollback()
        raise


@contextmanager
def _engine_session(engine: Any) -> Iterator[Execute]:
    mark = mark_of_dialect(engine.dialect)
    with engine.begin() as connection:
        yield lambda statement, arguments: _exec_driver(
            connection, statement.replace("?", mark), arguments
        )


@contextmanager
def _pool_session(pool: Any) -> Iterator[Execute]:
    with pool.connection() as connection:
        yield lambda statement, arguments: _cursor_execute(
            connection, statement.replace("?", "%s"), arguments
        )


def _cursor_execute(connection: Any, statement: str, arguments: Arguments) -> Done:
    cursor = connection.cursor()
    try:
        cursor.execute(statement, arguments)
        return Done(cursor.rowcount, cursor.fetchone() if cursor.description else None)
    finally:
        cursor.close()


def _exec_driver(connection: Any, statement: str, arguments: Arguments) -> Done:
    return done_of(connection.exec_driver_sql(statement, arguments))


def done_of(result: Any) -> Done:
    """Take what SQLAlchemy gives."""
    row = result.fetchone() if result.returns_rows else None
    return Done(result.rowcount, None if row is None else tuple(row))


def mark_of_module(connection: Any) -> Optional[str]:
    """Give the placeholder of the connection's module."""
    module = sys.modules.get(type(connection).__module__.partition(".")[0])
    return _MARKS.get(getattr(module, "paramstyle", ""))


def mark_of_dialect(dialect: Any) -> str:
    """Give the placeholder of SQLAlchemy's driver."""
    mark = _MARKS.get(dialect.paramstyle)
    if mark is None:
        raise _native.wrong("client", "a driver with placeholders `?` or `%s`", dialect)
    return mark


_MARKS = {"qmark": "?", "format": "%s", "pyformat": "%s"}


def _nothing() -> None:
    """It sees by itself that its connections are lost."""


def _wrong_client(given: Any) -> Exception:
    expected = (
        "a connection of `sqlite3`, `psycopg` or `psycopg2`, a function that opens one, a "
        "`ConnectionPool` of `psycopg_pool` or an engine of SQLAlchemy; for async code there is "
        "`AsyncSqlStore`"
    )
    return _native.wrong("client", expected, given)
