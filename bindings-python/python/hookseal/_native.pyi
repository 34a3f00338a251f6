# The native module, written by hand; stubtest holds it against what is there.
# Its functions take exactly these types; the modules beside it see to that.

from collections.abc import Iterator
from datetime import datetime
from types import GenericAlias
from typing import Any, Final, Generic, Literal, TypedDict, final

from typing_extensions import Self, TypeAlias, TypeVar, disjoint_base

from hookseal._body import Body
from hookseal._explain import Cause
from hookseal._handshake import HandshakeResponse
from hookseal._headers import Headers
from hookseal._moment import Moment
from hookseal.catalogue import SchemeName
from hookseal.errors import ErrorCode, WebhookError

__all__ = [
    "PublishedKeys",
    "RetryPolicy",
    "Scheme",
    "Verified",
    "Webhook",
    "__version__",
    "error",
    "error_codes",
    "explain",
    "generate_key_pair",
    "idempotency_key",
    "schemes",
    "verify_signature",
    "wrong",
]

__version__: Final[str]

_Pair: TypeAlias = tuple[str, str]
_Asked: TypeAlias = tuple[str | None, str | None, Literal["jwks", "pem", "text", "x509"]]
_Payload_co = TypeVar("_Payload_co", covariant=True, default=Any)

class _VerifiedDict(TypedDict, Generic[_Payload_co]):
    id: str | None
    type: str | None
    timestamp: str | None
    key_index: int
    data: _Payload_co | None

@final
class Verified(Generic[_Payload_co]):
    """A webhook whose signature was checked.

    Its type says what its payload is, where the sender publishes that: ``Verified[NaivePayload]``.
    """

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

    def json(self) -> _Payload_co:
        """The payload, read as JSON; WebhookError `invalid_payload` when it is not JSON."""

    def to_dict(self) -> _VerifiedDict[_Payload_co]:
        """The event as JSON has it, also the answers of frameworks.

        ``id``, ``type``, ``timestamp`` in ISO 8601, ``key_index`` and ``data``, which is the
        payload; None where that is not JSON.
        """

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """The names and values of :meth:`to_dict`, so that ``dict(event)`` is the same."""

    def __class_getitem__(cls, payload: Any) -> GenericAlias: ...
    @property
    def __pydantic_serializer__(self) -> Any: ...
    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any, /) -> Any: ...

@final
class Scheme:
    @staticmethod
    def of(text: str, config: list[_Pair]) -> Scheme: ...
    @staticmethod
    def own(json: str, config: list[_Pair]) -> Scheme: ...
    @staticmethod
    def definition(name: str) -> str: ...
    @property
    def id(self) -> str: ...
    def handshake(
        self, body: Body, headers: Headers, method: str | None, url: str | None
    ) -> HandshakeResponse | None: ...
    def key_request(
        self, body: Body, headers: Headers, method: str | None, url: str | None
    ) -> _Asked | None: ...

@final
class PublishedKeys:
    def __new__(cls) -> Self: ...
    def recall(self, wanted: _Asked, now: int) -> str | None: ...
    def ask(self, wanted: _Asked, now: int) -> str | None: ...
    def arrived(self, wanted: _Asked, text: str, now: int) -> str: ...
    def failed(self, wanted: _Asked, why: str, now: int) -> str: ...
    @staticmethod
    def public_url(wanted: _Asked) -> str: ...

@disjoint_base
class Webhook(Generic[_Payload_co]):
    def __new__(cls, scheme: Scheme, secrets: list[str], tolerance_millis: int | None) -> Self: ...
    def __class_getitem__(cls, payload: Any) -> GenericAlias: ...
    @property
    def scheme(self) -> str:
        """The id of the scheme."""

    @property
    def reads_target(self) -> bool:
        """Whether verifying looks at the method or the URL: with most senders it does not."""

    @property
    def has_handshake(self) -> bool:
        """Whether the sender has handshakes: if not, there are none for :meth:`handshake`."""

    def verify(
        self,
        body: Body,
        headers: Headers,
        *,
        method: str = "POST",
        url: str | None = None,
        now: Moment | None = None,
    ) -> Verified[_Payload_co]:
        """Check that a request is from who it says, and not too old.

        Args:
            body: The raw body as received, before anything parsed it.
            headers: The headers of the request, in whichever form the framework has them.
            method: The method of the request, in capitals.
            url: The whole URL as it is registered with the sender, for schemes that sign it.
            now: Instead of the clock.

        Raises:
            WebhookError: With the ``code`` that says why; answer its ``status``.

        """

    def verify_result(
        self,
        body: Body,
        headers: Headers,
        *,
        method: str = "POST",
        url: str | None = None,
        now: Moment | None = None,
    ) -> Verified[_Payload_co] | WebhookError:
        """As :meth:`verify`, but give the error back instead of raising it.

        >>> from hookseal import Webhook, WebhookError
        >>> result = Webhook("naive", "secret").verify_result(b"{}", {})
        >>> result.code if isinstance(result, WebhookError) else result.id
        'missing_header'
        """

    def handshake(
        self,
        body: Body,
        headers: Headers,
        *,
        method: str = "POST",
        url: str | None = None,
        now: Moment | None = None,
    ) -> HandshakeResponse | None:
        """Answer the request by which a sender makes sure that you want its webhooks.

        Ask this first, for every request: some senders repeat their handshake. Before there is a
        secret, ask :func:`hookseal.handshake`.

        Args:
            body: The raw body as received.
            headers: The headers of the request.
            method: The method of the request, in capitals.
            url: The URL of the request, for handshakes that come in its query.
            now: Instead of the clock.

        Returns:
            The answer, or None for a delivery, which is to be verified.

        Raises:
            WebhookError: ``missing_config`` for a value that the answer needs; for a handshake
                that is signed, as :meth:`verify`.

        """

    def sign(
        self,
        body: Body,
        *,
        id: str | None = None,
        type: str | None = None,
        method: str = "POST",
        url: str | None = None,
        headers: Headers | None = None,
        now: Moment | None = None,
    ) -> dict[str, str]:
        """Make the headers to send with a body, names in lower case.

        Args:
            body: The raw body, exactly as it will be sent.
            id: The id of the event, the same for each attempt.
            type: The type of the event, such as ``"invoice.paid"``.
            method: The method that it will be sent with, in capitals.
            url: The whole URL that it will be sent to, for schemes that sign it.
            headers: Other headers that it will be sent with, for schemes that sign them.
            now: Instead of the clock.

        Raises:
            WebhookError: ``invalid_message`` when the scheme signs what the message lacks.

        """

    def sign_body(self, body: Body) -> bytes:
        """Insert the signature into the body, where the scheme has it there (nativemsg).

        Other schemes give the body back as it is. Sign the result with :meth:`sign`.

        Raises:
            WebhookError: ``invalid_message`` when the body has no place for it.

        """

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
    body: Body,
    headers: Headers,
    method: str | None,
    url: str | None,
    now: Moment | None,
) -> tuple[bool, WebhookError | None, list[tuple[Cause, bool, str, str]]]: ...
def generate_key_pair(random: bytes) -> _Pair: ...
def idempotency_key(id: str | None, body: Body) -> str:
    """The event's id or, where the sender gives none, `sha256:` and the hash of the body."""

def error_codes() -> list[tuple[ErrorCode, int, str, str]]: ...
def error(code: ErrorCode, message: str) -> WebhookError: ...
def wrong(
    name: str, expected: str, value: object, code: ErrorCode = "invalid_argument"
) -> WebhookError: ...
def verify_signature(secret: str, body: Body, header: object) -> bool: ...
