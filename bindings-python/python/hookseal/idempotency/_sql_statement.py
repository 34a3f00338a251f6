"""What is asked of the table of claims: of SQLite (from 3.24) and of PostgreSQL.

Times are milliseconds since the epoch, by the clock of this machine.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, Callable, NamedTuple, Optional, TypeVar, Union

from hookseal.idempotency._claim import Claim

T = TypeVar("T")

Arguments = tuple[Union[int, str], ...]


class Done(NamedTuple):
    """What came of a statement."""

    changed: int
    """How many rows it changed."""
    row: Optional[tuple[Any, ...]]
    """The first row that it found."""


Exchange = Generator[tuple[str, Arguments], Done, T]
"""Yields statements, with ``?`` for each argument, and is given what came of them."""

Begin = Callable[[], Exchange[T]]


def claim(key: str, token: str, lease_ms: int) -> Exchange[Claim]:
    """See :class:`hookseal.idempotency.Store`."""
    now = _now()
    taken = yield _CLAIM, (key, "in_progress", token, now + lease_ms, now)
    if taken.changed == 1:
        return "claimed"
    found = yield _STATE, (key,)
    # Where the row has just gone, the sender's next attempt finds the key free.
    return "done" if found.row is not None and found.row[0] == "done" else "in_progress"


def complete(key: str, token: str, ttl_ms: int) -> Exchange[None]:
    """See :class:`hookseal.idempotency.Store`."""
    now = _now()
    yield _COMPLETE, (key, "done", token, now + ttl_ms, now)


def release(key: str, token: str) -> Exchange[None]:
    """See :class:`hookseal.idempotency.Store`."""
    yield _RELEASE, (key, token)


def create_table() -> Exchange[None]:
    """Create the table, where it is not there yet."""
    yield _CREATE, ()


def delete_expired() -> Exchange[None]:
    """Delete the rows that no longer count."""
    yield _EXPIRED, (_now(),)


def reads(statement: str) -> bool:
    """Whether it gives rows."""
    return statement is _STATE


def numbered(statement: str) -> str:
    """Write ``$1``, ``$2``, … in the place of each ``?``."""
    first, *parts = statement.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(parts, 1))


def _now() -> int:
    return time.time_ns() // 1_000_000


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
