//! An endpoint made ready to be sent to: its URL checked, its keys open, its policy read.

use std::time::Duration;

use hookseal::{Profile, RetryPolicy, SigningKey, Timestamp};

use crate::{
    guard::{CustomHeaders, EndpointUrl, Failure, GuardPolicy, check_custom_headers},
    keys,
    seal::Sealer,
    store::Target,
};

/// Kept in memory while the endpoint is in use; keys wipe themselves.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) url: EndpointUrl,
    pub(super) profile: &'static Profile,
    pub(super) policy: RetryPolicy,
    pub(super) timeout: Duration,
    pub(super) headers: CustomHeaders,
    keys: Vec<SigningKey>,
    /// With the previous secret, until that moment.
    overlap: Option<(Vec<SigningKey>, Timestamp)>,
}

impl Prepared {
    /// # Errors
    /// [`Failure`] of every attempt to this endpoint; the reason is in the log.
    pub(super) fn new(
        target: &Target,
        guard: &GuardPolicy,
        sealer: &Sealer,
        retry_delay_factor: f64,
    ) -> Result<Self, Failure> {
        let endpoint = &target.endpoint;
        let id = endpoint.key.to_string();
        // SECURITY: what was open when the endpoint was made may be closed now, and a literal address in the URL never
        // reaches the resolver.
        let url = EndpointUrl::parse(&endpoint.url, guard).map_err(|error| {
            tracing::warn!(endpoint.id = id, %error, "the guard refuses this endpoint's URL");
            Failure::Forbidden
        })?;
        let odd = |error: hookseal::Error| {
            tracing::error!(endpoint.id = id, code = error.code().as_str(), %error, "cannot use this endpoint's settings");
            Failure::Render
        };
        let profile = Profile::get(&endpoint.profile).map_err(odd)?;
        let policy = match &endpoint.settings.retry {
            Some(json) => RetryPolicy::from_json(json).map_err(odd)?,
            None => profile.retry_policy(),
        };
        let open = |secret| {
            keys::open(sealer, secret, &id, profile).map_err(|error| {
                tracing::error!(endpoint.id = id, %error, "cannot open this endpoint's secret");
                Failure::Seal
            })
        };
        let keys = open(&target.secrets.current)?;
        let overlap = match &target.secrets.previous {
            Some((secret, until)) => {
                Some((keys.iter().cloned().chain(open(secret)?).collect(), *until))
            }
            None => None,
        };
        // SECURITY: what could be set when the endpoint was made may be refused now.
        let headers = check_custom_headers(&endpoint.settings.headers).map_err(|error| {
            tracing::error!(endpoint.id = id, %error, "the guard refuses this endpoint's headers");
            Failure::Render
        })?;
        let own = endpoint.settings.timeout_ms.map(|millis| Duration::from_millis(millis.into()));
        Ok(Self {
            url,
            profile,
            policy: policy.scaled(retry_delay_factor),
            timeout: own.unwrap_or(profile.timeout),
            headers,
            keys,
            overlap,
        })
    }

    /// What signs now.
    pub(super) fn keys(&self, now: Timestamp) -> &[SigningKey] {
        match &self.overlap {
            Some((both, until)) if now < *until => both,
            _ => &self.keys,
        }
    }
}
