"""The table: one entry for each scheme that a library knows."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from datetime import datetime, timezone

import razorpay
import standardwebhooks
import stripe
import svix.webhooks
from Adyen import util as adyen
from delivery import Delivery, Judge
from linebot.v3.webhook import SignatureValidator
from slack_sdk.signature import SignatureVerifier

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


def verify_adyen(delivery: Delivery, secret: str) -> bool:
    return adyen.is_valid_hmac_payload(delivery.headers["hmacsignature"], secret, delivery.body.encode())


def sign_adyen(message: Delivery, secret: str) -> Delivery:
    signature = adyen.generate_payload_sig(message.body.encode(), secret).decode()
    return message.signed({"hmacsignature": signature, "protocol": "HmacSHA256"})


JUDGES = [
    Judge("Adyen", "adyen_platform", HEX, WRONG_HEX, verify_adyen, sign_adyen),
    Judge("line-bot-sdk", "line", SECRET, WRONG, verify_line, sign_line),
    Judge("razorpay", "razorpay", SECRET, WRONG, verify_razorpay, sign_razorpay),
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
]
