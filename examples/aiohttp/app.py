"""Receives webhooks with aiohttp: `python app.py`."""

import os

from aiohttp import web
from hookseal import Verified, Webhook
from hookseal.aiohttp import receives
from hookseal.idempotency import Idempotency, MemoryStore

hook = Webhook("standard_webhooks", os.environ["WEBHOOK_SECRET"])
meta = Webhook("meta", os.environ["META_SECRET"], config={"verify_token": os.environ["META_TOKEN"]})
once = Idempotency(MemoryStore())  # or AsyncRedisStore(redis.asyncio.Redis(…))


@receives(hook, idempotency=once)
async def receive(request: web.Request, event: Verified) -> web.Response:
    print("handled", event.id, event.type, flush=True)
    return web.json_response({"received": event.json()["type"]})


@receives(meta)
async def receive_meta(request: web.Request, event: Verified) -> None:
    print("handled", event.type, flush=True)


app = web.Application()
app.router.add_post("/hooks", receive)
app.router.add_route("*", "/meta", receive_meta)

if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
