"""FastAPI and Python's own hmac, as ainative's page describes a receiver; and nativeMsg's, by the signature in the body."""

import hashlib
import hmac
import json
import os
import re
import socket

import uvicorn
from fastapi import FastAPI, Header, HTTPException, Request

SECRETS = json.loads(os.environ["SECRETS"])
SEEN: list = []
app = FastAPI()


def signature(secret: str, payload: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()


@app.middleware("http")
async def remember(request: Request, call_next):
    body = await request.body()
    response = await call_next(request)
    if request.method == "POST":
        SEEN.append({"path": request.url.path, "status": response.status_code, "body": json.loads(body)})
    return response


@app.get("/seen")
async def seen() -> list:
    return SEEN


@app.post("/ainative")
async def ainative(request: Request, x_zerodb_signature: str = Header(...)) -> dict:
    expected = signature(SECRETS["ainative"], await request.body())
    if not hmac.compare_digest(expected, x_zerodb_signature):
        raise HTTPException(status_code=401, detail="Invalid signature")
    return {"ok": True}


@app.post("/yativo")
async def yativo(request: Request, x_webhook_signature: str = Header(...)) -> dict:
    expected = signature(SECRETS["yativo"], await request.body()).removeprefix("sha256=")
    if not hmac.compare_digest(expected, x_webhook_signature):
        raise HTTPException(status_code=401, detail="Invalid signature")
    return {"ok": True}


@app.post("/nativemsg")
async def nativemsg(request: Request) -> dict:
    """The last member is the signature of the body without it."""
    body = await request.body()
    found = re.search(rb',"signature":"(sha256=[0-9a-f]{64})"}$', body)
    if not found or json.loads(body)["signature"] != found[1].decode():
        raise HTTPException(status_code=400, detail="Missing signature")
    if not hmac.compare_digest(signature(SECRETS["nativemsg"], body[: found.start()] + b"}"), found[1].decode()):
        raise HTTPException(status_code=401, detail="Invalid signature")
    return {"ok": True}


@app.post("/nativemsg-header")
async def nativemsg_header(request: Request, x_nativemsg_signature: str = Header(...)) -> dict:
    expected = signature(SECRETS["nativemsg-header"], await request.body())
    if not hmac.compare_digest(expected, x_nativemsg_signature):
        raise HTTPException(status_code=401, detail="Invalid signature")
    return {"ok": True}


listener = socket.create_server(("127.0.0.1", 0))
print("ready", listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
