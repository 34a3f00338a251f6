//! The usual mistakes, each with a stable name and a remedy.

use std::fmt;

/// Declares the causes once: variant, name on the wire, meaning, hint. A macro, so that a cause without a meaning or a
/// hint does not compile.
macro_rules! causes {
    ($($variant:ident = $name:literal, $meaning:literal, $hint:literal;)*) => {
        /// Why a request does not verify, or what is wrong with one that does. Names never change; new ones may be added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Cause {
            $(#[doc = $meaning] $variant,)*
        }

        impl Cause {
            /// Every cause, in alphabetical order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The cause as it appears in JavaScript, Python, JSON and the vectors: `"body_reserialized"`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What the cause means.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// What to do about it.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$variant => $hint,)* }
            }
        }
    };
}

causes! {
    BodyBase64 = "body_base64",
        "The body is base64 of the body that was sent.",
        "decode it first: gateways hand over the body as base64 and say so (`isBase64Encoded`)";
    BodyCharset = "body_charset",
        "The body was decoded with one character set and encoded with another.",
        "pass the raw bytes as received; where a framework gives only text, tell it to read UTF-8";
    BodyCompressed = "body_compressed",
        "The body is compressed.",
        "verify the bytes that the sender signed: decompress the body first (`content-encoding`)";
    BodyDecoded = "body_decoded",
        "The body is what a form parser made of the body that was sent.",
        "read the raw body before the parser of forms does";
    BodyDoubleEncoded = "body_double_encoded",
        "The body is a JSON string that holds the body that was sent.",
        "pass the string itself: something called a JSON encoder on text that is JSON already";
    BodyEmpty = "body_empty",
        "The body is empty, or is put in the place of one that is.",
        "read the body once, as raw bytes, before any parser consumes the stream";
    BodyNotCovered = "body_not_covered",
        "The signature of this scheme does not protect the whole body.",
        "take the body as a hint only, and ask the sender's API for the facts";
    BodyReserialized = "body_reserialized",
        "The body was parsed and serialised again: it says the same, but is not the same bytes.",
        "pass the raw request body, before any JSON parser touched it";
    BodyTruncated = "body_truncated",
        "The body does not have the length that the request says.",
        "read the whole body as raw bytes; check the size limits of the server and the proxy";
    BodyWrapped = "body_wrapped",
        "The body that was sent stands inside another one.",
        "take it out first: queues and gateways wrap what they deliver";
    BomAdded = "bom_added",
        "A byte order mark stands before the body that was sent.",
        "pass the raw bytes as received, not text that was saved with a byte order mark";
    BomRemoved = "bom_removed",
        "The byte order mark at the start of the body was taken off.",
        "pass the raw bytes as received: text decoders take the mark off";
    ClockOff = "clock_off",
        "The signature is good, but the clocks of sender and receiver differ by more than the tolerance.",
        "set the clock of this machine by NTP, and count the present in UTC";
    ConfigValue = "config_value",
        "The scheme signs a value that only its user knows, and it may be another one.",
        "compare the values given as config with the sender's dashboard";
    HandshakeRequest = "handshake_request",
        "The request is the sender's handshake, which is not signed.",
        "ask for the answer to a handshake first, and verify what is none";
    HeaderMissing = "header_missing",
        "A header that the scheme needs is absent.",
        "check that proxy, framework and adapter pass this header on, and that the scheme is the sender's";
    HeaderRenamed = "header_renamed",
        "A header that the scheme needs came under another name.",
        "pass the headers under the names that the sender gave them, or declare the other name in `header_aliases`";
    HeaderRepeated = "header_repeated",
        "A header that the scheme needs came more than once.",
        "look for a proxy that adds or joins headers; one copy is the sender's";
    KeyKind = "key_kind",
        "The secret is a public key where a shared secret is needed, or the reverse.",
        "use the key that the sender shows for this scheme";
    LineEndings = "line_endings",
        "The line breaks of the body were changed.",
        "pass the raw bytes as received: text modes turn `\\n` into `\\r\\n` and back";
    NewlineAdded = "newline_added",
        "White space was added at the start or the end of the body.",
        "pass the raw bytes as received: editors and `echo` end a file with a line break";
    NewlineRemoved = "newline_removed",
        "A line break at the end of the body was taken off.",
        "pass the raw bytes as received, without trimming them";
    NoReplayProtection = "no_replay_protection",
        "The scheme signs no timestamp: whoever has seen a request can send it again.",
        "remember the ids of the events that were handled";
    OldSecret = "old_secret",
        "The request is signed with a secret other than the first.",
        "keep the old secret until the sender has changed to the new one";
    OtherScheme = "other_scheme",
        "The request is signed by another scheme.",
        "use the scheme that the message names";
    Replay = "replay",
        "The signature is good, but the request is old: it was delivered late or is sent again.",
        "refuse it; a request that waited in a queue of yours is verified with the time it arrived";
    SecretEncoding = "secret_encoding",
        "The secret is not written in the encoding in which the scheme reads it.",
        "give the secret as the sender shows it, and let the scheme decode it";
    SecretPadded = "secret_padded",
        "White space, quotes or a name stand around the secret.",
        "copy the secret alone, without the line break, the quotes or the name of its variable";
    SecretPrefix = "secret_prefix",
        "The prefix of the secret was taken off where it belongs to the key, or the reverse.",
        "give the secret as the sender shows it, whole, and use the scheme of this sender";
    SignatureAltered = "signature_altered",
        "The header of the signature was changed: quoted, escaped, or its prefix taken off or put on.",
        "pass the value of the header as it came";
    SignatureEncoding = "signature_encoding",
        "The signature is written in another encoding than the scheme reads.",
        "pass the value of the header as it came; in a scheme of your own, correct `signature.encoding`";
    SignatureTruncated = "signature_truncated",
        "The signature is shorter than its algorithm makes it.",
        "look for a limit on the length of headers, and for code that cuts the value at a separator";
    TimestampUnit = "timestamp_unit",
        "The timestamp is in another unit or form than the scheme reads.",
        "pass the timestamp as it came; in a scheme of your own, correct `timestamp.unit`";
    WrongAlgorithm = "wrong_algorithm",
        "The signature is made with another algorithm than the scheme's.",
        "use the scheme, or the header, that goes with this algorithm";
    WrongMethod = "wrong_method",
        "The method of the request is not the one that was signed.",
        "pass the method of the request in capitals";
    WrongSecret = "wrong_secret",
        "No usual mistake explains it: most likely the secret is that of another endpoint, account or mode.",
        "copy the secret of this very endpoint from the sender's dashboard; test and live mode have different ones";
    WrongUrl = "wrong_url",
        "The URL is not the one that was signed, as the sender has it.",
        "pass the URL as it is registered with the sender, not the one that the server behind the proxy sees";
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_and_phrased() {
        assert!(Cause::ALL.is_sorted_by(|a, b| a.as_str() < b.as_str()));
        for cause in Cause::ALL {
            assert!(cause.meaning().ends_with('.'), "{cause}");
            assert!(!cause.hint().ends_with('.') && !cause.hint().contains('\n'), "{cause}");
        }
    }
}
