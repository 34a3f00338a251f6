"""Receives webhooks with Starlette: `uvicorn app:app`."""

import os

from hookseal import Verified, Webhook
from hookseal.idempotency import Idempotency, MemoryStore
from hookseal.starlette import METHODS, receives
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

hook = Webhook("standard_webhooks", os.environ["WEBHOOK_SECRET"])
meta = Webhook("meta", os.environ["META_SECRET"], config={"verify_token": os.environ["META_TOKEN"]})
once = Idempotency(MemoryStore())  # or AsyncRedisStore(redis.asyncio.Redis(…))


@receives(hook, idempotency=once)
async def receive(request: Request, event: Verified) -> JSONResponse:
    print("handled", event.id, event.type, flush=True)
    return JSONResponse({"received": event.json()["type"]})


@receives(meta)
async def receive_meta(request: Request, event: Verified) -> None:
    print("handled", event.type, flush=True)


app = Starlette(routes=[Route("/hooks", receive, methods=["POST"]), Route("/meta", receive_meta, methods=METHODS)])
