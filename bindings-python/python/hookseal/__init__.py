"""Hookseal: sign and verify webhooks, schedule retries.

A native module over the Rust core does the work. The Node and edge packages have the same core, so
all of them accept and refuse the same requests.
"""

from hookseal._body import Body
from hookseal._headers import Headers
from hookseal._moment import Moment
from hookseal._native import Verified, __version__
from hookseal.errors import ErrorCode, ErrorInfo, WebhookError, error_codes
from hookseal.retry import PresetName, ProfileName, RetryDecision, RetryPolicy, ScheduleRow
from hookseal.schemes import SchemeName, schemes
from hookseal.webhook import Webhook, verify_webhook_signature

__all__ = [
    "Body",
    "ErrorCode",
    "ErrorInfo",
    "Headers",
    "Moment",
    "PresetName",
    "ProfileName",
    "RetryDecision",
    "RetryPolicy",
    "ScheduleRow",
    "SchemeName",
    "Verified",
    "Webhook",
    "WebhookError",
    "__version__",
    "error_codes",
    "schemes",
    "verify_webhook_signature",
]
