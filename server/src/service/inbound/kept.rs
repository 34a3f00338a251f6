//! A refused request as it is kept for a look.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// Sealed at rest: headers may hold tokens, and bodies are somebody's data.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) method: String,
    pub(super) url: String,
    /// All of them, unless there were very many.
    pub(super) headers: Vec<(String, String)>,
    /// In base64; none where it was long, or not read.
    body: Option<String>,
    pub(super) body_bytes: Option<usize>,
    pub(super) message: String,
}

impl Kept {
    pub(super) fn new(
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
        message: &str,
    ) -> Self {
        let mut room = MAX_HEADERS;
        let fits = |(name, value): &&(&str, &str)| {
            room = room.saturating_sub(name.len() + value.len());
            room > 0
        };
        let headers = headers.iter().take_while(fits);
        Self {
            method: method.to_owned(),
            url: url.chars().take(MAX_URL).collect(),
            headers: headers
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.filter(|body| body.len() <= MAX_BODY).map(|body| STANDARD.encode(body)),
            body_bytes: body.map(<[u8]>::len),
            message: message.to_owned(),
        }
    }

    /// The body, where it was kept.
    pub(super) fn body(&self) -> Option<Vec<u8>> {
        self.body.as_deref().and_then(|body| STANDARD.decode(body).ok())
    }
}

const MAX_HEADERS: usize = 32 * 1024;
const MAX_URL: usize = 8 * 1024;
/// Longer than nearly every webhook. What is not whole cannot be explained.
const MAX_BODY: usize = 64 * 1024;
