//! JSON Web Tokens (RFC 7519) as signatures: who signed, for whom, when, and which body.
//!
//! **Invariants.** The scheme says which algorithms it takes; the token only chooses among them, and the kind of key
//! decides which it can check: `none` is never taken, and a public key never serves as the secret of an HMAC. Claims are
//! read after the signature was found good.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::algorithm::Algorithm;
use crate::asymmetric::{AsymmetricKey, EcdsaForm, HashAlgorithm, KeyType};
use crate::canonical::qsh::query_string_hash;
use crate::error::{Error, ErrorCode, clip};
use crate::key::{SigningKey, Tag};
use crate::radix::URL_SAFE_NO_PAD;
use crate::request::Request;
use crate::scheme::compact::compact;
use crate::scheme::object::optional;
use crate::scheme::{Encoding, Selector};
use crate::timestamp::Timestamp;
use crate::verify::check_age;

/// How long a token is good that we write (seconds).
const LIFETIME: i64 = 300;

/// What a token must say.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct JwtRule {
    /// The algorithms that are taken; the token says which of them it has. The first that fits the key signs.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    algorithms: Vec<JwtAlgorithm>,
    /// What the claim `iss` must be.
    #[serde(default)]
    issuer: Option<String>,
    /// What the claim `aud` must be, or have in its list. `{url}` stands for the URL of the request.
    #[serde(default)]
    audience: Option<String>,
    /// What the claim `sub` must be. `{url}` stands for the URL of the request.
    #[serde(default)]
    subject: Option<String>,
    /// Claims that must be there, such as `exp`: without it a token never expires.
    #[serde(default)]
    require: Vec<String>,
    /// The claim that holds a SHA-256 of the body. Without it the token says nothing of the body.
    #[serde(default, deserialize_with = "optional")]
    body_hash: Option<HashClaim>,
    /// The claim that holds a SHA-256 of the URL.
    #[serde(default, deserialize_with = "optional")]
    url_hash: Option<HashClaim>,
    /// Whether the claim `qsh` holds Atlassian's hash of method, path and query.
    #[serde(default)]
    qsh: bool,
    /// How many seconds old `iat` may be.
    #[serde(default)]
    max_age_seconds: Option<u32>,
    /// How many seconds the clocks may differ: for `exp`, `nbf` and an `iat` in the future.
    #[serde(default = "default_leeway")]
    leeway_seconds: u32,
}

fn default_leeway() -> u32 {
    60
}

/// A claim that holds a SHA-256.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct HashClaim {
    /// The name of the claim.
    claim: String,
    /// How the digest is written; the `=` of base64 may be there or not.
    encoding: Encoding,
    /// Whether the sender leaves the claim out when there is nothing to hash.
    #[serde(default)]
    absent_when_empty: bool,
}

/// The algorithms of RFC 7518 §3 that webhooks are signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum JwtAlgorithm {
    HS256,
    HS384,
    HS512,
    RS256,
    RS384,
    RS512,
    ES256,
    ES384,
    ES512,
    EdDSA,
}

impl JwtAlgorithm {
    fn name(self) -> &'static str {
        match self {
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
            Self::EdDSA => "EdDSA",
        }
    }

    fn hmac(self) -> Option<Algorithm> {
        match self {
            Self::HS256 => Some(Algorithm::HmacSha256),
            Self::HS384 => Some(Algorithm::HmacSha384),
            Self::HS512 => Some(Algorithm::HmacSha512),
            _ => None,
        }
    }

    fn key_pair(self) -> Option<(KeyType, HashAlgorithm)> {
        match self {
            Self::HS256 | Self::HS384 | Self::HS512 => None,
            Self::RS256 => Some((KeyType::Rsa, HashAlgorithm::Sha256)),
            Self::RS384 => Some((KeyType::Rsa, HashAlgorithm::Sha384)),
            Self::RS512 => Some((KeyType::Rsa, HashAlgorithm::Sha512)),
            Self::ES256 => Some((KeyType::P256, HashAlgorithm::Sha256)),
            Self::ES384 => Some((KeyType::P384, HashAlgorithm::Sha384)),
            Self::ES512 => Some((KeyType::P521, HashAlgorithm::Sha512)),
            Self::EdDSA => Some((KeyType::Ed25519, HashAlgorithm::Sha512)),
        }
    }

    /// Whether `key` made `signature`; none when it cannot check this algorithm.
    fn check(self, key: &SigningKey, content: &[u8], signature: &[u8]) -> bool {
        if let (Some((key_type, hash)), Some(key)) = (self.key_pair(), key.asymmetric()) {
            return key.key_type() == key_type
                && key.verify(hash, EcdsaForm::Fixed, content, signature);
        }
        if let (Some(algorithm), Some(secret)) = (self.hmac(), key.secret()) {
            return SigningKey::new(algorithm, secret)
                .is_ok_and(|key| key.tag_of(content).matches(&Tag::of(signature)));
        }
        false
    }

    fn sign(self, key: &SigningKey, content: &[u8]) -> Option<Result<Vec<u8>, Error>> {
        if let (Some((key_type, hash)), Some(key)) = (self.key_pair(), key.asymmetric()) {
            return (key.key_type() == key_type).then(|| key.sign(hash, EcdsaForm::Fixed, content));
        }
        let (algorithm, secret) = (self.hmac()?, key.secret()?);
        Some(SigningKey::new(algorithm, secret).map(|key| key.tag_of(content).as_public().to_vec()))
    }
}

/// The parts of a compact token (RFC 7515 §3.1).
pub(crate) struct Token<'t> {
    pub(crate) header: Map<String, Value>,
    signed: &'t str,
    claims: &'t str,
    signature: Vec<u8>,
}

impl<'t> Token<'t> {
    /// None when the text is not a token.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) =
            signed.split_once('.').filter(|(_, claims)| !claims.contains('.'))?;
        let header = URL_SAFE_NO_PAD.decode(header)?;
        Some(Self {
            header: serde_json::from_slice(&header).ok()?,
            signed,
            claims,
            signature: URL_SAFE_NO_PAD.decode(signature)?,
        })
    }
}

/// What a good token says.
#[derive(Debug)]
pub(crate) struct Claims {
    /// The JSON of the claims.
    pub(crate) json: Vec<u8>,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) key_index: usize,
}

impl JwtRule {
    /// Whether there is an algorithm that it takes.
    pub(crate) fn takes_any(&self) -> bool {
        !self.algorithms.is_empty()
    }

    pub(crate) fn covers_body(&self) -> bool {
        self.body_hash.is_some()
    }

    pub(crate) fn reads_url(&self) -> bool {
        let is_url = |text: &Option<String>| text.as_deref() == Some("{url}");
        self.qsh || self.url_hash.is_some() || is_url(&self.audience) || is_url(&self.subject)
    }

    /// Whether a secret of this text is a public or private key: the scheme takes such, and it looks like one.
    pub(crate) fn reads_public_key(&self, text: &str) -> bool {
        let takes_pairs = self.algorithms.iter().any(|algorithm| algorithm.key_pair().is_some());
        let takes_secrets = self.algorithms.iter().any(|algorithm| algorithm.hmac().is_some());
        takes_pairs && (!takes_secrets || looks_like_key(text))
    }

    /// Whether an algorithm that is taken goes with this kind of key.
    pub(crate) fn uses(&self, key_type: KeyType) -> bool {
        self.algorithms
            .iter()
            .filter_map(|algorithm| algorithm.key_pair())
            .any(|(known, _)| known == key_type)
    }

    /// # Errors
    /// `malformed_header` or `malformed_body` when there is no token at `place`; `unsupported_signature`, `no_match`,
    /// `claim_mismatch`, `timestamp_too_old`, `timestamp_too_new`.
    pub(crate) fn verify(
        &self,
        text: &str,
        place: &Selector,
        keys: &[SigningKey],
        tolerance: Option<Duration>,
        request: &Request<'_>,
        now: Timestamp,
    ) -> Result<Claims, Error> {
        let code = if *place == Selector::Body {
            ErrorCode::MalformedBody
        } else {
            ErrorCode::MalformedHeader
        };
        let malformed = || {
            Error::new(
                code,
                format!("{place} is not a JSON Web Token of the form `header.claims.signature`"),
            )
        };
        let token = Token::parse(text).ok_or_else(malformed)?;
        let named = token.header.get("alg").and_then(Value::as_str).unwrap_or_default();
        let algorithm = self.algorithms.iter().find(|known| known.name() == named);
        let Some(algorithm) = algorithm.filter(|_| !token.header.contains_key("crit")) else {
            let known: Vec<&str> = self.algorithms.iter().map(|known| known.name()).collect();
            let message = format!(
                "{place} is signed with `{}`, not one of `{}`",
                clip(named),
                known.join("`, `")
            );
            return Err(Error::new(ErrorCode::UnsupportedSignature, message));
        };
        let made_it =
            |key: &SigningKey| algorithm.check(key, token.signed.as_bytes(), &token.signature);
        let key_index = keys.iter().position(made_it).ok_or_else(|| {
            let message = format!("the token of {place} matches none of {} keys", keys.len());
            Error::new(ErrorCode::NoMatch, message)
        })?;
        let json = URL_SAFE_NO_PAD.decode(token.claims).ok_or_else(malformed)?;
        let claims: Map<String, Value> = serde_json::from_slice(&json).map_err(|_| malformed())?;
        let issued_at = self.check_times(&claims, tolerance, now)?;
        self.check_claims(&claims, request)?;
        Ok(Claims { json, issued_at, key_index })
    }

    fn check_times(
        &self,
        claims: &Map<String, Value>,
        tolerance: Option<Duration>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Error> {
        let moment = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(value) => match value.as_f64() {
                // Saturates, as `from_millis` does.
                Some(seconds) => Ok(Some(Timestamp::from_millis((seconds * 1000.0) as i64))),
                None => Err(mismatch(format!("claim `{name}` is not a number of seconds"))),
            },
        };
        let (expires, not_before, issued_at) = (moment("exp")?, moment("nbf")?, moment("iat")?);
        // Nothing is out of time: only who explains a failure asks for this.
        if tolerance == Some(Duration::MAX) {
            return Ok(issued_at);
        }
        let leeway = Duration::from_secs(self.leeway_seconds.into());
        if let Some(expires) = expires.filter(|expires| now > *expires) {
            check_age(expires, now, leeway)?;
        }
        for moment in [not_before, issued_at].into_iter().flatten().filter(|moment| *moment > now) {
            check_age(moment, now, leeway)?;
        }
        let max_age =
            tolerance.or(self.max_age_seconds.map(|seconds| Duration::from_secs(seconds.into())));
        if let (Some(issued_at), Some(max_age)) =
            (issued_at.filter(|moment| *moment < now), max_age)
        {
            check_age(issued_at, now, max_age)?;
        }
        Ok(issued_at)
    }

    fn check_claims(
        &self,
        claims: &Map<String, Value>,
        request: &Request<'_>,
    ) -> Result<(), Error> {
        if let Some(absent) = self.require.iter().find(|name| !claims.contains_key(*name)) {
            return Err(mismatch(format!("claim `{absent}` is missing")));
        }
        for (name, expected) in
            [("iss", &self.issuer), ("aud", &self.audience), ("sub", &self.subject)]
        {
            let Some(expected) = expected else { continue };
            let expected = self.text(expected, request)?;
            let fits = match claims.get(name) {
                Some(Value::String(value)) => value == expected,
                Some(Value::Array(values)) => values.iter().any(|value| value == expected),
                _ => false,
            };
            if !fits {
                let got =
                    claims.get(name).map_or("nothing".to_owned(), |value| clip(&value.to_string()));
                let expected = clip(expected);
                return Err(mismatch(format!("claim `{name}` is `{got}`, not `{expected}`")));
            }
        }
        if let Some(hash) = &self.body_hash {
            hash.check(claims, request.body, "body")?;
        }
        if let Some(hash) = &self.url_hash {
            hash.check(claims, request.known_url()?.as_bytes(), "URL")?;
        }
        if self.qsh {
            let expected = query_string_hash(request, "")?;
            if claims.get("qsh").and_then(Value::as_str) != Some(expected.as_str()) {
                return Err(mismatch(
                    "claim `qsh` is not the hash of this method, path and query".to_owned(),
                ));
            }
        }
        Ok(())
    }

    fn text<'t>(&'t self, text: &'t str, request: &Request<'t>) -> Result<&'t str, Error> {
        if text == "{url}" { request.known_url() } else { Ok(text) }
    }

    /// Writes a token.
    ///
    /// # Errors
    /// `invalid_message` when the key cannot sign or the claims are not a JSON object.
    pub(crate) fn sign(
        &self,
        key: &SigningKey,
        claims: Option<&[u8]>,
        id: Option<&str>,
        request: &Request<'_>,
        now: Timestamp,
    ) -> Result<String, Error> {
        let refused = |message: &str| Error::new(ErrorCode::InvalidMessage, message);
        let mut written: Map<String, Value> = match claims {
            Some(json) => serde_json::from_slice(json)
                .map_err(|_| refused("a body that becomes a token is a JSON object"))?,
            None => Map::new(),
        };
        for (name, expected) in
            [("iss", &self.issuer), ("aud", &self.audience), ("sub", &self.subject)]
        {
            if let Some(expected) = expected {
                written.insert(name.to_owned(), self.text(expected, request)?.into());
            }
        }
        if claims.is_none() {
            let seconds = now.as_seconds();
            written.insert("iat".to_owned(), seconds.into());
            written.insert("nbf".to_owned(), seconds.into());
            written.insert("exp".to_owned(), (seconds + LIFETIME).into());
            written.extend(id.map(|id| ("jti".to_owned(), id.into())));
        }
        if let Some(hash) = &self.body_hash {
            hash.write(&mut written, request.body);
        }
        if let Some(hash) = &self.url_hash {
            hash.write(&mut written, request.known_url()?.as_bytes());
        }
        if self.qsh {
            let hash = query_string_hash(request, "")?;
            written.insert("qsh".to_owned(), hash.into());
        }
        if let Some(absent) = self.require.iter().find(|name| !written.contains_key(*name)) {
            return Err(refused(&format!(
                "the token needs claim `{absent}`, but the message does not have it"
            )));
        }
        let claims = URL_SAFE_NO_PAD.encode(Value::Object(written).to_string());
        for algorithm in &self.algorithms {
            let mut header = Map::from_iter([("alg".to_owned(), algorithm.name().into())]);
            header.insert("typ".to_owned(), "JWT".into());
            if let Some(key_id) = key.asymmetric().and_then(AsymmetricKey::key_id) {
                header.insert("kid".to_owned(), key_id.into());
            }
            let header = Value::Object(header).to_string();
            let signed = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(header));
            if let Some(signature) = algorithm.sign(key, signed.as_bytes()) {
                return Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature?)));
            }
        }
        Err(refused("the key fits none of the scheme's algorithms"))
    }
}

impl HashClaim {
    fn hash(&self, content: &[u8]) -> String {
        self.encoding.encode(&Sha256::digest(content))
    }

    fn is_left_out(&self, content: &[u8]) -> bool {
        self.absent_when_empty && content.is_empty()
    }

    fn check(&self, claims: &Map<String, Value>, content: &[u8], what: &str) -> Result<(), Error> {
        let expected = self.hash(content);
        match claims.get(&self.claim).and_then(Value::as_str) {
            Some(hash) if hash.trim_end_matches('=') == expected.trim_end_matches('=') => Ok(()),
            None if self.is_left_out(content) => Ok(()),
            _ => Err(mismatch(format!("claim `{}` is not the SHA-256 of the {what}", self.claim))),
        }
    }

    fn write(&self, claims: &mut Map<String, Value>, content: &[u8]) {
        if !self.is_left_out(content) {
            claims.insert(self.claim.clone(), self.hash(content).into());
        }
    }
}

/// SECURITY: a public key that is taken as the secret of an HMAC lets everybody sign.
fn looks_like_key(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let is_prefixed = ["{", "whpk_", "whsk_"].iter().any(|prefix| text.starts_with(prefix));
    // `M` and `3` begin the base64 and the hex of every key in DER.
    let is_der = text.starts_with(['M', '3']) && AsymmetricKey::read(text).is_ok();
    is_prefixed || is_der || text.contains("-----BEGIN ")
}

fn mismatch(message: String) -> Error {
    Error::new(ErrorCode::ClaimMismatch, message)
}

compact! { struct JwtRule { algorithms, issuer, audience, subject, require, body_hash, url_hash, qsh, max_age_seconds, leeway_seconds } }
compact! { struct HashClaim { claim, encoding, absent_when_empty } }
compact! { enum JwtAlgorithm { HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384, ES512, EdDSA } }
