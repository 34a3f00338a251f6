//! What went wrong, as a stable code with a remedy.
//!
//! **Invariants.** A code never changes its name. A message is one line that says what was expected and what came; it
//! never holds a secret, a signature or a body. The hint says what to do next and depends on the code alone.

use std::fmt;

/// A failure: a stable [`code`](Error::code), a message for people, and a [`hint`](Error::hint) that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    code: ErrorCode,
    /// Where messages are left out, not even room for one: errors are handed through everywhere.
    #[cfg(feature = "whole")]
    message: Box<str>,
}

impl Error {
    /// Makes an error. `message` is lower case, one line, without a final period.
    #[cfg(feature = "whole")]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        // Parsers quote what they read, however long, line breaks and all.
        Self { code, message: one_line(&message.into(), MAX_MESSAGE_CHARS).into_boxed_str() }
    }

    /// Makes an error, without its message.
    #[cfg(not(feature = "whole"))]
    #[allow(clippy::needless_pass_by_value, clippy::allow_attributes, reason = "as above")]
    pub fn new(code: ErrorCode, _message: impl Into<String>) -> Self {
        Self { code }
    }

    /// The stable code: branch on this, never on the message.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// What was expected and what came; what the [code](Self::code) means, where messages are left out.
    #[must_use]
    pub fn message(&self) -> &str {
        #[cfg(feature = "whole")]
        return &self.message;
        #[cfg(not(feature = "whole"))]
        self.code.meaning()
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.code.hint()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

/// `format!` for messages, which a build that is not [whole](crate::WHOLE) leaves out: they are a third of its size. There, the
/// code alone says what is wrong.
macro_rules! say {
    ($($part:tt)*) => {
        if $crate::WHOLE { format!($($part)*) } else { String::new() }
    };
}
pub(crate) use say;

/// Shortens text from outside, to quote it in a message.
pub(crate) fn clip(text: &str) -> String {
    one_line(text, MAX_QUOTED_CHARS)
}

/// Shortens text and takes the line breaks out, so that one error stays one log line.
fn one_line(text: &str, limit: usize) -> String {
    let mut line: String =
        text.chars().take(limit).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(limit).is_some() {
        line.push('…');
    }
    line
}

const MAX_QUOTED_CHARS: usize = 64;
#[cfg(feature = "whole")]
const MAX_MESSAGE_CHARS: usize = 600;

/// Declares the codes once: variant, name on the wire, HTTP status, meaning, hint. A macro, so that a code without a
/// meaning or a hint does not compile.
macro_rules! codes {
    ($($variant:ident = $name:literal, $status:literal, $meaning:literal, $hint:literal;)*) => {
        /// A stable name for each way to fail. Names never change; new ones may be added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = $meaning] $variant,)*
        }

        impl ErrorCode {
            /// Every code, in alphabetical order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it appears in JavaScript, Python, JSON and the vectors: `"no_match"`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The HTTP status a receiver answers with: 4xx for what the sender can mend, 5xx for its own fault.
            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// What the code means.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// What to do next.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$variant => $hint,)* }
            }
        }
    };
}

codes! {
    BodyNotRaw = "body_not_raw", 500,
        "The body is a parsed value, not the bytes that were received.",
        "pass the raw request body (bytes or string) as received, before any JSON parser touched it";
    BodyTooLarge = "body_too_large", 413,
        "The body is longer than the receiver reads.",
        "send less, or raise the limit of the receiver";
    ClaimMismatch = "claim_mismatch", 401,
        "The signature is good, but made for another request, receiver or sender: a claim or value that is signed says so.",
        "check the URL, the values given as config, and that the body is the raw bytes as received";
    DigestMismatch = "digest_mismatch", 401,
        "The digest of the body that is signed is not that of this body.",
        "check that the body is the raw bytes as received, not parsed and serialised again";
    HeaderTooLong = "header_too_long", 401,
        "A header that takes part in the signature is longer than 8192 bytes.",
        "refuse the request; no known sender writes headers of this length";
    InProgress = "in_progress", 409,
        "The same event is being handled, so it is neither done nor free.",
        "answer with `Retry-After`; the sender tries again";
    InvalidArgument = "invalid_argument", 500,
        "An argument has the wrong type or is out of range.",
        "correct the call; the message names the argument and what it takes";
    InvalidConfig = "invalid_config", 500,
        "A value given for a scheme is one that it does not take.",
        "correct the value; the message names it and what it takes";
    InvalidEvent = "invalid_event", 400,
        "An event cannot be written in the envelope of this profile.",
        "correct the event; the message names the field";
    InvalidEventType = "invalid_event_type", 400,
        "An event type is not well-formed or not in the registry of its profile.",
        "use a registered type such as `invoice.paid`: letters, digits and `. _ - : /`, at most 128 characters";
    InvalidMessage = "invalid_message", 500,
        "A message lacks what its scheme signs.",
        "pass the field that the message names (an id, an event type) together with the body";
    InvalidPayload = "invalid_payload", 400,
        "A body is not the envelope that was expected.",
        "check that the scheme or profile is the sender's, and that the body is the one it sent";
    InvalidRetryPolicy = "invalid_retry_policy", 500,
        "A retry policy is not well-formed.",
        "correct the policy; the message names the field";
    InvalidScheme = "invalid_scheme", 500,
        "A scheme is not well-formed.",
        "correct the scheme; the message names the field and what it takes";
    InvalidSecret = "invalid_secret", 500,
        "A secret is empty, too short, too long or not in the encoding that its scheme uses.",
        "copy the secret again from the sender's dashboard, whole, with its prefix and without spaces or quotes";
    KeyUnavailable = "key_unavailable", 503,
        "The published key that verifying needs could not be had.",
        "let the sender try again, and see that this machine may reach the URL of the key and that it answers";
    MalformedBody = "malformed_body", 401,
        "The body does not have the form in which this scheme carries its signature.",
        "check that the body is the raw request body and that nothing rewrote it on the way";
    MalformedHeader = "malformed_header", 401,
        "A header is present but not in the form that the scheme writes.",
        "check that the scheme is the sender's and that no proxy rewrites or joins headers";
    MalformedTimestamp = "malformed_timestamp", 401,
        "The timestamp is not canonical: plain decimal digits, or the date form that the scheme says.",
        "check that the scheme is the sender's; no known sender writes signs, spaces, fractions or leading zeros";
    MalformedUrl = "malformed_url", 401,
        "The URL of the request is not in the form that the scheme signs.",
        "pass the whole URL as it is registered with the sender, such as `https://example.com/hooks?a=1`";
    MissingConfig = "missing_config", 500,
        "A scheme needs a value that only its user knows, such as an issuer or the name of a header.",
        "pass the value that the message names as config";
    MissingHeader = "missing_header", 401,
        "A header that the scheme needs is absent.",
        "check that the scheme is the sender's and that the proxy, the framework and the adapter pass this header on";
    MissingUrl = "missing_url", 500,
        "The scheme signs the URL, or reads a value from its query, and no URL was given.",
        "pass the whole URL as it is registered with the sender, not the one that the server behind the proxy sees";
    MissingValue = "missing_value", 401,
        "A value that the scheme needs is absent from the query, the form or the body.",
        "check that the scheme is the sender's, and that the URL and the body are those of the delivery";
    NoMatch = "no_match", 401,
        "The signature is well-formed but matches none of the keys.",
        "check the secret, and that the body is the raw bytes as received, not parsed and serialised again; `explain` tries the usual mistakes";
    TimestampTooNew = "timestamp_too_new", 401,
        "The timestamp lies further in the future than the tolerance allows.",
        "check the clock of this machine (NTP) and the unit of the timestamp (seconds or milliseconds)";
    TimestampTooOld = "timestamp_too_old", 401,
        "The timestamp lies further in the past than the tolerance allows: a late delivery or a replay.",
        "check the clock of this machine (NTP); a request that waited in a queue is verified with the time it arrived";
    TooManySignatures = "too_many_signatures", 401,
        "The signature header holds more than 32 signatures.",
        "refuse the request; senders that rotate keys write two or three";
    UnknownProfile = "unknown_profile", 500,
        "There is no profile of this name.",
        "use one of `standard_webhooks`, `naive`, `ainative`, `yativo`, `nativemsg`";
    UnknownScheme = "unknown_scheme", 500,
        "There is no built-in scheme of this name.",
        "use a name from the catalogue, or pass a scheme of your own as JSON";
    UnsupportedSignature = "unsupported_signature", 401,
        "The header holds signatures, but none of the version that the scheme reads.",
        "check which signature versions the sender is set to write (`v1` is HMAC, `v1a` is Ed25519)";
    UntrustedKeyUrl = "untrusted_key_url", 401,
        "The request names a URL for its key that is not one of the sender's.",
        "refuse the request: somebody wants a key of their own to be believed";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_and_phrased() {
        assert!(ErrorCode::ALL.is_sorted_by(|a, b| a.as_str() < b.as_str()));
        for code in ErrorCode::ALL {
            assert!(code.meaning().ends_with('.'), "{code}");
            assert!(!code.hint().ends_with('.') && !code.hint().contains('\n'), "{code}");
            assert!([400, 401, 409, 413, 500, 503].contains(&code.http_status()), "{code}");
        }
    }

    #[test]
    fn messages_are_one_line() {
        assert_eq!(Error::new(ErrorCode::NoMatch, "a\r\nb").message(), "a\u{fffd}\u{fffd}b");
    }

    #[test]
    fn clipped_text_is_one_short_line() {
        assert_eq!(clip("a\r\nb"), "a\u{fffd}\u{fffd}b");
        assert_eq!(clip(&"é".repeat(65)).chars().count(), 65);
    }
}
