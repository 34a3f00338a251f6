#!/usr/bin/env python3
"""Writes the vectors in this folder, with Python's own hmac and base64: not with the core that they judge.

Run `python3 tests/vectors/generate.py` after a change here; `--check` tells whether the files are current.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys

import providers

HERE = pathlib.Path(__file__).parent
NOW = 1_777_111_523  # 2026-04-25T10:05:23Z
NOW_MS = NOW * 1000

STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
TEXT_SECRET = "whsec_nai_2uA7s0mQm9pXb1vJ"

STRIPE = {
    "id": "stripe-like",
    "signature": {
        "from": "header:Stripe-Signature",
        "format": {"mode": "kv", "item_sep": ",", "kv_sep": "=", "sig_keys": ["v1"], "ts_key": "t"},
        "encoding": "hex",
    },
    "signed_content": "{timestamp}.{body}",
    "timestamp": {"from": "signature", "unit": "s"},
    "event_id": "json:/id",
    "event_type": "json:/type",
}
SLACK = {
    "id": "slack-like",
    "signature": {"from": "header:x-slack-signature", "format": {"mode": "plain", "prefix": "v0="}, "encoding": "hex"},
    "signed_content": "v0:{timestamp}:{body}",
    "timestamp": {"from": "header:x-slack-request-timestamp", "unit": "s"},
    "event_type": "json:/event/type",
}
# Changes of SLACK: a timestamp that may be left out, and a JSON Web Token.
MAY_LACK = {
    "signed_content": "[[{timestamp}:]]{body}",
    "body_type": "json",
    "timestamp": {"from": "header:x-slack-request-timestamp", "unit": "s", "optional": True},
}
TOKEN = {
    "algorithm": "jwt",
    "signature": {"from": "header:x", "encoding": "base64url"},
    "signed_content": "",
    "body_coverage": "none",
    "timestamp": None,
    "event_type": None,
}
SVIX = {
    "id": "svix-like",
    "key": {"encoding": "base64", "strip_prefix": ["whsec_"]},
    "header_aliases": {
        "svix-id": ["webhook-id"],
        "svix-timestamp": ["webhook-timestamp"],
        "svix-signature": ["webhook-signature"],
    },
    "signature": {
        "from": "header:svix-signature",
        "format": {"mode": "tagged_list", "item_sep": " ", "tag_sep": ",", "tags": ["v1"]},
        "encoding": "base64",
    },
    "signed_content": "{header:svix-id}.{timestamp}.{body}",
    "timestamp": {"from": "header:svix-timestamp", "unit": "s"},
    "event_id": "header:svix-id",
    "event_type": "json:/type",
}
LIST = {
    "id": "list-like",
    "key": {"encoding": "hex"},
    "signature": {"from": "header:x-sigs", "format": {"mode": "list", "sep": ","}, "encoding": "base64"},
    "signed_content": "{body}",
}
MILLIS = {
    "id": "millis-like",
    "signature": {"from": "header:x-sig", "encoding": "hex"},
    "signed_content": "{timestamp}\n{body}",
    "timestamp": {"from": "header:x-time", "unit": "ms", "tolerance_seconds": 60},
}
ISO = {
    "id": "iso-like",
    "signature": {"from": "header:x-sig", "encoding": "base64"},
    "signed_content": "{header:x-id}{timestamp}{body}",
    "timestamp": {"from": "header:x-time", "unit": "iso8601"},
    "event_id": "header:x-id",
    "event_type": "header:x-type",
}

EVENTS = {
    "naive": b'{"event":"email.received","data":{"message_id":"msg_1","subject":"Re: caf\xc3\xa9 \xe2\x9c\x93","tenant_user_id":"user_42"},"ts":1777111523250}',
    "ainative": b'{"event_type":"agent.task.complete","occurred_at":"2026-04-25T10:05:23Z","data":{"task_id":"f47ac10b-58cc-4372-a567-0e02b2c3d479","status":"completed","agent_types":["backend","qa"],"owner_id":"user-uuid"}}',
    "yativo": b'{"id":"evt_01HV","type":"deposit.confirmed","created_at":"2026-04-25T10:05:23Z","data":{"amount":"250.00","currency":"USDC"}}',
    "nativemsg": b'{"event":"message.received","timestamp":"2025-10-08T18:15:00Z","bot_id":"12345","user":{"id":"67890","phone":"+15555550123"},"message":{"type":"text","content":"Hi, I need help!"}}',
    "luma": b'{"type":"guest.registered","data":{"id":"gst-1","user_email":"ada@example.com","user_first_name":"Ada"}}',
    "standard": b'{"type":"invoice.paid","timestamp":"2026-04-25T10:05:23Z","data":{"amount":18446744073709551617}}',
}


def mac(key, *parts, algorithm=hashlib.sha256):
    return hmac.new(key if isinstance(key, bytes) else key.encode(), b"".join(parts), algorithm).digest()


def hexmac(key, *parts):
    return mac(key, *parts).hex()


def standard_key(secret):
    text = secret.removeprefix("whsec_")
    return base64.b64decode(text + "=" * (-len(text) % 4))


def standard(secret, msg_id, timestamp, body, tag="v1"):
    digest = mac(standard_key(secret), f"{msg_id}.{timestamp}.".encode(), body)
    return f"{tag},{base64.b64encode(digest).decode()}"


def body_field(body):
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"bodyBase64": base64.b64encode(body).decode()}


class Suite:
    """One file: groups of tests with a running number."""

    def __init__(self, name, operation, notes):
        self.name, self.operation, self.notes, self.groups, self.count = name, operation, notes, [], 0

    def group(self, **fields):
        self.groups.append({**fields, "tests": []})

    def add(self, comment, result, flags=(), **fields):
        for flag in flags:
            assert flag in self.notes, flag
        self.count += 1
        test = {"tcId": self.count, "comment": comment, "flags": list(flags), **fields, "result": result}
        self.groups[-1]["tests"].append(test)

    def text(self):
        document = {
            "schema": "vector.schema.json",
            "operation": self.operation,
            "numberOfTests": self.count,
            "notes": {flag: {"description": text} for flag, text in self.notes.items()},
            "testGroups": [group for group in self.groups if group["tests"]],
        }
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def verify_suite():
    suite = Suite(
        "verify.json",
        "verify",
        {
            "Published": "The example that the sender publishes; nothing in it is ours.",
            "Rotation": "Several secrets or several signatures.",
            "Casing": "Names of headers are case-insensitive and come in any order.",
            "Bytes": "The body is bytes, not text and not JSON.",
            "Boundary": "The timestamp lies exactly on the tolerance.",
            "BodySignature": "The signature is a member of the body.",
        },
    )

    def ok(comment, headers, body, now_ms=NOW_MS, flags=(), key_index=0, **expected):
        fields = {"id": None, "type": None, "timestampMs": None, "keyIndex": key_index, **expected}
        suite.add(
            comment,
            "valid",
            flags,
            nowMs=now_ms,
            headers=[list(h) for h in headers],
            **body_field(body),
            expected=fields,
        )

    # Standard Webhooks.
    suite.group(scheme="standard_webhooks", secrets=[STANDARD_SECRET])
    ok(
        "the example of the specification's libraries",
        [
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ],
        b'{"test": 2432232314}',
        1614265330_000,
        ["Published"],
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestampMs=1614265330_000,
    )
    body = EVENTS["standard"]
    good = standard(STANDARD_SECRET, "msg_1", NOW, body)
    base = {"id": "msg_1", "type": "invoice.paid", "timestampMs": NOW_MS}

    def headers(signature=good, ts=str(NOW)):
        return [("webhook-id", "msg_1"), ("webhook-timestamp", ts), ("webhook-signature", signature)]

    ok("one signature", headers(), body, **base)
    ok(
        "names in upper case, other order",
        [
            ("WEBHOOK-SIGNATURE", good),
            ("Content-Type", "application/json"),
            ("Webhook-Timestamp", str(NOW)),
            ("Webhook-ID", "msg_1"),
        ],
        body,
        flags=["Casing"],
        **base,
    )
    ok("a v1a signature before ours is passed over", headers("v1a,AAAA " + good), body, flags=["Rotation"], **base)
    ok(
        "a wrong v1 first, ours last",
        headers("v1," + base64.b64encode(b"\0" * 32).decode() + " " + good),
        body,
        flags=["Rotation"],
        **base,
    )
    ok("a malformed v1 first, ours last", headers("v1,!!!! " + good), body, flags=["Rotation"], **base)
    ok(
        "two lines of the signature header",
        headers(standard(OTHER_SECRET, "msg_1", NOW, body)) + [("webhook-signature", good)],
        body,
        flags=["Rotation"],
        **base,
    )
    ok(
        "two lines of the signature header, joined by a comma on the way",
        headers(standard(OTHER_SECRET, "msg_1", NOW, body) + ", " + good),
        body,
        flags=["Rotation"],
        **base,
    )
    ok("two spaces between signatures", headers("v1a,AAAA  " + good), body, flags=["Rotation"], **base)
    ok("300 s old", headers(), body, NOW_MS + 300_000, ["Boundary"], **base)
    ok("300 s early", headers(), body, NOW_MS - 300_000, ["Boundary"], **base)
    for name, raw in [
        ("not UTF-8", b"\x22\xff\x22"),
        ("empty", b""),
        ("with a BOM", b"\xef\xbb\xbf{}"),
        ("not JSON", b"hello"),
        ("with NUL", b"\0\0"),
        ("1 MiB of zeros", b"0" * (1 << 20)),
    ]:
        if len(raw) > 4096:
            continue
        ok(
            f"a body that is {name}",
            headers(standard(STANDARD_SECRET, "msg_1", NOW, raw)),
            raw,
            flags=["Bytes"],
            id="msg_1",
            timestampMs=NOW_MS,
        )
    suite.group(scheme="standard_webhooks", secrets=[OTHER_SECRET, STANDARD_SECRET])
    ok("the second of two secrets", headers(), body, flags=["Rotation"], key_index=1, **base)
    ok(
        "both secrets signed: the first one tells",
        headers(good + " " + standard(OTHER_SECRET, "msg_1", NOW, body)),
        body,
        flags=["Rotation"],
        key_index=0,
        **base,
    )
    suite.group(scheme="standard_webhooks", secrets=[STANDARD_SECRET.removeprefix("whsec_")])
    ok("a secret without its prefix", headers(), body, **base)
    suite.group(scheme="standard_webhooks", secrets=[STANDARD_SECRET], toleranceSeconds=10)
    ok("a narrower tolerance, kept", headers(), body, NOW_MS + 10_000, ["Boundary"], **base)

    # The four systems and Luma.
    def system(name, header, prefix, kind, event_type, secret=TEXT_SECRET, extra=(), event_id=None):
        body = EVENTS[kind]
        suite.group(scheme=name, secrets=[secret])
        value = prefix + hexmac(secret, body)
        ok("the system's own example", [(header, value), *extra], body, id=event_id, type=event_type)
        ok(
            "upper-case hex",
            [(header, prefix + hexmac(secret, body).upper()), *extra],
            body,
            id=event_id,
            type=event_type,
        )
        ok(
            "a clock that is years off does not matter",
            [(header, value), *extra],
            body,
            0,
            id=event_id,
            type=event_type,
        )

    system(
        "naive",
        "X-Naive-Signature",
        "",
        "naive",
        "email.received",
        extra=[("X-Naive-Event", "email.received"), ("webhook-id", "evt_1")],
        event_id="evt_1",
    )
    ok(
        "the type is read from the body, which is signed",
        [("X-Naive-Signature", hexmac(TEXT_SECRET, EVENTS["naive"])), ("X-Naive-Event", "approval.resolved")],
        EVENTS["naive"],
        type="email.received",
    )
    system(
        "ainative",
        "X-ZeroDB-Signature",
        "sha256=",
        "ainative",
        "agent.task.complete",
        secret="my-secret-at-least-8-chars",
    )
    system("yativo", "X-Webhook-Signature", "", "yativo", "deposit.confirmed", event_id="evt_01HV")
    system("nativemsg", "X-NativeMsg-Signature", "sha256=", "nativemsg", "message.received")
    system("luma", "X-Luma-Signature", "", "luma", "guest.registered")
    suite.group(scheme="luma", secrets=[TEXT_SECRET])
    ok(
        "with the prefix",
        [("x-luma-signature", "sha256=" + hexmac(TEXT_SECRET, EVENTS["luma"]))],
        EVENTS["luma"],
        type="guest.registered",
    )
    suite.group(scheme="yativo-v2", secrets=[TEXT_SECRET])
    ok(
        "timestamp and body",
        [
            ("x-yativo-timestamp", str(NOW)),
            ("x-yativo-signature", "sha256=" + hexmac(TEXT_SECRET, f"{NOW}.".encode(), EVENTS["yativo"])),
        ],
        EVENTS["yativo"],
        id="evt_01HV",
        type="deposit.confirmed",
        timestampMs=NOW_MS,
    )

    # nativemsg without the header.
    suite.group(scheme="nativemsg", secrets=[TEXT_SECRET])
    plain = EVENTS["nativemsg"]
    inner = "sha256=" + hexmac(TEXT_SECRET, plain)
    signed = plain[:-1] + f',"signature":"{inner}"}}'.encode()
    ok("the signature in the body", [], signed, flags=["BodySignature"], type="message.received")
    spaced_plain = b'{\n  "event": "message.sent"\n}\n'
    spaced = (
        b'{\n  "event": "message.sent",\n  "signature": "sha256='
        + hexmac(TEXT_SECRET, spaced_plain).encode()
        + b'"\n}\n'
    )
    ok("spaced JSON", [], spaced, flags=["BodySignature"], type="message.sent")
    ok(
        "the header signs the body with its member",
        [("x-nativemsg-signature", "sha256=" + hexmac(TEXT_SECRET, signed))],
        signed,
        flags=["BodySignature"],
        type="message.received",
    )
    nested = b'{"event":"message.sent","message":{"signature":"Yours, Ada"}}'
    ok(
        "a member of the same name further in",
        [],
        nested[:-1] + b',"signature":"sha256=' + hexmac(TEXT_SECRET, nested).encode() + b'"}',
        flags=["BodySignature"],
        type="message.sent",
    )

    # Schemes of one's own.
    body = b'{"id":"evt_123","type":"test.event","data":{"name":"caf\xc3\xa9 \xe2\x9c\x93","n":1}}'
    suite.group(scheme=STRIPE, secrets=["whsec_test_secret"])
    signature = hexmac("whsec_test_secret", f"{NOW}.".encode(), body)
    known = {"id": "evt_123", "type": "test.event", "timestampMs": NOW_MS}
    ok("t and v1", [("stripe-signature", f"t={NOW},v1={signature}")], body, **known)
    ok(
        "v0 is passed over, two v1",
        [("stripe-signature", f"v0=abc,v1={'0' * 64},v1={signature},t={NOW}")],
        body,
        flags=["Rotation"],
        **known,
    )
    ok("spaces after commas", [("stripe-signature", f"t={NOW}, v1={signature}")], body, **known)
    ok(
        "the vector that the sender's own library accepts",
        [("stripe-signature", "t=1700000000,v1=d5fe8f1adb87ef60dced84254ae5e13f739d58333cb3382a8fec24d0f249ffdd")],
        body,
        1700000000_000,
        ["Published"],
        id="evt_123",
        type="test.event",
        timestampMs=1700000000_000,
    )
    suite.group(scheme=SLACK, secrets=["8f742231b10e8888abcd99yyyzzz85a5"])
    ok(
        "a literal, the timestamp and the body",
        [
            ("x-slack-request-timestamp", str(NOW)),
            ("x-slack-signature", "v0=" + hexmac("8f742231b10e8888abcd99yyyzzz85a5", f"v0:{NOW}:".encode(), body)),
        ],
        body,
        timestampMs=NOW_MS,
    )
    suite.group(scheme=SVIX, secrets=[STANDARD_SECRET])
    svix = standard(STANDARD_SECRET, "msg_1", NOW, EVENTS["standard"])
    ok(
        "the sender's own names",
        [("svix-id", "msg_1"), ("svix-timestamp", str(NOW)), ("svix-signature", svix)],
        EVENTS["standard"],
        **base,
    )
    ok(
        "the aliases",
        [("webhook-id", "msg_1"), ("webhook-timestamp", str(NOW)), ("webhook-signature", svix)],
        EVENTS["standard"],
        **base,
    )
    suite.group(scheme=LIST, secrets=["00ff" * 16])
    key = bytes.fromhex("00ff" * 16)
    ok("a list in base64 with a hex key", [("x-sigs", "AAAA, " + base64.b64encode(mac(key, body)).decode())], body)
    suite.group(scheme=MILLIS, secrets=["k"])
    ok(
        "milliseconds and a key of one byte",
        [("x-time", str(NOW_MS + 250)), ("x-sig", hexmac("k", f"{NOW_MS + 250}\n".encode(), body))],
        body,
        timestampMs=NOW_MS + 250,
    )
    suite.group(scheme=ISO, secrets=["k" * 200])
    stamp = "2026-04-25T12:05:23.5+02:00"
    ok(
        "RFC 3339 with offset and fraction, a key longer than a block",
        [
            ("x-id", "a1"),
            ("x-type", "x.y"),
            ("x-time", stamp),
            ("x-sig", base64.b64encode(mac("k" * 200, f"a1{stamp}".encode(), body)).decode()),
        ],
        body,
        id="a1",
        type="x.y",
        timestampMs=NOW_MS + 500,
    )
    return suite


def reject_suite():
    suite = Suite(
        "reject.json",
        "verify",
        {
            "Forged": "The signature is not the sender's.",
            "Malformed": "The header is not in the form that the scheme writes.",
            "Timestamp": "The timestamp is not canonical, or too old or too new.",
            "PeersAccept": "At least one of the reference libraries accepts this or fails with something other than its own error.",
            "BodySignature": "The signature is a member of the body.",
            "Limits": "More than any sender sends.",
        },
    )

    def bad(comment, code, headers, body, now_ms=NOW_MS, flags=()):
        suite.add(
            comment, "invalid", flags, nowMs=now_ms, headers=[list(h) for h in headers], **body_field(body), code=code
        )

    body = EVENTS["standard"]
    good = standard(STANDARD_SECRET, "msg_1", NOW, body)

    def headers(signature=good, ts=None, msg_id="msg_1"):
        return [
            ("webhook-id", msg_id),
            ("webhook-timestamp", str(NOW) if ts is None else ts),
            ("webhook-signature", signature),
        ]

    suite.group(scheme="standard_webhooks", secrets=[STANDARD_SECRET])
    for at, name in enumerate(["webhook-id", "webhook-timestamp", "webhook-signature"]):
        rest = headers()
        del rest[at]
        bad(f"no {name}", "missing_header", rest, body, flags=["Malformed"])
        rest = headers()
        rest[at] = (name, "")
        bad(f"empty {name}", "malformed_header", rest, body, flags=["Malformed"])
        if at < 2:
            bad(
                f"{name} twice",
                "malformed_header",
                headers() + [rest[at][:1] + (headers()[at][1],)],
                body,
                flags=["Malformed"],
            )
    bad("no header at all", "missing_header", [], body, flags=["Malformed"])
    bad("another id", "no_match", headers(msg_id="msg_2"), body, flags=["Forged"])
    # What was signed as id `msg_1` and body `note.<later>.rest`, cut at another full stop.
    text = f"note.{NOW + 86400}.rest".encode()
    moved = standard(STANDARD_SECRET, "msg_1", NOW, text)
    cut = [("webhook-id", f"msg_1.{NOW}.note"), ("webhook-timestamp", str(NOW + 86400)), ("webhook-signature", moved)]
    bad(
        "the same bytes, cut elsewhere",
        "malformed_header",
        cut,
        b"rest",
        NOW_MS + 86_400_000,
        ["Forged", "PeersAccept"],
    )
    bad("another timestamp", "no_match", headers(ts=str(NOW + 1)), body, flags=["Forged"])
    bad("another body", "no_match", headers(), body + b" ", flags=["Forged"])
    bad("another secret", "no_match", headers(standard(OTHER_SECRET, "msg_1", NOW, body)), body, flags=["Forged"])
    bad(
        "the right bytes under another version",
        "unsupported_signature",
        headers(good.replace("v1,", "v2,")),
        body,
        flags=["Malformed"],
    )
    bad(
        "the right bytes without a version",
        "malformed_header",
        headers(good.removeprefix("v1,")),
        body,
        flags=["Malformed"],
    )
    bad("only v1a", "unsupported_signature", headers("v1a,AAAA"), body, flags=["Malformed"])
    for comment, value in [
        ("nothing after the version", "v1,"),
        ("one character", "v1,A"),
        ("short", "v1,AAAA"),
        ("cut by one", good[:-1]),
        ("longer by one", good + "A"),
        ("not base64", "v1," + "!" * 44),
        ("hex instead", "v1," + hexmac(standard_key(STANDARD_SECRET), b"msg_1.", str(NOW).encode(), b".", body)),
        ("33 bytes", "v1," + base64.b64encode(bytes(33)).decode()),
        ("31 bytes", "v1," + base64.b64encode(bytes(31)).decode()),
        ("a NUL", "v1,\0"),
        ("letters beyond ASCII", "v1,é✓"),
    ]:
        bad(f"signature: {comment}", "malformed_header", headers(value), body, flags=["Malformed"])
    bad("signature: unpadded", "malformed_header", headers(good.rstrip("=")), body, flags=["Malformed"])
    tail = "v1," + good[3:-2] + chr(ord(good[-2]) + 1) + "="
    bad(
        "signature: bits that base64 does not use are set",
        "malformed_header",
        headers(tail),
        body,
        flags=["Malformed", "PeersAccept"],
    )
    bad(
        "signature: junk inside the base64",
        "malformed_header",
        headers(good[:10] + "!!!!" + good[10:]),
        body,
        flags=["Malformed", "PeersAccept"],
    )
    bad("signature: the word garbage", "malformed_header", headers("garbage"), body, flags=["Malformed", "PeersAccept"])
    bad(
        "a body of other invalid UTF-8",
        "no_match",
        headers(standard(STANDARD_SECRET, "msg_1", NOW, b"\x22\xff\x22")),
        b"\x22\xfe\x22",
        flags=["Forged", "PeersAccept"],
    )

    def stamped(text):
        return headers(standard(STANDARD_SECRET, "msg_1", text, body), ts=text)

    for comment, text in [
        ("a word behind", f"{NOW}abc"),
        ("a space before", f" {NOW}"),
        ("a space behind", f"{NOW} "),
        ("a fraction", f"{NOW}.9"),
        ("a plus", f"+{NOW}"),
        ("a leading zero", f"0{NOW}"),
        ("a minus", f"-{NOW}"),
        ("the smallest 64-bit number", "-9223372036854775808"),
        ("more than 64 bits", "9" * 30),
        ("not a number", "NaN"),
        ("infinity", "Infinity"),
        ("hexadecimal", hex(NOW)),
        ("an exponent", "1e9"),
        ("RFC 3339", "2026-04-25T10:05:23Z"),
        ("digits of another script", "١٧٧٧١١١٥٢٣"),
        ("an underscore", "1_777_111_523"),
    ]:
        bad(
            f"timestamp: {comment}",
            "malformed_timestamp",
            stamped(text),
            body,
            flags=["Timestamp"] + (["PeersAccept"] if comment in ("a word behind", "a plus", "a leading zero") else []),
        )
    bad(
        "timestamp: the largest 64-bit number",
        "timestamp_too_new",
        stamped("9223372036854775807"),
        body,
        flags=["Timestamp", "PeersAccept"],
    )
    bad(
        "timestamp: milliseconds instead of seconds",
        "timestamp_too_new",
        stamped(str(NOW_MS)),
        body,
        flags=["Timestamp"],
    )
    bad("timestamp: zero", "timestamp_too_old", stamped("0"), body, flags=["Timestamp"])
    bad("301 s old", "timestamp_too_old", headers(), body, NOW_MS + 301_000, ["Timestamp"])
    bad("301 s early", "timestamp_too_new", headers(), body, NOW_MS - 301_000, ["Timestamp"])
    bad("one millisecond over", "timestamp_too_old", headers(), body, NOW_MS + 300_001, ["Timestamp"])
    bad("33 signatures", "too_many_signatures", headers(" ".join(["v1,AAAA"] * 32 + [good])), body, flags=["Limits"])
    bad("a header of 8193 bytes", "header_too_long", headers("v1," + "A" * 8190), body, flags=["Limits"])
    suite.group(scheme="standard_webhooks", secrets=[STANDARD_SECRET], toleranceSeconds=10)
    bad("a narrower tolerance, passed", "timestamp_too_old", headers(), body, NOW_MS + 10_001, ["Timestamp"])
    suite.group(scheme="standard_webhooks", secrets=[OTHER_SECRET, "whsec_" + "A" * 32])
    bad("none of two secrets", "no_match", headers(), body, flags=["Forged"])

    for name, header, prefix, kind in [
        ("naive", "x-naive-signature", "", "naive"),
        ("ainative", "x-zerodb-signature", "sha256=", "ainative"),
        ("yativo", "x-webhook-signature", "", "yativo"),
        ("nativemsg", "x-nativemsg-signature", "sha256=", "nativemsg"),
        ("luma", "x-luma-signature", "", "luma"),
    ]:
        body = EVENTS[kind]
        signature = hexmac(TEXT_SECRET, body)
        suite.group(scheme=name, secrets=[TEXT_SECRET])
        bad("no header", "missing_header", [], body, flags=["Malformed"])
        bad("an empty header", "malformed_header", [(header, "")], body, flags=["Malformed"])
        for comment, value in [
            ("short", signature[:10]),
            ("one digit too few", signature[:-1]),
            ("one digit too many", signature + "0"),
            ("not hex", "zz" * 32),
            ("a space before", " " + signature),
            ("base64 of the right bytes", base64.b64encode(bytes.fromhex(signature)).decode()),
            ("32 characters beyond ASCII", "é" * 32),
        ]:
            bad(comment, "malformed_header", [(header, prefix + value)], body, flags=["Malformed"])
        bad("the header twice", "malformed_header", [(header, prefix + signature)] * 2, body, flags=["Malformed"])
        bad(
            "the header joined by a proxy",
            "malformed_header",
            [(header, f"{prefix}{signature}, {prefix}{signature}")],
            body,
            flags=["Malformed"],
        )
        bad("all zeros", "no_match", [(header, prefix + "0" * 64)], body, flags=["Forged"])
        bad(
            "the hash without the key",
            "no_match",
            [(header, prefix + hashlib.sha256(body).hexdigest())],
            body,
            flags=["Forged"],
        )
        bad("another secret", "no_match", [(header, prefix + hexmac("other", body))], body, flags=["Forged"])
        respaced = json.dumps(json.loads(body), ensure_ascii=False).encode()
        bad("parsed and serialised again", "no_match", [(header, prefix + signature)], respaced, flags=["Forged"])
        if prefix:
            bad("without the prefix", "malformed_header", [(header, signature)], body, flags=["Malformed"])
        elif name != "luma":
            bad("with a prefix", "malformed_header", [(header, "sha256=" + signature)], body, flags=["Malformed"])
        else:
            bad("with another prefix", "malformed_header", [(header, "sha512=" + signature)], body, flags=["Malformed"])

    suite.group(scheme="nativemsg", secrets=[TEXT_SECRET])
    plain = EVENTS["nativemsg"]
    inner = "sha256=" + hexmac(TEXT_SECRET, plain)
    member = f'"signature":"{inner}"'.encode()
    for comment, code, body in [
        ("no member, no header", "missing_header", plain),
        ("not JSON", "missing_header", b"hello"),
        ("an array", "missing_header", b"[1]"),
        ("the member first", "malformed_body", b"{" + member + b"," + plain[1:]),
        ("the member twice", "malformed_body", plain[:-1] + b"," + member + b"," + member + b"}"),
        (
            "the member twice, once in escapes",
            "malformed_body",
            plain[:-1] + b',"\\u0073ignature":"x",' + member + b"}",
        ),
        ("the member is a number", "malformed_body", plain[:-1] + b',"signature":1}'),
        ("the member is an object", "malformed_body", plain[:-1] + b',"signature":{' + member + b"}}"),
        (
            "the member without its prefix",
            "malformed_header",
            plain[:-1] + b',"signature":"' + inner[7:].encode() + b'"}',
        ),
        ("the member is empty", "malformed_header", plain[:-1] + b',"signature":""}'),
        ("changed before the member", "no_match", plain[:-1].replace(b"Hi,", b"Ho,") + b"," + member + b"}"),
        ("something behind the member", "no_match", plain[:-1] + b"," + member + b" }"),
        ("only further in", "missing_header", b'{"a":{' + member + b"}}"),
    ]:
        bad(f"in the body: {comment}", code, [], body, flags=["BodySignature"])
    bad(
        "a wrong header is not made good by the member",
        "no_match",
        [("x-nativemsg-signature", "sha256=" + "0" * 64)],
        plain[:-1] + b"," + member + b"}",
        flags=["BodySignature"],
    )
    bad(
        "an empty header is not absent",
        "malformed_header",
        [("x-nativemsg-signature", "")],
        plain[:-1] + b"," + member + b"}",
        flags=["BodySignature"],
    )

    body = b'{"id":"evt_123","type":"test.event"}'
    signature = hexmac("whsec_test_secret", f"{NOW}.".encode(), body)
    suite.group(scheme=STRIPE, secrets=["whsec_test_secret"])
    for comment, code, value in [
        ("no timestamp", "malformed_header", f"v1={signature}"),
        ("no signature", "malformed_header", f"t={NOW}"),
        ("two timestamps", "malformed_header", f"t={NOW},t={NOW},v1={signature}"),
        ("an empty timestamp", "malformed_timestamp", f"t=,v1={signature}"),
        ("only another version", "unsupported_signature", f"t={NOW},v0={signature}"),
        ("separators only", "malformed_header", ",,,==,"),
        ("another timestamp", "no_match", f"t={NOW + 1},v1={signature}"),
        ("too old", "timestamp_too_old", f"t={NOW - 301},v1={signature}"),
        ("33 signatures", "too_many_signatures", f"t={NOW}," + ",".join([f"v1={signature}"] * 33)),
    ]:
        bad(comment, code, [("stripe-signature", value)], body, flags=["Malformed"])
    suite.group(scheme=MILLIS, secrets=["k"])
    bad(
        "seconds instead of milliseconds",
        "timestamp_too_old",
        [("x-time", str(NOW)), ("x-sig", "0" * 64)],
        body,
        flags=["Timestamp"],
    )
    suite.group(scheme=ISO, secrets=["k"])
    for text in [
        "2026-04-25",
        "2026-04-25T10:05:23",
        "2026-04-25 10:05:23",
        str(NOW),
        "2026-02-30T00:00:00Z",
        "tomorrow",
    ]:
        bad(
            f"not RFC 3339: {text}",
            "malformed_timestamp",
            [("x-id", "a1"), ("x-time", text), ("x-sig", "A" * 43 + "=")],
            body,
            flags=["Timestamp"],
        )
    return suite


def sign_suite():
    suite = Suite(
        "sign.json",
        "sign",
        {
            "BodySignature": "The signature is a member of the body.",
            "Rotation": "Several secrets.",
        },
    )

    def ok(comment, body, headers, now_ms=NOW_MS, flags=(), signed=None, **fields):
        if signed is not None:
            fields["signedBodyBase64"] = base64.b64encode(signed).decode()
        suite.add(comment, "valid", flags, nowMs=now_ms, **body_field(body), headers=headers, **fields)

    def bad(comment, code, body, **fields):
        suite.add(comment, "invalid", (), nowMs=NOW_MS, **body_field(body), code=code, **fields)

    body = EVENTS["standard"]
    suite.group(scheme="standard_webhooks", secrets=[STANDARD_SECRET])
    ok(
        "id, timestamp and body",
        body,
        {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(NOW),
            "webhook-signature": standard(STANDARD_SECRET, "msg_1", NOW, body),
        },
        id="msg_1",
        type="invoice.paid",
    )
    ok(
        "milliseconds are cut",
        body,
        {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(NOW),
            "webhook-signature": standard(STANDARD_SECRET, "msg_1", NOW, body),
        },
        NOW_MS + 999,
        id="msg_1",
    )
    ok(
        "a body that is not UTF-8",
        b"\xff\xfe",
        {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(NOW),
            "webhook-signature": standard(STANDARD_SECRET, "msg_1", NOW, b"\xff\xfe"),
        },
        id="msg_1",
    )
    bad("no id, which is signed", "invalid_message", body)
    bad("a full stop in the id", "invalid_message", body, id="msg.1")
    bad("a line break in the id", "invalid_message", body, id="msg_1\r\nx: y")
    bad("an empty id", "invalid_message", body, id="")
    bad("an id beyond ASCII", "invalid_message", body, id="é")
    suite.group(scheme="standard_webhooks", secrets=[STANDARD_SECRET, OTHER_SECRET])
    both = standard(STANDARD_SECRET, "msg_1", NOW, body) + " " + standard(OTHER_SECRET, "msg_1", NOW, body)
    ok(
        "every secret signs",
        body,
        {"webhook-id": "msg_1", "webhook-timestamp": str(NOW), "webhook-signature": both},
        flags=["Rotation"],
        id="msg_1",
    )
    for name, header, prefix, kind in [
        ("naive", "x-naive-signature", "", "naive"),
        ("ainative", "x-zerodb-signature", "sha256=", "ainative"),
        ("yativo", "x-webhook-signature", "", "yativo"),
        ("nativemsg", "x-nativemsg-signature", "sha256=", "nativemsg"),
        ("luma", "x-luma-signature", "sha256=", "luma"),
    ]:
        body = EVENTS[kind]
        suite.group(scheme=name, secrets=[TEXT_SECRET, "the-previous-secret"])
        headers = {header: prefix + hexmac(TEXT_SECRET, body)}
        ok("the body alone, by the first secret", body, headers, flags=["Rotation"])
        if name == "naive":
            ok(
                "id and type in headers",
                body,
                {**headers, "webhook-id": "evt_1", "x-naive-event": "email.received"},
                id="evt_1",
                type="email.received",
            )
            bad("a line break in the type", "invalid_message", body, type="a\nb")
    suite.group(scheme="nativemsg", secrets=[TEXT_SECRET])
    for plain in [EVENTS["nativemsg"], b"{}", b'{"a":[1,2]}']:
        inserted = (
            (b"," if plain != b"{}" else b"") + b'"signature":"sha256=' + hexmac(TEXT_SECRET, plain).encode() + b'"}'
        )
        ok(
            "the body gets its member",
            plain,
            {"x-nativemsg-signature": "sha256=" + hexmac(TEXT_SECRET, plain)},
            flags=["BodySignature"],
            signed=plain[:-1] + inserted,
        )
    suite.group(scheme="yativo-v2", secrets=[TEXT_SECRET])
    body = EVENTS["yativo"]
    ok(
        "timestamp and body",
        body,
        {
            "x-yativo-timestamp": str(NOW),
            "x-yativo-signature": "sha256=" + hexmac(TEXT_SECRET, f"{NOW}.".encode(), body),
        },
    )
    suite.group(scheme=STRIPE, secrets=["whsec_test_secret", "second"])
    content = f"{NOW}.".encode()
    ok(
        "the timestamp in the signature, two secrets",
        body,
        {
            "stripe-signature": f"t={NOW},v1={hexmac('whsec_test_secret', content, body)},v1={hexmac('second', content, body)}"
        },
        flags=["Rotation"],
    )
    suite.group(scheme=ISO, secrets=["k"])
    ok(
        "RFC 3339",
        body,
        {
            "x-id": "a1",
            "x-type": "x.y",
            "x-time": "2026-04-25T10:05:23Z",
            "x-sig": base64.b64encode(mac("k", b"a12026-04-25T10:05:23Z", body)).decode(),
        },
        id="a1",
        type="x.y",
    )
    return suite


def construct_suite():
    suite = Suite(
        "construct.json",
        "construct",
        {
            "Secret": "Whether a secret is usable.",
            "Scheme": "Whether a scheme is usable.",
            "PeersDiffer": "The reference libraries disagree about this one.",
        },
    )
    suite.group()

    def add(comment, code, scheme, *secrets, flags=("Secret",)):
        fields = {} if code is None else {"code": code}
        suite.add(
            comment, "valid" if code is None else "invalid", flags, scheme=scheme, secrets=list(secrets), **fields
        )

    def form(**fields):
        return {"from": "header:x-slack-signature", "encoding": "hex", "format": fields}

    std = "standard_webhooks"
    add("a secret of 24 bytes", None, std, STANDARD_SECRET)
    add("64 bytes", None, std, "whsec_" + base64.b64encode(bytes(64)).decode())
    add(
        "unpadded base64, 34 characters",
        None,
        std,
        "whsec_" + base64.b64encode(bytes(25)).decode().rstrip("="),
        flags=["Secret", "PeersDiffer"],
    )
    add("no secret", "invalid_secret", std)
    add("an empty text", "invalid_secret", std, "")
    add("an empty key", "invalid_secret", std, "whsec_", flags=["Secret", "PeersDiffer"])
    add("one byte", "invalid_secret", std, "whsec_AA==", flags=["Secret", "PeersDiffer"])
    add("23 bytes", "invalid_secret", std, "whsec_" + base64.b64encode(bytes(23)).decode())
    add("65 bytes", "invalid_secret", std, "whsec_" + base64.b64encode(bytes(65)).decode())
    add("33 characters of base64", "invalid_secret", std, "whsec_" + "A" * 33, flags=["Secret", "PeersDiffer"])
    add("not base64", "invalid_secret", std, "whsec_" + "!" * 32)
    add("white space around it", "invalid_secret", std, " " + STANDARD_SECRET)
    add("a line break behind it", "invalid_secret", std, STANDARD_SECRET + "\n")
    add("a good one and a bad one", "invalid_secret", std, STANDARD_SECRET, "")
    add("17 of them", "invalid_secret", std, *[STANDARD_SECRET] * 17)
    add("any text, used as it is", None, "naive", "x")
    add("text beyond ASCII", None, "naive", "gehéim✓")
    add("an empty text", "invalid_secret", "naive", "")
    add("longer than any secret", "invalid_secret", "naive", "x" * 4097)
    add("hex", None, LIST, "00ff")
    add("not hex", "invalid_secret", LIST, "00fg")
    add("half a byte", "invalid_secret", LIST, "00f")
    add("a name that is not in the catalogue", "unknown_scheme", "no-such-scheme", "x", flags=["Scheme"])
    add("an empty name", "unknown_scheme", "", "x", flags=["Scheme"])
    add("a name in another case", "unknown_scheme", "Naive", "x", flags=["Scheme"])
    for comment, change in [
        ("an unknown field", {"singed_content": "x"}),
        ("no body in the content", {"signed_content": "{header:x-id}"}),
        ("an unknown token", {"signed_content": "{bdy}{body}"}),
        ("an open brace", {"signed_content": "{body"}),
        ("a timestamp that nothing gives", {"signed_content": "{timestamp}{body}", "timestamp": None}),
        ("an unknown encoding", {"signature": {"from": "header:x", "encoding": "base32"}}),
        ("an unknown mode", {"signature": {"from": "header:x", "encoding": "hex", "format": {"mode": "magic"}}}),
        (
            "an empty separator",
            {"signature": {"from": "header:x", "encoding": "hex", "format": {"mode": "list", "sep": ""}}},
        ),
        ("a header name with a space", {"signature": {"from": "header:x y", "encoding": "hex"}}),
        ("an empty id", {"id": ""}),
        ("a negative tolerance", {"timestamp": {"from": "header:x", "unit": "s", "tolerance_seconds": -1}}),
        ("an unknown algorithm", {"algorithm": "md4"}),
        ("a bare hash without the secret", {"algorithm": "sha256"}),
        ("an HMAC with the secret", {"signed_content": "{secret}{timestamp}{body}"}),
        ("an unsigned body, unsaid", {"signed_content": "{timestamp}"}),
        ("an unsigned timestamp", {"signed_content": "{body}"}),
        ("a signature as text", {"signature": {"from": "header:x", "encoding": "utf8"}}),
        ("no version to read", {"signature": form(mode="tagged_list", item_sep=" ", tag_sep=",", tags=[])}),
        ("no key to read", {"signature": form(mode="kv", item_sep=",", kv_sep="=", sig_keys=[])}),
        ("one separator for two", {"signature": form(mode="kv", item_sep="=", kv_sep="=", sig_keys=["v"])}),
        ("a separator that is a digit", {"signature": form(mode="list", sep="a")}),
        ("a line break in the prefix", {"signature": form(mode="plain", prefix="a\r\nb: ")}),
        ("two values in one header", {"timestamp": {"from": "header:x-slack-signature", "unit": "s"}}),
        ("an alias of nothing", {"header_aliases": {"x-other": ["x-another"]}}),
        ("a number as content", {"signed_content": 7}),
        ("a list for the timestamp", {"timestamp": ["header:x-slack-request-timestamp", "s", 300]}),
        ("a list for the signature", {"signature": ["header:x", {"mode": "plain"}, "hex"]}),
        ("a list for the format", {"signature": {"from": "header:x", "encoding": "hex", "format": ["plain", "v0="]}}),
        ("a list for the key", {"key": ["utf8"]}),
        ("a list for a setting", {"config": {"account": ["the account"]}}),
        ("a list for a handshake", {"handshake": [["POST", {"header:x": "1"}]]}),
        ("a token of no algorithm", {**TOKEN, "jwt": {"algorithms": []}}),
        ("a timestamp that may be left out, in a body of any type", MAY_LACK | {"body_type": "any"}),
        ("a timestamp that may be left out, and is not", MAY_LACK | {"signed_content": "{timestamp}.{body}"}),
        (
            "a timestamp that may be left out in one place",
            MAY_LACK | {"signed_content": "[[{timestamp}:]]{timestamp}{body}"},
        ),
    ]:
        add(comment, "invalid_scheme", {**SLACK, **change}, "x", flags=["Scheme"])
    add("no fields", "invalid_scheme", {}, "x", flags=["Scheme"])
    add("a timestamp that may be left out", None, {**SLACK, **MAY_LACK}, "x", flags=["Scheme"])
    sha1 = {**LIST, "algorithm": "hmac-sha1"}
    add("HMAC-SHA-1", None, sha1, "00ff", flags=["Scheme"])
    token = {
        "id": "t",
        "algorithm": "token",
        "signature": {"from": "header:x-t", "encoding": "utf8"},
        "body_coverage": "none",
    }
    add("a token", None, token, "x", flags=["Scheme"])
    return suite


def helper_suite():
    suite = Suite("helper.json", "helper", {"NeverThrows": "Whatever the header is, the answer is yes or no."})
    suite.group()
    body = EVENTS["naive"]
    signature = hexmac(TEXT_SECRET, body)

    def add(comment, valid, secret, header, data=body):
        suite.add(
            comment,
            "valid" if valid else "invalid",
            [] if valid else ["NeverThrows"],
            secret=secret,
            header=header,
            **body_field(data),
        )

    add("lower-case hex", True, TEXT_SECRET, signature)
    add("upper-case hex", True, TEXT_SECRET, signature.upper())
    add("an empty body", True, TEXT_SECRET, hexmac(TEXT_SECRET, b""), b"")
    add("a body that is not UTF-8", True, TEXT_SECRET, hexmac(TEXT_SECRET, b"\xff"), b"\xff")
    for comment, header in [
        ("absent", None),
        ("empty", ""),
        ("short", "abc"),
        ("one digit less", signature[:-1]),
        ("one digit more", signature + "0"),
        ("not hex", "zz" * 32),
        ("with a prefix", "sha256=" + signature),
        ("beyond ASCII", "é" * 64),
        ("very long", "0" * 8193),
        ("zeros", "0" * 64),
        ("with a NUL", signature[:-1] + "\0"),
    ]:
        add(f"header: {comment}", False, TEXT_SECRET, header)
    add("another secret", False, "other", signature)
    add("an empty secret", False, "", signature)
    add("another body", False, TEXT_SECRET, signature, body + b"\n")
    return suite


def retry_suite():
    suite = Suite(
        "retry.json",
        "retry",
        {
            "RetryAfter": "The receiver says when to come back (RFC 9110, section 10.2.3).",
            "Jitter": "The delay is spread by a random number that the caller gives.",
            "DeliveryControl": "The receiver says what it wants with the header `webhook-delivery`.",
            "Preset": "The schedule of another sender.",
        },
    )

    def add(
        comment, attempt, status, decision, retry_after=None, random=0.5, first=0, flags=(), now=NOW_MS, **optional
    ):
        suite.add(
            comment,
            "valid",
            flags,
            attempt=attempt,
            status=status,
            retryAfter=retry_after,
            firstAttemptMs=now - first,
            nowMs=now,
            random=random,
            decision=decision,
            **optional,
        )

    def at(seconds):
        return {"action": "retry", "atMs": NOW_MS + round(seconds * 1000)}

    def give_up(reason):
        return {"action": "give_up", "reason": reason}

    exhausted = give_up("attempts_exhausted")
    for profile, delays in [
        ("yativo", [60, 300, 1800, 7200, 21600, 86400]),
        ("ainative", []),
        ("naive", [10, 60]),
        ("nativemsg", [30, 120, 480, 1920]),
        ("standard_webhooks", [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]),
    ]:
        suite.group(profile=profile)
        for number, delay in enumerate(delays, 1):
            add(f"after attempt {number}", number, 500, at(delay))
        add("after the last attempt", len(delays) + 1, 500, exhausted)
        add("far beyond the last attempt", 4_000_000_000, 500, exhausted)
        add("delivered", 1, 200, {"action": "delivered"})
        add("delivered at last", len(delays) + 1, 299, {"action": "delivered"})
        add("gone", 1, 410, {"action": "disable"})
        if delays:
            for status in (None, 100, 300, 302, 400, 401, 404, 429, 500, 503, 599):
                add(f"status {status}", 1, status, at(delays[0]))
    suite.group(profile="yativo")
    for value, seconds in [
        ("120", 120),
        ("60", 60),
        ("1", 60),
        ("0", 60),
        (" 90\t", 90),
        ("Sat, 25 Apr 2026 10:15:23 GMT", 600),
        ("Saturday, 25-Apr-26 10:15:23 GMT", 600),
        ("Sat Apr 25 10:15:23 2026", 600),
        ("Sat, 25 Apr 2026 10:00:00 GMT", 60),
        ("", 60),
        ("-5", 60),
        ("1.5", 60),
        ("1e3", 60),
        ("soon", 60),
        ("120 seconds", 60),
    ]:
        add(f"Retry-After `{value}`", 1, 503, at(seconds), retry_after=value, flags=["RetryAfter"])
    too_long = give_up("retry_after_too_long")
    for value, decision in [
        ("604800", at(604800)),
        ("604801", too_long),
        ("Sat, 02 May 2026 10:05:23 GMT", at(604800)),
        ("Sat, 02 May 2026 10:05:24 GMT", too_long),
        ("9" * 25, too_long),
    ]:
        add(f"Retry-After `{value}`, a week at most", 1, 429, decision, retry_after=value, flags=["RetryAfter"])
    add("Retry-After after the last attempt", 7, 503, exhausted, retry_after="5", flags=["RetryAfter"])
    for attempt, status, value, decision in [
        (1, 200, "disable", {"action": "delivered_and_disable"}),
        (1, 500, "disable", {"action": "disable"}),
        (7, 500, "disable", {"action": "disable"}),
        (1, 500, " DISABLE\t", {"action": "disable"}),
        (1, 204, "abort-message", {"action": "delivered"}),
        (1, 500, "abort-message", give_up("aborted")),
        (7, 500, "abort-message", give_up("aborted")),
        (1, 410, "abort-message", {"action": "disable"}),
        (1, 500, "abort-message, disable", {"action": "disable"}),
        (1, 200, "disable, abort-message", {"action": "delivered_and_disable"}),
        (1, 500, "", at(60)),
        (1, 500, "disabled", at(60)),
        (1, 500, "abort", at(60)),
        (1, 200, "retry", {"action": "delivered"}),
    ]:
        comment = f"webhook-delivery `{value}` with {status}"
        add(comment, attempt, status, decision, delivery=value, flags=["DeliveryControl"])
    suite.group(profile="naive")
    add("the least of ±20 %", 1, 500, at(8), random=0, flags=["Jitter"])
    add("the most of ±20 %", 2, 500, at(72), random=1, flags=["Jitter"])
    suite.group(profile="yativo")
    add("none on a fixed schedule", 1, 500, at(60), random=0.9, flags=["Jitter"])
    policy = {"schedule": {"exponential": {"initial_seconds": 1, "factor": 2, "max_seconds": 5, "max_attempts": 6}}}
    for jitter, low, high in [("none", 1, 1), ("full", 0, 1), ("equal", 0.5, 1), ({"plus_minus": 0.25}, 0.75, 1.25)]:
        suite.group(policy={**policy, "jitter": jitter})
        for attempt, delay in enumerate([1, 2, 4, 5, 5], 1):
            add("the least", attempt, 500, at(delay * low), random=0, flags=["Jitter"])
            add("the most", attempt, 500, at(delay * high), random=1, flags=["Jitter"])
        add("after the last", 6, 500, exhausted)
    exponential = {"initial_seconds": 10, "factor": 3, "max_seconds": 200, "max_attempts": 6}
    suite.group(policy={"schedule": {"exponential": exponential}, "jitter": "decorrelated"})
    for attempt, previous, random in [
        (1, None, 0),
        (1, None, 0.25),
        (1, None, 1),
        (1, 99_000, 1),
        (2, 12_000, 0),
        (2, 12_000, 0.5),
        (2, 12_000, 1),
        (2, 0, 1),
        (2, 86_400_000, 1),
        (4, 80_000, 1),
        (2, None, 0),
        (2, None, 0.5),
        (2, None, 1),
        (5, None, 1),
    ]:
        longest = min(200, 10 * 3 ** (attempt - 1))
        known = attempt > 1 and previous is not None
        grown = min(max(previous / 1000, 10), longest) if known else longest
        delay = 10 + (min(200, grown * 3) - 10) * random
        comment = f"attempt {attempt} after {previous} ms" if known else f"attempt {attempt}"
        optional = {} if previous is None else {"previousDelayMs": previous}
        add(f"decorrelated, {comment}", attempt, 500, at(delay), random=random, flags=["Jitter"], **optional)
    add("decorrelated, after the last", 6, 500, exhausted, previousDelayMs=1, flags=["Jitter"])
    for preset, low, delays in [
        ("svix", 0.8, [5, 300, 1800, 7200, 18000, 36000, 36000]),
        ("stripe", 0.8, [300 * 2**n for n in range(8)] + [43200] * 3),
        ("convoy", 1, [100] * 9),
        ("outpost", 1, [30 * 2**n for n in range(10)]),
        ("yativo", 1, [60, 300, 1800, 7200, 21600, 86400]),
    ]:
        suite.group(preset=preset)
        for number, delay in enumerate(delays, 1):
            for random, factor in [(0, low), (0.5, 1), (1, 2 - low)]:
                add(f"after attempt {number}", number, 500, at(delay * factor), random=random, flags=["Preset"])
        add("after the last attempt", len(delays) + 1, 500, exhausted, flags=["Preset"])
        add("gone", 1, 410, {"action": "disable"}, flags=["Preset"])
    suite.group(preset="api_client")
    for number, longest in enumerate([0.5, 1, 2, 4], 1):
        for random in [0, 0.5, 1]:
            add(f"after attempt {number}", number, 503, at(longest * random), random=random, flags=["Preset"])
    add("after the last attempt", 5, 503, exhausted, flags=["Preset"])
    for status in [408, 425, 429, 500]:
        add(f"{status} may pass", 1, status, at(0.25), flags=["Preset"])
    for status in [301, 400, 401, 404, 409, 410, 422]:
        add(f"{status} does not pass", 1, status, give_up("final_status"), flags=["Preset"])
    add("as long as allowed", 1, 429, at(60), retry_after="60", flags=["Preset", "RetryAfter"])
    add("longer than allowed", 1, 429, too_long, retry_after="61", flags=["Preset", "RetryAfter"])
    suite.group(
        policy={
            "schedule": {"list": [1, 1.5]},
            "max_age_seconds": 10,
            "final_statuses": [400],
            "disable_statuses": [409, 410],
        }
    )
    add("a fraction of a second", 2, 500, at(1.5))
    add("young enough", 1, 500, at(1), first=9000)
    add("too old", 1, 500, give_up("too_old"), first=9001)
    add("too old because of Retry-After", 1, 503, give_up("too_old"), retry_after="11", flags=["RetryAfter"])
    add("a final status", 1, 400, give_up("final_status"))
    aborts = {"delivery": "abort-message", "flags": ["DeliveryControl"]}
    add("a final status comes before what the receiver says", 1, 400, give_up("final_status"), **aborts)
    add("a status that disables", 1, 409, {"action": "disable"})
    suite.group(policy={"schedule": {"list": [60]}, "max_retry_after_seconds": 100})
    add("as long as allowed", 1, 503, at(100), retry_after="100", flags=["RetryAfter"])
    add("longer than allowed", 1, 503, too_long, retry_after="101", flags=["RetryAfter"])
    suite.group(policy={"schedule": {"list": [60]}, "max_retry_after_seconds": 0})
    add("no longer than planned", 1, 503, at(60), retry_after="60", flags=["RetryAfter"])
    add("longer than planned", 1, 503, too_long, retry_after="61", flags=["RetryAfter"])
    for comment, code, fields in [
        ("an unknown profile", "unknown_profile", {"profile": "no-such"}),
        ("a preset that is no profile", "unknown_profile", {"profile": "svix"}),
        ("an unknown preset", "invalid_argument", {"preset": "no-such"}),
        (
            "decorrelated jitter over a list",
            "invalid_retry_policy",
            {"policy": {"schedule": {"list": [1]}, "jitter": "decorrelated"}},
        ),
        (
            "Retry-After of more than a year",
            "invalid_retry_policy",
            {"policy": {"schedule": {"list": [1]}, "max_retry_after_seconds": 1e9}},
        ),
        ("no schedule", "invalid_retry_policy", {"policy": {}}),
        ("a negative delay", "invalid_retry_policy", {"policy": {"schedule": {"list": [-1]}}}),
        ("more than a year", "invalid_retry_policy", {"policy": {"schedule": {"list": [1e9]}}}),
        ("1000 delays", "invalid_retry_policy", {"policy": {"schedule": {"list": [1] * 1000}}}),
        ("an unknown jitter", "invalid_retry_policy", {"policy": {"schedule": {"list": []}, "jitter": "some"}}),
        ("an unknown field", "invalid_retry_policy", {"policy": {"schedule": {"list": []}, "retries": 3}}),
        (
            "a shrinking factor",
            "invalid_retry_policy",
            {
                "policy": {
                    "schedule": {
                        "exponential": {"initial_seconds": 1, "factor": 0.5, "max_seconds": 5, "max_attempts": 6}
                    }
                }
            },
        ),
    ]:
        suite.group(**fields)
        suite.add(
            comment,
            "invalid",
            (),
            attempt=1,
            status=500,
            retryAfter=None,
            firstAttemptMs=NOW_MS,
            nowMs=NOW_MS,
            random=0,
            code=code,
        )
    suite.group(profile="yativo")
    for comment, fields in [
        ("attempt 0", {"attempt": 0}),
        ("no HTTP status", {"status": 99}),
        ("no HTTP status either", {"status": 600}),
        ("a random number below 0", {"random": -0.5}),
        ("a random number above 1", {"random": 1.5}),
    ]:
        call = {"attempt": 1, "status": 500, "retryAfter": None, "firstAttemptMs": NOW_MS, "nowMs": NOW_MS, "random": 0}
        suite.add(comment, "invalid", (), **{**call, **fields}, code="invalid_argument")
    return suite


def provider_suite():
    suite = Suite("providers.json", "verify", providers.NOTES)
    providers.fill(suite, NOW_MS)
    return suite


def main():
    stale = []
    for suite in (
        verify_suite(),
        reject_suite(),
        sign_suite(),
        construct_suite(),
        helper_suite(),
        retry_suite(),
        provider_suite(),
    ):
        path = HERE / suite.name
        text = suite.text()
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
            print(f"{suite.name}: {suite.count} tests")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(suite.name)
    if stale:
        sys.exit(f"not current: {', '.join(stale)}; run python3 tests/vectors/generate.py")


if __name__ == "__main__":
    main()
