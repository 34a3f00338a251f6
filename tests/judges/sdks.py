"""The table: one entry for each scheme that a library knows."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import datetime, timezone
from urllib.parse import parse_qs

import razorpay
import standardwebhooks
import stripe
import svix.webhooks
from Adyen import util as adyen
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from delivery import Delivery, Judge, Pair
from linebot.v3.webhook import SignatureValidator
from sendgrid.helpers.eventwebhook import EventWebhook
from slack_sdk.signature import SignatureVerifier
from twilio.request_validator import RequestValidator

SECRET = "6rL4vXwq0ZkT1dHs"
WRONG = "0rL4vXwq0ZkT1dHs"
HEX = "11223344D785FBAE710E7F943F307971BB61B21281C98C9129B3D4018A57B2EB"
WRONG_HEX = "21223344D785FBAE710E7F943F307971BB61B21281C98C9129B3D4018A57B2EB"
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WRONG_WHSEC = "whsec_plJ3nmyCDGBKInavdOK15jsl2LaLaSwM"


def hmac_of(body: str, secret: str) -> bytes:
    """HMAC-SHA256 of the body, for libraries that only verify."""
    return hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest()


def sign_stripe(message: Delivery, secret: str) -> Delivery:
    header = stripe.WebhookSignature.generate_signature_header(message.body, secret, message.seconds)
    return message.signed({"stripe-signature": header})


def sign_slack(message: Delivery, secret: str) -> Delivery:
    timestamp = str(message.seconds)
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=message.body)
    return message.signed({"x-slack-request-timestamp": timestamp, "x-slack-signature": signature})


def verify_razorpay(delivery: Delivery, secret: str) -> bool:
    client = razorpay.Client(auth=("none", "none"))
    return client.utility.verify_webhook_signature(delivery.body, delivery.headers["x-razorpay-signature"], secret)


def sign_razorpay(message: Delivery, secret: str) -> Delivery:
    signature = hmac_of(message.body, secret).hex()
    return message.signed({"x-razorpay-event-id": message.id, "x-razorpay-signature": signature})


def verify_line(delivery: Delivery, secret: str) -> bool:
    return SignatureValidator(secret).validate(delivery.body, delivery.headers["x-line-signature"])


def sign_line(message: Delivery, secret: str) -> Delivery:
    return message.signed({"x-line-signature": b64encode(hmac_of(message.body, secret)).decode()})


def verify_svix(delivery: Delivery, secret: str) -> bool:
    svix.webhooks.Webhook(secret).verify(delivery.body, delivery.headers)
    return True


def verify_standard(delivery: Delivery, secret: str) -> bool:
    standardwebhooks.Webhook(secret).verify(delivery.body, delivery.headers)
    return True


def sign_as(webhook, prefix: str):
    def sign(message: Delivery, secret: str) -> Delivery:
        moment = datetime.fromtimestamp(message.seconds, timezone.utc)
        return message.signed(
            {
                f"{prefix}-id": message.id,
                f"{prefix}-timestamp": str(message.seconds),
                f"{prefix}-signature": webhook(secret).sign(message.id, moment, message.body),
            }
        )

    return sign


def verify_twilio(delivery: Delivery, secret: str) -> bool:
    fields = Fields(parse_qs(delivery.body, keep_blank_values=True))
    return RequestValidator(secret).validate(delivery.url, fields, delivery.headers["x-twilio-signature"])


def sign_twilio(message: Delivery, secret: str) -> Delivery:
    fields = Fields(parse_qs(message.body, keep_blank_values=True))
    return message.signed({"x-twilio-signature": RequestValidator(secret).compute_signature(message.url, fields)})


class Fields(dict):
    """A form, as Django gives it."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def verify_adyen(delivery: Delivery, secret: str) -> bool:
    return adyen.is_valid_hmac_payload(delivery.headers["hmacsignature"], secret, delivery.body.encode())


def sign_adyen(message: Delivery, secret: str) -> Delivery:
    signature = adyen.generate_payload_sig(message.body.encode(), secret).decode()
    return message.signed({"hmacsignature": signature, "protocol": "HmacSHA256"})


def adyen_items(body: str) -> list[dict]:
    return [each["NotificationRequestItem"] for each in json.loads(body)["notificationItems"]]


def verify_adyen_items(delivery: Delivery, secret: str) -> bool:
    return all(adyen.is_valid_hmac_notification(item, secret) for item in adyen_items(delivery.body))


def sign_adyen_items(message: Delivery, secret: str) -> Delivery:
    items = adyen_items(message.body)
    for item in items:
        item["additionalData"] = {"hmacSignature": adyen.generate_notification_sig(item, secret).decode()}
    body = json.dumps({"live": "false", "notificationItems": [{"NotificationRequestItem": item} for item in items]})
    return Delivery(body, message.seconds)


ADYEN_ITEMS = json.dumps(
    {
        "notificationItems": [
            {
                "NotificationRequestItem": {
                    "pspReference": f"73135645351{number}",
                    "merchantAccountCode": "Zoë",
                    "merchantReference": "order:81",
                    "amount": {"value": 1250, "currency": "EUR"},
                    "eventCode": "AUTHORISATION",
                    "success": "true",
                }
            }
            for number in range(2)
        ]
    }
)


def key_pair() -> Pair:
    """A key pair as SendGrid has one: P-256, the public key shown as one line of base64."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Pair(signing=pem.decode(), verifying=b64encode(public).decode())


def verify_sendgrid(delivery: Delivery, key: str) -> bool:
    signature = delivery.headers["x-twilio-email-event-webhook-signature"]
    timestamp = delivery.headers["x-twilio-email-event-webhook-timestamp"]
    return EventWebhook(key).verify_signature(delivery.body, signature, timestamp)


def sign_sendgrid(message: Delivery, key: str) -> Delivery:
    timestamp = str(message.seconds)
    content = (timestamp + message.body).encode()
    signature = load_pem_private_key(key.encode(), None).sign(content, ec.ECDSA(hashes.SHA256()))
    return message.signed(
        {
            "x-twilio-email-event-webhook-timestamp": timestamp,
            "x-twilio-email-event-webhook-signature": b64encode(signature).decode(),
        }
    )


JUDGES = [
    Judge("Adyen", "adyen_platform", HEX, WRONG_HEX, verify_adyen, sign_adyen),
    Judge(
        "Adyen",
        "adyen_standard",
        HEX,
        WRONG_HEX,
        verify_adyen_items,
        sign_adyen_items,
        bodies=(ADYEN_ITEMS,),
        verify_only=True,
    ),
    Judge("line-bot-sdk", "line", SECRET, WRONG, verify_line, sign_line),
    Judge("razorpay", "razorpay", SECRET, WRONG, verify_razorpay, sign_razorpay),
    Judge("sendgrid", "sendgrid", key_pair(), key_pair(), verify_sendgrid, sign_sendgrid),
    Judge(
        "slack_sdk",
        "slack",
        SECRET,
        WRONG,
        lambda delivery, secret: SignatureVerifier(secret).is_valid_request(delivery.body, delivery.headers),
        sign_slack,
    ),
    Judge(
        "standardwebhooks",
        "standard_webhooks",
        WHSEC,
        WRONG_WHSEC,
        verify_standard,
        sign_as(standardwebhooks.Webhook, "webhook"),
    ),
    Judge(
        "stripe",
        "stripe",
        SECRET,
        WRONG,
        lambda delivery, secret: bool(
            stripe.Webhook.construct_event(delivery.body, delivery.headers["stripe-signature"], secret)
        ),
        sign_stripe,
    ),
    Judge("svix", "svix", WHSEC, WRONG_WHSEC, verify_svix, sign_as(svix.webhooks.Webhook, "svix")),
    Judge(
        "twilio",
        "twilio",
        SECRET,
        WRONG,
        verify_twilio,
        sign_twilio,
        bodies=("To=%2B15551250&From=%2B15559999&Body=Zo%C3%AB+%26+co&Empty=", "B=1250&a=2&B=1&B=1250&A=%E2%98%95"),
        headers={"content-type": "application/x-www-form-urlencoded"},
        url=True,
    ),
]
