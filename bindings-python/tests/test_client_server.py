"""The clients with the real server, and deliveries of it that are verified."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any, Callable
from urllib.parse import urljoin

import httpx
import pytest

from client_kinds import Kind, both
from hookseal import Webhook, verify_webhook_signature
from hookseal.client import ApiError
from real_server import RealServer, eventually, real_server, receiver

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
Ask = Callable[..., Any]


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[RealServer]:
    with real_server() as server:
        yield server


@pytest.fixture(name="ask")
def _ask(kind: Kind, server: RealServer) -> Ask:
    def ask(use: Callable[[Any], Any], **options: Any) -> Any:
        return kind(server.url, use, **{"api_key": server.api_key, **options})

    return ask


@both
def test_an_event_goes_out_signed_with_the_secret_that_create_gave(kind: Kind, ask: Ask) -> None:
    got = []
    secrets: list[str] = []

    def handle(body: bytes, headers: Mapping[str, str]) -> int:
        got.append(Webhook("standard_webhooks", secrets[0]).verify(body, headers))
        return 204

    with receiver(handle) as url:
        endpoint = ask(lambda c: c.endpoints.create(url=url, event_types=["invoice.paid"]))
        secrets.append(endpoint["secret"])
        key = f"order-{endpoint['id']}"

        def send(amount: int) -> Any:
            return ask(
                lambda c: c.events.send(
                    type="invoice.paid", data={"amount": amount}, idempotency_key=key
                )
            )

        sent = send(5)
        assert send(5) == sent
        with pytest.raises(ApiError) as caught:
            send(6)
        assert (caught.value.code, caught.value.status) == ("idempotency_conflict", 409)
        (delivery,) = sent["deliveries"]

        def delivered() -> Any:
            shown = ask(lambda c: c.events.get(sent["id"]))
            return shown if shown["deliveries"][0]["state"] == "delivered" else None

        assert eventually(delivered)["data"] == {"amount": 5}
        assert [(event.id, event.type) for event in got] == [(sent["id"], "invoice.paid")]
        assert ask(lambda c: c.deliveries.get(delivery["id"]))["attempts"][0]["status"] == 204
        ask(lambda c: c.deliveries.replay(delivery["id"]))
        eventually(lambda: delivered() if len(got) == 2 else None)
        assert ask(lambda c: c.events.replay(sent["id"])) == {"deliveries": 1}
        eventually(lambda: True if len(got) == 3 else None)
        ask(lambda c: c.endpoints.delete(endpoint["id"]))


@both
def test_an_endpoint_has_a_life(kind: Kind, ask: Ask) -> None:
    with receiver(lambda *_: 204) as url:
        made = ask(lambda c: c.endpoints.create(url=url, event_types=["a.b"], tenant="t"))
        id_ = made["id"]
        settings = {"rate_limit": 10}
        changed = ask(lambda c: c.endpoints.update(id_, description="mine", settings=settings))
        assert (changed["description"], changed["settings"]["rate_limit"]) == ("mine", 10)
        assert ask(lambda c: c.endpoints.pause(id_))["state"] == "paused"
        assert ask(lambda c: c.endpoints.resume(id_))["state"] == "active"
        assert ask(lambda c: c.endpoints.enable(id_))["state"] == "active"
        rotated = ask(lambda c: c.endpoints.rotate_secret(id_, overlap_seconds=0))
        assert rotated["secret"] != made["secret"]
        tested = ask(lambda c: c.endpoints.test(id_, type="a.b", data={"n": 1}))
        assert tested["endpoint_id"] == id_
        assert ask(lambda c: c.endpoints.replay_failed(id_, since=EPOCH)) == {"deliveries": 0}
        ask(lambda c: c.endpoints.delete(id_))
        with pytest.raises(ApiError) as caught:
            ask(lambda c: c.endpoints.get(id_))
        assert (caught.value.code, caught.value.status) == ("not_found", 404)
        assert caught.value.hint


@both
def test_lists_are_gone_through(kind: Kind, ask: Ask) -> None:
    made = [ask(lambda c, n=n: create(c, n))["id"] for n in range(5)]
    assert [row["id"] for row in ask(lambda c: kind.rows(of_tenant(c)))] == made
    page = ask(lambda c: of_tenant(c).page())
    following = ask(lambda c: of_tenant(c).page(page["next"]))
    assert [row["id"] for row in following["data"]] == made[2:4]
    batch = [{"type": "e.f", "data": {"n": n}, "tenant": "pages"} for n in range(5)]
    sent = ask(lambda c: c.events.send_batch(batch))["events"]
    listed = ask(lambda c: c.events.list(tenant="pages", limit=2).all())
    assert [row["id"] for row in listed] == [event["id"] for event in reversed(sent)]
    states = ["failed", "cancelled"]
    filters = {"state": states, "tenant": "pages", "since": EPOCH}
    assert ask(lambda c: c.deliveries.list(**filters).all()) == []
    ask(lambda c: c.tenants.erase("pages"))
    assert ask(lambda c: of_tenant(c).all()) == []


def create(client: Any, number: int) -> Any:
    url = f"http://127.0.0.1:4000/{number}"
    return client.endpoints.create(url=url, event_types=["c.d"], tenant="pages")


def of_tenant(client: Any) -> Any:
    return client.endpoints.list(tenant="pages", limit=2)


@both
def test_a_key_does_what_its_scope_says(kind: Kind, ask: Ask) -> None:
    made = ask(lambda c: c.api_keys.create(scope="read", name="looks"))
    key = made["key"]
    ask(lambda c: c.endpoints.list().page(), api_key=key)
    with pytest.raises(ApiError) as caught:
        ask(lambda c: c.events.send(type="a.b", data={}), api_key=key)
    assert (caught.value.code, caught.value.status) == ("forbidden", 403)
    assert made["id"] in [row["id"] for row in ask(lambda c: c.api_keys.list().all())]
    ask(lambda c: c.api_keys.delete(made["id"]))
    with pytest.raises(ApiError) as caught:
        ask(lambda c: c.endpoints.list().page(), api_key=key)
    assert (caught.value.code, caught.value.status) == ("unauthorized", 401)


@both
def test_keys_are_listed_by_pages(kind: Kind, ask: Ask) -> None:
    made = [ask(lambda c: c.api_keys.create(scope="read"))["id"] for _ in range(3)]
    page = ask(lambda c: c.api_keys.list(limit=2).page())
    assert len(page["data"]) == 2
    assert page["next"]
    listed = [row["id"] for row in ask(lambda c: c.api_keys.list(limit=2).all())]
    assert [key for key in listed if key in made] == made
    following = ask(lambda c: c.api_keys.list(after=made[0]).all())
    assert [row["id"] for row in following] == made[1:]
    for key in made:
        ask(lambda c, key=key: c.api_keys.delete(key))


@both
def test_a_source_takes_what_verifies_and_explains_what_does_not(
    kind: Kind, ask: Ask, server: RealServer
) -> None:
    old, secret = "whsec_b2xkIHNlY3JldCBvZiBTdHJpcGU=", "whsec_bmV3IHNlY3JldCBvZiBTdHJpcGU="
    wanted = {"name": "shop", "scheme": "stripe", "secrets": [old], "settings": {"id_from": "/id"}}
    made = ask(lambda c: c.sources.create(**wanted, tenant="inbound"))
    id_ = made["id"]
    body = json.dumps({"id": "evt_1", "type": "invoice.paid", "amount": 5})
    headers = Webhook("stripe", secret).sign(body, id="evt_1", type="invoice.paid")

    def send() -> httpx.Response:
        return httpx.post(urljoin(server.url, made["url"]), content=body, headers=headers)

    def refused() -> Any:
        return ask(lambda c: kind.rows(c.sources.refusals(id_))) or None

    assert send().status_code == 401
    (row,) = eventually(refused)
    assert row["code"] == "no_match"

    def look() -> Any:
        return ask(lambda c: c.sources.refusal(id_, row["id"]))

    assert look()["body"] == {"text": body}
    assert look()["explanation"]["error"]["code"] == "no_match"
    assert ask(lambda c: c.sources.update(id_, secrets=[secret, old]))["secrets"] == 2
    assert look()["explanation"]["verified"]
    taken = send()
    assert taken.status_code == 200
    event = ask(lambda c: c.events.get(taken.headers["hookseal-event-id"]))
    assert (event["type"], event["data"]) == ("shop.invoice.paid", json.loads(body))
    listed = ask(lambda c: c.sources.list(tenant="inbound", limit=1).all())
    assert [source["id"] for source in listed] == [id_]
    counts = {"accepted": 1, "duplicates": 0, "refused": {"no_match": 1}}

    def counted() -> Any:
        return True if ask(lambda c: c.sources.get(id_))["counts"] == counts else None

    assert eventually(counted)
    ask(lambda c: c.sources.delete(id_))
    with pytest.raises(ApiError) as caught:
        ask(lambda c: c.sources.get(id_))
    assert (caught.value.code, caught.value.status) == ("not_found", 404)


@both
def test_the_secret_that_a_sender_hands_over_is_shown(
    kind: Kind, ask: Ask, server: RealServer
) -> None:
    made = ask(lambda c: c.sources.create(name="tasks", scheme="asana"))
    headers = {"x-hook-secret": "b537207f20cbfa02357cf448134da559"}
    answer = httpx.post(urljoin(server.url, made["url"]), content="{}", headers=headers)
    assert answer.headers["x-hook-secret"] == headers["x-hook-secret"]
    shown = ask(lambda c: c.sources.handed_over_secret(made["id"]))
    assert shown == {"secret": headers["x-hook-secret"]}
    ask(lambda c: c.sources.delete(made["id"]))


@both
def test_what_is_wrong_in_a_request_is_named(kind: Kind, ask: Ask) -> None:
    endpoint = {"url": "http://127.0.0.1:4000/", "event_types": ["a.b"]}
    with pytest.raises(ApiError) as caught:
        ask(lambda c: c.endpoints.create(**endpoint, settings={"rate_limit": 0}))
    assert (caught.value.code, caught.value.status) == ("invalid_argument", 422)
    assert caught.value.field == "settings/rate_limit"


@both
def test_webhooks_of_all_and_of_one_user(kind: Kind, ask: Ask) -> None:
    with receiver(lambda *_: 204) as url:
        mine = ask(lambda c: c.for_user("u1").webhooks.create(url, ["g.h"]))
        shared = ask(lambda c: c.webhooks.create(url, ["g.h"]))
        assert mine["secret"].startswith("whsec_")
        (listed,) = ask(lambda c: c.for_user("u1").webhooks.list())
        assert listed["id"] == mine["id"]
        assert "secret" not in listed
        tested = ask(lambda c: c.for_user("u1").webhooks.test(mine["id"]))
        assert tested["endpoint_id"] == mine["id"]
        with pytest.raises(ApiError, match="no webhook"):
            ask(lambda c: c.for_user("u1").webhooks.remove(shared["id"]))
        ask(lambda c: c.for_user("u1").webhooks.remove(mine["id"]))
        ask(lambda c: c.webhooks.remove(shared["id"]))
        assert ask(lambda c: c.for_user("u1").webhooks.list()) == []


@both
def test_naives_subscriptions_get_naives_deliveries(kind: Kind, ask: Ask) -> None:
    types = ["email.received", "approval.resolved"]
    got: list[tuple[bytes, str, str]] = []

    def handle(body: bytes, headers: Mapping[str, str]) -> int:
        got.append((body, headers["x-naive-signature"], headers["x-naive-event"]))
        return 200

    with receiver(handle) as url:
        sub = ask(lambda c: c.webhooks.create(url, types), naive=True)
        of_user = ask(lambda c: c.for_user("u1").webhooks.create(url, types[:1]), naive=True)
        assert (sub["tenant_user_id"], of_user["tenant_user_id"]) == (None, "u1")
        assert sub["active"]
        assert sorted(ask(lambda c: c.webhooks.event_types(), naive=True)) == sorted(types)
        assert ask(lambda c: c.for_user("u1").webhooks.event_types(), naive=True)
        (listed,) = ask(lambda c: c.for_user("u1").webhooks.list(), naive=True)
        assert listed == {name: of_user[name] for name in of_user if name != "secret"}
        tested = ask(lambda c: c.webhooks.test(sub["id"]), naive=True)
        assert (tested["delivered"], tested["status"], tested["id"]) == (True, 200, sub["id"])
        ((body, signature, event),) = got
        assert verify_webhook_signature(sub["secret"], body, signature)
        # What a receiver has that is written after the page, without this package.
        assert hmac.new(sub["secret"].encode(), body, hashlib.sha256).hexdigest() == signature
        assert event == tested["event"] == json.loads(body)["event"]
        with pytest.raises(ApiError) as caught:
            ask(lambda c: c.for_user("u2").webhooks.remove(of_user["id"]), naive=True)
        assert (caught.value.code, caught.value.status) == ("not_found", 404)
        ask(lambda c: c.for_user("u1").webhooks.remove(of_user["id"]), naive=True)
        ask(lambda c: c.webhooks.remove(sub["id"]), naive=True)
        assert ask(lambda c: c.webhooks.list(), naive=True) == []
