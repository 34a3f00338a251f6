"""Handle each event once: claim its key, with a store that you already run.

Senders deliver an event again when they are not sure that it arrived, and two attempts may come at
the same time. Whoever claims a key first handles it; others learn that it is in progress, or done.
"""

from hookseal._native import idempotency_key
from hookseal.idempotency._claim import Claim
from hookseal.idempotency._idempotency import AsyncIdempotency, Idempotency
from hookseal.idempotency._memory import MemoryStore
from hookseal.idempotency._redis import AsyncRedisStore, RedisStore
from hookseal.idempotency._sql import AsyncSqlStore, SqlStore
from hookseal.idempotency._store import AsyncStore, Store

__all__ = [
    "AsyncIdempotency",
    "AsyncRedisStore",
    "AsyncSqlStore",
    "AsyncStore",
    "Claim",
    "Idempotency",
    "MemoryStore",
    "RedisStore",
    "SqlStore",
    "Store",
    "idempotency_key",
]
