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

use super::invalid;
use crate::error::{Error, ErrorCode, clip};

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
    #[serde(default, rename = "example")]
    _example: Option<String>,
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
    let mut scheme: Value =
        serde_json::from_str(json).map_err(|error| invalid(format!("scheme: {error}")))?;
    let declared =
        scheme.get("config").cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    let declared: BTreeMap<String, Setting> = serde_json::from_value(declared)
        .map_err(|error| invalid(format!("scheme: config: {error}")))?;
    if let Some((unknown, _)) = given.iter().find(|(name, _)| !declared.contains_key(*name)) {
        let names: Vec<&str> = declared.keys().map(String::as_str).collect();
        let known =
            if names.is_empty() { "none".to_owned() } else { format!("`{}`", names.join("`, `")) };
        let message = format!("the scheme has no value `{}`; it takes {known}", clip(unknown));
        return Err(Error::new(ErrorCode::InvalidConfig, message));
    }
    if let Some((name, _)) =
        given.iter().find(|(name, _)| given.iter().filter(|(other, _)| other == name).count() > 1)
    {
        let message = format!("`{name}` is given more than once");
        return Err(Error::new(ErrorCode::InvalidConfig, message));
    }
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
                    let message = format!("the scheme needs `{name}`: {}", setting.description);
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

/// A value must not turn into a part of the scheme's language.
fn check(name: &str, value: &str) -> Result<(), Error> {
    let is_plain = |c: char| (c.is_ascii_graphic() || c == ' ') && !"{}[]\"\\".contains(c);
    if value.is_empty() || value.len() > 512 || !value.chars().all(is_plain) {
        let message =
            format!("`{name}` takes 1 to 512 characters of visible ASCII without `{{}}[]\"\\`");
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
