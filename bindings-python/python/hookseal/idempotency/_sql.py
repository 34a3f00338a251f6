"""Claims in a table of SQLite or PostgreSQL, through the client that the user has."""

from __future__ import annotations

from functools import partial
from typing import Any

from hookseal.idempotency import _sql_statement as statement
from hookseal.idempotency._claim import Claim
from hookseal.idempotency._sql_async_client import AsyncClient, async_client_of
from hookseal.idempotency._sql_client import Client, client_of


class SqlStore:
    """Claims in the table ``hookseal_idempotency`` of SQLite or PostgreSQL.

    Args:
        client: An engine of SQLAlchemy, a ``ConnectionPool`` of ``psycopg_pool``, or a function
            that opens a connection of ``sqlite3``, ``psycopg`` or ``psycopg2``: where a connection
            was lost, these give another one. Or such a connection, also one of SQLAlchemy, that
            nothing else uses: each call ends its transaction. Calls on one connection take turns;
            for several threads, open SQLite's with ``check_same_thread=False``.

    Raises:
        WebhookError: ``invalid_argument`` for what is no such client.

    """

    def __init__(self, client: Any) -> None:
        self._client: Client = client_of(client)

    def create_table(self) -> None:
        """Create the table, where it is not there yet."""
        self._client.run(statement.create_table)

    def delete_expired(self) -> None:
        """Delete the rows that no longer count: once a day is enough."""
        self._client.run(statement.delete_expired)

    def claim(self, key: str, token: str, lease_ms: int) -> Claim:
        """See :class:`hookseal.idempotency.Store`."""
        return self._client.run(partial(statement.claim, key, token, lease_ms))

    def complete(self, key: str, token: str, ttl_ms: int) -> None:
        """See :class:`hookseal.idempotency.Store`."""
        self._client.run(partial(statement.complete, key, token, ttl_ms))

    def release(self, key: str, token: str) -> None:
        """See :class:`hookseal.idempotency.Store`."""
        self._client.run(partial(statement.release, key, token))


class AsyncSqlStore:
    """Claims in the table ``hookseal_idempotency`` of SQLite or PostgreSQL, for ``async`` code.

    Args:
        client: An ``AsyncEngine`` of SQLAlchemy, a pool of ``asyncpg``, or an
            ``AsyncConnectionPool`` of ``psycopg_pool``: where a connection was lost, these give
            another one. Or a connection of ``asyncpg``, ``psycopg`` or ``aiosqlite`` that nothing
            else uses: each call ends its transaction, and calls take turns.

    Raises:
        WebhookError: ``invalid_argument`` for what is no such client.

    """

    def __init__(self, client: Any) -> None:
        self._client: AsyncClient = async_client_of(client)

    async def create_table(self) -> None:
        """Create the table, where it is not there yet."""
        await self._client.run(statement.create_table)

    async def delete_expired(self) -> None:
        """Delete the rows that no longer count: once a day is enough."""
        await self._client.run(statement.delete_expired)

    async def claim(self, key: str, token: str, lease_ms: int) -> Claim:
        """See :class:`hookseal.idempotency.AsyncStore`."""
        return await self._client.run(partial(statement.claim, key, token, lease_ms))

    async def complete(self, key: str, token: str, ttl_ms: int) -> None:
        """See :class:`hookseal.idempotency.AsyncStore`."""
        await self._client.run(partial(statement.complete, key, token, ttl_ms))

    async def release(self, key: str, token: str) -> None:
        """See :class:`hookseal.idempotency.AsyncStore`."""
        await self._client.run(partial(statement.release, key, token))
