"""Each judge in both directions: the sender's library accepts what we sign, we accept what it signs, and both refuse
another secret and a delivery that was changed."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from delivery import Delivery, Judge, Pair, Secret, changed
from hookseal import Webhook, WebhookError
from sdks import JUDGES

EVERY = pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: f"{judge.sdk}-{judge.scheme}")
THAT_WE_PLAY = pytest.mark.parametrize(
    "judge", [judge for judge in JUDGES if not judge.verify_only], ids=lambda judge: f"{judge.sdk}-{judge.scheme}"
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """A judge that calls home would judge with something else than the library we pinned."""

    def connect(*_):
        raise AssertionError("the judges work without a network")

    monkeypatch.setattr("socket.socket.connect", connect)


def test_no_judge_is_missing():
    requirements = Path(__file__).with_name("requirements.txt").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([\w-]+)==", requirements, re.MULTILINE)) - {"pytest"}
    assert {judge.sdk for judge in JUDGES} == pinned
    assert len(JUDGES) == 10


@THAT_WE_PLAY
def test_it_accepts_what_we_sign(judge):
    for delivery in we_sign(judge, judge.secret):
        assert judge.accepts(delivery, verifying(judge.secret)) is True


@THAT_WE_PLAY
def test_it_refuses_what_we_signed_with_another_secret_and_what_was_changed(judge):
    for delivery in we_sign(judge, judge.wrong):
        they_refuse(judge, delivery)
    for delivery in we_sign(judge, judge.secret):
        they_refuse(judge, changed(delivery))


@EVERY
def test_we_accept_what_it_signs(judge):
    for delivery in they_sign(judge, judge.secret):
        assert judge.accepts(delivery, verifying(judge.secret)) is True, "it refuses its own delivery"
        we_verify(judge, delivery)


@EVERY
def test_we_refuse_what_it_signed_with_another_secret_and_what_was_changed(judge):
    for delivery in they_sign(judge, judge.wrong):
        we_refuse(judge, delivery)
    for delivery in they_sign(judge, judge.secret):
        they_refuse(judge, changed(delivery))
        we_refuse(judge, changed(delivery))


def verifying(secret: Secret) -> str:
    return secret.verifying if isinstance(secret, Pair) else secret


def signing(secret: Secret) -> str:
    return secret.signing if isinstance(secret, Pair) else secret


def we_sign(judge: Judge, secret: Secret) -> list[Delivery]:
    hook = Webhook(judge.scheme, signing(secret))
    return [
        message.signed(
            hook.sign(message.body, id=message.id, type=message.type, now=message.seconds, **address(judge, message))
        )
        for message in judge.messages()
    ]


def they_sign(judge: Judge, secret: Secret) -> list[Delivery]:
    return [judge.signs(message, signing(secret)) for message in judge.messages()]


def we_verify(judge: Judge, delivery: Delivery) -> None:
    hook = Webhook(judge.scheme, verifying(judge.secret))
    hook.verify(delivery.body, delivery.headers, now=time.time(), **address(judge, delivery))


def we_refuse(judge: Judge, delivery: Delivery) -> None:
    with pytest.raises(WebhookError) as refusal:
        we_verify(judge, delivery)
    assert refusal.value.status < 500


def they_refuse(judge: Judge, delivery: Delivery) -> None:
    try:
        accepted = judge.accepts(delivery, verifying(judge.secret))
    except Exception:  # Each library has its own.
        return
    assert accepted is False


def address(judge: Judge, delivery: Delivery) -> dict[str, str]:
    return {"method": delivery.method, "url": delivery.url} if judge.url else {}
