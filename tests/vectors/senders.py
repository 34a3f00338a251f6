"""How senders sign, written down a second time: with Python's own hmac and hashlib, not with the core.

`sign(delivery)` gives the delivery with the signature that its sender would write. It knows the schemes whose signed
content is more than a line of the catalogue tells; the tests hold it against every delivery that is published.
"""

import base64
import dataclasses
import hashlib
import hmac
import json
import re
import unicodedata
from typing import Optional
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit


@dataclasses.dataclass(frozen=True)
class Delivery:
    """One line of `source/providers.jsonl`; its README says what the fields mean."""

    scheme: str
    origin: str
    secret: str
    headers: dict
    body: str
    signature: str
    covers: list
    expected: dict
    comment: str = "as it was sent"
    method: str = "POST"
    url: Optional[str] = None
    config: Optional[dict] = None
    codes: dict = dataclasses.field(default_factory=dict)
    now: Optional[int] = None
    other_secret: str = "another secret"
    other_url: Optional[str] = None

    def but(self, **changes):
        return dataclasses.replace(self, **changes)

    def with_header(self, name, value):
        """With this header in place of its namesakes, or without it where the value is None."""
        kept = {key: old for key, old in self.headers.items() if key.lower() != name.lower()}
        return self.but(headers=kept if value is None else {**kept, name: value})

    def with_signature(self, value):
        return self.with_header(self.signature.removeprefix("header:"), value)

    def header(self, name):
        return next((value for key, value in self.headers.items() if key.lower() == name), None)

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def seconds(self):
        return str(self.expected["timestampMs"] // 1000)

    @property
    def millis(self):
        return str(self.expected["timestampMs"])


def b64(data):
    return base64.b64encode(data).decode()


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def mac(key, content, algorithm="sha256"):
    key, content = (part.encode() if isinstance(part, str) else part for part in (key, content))
    return hmac.new(key, content, algorithm).digest()


def token(secret, claims, algorithm="HS256", head=None):
    """A compact JWT (RFC 7519) under an HMAC key, or under none."""
    header = head if head is not None else {"alg": algorithm, "typ": "JWT"}
    signed = ".".join(b64url(compact(part).encode()) for part in (header, claims))
    return f"{signed}.{'' if algorithm == 'none' else b64url(mac(secret, signed, 'sha' + algorithm[2:]))}"


def claims_of(text):
    """The claims of a compact JWT, unverified."""
    return part_of(text, 1)


def part_of(text, index):
    part = text.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def sign(delivery):
    if delivery.scheme in IN_BODY:
        return delivery.but(body=IN_BODY[delivery.scheme](delivery))
    return delivery.with_signature(IN_HEADER[delivery.scheme](delivery))


def hex_of_body(d):
    return mac(d.secret, d.body).hex()


def base64_of_body(d):
    return b64(mac(d.secret, d.body))


def hook0(d):
    names = ["x-event-id", "x-delivery-id"]
    values = ".".join(d.header(name) for name in names)
    return (
        f"t={d.seconds},h={' '.join(names)},v1="
        + mac(d.secret, f"{d.seconds}.{' '.join(names)}.{values}.{d.body}").hex()
    )


def mercadopago(d):
    name = parse_qs(urlsplit(d.url).query).get("data.id", [""])[0].lower()
    request = d.header("x-request-id")
    parts = [f"id:{name};" if name else "", f"request-id:{request};" if request else "", f"ts:{d.seconds};"]
    return f"ts={d.seconds},v1=" + mac(d.secret, "".join(parts)).hex()


def messagebird_legacy(d):
    query = urlencode(sorted(parse_qsl(urlsplit(d.url).query)))
    digest = hashlib.sha256(d.body.encode()).digest()
    return b64(mac(d.secret, f"{d.header('messagebird-request-timestamp')}\n{query}\n".encode() + digest))


def url_and_form(d):
    form = parse_qs(d.body, keep_blank_values=True)
    fields = "".join(name + value for name in sorted(form) for value in sorted(set(form[name])))
    return b64(mac(d.secret, d.url + fields, "sha256" if "sharedkey" in d.scheme else "sha1"))


def hubspot_v3(d):
    # developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation: what is not escaped.
    url = re.sub("%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", lambda match: unquote(match.group()), d.url)
    return b64(mac(d.secret, d.method + url + d.body + d.millis))


def contentful(d):
    url = urlsplit(d.url)
    path = url.path + ("?" + quote(url.query, safe="!'()*") if url.query else "")
    signed = ";".join(f"{name}:{d.header(name)}" for name in d.header("x-contentful-signed-headers").split(","))
    return mac(d.secret, "\n".join([d.method, quote(path, safe=";,/?:@&=+$!~*'()#"), signed, d.body])).hex()


def plivo_v3(d):
    url = urlsplit(d.url)
    text = f"{url.scheme}://{url.netloc}{url.path}"
    query = "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(url.query, keep_blank_values=True)))
    form = "".join(name + value for name, value in sorted(parse_qsl(d.body, keep_blank_values=True)))
    text += ("?" + query if query or form else "") + ("." if query and form else "") + form
    return b64(mac(d.secret, f"{text}.{d.header('x-plivo-signature-v3-nonce')}"))


def with_member(d, path, value):
    """The body with another value at this place, everything else as it was."""
    document = d.json
    *parents, last = path
    place = document
    for name in parents:
        place = place[name]
    place[last] = value
    return compact(document)


def mailgun(d):
    said = d.json["signature"]
    return with_member(d, ["signature", "signature"], mac(d.secret, said["timestamp"] + said["token"]).hex())


def mailgun_form(d):
    said = dict(parse_qsl(d.body))
    signature = mac(d.secret, said["timestamp"] + said["token"]).hex()
    return re.sub("signature=[0-9a-f]+", f"signature={signature}", d.body)


def adyen_item(secret, item):
    amount = item.get("amount", {})
    fields = [
        item.get(name, "") for name in ("pspReference", "originalReference", "merchantAccountCode", "merchantReference")
    ]
    fields += [amount.get("value", ""), amount.get("currency", ""), item.get("eventCode", ""), item.get("success", "")]
    return b64(mac(bytes.fromhex(secret), ":".join(str(field) for field in fields)))


def adyen(d):
    document = d.json
    for entry in document["notificationItems"]:
        item = entry["NotificationRequestItem"]
        item["additionalData"] = {"hmacSignature": adyen_item(d.secret, item)}
    return compact(document)


def braintree(d):
    key = hashlib.sha1(d.secret.encode()).digest()
    signature = mac(key, parse_qs(d.body)["bt_payload"][0], "sha1").hex()
    return re.sub(rf"({d.config['public_key']}%7C)[0-9a-f]+", rf"\g<1>{signature}", d.body)


def dropbox_sign(d):
    text = re.search(r'\{"event".*\}', d.body).group() if 'name="json"' in d.body else parse_qs(d.body)["json"][0]
    event = json.loads(text)["event"]
    return d.body.replace(event["event_hash"], mac(d.secret, event["event_time"] + event["event_type"]).hex())


def noon(d):
    said = d.json
    content = ",".join(str(said[name]) for name in ("orderId", "orderStatus", "eventId", "eventType", "timeStamp"))
    return with_member(d, ["signature"], b64(mac(d.secret, content, "sha512")))


def leaves(value):
    if isinstance(value, (dict, list)):
        return [leaf for inner in (value.values() if isinstance(value, dict) else value) for leaf in leaves(inner)]
    if isinstance(value, bool) or value is None:
        return [json.dumps(value)]
    return [value if isinstance(value, str) else f"{value:.2f}"]


def trustpay(d):
    said = {name: value for name, value in d.json.items() if name != "Signature"}
    return with_member(d, ["Signature"], mac(d.secret, "/".join(sorted(leaves(said)))).hex())


def novalnet(d):
    said = d.json
    event, transaction = said["event"], said["transaction"]
    content = [event["tid"], event["type"], said["result"]["status"], transaction["amount"], transaction["currency"]]
    content = "".join(str(part) for part in content) + d.secret[::-1]
    return with_member(d, ["event", "checksum"], hashlib.sha256(content.encode()).hexdigest())


def unisender_go(d):
    said = d.json["auth"]
    return d.body.replace(said, hashlib.md5(d.body.replace(said, d.secret).encode()).hexdigest(), 1)


def bound(scheme_prefix="", hash_claim=None, encode=None):
    """A sender of JWTs: algorithm and claims as they are, but for the hash of the body."""

    def value(d):
        text = d.header(d.signature.removeprefix("header:"))
        head, claims = part_of(text.removeprefix(scheme_prefix), 0), claims_of(text)
        if not head["alg"].startswith("HS"):
            return text
        if hash_claim in claims:
            digest = encode(hashlib.sha256(d.body.encode()).digest())
            claims[hash_claim] = digest + "=" * (-len(digest) % 4 if claims[hash_claim].endswith("=") else 0)
        return scheme_prefix + token(d.secret, claims, head["alg"], head)

    return value


IN_HEADER = {
    "attio": hex_of_body,
    "box": lambda d: b64(mac(d.secret, d.body + d.header("box-delivery-timestamp"))),
    "connectwise": lambda d: b64(mac(hashlib.sha256(d.secret.encode()).digest(), d.body)),
    "contentful": contentful,
    "docusign": base64_of_body,
    "easypost": lambda d: "hmac-sha256-hex=" + mac(unicodedata.normalize("NFKD", d.secret), d.body).hex(),
    "fitbit": lambda d: b64(mac(d.secret + "&", d.body, "sha1")),
    "forgejo": hex_of_body,
    "fusionauth": bound("", "request_body_sha256", b64),
    "hook0": hook0,
    "hookdeck": base64_of_body,
    "hubspot_v2": lambda d: hashlib.sha256((d.secret + d.method + d.url + d.body).encode()).hexdigest(),
    "hubspot_v3": hubspot_v3,
    "infisical": lambda d: "t=1700000000000;" + hex_of_body(d),
    "inngest": lambda d: f"t={d.seconds}&s=" + mac(re.sub(r"^signkey-\w+-", "", d.secret), d.body + d.seconds).hex(),
    "jira_connect": bound("JWT "),
    "linear": hex_of_body,
    "livekit": bound("", "sha256", b64),
    "mandrill": url_and_form,
    "mercadopago": mercadopago,
    "messagebird": bound("", "payload_hash", bytes.hex),
    "messagebird_legacy": messagebird_legacy,
    "monday": bound(),
    "netlify": bound("", "sha256", bytes.hex),
    "openphone_legacy": lambda d: f"hmac;1;{d.millis};" + b64(mac(base64.b64decode(d.secret), f"{d.millis}.{d.body}")),
    "outpost": lambda d: "v0=" + hex_of_body(d),
    "persona": lambda d: f"t={d.seconds},v1=" + mac(d.secret, f"{d.seconds}.{d.body}").hex(),
    "phonepe_v1": lambda d: hashlib.sha256((d.json["response"] + d.secret).encode()).hexdigest() + "###1",
    "plivo_v2": lambda d: b64(mac(d.secret, d.url.split("?")[0] + d.header("x-plivo-signature-v2-nonce"))),
    "plivo_v3": plivo_v3,
    "primer": base64_of_body,
    "qstash": bound("", "body", b64url),
    "recurly": lambda d: f"{d.millis}," + mac(d.secret, f"{d.millis}.{d.body}").hex(),
    "square": lambda d: b64(mac(d.secret, d.url + d.body)),
    "trello": lambda d: b64(mac(d.secret, d.body + d.url, "sha1")),
    "twilio": url_and_form,
    "twilio_json": lambda d: b64(mac(d.secret, d.url, "sha1")),
    "twilio_sharedkey": url_and_form,
    "twilio_sharedkey_json": lambda d: b64(mac(d.secret, d.url)),
    "vonage": bound("Bearer ", "payload_hash", bytes.hex),
}
IN_BODY = {
    "adyen_standard": adyen,
    "braintree": braintree,
    "dropbox_sign": dropbox_sign,
    "mailgun": mailgun,
    "mailgun_form": mailgun_form,
    "noon": noon,
    "novalnet": novalnet,
    "trustpay": trustpay,
    "unisender_go": unisender_go,
}
