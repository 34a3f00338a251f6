"""Receives webhooks with FastAPI: `uvicorn app:app`."""

import os
from typing import Annotated

from fastapi import Depends, FastAPI
from hookseal import Verified, Webhook
from hookseal.fastapi import METHODS, receives
from hookseal.idempotency import Idempotency, MemoryStore

hook = Webhook("standard_webhooks", os.environ["WEBHOOK_SECRET"])
meta = Webhook("meta", os.environ["META_SECRET"], config={"verify_token": os.environ["META_TOKEN"]})
once = Idempotency(MemoryStore())  # or RedisStore(redis.Redis(…)), SqlStore(lambda: psycopg.connect(…))

app = FastAPI()


@app.post("/hooks")
async def receive(event: Annotated[Verified, Depends(receives(hook, idempotency=once))]) -> dict[str, str]:
    print("handled", event.id, event.type, flush=True)
    return {"received": event.json()["type"]}


@app.api_route("/meta", methods=METHODS)
async def receive_meta(event: Annotated[Verified, Depends(receives(meta))]) -> None:
    print("handled", event.type, flush=True)
