//! What a source refused, and why.

use std::time::Duration;

use hookseal::{Explanation, Request, Timestamp, explain};

use super::{
    kept::Kept,
    ledger::{KEEP, oldest},
    sealed::Sealed,
    sources::SourceBook,
};
use crate::{
    error::ApiError,
    service::caller::{Caller, unknown},
    store::{Refusal, RefusalKey, Source},
};

/// A refused request, in short.
#[derive(Debug)]
pub struct ShownRefusal {
    /// `rfs_…`.
    pub id: String,
    /// When it came.
    pub at: Timestamp,
    /// Why it was refused.
    pub code: String,
    /// The same in words.
    pub message: String,
    /// The method.
    pub method: String,
    /// How long the body is; unknown where it was not read.
    pub body_bytes: Option<usize>,
}

/// The same with all that is known. The source's secrets are blotted out.
#[derive(Debug)]
pub struct ExplainedRefusal {
    /// In short.
    pub refusal: ShownRefusal,
    /// The URL.
    pub url: String,
    /// All headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, unless it was long.
    pub body: Option<Vec<u8>>,
    /// What is wrong with it; nothing where the body was not kept.
    pub explanation: Option<Explanation>,
}

impl SourceBook {
    /// The last requests that a source refused, newest first.
    ///
    /// # Errors
    /// `not_found` when the caller has no source of this id.
    pub async fn refusals(&self, caller: &Caller, id: &str) -> Result<Vec<ShownRefusal>, ApiError> {
        let source = caller.source(&*self.engine, id).await?;
        self.ledger.store().await?;
        let oldest = RefusalKey::floor(oldest(self.clock.now()));
        let refusals = self.engine.refusals(source.key, KEEP).await?;
        let recent = refusals.iter().filter(|refusal| refusal.key >= oldest);
        let shown = |refusal: &Refusal| {
            let kept = self.ledger.open_kept(source.key, refusal)?;
            Some(shown(refusal, &kept))
        };
        Ok(recent.filter_map(shown).collect())
    }

    /// One of them, and why it does not verify: with the secrets of now, as of the time when it came.
    ///
    /// # Errors
    /// `not_found` when the caller has no source of this id, or that has no such refusal.
    pub async fn explain(
        &self,
        caller: &Caller,
        id: &str,
        refusal: &str,
    ) -> Result<ExplainedRefusal, ApiError> {
        let source = caller.source(&*self.engine, id).await?;
        self.ledger.store().await?;
        let found = match RefusalKey::parse(refusal) {
            Some(key) => self.engine.refusal(source.key, key).await?,
            None => None,
        };
        let refusal = found.ok_or_else(|| unknown("refusal"))?;
        let kept = self.ledger.open_kept(source.key, &refusal).ok_or_else(|| unknown("refusal"))?;
        let sealed = Sealed::open(&source, &self.sealer)?;
        // Thousands of signatures may be tried.
        tokio::task::spawn_blocking(move || explained(&source, &refusal, &kept, &sealed))
            .await
            .map_err(ApiError::internal)?
    }
}

fn shown(refusal: &Refusal, kept: &Kept) -> ShownRefusal {
    ShownRefusal {
        id: refusal.key.to_string(),
        at: refusal.key.minted_at(),
        code: refusal.code.clone(),
        message: kept.message.clone(),
        method: kept.method.clone(),
        body_bytes: kept.body_bytes,
    }
}

fn explained(
    source: &Source,
    refusal: &Refusal,
    kept: &Kept,
    sealed: &Sealed,
) -> Result<ExplainedRefusal, ApiError> {
    let scheme = sealed.scheme(&source.scheme).map_err(ApiError::internal)?;
    let body = kept.body();
    let headers: Vec<(&str, &str)> =
        kept.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let secrets: Vec<&str> = sealed.secrets.iter().map(String::as_str).collect();
    let tolerance =
        source.settings.tolerance_seconds.map(|seconds| Duration::from_secs(seconds.into()));
    let explanation = body.as_deref().map(|body| {
        let request = Request::new(&headers, body).with_method(&kept.method).with_url(&kept.url);
        explain(&scheme, &secrets, tolerance, &request, refusal.key.minted_at())
    });
    let blot = |text: &str| blotted(text, &secrets);
    let body = body.map(|body| match String::from_utf8(body) {
        Ok(text) => blot(&text).into_bytes(),
        Err(other) => other.into_bytes(),
    });
    Ok(ExplainedRefusal {
        refusal: shown(refusal, kept),
        url: blot(&kept.url),
        headers: kept
            .headers
            .iter()
            .map(|(name, value)| {
                let is_credential = CREDENTIALS.contains(&name.as_str());
                (name.clone(), if is_credential { BLOT.to_owned() } else { blot(value) })
            })
            .collect(),
        body,
        explanation,
    })
}

/// SECURITY: some senders prove themselves with the secret itself, and nobody is shown the secret of a source.
fn blotted(text: &str, secrets: &[&str]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, BLOT))
}

/// Here the secret may be written in another way.
const CREDENTIALS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];
const BLOT: &str = "[secret]";
