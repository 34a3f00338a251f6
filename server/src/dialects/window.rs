//! What a dialect sees of the endpoints that the caller's key sees.

use hookseal::Profile;

use crate::{
    error::{ApiCode, ApiError},
    http::AppState,
    service::{
        caller::Caller,
        endpoint_changes::ChangeEndpoint,
        endpoints::{CreateEndpoint, WithSecret},
        settings::SettingsChange,
    },
    store::{Attempt, Delivery, Endpoint, EndpointFilter, EndpointKey},
};

use super::required::{check_events, required};

/// Endpoints of one profile, and maybe of one tenant. `field` is what the dialect calls the list of event types.
#[derive(Clone, Debug)]
pub(super) struct Window {
    profile: &'static str,
    field: &'static str,
    tenant: Option<String>,
}

/// What the body of "create" says, whatever the dialect calls it.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) url: Option<String>,
    pub(super) events: Option<Vec<String>>,
    pub(super) description: Option<String>,
    pub(super) secret: Option<String>,
}

/// What the body of "change" says; what is `None` stays.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) url: Option<String>,
    pub(super) events: Option<Vec<String>>,
    pub(super) description: Option<Option<String>>,
}

impl Window {
    pub(super) const fn new(profile: &'static str, field: &'static str) -> Self {
        Self { profile, field, tenant: None }
    }

    /// The same for one tenant.
    pub(super) fn of_tenant(self, tenant: Option<String>) -> Self {
        Self { tenant, ..self }
    }

    pub(super) async fn create(
        &self,
        state: &AppState,
        caller: &Caller,
        wanted: Wanted,
    ) -> Result<WithSecret, ApiError> {
        let url = required(wanted.url, "url")?;
        let event_types = required(wanted.events, self.field)?;
        check_events(&event_types, self.profile()?, self.field)?;
        let wanted = CreateEndpoint {
            url,
            event_types,
            profile: self.profile.to_owned(),
            tenant: self.tenant.clone(),
            description: wanted.description,
            secret: wanted.secret,
            settings: SettingsChange::default(),
        };
        state.endpoints.create(caller, wanted).await.map_err(|error| self.renamed(error))
    }

    /// All of them, oldest first.
    pub(super) async fn all(
        &self,
        state: &AppState,
        caller: &Caller,
    ) -> Result<Vec<Endpoint>, ApiError> {
        let filter =
            EndpointFilter { profile: Some(self.profile.to_owned()), tenant: self.tenant.clone() };
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = state.endpoints.list(caller, filter.clone(), after, PAGE).await?;
            after = page.rows.last().map(|endpoint| endpoint.key);
            all.extend(page.rows);
            if page.next.is_none() {
                return Ok(all);
            }
        }
    }

    /// One of them. `key` is `None` where the text of the id is none of this dialect's.
    pub(super) async fn find(
        &self,
        state: &AppState,
        caller: &Caller,
        key: Option<EndpointKey>,
    ) -> Result<Endpoint, ApiError> {
        let unknown = || ApiError::new(ApiCode::NotFound, "there is no webhook with this id");
        let key = key.ok_or_else(unknown)?;
        let endpoint = state.endpoints.get(caller, &key.to_string()).await;
        let seen = |endpoint: &Endpoint| {
            endpoint.profile == self.profile
                && (self.tenant.is_none() || endpoint.tenant == self.tenant)
        };
        match endpoint {
            Ok(endpoint) if seen(&endpoint) => Ok(endpoint),
            Err(error) if error.code() != ApiCode::NotFound.as_str() => Err(error),
            _ => Err(unknown()),
        }
    }

    pub(super) async fn change(
        &self,
        state: &AppState,
        caller: &Caller,
        key: Option<EndpointKey>,
        wanted: Changed,
    ) -> Result<Endpoint, ApiError> {
        let endpoint = self.find(state, caller, key).await?;
        if let Some(events) = &wanted.events {
            check_events(events, self.profile()?, self.field)?;
        }
        let change = ChangeEndpoint {
            url: wanted.url,
            event_types: wanted.events,
            description: wanted.description,
            settings: None,
        };
        let changed = state.endpoints.change(caller, &endpoint.key.to_string(), change).await;
        changed.map_err(|error| self.renamed(error))
    }

    pub(super) async fn delete(
        &self,
        state: &AppState,
        caller: &Caller,
        key: Option<EndpointKey>,
    ) -> Result<Endpoint, ApiError> {
        let endpoint = self.find(state, caller, key).await?;
        state.endpoints.delete(caller, &endpoint.key.to_string()).await?;
        Ok(endpoint)
    }

    /// Sends a test event at once, and returns what came of it.
    pub(super) async fn test(
        &self,
        state: &AppState,
        caller: &Caller,
        key: Option<EndpointKey>,
    ) -> Result<(Delivery, Vec<Attempt>), ApiError> {
        let endpoint = self.find(state, caller, key).await?;
        let id = endpoint.key.to_string();
        state.events.send_test_at_once(caller, &id, Default::default()).await
    }

    pub(super) fn profile(&self) -> Result<&'static Profile, ApiError> {
        Profile::get(self.profile).map_err(ApiError::internal)
    }

    fn renamed(&self, error: ApiError) -> ApiError {
        error.renamed("event_types", self.field)
    }
}

/// `wh_…`: an endpoint as naive, yativo and nativemsg name it.
pub(super) fn webhook_id(key: EndpointKey) -> String {
    let text = key.to_string();
    format!("{PREFIX}{}", text.strip_prefix(EndpointKey::PREFIX).unwrap_or(&text))
}

/// Reads the text that [`webhook_id`] writes; `None` for any other.
pub(super) fn read_webhook_id(text: &str) -> Option<EndpointKey> {
    EndpointKey::parse(&format!("{}{}", EndpointKey::PREFIX, text.strip_prefix(PREFIX)?))
}

const PREFIX: &str = "wh_";
/// Endpoints per look-up.
const PAGE: u32 = 250;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_back_and_others_are_not() {
        let key = EndpointKey(1_234_567_890_123_456_789);
        let id = webhook_id(key);
        assert_eq!((id.len(), read_webhook_id(&id)), (16, Some(key)));
        for text in ["", "wh_", "ep_0000000000000", "wh_ep_000000000000", &key.to_string()] {
            assert_eq!(read_webhook_id(text), None, "{text}");
        }
    }
}
