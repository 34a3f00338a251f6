"""The same receiver in each framework, and a client that posts to it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable, NamedTuple

import aiohttp.test_utils
import django.conf
import django.test
import django.urls
import fastapi
import flask
from aiohttp import web
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

import hookseal.aiohttp
import hookseal.django
import hookseal.fastapi
import hookseal.flask
import hookseal.starlette
from hookseal import Verified


class Answered(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


Handle = Callable[[Verified], int]
"""Gives the status to answer, or raises."""
Post = Callable[..., Answered]
"""Posts ``content`` with ``headers``."""

django.conf.settings.configure(
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for tests",
)
urlpatterns: list[Any] = []


@contextmanager
def in_fastapi(handle: Handle, read_first: bool, **options: Any) -> Iterator[Post]:
    app = fastapi.FastAPI()
    event_of = hookseal.fastapi.receives(**options)

    async def read(request: fastapi.Request) -> None:
        if read_first:
            async for _ in request.stream():
                pass

    @app.post("/hooks", dependencies=[fastapi.Depends(read)])
    def hook(event: Verified = fastapi.Depends(event_of)) -> str:  # noqa: B008 - FastAPI's way
        status = handle(event)
        if status != 200:
            raise fastapi.HTTPException(status)
        return "handled"

    with in_asgi(app) as post:
        yield post


@contextmanager
def in_starlette(handle: Handle, read_first: bool, **options: Any) -> Iterator[Post]:
    @hookseal.starlette.receives(**options)
    async def hook(request: Request, event: Verified) -> Response:
        assert await request.body() == event.body
        return Response("handled", handle(event))

    with in_starlette_endpoint(hook, read_first) as post:
        yield post


@contextmanager
def in_blocking_starlette(handle: Handle, read_first: bool, **options: Any) -> Iterator[Post]:
    @hookseal.starlette.receives(**options)
    def hook(request: Request, event: Verified) -> Response:
        assert in_a_thread()
        return Response("handled", handle(event))

    with in_starlette_endpoint(hook, read_first) as post:
        yield post


@contextmanager
def in_starlette_endpoint(hook: Any, read_first: bool) -> Iterator[Post]:
    async def endpoint(request: Request) -> Response:
        if read_first:
            async for _ in request.stream():
                pass
        answer: Response = await hook(request)
        return answer

    with in_asgi(Starlette(routes=[Route("/hooks", endpoint, methods=["POST"])])) as post:
        yield post


@contextmanager
def in_asgi(app: Any) -> Iterator[Post]:
    with TestClient(app, raise_server_exceptions=False) as client:

        def post(content: bytes, headers: dict[str, str]) -> Answered:
            answer = client.post("/hooks?a=1", content=content, headers=headers)
            return Answered(answer.status_code, dict(answer.headers), answer.content)

        yield post


@contextmanager
def in_flask(handle: Handle, read_first: bool, **options: Any) -> Iterator[Post]:
    @hookseal.flask.receives(**options)
    def hook(event: Verified) -> tuple[str, int]:
        assert flask.request.get_data() == event.body
        return "handled", handle(event)

    with in_flask_view(hook, read_first) as post:
        yield post


@contextmanager
def in_async_flask(handle: Handle, read_first: bool, **options: Any) -> Iterator[Post]:
    @hookseal.flask.receives(**options)
    async def hook(event: Verified) -> tuple[str, int]:
        await asyncio.sleep(0)
        return "handled", handle(event)

    with in_flask_view(hook, read_first) as post:
        yield post


@contextmanager
def in_flask_view(hook: Any, read_first: bool) -> Iterator[Post]:
    app = flask.Flask("served")
    app.post("/hooks")(hook)

    @app.before_request
    def read() -> None:
        if read_first:
            flask.request.stream.read()

    def post(content: bytes, headers: dict[str, str]) -> Answered:
        client = app.test_client()
        answer = client.post("/hooks?a=1", data=content, headers=headers)
        return Answered(answer.status_code, lower(answer.headers), answer.data)

    yield post


@contextmanager
def in_django(handle: Handle, read_first: bool, **options: Any) -> Iterator[Post]:
    @hookseal.django.receives(**options)
    def hook(request: HttpRequest, event: Verified) -> HttpResponse:
        return HttpResponse("handled", status=handle(event))

    with in_django_view(hook, read_first) as post:
        yield post


@contextmanager
def in_async_django(handle: Handle, read_first: bool, **options: Any) -> Iterator[Post]:
    @hookseal.django.receives(**options)
    async def hook(request: HttpRequest, event: Verified) -> HttpResponse:
        return HttpResponse("handled", status=handle(event))

    with in_django_view(hook, read_first) as post:
        yield post


@contextmanager
def in_django_view(hook: Any, read_first: bool) -> Iterator[Post]:
    def reading(request: HttpRequest) -> Any:
        request.read()
        return hook(request)

    view: Any = reading if read_first else hook
    if read_first and iscoroutinefunction(hook):
        view = markcoroutinefunction(reading)
    view.csrf_exempt = hook.csrf_exempt
    urlpatterns[:] = [django.urls.path("hooks", view)]
    django.urls.clear_url_caches()

    def post(content: bytes, headers: dict[str, str]) -> Answered:
        client = django.test.Client(enforce_csrf_checks=True, raise_request_exception=False)
        kind = headers.get("content-type", "application/json")
        answer = client.post("/hooks?a=1", content, content_type=kind, headers=headers)
        return Answered(answer.status_code, lower(answer.headers), answer.content)

    yield post


@contextmanager
def in_aiohttp(handle: Handle, read_first: bool, **options: Any) -> Iterator[Post]:
    @hookseal.aiohttp.receives(**options)
    async def hook(request: web.Request, event: Verified) -> web.StreamResponse:
        return web.Response(text="handled", status=handle(event))

    with in_aiohttp_handler(hook, read_first) as post:
        yield post


@contextmanager
def in_blocking_aiohttp(handle: Handle, read_first: bool, **options: Any) -> Iterator[Post]:
    @hookseal.aiohttp.receives(**options)
    def hook(request: web.Request, event: Verified) -> web.StreamResponse:
        assert in_a_thread()
        return web.Response(text="handled", status=handle(event))

    with in_aiohttp_handler(hook, read_first) as post:
        yield post


@contextmanager
def in_aiohttp_handler(hook: Any, read_first: bool) -> Iterator[Post]:
    async def receive(request: web.Request) -> web.StreamResponse:
        if read_first:
            await request.content.read()
        answer: web.StreamResponse = await hook(request)
        return answer

    async def open_client() -> aiohttp.test_utils.TestClient[web.Request, web.Application]:
        app = web.Application(client_max_size=2 * 1024 * 1024)
        app.router.add_post("/hooks", receive)
        client = aiohttp.test_utils.TestClient(aiohttp.test_utils.TestServer(app))
        await client.start_server()
        return client

    loop = asyncio.new_event_loop()
    client = loop.run_until_complete(open_client())

    async def posted(content: bytes, headers: dict[str, str]) -> Answered:
        data = io.BytesIO(content)
        async with client.post("/hooks?a=1", data=data, headers=headers) as answer:
            return Answered(answer.status, lower(answer.headers), await answer.read())

    try:
        yield lambda content, headers: loop.run_until_complete(posted(content, headers))
    finally:
        loop.run_until_complete(client.close())
        loop.close()


def in_a_thread() -> bool:
    """Whether this blocks no event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return True
    return False


def lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


SERVED = {
    "aiohttp": in_aiohttp,
    "blocking aiohttp": in_blocking_aiohttp,
    "django": in_django,
    "async django": in_async_django,
    "fastapi": in_fastapi,
    "flask": in_flask,
    "async flask": in_async_flask,
    "starlette": in_starlette,
    "blocking starlette": in_blocking_starlette,
}
