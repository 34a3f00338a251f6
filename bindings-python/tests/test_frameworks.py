"""Headers as frameworks have them, bodies that are none, and what an editor shows."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import hookseal
from hookseal import Verified, Webhook, WebhookError, _native, idempotency_key
from sample import HOOK, NOW, RAW, SECRET, hook_of, refused

SIGNED = HOOK.sign(RAW, id="msg_1", now=NOW)


def environ(headers: dict[str, str], **others: Any) -> dict[str, Any]:
    """What a WSGI server makes of a request; Django's META is the same."""
    keys = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()}
    given = {"REQUEST_METHOD": "POST", "wsgi.input": None, "wsgi.version": (1, 0)}
    return {"CONTENT_TYPE": "", "CONTENT_LENGTH": "2", **given, **keys, **others}


def test_an_environ_holds_headers() -> None:
    assert HOOK.verify(RAW, environ(SIGNED), now=NOW).id == "msg_1"
    # Wherever in it the key stands by which it is known.
    ordered = {**environ(SIGNED)}
    ordered["REQUEST_METHOD"] = ordered.pop("REQUEST_METHOD")
    assert HOOK.verify(RAW, ordered, now=NOW).id == "msg_1"
    refused("no_match", lambda: HOOK.verify(RAW + b" ", environ(SIGNED), now=NOW))
    refused("missing_header", lambda: HOOK.verify(RAW, environ({}), now=NOW))


def test_what_else_is_in_an_environ_is_no_header() -> None:
    own = {"id": "own", "signature": {"from": "header:signature", "encoding": "hex"}}
    hook = Webhook({**own, "signed_content": "{body}"}, "secret")
    signature = hook.sign(RAW)["signature"]
    for others in ({"SIGNATURE": signature}, {"signature": signature}):
        refused("missing_header", partial(hook.verify, RAW, environ({}, **others)))
    assert hook.verify(RAW, environ({"signature": signature}, SIGNATURE="x")).body is RAW


def test_an_environ_is_handed_over_whole_where_the_request_names_headers() -> None:
    hook = hook_of("hook0")
    signed = hook.sign(RAW, headers={"x-event-id": "evt_1", "content-type": "a/b"}, now=NOW)
    meta = environ({**signed, "x-event-id": "evt_1"}, CONTENT_TYPE="a/b")
    assert hook.verify(RAW, meta, now=NOW).body is RAW
    refused("missing_header", lambda: hook.verify(RAW, {**meta, "CONTENT_TYPE": ""}, now=NOW))


def test_a_header_of_that_name_makes_no_environ_of_pairs() -> None:
    assert HOOK.verify(RAW, [*SIGNED.items(), ("REQUEST_METHOD", "x")], now=NOW).id == "msg_1"


def test_views_are_read_where_they_look() -> None:
    raw = [(name.encode(), value.encode()) for name, value in SIGNED.items()]
    for view in (SimpleNamespace(raw=raw), SimpleNamespace(environ=environ(SIGNED))):
        assert HOOK.verify(RAW, view, now=NOW).id == "msg_1"
    # What has the names, but not what they stand for there.
    view = SimpleNamespace(raw=b"", environ=None, items=SIGNED.items)
    assert HOOK.verify(RAW, view, now=NOW).id == "msg_1"


class Listed:
    """As Starlette's headers: a list, which `raw` copies."""

    def __init__(self, pairs: Any) -> None:
        self._list = pairs

    @property
    def raw(self) -> Any:
        return [*self._list]


class InEnviron:
    """As Werkzeug's headers."""

    def __init__(self, pairs: Any) -> None:
        self.environ = environ(dict(pairs))


@pytest.mark.parametrize("kind", [Listed, InEnviron])
def test_views_of_a_type_that_was_seen_before_are_read_anew(kind: Any) -> None:
    for number in range(3):
        signed = HOOK.sign(RAW, id=f"msg_{number}", now=NOW)
        assert HOOK.verify(RAW, kind(signed.items()), now=NOW).id == f"msg_{number}"
        assert HOOK.verify(RAW, kind([*signed.items()]), now=NOW).id == f"msg_{number}"
        assert HOOK.verify(RAW, kind((*signed.items(),)), now=NOW).id == f"msg_{number}"
        refused("missing_header", partial(HOOK.verify, RAW, kind([]), now=NOW))


@pytest.mark.parametrize(
    "form",
    [
        dict,
        lambda signed: [(name.encode(), value.encode()) for name, value in signed.items()],
        lambda signed: {name: type("Text", (str,), {})(value) for name, value in signed.items()},
    ],
    ids=["text", "bytes", "a subclass"],
)
def test_what_stands_in_a_header_is_text(form: Any) -> None:
    hook = Webhook("github", "secret")
    headers = {**hook.sign(RAW), "x-github-event": "push", "x-github-delivery": "1-2"}
    event = hook.verify(RAW, form(headers))
    assert (event.id, event.type) == ("1-2", "push")
    assert [type(event.id), type(event.type)] == [str, str]


def test_a_webhook_says_what_it_needs() -> None:
    for scheme, reads_target, has_handshake in (
        ("standard_webhooks", False, False),
        ("hubspot_v3", True, False),
        ("slack", False, True),
    ):
        hook = hook_of(scheme)
        assert (hook.reads_target, hook.has_handshake) == (reads_target, has_handshake)


@pytest.mark.parametrize("parsed", [json.loads(RAW), [1], None, 7, object()], ids=type)
def test_a_parsed_body_is_refused_with_the_place_of_the_raw_one(parsed: Any) -> None:
    calls: list[Callable[[], object]] = [
        partial(HOOK.verify, parsed, {}),
        partial(hookseal.handshake, "meta", parsed, {}),
    ]
    for call in calls:
        error = refused("body_not_raw", call)
        assert str(error) == (
            "`body` takes the raw bytes or text: `await request.body()` in FastAPI and Starlette, "
            "`request.get_data()` in Flask, `request.body` in Django, `await request.read()` in "
            f"aiohttp, got `{type(parsed).__name__}`"
        )


def test_a_result_is_an_event_or_the_error() -> None:
    good = HOOK.verify_result(RAW, SIGNED, now=NOW)
    assert isinstance(good, Verified)
    assert good.type == "invoice.paid"
    for code, args in (
        ("no_match", (RAW + b" ", SIGNED)),
        ("missing_header", (RAW, {})),
        ("body_not_raw", ({}, SIGNED)),
        ("invalid_argument", (RAW, 7)),
    ):
        bad = HOOK.verify_result(*args, now=NOW)
        assert isinstance(bad, WebhookError)
        assert bad.code == code
        assert bad.__traceback__ is None


def test_what_is_no_error_is_raised_whatever_is_asked() -> None:
    class Interrupted:
        def items(self) -> Any:
            raise KeyboardInterrupt

    for call in (HOOK.verify, HOOK.verify_result):
        with pytest.raises(KeyboardInterrupt):
            call(RAW, Interrupted())


def test_an_event_without_id_has_the_hash_of_its_body_as_key() -> None:
    event = Webhook("naive", "secret").verify(b"{}", Webhook("naive", "secret").sign(b"{}"))
    digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert idempotency_key(event.id, event.body) == f"sha256:{digest}"
    assert idempotency_key("evt_1", event.body) == "evt_1"
    refused("invalid_argument", lambda: idempotency_key(7, b""))  # type: ignore[arg-type]
    refused("body_not_raw", lambda: idempotency_key(None, {}))  # type: ignore[arg-type]


def test_editors_and_help_say_the_same() -> None:
    stub = Path(hookseal.__file__).with_name("_native.pyi").read_text(encoding="utf-8")
    classes = [node for node in ast.parse(stub).body if isinstance(node, ast.ClassDef)]
    [webhook] = [node for node in classes if node.name == "Webhook"]
    defined = [node for node in webhook.body if isinstance(node, ast.FunctionDef)]
    methods = [method for method in defined if not method.name.startswith("__")]
    assert len(methods) == 8
    for method in methods:
        assert ast.get_docstring(method) == inspect.getdoc(getattr(_native.Webhook, method.name))


def test_everything_that_is_promised_is_there() -> None:
    assert set(hookseal.__all__) <= set(dir(hookseal))
    for name in hookseal.__all__:
        assert getattr(hookseal, name) is not None
    with pytest.raises(AttributeError, match="no attribute `webhok`"):
        hookseal.webhok  # type: ignore[attr-defined] # noqa: B018


def test_a_receiver_imports_no_more_than_it_needs() -> None:
    later = ["catalogue", "keys", "retry", "_explain", "idempotency"]
    code = (
        f"import sys; from hookseal import Webhook; Webhook('standard_webhooks', {SECRET!r}); "
        f"print([name for name in {later} if 'hookseal.' + name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60)
    assert done.stdout.strip() == b"[]"
