//! The built-in schemes, read once: that takes longer than thousands of verifications.

use std::sync::LazyLock;

use hookseal::Scheme;
use serde_json::Value;

use crate::{config, coverage};

static SCHEMES: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let rows = include_str!("../../core/src/scheme/catalogue.jsonl").lines();
    rows.map(|row| Known::new(serde_json::from_str(row).expect("a row is JSON"))).collect()
});

/// A scheme, with sample values for its settings, and its row.
#[derive(Debug)]
pub struct Known {
    pub scheme: Scheme,
    pub row: Value,
    /// The names of the headers that its signature protects, itself among them.
    pub signed_headers: Vec<String>,
}

impl Known {
    fn new(row: Value) -> Self {
        let scheme = config::scheme(row["id"].as_str().expect("a row has an id"));
        let signed_headers = coverage::signed_headers(&row);
        Self { scheme, row, signed_headers }
    }

    /// Every scheme of the catalogue.
    pub fn all() -> &'static [Self] {
        &SCHEMES
    }

    /// The scheme of this name. One that is not in the catalogue picks some scheme of it, so that changed names are not
    /// wasted.
    pub fn of(id: &str) -> &'static Self {
        SCHEMES.iter().find(|known| known.scheme.id() == id).unwrap_or_else(|| {
            let sum: usize = id.bytes().map(usize::from).sum();
            &SCHEMES[sum % SCHEMES.len()]
        })
    }

    /// Whether the member of the row holds this text anywhere.
    pub fn says(&self, member: &str, text: &str) -> bool {
        self.row.get(member).is_some_and(|value| value.to_string().contains(text))
    }
}
