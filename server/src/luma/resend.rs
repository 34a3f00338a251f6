//! The way to Resend: what is posted there, and what its answers mean.

use std::{fmt, sync::Arc, time::Duration};

use hookseal::RetryPolicy;
use url::Url;
use zeroize::Zeroizing;

use super::LumaConfig;
use crate::{
    app::ServerError,
    clock::Clock,
    guard::{
        AddressPolicy, CustomHeaders, Egress, EndpointUrl, GuardPolicy, HttpTransport, Outbound,
        PortPolicy, Reply, Resolver, Timeouts, Transport,
    },
};

/// Posts contacts.
pub struct Resend {
    url: EndpointUrl,
    api_key: Zeroizing<String>,
    transport: Arc<dyn Transport>,
    /// When a contact that was not taken is sent again.
    pub(crate) policy: RetryPolicy,
}

impl Resend {
    /// The way that the configuration knows; none where it lacks something.
    ///
    /// # Errors
    /// [`ServerError`] when the URL cannot be used.
    pub(crate) fn new(
        config: &LumaConfig,
        egress: &Egress,
        retry_delay_factor: f64,
        resolver: &Arc<dyn Resolver>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Option<Self>, ServerError> {
        let (Some(api_key), Some(audience)) = (&config.resend_api_key, &config.resend_audience)
        else {
            return Ok(None);
        };
        // SECURITY: the URL is the operator's word, so it may be inside the operator's network. It has a transport of its
        // own, through which nothing else goes.
        let everywhere = everywhere()?;
        let base = config.resend_base_url.as_deref().unwrap_or(BASE_URL);
        let url = contacts_url(base, audience).ok_or_else(|| {
            ServerError::new(format!("`RESEND_BASE_URL`: expected a URL such as `{BASE_URL}`"))
        })?;
        let url = EndpointUrl::parse(url.as_str(), &everywhere)
            .map_err(|error| ServerError::new(format!("`RESEND_BASE_URL`: {error}")))?;
        let transport = HttpTransport::new(
            Arc::clone(resolver),
            Arc::clone(clock),
            everywhere,
            Egress { idle_connections: 2, ..egress.clone() },
        );
        let policy = RetryPolicy::from_json(POLICY).map_err(ServerError::new)?;
        Ok(Some(Self {
            url,
            api_key: api_key.clone(),
            transport: Arc::new(transport.map_err(ServerError::new)?),
            policy: policy.scaled(retry_delay_factor),
        }))
    }

    /// Posts a contact, and says how it went in the words that the dispatcher knows.
    pub(crate) async fn post(&self, contact: &str) -> Reply {
        let outbound = Outbound {
            url: self.url.clone(),
            headers: vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("authorization".to_owned(), format!("Bearer {}", self.api_key.as_str())),
            ],
            custom_headers: CustomHeaders::default(),
            body: contact.to_owned().into(),
            timeouts: Timeouts::within(TIMEOUT),
            party: 0,
        };
        let mut reply = self.transport.post(outbound).await;
        // The contact is there: what was wanted is so.
        if reply.failure.is_none() && reply.status == Some(409) {
            reply.status = Some(200);
        }
        // A word for who sends webhooks; this is none.
        reply.delivery = None;
        reply
    }
}

impl fmt::Debug for Resend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resend").field("url", &self.url).finish_non_exhaustive()
    }
}

fn contacts_url(base: &str, audience: &str) -> Option<Url> {
    let mut url = Url::parse(base).ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().extend(["audiences", audience, "contacts"]);
    Some(url)
}

fn everywhere() -> Result<GuardPolicy, ServerError> {
    let networks = ["0.0.0.0/0", "::/0"].into_iter().map(str::parse).collect::<Result<_, _>>();
    Ok(GuardPolicy {
        allow_http: true,
        addresses: AddressPolicy::new(networks.map_err(ServerError::new)?),
        ports: PortPolicy::only(vec![1..=u16::MAX]),
    })
}

const BASE_URL: &str = "https://api.resend.com";
const TIMEOUT: Duration = Duration::from_secs(15);
/// From half a minute on, doubled up to six hours, for three days. 400 and 422 say that the contact itself is wrong; what
/// else is refused (a key that was changed, an audience that is gone) the operator can mend meanwhile.
const POLICY: &str = r#"{
    "schedule": { "exponential": { "initial_seconds": 30, "factor": 2, "max_seconds": 21600, "max_attempts": 24 } },
    "jitter": { "plus_minus": 0.2 },
    "max_age_seconds": 259200,
    "final_statuses": [400, 422],
    "disable_statuses": []
}"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_is_that_of_the_audience() {
        for (base, url) in [
            (BASE_URL, "https://api.resend.com/audiences/a%2Fb/contacts"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/audiences/a%2Fb/contacts"),
            (
                "https://proxy.example/resend/",
                "https://proxy.example/resend/audiences/a%2Fb/contacts",
            ),
        ] {
            assert_eq!(contacts_url(base, "a/b").unwrap().as_str(), url);
        }
        assert!(contacts_url("resend", "a").is_none() && contacts_url("mailto:a@b", "a").is_none());
    }

    #[test]
    fn the_schedule_is_one() {
        let policy = RetryPolicy::from_json(POLICY).unwrap();
        assert_eq!(policy.max_attempts(), 24);
    }
}
