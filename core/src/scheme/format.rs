//! How a signature is written where it stands: one value, `t=…,v1=…`, or `v1,… v1,…`.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Candidates, Selector, invalid};
use crate::canonical::cavage::HttpSignature;
use crate::canonical::json::Pointer;
use crate::canonical::lookup;
use crate::error::{Error, ErrorCode, clip, say};
use crate::pieces;
use crate::radix::{STANDARD, URL_SAFE_NO_PAD};
use crate::scheme::compact::{Compact, Reader, Writer, compact};
use crate::timestamp::{Timestamp, TimestampUnit};
use crate::{BROAD, WHOLE};

/// What we write where a key id must stand; receivers with one key do not look at it.
const KEY_ID: &str = "hookseal";

/// How a signature is written.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Format {
    /// Base64 of a JSON object that holds the signature. Verified, but not written.
    Base64Json {
        /// Where in the object the signature is.
        signature: Pointer,
        /// Where in the object the id of the key is.
        #[serde(default)]
        key_id: Option<Pointer>,
    },
    /// `keyid="…",algorithm="…",headers="…",signature="…"` (draft-cavage-http-signatures).
    Cavage,
    /// `header..signature`: a JWS without its payload (RFC 7515, appendix F). The algorithm is the scheme's, and the
    /// JOSE header must name it.
    DetachedJws {
        /// What the JOSE header names: `ES512`.
        alg: String,
        /// The member of the JOSE header that holds the time, in seconds.
        #[serde(default)]
        timestamp: Option<String>,
    },
    /// `t=1700000000,v1=…`: pairs, of which some are signatures and one may be the timestamp.
    Kv {
        /// Between pairs; spaces around them do not count.
        item_sep: Separator,
        /// Between key and value: the first one of the pair.
        kv_sep: Separator,
        /// The keys of signatures; the first is written.
        #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
        sig_keys: Vec<String>,
        /// The key of the timestamp, for `timestamp.from` `signature`.
        #[serde(default)]
        ts_key: Option<String>,
        /// Pairs that the signed content uses as `{field:KEY}`.
        #[serde(default)]
        fields: Vec<String>,
        /// Between whole groups of pairs, each with a timestamp of its own.
        #[serde(default)]
        group_sep: Option<Separator>,
    },
    /// `…,…`: signatures only.
    List {
        /// Between signatures; spaces around them do not count.
        sep: Separator,
        /// Before each item, and read without it too.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[ -~]*$")))]
        prefix: String,
        /// Whether the prefix is written once, before the first item.
        #[serde(default)]
        prefix_once: bool,
        /// Items that begin with this are no signatures.
        #[serde(default)]
        ignore_prefix: Option<String>,
    },
    /// The whole value is one signature, behind a prefix such as `sha256=`.
    Plain {
        /// What stands before the signature, such as `sha256=`.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[ -~]*$")))]
        prefix: String,
        /// Whether a signature without the prefix counts, too.
        #[serde(default)]
        prefix_optional: bool,
    },
    /// `hmac;1;1700000000000;…`: each item has its place.
    Positional {
        /// Between items.
        #[serde(deserialize_with = "long_separator")]
        #[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^[^0-9A-Za-z+/_\x80-\uffff-]{1,8}$")))]
        sep: String,
        /// What stands at each place: a constant, `{signature}`, `{timestamp}`, or `{any}` for what is not looked at.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
        items: Vec<PositionalItem>,
    },
    /// `v1,… v1a,…`: each signature behind its version.
    TaggedList {
        /// Between signatures.
        item_sep: Separator,
        /// Between version and signature: the first one of the item.
        tag_sep: Separator,
        /// The versions that are read; the first is written. Others are passed over.
        #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
        tags: Vec<String>,
    },
}

/// What stands at one place of a positional header.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(crate) enum PositionalItem {
    /// `{any}`: not looked at; written as `1`.
    Any,
    Constant(String),
    /// `{signature}`: at the last place, there may be several.
    Signature,
    /// `{timestamp}`.
    Timestamp,
}

impl From<String> for PositionalItem {
    fn from(text: String) -> Self {
        match text.as_str() {
            "{any}" => Self::Any,
            "{signature}" => Self::Signature,
            "{timestamp}" => Self::Timestamp,
            _ => Self::Constant(text),
        }
    }
}

impl Default for Format {
    fn default() -> Self {
        Self::Plain { prefix: String::new(), prefix_optional: false }
    }
}

/// Whether a character cannot be one of an encoded signature (but for the `=` at the end of base64).
fn separates(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_alphanumeric() && !"+/-_".contains(c)
}

/// The character between two items. A letter of an encoding would cut those signatures apart that happen to have it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = r"^[^0-9A-Za-z+/_\x80-\uffff-]$")))]
#[serde(try_from = "String")]
pub(crate) struct Separator(char);

impl Separator {
    fn as_byte(self) -> u8 {
        u8::try_from(self.0).unwrap_or_default() // INVARIANT: it is ASCII.
    }

    /// What follows this separator at the front.
    fn strip(self, text: &str) -> Option<&str> {
        let (front, rest) = text.split_at_checked(1)?;
        (front.as_bytes() == [self.as_byte()]).then_some(rest)
    }

    #[inline]
    fn split_once(self, text: &str) -> Option<(&str, &str)> {
        pieces::split_once(text, self.as_byte())
    }

    fn split(self, text: &str) -> impl Iterator<Item = &str> {
        pieces::split(text, self.as_byte())
    }
}

impl TryFrom<String> for Separator {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(separator), None) if separates(separator) => Ok(Self(separator)),
            _ => {
                let message = say!(
                    "a separator is one ASCII character that is not in hex or base64, got `{}`",
                    clip(&text)
                );
                Err(invalid(message))
            }
        }
    }
}

/// As [`str::split`], whose search for longer texts takes more code than all that is here.
fn split<'v>(value: &'v str, separator: &str) -> impl Iterator<Item = &'v str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut places = text.as_bytes().windows(separator.len().max(1));
        let at = places.position(|part| part == separator.as_bytes());
        rest = at.and_then(|at| text.get(at + separator.len()..));
        text.get(..at.unwrap_or(text.len()))
    })
}

/// A separator of several characters: `###`.
fn long_separator<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if (1..=8).contains(&text.len()) && text.chars().all(separates) {
        return Ok(text);
    }
    let expected = "a separator is 1 to 8 ASCII characters that are not in hex or base64";
    Err(D::Error::custom(say!("{expected}, got `{}`", clip(&text))))
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Format {
    /// Whether several lines of the header add up.
    pub(crate) fn is_list(&self) -> bool {
        BROAD && matches!(self, Self::List { .. }) || matches!(self, Self::TaggedList { .. })
    }

    /// Whether one value can hold the signatures of several keys.
    pub(crate) fn holds_many(&self) -> bool {
        match self {
            Self::Kv { .. } | Self::List { .. } | Self::TaggedList { .. } => true,
            Self::Positional { items, .. } => items.last() == Some(&PositionalItem::Signature),
            Self::Base64Json { .. }
            | Self::Cavage
            | Self::DetachedJws { .. }
            | Self::Plain { .. } => false,
        }
    }

    /// Whether the timestamp stands beside the signature.
    pub(crate) fn carries_timestamp(&self) -> bool {
        match self {
            Self::Kv { ts_key, .. } => ts_key.is_some(),
            Self::DetachedJws { timestamp, .. } => timestamp.is_some(),
            Self::Positional { items, .. } => items.contains(&PositionalItem::Timestamp),
            Self::Base64Json { .. }
            | Self::Cavage
            | Self::List { .. }
            | Self::Plain { .. }
            | Self::TaggedList { .. } => false,
        }
    }

    /// Whether [`write`](Self::write) knows all that the value holds.
    pub(crate) fn can_be_written(&self) -> bool {
        !matches!(self, Self::Base64Json { .. })
    }

    /// What a value may begin with, before its first signature.
    pub(crate) fn prefixes(&self) -> Vec<String> {
        match self {
            Self::Kv { kv_sep, sig_keys, ts_key: None, .. } => {
                sig_keys.iter().map(|key| format!("{key}{kv_sep}")).collect()
            }
            Self::List { prefix, .. } | Self::Plain { prefix, .. } if !prefix.is_empty() => {
                vec![prefix.clone()]
            }
            Self::TaggedList { tag_sep, tags, .. } => {
                tags.iter().map(|tag| format!("{tag}{tag_sep}")).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether no name holds what would separate it: nothing would ever be found under it.
    pub(crate) fn has_whole_names(&self) -> bool {
        let is_whole =
            |name: &String, separators: [Separator; 2]| !name.contains(separators.map(|sep| sep.0));
        match self {
            Self::Kv { item_sep, kv_sep, sig_keys, ts_key, fields, .. } => {
                let mut names = sig_keys.iter().chain(ts_key).chain(fields);
                names.all(|name| is_whole(name, [*item_sep, *kv_sep]))
            }
            Self::TaggedList { item_sep, tag_sep, tags } => {
                tags.iter().all(|tag| is_whole(tag, [*item_sep, *tag_sep]))
            }
            _ => true,
        }
    }

    /// For messages: the form of the value.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Base64Json { signature, .. } => say!("base64 of JSON with `{signature}`"),
            Self::Cavage => "keyid=\"…\",headers=\"…\",signature=\"…\"".to_owned(),
            Self::DetachedJws { .. } => "header..signature".to_owned(),
            Self::Kv { item_sep, kv_sep, sig_keys, ts_key, .. } => {
                let items: Vec<String> =
                    ts_key.iter().chain(sig_keys).map(|key| say!("{key}{kv_sep}…")).collect();
                items.join(&item_sep.to_string())
            }
            Self::List { sep, prefix, .. } => say!("{prefix}…{sep}…"),
            Self::Plain { prefix, .. } => say!("{prefix}…"),
            Self::Positional { sep, items } => {
                let items: Vec<&str> = items
                    .iter()
                    .map(|item| if let PositionalItem::Constant(text) = item { text } else { "…" })
                    .collect();
                items.join(sep)
            }
            Self::TaggedList { tag_sep, tags, .. } => {
                tags.iter().map(|tag| say!("{tag}{tag_sep}…")).collect::<Vec<_>>().join(" or ")
            }
        }
    }

    /// Whether only a [broad](BROAD) build reads it.
    pub(super) fn is_seldom(&self) -> bool {
        matches!(self, Self::Kv { fields, group_sep, .. } if !fields.is_empty() || group_sep.is_some())
    }

    /// Whether one value may hold several groups.
    pub(crate) fn has_groups(&self) -> bool {
        BROAD && matches!(self, Self::Kv { group_sep: Some(_), .. })
    }

    /// The groups of the value, each to be verified for itself; mostly one.
    pub(crate) fn groups<'v>(&self, value: &'v str) -> impl Iterator<Item = &'v str> + use<'v> {
        let mut groups = match self {
            Self::Kv { group_sep: Some(separator), .. } => (None, Some(separator.split(value))),
            _ => (Some(value), None),
        };
        std::iter::from_fn(move || match &mut groups {
            (whole, None) => whole.take(),
            (_, Some(groups)) => groups.next(),
        })
        .filter(|group| !group.is_empty())
    }

    /// Takes one value apart; `place` says where it stands.
    ///
    /// # Errors
    /// `malformed_header` when it does not have this form; `too_many_signatures`; `unsupported_signature`.
    pub(crate) fn read<'a>(
        &self,
        value: &'a str,
        place: &Selector,
        into: &mut Candidates<'a>,
    ) -> Result<(), Error> {
        let malformed =
            |problem: &str| Error::new(ErrorCode::MalformedHeader, say!("{place} {problem}"));
        match self {
            Self::Plain { prefix, prefix_optional } => {
                let signature = match value.strip_prefix(prefix.as_str()) {
                    Some(signature) => signature,
                    None if *prefix_optional => value,
                    None => return Err(malformed(&say!("does not begin with `{prefix}`"))),
                };
                into.push(signature, place)
            }
            Self::List { sep, prefix, ignore_prefix, .. } if BROAD => sep
                .split(value)
                .map(|item| pieces::trim(item, b' '))
                .filter(|item| {
                    !ignore_prefix.as_ref().is_some_and(|prefix| item.starts_with(prefix.as_str()))
                })
                .try_for_each(|item| {
                    into.push(item.strip_prefix(prefix.as_str()).unwrap_or(item), place)
                }),
            Self::TaggedList { item_sep, tag_sep, tags } => {
                for item in item_sep.split(value) {
                    // Two lines of a header may reach us as one, joined by a comma (RFC 9110 §5.3).
                    let item = pieces::trim_end(item, b',');
                    // A tag does not hold the separator.
                    let behind = |tag: &String| tag_sep.strip(item.strip_prefix(tag.as_str())?);
                    match tags.iter().find_map(behind) {
                        Some(signature) => into.push(signature, place)?,
                        None => into.foreign |= tag_sep.split_once(item).is_some(),
                    }
                }
                Ok(())
            }
            Self::Kv { item_sep, kv_sep, sig_keys, ts_key, fields, .. } => {
                for item in item_sep.split(value) {
                    let Some((key, item)) = kv_sep.split_once(pieces::trim(item, b' ')) else {
                        continue;
                    };
                    let twice = || malformed(&say!("holds `{key}{kv_sep}` more than once"));
                    if ts_key.as_deref() == Some(key) {
                        if into.timestamp.replace(item.into()).is_some() {
                            return Err(twice());
                        }
                    } else if sig_keys.iter().any(|known| known == key) {
                        into.push(item, place)?;
                    } else if BROAD && fields.iter().any(|known| known == key) {
                        if !into.add_field(key, item) {
                            return Err(twice());
                        }
                    } else {
                        into.foreign = true;
                    }
                }
                Ok(())
            }
            Self::Positional { sep, items } if BROAD => {
                let last = items.last();
                let mut expected = items.iter();
                for text in split(value, sep) {
                    let item =
                        expected.next().or(last.filter(|item| **item == PositionalItem::Signature));
                    match item {
                        Some(PositionalItem::Any) => {}
                        Some(PositionalItem::Constant(constant)) if constant == text => {}
                        Some(PositionalItem::Signature) => into.push(text, place)?,
                        Some(PositionalItem::Timestamp) => into.timestamp = Some(text.into()),
                        Some(PositionalItem::Constant(_)) | None => {
                            return Err(malformed(&say!(
                                "is not of the form `{}`",
                                self.describe()
                            )));
                        }
                    }
                }
                Ok(())
            }
            _ => self.read_rare(value, place, into),
        }
    }

    /// [`read`](Self::read) of what few schemes have.
    #[cold]
    fn read_rare<'a>(
        &self,
        value: &'a str,
        place: &Selector,
        into: &mut Candidates<'a>,
    ) -> Result<(), Error> {
        let malformed =
            |problem: &str| Error::new(ErrorCode::MalformedHeader, say!("{place} {problem}"));
        match self {
            _ if !WHOLE => Err(malformed("cannot be read")), // INVARIANT: the scheme was refused.
            Self::Base64Json { signature, key_id } => {
                let json = STANDARD.decode(value).ok_or_else(|| malformed("is not base64"))?;
                let text = lookup::first(signature, &json)
                    .ok_or_else(|| malformed(&say!("is not base64 of JSON with `{signature}`")))?;
                if let Some(key_id) =
                    key_id.as_ref().and_then(|pointer| lookup::first(pointer, &json))
                {
                    into.add_field("key_id", key_id.into_owned());
                }
                into.push(text.into_owned(), place)
            }
            Self::Cavage => {
                let parsed = HttpSignature::parse(value)?;
                into.add_field("parameters", value);
                if let Some(key_id) = parsed.key_id {
                    into.add_field("key_id", key_id);
                }
                into.push(parsed.signature, place)?;
                Ok(())
            }
            Self::DetachedJws { alg, timestamp } => {
                let (header, signature) = value
                    .split_once("..")
                    .filter(|(_, signature)| !signature.contains('.'))
                    .ok_or_else(|| malformed("is not of the form `header..signature`"))?;
                let jose: Value = URL_SAFE_NO_PAD
                    .decode(header)
                    .and_then(|json| serde_json::from_slice(&json).ok())
                    .ok_or_else(|| malformed("does not begin with base64url of a JOSE header"))?;
                match jose.get("alg").and_then(Value::as_str) {
                    Some(named) if named == alg => {}
                    named => {
                        let named = clip(named.unwrap_or_default());
                        let message = say!("{place} is signed with `{named}`, not `{alg}`");
                        return Err(Error::new(ErrorCode::UnsupportedSignature, message));
                    }
                }
                if let Some(seconds) = timestamp.as_ref().and_then(|member| jose.get(member)) {
                    into.timestamp = Some(seconds.to_string().into());
                }
                if let Some(key_id) = jose.get("kid").and_then(Value::as_str) {
                    into.add_field("key_id", key_id.to_owned());
                }
                into.add_field("jws", value);
                into.add_field("header", header);
                into.push(signature, place)
            }
            _ => Ok(()), // `read` reads them.
        }
    }

    /// Writes signatures, and the timestamp and the fields where they belong here.
    pub(crate) fn write(
        &self,
        signatures: &[String],
        timestamp: Option<&str>,
        fields: &Candidates<'_>,
    ) -> String {
        let first = signatures.first().map_or("", String::as_str);
        match self {
            Self::Base64Json { .. } => String::new(), // `can_be_written` says no
            Self::Cavage => HttpSignature::unsigned().write(KEY_ID, "hs2019", first),
            Self::DetachedJws { .. } => {
                format!("{}..{first}", fields.field("header").unwrap_or_default())
            }
            Self::Plain { prefix, .. } => format!("{prefix}{first}"),
            Self::List { sep, prefix, prefix_once, .. } => {
                let each = if *prefix_once { "" } else { prefix.as_str() };
                let items: Vec<String> =
                    signatures.iter().map(|signature| format!("{each}{signature}")).collect();
                let once = if *prefix_once { prefix.as_str() } else { "" };
                format!("{once}{}", items.join(&sep.to_string()))
            }
            Self::TaggedList { item_sep, tag_sep, tags } => {
                let tag = tags.first().map_or("", String::as_str);
                let mut list = String::with_capacity(64);
                for signature in signatures {
                    if !list.is_empty() {
                        list.push(item_sep.0);
                    }
                    list.push_str(tag);
                    list.push(tag_sep.0);
                    list.push_str(signature);
                }
                list
            }
            Self::Kv { item_sep, kv_sep, sig_keys, ts_key, fields: names, .. } => {
                let key = sig_keys.first().map_or("", String::as_str);
                let timestamp = ts_key
                    .iter()
                    .zip(timestamp)
                    .map(|(key, value)| format!("{key}{kv_sep}{value}"));
                let fields = names.iter().filter_map(|name| {
                    fields.field(name).map(|value| format!("{name}{kv_sep}{value}"))
                });
                let signatures =
                    signatures.iter().map(|signature| format!("{key}{kv_sep}{signature}"));
                let items: Vec<String> = timestamp.chain(fields).chain(signatures).collect();
                items.join(&item_sep.to_string())
            }
            Self::Positional { sep, items } => {
                let mut written: Vec<&str> = items
                    .iter()
                    .map(|item| match item {
                        PositionalItem::Any => "1",
                        PositionalItem::Constant(text) => text,
                        PositionalItem::Signature => first,
                        PositionalItem::Timestamp => timestamp.unwrap_or_default(),
                    })
                    .collect();
                written.extend(signatures.iter().skip(1).map(String::as_str));
                written.join(sep)
            }
        }
    }

    /// The JOSE header of a detached JWS that is signed now, in base64url.
    pub(crate) fn jose_header(&self, now: Timestamp) -> Option<String> {
        let Self::DetachedJws { alg, timestamp } = self else { return None };
        let time = timestamp.as_ref().map_or(String::new(), |member| {
            format!(",\"{member}\":{}", TimestampUnit::S.format(now))
        });
        Some(URL_SAFE_NO_PAD.encode(format!("{{\"alg\":\"{alg}\"{time}}}")))
    }
}

compact! { enum Format { Plain { prefix, prefix_optional }, Kv { item_sep, kv_sep, sig_keys, ts_key, fields, group_sep },
TaggedList { item_sep, tag_sep, tags } | List { sep, prefix, prefix_once, ignore_prefix }, Positional { sep, items };
Base64Json { signature, key_id }, Cavage, DetachedJws { alg, timestamp } } }
compact! { enum PositionalItem { Signature, Any, Constant(text), Timestamp } }

impl Compact for Separator {
    fn write(&self, into: &mut Writer) {
        into.number(self.as_byte().into());
    }

    fn read(from: &mut Reader<'_>) -> Self {
        Self(char::from(from.number() as u8 & 127))
    }
}
