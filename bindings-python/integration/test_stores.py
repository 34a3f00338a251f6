"""Claims, in every store: the memory, SQLite, a real PostgreSQL and a real Redis."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Callable

import aiosqlite
import asyncpg  # type: ignore[import-untyped]
import psycopg
import psycopg2  # type: ignore[import-untyped]
import psycopg_pool
import pytest
import redis
import redis.asyncio
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

from hookseal import WebhookError
from hookseal.idempotency import (
    AsyncIdempotency,
    AsyncRedisStore,
    AsyncSqlStore,
    Claim,
    Idempotency,
    MemoryStore,
    RedisStore,
    SqlStore,
    Store,
    idempotency_key,
)

Make = Callable[[], Store]
"""Makes a store on the same keys, as another process would."""


class Opener:
    """A function that opens a connection, and what came of it."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self.connect = connect
        self.opened: list[Any] = []

    def __call__(self) -> Any:
        self.opened.append(self.connect())
        return self.opened[-1]

    def close(self) -> None:
        for connection in self.opened:
            connection.close()


POSTGRES: dict[str, Callable[[str], Any]] = {
    "postgres": psycopg.connect,
    "psycopg2": psycopg2.connect,
    "opener": lambda url: Opener(partial(psycopg.connect, url)),
    "pool": lambda url: psycopg_pool.ConnectionPool(url, min_size=1, max_size=8, open=True),
    "sqlalchemy": lambda url: sqlalchemy.create_engine(url.replace("://", "+psycopg://")),
    "sqlalchemy connection": lambda url: sqlalchemy.create_engine(
        url.replace("://", "+psycopg://"), poolclass=sqlalchemy.NullPool
    ).connect(),
}
SQLITE: dict[str, Callable[[Path], Any]] = {
    "sqlite": lambda path: sqlite3.connect(path, check_same_thread=False),
    "sqlite opener": lambda path: Opener(partial(sqlite3.connect, path, check_same_thread=False)),
    "sqlite sqlalchemy": lambda path: sqlalchemy.create_engine(f"sqlite:///{path}"),
}


@pytest.fixture(params=["memory", *SQLITE, *POSTGRES, "redis", "redis as text"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    opened: list[Any] = []

    def kept(connection: Any) -> Any:
        opened.append(connection)
        return connection

    if request.param == "memory":
        memory = MemoryStore()
        yield lambda: memory
    elif request.param in SQLITE:
        path = request.getfixturevalue("tmp_path") / "claims.db"
        yield lambda: created(SqlStore(kept(SQLITE[request.param](path))))
    elif request.param in POSTGRES:
        url = request.getfixturevalue("postgres_url")
        with psycopg.connect(url) as connection:
            connection.execute("DROP TABLE IF EXISTS hookseal_idempotency")
        yield lambda: created(SqlStore(kept(POSTGRES[request.param](url))))
    else:
        port, text = request.getfixturevalue("redis_port"), "text" in request.param
        client = kept(redis.Redis(port=port))
        client.flushall()
        yield lambda: RedisStore(kept(redis.Redis(port=port, decode_responses=text)))
    for each in opened:
        close(each)


def close(client: Any) -> None:
    """Close what a store was given."""
    if isinstance(client, sqlalchemy.Engine):
        client.dispose()
    else:
        client.close()


def created(store: SqlStore) -> SqlStore:
    store.create_table()
    return store


def test_an_event_is_handled_once(make: Make) -> None:
    first, second = Idempotency(make()), Idempotency(make())
    assert first.claim("naive:evt_1") == "claimed"
    assert second.claim("naive:evt_1") == "in_progress"
    assert second.claim("naive:evt_2") == "claimed"
    first.complete("naive:evt_1")
    assert [once.claim("naive:evt_1") for once in (first, second)] == ["done", "done"]
    first.release("naive:evt_1")  # What is done stays done.
    assert first.claim("naive:evt_1") == "done"


def test_a_released_event_can_be_claimed_again(make: Make) -> None:
    first, second = Idempotency(make()), Idempotency(make())
    assert first.claim("k") == "claimed"
    second.release("k")  # Only its holder can give it back.
    assert second.claim("k") == "in_progress"
    second.complete("k")  # Nor can another end it.
    assert second.claim("k") == "in_progress"
    first.release("k")
    assert second.claim("k") == "claimed"


def test_a_handler_that_raises_releases(make: Make) -> None:
    once = Idempotency(make())

    def fail() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        once.run("k", fail)
    assert once.run("k", lambda: "handled") == ("claimed", "handled")
    assert once.run("k", fail) == ("done", None)


def test_only_one_of_many_at_the_same_time_claims(make: Make) -> None:
    stores = [Idempotency(make()) for _ in range(8)]
    together = threading.Barrier(len(stores))

    def claim(once: Idempotency) -> Claim:
        together.wait(30)
        return once.claim("k")

    with ThreadPoolExecutor(len(stores)) as pool:
        claims = [*pool.map(claim, stores)]
    assert sorted(claims) == ["claimed", *["in_progress"] * 7]


def test_a_lease_that_ran_out_goes_to_the_next(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    dead, next_one = Idempotency(make(), lease=60), Idempotency(make(), lease=60)
    assert dead.claim("k") == "claimed"
    pass_time(monkeypatch, 61)
    assert next_one.claim("k") == "claimed"
    dead.release("k")  # It has nothing to give back any more.
    dead.complete("k")
    assert dead.claim("k") == "in_progress"
    next_one.complete("k")
    assert dead.claim("k") == "done"


def test_what_is_done_is_forgotten_in_the_end(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    once = Idempotency(make(), ttl=timedelta(days=2))
    assert once.run("k", lambda: None)[0] == "claimed"
    pass_time(monkeypatch, 2 * 86_400 - 10)
    assert once.claim("k") == "done"
    pass_time(monkeypatch, 2 * 86_400 + 10)
    assert once.claim("k") == "claimed"


def test_work_that_outlasts_its_lease_is_done_all_the_same(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = Idempotency(make(), lease=60)
    with once.claiming("k") as claim:
        assert claim == "claimed"
        pass_time(monkeypatch, 61)
    assert once.claim("k") == "done"


def pass_time(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """Move the clocks of this process, and take from Redis what would be gone by then."""
    since, since_ns = time.monotonic(), time.time_ns()
    monkeypatch.setattr(time, "monotonic", lambda: since + seconds)
    monkeypatch.setattr(time, "time_ns", lambda: since_ns + seconds * 10**9)
    for client in CLIENTS:
        for name in client.scan_iter("hookseal:*"):
            if client.pttl(name) <= seconds * 1000:
                client.delete(name)


CLIENTS: list[Any] = []


@pytest.fixture(autouse=True)
def _clients(request: pytest.FixtureRequest) -> Iterator[None]:
    if "redis" in request.node.name:
        with redis.Redis(port=request.getfixturevalue("redis_port")) as client:
            CLIENTS.append(client)
            yield
            CLIENTS.clear()
    else:
        yield


def test_redis_forgets_by_itself(redis_port: int) -> None:
    with redis.Redis(port=redis_port) as client:
        client.flushall()
        once = Idempotency(RedisStore(client, prefix="app:"), ttl=1000, lease=100)
        assert once.claim("k") == "claimed"
        assert 0 < int(client.pttl("app:k")) <= 100_000
        once.complete("k")
        assert 100_000 < int(client.pttl("app:k")) <= 1_000_000
        assert client.keys() == [b"app:k"]


def test_rows_that_no_longer_count_can_be_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = sqlite3.connect(":memory:")
    store = created(SqlStore(connection))
    once = Idempotency(store, ttl=100)
    for key in ("a", "b"):
        once.run(key, lambda: None)
    pass_time(monkeypatch, 101)
    once.run("c", lambda: None)
    store.delete_expired()
    assert connection.execute("SELECT key FROM hookseal_idempotency").fetchall() == [("c",)]
    connection.close()


def test_the_memory_is_bounded() -> None:
    once = Idempotency(MemoryStore(max_entries=2))
    for key in ("a", "b", "c"):
        assert once.run(key, lambda: None)[0] == "claimed"
    assert [once.claim(key) for key in ("c", "b", "a")] == ["done", "done", "claimed"]


@asynccontextmanager
async def async_store(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """A store for ``async`` code, whose table was just made."""
    path = request.getfixturevalue("tmp_path") / "claims.db"
    if kind == "memory":
        yield MemoryStore()
    elif kind == "blocking":
        with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
            yield created(SqlStore(connection))
    elif kind == "redis":
        async with redis.asyncio.Redis(port=request.getfixturevalue("redis_port")) as client:
            await client.flushall()
            yield AsyncRedisStore(client)
    else:
        url: str = request.getfixturevalue("postgres_url")
        engine = f"sqlite+aiosqlite:///{path}" if "sqlite" in kind else url
        async with ASYNC[kind](path if kind == "aiosqlite" else engine) as client:
            store = AsyncSqlStore(client)
            await store.create_table()
            with psycopg.connect(url) as admin:
                admin.execute("CREATE TABLE IF NOT EXISTS hookseal_idempotency (key TEXT)")
                admin.execute("DELETE FROM hookseal_idempotency")
            yield store


@asynccontextmanager
async def opened(engine: Any) -> AsyncIterator[Any]:
    yield engine
    await engine.dispose()


@asynccontextmanager
async def awaited(connecting: Any) -> AsyncIterator[Any]:
    connection = await connecting
    yield connection
    await connection.close()


def sqlalchemy_of(driver: str) -> Callable[[str], Any]:
    def engine(url: str) -> Any:
        return opened(create_async_engine(url.replace("postgresql://", f"postgresql+{driver}://")))

    return engine


ASYNC: dict[str, Callable[[Any], Any]] = {
    "aiosqlite": aiosqlite.connect,
    "sqlite sqlalchemy": lambda url: opened(create_async_engine(url)),
    "asyncpg": lambda url: awaited(asyncpg.connect(url)),
    "asyncpg pool": asyncpg.create_pool,
    "psycopg": lambda url: awaited(psycopg.AsyncConnection.connect(url)),
    "psycopg pool": lambda url: psycopg_pool.AsyncConnectionPool(url, open=False),
    "sqlalchemy asyncpg": sqlalchemy_of("asyncpg"),
    "sqlalchemy psycopg": sqlalchemy_of("psycopg"),
}


@pytest.mark.parametrize("kind", ["memory", "blocking", "redis", *ASYNC])
def test_async_code_claims_too(kind: str, request: pytest.FixtureRequest) -> None:
    async def use(once: AsyncIdempotency) -> None:
        async def handle() -> str:
            assert await once.claim("k") == "in_progress"
            return "handled"

        async def fail() -> str:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await once.run("k", fail)
        assert await once.run("k", handle) == ("claimed", "handled")
        assert await once.run("k", handle) == ("done", None)
        assert await once.claim("other") == "claimed"
        await once.release("other")
        assert await once.claim("other") == "claimed"
        await once.complete("other")
        assert await once.claim("other") == "done"

    async def main() -> None:
        async with async_store(kind, request) as store:
            await use(AsyncIdempotency(store))

    asyncio.run(main())


@pytest.mark.parametrize("kind", [*ASYNC, "redis"])
def test_only_one_of_many_tasks_claims(kind: str, request: pytest.FixtureRequest) -> None:
    async def main() -> None:
        async with async_store(kind, request) as store:
            once = [AsyncIdempotency(store) for _ in range(8)]
            claims = await asyncio.gather(*(each.claim("k") for each in once))
            assert sorted(claims) == ["claimed", *["in_progress"] * 7]

    asyncio.run(main())


def cut(url: str) -> None:
    """Have the database end all connections but this one, as a restart does."""
    with psycopg.connect(url, autocommit=True) as connection:
        others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'me'"
        connection.execute(f"SELECT pg_terminate_backend(pid, 10000) {others}")


@pytest.mark.parametrize("kind", ["opener", "pool", "sqlalchemy"])
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_lost_connection_is_replaced(kind: str, postgres_url: str) -> None:
    client = POSTGRES[kind](postgres_url)
    once = Idempotency(created(SqlStore(client)))
    for number in range(3):
        assert once.claim(f"{kind} {number}") == "claimed"
        cut(postgres_url)
        once.complete(f"{kind} {number}")
        cut(postgres_url)
        assert once.claim(f"{kind} {number}") == "done"
    close(client)


@pytest.mark.parametrize(
    "kind", ["asyncpg pool", "psycopg pool", "sqlalchemy asyncpg", "sqlalchemy psycopg"]
)
def test_a_lost_connection_is_replaced_in_async_code(
    kind: str, request: pytest.FixtureRequest, postgres_url: str
) -> None:
    async def main() -> None:
        async with async_store(kind, request) as store:
            once = AsyncIdempotency(store)
            for number in range(3):
                assert await once.claim(f"{number}") == "claimed"
                cut(postgres_url)
                await once.complete(f"{number}")
                cut(postgres_url)
                assert await once.claim(f"{number}") == "done"

    asyncio.run(main())


def test_a_connection_that_is_lost_says_so(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        store = created(SqlStore(connection))
        cut(postgres_url)
        for _ in range(2):
            with pytest.raises(psycopg.OperationalError):
                store.claim("k", "token", 1000)


class Broken:
    """A connection that fails when it is asked to commit."""

    __module__ = "sqlite3"

    def __init__(self, path: Path) -> None:
        self.inner = sqlite3.connect(path)
        self.opened = 0

    def cursor(self) -> Any:
        return self.inner.cursor()

    def commit(self) -> None:
        self.inner.commit()
        raise sqlite3.OperationalError("the answer was lost")

    def rollback(self) -> None:
        self.inner.rollback()

    def close(self) -> None:
        self.inner.close()


def test_what_may_have_been_written_is_not_written_again(tmp_path: Path) -> None:
    connections: list[Broken] = []

    def connect() -> Broken:
        connections.append(Broken(tmp_path / "claims.db"))
        return connections[-1]

    store = SqlStore(connect)
    with pytest.raises(sqlite3.OperationalError, match="the answer was lost"):
        store.create_table()
    with pytest.raises(sqlite3.OperationalError, match="the answer was lost"):
        store.claim("k", "a", 1000)
    assert len(connections) == 1
    connections[0].close()


@pytest.mark.parametrize("term", [0, -1, 1.5, None, "1", timedelta(0)])
def test_terms_are_spans_that_are_not_empty(term: Any) -> None:
    for name in ("ttl", "lease"):
        with pytest.raises(WebhookError, match=f"`{name}` takes") as caught:
            Idempotency(MemoryStore(), **{name: term})
        assert caught.value.code == "invalid_argument"


def test_a_connection_of_an_unknown_module_is_refused() -> None:
    with pytest.raises(WebhookError, match="`client` takes a connection of `sqlite3`"):
        SqlStore(object())


def test_the_key_is_the_id_or_the_hash_of_the_body() -> None:
    of_body = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert idempotency_key("evt_1", b"{}") == "evt_1"
    assert idempotency_key(None, bytearray(b"{}")) == idempotency_key("", "{}") == of_body


def test_a_client_of_the_other_kind_is_refused() -> None:
    blocking, other = redis.Redis(), redis.asyncio.Redis()
    with pytest.raises(
        WebhookError, match=r"for a `redis\.asyncio\.Redis` there is `AsyncRedisStore`"
    ):
        RedisStore(other)
    with pytest.raises(WebhookError, match=r"for a `redis\.Redis` there is `RedisStore`"):
        AsyncRedisStore(blocking)
    unconnected = psycopg.AsyncConnection.__new__(psycopg.AsyncConnection)
    with pytest.raises(WebhookError, match="takes a connection of `sqlite3`, `psycopg`"):
        SqlStore(unconnected)
    assert RedisStore(blocking)
    assert AsyncRedisStore(other)


def test_what_would_lose_events_is_refused() -> None:
    async def handle() -> None: ...

    once = Idempotency(MemoryStore())
    for call, message in (
        (lambda: once.run("a", handle), "AsyncIdempotency, got `coroutine`"),
        (lambda: once.run(None, int), "`key` takes text.*got `NoneType`"),  # type: ignore[arg-type]
        (lambda: once.claim(b"a"), "`key` takes text.*got `bytes`"),  # type: ignore[arg-type]
        (lambda: Idempotency(object()), "`store` takes a MemoryStore"),  # type: ignore[arg-type]
        (lambda: RedisStore("redis://localhost"), "`client` takes a `redis.Redis`.*got `str`"),  # type: ignore[arg-type]
        (lambda: AsyncRedisStore(None), "`client` takes a `redis.asyncio.Redis`"),  # type: ignore[arg-type]
        (lambda: AsyncIdempotency(None), "`store` takes a MemoryStore"),  # type: ignore[arg-type]
    ):
        with pytest.raises(WebhookError, match=message):
            call()
    assert once.claim("a") == "claimed"  # It was released.
    with pytest.raises(WebhookError, match="`key` takes text"):
        asyncio.run(AsyncIdempotency.of(once).claim(None))  # type: ignore[arg-type]
