"""How a sender signs, as the rows of the catalogue have it.

Written by `python generate/payload.py`.
"""

from typing import Any, Literal, Optional, TypedDict, Union

SchemeAlgorithm = Literal[
    "ecdsa-p256-sha1",
    "ecdsa-p256-sha256",
    "ecdsa-p521-sha512",
    "ed25519",
    "hmac-md5",
    "hmac-sha1",
    "hmac-sha256",
    "hmac-sha384",
    "hmac-sha512",
    "jwt",
    "md5",
    "rsa-sha1",
    "rsa-sha256",
    "rsa-sha512",
    "sha1",
    "sha256",
    "sha512",
    "token",
]
"""What computes a signature."""


_SchemeAlgorithmChoiceNamed = TypedDict("_SchemeAlgorithmChoiceNamed", {"from": str})


class SchemeAlgorithmChoice(_SchemeAlgorithmChoiceNamed):
    """An algorithm that the request names. It chooses among those that the scheme allows."""

    map: dict[str, SchemeAlgorithm]
    """What it writes for which algorithm: of those with public keys only."""


SchemeAlgorithmRule = Union[SchemeAlgorithm, SchemeAlgorithmChoice]
"""The name of an algorithm, or a rule by which the request names one."""


SchemeCoverage = Literal["full", "none", "partial"]
"""How much of the body a signature protects."""


SchemeEncoding = Literal["base64", "base64url", "hex", "utf8"]
"""How the bytes of a signature are written."""


_SchemeBodyDigestNamed = TypedDict("_SchemeBodyDigestNamed", {"from": str})


class SchemeBodyDigest(_SchemeBodyDigestNamed):
    """A SHA-256 of the body at a place that is signed."""

    encoding: SchemeEncoding
    """How it is written."""


class SchemeBodySignature(TypedDict):
    """The member of the body that holds a signature of the rest of it."""

    member: str
    """The name of the member: the last one of the JSON object."""


SchemeBodyType = Literal["any", "json"]
"""What every body of a sender is."""


SchemeConfidence = Literal["high", "medium", "low"]
"""How sure the facts of a scheme are."""


class _SchemeSetting(TypedDict):
    description: str
    """What it is and where to find it."""


class SchemeSetting(_SchemeSetting, total=False):
    """One value that the user gives."""

    default: Optional[str]
    """What stands for it when it is not given."""
    example: Optional[str]
    """What one looks like, for those who try the scheme."""
    required: bool
    """Whether the scheme proves nothing without it, so that nobody may leave it out."""


class SchemeFetch(TypedDict):
    """Where the URL is, and on which hosts it may be."""

    hosts: list[str]
    """The sender's hosts."""
    url: str
    """Where the URL is."""


SchemeMember = Union[float, str]
"""A member of the JSON object that is answered."""


class _SchemeRespond(TypedDict):
    status: int
    """The HTTP status."""


class SchemeRespond(_SchemeRespond, total=False):
    """The answer: a status, headers, and text or a JSON object."""

    body: Optional[str]
    """Plain text."""
    headers: dict[str, Any]
    """Headers besides the content type."""
    json: Optional[dict[str, SchemeMember]]
    """A JSON object, in place of text."""


class _SchemeComputed(TypedDict):
    encoding: SchemeEncoding
    """How the value is written."""


class SchemeComputed(_SchemeComputed, total=False):
    """A value that is computed from others: one of ``hmac`` and ``sha256``."""

    hmac: Optional[str]
    """What is signed by the scheme's HMAC, under its key."""
    sha256: Optional[str]
    """What is hashed, without a key."""


class _SchemeRule(TypedDict):
    respond: SchemeRespond
    """The answer."""


class SchemeRule(_SchemeRule, total=False):
    """One rule, checked."""

    absent: list[str]
    """Places at which nothing may stand."""
    compare: dict[str, Any]
    """Places that must have a setting of yours, such as ``{config:verify_token}``."""
    fetch: Optional[SchemeFetch]
    """A URL to call after the answer."""
    match: dict[str, Any]
    """What must stand at which places."""
    method: str
    """The method of the request, in capitals."""
    mismatch_status: Optional[int]
    """The status of the answer where ``compare`` finds another value."""
    notes: Optional[str]
    """For people: why the rule is as it is."""
    only_key: Optional[str]
    """The only member that the JSON of the body has."""
    secret: Optional[str]
    """The place of the secret that the sender hands over."""
    values: dict[str, SchemeComputed]
    """Values that are computed for the answer."""
    verify_first: bool
    """Whether the request has to verify as deliveries do."""


SchemeHandshake = Union[SchemeRule, list[SchemeRule]]
"""The rules of one scheme; the first that fits counts."""


class _SchemeHashClaim(TypedDict):
    claim: str
    """The name of the claim."""
    encoding: SchemeEncoding
    """How the digest is written; the ``=`` of base64 may be there or not."""


class SchemeHashClaim(_SchemeHashClaim, total=False):
    """A claim that holds a SHA-256."""

    absent_when_empty: bool
    """Whether the sender leaves the claim out when there is nothing to hash."""


class _SchemeJwtRule(TypedDict):
    algorithms: list[str]
    """The algorithms that are taken; the token says which of them it has. The first that fits the
    key signs.
    """


class SchemeJwtRule(_SchemeJwtRule, total=False):
    """What a token must say."""

    audience: Optional[str]
    """What the claim ``aud`` must be, or have in its list. ``{url}`` stands for the URL of the
    request.
    """
    body_hash: Optional[SchemeHashClaim]
    """The claim that holds a SHA-256 of the body. Without it the token says nothing of the body."""
    issuer: Optional[str]
    """What the claim ``iss`` must be."""
    leeway_seconds: int
    """How many seconds the clocks may differ: for ``exp``, ``nbf`` and an ``iat`` in the future."""
    max_age_seconds: Optional[int]
    """How many seconds old ``iat`` may be."""
    qsh: bool
    """Whether the claim ``qsh`` holds Atlassian's hash of method, path and query."""
    require: list[str]
    """Claims that must be there, such as ``exp``: without it a token never expires."""
    subject: Optional[str]
    """What the claim ``sub`` must be. ``{url}`` stands for the URL of the request."""
    url_hash: Optional[SchemeHashClaim]
    """The claim that holds a SHA-256 of the URL."""


SchemeDerivation = Literal["sha1", "sha256"]
"""A hash of the secret that is the key, as raw bytes."""


SchemeKeyEncoding = Literal["base64", "hex", "utf8"]
"""What the text of a secret is."""


SchemeNormalization = Literal["nfkd"]
"""A form of Unicode."""


class SchemeKeyRule(TypedDict, total=False):
    """How the text of a secret becomes key bytes."""

    derive: Optional[SchemeDerivation]
    """The key is this hash of the secret, as bytes."""
    encoding: SchemeKeyEncoding
    """What the text of the secret is. Public keys are read in any of their usual forms, whatever
    stands here.
    """
    max_bytes: Optional[int]
    """The most bytes that a key has."""
    min_bytes: Optional[int]
    """The fewest bytes that a key has."""
    normalize: Optional[SchemeNormalization]
    """The Unicode form that the sender puts the secret in."""
    strip_pattern: Optional[str]
    """A prefix that is not part of the key either, with one ``*``, which stands for letters, digits
    and ``_``: ``signkey-*-``.
    """
    strip_prefix: list[str]
    """Prefixes that are not part of the encoded key; the first that fits is taken off."""
    suffix: str
    """What the sender appends to the secret, such as ``&``."""


SchemeKeyFormat = Literal["jwks", "pem", "text", "x509"]
"""In which form a published key comes."""


class _SchemeKeySource(TypedDict):
    format: SchemeKeyFormat
    """What the answer of the URL is."""


class SchemeKeySource(_SchemeKeySource, total=False):
    """Where the sender publishes its key."""

    hosts: list[str]
    """The sender's hosts: needed where the request names the URL, because anybody can write a
    request.
    """
    key_id: Optional[str]
    """The place of the key's id, or ``signature`` for beside the signature, where its format says.
    """
    url: Optional[str]
    """The URL (``https://…``), or the place of the request that names it. Absent where the sender
    gives its keys only to its customers.
    """


SchemeFormat = dict[str, Any]
"""How a signature is written."""


class SchemeFallback(TypedDict):
    """What an older version of the scheme signs, for values that hold none of the newer one."""

    format: SchemeFormat
    """How the older signature is written."""
    signed_content: str
    """What it signs."""


SchemeEcdsaForm = Literal["der", "fixed"]
"""How the two numbers of an ECDSA signature are written."""


SchemePlaces = Union[str, list[str]]


_SchemeSignatureRuleNamed = TypedDict("_SchemeSignatureRuleNamed", {"from": SchemePlaces})


class _SchemeSignatureRule(TypedDict):
    encoding: SchemeEncoding
    """How its bytes are written."""


class SchemeSignatureRule(_SchemeSignatureRuleNamed, _SchemeSignatureRule, total=False):
    """Where the signature is and how it is written."""

    each: Optional[str]
    """The items of a batch that are signed each for themselves: a JSON pointer in which ``*``
    stands for every element. The signature is at an ``item:/POINTER`` then.
    """
    fallback: Optional[SchemeFallback]
    """An older form, for values that hold no signature of this one."""
    form: SchemeEcdsaForm
    """How the two numbers of an ECDSA signature are put together."""
    format: SchemeFormat
    """How it is written there."""


SchemeTimestampUnit = Literal["http-date", "iso8601", "ms", "s"]
"""In which form a sender writes its timestamps."""


_SchemeTimestampRuleNamed = TypedDict("_SchemeTimestampRuleNamed", {"from": str})


class _SchemeTimestampRule(TypedDict):
    unit: SchemeTimestampUnit
    """How it is written."""


class SchemeTimestampRule(_SchemeTimestampRuleNamed, _SchemeTimestampRule, total=False):
    """Where the timestamp is, how it is written and how far it may be off."""

    optional: bool
    """Whether it may be left out, for senders that sign without one where they are told to: its
    part of the content is in ``[[…]]`` then, and a request without it is of any age.
    """
    tolerance_seconds: int
    """How many seconds it may be off, in both directions; the receiver may say otherwise."""


SchemeUrlForm = Literal["hubspot_v3", "twilio"]
"""Senders that sign the URL in other spellings than the one they were given; each is tried."""


_SchemeDefinitionMaybeNamed = TypedDict(
    "_SchemeDefinitionMaybeNamed", {"$schema": Optional[str]}, total=False
)


class _SchemeDefinition(TypedDict):
    id: str
    """The name in code: letters, digits and ``_ - .``."""
    signature: SchemeSignatureRule
    """Where the signature is and how it is written."""


class SchemeDefinition(_SchemeDefinitionMaybeNamed, _SchemeDefinition, total=False):
    """How one sender signs: where the signature is, what it signs, and how the secret becomes a
    key.
    """

    algorithm: SchemeAlgorithmRule
    """What computes the signature."""
    body_coverage: SchemeCoverage
    """How much of the body the signature protects; it has to be said where it is not all of it."""
    body_digest: Optional[SchemeBodyDigest]
    """A digest of the body that is signed in place of it."""
    body_signature: Optional[SchemeBodySignature]
    """A signature inside the body, of the rest of it, for requests without the header."""
    body_type: SchemeBodyType
    """What every body of the sender is. A body of another type is refused, whatever its signature.
    """
    confidence: Optional[SchemeConfidence]
    """For people: how sure the facts are."""
    config: dict[str, SchemeSetting]
    """Values that only the user of the scheme knows. ``{config:NAME}`` in any text of the scheme
    stands for one.
    """
    event_id: Optional[str]
    """Where the id of the event is, which is the same for each attempt."""
    event_type: Optional[str]
    """Where the type of the event is."""
    event_type_header: Optional[str]
    """A header that repeats the type of the event; written, never read, because it is not signed.
    """
    handshake: SchemeHandshake
    """The answer to the request by which the sender makes sure that you want its webhooks."""
    header_aliases: dict[str, Any]
    """Other names under which a header may come."""
    jwt: Optional[SchemeJwtRule]
    """What a JSON Web Token must say, with the algorithm ``jwt``."""
    key: SchemeKeyRule
    """How the text of the secret becomes the key."""
    key_source: Optional[SchemeKeySource]
    """Where the sender publishes its key."""
    name: Optional[str]
    """The name for people; the id where it is absent."""
    notes: Optional[str]
    """For people: what a user of the scheme should know."""
    require: dict[str, Any]
    """Places that must have exactly this value: the version of the scheme, an account of yours. One
    whose value is a ``{config:NAME}`` that is not given falls away.
    """
    signed_content: str
    """What is signed. Not for tokens and JSON Web Tokens."""
    source: Optional[str]
    """For people: where the facts come from, such as a URL."""
    timestamp: Optional[SchemeTimestampRule]
    """When the sender signed, so that an old request is refused. It must be signed."""
    url_form: Optional[SchemeUrlForm]
    """The sender's own spelling of the URL."""
