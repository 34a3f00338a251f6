//! What a value of a handshake has to be: a certain text, or so many of certain characters.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, clip};
use crate::scheme::compact::{Compact, Reader, Writer, compact};
use crate::scheme::invalid;

/// No value of a handshake is longer (characters).
const MAX_LEN: usize = 1024;
/// No value that is signed for a stranger is longer.
const MAX_SIGNED_LEN: usize = 256;

/// What a value has to be: a certain text, or so many of certain characters. No value has `<`, `>` or more than 1024
/// characters.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "TextOrPattern"))]
#[serde(try_from = "Value")]
pub(super) enum Wanted {
    /// This text.
    Text(String),
    Pattern(Pattern),
}

/// Characters and their number.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    chars: CharSet,
    min: usize,
    max: usize,
}

/// `{"chars": "A-Za-z0-9_-", "min": 1, "max": 64}`.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct PatternFields {
    /// Characters and ranges of them; all visible ASCII and the space where it is absent.
    chars: Option<String>,
    /// The fewest characters; 1 where it is absent.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1024)))]
    min: Option<usize>,
    /// The most characters; 1024 where it is absent.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1024)))]
    max: Option<usize>,
}

/// For the JSON Schema: the forms that [`Wanted`] is read from.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "its schema is used, not its values")]
enum TextOrPattern {
    Text(String),
    Pattern(PatternFields),
}

/// A set of ASCII characters, one bit each.
#[derive(Clone, Copy, Debug)]
struct CharSet(u128);

impl TryFrom<Value> for Wanted {
    type Error = Error;

    fn try_from(value: Value) -> Result<Self, Error> {
        match value {
            Value::String(text) => Ok(Self::Text(text)),
            Value::Object(_) => serde_json::from_value::<PatternFields>(value)
                .map_err(|error| invalid(format!("handshake.match: {error}")))
                .and_then(|fields| Pattern::new(&fields))
                .map(Self::Pattern),
            _ => Err(invalid(
                "handshake.match takes a text or `{\"chars\": …, \"min\": …, \"max\": …}`",
            )),
        }
    }
}

impl Wanted {
    pub(super) fn fits(&self, value: &str) -> bool {
        match self {
            Self::Text(text) => text == value,
            Self::Pattern(pattern) => pattern.fits(value),
        }
    }

    /// Whether the scheme's key may sign such a value for anybody: see the invariants of [`handshake`](super).
    pub(super) fn is_safe_to_sign(&self) -> bool {
        match self {
            Self::Text(_) => true,
            Self::Pattern(pattern) => {
                pattern.max <= MAX_SIGNED_LEN && pattern.chars.0 & !CharSet::TOKEN.0 == 0
            }
        }
    }

    /// The setting that it waits for.
    pub(super) fn missing_setting(&self) -> Option<&str> {
        if let Self::Text(text) = self { super::template::missing_setting(text) } else { None }
    }
}

impl Pattern {
    fn new(fields: &PatternFields) -> Result<Self, Error> {
        let chars = fields.chars.as_deref().map_or(Ok(CharSet::ECHO), CharSet::parse)?;
        let (min, max) = (fields.min.unwrap_or(1), fields.max.unwrap_or(MAX_LEN));
        if min == 0 || min > max || max > MAX_LEN {
            return Err(invalid(format!(
                "handshake.match takes 1 to {MAX_LEN} characters, got `min` {min} and `max` {max}"
            )));
        }
        Ok(Self { chars, min, max })
    }

    fn fits(&self, value: &str) -> bool {
        (self.min..=self.max).contains(&value.len())
            && value.bytes().all(|byte| self.chars.0 & CharSet::of(byte).0 != 0)
    }
}

impl CharSet {
    /// Visible ASCII and the space, without what opens and closes a tag.
    const ECHO: Self = Self::range(b' ', b'~').without(b'<').without(b'>');
    /// Letters, digits and `. _ ~ + / = -`.
    const TOKEN: Self = Self::range(b'A', b'Z')
        .with(Self::range(b'a', b'z'))
        .with(Self::range(b'/', b'9'))
        .with(Self::range(b'-', b'.'))
        .with(Self::of(b'_'))
        .with(Self::of(b'~'))
        .with(Self::of(b'+'))
        .with(Self::of(b'='));

    /// This character; none for one that is not ASCII.
    const fn of(byte: u8) -> Self {
        Self(if byte < 128 { 1 << byte } else { 0 })
    }

    const fn range(from: u8, to: u8) -> Self {
        let mut set = Self(0);
        let mut byte = from;
        while byte <= to {
            set = set.with(Self::of(byte));
            byte += 1;
        }
        set
    }

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn without(self, byte: u8) -> Self {
        Self(self.0 & !Self::of(byte).0)
    }

    /// Characters and ranges of them; a `-` at either end is itself.
    fn parse(text: &str) -> Result<Self, Error> {
        let refuse = |problem: &str| {
            Err(invalid(format!("handshake.match chars `{}` {problem}", clip(text))))
        };
        let mut set = Self(0);
        let mut rest = text.as_bytes();
        while let Some((&from, after)) = rest.split_first() {
            let to = match after {
                [b'-', to, after @ ..] => {
                    rest = after;
                    *to
                }
                after => {
                    rest = after;
                    from
                }
            };
            if from > to {
                return refuse("holds a range that runs backwards");
            }
            set = set.with(Self::range(from, to.min(127)));
            if to > 127 {
                return refuse("is not ASCII");
            }
        }
        if set.0 == 0 {
            return refuse("is empty");
        }
        if set.0 & !Self::ECHO.0 != 0 {
            return refuse(
                "holds `<`, `>` or a control character, which are not safe to send back",
            );
        }
        Ok(set)
    }
}

compact! { enum Wanted { Text(text), Pattern(pattern) } }
compact! { struct Pattern { chars, min, max } }

impl Compact for CharSet {
    fn write(&self, into: &mut Writer) {
        for part in 0..4 {
            into.number((self.0 >> (32 * part)) as u64 & 0xffff_ffff);
        }
    }

    fn read(from: &mut Reader<'_>) -> Self {
        Self((0..4).fold(0, |set, part| set | u128::from(from.number()) << (32 * part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(json: &str) -> Result<Wanted, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn characters_and_lengths_decide() {
        let hex = wanted(r#"{"chars":"a-f0-9","min":2,"max":4}"#).unwrap();
        for (value, fits) in [
            ("0f", true),
            ("0", false),
            ("00000", false),
            ("0g", false),
            ("0F", false),
            ("0é", false),
        ] {
            assert_eq!(hex.fits(value), fits, "{value}");
        }
        let dashes = wanted(r#"{"chars":"-a-c_-"}"#).unwrap();
        assert!(dashes.fits("-abc_") && !dashes.fits("d") && !dashes.fits(""));
        let any = wanted("{}").unwrap();
        assert!(any.fits("A b:{\"'&}~") && any.fits(&"x".repeat(1024)));
        for value in ["", "<", "a>", "a\r\nb", "a\0", "\u{7f}", "é", &"x".repeat(1025)] {
            assert!(!any.fits(value), "{value:?}");
        }
        assert!(wanted(r#""subscribe""#).unwrap().fits("subscribe"));
    }

    #[test]
    fn only_plain_tokens_are_safe_to_sign() {
        assert!(wanted(r#"{"chars":"A-Za-z0-9._~+/=-","max":256}"#).unwrap().is_safe_to_sign());
        for json in ["{}", r#"{"max":64}"#, r#"{"chars":"a-z"}"#, r#"{"chars":"a-z:","max":64}"#] {
            assert!(!wanted(json).unwrap().is_safe_to_sign(), "{json}");
        }
        for char in "{}[]\":&|, \t'(".chars() {
            assert_eq!(CharSet::TOKEN.0 & CharSet::of(char as u8).0, 0, "{char}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (json, expected) in [
            (r#"{"chars":""}"#, "is empty"),
            (r#"{"chars":"z-a"}"#, "backwards"),
            (r#"{"chars":" -~"}"#, "not safe to send back"),
            (r#"{"chars":"\n"}"#, "not safe to send back"),
            (r#"{"chars":"é"}"#, "ASCII"),
            (r#"{"min":3,"max":2}"#, "`min` 3"),
            (r#"{"min":0}"#, "`min` 0"),
            (r#"{"max":1025}"#, "`max` 1025"),
            (r#"{"char":"a"}"#, "unknown field `char`"),
            ("7", "takes a text"),
        ] {
            let error = wanted(json).unwrap_err();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }
}
