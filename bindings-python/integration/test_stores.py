"""Claims, in every store: the memory, SQLite, a real PostgreSQL and a real Redis."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Callable

import psycopg
import pytest
import redis
import redis.asyncio

from hookseal import WebhookError
from hookseal.idempotency import (
    AsyncIdempotency,
    AsyncRedisStore,
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


@pytest.fixture(params=["memory", "sqlite", "postgres", "redis", "redis as text"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    opened: list[Any] = []

    def kept(connection: Any) -> Any:
        opened.append(connection)
        return connection

    if request.param == "memory":
        memory = MemoryStore()
        yield lambda: memory
    elif request.param == "sqlite":
        path = request.getfixturevalue("tmp_path") / "claims.db"
        yield lambda: created(SqlStore(kept(sqlite3.connect(path, check_same_thread=False))))
    elif request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        with psycopg.connect(url) as connection:
            connection.execute("DROP TABLE IF EXISTS hookseal_idempotency")
        yield lambda: created(SqlStore(kept(psycopg.connect(url))))
    else:
        port, text = request.getfixturevalue("redis_port"), "text" in request.param
        client = kept(redis.Redis(port=port))
        client.flushall()
        yield lambda: RedisStore(kept(redis.Redis(port=port, decode_responses=text)))
    for each in opened:
        each.close()


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


@pytest.mark.parametrize("kind", ["memory", "sqlite", "redis"])
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
        if kind == "memory":
            await use(AsyncIdempotency(MemoryStore()))
        elif kind == "sqlite":
            connection = sqlite3.connect(":memory:", check_same_thread=False)
            await use(AsyncIdempotency.of(Idempotency(created(SqlStore(connection)))))
            connection.close()
        else:
            async with redis.asyncio.Redis(port=request.getfixturevalue("redis_port")) as client:
                await client.flushall()
                await use(AsyncIdempotency(AsyncRedisStore(client)))

    asyncio.run(main())


@pytest.mark.parametrize("term", [0, -1, 1.5, None, "1", timedelta(0)])
def test_terms_are_spans_that_are_not_empty(term: Any) -> None:
    for name in ("ttl", "lease"):
        with pytest.raises(WebhookError, match=f"`{name}` takes") as caught:
            Idempotency(MemoryStore(), **{name: term})
        assert caught.value.code == "invalid_argument"


def test_a_connection_of_an_unknown_module_is_refused() -> None:
    with pytest.raises(WebhookError, match="`connection` takes a connection of `sqlite3`"):
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
