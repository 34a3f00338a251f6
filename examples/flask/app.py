"""Receives webhooks with Flask: `flask run`."""

import os

from flask import Flask
from hookseal import Verified, Webhook
from hookseal.flask import METHODS, receives
from hookseal.idempotency import Idempotency, MemoryStore

hook = Webhook("standard_webhooks", os.environ["WEBHOOK_SECRET"])
meta = Webhook("meta", os.environ["META_SECRET"], config={"verify_token": os.environ["META_TOKEN"]})
once = Idempotency(MemoryStore())  # with several processes: RedisStore(redis.Redis(…))

app = Flask(__name__)


@app.post("/hooks")
@receives(hook, idempotency=once)
def receive(event: Verified) -> dict[str, str]:
    print("handled", event.id, event.type, flush=True)
    return {"received": event.json()["type"]}


@app.route("/meta", methods=METHODS)
@receives(meta)
def receive_meta(event: Verified) -> None:
    print("handled", event.type, flush=True)
