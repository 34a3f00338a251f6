"""A webhook with an id and a signed timestamp, and a moment at which nothing is too old."""

from hookseal import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_777_111_523.25
HOOK = Webhook("standard_webhooks", SECRET)
