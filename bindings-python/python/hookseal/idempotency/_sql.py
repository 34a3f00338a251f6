"""Claims in a table, through a connection that the user has (DB-API, PEP 249).

The statements are those of SQLite (from 3.24) and PostgreSQL. Times are milliseconds since the
epoch, by the clock of this machine.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hookseal import _native
from hookseal.idempotency._claim import Claim

_TABLE = "hookseal_idempotency"
_CREATE = f"""CREATE TABLE IF NOT EXISTS {_TABLE} (
    key TEXT PRIMARY KEY, state TEXT NOT NULL, token TEXT NOT NULL, expires_at BIGINT NOT NULL
)"""
# Takes the row where there is none, or where that which is there fits the condition.
_TAKE = (
    f"INSERT INTO {_TABLE} (key, state, token, expires_at) VALUES (?, ?, ?, ?) "  # noqa: S608
    "ON CONFLICT (key) DO UPDATE "
    "SET state = excluded.state, token = excluded.token, expires_at = excluded.expires_at WHERE "
)
_CLAIM = f"{_TAKE} {_TABLE}.expires_at <= ?"
_COMPLETE = f"{_TAKE} {_TABLE}.expires_at <= ? OR {_TABLE}.token = excluded.token"
_STATE = f"SELECT state FROM {_TABLE} WHERE key = ?"  # noqa: S608
_RELEASE = f"DELETE FROM {_TABLE} WHERE key = ? AND token = ? AND state = 'in_progress'"  # noqa: S608
_EXPIRED = f"DELETE FROM {_TABLE} WHERE expires_at <= ?"  # noqa: S608


class SqlStore:
    """Claims in the table ``hookseal_idempotency`` of SQLite or PostgreSQL.

    Args:
        connection: A connection of ``sqlite3``, ``psycopg`` or ``psycopg2`` that nothing else uses:
            each call ends its transaction. For several threads, open SQLite's with
            ``check_same_thread=False``; calls take turns.

    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._mark = _mark(connection)

    def create_table(self) -> None:
        """Create the table, where it is not there yet."""
        with self._cursor() as cursor:
            cursor.execute(_CREATE)

    def delete_expired(self) -> None:
        """Delete the rows that no longer count: once a day is enough."""
        with self._cursor() as cursor:
            cursor.execute(self._sql(_EXPIRED), (_now(),))

    def claim(self, key: str, token: str, lease_ms: int) -> Claim:
        """See :class:`hookseal.idempotency.Store`."""
        now = _now()
        with self._cursor() as cursor:
            cursor.execute(self._sql(_CLAIM), (key, "in_progress", token, now + lease_ms, now))
            if cursor.rowcount == 1:
                return "claimed"
            cursor.execute(self._sql(_STATE), (key,))
            # Where the row has just gone, the sender's next attempt finds the key free.
            return "done" if cursor.fetchone() == ("done",) else "in_progress"

    def complete(self, key: str, token: str, ttl_ms: int) -> None:
        """See :class:`hookseal.idempotency.Store`."""
        now = _now()
        with self._cursor() as cursor:
            cursor.execute(self._sql(_COMPLETE), (key, "done", token, now + ttl_ms, now))

    def release(self, key: str, token: str) -> None:
        """See :class:`hookseal.idempotency.Store`."""
        with self._cursor() as cursor:
            cursor.execute(self._sql(_RELEASE), (key, token))

    def _sql(self, statement: str) -> str:
        return statement.replace("?", self._mark)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        with self._lock:
            cursor = self._connection.cursor()
            try:
                yield cursor
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise
            finally:
                cursor.close()


def _mark(connection: Any) -> str:
    """Give the placeholder of the connection's module."""
    from inspect import iscoroutinefunction

    module = sys.modules.get(type(connection).__module__.partition(".")[0])
    marks = {"qmark": "?", "format": "%s", "pyformat": "%s"}
    mark = marks.get(getattr(module, "paramstyle", ""))
    if mark is None or iscoroutinefunction(getattr(connection, "commit", None)):
        expected = "a connection of `sqlite3`, `psycopg` or `psycopg2`"
        raise _native.wrong("connection", expected, connection)
    return mark


def _now() -> int:
    return time.time_ns() // 1_000_000
