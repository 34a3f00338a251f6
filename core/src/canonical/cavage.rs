//! HTTP signatures as in the drafts before RFC 9421: the parameters of the header, and the text that is signed.
//!
//! Source: draft-cavage-http-signatures-12, §2 and §2.3; keygen.sh, "Signatures".
//!
//! **Invariants.** A signature that does not cover `(request-target)`, `date` and `digest` is refused: it would say
//! nothing about the body. The digest is computed from the body, whatever the header says, and a header that says
//! otherwise is refused. The host is that of the URL the caller gave: a `host` header is the stranger's word.

use super::digest::sha256_base64;
use super::signed_headers::{names, required, value};
use super::url::Url;
use crate::error::{Error, ErrorCode, clip};
use crate::request::Request;

/// What a signature has to cover.
const REQUIRED: [&str; 3] = ["(request-target)", "date", "digest"];
/// The drafts define six.
const MAX_PARAMS: usize = 16;
/// What is covered when we sign.
const COVERED: [&str; 4] = ["(request-target)", "host", "date", "digest"];

/// The parameters of a signature header. None of them is verified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HttpSignature<'a> {
    pub(crate) key_id: Option<&'a str>,
    pub(crate) algorithm: Option<&'a str>,
    /// As it is written: base64.
    pub(crate) signature: &'a str,
    /// Unix seconds.
    pub(crate) created: Option<u64>,
    /// Unix seconds.
    pub(crate) expires: Option<u64>,
    covered: Vec<&'a str>,
}

impl<'a> HttpSignature<'a> {
    /// Reads `keyId="…",algorithm="…",headers="…",signature="…"`.
    ///
    /// # Errors
    /// `malformed_header` when it is not written so, a parameter stands there twice or the signature covers too little.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Error> {
        let mut parsed = Self { signature: "", ..Self::unsigned() };
        parsed.covered = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut rest = Some(text);
        while let Some(text) = rest {
            let (name, value, after) = next_parameter(text).ok_or_else(|| {
                malformed("parameters such as `keyId=\"…\"` with a comma between are expected")
            })?;
            let name = name.to_ascii_lowercase();
            if seen.len() == MAX_PARAMS {
                return Err(malformed("it has too many parameters"));
            }
            if seen.contains(&name) {
                return Err(malformed(&format!("parameter `{}` stands there twice", clip(&name))));
            }
            match name.as_str() {
                "keyid" => parsed.key_id = Some(value),
                "algorithm" => parsed.algorithm = Some(value),
                "signature" => parsed.signature = value,
                "headers" => parsed.covered = names(value, ' ')?,
                "created" => parsed.created = Some(seconds(&name, value)?),
                "expires" => parsed.expires = Some(seconds(&name, value)?),
                _ => {}
            }
            seen.push(name);
            rest = after;
        }
        if parsed.signature.is_empty() {
            return Err(malformed("parameter `signature` is absent"));
        }
        for needed in REQUIRED {
            if !parsed.covered.iter().any(|name| name.eq_ignore_ascii_case(needed)) {
                return Err(malformed(&format!("the signature does not cover `{needed}`")));
            }
        }
        Ok(parsed)
    }

    /// What to sign a request with: it covers `(request-target) host date digest`.
    pub(crate) fn unsigned() -> Self {
        Self {
            key_id: None,
            algorithm: None,
            signature: "",
            created: None,
            expires: None,
            covered: COVERED.to_vec(),
        }
    }

    /// The header value for a signature over [`signing_string`](Self::signing_string).
    pub(crate) fn write(&self, key_id: &str, algorithm: &str, signature: &str) -> String {
        let covered = self.covered.join(" ");
        format!(
            "keyid=\"{key_id}\",algorithm=\"{algorithm}\",signature=\"{signature}\",headers=\"{covered}\""
        )
    }

    /// The text that is signed: a line for each covered header.
    ///
    /// # Errors
    /// `missing_url`, `malformed_url`; `missing_header` for a covered header that is absent; `malformed_header`;
    /// `digest_mismatch` when the `digest` header is not that of the body.
    pub(crate) fn signing_string(&self, request: &Request<'_>) -> Result<String, Error> {
        let url = Url::of(request)?;
        let lines: Result<Vec<String>, Error> = self
            .covered
            .iter()
            .map(|name| {
                let name = name.to_ascii_lowercase();
                let value = match name.as_str() {
                    "(request-target)" => {
                        format!("{} {}", request.method.to_ascii_lowercase(), url.target())
                    }
                    "(created)" => pseudo(self.created, "created")?,
                    "(expires)" => pseudo(self.expires, "expires")?,
                    "host" => url.host().to_owned(),
                    "digest" => digest(request)?,
                    name => required(request, name)?.trim().to_owned(),
                };
                Ok(format!("{name}: {value}"))
            })
            .collect();
        Ok(lines?.join("\n"))
    }
}

/// The digest of the body, spelt as the header spells it, or as Keygen does where there is no header.
fn digest(request: &Request<'_>) -> Result<String, Error> {
    let digest = sha256_base64(request.body);
    let Some(header) = value(request, "digest")? else { return Ok(format!("sha-256={digest}")) };
    match header.trim().split_once('=') {
        Some((name, written)) if name.eq_ignore_ascii_case("sha-256") => {
            if written == digest {
                return Ok(header.trim().to_owned());
            }
            let message = "header `digest` is not the SHA-256 of the body";
            Err(Error::new(ErrorCode::DigestMismatch, message))
        }
        _ => Err(malformed("header `digest` is not one `sha-256=…`")),
    }
}

/// Name and value of the first parameter; what follows the comma behind it.
fn next_parameter(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let (name, after) = text.split_once('=')?;
    let (value, rest) = match after.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => after.split_at_checked(after.find(',').unwrap_or(after.len()))?,
    };
    let name = name.trim();
    let is_token = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_token || value.contains('\\') {
        return None;
    }
    let rest = rest.trim();
    let after = if rest.is_empty() { None } else { Some(rest.strip_prefix(',')?) };
    Some((name, value, after))
}

fn seconds(name: &str, value: &str) -> Result<u64, Error> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    value
        .parse()
        .ok()
        .filter(|_| digits)
        .ok_or_else(|| malformed(&format!("parameter `{name}` is not Unix seconds")))
}

fn pseudo(value: Option<u64>, name: &str) -> Result<String, Error> {
    value
        .map(|seconds| seconds.to_string())
        .ok_or_else(|| malformed(&format!("parameter `{name}` is covered, but absent")))
}

fn malformed(problem: &str) -> Error {
    Error::new(ErrorCode::MalformedHeader, format!("the HTTP signature cannot be used: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://example.com:443/keygen?x=1";

    fn signature(headers: &str) -> String {
        format!(
            "keyId=\"k\", algorithm=hs2019,headers=\"{headers}\" , signature=\"c2ln\",created=5,x=\"y,z\""
        )
    }

    fn signing_string(headers: &str, request: &Request<'_>) -> Result<String, Error> {
        let text = signature(headers);
        HttpSignature::parse(&text)?.signing_string(request)
    }

    #[test]
    fn parameters_are_read() {
        let text = signature("(request-target) date digest");
        let parsed = HttpSignature::parse(&text).unwrap();
        assert_eq!((parsed.key_id, parsed.algorithm), (Some("k"), Some("hs2019")));
        assert_eq!((parsed.signature, parsed.created, parsed.expires), ("c2ln", Some(5), None));
    }

    #[test]
    fn a_line_for_each_covered_header() {
        let headers = [
            ("Date", " now "),
            ("Host", "evil.example"),
            ("Digest", "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ];
        let request = Request::new(&headers, b"").with_url(URL);
        assert_eq!(
            signing_string("(request-target) Host (created) date digest", &request).unwrap(),
            "(request-target): post /keygen?x=1\nhost: example.com\n(created): 5\ndate: now\n\
             digest: SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        );
    }

    #[test]
    fn the_digest_is_that_of_the_body() {
        let code = |digest: &str| {
            let headers = [("date", "now"), ("digest", digest)];
            let request = Request::new(&headers, b"x").with_url(URL);
            signing_string("(request-target) date digest", &request).unwrap_err().code()
        };
        let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(code(&format!("sha-256={empty}")), ErrorCode::DigestMismatch);
        assert_eq!(code(&format!("md5={empty}")), ErrorCode::MalformedHeader);
        assert_eq!(code(&format!("md5=a,sha-256={empty}")), ErrorCode::MalformedHeader);
        assert_eq!(code(""), ErrorCode::MalformedHeader);
    }

    #[test]
    fn what_covers_too_little_is_refused() {
        let request = Request::new(&[("date", "now")], b"").with_url(URL);
        for headers in [
            "",
            "date",
            "(request-target) date",
            "(request-target) digest",
            "date digest",
            "(request-target) date digest date",
            "(request-target)  date digest",
            "(request-target) date digest (expires)",
        ] {
            let error = signing_string(headers, &request).unwrap_err();
            assert_eq!(error.code(), ErrorCode::MalformedHeader, "{headers}");
        }
        let absent = signing_string("(request-target) date digest x-id", &request);
        assert_eq!(absent.unwrap_err().code(), ErrorCode::MissingHeader);
        let no_url = signing_string("(request-target) date digest", &Request::new(&[], b""));
        assert_eq!(no_url.unwrap_err().code(), ErrorCode::MissingUrl);
    }

    #[test]
    fn what_is_not_written_well_is_refused() {
        let good = "headers=\"(request-target) date digest\",signature=\"s\"";
        assert!(HttpSignature::parse(good).is_ok());
        for text in [
            "",
            "Signature",
            "headers=\"(request-target) date digest\"",
            "signature=\"s\"",
            &format!("{good},"),
            &format!("{good} x=1"),
            &format!("{good},signature=\"t\""),
            &format!("{good},Signature=\"t\""),
            &format!("{good},x=\"a\\\"b\""),
            &format!("{good},created=-1"),
            &format!("{good},created=\"\""),
            &format!("{good},expires=99999999999999999999"),
            &format!("{good},x y=1"),
            &format!("{good},a=,b=,c=,d=,e=,f=,g=,h=,i=,j=,k=,l=,m=,n=,o="),
        ] {
            let error = HttpSignature::parse(text).unwrap_err();
            assert_eq!(error.code(), ErrorCode::MalformedHeader, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let text = HttpSignature::unsigned().write("acct", "ed25519", "c2ln");
        let read = HttpSignature::parse(&text).unwrap();
        assert_eq!((read.key_id, read.signature), (Some("acct"), "c2ln"));
        assert_eq!(read.covered, COVERED);
    }
}
