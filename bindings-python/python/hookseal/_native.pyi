# The native module, written by hand; stubtest holds it against what is there.
# Its functions take exactly these types; the modules beside it see to that.

from datetime import datetime
from typing import Any, Final, Literal, final

from typing_extensions import TypeAlias

from hookseal._explain import Cause
from hookseal._headers import Headers
from hookseal.catalogue import SchemeName
from hookseal.errors import ErrorCode, WebhookError

__all__ = [
    "RetryPolicy",
    "Scheme",
    "Verified",
    "Webhook",
    "__version__",
    "error",
    "error_codes",
    "explain",
    "generate_key_pair",
    "schemes",
    "verify_signature",
    "wrong",
]

__version__: Final[str]

_Pair: TypeAlias = tuple[str, str]
_Answer: TypeAlias = tuple[int, dict[str, str], bytes, str | None, str | None]

@final
class Verified:
    """A webhook whose signature was checked."""

    @property
    def id(self) -> str | None:
        """The id of the event, the same with every attempt; None where the scheme has none.

        Where the scheme does not sign it (naive, ainative, nativemsg, and others that have it in a
        header), it tells retries apart, but does not stop a replay: who has seen one request can
        send it again under another id.
        """

    @property
    def type(self) -> str | None:
        """The type of the event, such as "invoice.paid"; None where the scheme has none.

        Where the sender has it in a header (naive, github, shopify), it is not signed: act on what
        the body says.
        """

    @property
    def timestamp(self) -> datetime | None:
        """When the sender signed, in UTC; None where the scheme has no timestamp."""

    @property
    def key_index(self) -> int:
        """Which of the secrets matched, from 0: tells when an old one is no longer in use."""

    @property
    def body(self) -> bytes:
        """The raw body, now known to be the sender's."""

    @property
    def payload(self) -> bytes:
        """What the sender says: the raw body or, of a JSON Web Token, the JSON of its claims."""

    def json(self) -> Any:
        """The payload, read as JSON; WebhookError `invalid_payload` when it is not JSON."""

@final
class Scheme:
    @staticmethod
    def builtin(name: str, config: list[_Pair]) -> Scheme: ...
    @staticmethod
    def own(json: str, config: list[_Pair]) -> Scheme: ...
    def handshake(self, body: bytes, headers: Headers, target: _Pair | None) -> _Answer | None: ...
    def key_request(
        self, body: bytes, headers: Headers, target: _Pair | None
    ) -> tuple[str | None, str | None, Literal["jwks", "pem", "text", "x509"]] | None: ...

@final
class Webhook:
    def __new__(
        cls, scheme: Scheme, secrets: list[str], tolerance_millis: int | None
    ) -> Webhook: ...
    @property
    def scheme(self) -> str: ...
    def verify(
        self, body: bytes, headers: Headers, now_seconds: float, target: _Pair | None
    ) -> Verified: ...
    def handshake(
        self, body: bytes, headers: Headers, now_seconds: float, target: _Pair | None
    ) -> _Answer | None: ...
    def sign(
        self,
        body: bytes,
        id: str | None,
        event_type: str | None,
        now_seconds: float,
        target: _Pair | None,
        headers: Headers,
    ) -> dict[str, str]: ...
    def sign_body(self, body: bytes) -> bytes: ...

@final
class RetryPolicy:
    @staticmethod
    def presets() -> list[str]: ...
    @staticmethod
    def preset(name: str) -> RetryPolicy: ...
    @staticmethod
    def profile(name: str) -> RetryPolicy: ...
    @staticmethod
    def own(json: str) -> RetryPolicy: ...
    @property
    def max_attempts(self) -> int: ...
    def to_json(self) -> str: ...
    def schedule(self) -> list[tuple[int, float, float, float, float]]: ...
    def table(self) -> str: ...
    def next(
        self,
        attempt: int,
        answer: tuple[int, str | None, str | None] | None,
        previous_delay_seconds: float | None,
        first_attempt_seconds: float,
        now_seconds: float,
        random: float,
    ) -> tuple[
        Literal["delivered", "delivered_and_disable", "retry", "give_up", "disable"],
        datetime | None,
        float | None,
        Literal["aborted", "attempts_exhausted", "final_status", "retry_after_too_long", "too_old"]
        | None,
    ]: ...

def schemes() -> list[
    tuple[SchemeName, str, str, Literal["high", "medium", "low"], str | None, dict[str, str]]
]: ...
def explain(
    scheme: Scheme,
    secrets: list[str],
    tolerance_millis: int | None,
    body: bytes,
    headers: Headers,
    now_seconds: float,
    target: _Pair | None,
) -> tuple[bool, WebhookError | None, list[tuple[Cause, bool, str, str]]]: ...
def generate_key_pair(random: bytes) -> _Pair: ...
def error_codes() -> list[tuple[ErrorCode, int, str, str]]: ...
def error(code: ErrorCode, message: str) -> WebhookError: ...
def wrong(
    name: str, expected: str, value: object, code: ErrorCode = "invalid_argument"
) -> WebhookError: ...
def verify_signature(secret: str, body: bytes, header: str) -> bool: ...
