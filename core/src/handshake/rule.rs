//! One rule: which request it is, who may ask, and the answer.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use subtle::ConstantTimeEq as _;

use super::computed::Computed;
use super::fetch::Fetch;
use super::pattern::Wanted;
use super::place::Place;
use super::respond::Respond;
use super::template::{Template, missing_setting};
use super::{HandshakeResponse, Values, missing_config};
use crate::algorithm::{Algorithm, Family};
use crate::error::{Error, clip};
use crate::key::SigningKey;
use crate::request::Request;
use crate::scheme::compact::{Compact, Reader, Writer, compact};
use crate::scheme::object::{object, objects, optional};
use crate::scheme::{Encoding, invalid};
use crate::secret::Secret;

/// One rule, checked.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "Fields"))]
#[serde(try_from = "Fields")]
pub(super) struct Rule(Fields);

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Fields {
    /// The method of the request, in capitals.
    #[serde(default = "post")]
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[A-Z]{3,7}$")))]
    method: String,
    /// What must stand at which places.
    #[serde(default, rename = "match")]
    matches: BTreeMap<Place, Wanted>,
    /// Places at which nothing may stand.
    #[serde(default)]
    absent: Vec<Place>,
    /// The only member that the JSON of the body has.
    only_key: Option<String>,
    /// Whether the request has to verify as deliveries do.
    #[serde(default)]
    verify_first: bool,
    /// Places that must have a setting of yours, such as `{config:verify_token}`.
    #[serde(default)]
    compare: BTreeMap<Place, String>,
    /// The status of the answer where `compare` finds another value.
    #[cfg_attr(feature = "schema", schemars(range(min = 400, max = 499)))]
    mismatch_status: Option<u16>,
    /// Values that are computed for the answer.
    #[serde(default, deserialize_with = "objects")]
    values: BTreeMap<String, Computed>,
    /// The answer.
    #[serde(deserialize_with = "object")]
    respond: Respond,
    /// The place of the secret that the sender hands over.
    secret: Option<Place>,
    /// A URL to call after the answer.
    #[serde(default, deserialize_with = "optional")]
    fetch: Option<Fetch>,
    /// For people: why the rule is as it is.
    #[serde(default, rename = "notes")]
    _notes: Option<String>,
}

fn post() -> String {
    "POST".to_owned()
}

impl Rule {
    /// Every place that the rule reads.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        let fetched = self.0.fetch.iter().map(|fetch| &fetch.url);
        self.0.matches.keys().chain(&self.0.absent).chain(self.0.compare.keys()).chain(fetched)
    }

    /// Whether an `hmac` of the rule is one of the scheme.
    ///
    /// # Errors
    /// `invalid_scheme`. SECURITY: of a token, the "signature" would be the secret itself.
    pub(super) fn check(&self, algorithm: Algorithm) -> Result<(), Error> {
        if algorithm.family() != Family::Hmac
            && self.0.values.values().any(|value| value.hmac.is_some())
        {
            return Err(invalid(
                "handshake.values uses `hmac`, but the scheme's algorithm is none",
            ));
        }
        Ok(())
    }

    /// What stands at the places that are matched, if the request is this handshake.
    pub(super) fn values<'r, 'a>(&'r self, request: &Request<'a>) -> Option<Values<'r, 'a>>
    where
        'r: 'a,
    {
        let rule = &self.0;
        if request.method != rule.method {
            return None;
        }
        let mut values = Vec::with_capacity(rule.matches.len());
        for (place, wanted) in &rule.matches {
            values.push((place, place.find(request).filter(|value| wanted.fits(value))?));
        }
        if rule.absent.iter().any(|place| place.is_present(request)) {
            return None;
        }
        if rule.only_key.as_ref().is_some_and(|key| !is_only_key(request.body, key)) {
            return None;
        }
        Some(Values(values))
    }

    pub(super) fn answer(
        &self,
        values: &Values<'_, '_>,
        scheme: &str,
        keys: &[SigningKey],
        request: &Request<'_>,
        verify: impl FnOnce() -> Result<usize, Error>,
    ) -> Result<HandshakeResponse, Error> {
        let rule = &self.0;
        // The first secret is the newest; where the sender signed, it waits for the one it used.
        let key_index = if rule.verify_first { verify()? } else { 0 };
        let missing = |setting: &str| missing_config(scheme, setting);
        for (place, expected) in &rule.compare {
            if let Some(setting) = missing_setting(expected) {
                return Err(missing(setting));
            }
            let value = place.find(request).unwrap_or_default();
            if !bool::from(value.as_bytes().ct_eq(expected.as_bytes())) {
                return Ok(HandshakeResponse::empty(rule.mismatch_status.unwrap_or(403)));
            }
        }
        let computed = rule
            .values
            .iter()
            .map(|(name, value)| {
                let value = value.compute(values, keys.get(key_index), scheme)?;
                Ok((name.as_str(), value))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let fill = |template: &Template| {
            template.fill(values, &computed).map_err(|setting| missing(&setting))
        };
        let mut response = rule.respond.render(fill)?;
        if let Some(place) = &rule.secret {
            response.secret = Some(Secret::new(values.get(place))?);
        }
        if let Some(fetch) = &rule.fetch {
            let url = fetch.url.find(request).unwrap_or_default();
            response.fetch = Some(fetch.check(&url)?);
        }
        Ok(response)
    }
}

/// Whether the body is a JSON object with this one member.
fn is_only_key(body: &[u8], key: &str) -> bool {
    serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(body)
        .is_ok_and(|members| members.len() == 1 && members.contains_key(key))
}

impl TryFrom<Fields> for Rule {
    type Error = Error;

    fn try_from(rule: Fields) -> Result<Self, Error> {
        rule.check_conditions()?;
        rule.check_answer()?;
        rule.check_values()?;
        Ok(Self(rule))
    }
}

impl Fields {
    fn check_conditions(&self) -> Result<(), Error> {
        let is_method = (3..=7).contains(&self.method.len())
            && self.method.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_method {
            let method = clip(&self.method);
            return Err(invalid(format!("handshake.method takes capitals, got `{method}`")));
        }
        if self.method == "POST" && self.matches.is_empty() && self.only_key.is_none() {
            return Err(invalid(
                "handshake has no condition: with `match` or `only_key`, say what tells it from a delivery",
            ));
        }
        if self.matches.values().any(|wanted| wanted.missing_setting().is_some()) {
            return Err(invalid("handshake.match takes no `{config:…}`; `compare` does"));
        }
        if self.compare.is_empty() != self.mismatch_status.is_none() {
            return Err(invalid("handshake.compare and `mismatch_status` go together"));
        }
        match self.mismatch_status {
            Some(status) if !(400..=499).contains(&status) => {
                Err(invalid(format!("handshake.mismatch_status takes 400 to 499, got {status}")))
            }
            _ => Ok(()),
        }
    }

    fn check_answer(&self) -> Result<(), Error> {
        let Respond { status, headers, body, json } = &self.respond;
        if !(200..=299).contains(status) {
            return Err(invalid(format!(
                "handshake.respond.status takes 200 to 299, got {status}"
            )));
        }
        let has_body = body.is_some() || json.is_some();
        if (body.is_some() && json.is_some()) || (has_body && *status == 204) {
            return Err(invalid(
                "handshake.respond takes one of `body` and `json`, and none with 204",
            ));
        }
        for (name, template) in headers {
            if ["content-type", "content-length", "x-content-type-options"].contains(&name.as_str())
            {
                return Err(invalid(format!(
                    "handshake.respond.headers: `{name}` is not for a rule to set"
                )));
            }
            if !template.is_header_text() {
                return Err(invalid(format!(
                    "handshake.respond.headers: `{name}` takes visible ASCII"
                )));
            }
        }
        if self.fetch.is_some() && !self.verify_first {
            return Err(invalid(
                "handshake.fetch without `verify_first` would call what a stranger wrote",
            ));
        }
        Ok(())
    }

    /// Every value that is used must be there, matched, and safe to use.
    fn check_values(&self) -> Result<(), Error> {
        let computed = self.values.values().filter_map(Computed::template);
        let used = self.respond.templates().chain(computed).flat_map(Template::places);
        for place in used.chain(&self.secret) {
            if !self.matches.contains_key(place) {
                let place = place.as_str();
                return Err(invalid(format!(
                    "handshake uses `{place}`, which `match` does not name"
                )));
            }
        }
        if let Some(name) = self
            .respond
            .templates()
            .flat_map(Template::names)
            .find(|name| !self.values.contains_key(*name))
        {
            return Err(invalid(format!(
                "handshake uses `{{{}}}`, which is not in `values`",
                clip(name)
            )));
        }
        for (name, value) in &self.values {
            if value.hmac.is_some() == value.sha256.is_some()
                || matches!(value.encoding, Encoding::Utf8)
                || value.template().is_some_and(|template| template.names().next().is_some())
            {
                return Err(invalid(format!(
                    "handshake.values `{}` takes one of `hmac` and `sha256`, of places, in hex or base64",
                    clip(name)
                )));
            }
            // SECURITY: whoever sends the challenge gets it signed. It must not be what a delivery signs.
            let mut signed = value.hmac.iter().flat_map(Template::places);
            let is_unsafe =
                |place: &Place| !self.matches.get(place).is_some_and(Wanted::is_safe_to_sign);
            if let Some(place) = signed.find(|place| !self.verify_first && is_unsafe(place)) {
                return Err(invalid(format!(
                    "handshake signs `{}` for anybody: take `verify_first`, or `match` at most 256 letters, digits and \
                     `. _ ~ + / = -`",
                    place.as_str()
                )));
            }
        }
        Ok(())
    }
}

compact! { tuple Rule }

impl Compact for Fields {
    fn write(&self, into: &mut Writer) {
        let Self { method, matches, absent, only_key, verify_first, .. } = self;
        method.write(into);
        matches.write(into);
        absent.write(into);
        only_key.write(into);
        verify_first.write(into);
        self.compare.write(into);
        self.mismatch_status.write(into);
        self.values.write(into);
        self.respond.write(into);
        self.secret.write(into);
        self.fetch.write(into);
    }

    fn read(from: &mut Reader<'_>) -> Self {
        Self {
            method: Compact::read(from),
            matches: Compact::read(from),
            absent: Compact::read(from),
            only_key: Compact::read(from),
            verify_first: Compact::read(from),
            compare: Compact::read(from),
            mismatch_status: Compact::read(from),
            values: Compact::read(from),
            respond: Compact::read(from),
            secret: Compact::read(from),
            fetch: Compact::read(from),
            _notes: None,
        }
    }
}
