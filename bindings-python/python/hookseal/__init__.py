"""Hookseal: sign and verify webhooks, schedule retries.

A native module over the Rust core does the work. The Node and edge packages have the same core, so
all of them accept and refuse the same requests.

``hookseal.fastapi``, ``.starlette``, ``.flask``, ``.django`` and ``.aiohttp`` receive webhooks in
these frameworks; ``hookseal.idempotency`` handles each event once; ``hookseal.payload`` has the
types of what senders send that publish it.
"""

from hookseal._native import Verified, __version__, idempotency_key
from hookseal.errors import WebhookError
from hookseal.webhook import Webhook, verify_webhook_signature

# Type checkers take it for that of `typing`, which takes longer to import than all that a receiver
# needs.
TYPE_CHECKING = False

# A receiver needs none of these: they are imported when they are asked for.
if TYPE_CHECKING:
    from hookseal._body import Body
    from hookseal._error_table import ErrorCode, ErrorInfo, error_codes
    from hookseal._explain import Cause, Explanation, Finding, explain
    from hookseal._handshake import HandshakeResponse, handshake
    from hookseal._headers import Headers
    from hookseal._moment import Moment
    from hookseal._published import PublishedKeys
    from hookseal.catalogue import SchemeInfo, SchemeName, scheme_definition, schemes
    from hookseal.keys import KeyPair, KeyRequest, generate_key_pair, key_request
    from hookseal.retry import PresetName, ProfileName, RetryDecision, RetryPolicy, ScheduleRow
    from hookseal.scheme_types import SchemeDefinition
else:
    _LATER = {
        "_body": ["Body"],
        "_error_table": ["ErrorCode", "ErrorInfo", "error_codes"],
        "_explain": ["Cause", "Explanation", "Finding", "explain"],
        "_handshake": ["HandshakeResponse", "handshake"],
        "_headers": ["Headers"],
        "_moment": ["Moment"],
        "_published": ["PublishedKeys"],
        "catalogue": ["SchemeInfo", "SchemeName", "scheme_definition", "schemes"],
        "keys": ["KeyPair", "KeyRequest", "generate_key_pair", "key_request"],
        "retry": ["PresetName", "ProfileName", "RetryDecision", "RetryPolicy", "ScheduleRow"],
        "scheme_types": ["SchemeDefinition"],
    }

    def __getattr__(name: str) -> object:
        from importlib import import_module

        for module, names in _LATER.items():
            if name in names:
                found = globals()[name] = getattr(import_module(f"hookseal.{module}"), name)
                return found
        raise AttributeError(f"module `hookseal` has no attribute `{name}`")

    def __dir__() -> list[str]:
        return [*globals(), *(name for names in _LATER.values() for name in names)]


__all__ = [
    "Body",
    "Cause",
    "ErrorCode",
    "ErrorInfo",
    "Explanation",
    "Finding",
    "HandshakeResponse",
    "Headers",
    "KeyPair",
    "KeyRequest",
    "Moment",
    "PresetName",
    "ProfileName",
    "PublishedKeys",
    "RetryDecision",
    "RetryPolicy",
    "ScheduleRow",
    "SchemeDefinition",
    "SchemeInfo",
    "SchemeName",
    "Verified",
    "Webhook",
    "WebhookError",
    "__version__",
    "error_codes",
    "explain",
    "generate_key_pair",
    "handshake",
    "idempotency_key",
    "key_request",
    "scheme_definition",
    "schemes",
    "verify_webhook_signature",
]
