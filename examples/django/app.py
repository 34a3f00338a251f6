"""Receives webhooks with Django, in one file: `python app.py runserver`."""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, JsonResponse
from django.urls import path
from hookseal import Verified, Webhook
from hookseal.django import receives
from hookseal.idempotency import Idempotency, MemoryStore

settings.configure(
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ.get("DJANGO_SECRET_KEY", "only for this example"),
)

hook = Webhook("standard_webhooks", os.environ["WEBHOOK_SECRET"])
meta = Webhook("meta", os.environ["META_SECRET"], config={"verify_token": os.environ["META_TOKEN"]})
once = Idempotency(MemoryStore())  # with several processes: RedisStore(redis.Redis(…))


@receives(hook, idempotency=once)
def receive(request: HttpRequest, event: Verified) -> JsonResponse:
    print("handled", event.id, event.type, flush=True)
    return JsonResponse({"received": event.json()["type"]})


@receives(meta)
async def receive_meta(request: HttpRequest, event: Verified) -> None:
    print("handled", event.type, flush=True)


urlpatterns = [path("hooks", receive), path("meta", receive_meta)]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
