//! Values that only the user of a scheme knows: the name of a header that the operator chose, an issuer, an account.
//!
//! A scheme declares them under `config` and uses them as `{config:NAME}` in any of its texts. They are put in before
//! the scheme is read, so what they make of it is checked like everything else. What only the handshake needs may be
//! left out by those who only verify, and so may what only `require` uses: a requirement without its value falls away,
//! unless it is `required`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{invalid, object::objects};
use crate::error::{Error, ErrorCode, clip, say};
use crate::{WHOLE, problem};

/// One value that the user gives.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Setting {
    /// What it is and where to find it.
    pub(crate) description: String,
    /// What stands for it when it is not given.
    #[serde(default)]
    pub(crate) default: Option<String>,
    /// Whether the scheme proves nothing without it, so that nobody may leave it out.
    #[serde(default)]
    required: bool,
    /// What one looks like, for those who try the scheme.
    #[serde(default)]
    pub(crate) example: Option<String>,
}

/// Puts the values into the JSON of a scheme.
///
/// # Errors
/// `missing_config`; `invalid_config` for a name that the scheme does not have or a value it cannot hold;
/// `invalid_scheme`.
pub(super) fn apply<'j>(json: &'j str, given: &[(&str, &str)]) -> Result<Cow<'j, str>, Error> {
    if given.is_empty() && !json.contains("\"config\"") {
        return Ok(Cow::Borrowed(json));
    }
    let declared = settings(json)?;
    let mut scheme: Value = serde_json::from_str(json)
        .map_err(|error| invalid(problem::in_json("scheme", json, &error)))?;
    check_names(&declared.keys().map(String::as_str).collect::<Vec<_>>(), given)?;
    for (name, setting) in &declared {
        let value = given.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
        let token = format!("{{config:{name}}}");
        match value.or(setting.default.as_deref()) {
            Some(value) => {
                check(name, value)?;
                replace(&mut scheme, &token, value);
            }
            None => {
                let needed = scheme.as_object().into_iter().flatten();
                let is_needed = |key: &str| !["handshake", "require"].contains(&key);
                if setting.required
                    || needed
                        .filter(|(key, _)| is_needed(key))
                        .any(|(_, value)| holds(value, &token))
                {
                    let message = say!("the scheme needs `{name}`: {}", setting.description);
                    return Err(Error::new(ErrorCode::MissingConfig, message));
                }
                if let Some(Value::Object(require)) = scheme.get_mut("require") {
                    require.retain(|_, value| !holds(value, &token));
                }
            }
        }
    }
    Ok(Cow::Owned(scheme.to_string()))
}

/// Every value is one that the scheme has, and is given once.
fn check_names(declared: &[&str], given: &[(&str, &str)]) -> Result<(), Error> {
    let refuse = |message: String| Err(Error::new(ErrorCode::InvalidConfig, message));
    for (at, (name, _)) in given.iter().enumerate() {
        if !declared.contains(name) {
            let known = if declared.is_empty() {
                "none".to_owned()
            } else {
                say!("`{}`", declared.join("`, `"))
            };
            return refuse(say!("the scheme has no value `{}`; it takes {known}", clip(name)));
        }
        if given.iter().skip(at + 1).any(|(other, _)| other == name) {
            return refuse(say!("`{name}` is given more than once"));
        }
    }
    Ok(())
}

/// A value that a scheme declares.
pub(super) struct Declared {
    pub(super) name: String,
    pub(super) default: Option<String>,
    pub(super) required: bool,
    is_url: bool,
}

impl Declared {
    /// What stands for the value of this number while the scheme is compiled: text that is allowed wherever values are.
    pub(super) fn mark(&self, number: usize) -> String {
        format!("{}hookseal-config-{number}-", if self.is_url { "https://" } else { "" })
    }
}

/// The values that a scheme in JSON declares.
///
/// # Errors
/// `invalid_scheme`.
pub(super) fn declared(json: &str) -> Result<Vec<Declared>, Error> {
    let is_url = |setting: &Setting| {
        setting.example.as_deref().is_some_and(|example| example.starts_with("https://"))
    };
    let declared = settings(json)?.into_iter().map(|(name, setting)| Declared {
        is_url: is_url(&setting),
        name,
        default: setting.default,
        required: setting.required,
    });
    Ok(declared.collect())
}

/// What stands under `config`.
fn settings(json: &str) -> Result<BTreeMap<String, Setting>, Error> {
    #[derive(Deserialize)]
    struct Row {
        #[serde(default, deserialize_with = "objects")]
        config: BTreeMap<String, Setting>,
    }
    let row: Row = serde_json::from_str(json)
        .map_err(|error| invalid(problem::in_json("scheme", json, &error)))?;
    Ok(row.config)
}

/// The values of a compiled scheme, in the order of their declaration.
#[derive(Default)]
pub(super) struct Given<'t>(Vec<(&'t str, Option<&'t str>, bool)>);

impl<'t> Given<'t> {
    /// Names, defaults, and whether there has to be a value; with what is given in their place.
    ///
    /// # Errors
    /// `invalid_config`, `missing_config`.
    pub(super) fn new(
        mut declared: Vec<(&'t str, Option<&'t str>, bool)>,
        given: &[(&str, &'t str)],
    ) -> Result<Self, Error> {
        let is_given = |name: &str| given.iter().any(|(known, _)| *known == name);
        if declared.iter().filter(|(name, ..)| is_given(name)).count() != given.len() {
            if WHOLE {
                check_names(&declared.iter().map(|(name, ..)| *name).collect::<Vec<_>>(), given)?;
            }
            let message = "a value is not of the scheme, or given more than once";
            return Err(Error::new(ErrorCode::InvalidConfig, message));
        }
        for (name, value, required) in &mut declared {
            if let Some((_, given)) = given.iter().find(|(known, _)| known == name) {
                check(name, given)?;
                *value = Some(given);
            }
            if *required && value.is_none() {
                let message = say!("the scheme needs `{name}`");
                return Err(Error::new(ErrorCode::MissingConfig, message));
            }
        }
        Ok(Self(declared))
    }

    /// The name and the value of a number.
    pub(super) fn value(&self, number: usize) -> (&'t str, Option<&'t str>) {
        self.0.get(number).map_or(("", None), |(name, value, _)| (name, *value))
    }
}

/// A value must not turn into a part of the scheme's language.
fn check(name: &str, value: &str) -> Result<(), Error> {
    let is_plain =
        |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && !b"{}[]\"\\".contains(&byte);
    if value.is_empty() || value.len() > 512 || !value.bytes().all(is_plain) {
        let message =
            say!("`{name}` takes 1 to 512 characters of visible ASCII without `{{}}[]\"\\`");
        return Err(Error::new(ErrorCode::InvalidConfig, message));
    }
    Ok(())
}

fn replace(json: &mut Value, token: &str, with: &str) {
    match json {
        Value::String(text) if text.contains(token) => *text = text.replace(token, with),
        Value::Array(values) => values.iter_mut().for_each(|value| replace(value, token, with)),
        Value::Object(members) => {
            members.values_mut().for_each(|value| replace(value, token, with));
        }
        _ => {}
    }
}

fn holds(json: &Value, token: &str) -> bool {
    match json {
        Value::String(text) => text.contains(token),
        Value::Array(values) => values.iter().any(|value| holds(value, token)),
        Value::Object(members) => members.values().any(|value| holds(value, token)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scheme;

    const SCHEME: &str = r#"{"id":"acme","algorithm":"token","body_coverage":"none",
        "config":{"header":{"description":"the header you chose"},"token":{"description":"the token of the handshake"},
                  "prefix":{"description":"before the token","default":"Bearer "}},
        "signature":{"from":"header:{config:header}","format":{"mode":"plain","prefix":"{config:prefix}"},"encoding":"utf8"}}"#;

    #[test]
    fn values_are_put_in() {
        let scheme = Scheme::from_json_with(SCHEME, &[("header", "X-Mine")]).unwrap();
        assert_eq!(scheme.headers(), ["x-mine"]);
    }

    #[test]
    fn a_requirement_without_its_value_falls_away() {
        let scheme = r#"{"id":"acme","signature":{"from":"header:x-sig","encoding":"hex"},"signed_content":"{body}",
            "config":{"account":{"description":"the account","example":"acct_1"}},
            "require":{"json:/account":"{config:account}","json:/version":"2"}}"#;
        let places =
            |config: &[(&str, &str)]| Scheme::from_json_with(scheme, config).unwrap().require.len();
        assert_eq!((places(&[]), places(&[("account", "acct_1")])), (1, 2));
    }

    #[test]
    fn mistakes_are_named() {
        let code =
            |config: &[(&str, &str)]| Scheme::from_json_with(SCHEME, config).unwrap_err().code();
        assert_eq!(code(&[]), ErrorCode::MissingConfig);
        assert_eq!(code(&[("header", "x"), ("heder", "y")]), ErrorCode::InvalidConfig);
        assert_eq!(code(&[("header", "")]), ErrorCode::InvalidConfig);
        assert_eq!(code(&[("header", "x"), ("header", "y")]), ErrorCode::InvalidConfig);
        assert_eq!(code(&[("header", "{body}")]), ErrorCode::InvalidConfig);
        assert_eq!(code(&[("header", "a b")]), ErrorCode::InvalidScheme);
        assert_eq!(
            Scheme::builtin_with("naive", &[("a", "b")]).unwrap_err().code(),
            ErrorCode::InvalidConfig
        );
    }
}
