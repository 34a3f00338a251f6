#!/usr/bin/env python3
"""Writes `handshake.json`: what senders ask before they deliver, and what they want to hear.

Each answer is computed here from what the sender documents, not from the rules of the catalogue. Run
`python3 tests/vectors/handshakes.py` after a change; `--check` tells whether the file is current.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys

FILE = pathlib.Path(__file__).parent / "handshake.json"
NOW = 1_777_111_523  # 2026-04-25T10:05:23Z
SECRET = "test_secret_0123456789"

NOTES = {
    "Attack": "A stranger asks for what must not be sent back or signed.",
    "Delivery": "An ordinary delivery, or something that looks like a handshake: no answer, it goes on to be verified.",
    "Mismatch": "A token that is compared is not the receiver's.",
    "NoSetting": "A setting that the answer needs was not given.",
    "Published": "The answer is published by the sender or in its libraries' tests.",
    "Signed": "The sender signs this handshake, so it is verified first.",
}

# A key made for these vectors; it signs nothing else.
RSA_MODULUS = (
    "8a10e38d81a0d8a284bd96b31c66241a6542d3408cb6dd6814372eb31cb5c99d90f0a7afbe9d019c479b7e21a89dc69f"
    "cd1fb4a8d185f21fcedb72b628ea3b5bd4da03d1692ef1f859902cf5fc21c9a8702ddddbaac19d2380c2bbdf5b26e4d3"
    "8bcecdda1c5e65aac14924ea4f3c254cfd90fb79951e7f5cea010192e22a19d455fc9cf980b40bcdfc26a65533e48995"
    "9904c0cac80fa4c5b3ec9a257b9f9d4c492cbd4e105deda9a263272eec9f5956474d3f01c27e7223a146a343cf4954b5"
    "be268be40af43a8ee3155cb8f661784da776faed976ff44fc160d82a3e2ebd3e8ed9c9e072787fd48f7382ea1a2c7fc9"
    "a0f2454a7c7bfa1e1f05f4cb3140c445"
)
RSA_EXPONENT = (
    "17204c155c54b664c68a412f603ee5a63c36eccebfa333c3e6baf58a0ff18d4364cf42af47e4e1abad3ce8ec3763b22c"
    "fb3d67d3ed409bf562ff54201a0b5e04fc4ac65ff1d7e8b4fa3f91a0646abe6e05d850f4a60e0745b6a027bafa7831d5"
    "137280fd9b49de8ab3148ee7e67cc31cb9ce6aa90b66cfdb9ee0ab4450b8cf9988101f46be852eaee1171372de02addf"
    "7b51972e10254f7481797b6a54a0a830e4ef181a01ee607948543f51042b45dbcf25ff73f82847a03a99f460094396cb"
    "5fcdf8a0592368c43e97e589cc74974edd394043329240eaf40abf94430a34993f925ed47f9cc3cfe2870e0e64552a52"
    "8b254865c645aa2a953400457bccbc73"
)
RSA_PUBLIC_KEY = """\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAihDjjYGg2KKEvZazHGYk
GmVC00CMtt1oFDcusxy1yZ2Q8Kevvp0BnEebfiGoncafzR+0qNGF8h/O23K2KOo7
W9TaA9FpLvH4WZAs9fwhyahwLd3bqsGdI4DCu99bJuTTi87N2hxeZarBSSTqTzwl
TP2Q+3mVHn9c6gEBkuIqGdRV/Jz5gLQLzfwmplUz5ImVmQTAysgPpMWz7Jole5+d
TEksvU4QXe2pomMnLuyfWVZHTT8Bwn5yI6FGo0PPSVS1viaL5Ar0Oo7jFVy49mF4
Tad2+u2Xb/RPwWDYKj4uvT6O2cngcnh/1I9zguoaLH/JoPJFSnx7+h4fBfTLMUDE
RQIDAQAB
-----END PUBLIC KEY-----"""
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017 §9.2, note 1


def hmac_of(text, key=SECRET, algorithm=hashlib.sha256):
    return hmac.new(key if isinstance(key, bytes) else key.encode(), text.encode(), algorithm).digest()


def rsa_sha256(text):
    """RSASSA-PKCS1-v1_5 (RFC 8017 §8.2) in base64."""
    info = SHA256_INFO + hashlib.sha256(text.encode()).digest()
    padded = b"\x00\x01" + b"\xff" * (256 - 3 - len(info)) + b"\x00" + info
    signature = pow(int.from_bytes(padded, "big"), int(RSA_EXPONENT, 16), int(RSA_MODULUS, 16))
    return base64.b64encode(signature.to_bytes(256, "big")).decode()


def compact(**members):
    return json.dumps(members, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def answer(status, body="", content_type=None, headers=(), **more):
    known = {"content-type": content_type, "x-content-type-options": "nosniff"} if content_type else {}
    return {"status": status, "headers": {**known, **dict(headers)}, "body": body, **more}


def text(body):
    return answer(200, body, "text/plain")


def as_json(headers=(), **members):
    return answer(200, compact(**members), "application/json", headers)


class Vectors:
    def __init__(self):
        self.groups, self.count = [], 0

    def scheme(self, scheme, *secrets, config=None):
        group = {"scheme": scheme, "secrets": list(secrets), "tests": []}
        if config:
            group["config"] = config
        self.groups.append(group)

    def add(self, comment, method, url, headers, body, flags, result, **outcome):
        self.count += 1
        assert set(flags) <= set(NOTES), flags
        request = {"method": method, "url": url, "headers": [list(pair) for pair in headers], "body": body}
        test = {"tcId": self.count, "comment": comment, "flags": list(flags), "nowMs": NOW * 1000}
        self.groups[-1]["tests"].append({**test, **request, **outcome, "result": result})

    def get(self, comment, query, response, headers=(), flags=(), method="GET", base="https://example.com/hook"):
        self.add(comment, method, base + query, headers, "", flags, "valid", response=response)

    def post(self, comment, body, response, headers=(), flags=()):
        self.add(comment, "POST", "https://example.com/hook", headers, body, flags, "valid", response=response)

    def refused(self, comment, code, method, query="", headers=(), body="", flags=()):
        self.add(comment, method, f"https://example.com/hook{query}", headers, body, flags, "invalid", code=code)

    def none(self, comment, method, query="", headers=(), body="", flags=("Delivery",)):
        self.add(comment, method, f"https://example.com/hook{query}", headers, body, flags, "valid", response=None)

    def text(self):
        document = {
            "schema": "vector.schema.json",
            "operation": "handshake",
            "numberOfTests": self.count,
            "notes": {flag: {"description": note} for flag, note in NOTES.items()},
            "testGroups": self.groups,
        }
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def echoes(vectors):
    """Challenges that come as a query or a header and are sent back as they are."""
    for scheme, name, value in (
        ("dropbox", "challenge", "abc123"),
        ("onfleet", "check", "9zqMxI79mRcHpXE1"),
        ("nylas", "challenge", "bc609b38-c81f-47fb-a275-1d9bd61be968"),
    ):
        vectors.scheme(scheme, "0f1e2d3c4b5a6978" if scheme == "onfleet" else SECRET)
        vectors.get("the challenge", f"?{name}={value}", text(value))
        vectors.get("a path is enough", f"?a=1&{name}={value}#x", text(value), base="/hook")
        vectors.get("decoded", f"?{name}=a%20b+c%2F", text("a b c/"))
        vectors.none("markup", "GET", f"?{name}=%3Cscript%3Ealert(1)%3C/script%3E", flags=("Attack",))
        vectors.none("a line break", "GET", f"?{name}=a%0d%0aset-cookie:%20a", flags=("Attack",))
        vectors.none("not ASCII", "GET", f"?{name}=%C3%A9", flags=("Attack",))
        vectors.none("1,025 characters", "GET", f"?{name}={'a' * 1025}", flags=("Attack",))
        vectors.none("twice", "GET", f"?{name}=a&{name}=b")
        vectors.none("empty", "GET", f"?{name}=")
        vectors.none("a delivery", "POST", f"?{name}={value}", body="{}")

    vectors.scheme("microsoft_graph", SECRET)
    token = "Validation%3a+Testing+client+application+reachability+for+subscription+Request-Id%3a+522a8e7e-096a"
    decoded = "Validation: Testing client application reachability for subscription Request-Id: 522a8e7e-096a"
    vectors.get("the token, decoded", f"?validationToken={token}", text(decoded), method="POST")
    vectors.none("markup", "POST", "?validationToken=%3Csvg/onload=alert(1)%3E", flags=("Attack",))
    vectors.none("a notification", "POST", body='{"value":[{"clientState":"a"}]}')
    vectors.none("another method", "GET", "?validationToken=a")

    vectors.scheme("asana")
    secret = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81"
    echo = answer(200, headers={"x-hook-secret": secret}, secret=secret)
    vectors.post("before there is a secret", "", echo, [("X-Hook-Secret", secret)])
    vectors.none("a line break", "POST", headers=[("x-hook-secret", "a\r\nset-cookie: a=b")], flags=("Attack",))
    vectors.none("twice", "POST", headers=[("x-hook-secret", "a"), ("x-hook-secret", "b")], flags=("Attack",))
    vectors.scheme("asana", SECRET)
    vectors.post("another webhook at the same URL", "", echo, [("x-hook-secret", secret)])
    vectors.none("a heartbeat", "POST", body='{"events":[]}')

    vectors.scheme("notion")
    token = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"
    vectors.post("the token is the secret", compact(verification_token=token), answer(200, secret=token))
    vectors.none("deeper in the body", "POST", body=compact(data={"verification_token": token}))
    vectors.none("a line break", "POST", body=compact(verification_token="a\nb"), flags=("Attack",))

    vectors.scheme("smartsheet", SECRET)
    challenge = "d78dd1d3-01ce-4481-81de-92b3f3aa5ab1"
    vectors.post(
        "in a header and in JSON",
        compact(challenge=challenge, webhookId=1),
        as_json({"smartsheet-hook-response": challenge}, smartsheetHookResponse=challenge),
        [("Smartsheet-Hook-Challenge", challenge)],
    )
    vectors.none("only in the body", "POST", body=compact(challenge=challenge, webhookId=1))

    vectors.scheme("monday", SECRET)
    vectors.post("the same object", '{ "challenge": "3eZbrw1a" }', as_json(challenge="3eZbrw1a"))
    vectors.post("a quotation mark", compact(challenge='a"b'), as_json(challenge='a"b'))
    vectors.none("another member", "POST", body=compact(challenge="a", event={}))
    vectors.none("a list", "POST", body='[{"challenge":"a"}]')

    vectors.scheme("lark", SECRET)
    asked = compact(challenge="ajls384kdjx98XX", token="xxxxxx", type="url_verification")
    vectors.post("the challenge", asked, as_json(challenge="ajls384kdjx98XX"))
    vectors.none("an event", "POST", body=compact(challenge="a", type="event_callback"))
    vectors.none("encrypted", "POST", body=compact(encrypt="FIAfJPGRmFZWkaxPQ1XrJZVb"))


def tokens(vectors):
    """Codes that are compared, and requests to which a status is enough."""
    vectors.scheme("meta", SECRET, config={"verify_token": "meatyhamhock"})
    asked = "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    vectors.get("the right token", asked + "meatyhamhock", text("1158201444"))
    vectors.get("a wrong token", asked + "meatyhamhocK", answer(403), flags=["Mismatch"])
    vectors.get("no token", "?hub.mode=subscribe&hub.challenge=1", answer(403), flags=["Mismatch"])
    vectors.none("another mode", "GET", "?hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=meatyhamhock")
    vectors.none("a delivery", "POST", body='{"object":"page"}')
    vectors.scheme("meta", SECRET)
    vectors.refused("no setting", "missing_config", "GET", asked + "a", flags=["NoSetting"])

    vectors.scheme("fitbit", SECRET, config={"verification_code": "b6f4c1"})
    vectors.get("the right code", "?verify=b6f4c1", answer(204))
    vectors.get("the wrong code that is sent on purpose", "?verify=b6f4c2", answer(404), flags=["Mismatch"])
    vectors.none("no code", "GET")

    vectors.scheme("trello", SECRET)
    vectors.get("HEAD", "", answer(200), method="HEAD")
    vectors.none("GET", "GET")
    vectors.scheme("mandrill", SECRET)
    vectors.get("HEAD", "", answer(200), method="HEAD")
    vectors.post("no events", "mandrill_events=%5B%5D", answer(200))
    vectors.none("an event", "POST", body="mandrill_events=%5B%7B%22event%22%3A%22send%22%7D%5D")
    vectors.none("two fields", "POST", body="mandrill_events=%5B%5D&mandrill_events=%5B%7B%7D%5D")

    vectors.scheme("xero", SECRET)
    vectors.none("the intent to receive is only verified", "POST", body='{"events":[]}')
    vectors.scheme("wise", RSA_PUBLIC_KEY)
    vectors.post("a test notification", "{}", answer(200), [("X-Test-Notification", "true")])
    vectors.none("a delivery", "POST", headers=[("x-test-notification", "false")], body="{}")

    vectors.scheme("adobe_sign", "CBJCHBCAABAAo8FZ")
    client = {"x-adobesign-clientid": "CBJCHBCAABAAo8FZ"}
    vectors.get("the client id", "", answer(200, headers=client), client.items(), flags=["Signed"])
    other = [("x-adobesign-clientid", "CBJCHBCAABAAo8Fz")]
    vectors.refused("another's client id", "no_match", "GET", headers=other, flags=["Attack", "Signed"])
    vectors.none("a delivery", "POST", headers=client.items(), body="{}")

    vectors.scheme("okta", SECRET, config={"header_name": "authorization"})
    asked = [("authorization", SECRET), ("x-okta-verification-challenge", "Me_rShK8JHsTnbyYrWXCEoMG")]
    vectors.get("the challenge", "", as_json(verification="Me_rShK8JHsTnbyYrWXCEoMG"), asked, flags=["Signed"])
    vectors.refused("without the token", "missing_header", "GET", headers=asked[1:], flags=["Signed"])
    vectors.none("no challenge", "GET", headers=asked[:1])


def computed(vectors):
    """Challenges that are signed or hashed, for anybody who asks."""
    vectors.scheme("x_twitter", "z3ZX4v7mAAUGykl3EcmkqbartmuW8VFOOzCloLx9Q45P0hLrFu")
    response = as_json(response_token="sha256=Cytd4Sq+NvEcV3MMrXxWJGJx5A+y/lXzzU2Maartkx8=")
    vectors.get("the CRC", "?crc_token=9b4507b3-9040-4669-9ca3-6b94edb50553&nonce=1", response, flags=["Published"])
    vectors.none("an event as the token", "GET", "?crc_token=%7B%22for_user_id%22:1%7D", flags=["Attack"])
    vectors.none("257 characters", "GET", f"?crc_token={'a' * 257}", flags=["Attack"])

    vectors.scheme("linkedin", SECRET)
    code = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
    signed = as_json(challengeCode=code, challengeResponse=hmac_of(code).hex())
    vectors.get("a UUID", f"?challengeCode={code}", signed)
    vectors.none("what a delivery signs", "GET", "?challengeCode=hmacsha256%3D%7B%7D", flags=["Attack"])

    vectors.scheme("braintree", "integration_private_key", config={"public_key": "integration_public_key"})
    challenge = "20f9f8ed05f77439fe955c977e4c8a53"
    signature = hmac_of(challenge, hashlib.sha1(b"integration_private_key").digest(), hashlib.sha1).hex()
    assert signature == "d9b899556c966b3f06945ec21311865d35df3ce4"
    answered = text(f"integration_public_key|{signature}")
    vectors.get("the challenge", f"?bt_challenge={challenge}", answered, flags=["Published"])
    vectors.none("what a delivery signs", "GET", "?bt_challenge=PG5vdGlmaWNhdGlvbj4=", flags=["Attack"])
    vectors.none("19 characters", "GET", "?bt_challenge=20f9f8ed05f77439fe9")
    vectors.none("33 characters", "GET", f"?bt_challenge={challenge}0", flags=["Attack"])

    token, url, code = "654321-token_of-32-characters-ab", "https://example.com/ebay", "a8628072-3d33-45ee-9004"
    key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOs0YqXtNO/lqm6fm1gVyqvhjq3rayhc36La1bYUBACY86oCp9ggiQQWvnlwQO8WuiphmGnWWD6+f8wJVlU8aYg=="
    vectors.scheme("ebay", key, config={"verification_token": token, "endpoint_url": url})
    digest = hashlib.sha256((code + token + url).encode()).hexdigest()
    vectors.get("code, token and URL", f"?challenge_code={code}", as_json(challengeResponse=digest))
    vectors.none("a delivery", "POST", body='{"metadata":{}}')


def signed(vectors):
    """Handshakes that carry the signature of deliveries."""

    def v0(prefix, body):
        mac = hmac_of(f"v0:{NOW}:{body}").hex()
        return [(f"{prefix}-request-timestamp", str(NOW)), (f"{prefix}-signature", f"v0={mac}")]

    vectors.scheme("slack", SECRET)
    challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
    body = compact(token="Jhj5dZrVaK7ZwHHjRyZWjbDl", challenge=challenge, type="url_verification")
    vectors.post("the challenge", body, text(challenge), v0("x-slack", body), flags=["Signed"])
    vectors.refused("not signed", "missing_header", "POST", body=body, flags=["Signed"])
    vectors.refused("another body", "no_match", "POST", headers=v0("x-slack", body), body=body + " ", flags=["Signed"])
    vectors.none("an event", "POST", body=compact(type="event_callback", challenge="a"))
    vectors.none("a slash command", "POST", body="command=%2Fa&text=url_verification")
    vectors.scheme("slack")
    vectors.refused("no secret", "invalid_secret", "POST", headers=v0("x-slack", body), body=body, flags=["Signed"])

    vectors.scheme("zoom", SECRET)
    token = "qgg8vlvZRS6UYooatFL8Aw"
    body = compact(payload={"plainToken": token}, event_ts=1654503849680, event="endpoint.url_validation")
    response = as_json(plainToken=token, encryptedToken=hmac_of(token).hex())
    vectors.post("the token", body, response, v0("x-zm", body), flags=["Signed"])
    vectors.refused("not signed", "missing_header", "POST", body=body, flags=["Signed"])
    hostile = compact(payload={"plainToken": f"v0:{NOW}:{{}}"}, event="endpoint.url_validation")
    vectors.none("what a delivery signs", "POST", headers=v0("x-zm", hostile), body=hostile, flags=["Attack"])
    vectors.none("an event", "POST", body=compact(event="meeting.started", payload={"plainToken": "a"}))
    vectors.scheme("zoom", "another_secret", SECRET)
    vectors.post("the second of two secrets signs", body, response, v0("x-zm", body), flags=["Signed"])

    vectors.scheme("twitch", SECRET)
    body = compact(challenge="pogchamp-kappa-360noscope-vohiyo", subscription={})
    stamp = "2026-04-25T10:05:23.000000000Z"
    headers = [
        ("Twitch-Eventsub-Message-Id", "e76c6bd4-55c9"),
        ("Twitch-Eventsub-Message-Timestamp", stamp),
        ("Twitch-Eventsub-Message-Signature", f"sha256={hmac_of('e76c6bd4-55c9' + stamp + body).hex()}"),
    ]
    kind = [("Twitch-Eventsub-Message-Type", "webhook_callback_verification")]
    response = text("pogchamp-kappa-360noscope-vohiyo")
    vectors.post("the challenge", body, response, headers + kind, flags=["Signed"])
    vectors.refused("not signed", "missing_header", "POST", headers=kind, body=body, flags=["Signed"])
    note = [("Twitch-Eventsub-Message-Type", "notification")]
    vectors.none("a notification", "POST", headers=headers + note, body=body)

    vectors.scheme("front", SECRET)
    body = '{"type":"sync","authorization":{"id":"cmp_abc"}}'
    mac = base64.b64encode(hmac_of(f"{NOW * 1000}:{body}")).decode()
    headers = [("x-front-request-timestamp", str(NOW * 1000)), ("x-front-signature", mac)]
    asked = [*headers, ("x-front-challenge", 'a"b')]
    vectors.post("the challenge", body, as_json(challenge='a"b'), asked, flags=["Signed"])
    vectors.refused("not signed", "missing_header", "POST", headers=asked[2:], body=body, flags=["Signed"])
    vectors.none("a delivery", "POST", headers=headers, body=body)

    vectors.scheme("discord", "79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664")
    seen = 1_610_000_000
    signature = (
        "50db4086e890c41c26b539f0dd95af18b4d8b03d2f4203964d238b4946943ee2"
        "cc6fd52c47ddb355d267086a8c4e299d1054d3d655dba6e0f237a779f634800d"
    )
    headers = [("x-signature-timestamp", str(seen)), ("x-signature-ed25519", signature)]
    vectors.post("a ping of interactions", '{"type":1}', as_json(type=1), headers, flags=["Published", "Signed"])
    forged = [headers[0], ("x-signature-ed25519", signature[:-2] + "0e")]
    vectors.groups[-1]["tests"][-1]["nowMs"] = seen * 1000
    vectors.refused("a bad signature", "no_match", "POST", headers=forged, body='{"type":1}', flags=["Signed"])
    vectors.groups[-1]["tests"][-1]["nowMs"] = seen * 1000
    vectors.refused("not signed", "missing_header", "POST", body='{"type":0}', flags=["Signed"])
    vectors.none("a webhook event", "POST", body='{"type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}')
    vectors.none("an interaction", "POST", body='{"type":2}')

    def sns(**changes):
        message = {
            "Type": "SubscriptionConfirmation",
            "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
            "Token": "2336412f37",
            "TopicArn": "arn:aws:sns:us-west-2:123456789012:MyTopic",
            "Message": "You have chosen to subscribe.",
            "SubscribeURL": "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37",
            "Timestamp": "2026-04-25T10:05:23.000Z",
            "SignatureVersion": "2",
            "SigningCertURL": "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-test.pem",
            **changes,
        }
        names = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
        message["Signature"] = rsa_sha256("".join(f"{name}\n{message[name]}\n" for name in names))
        return compact(**message), message["SubscribeURL"]

    topic = {"topic_arn": "arn:aws:sns:us-west-2:123456789012:MyTopic"}
    vectors.scheme("aws_sns", RSA_PUBLIC_KEY, config=topic)
    body, url = sns()
    vectors.post("the URL is to be called", body, answer(200, fetch=url), flags=["Signed"])
    body, _ = sns(TopicArn="arn:aws:sns:us-west-2:666666666666:Other")
    vectors.refused("another's topic", "claim_mismatch", "POST", body=body, flags=["Attack", "Mismatch", "Signed"])
    body, _ = sns(SubscribeURL="https://sns.us-west-2.amazonaws.com@evil.example/")
    vectors.refused("another host", "malformed_body", "POST", body=body, flags=["Attack", "Signed"])
    body, _ = sns()
    changed = body.replace("Token=2336412f37", "Token=2336412f38")
    vectors.refused("another token", "no_match", "POST", body=changed, flags=["Attack", "Signed"])
    vectors.none("a notification", "POST", body=sns(Type="Notification")[0])
    vectors.none("the end of a subscription", "POST", body=sns(Type="UnsubscribeConfirmation")[0])
    vectors.scheme("aws_sns", RSA_PUBLIC_KEY)
    vectors.refused("no topic", "missing_config", "POST", body=body, flags=["NoSetting", "Signed"])


def main():
    vectors = Vectors()
    for part in (echoes, tokens, computed, signed):
        part(vectors)
    written = vectors.text()
    if "--check" not in sys.argv:
        FILE.write_text(written, encoding="utf-8")
        print(f"{FILE.name}: {vectors.count} tests")
    elif not FILE.exists() or FILE.read_text(encoding="utf-8") != written:
        sys.exit(f"not current: {FILE.name}; run python3 tests/vectors/handshakes.py")


if __name__ == "__main__":
    main()
