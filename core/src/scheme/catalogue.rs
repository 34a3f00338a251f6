//! The built-in schemes: one line of `catalogue.jsonl` each.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::config::Setting;
use super::spelling;
use crate::error::{Error, ErrorCode, clip};

const ROWS: &str = include_str!("catalogue.jsonl");
/// How every line begins, so that a row is found without reading the others.
const START: &str = r#"{"id":""#;

/// What is known of a built-in scheme besides how it signs.
#[derive(Clone, Debug)]
pub struct CatalogueEntry {
    /// The name that stands for it in code.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// Where the facts come from: a URL, or a package or repository with its version and file.
    pub source: String,
    /// `"high"`: the provider's own documents or code, or several sources; `"medium"`: one other source; `"low"`: not
    /// confirmed.
    pub confidence: String,
    /// What a user should know.
    pub notes: Option<String>,
    /// The values that only its user knows: name and description.
    pub config: Vec<(String, String)>,
    /// The row itself, as [`Scheme::from_json`](crate::Scheme::from_json) reads it: a start for a scheme of your own.
    pub json: &'static str,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    name: String,
    source: String,
    confidence: String,
    #[serde(default)]
    notes: Option<String>,
    #[serde(default)]
    config: BTreeMap<String, Setting>,
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROWS.lines().filter_map(|row| row.strip_prefix(START)?.split_once('"').map(|(id, _)| (id, row)))
}

pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    rows().map(|(id, _)| id)
}

/// The JSON of a scheme.
pub(crate) fn row(id: &str) -> Result<&'static str, Error> {
    rows().find(|(known, _)| *known == id).map(|(_, row)| row).ok_or_else(|| unknown(id))
}

/// SECURITY: who mixes up the arguments passes the secret as the name, so it is shown only where it reads as a name.
#[cold]
fn unknown(id: &str) -> Error {
    let written = id.trim().to_ascii_lowercase().replace([' ', '-', '.'], "_");
    let message = if ids().any(|known| known == written) {
        format!("names of schemes are in lower case with `_`: this one is `{written}`")
    } else if id.len() <= LONGEST_SHOWN && !id.bytes().any(|byte| byte.is_ascii_digit()) {
        let count = rows().count();
        let message = format!("scheme `{}` is not in the catalogue of {count} schemes", clip(id));
        let meant = match spelling::closest(&written, ids()) {
            Some(meant) => vec![meant],
            None => with_word(&written),
        };
        if meant.is_empty() || meant.len() > MOST_MEANT {
            message
        } else {
            format!("{message}; is it `{}`?", meant.join("` or `"))
        }
    } else {
        let (chars, count) = (id.chars().count(), rows().count());
        format!(
            "the scheme, {chars} characters, is not in the catalogue of {count} schemes; is it the secret?"
        )
    };
    Error::new(ErrorCode::UnknownScheme, message)
}

/// The schemes that have `written` as a word of their id or name: `whatsapp` is one of `meta`.
fn with_word(written: &str) -> Vec<&'static str> {
    let has = |text: &str| {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| word.eq_ignore_ascii_case(written))
    };
    let is_meant = |id: &&str| has(id) || entry(id).is_ok_and(|entry| has(&entry.name));
    ids().filter(is_meant).collect()
}

/// So many are shown: a word of more says little.
const MOST_MEANT: usize = 3;

/// The length of a name that is shown though it is unknown (bytes): longer ones are hardly names.
const LONGEST_SHOWN: usize = 24;

pub(super) fn entry(id: &str) -> Result<CatalogueEntry, Error> {
    let json = row(id)?;
    let row: Row = serde_json::from_str(json)
        .map_err(|error| Error::new(ErrorCode::InvalidScheme, format!("scheme: {error}")))?;
    let config =
        row.config.into_iter().map(|(name, setting)| (name, setting.description)).collect();
    let Row { id, name, source, confidence, notes, .. } = row;
    Ok(CatalogueEntry { id, name, source, confidence, notes, config, json })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scheme;

    #[test]
    fn who_gets_the_name_wrong_is_told_and_a_secret_is_not_shown() {
        let message = |id| row(id).unwrap_err().message().to_owned();
        assert!(message("Standard-Webhooks").ends_with("this one is `standard_webhooks`"));
        assert!(message("GitHub").ends_with("this one is `github`"));
        assert!(message("strpe").starts_with("scheme `strpe` is not in the catalogue"));
        assert!(message("strpe").ends_with("; is it `stripe`?"));
        assert!(message("WhatsApp").ends_with("schemes; is it `meta`?"), "{}", message("WhatsApp"));
        assert!(message("sns").ends_with("; is it `aws_sns`?"), "{}", message("sns"));
        assert!(message("webhooks").ends_with("schemes"), "{}", message("webhooks"));
        assert!(message("acme").ends_with("schemes"));
        for secret in
            ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "8f2c61d3", "correct horse battery staple"]
        {
            assert!(message(secret).ends_with("is it the secret?"), "{}", message(secret));
            assert!(!message(secret).contains(secret));
        }
    }

    #[test]
    fn every_row_is_a_scheme() {
        assert_eq!(ids().count(), ROWS.lines().count());
        for id in ids() {
            let entry = entry(id).unwrap();
            let settings =
                serde_json::from_str::<serde_json::Value>(entry.json).unwrap()["config"].take();
            let sample = |name: &str| {
                settings[name]["example"].as_str().or(settings[name]["default"].as_str()).unwrap()
            };
            let config: Vec<(&str, &str)> =
                entry.config.iter().map(|(name, _)| (name.as_str(), sample(name))).collect();
            let scheme = Scheme::builtin_with(id, &config).unwrap();
            assert_eq!((scheme.id(), scheme.name()), (id, entry.name.as_str()));
            assert!(["high", "medium", "low"].contains(&entry.confidence.as_str()), "{id}");
            assert!(!entry.source.is_empty(), "{id}");
        }
        let mut unique: Vec<&str> = ids().collect();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), ids().count());
    }

    #[test]
    fn an_unknown_name_says_so() {
        let error = Scheme::builtin("strype").unwrap_err();
        assert_eq!(error.code(), ErrorCode::UnknownScheme);
        assert!(error.message().contains("`strype`"));
    }
}
