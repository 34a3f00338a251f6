"""Checked by mypy and pyright, never run: what type checkers know of events."""

from __future__ import annotations

from typing import Any, Literal, Optional, Union

from aiohttp import web
from django.http import HttpRequest
from starlette.requests import Request
from typing_extensions import assert_type

import hookseal.aiohttp
import hookseal.django
import hookseal.fastapi
import hookseal.flask
import hookseal.starlette
from hookseal import PublishedKeys, SchemeDefinition, Verified, Webhook, WebhookError
from hookseal.payload import (
    LumaPayload,
    NaivePayload,
    NativemsgMessage,
    NativemsgPayload,
    YativoPayload,
)


def payloads(body: bytes, name: str) -> Optional[str]:
    naive = Webhook("naive", "secret")
    assert_type(naive, Webhook[NaivePayload])
    event = naive.verify(body, {})
    assert_type(event, Verified[NaivePayload])
    payload = event.json()
    assert_type(payload["ts"], int)
    if payload["event"] == "approval.resolved":
        assert_type(payload["data"]["tenant_user_id"], Optional[str])
        payload["data"]["amount"]  # type: ignore[typeddict-item] # pyright: ignore
    result = naive.verify_result(body, {})
    assert_type(result, Union[Verified[NaivePayload], WebhookError])
    message = Webhook("nativemsg", ["a", "b"]).verify(body, {}).json()
    if message["event"] == "message.received":
        assert_type(message["message"], NativemsgMessage)
    assert_type(Webhook("yativo-v2", "secret"), Webhook[YativoPayload])
    assert_type(Webhook("luma", "secret", tolerance=5), Webhook[LumaPayload])
    assert_type(Webhook("github", "secret").verify(body, {}).json(), Any)
    assert_type(Webhook(name, "secret"), Webhook[Any])
    assert_type(event.to_dict()["timestamp"], Optional[str])
    return event.id


def own() -> None:
    acme: SchemeDefinition = {
        "id": "acme",
        "signature": {"from": "header:x-acme", "encoding": "hex", "format": {"prefix": "v1="}},
    }
    assert_type(Webhook(acme, "secret"), Webhook[Any])
    SchemeDefinition(id="acme", signature={"from": "header:x", "encoding": "octal"})  # type: ignore[typeddict-item] # pyright: ignore


def handlers(hook: Webhook[NativemsgPayload], keys: PublishedKeys) -> None:
    @hookseal.starlette.receives(hook, max_body=5)
    async def for_starlette(request: Request, event: Verified[NativemsgPayload]) -> None:
        assert_type(event.json()["bot_id"], Optional[str])

    @hookseal.starlette.receives(hook)
    def blocking(request: Request, event: Verified[NativemsgPayload]) -> None: ...

    @hookseal.starlette.receives(hook)  # type: ignore[arg-type] # pyright: ignore
    def of_another(request: Request, event: Verified[LumaPayload]) -> None: ...

    async def hook_of(request: web.Request) -> Webhook[NativemsgPayload]:
        return hook

    @hookseal.aiohttp.receives(hook_of, url=lambda request: request.path)
    async def for_aiohttp(request: web.Request, event: Verified[NativemsgPayload]) -> None: ...

    @hookseal.flask.receives("github", lambda request: request.args["secret"], tolerance=5)
    async def for_flask(event: Verified, name: str) -> str:
        return name

    @hookseal.django.receives("aws_sns", keys, config={"topic_arn": "arn"})
    def for_django(request: HttpRequest, event: Verified) -> None: ...

    hookseal.fastapi.receives("github", ["a", "b"], on_error=lambda error, request: request.url)
    hookseal.fastapi.receives("github", "a", colour="red")  # type: ignore[call-overload] # pyright: ignore
    hookseal.fastapi.receives(hook, tolerance=5)  # type: ignore[call-overload] # pyright: ignore
    kind: Literal["github"] = "github"
    hookseal.fastapi.receives(kind)  # type: ignore[call-overload] # pyright: ignore
