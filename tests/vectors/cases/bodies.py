"""Schemes whose signature is in the body: the members it covers, and batches in which each item has its own."""

from urllib.parse import urlencode

from senders import adyen_item, compact, leaves, mac, with_member

from .flags import FORGED, INCOMPLETE, SEVERAL, UNSIGNED


def fields(signature, signed, unsigned):
    """Schemes that sign some members of the JSON: another value of one, of one that is not signed, no signature."""

    def cases(d):
        for path in signed:
            yield f"another `{'.'.join(path)}`", FORGED, d.but(body=with_member(d, path, "7")), "no_match"
        for path in unsigned:
            yield (
                f"another `{'.'.join(path)}`, which is not signed",
                UNSIGNED,
                d.but(body=with_member(d, path, "7")),
                {},
            )
        if signature:
            yield "no signature", INCOMPLETE, d.but(body=without(d, signature)), "missing_value"
        yield "not JSON", INCOMPLETE, d.but(body=d.body[:-1]), "malformed_body"

    return cases


def without(d, path):
    document = d.json
    *parents, last = path
    place = document
    for name in parents:
        place = place[name]
    del place[last]
    return compact(document)


def adyen(d):
    document = d.json
    first = document["notificationItems"][0]["NotificationRequestItem"]
    second = {**first, "pspReference": "8515", "eventCode": "REFUND"}
    signed = {**second, "additionalData": {"hmacSignature": adyen_item(d.secret, second)}}

    def batch(*items):
        entries = [{"NotificationRequestItem": item} for item in items]
        return d.but(body=compact({**document, "notificationItems": entries}))

    bare = {name: value for name, value in first.items() if name != "additionalData"}
    yield "two notifications", SEVERAL, batch(first, signed), {}
    yield "the second notification is forged", FORGED, batch(first, second), "no_match"
    yield "the second notification is not signed", INCOMPLETE, batch(first, bare), "missing_value"
    yield "no notification", INCOMPLETE, batch(), "malformed_body"
    yield "no list of notifications", INCOMPLETE, d.but(body='{"live":"false"}'), "malformed_body"
    yield "another amount", FORGED, batch({**first, "amount": {"value": 1131, "currency": "EUR"}}), "no_match"
    yield "another reason, which is not signed", UNSIGNED, batch({**first, "reason": "forged"}), {}

    def signed_anew(**changes):
        item = {**first, **changes}
        return batch({**item, "additionalData": {"hmacSignature": adyen_item(d.secret, item)}})

    yield "a colon in the reference", SEVERAL, signed_anew(merchantReference="a:b"), {}
    yield "a colon in another value", FORGED, signed_anew(pspReference="a:b"), "malformed_body"
    yield "not JSON", INCOMPLETE, d.but(body=d.body[:-1]), "malformed_body"


def microsoft_graph(d):
    ours = d.json["value"][0]

    def batch(*items):
        return d.but(body=compact({"value": list(items)}))

    bare = {name: value for name, value in ours.items() if name != "clientState"}
    yield "two notifications", SEVERAL, batch(ours, ours), {}
    yield "the second notification has another state", FORGED, batch(ours, {**ours, "clientState": "other"}), "no_match"
    yield "the second notification has no state", INCOMPLETE, batch(ours, bare), "missing_value"
    yield "no notification", INCOMPLETE, batch(), "malformed_body"
    yield "not JSON", INCOMPLETE, d.but(body=d.body[:-1]), "malformed_body"


def figma(d):
    yield "no passcode", INCOMPLETE, d.but(body=without(d, ["passcode"])), "missing_value"
    yield "another event, which is not signed", UNSIGNED, d.but(body=with_member(d, ["webhook_id"], "23")), {}


def braintree(d):
    pairs, payload = (part.split("=", 1)[1] for part in d.body.split("&"))
    ours = pairs.split("%26")[1]
    yield (
        "only the pair of another key",
        INCOMPLETE,
        d.but(body=d.body.replace("%26" + ours, "")),
        "unsupported_signature",
    )
    yield "only our pair", SEVERAL, d.but(body=f"bt_signature={ours}&bt_payload={payload}"), {}
    yield "another payload", FORGED, d.but(body=d.body.replace("%2B%0A", "%2BAA%0A")), "no_match"
    yield "the payload without its newline", FORGED, d.but(body=d.body.replace("%0A", "")), "no_match"
    yield "a field more, which is not signed", UNSIGNED, d.but(body=d.body + "&extra=1"), {}
    yield "no signature", INCOMPLETE, d.but(body="bt_payload=" + payload), "missing_value"
    yield "no payload", INCOMPLETE, d.but(body="bt_signature=" + pairs), "missing_value"


def dropbox_sign(d):
    def form(text):
        return d.but(body=urlencode({"json": text}))

    event = {"event_time": "1700000000", "event_type": "signature_request_signed"}
    digest = mac(d.secret, "".join(event.values())).hex()
    said = {"event": {**event, "event_hash": digest}, "signature_request": {"title": "forged"}}
    yield "a document, which is not signed", UNSIGNED, form(compact(said)), {}
    yield "another type", FORGED, form(compact({"event": {**said["event"], "event_type": "x"}})), "no_match"
    yield "no signature", INCOMPLETE, form(compact({"event": event})), "missing_value"
    yield "no field `json`", INCOMPLETE, d.but(body="other=1"), "missing_value"
    yield "a field that is not JSON", INCOMPLETE, form("{"), "malformed_body"


def mailgun_form(d):
    yield "another token", FORGED, d.but(body=d.body.replace("token=1", "token=2")), "no_match"
    yield "another time", FORGED, d.but(body=d.body.replace("1700000000", "1700000001")), "no_match"
    yield "another recipient, which is not signed", UNSIGNED, d.but(body=d.body.replace("alice", "mallory")), {}
    yield "two tokens", FORGED, d.but(body=d.body + "&token=1"), "malformed_body"
    yield "no signature", INCOMPLETE, d.but(body=d.body.split("&signature")[0]), "missing_value"


def trustpay(d):
    document = d.json
    moved = {"Paid": "Paid", "list": [leaf for leaf in leaves(document) if leaf != "Paid"][:-1]}
    yield "another value", FORGED, d.but(body=d.body.replace("Paid", "Rejected")), "no_match"
    yield (
        "the values elsewhere, whose places are not signed",
        UNSIGNED,
        d.but(body=compact({**moved, "Signature": document["Signature"]})),
        {},
    )
    yield "no signature", INCOMPLETE, d.but(body=without(d, ["Signature"])), "missing_value"
    yield "not JSON", INCOMPLETE, d.but(body=d.body[:-1]), "malformed_body"


def unisender_go(d):
    yield "spaces, which are signed", FORGED, d.but(body=d.body.replace(":", ": ")), "no_match"
    yield "no signature", INCOMPLETE, d.but(body=without(d, ["auth"])), "missing_value"


def phonepe_v1(d):
    yield "another response", FORGED, d.but(body='{"response":"eyJzdWNjZXNzIjpmYWxzZX0="}'), "no_match"
    yield "a member more, which is not signed", UNSIGNED, d.but(body=with_member(d, ["extra"], 1)), {}
    yield "no response", INCOMPLETE, d.but(body="{}"), "missing_value"


def aws_sns(d):
    signed = [[name] for name in ("Message", "MessageId", "Subject", "TopicArn")]
    yield from fields(["Signature"], signed, [])(d)
    forged = with_member(d, ["UnsubscribeURL"], "https://example.com")
    yield "a member more, which is not signed", UNSIGNED, d.but(body=forged), {}
    confirm = with_member(d, ["Type"], "SubscriptionConfirmation")
    yield "a confirmation without its members", INCOMPLETE, d.but(body=confirm), "malformed_body"
    yield (
        "version 1 with the signature of version 2",
        FORGED,
        d.but(body=with_member(d, ["SignatureVersion"], "1")),
        "no_match",
    )
    yield "another version", INCOMPLETE, d.but(body=with_member(d, ["SignatureVersion"], "3")), "unsupported_signature"


def aws_sns_topic(d):
    other = {"topic_arn": d.config["topic_arn"] + "2"}
    yield "of another topic", FORGED, d.but(config=other), "claim_mismatch"
    yield "whose topic nobody asks for", UNSIGNED, d.but(config=None), {}
    yield "of another topic, and forged", FORGED, d.but(config=other, body=with_member(d, ["Message"], "7")), "no_match"


def aws_sns_confirmation(d):
    yield "another token", FORGED, d.but(body=with_member(d, ["Token"], "7")), "no_match"
    yield "another URL", FORGED, d.but(body=with_member(d, ["SubscribeURL"], "https://example.com")), "no_match"
    notification = with_member(d, ["Type"], "Notification")
    yield "another type", FORGED, d.but(body=notification), "no_match"


CASES = {
    "adyen_standard": adyen,
    "aws_sns": aws_sns,
    "aws_sns: of the topic that is asked for": aws_sns_topic,
    "aws_sns: the confirmation of a subscription": aws_sns_confirmation,
    "aws_sns: the confirmation that a subscription ended": aws_sns_confirmation,
    "braintree": braintree,
    "dropbox_sign": dropbox_sign,
    "figma": figma,
    "mailgun": fields(["signature", "signature"], [["signature", "token"]], [["event-data", "recipient"]]),
    "mailgun_form": mailgun_form,
    "microsoft_graph": microsoft_graph,
    "noon": fields(["signature"], [["orderId"], ["orderStatus"], ["eventType"], ["timeStamp"]], [["originalOrderId"]]),
    "novalnet": fields(
        ["event", "checksum"], [["result", "status"], ["transaction", "amount"]], [["transaction", "order_no"]]
    ),
    "phonepe_v1": phonepe_v1,
    "trustpay": trustpay,
    "unisender_go": unisender_go,
}
