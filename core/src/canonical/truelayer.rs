//! TrueLayer's detached signature: a JWS whose payload is rebuilt from the request.
//!
//! Source: npm `truelayer-signing` 0.2.3, `lib/lib.js`, version 2 of the signature.
//!
//! **Invariants.** Whole body, method and path are covered. The headers are those that the signed JWS header lists, under
//! the names that stand there; one that is absent is an error, where the sender's library takes it as empty.

use serde::Deserialize;

use super::signed_headers::{names, required};
use super::url::Url;
use super::url_spelling::with_other_slash;
use crate::error::{Error, ErrorCode, clip};
use crate::radix::URL_SAFE_NO_PAD;
use crate::request::Request;

/// `tl-signature`, taken apart. None of it is verified.
#[derive(Debug, PartialEq)]
pub(crate) struct DetachedJws<'a> {
    /// The JWS header as it is written, base64url.
    protected: &'a str,
    /// The signature, base64url.
    pub(crate) signature: &'a str,
    pub(crate) algorithm: String,
    pub(crate) key_id: Option<String>,
    /// Where the key is to be found, says the sender: to be compared with the known places.
    pub(crate) key_set_url: Option<String>,
    /// Comma-separated.
    headers: String,
}

#[derive(Deserialize)]
struct Protected {
    alg: String,
    kid: Option<String>,
    jku: Option<String>,
    tl_version: String,
    #[serde(default)]
    tl_headers: String,
}

impl<'a> DetachedJws<'a> {
    /// Reads `header..signature`.
    ///
    /// # Errors
    /// `malformed_header`; `unsupported_signature` for another version than 2.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Error> {
        let malformed = || {
            let message = "a detached JWS (`header..signature`) is expected";
            Error::new(ErrorCode::MalformedHeader, message)
        };
        let (protected, signature) = text.split_once("..").ok_or_else(malformed)?;
        if signature.contains('.') {
            return Err(malformed());
        }
        let json = URL_SAFE_NO_PAD.decode(protected).ok_or_else(malformed)?;
        let header: Protected = serde_json::from_slice(&json).map_err(|_| malformed())?;
        if header.tl_version != "2" {
            let message = format!("version `2` is expected, got `{}`", clip(&header.tl_version));
            return Err(Error::new(ErrorCode::UnsupportedSignature, message));
        }
        Ok(Self {
            protected,
            signature,
            algorithm: header.alg,
            key_id: header.kid,
            key_set_url: header.jku,
            headers: header.tl_headers,
        })
    }

    /// The two texts that may have been signed: with the path as given, and with or without a slash at its end.
    ///
    /// # Errors
    /// `missing_url`, `malformed_url`; `missing_header` for a listed header that is absent.
    pub(crate) fn signing_inputs(&self, request: &Request<'_>) -> Result<[Vec<u8>; 2], Error> {
        let path = Url::of(request)?.path();
        let mut headers = String::new();
        if !self.headers.is_empty() {
            for name in names(&self.headers, ',')? {
                headers.push_str(&format!("{name}: {}\n", required(request, name)?));
            }
        }
        let signing_input = |path: &str| {
            let mut payload =
                format!("{} {path}\n{headers}", request.method.to_ascii_uppercase()).into_bytes();
            payload.extend_from_slice(request.body);
            let mut input = format!("{}.", self.protected);
            URL_SAFE_NO_PAD.encode_string(payload, &mut input);
            input.into_bytes()
        };
        Ok([signing_input(path), signing_input(&with_other_slash(path))])
    }
}
