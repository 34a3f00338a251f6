//! Keys that the sender publishes, for the caller to fetch: the core itself never opens a connection.
//!
//! **Invariants.** A URL that the request names is given out only when its host is one that the scheme pins, over
//! `https`, without user, port or other tricks: a stranger must not choose whose key is believed, nor what the receiver
//! calls.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Candidates, Selector, invalid};
use crate::canonical::host::{HostPattern, host_matches};
use crate::content::select;
use crate::error::{Error, ErrorCode, say};
use crate::request::Request;
use crate::scheme::compact::{Compact, Reader, Writer, compact};

/// Where the sender publishes its key.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "Fields"))]
#[serde(try_from = "Fields")]
pub(crate) struct KeySource {
    url: Option<Place>,
    hosts: Vec<HostPattern>,
    key_id: Option<KeyId>,
    format: KeyFormat,
}

#[derive(Clone, Debug)]
enum Place {
    Fixed(String),
    InRequest(Selector),
}

#[derive(Clone, Debug)]
enum KeyId {
    InRequest(Selector),
    /// Beside the signature, where its format says.
    InSignature,
}

/// In which form a published key comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyFormat {
    /// A JSON Web Key Set (RFC 7517).
    Jwks,
    /// A public key in PEM, or JSON that holds one.
    Pem,
    /// The secret itself, as text.
    Text,
    /// A certificate in PEM.
    X509,
}

impl KeyFormat {
    /// The name in JSON: `"jwks"`, `"x509"`, ….
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jwks => "jwks",
            Self::Pem => "pem",
            Self::Text => "text",
            Self::X509 => "x509",
        }
    }
}

/// "Fetch this": a published key that verifying needs, as a value. Fetch [`url`](Self::url) over HTTPS without following
/// redirects, and give the text of the answer to [`Scheme::keys`](crate::Scheme::keys) as a secret. When to, and for how long
/// to keep it, [`PublishedKeys`](crate::PublishedKeys) says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyRequest {
    /// Where to fetch it; its host was checked. None where the sender gives it out only to its customers: ask its API,
    /// with your credentials, for the key of [`key_id`](Self::key_id).
    pub url: Option<String>,
    /// Which of the sender's keys made the signature, where it says so.
    pub key_id: Option<String>,
    /// In which form it comes.
    pub format: KeyFormat,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Fields {
    /// The URL (`https://…`), or the place of the request that names it. Absent where the sender gives its keys only to
    /// its customers.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::schema::UrlOrSelector>"))]
    url: Option<String>,
    /// The sender's hosts: needed where the request names the URL, because anybody can write a request.
    #[serde(default)]
    hosts: Vec<HostPattern>,
    /// The place of the key's id, or `signature` for beside the signature, where its format says.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::schema::SelectorOrSignature>"))]
    key_id: Option<String>,
    /// What the answer of the URL is.
    format: KeyFormat,
}

impl TryFrom<Fields> for KeySource {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self, Error> {
        let url = match fields.url {
            None => None,
            Some(url) if url.starts_with("https://") => Some(Place::Fixed(url)),
            Some(place) => {
                let place = Selector::parse(&place)?;
                if fields.format == KeyFormat::Text {
                    // Any page of such a host would be a key that everybody can read.
                    return Err(invalid("key_source.format `text` needs a fixed url"));
                }
                if fields.hosts.is_empty() {
                    let message = say!(
                        "key_source.url is {place}, which anybody can write: it needs `hosts`"
                    );
                    return Err(invalid(message));
                }
                Some(Place::InRequest(place))
            }
        };
        let key_id = match fields.key_id {
            Some(place) if place == "signature" => Some(KeyId::InSignature),
            Some(place) => Some(KeyId::InRequest(Selector::parse(&place)?)),
            None => None,
        };
        Ok(Self { url, hosts: fields.hosts, key_id, format: fields.format })
    }
}

impl KeySource {
    pub(crate) fn selectors(&self) -> impl Iterator<Item = &Selector> {
        let url = match &self.url {
            Some(Place::InRequest(selector)) => Some(selector),
            _ => None,
        };
        let key_id = match &self.key_id {
            Some(KeyId::InRequest(selector)) => Some(selector),
            _ => None,
        };
        url.into_iter().chain(key_id)
    }

    /// # Errors
    /// `missing_header`, `missing_value`; `untrusted_key_url` when the request names another host than the sender's.
    pub(crate) fn resolve(
        &self,
        scheme: &super::Scheme,
        request: &Request<'_>,
        candidates: &Candidates<'_>,
    ) -> Result<KeyRequest, Error> {
        let url = match &self.url {
            None => None,
            Some(Place::Fixed(url)) => Some(url.clone()),
            Some(Place::InRequest(selector)) => {
                let url = select(scheme, request, None, selector)?
                    .ok_or_else(|| crate::content::missing(selector))?;
                if !host_matches(&url, &self.hosts) {
                    let hosts: Vec<String> =
                        self.hosts.iter().map(HostPattern::to_string).collect();
                    let message =
                        say!("{selector} is not an https URL of `{}`", hosts.join("`, `"));
                    return Err(Error::new(ErrorCode::UntrustedKeyUrl, message));
                }
                Some(url.into_owned())
            }
        };
        let key_id = match &self.key_id {
            None => None,
            Some(KeyId::InSignature) => candidates.field("key_id").map(str::to_owned),
            Some(KeyId::InRequest(selector)) => {
                select(scheme, request, None, selector)?.map(Cow::into_owned)
            }
        };
        Ok(KeyRequest { url, key_id, format: self.format })
    }
}

compact! { struct KeySource { url, hosts, key_id, format } }
compact! { enum KeyId { InRequest(selector), InSignature } }
compact! { enum KeyFormat { Jwks, Pem, Text, X509 } }

impl Compact for Place {
    fn write(&self, into: &mut Writer) {
        match self {
            Self::Fixed(url) => Some(url.clone()).write(into),
            Self::InRequest(selector) => {
                None::<String>.write(into);
                selector.write(into);
            }
        }
    }

    /// The host may be the user's own.
    fn read(from: &mut Reader<'_>) -> Self {
        match Option::<String>::read(from) {
            Some(url) => {
                if !url.starts_with("https://") && !url.contains("{config:") {
                    from.refuse(invalid("key_source.url is an https URL"));
                }
                Self::Fixed(url)
            }
            None => Self::InRequest(Selector::read(from)),
        }
    }
}
