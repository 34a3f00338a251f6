//! Whether what is delivered is signed right, by the core.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use hookseal::{Request, Scheme, Secret, Timestamp, Webhook};
use httparse::Header;
use serde::Serialize;

use crate::error::{Context as _, Error};

/// Verifies every so-manieth delivery.
#[derive(Debug)]
pub struct Verifier {
    every: u64,
    webhooks: Vec<Option<Webhook>>,
    seen: AtomicU64,
    right: AtomicU64,
    wrong: AtomicU64,
}

/// How many signatures were looked at.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Verified {
    /// Those that were right.
    pub right: u64,
    /// Those that were not.
    pub wrong: u64,
}

impl Verifier {
    /// Verifies one delivery of `every` with the scheme of this id and the secret of the endpoint it came to.
    ///
    /// # Errors
    /// When there is no such scheme, or a secret does not fit it.
    pub fn new(every: u64, scheme: &str, secrets: &[Option<String>]) -> Result<Self, Error> {
        let scheme = Scheme::builtin(scheme).context(format!("scheme `{scheme}`"))?;
        let webhook = |secret: &Option<String>| {
            let Some(secret) = secret else { return Ok(None) };
            let secret = Secret::new(secret.as_str()).context("secret of an endpoint")?;
            Webhook::new(scheme.clone(), &[secret]).map(Some).context("secret of an endpoint")
        };
        Ok(Self {
            every: every.max(1),
            webhooks: secrets.iter().map(webhook).collect::<Result<_, _>>()?,
            seen: AtomicU64::new(0),
            right: AtomicU64::new(0),
            wrong: AtomicU64::new(0),
        })
    }

    /// So far.
    #[must_use]
    pub fn counts(&self) -> Verified {
        Verified {
            right: self.right.load(Ordering::Acquire),
            wrong: self.wrong.load(Ordering::Acquire),
        }
    }

    pub(super) fn sample(&self, endpoint: usize, headers: &[Header<'_>], body: &[u8]) {
        if !self.seen.fetch_add(1, Ordering::Relaxed).is_multiple_of(self.every) {
            return;
        }
        let Some(webhook) = self.webhooks.get(endpoint).and_then(Option::as_ref) else { return };
        let text =
            |header: &Header<'_>| std::str::from_utf8(header.value).unwrap_or_default().to_owned();
        let values: Vec<_> = headers.iter().map(|header| (header.name, text(header))).collect();
        let pairs: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = Timestamp::from_seconds(i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        let counter = match webhook.verify(&Request::new(&pairs, body), now) {
            Ok(_) => &self.right,
            Err(_) => &self.wrong,
        };
        counter.fetch_add(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use hookseal::Message;

    use super::*;

    #[test]
    fn one_in_so_many_is_verified_with_the_secret_of_its_endpoint() {
        let secrets = [None, Some("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz".to_owned())];
        let verifier = Verifier::new(2, "standard_webhooks", &secrets).unwrap();
        let webhook = verifier.webhooks[1].clone().unwrap();
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let message = Message { id: Some("e1"), body: b"{}", ..Message::default() };
        let signed = webhook.sign(&message, Timestamp::from_seconds(since as i64)).unwrap();
        let headers: Vec<_> = signed
            .iter()
            .map(|(name, value)| Header { name: name.as_str(), value: value.as_bytes() })
            .collect();
        for body in [&b"{}"[..], b"left out", b"{ }", b"left out", b"{}"] {
            verifier.sample(1, &headers, body);
        }
        // An endpoint without a secret says nothing.
        verifier.sample(0, &headers, b"left out");
        verifier.sample(0, &headers, b"{}");
        let Verified { right, wrong } = verifier.counts();
        assert_eq!((right, wrong), (2, 1));
    }
}
