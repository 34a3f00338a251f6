//! Who calls, and what is theirs.
//!
//! **Invariant.** This file alone says what a key may see and touch: [`Caller::tenant`] for what is made and listed,
//! [`Caller::owns`] for what is found by its id. A key without a tenant has its whole account; one with a tenant has what
//! carries the name of that tenant, and to it the rest of the account does not exist. Two exceptions are of no use to
//! anybody else: the types of events say what can be subscribed to, to tenants too; and keys of the first account without
//! a tenant are the operator's, who makes accounts (`require_operator`) and sees nothing of what is in them.

use std::{collections::HashMap, sync::Arc};

use crate::{
    error::{ApiCode, ApiError},
    store::{
        AccountKey, ApiKeyId, DeliveryKey, EndpointKey, Engine, EventDetail, Holder, Scope, Source,
        SourceKey, Target, Validation,
    },
};

/// The holder of an API key.
#[derive(Clone, Debug)]
pub struct Caller(Arc<Holder>);

impl Caller {
    /// The holder of this key.
    #[must_use]
    pub const fn new(holder: Arc<Holder>) -> Self {
        Self(holder)
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> AccountKey {
        self.0.key.account
    }

    /// The record of the key.
    #[must_use]
    pub fn key(&self) -> ApiKeyId {
        self.0.key.id
    }

    /// The tenant that the key is limited to.
    #[must_use]
    pub fn limit(&self) -> Option<&str> {
        self.0.key.tenant.as_deref()
    }

    /// Which events of the account are held against schemas.
    #[must_use]
    pub fn validation(&self) -> Validation {
        self.0.account.validation
    }

    /// Whether the account's keys open nothing.
    pub(super) fn is_suspended(&self) -> bool {
        self.0.account.suspended
    }

    /// Whether the key may do this.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        let rank = |scope| match scope {
            Scope::Read => 0,
            Scope::Send => 1,
            Scope::Admin => 2,
        };
        rank(self.0.key.scope) >= rank(scope)
    }

    /// Lets the caller go on when the key may do this.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn require(&self, scope: Scope) -> Result<(), ApiError> {
        if self.may(scope) {
            return Ok(());
        }
        let message = format!(
            "the API key has the scope `{}`, this needs `{}`",
            self.0.key.scope.as_str(),
            scope.as_str()
        );
        Err(ApiError::new(ApiCode::Forbidden, message))
    }

    /// Lets the caller go on when the key is that of a whole account.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn require_account(&self) -> Result<(), ApiError> {
        match self.limit() {
            None => Ok(()),
            Some(limit) => {
                let message = format!(
                    "the API key is limited to the tenant `{limit}`, this needs a key without a tenant"
                );
                Err(ApiError::new(ApiCode::Forbidden, message))
            }
        }
    }

    /// Lets the caller go on when the key is the operator's: one of the first account, without a tenant.
    ///
    /// # Errors
    /// `forbidden`.
    pub(super) async fn require_operator(&self, engine: &dyn Engine) -> Result<(), ApiError> {
        self.require_account()?;
        if engine.first_account().await? == Some(self.account()) {
            return Ok(());
        }
        let message = "accounts are the operator's, this needs a key of the first account";
        Err(ApiError::new(ApiCode::Forbidden, message))
    }

    /// The tenant of what the caller makes or looks for, when it names `wanted`: its own where the key has one.
    ///
    /// # Errors
    /// `forbidden` when it names another.
    pub fn tenant(&self, wanted: Option<String>) -> Result<Option<String>, ApiError> {
        match (self.limit(), wanted) {
            (None, wanted) => Ok(wanted),
            (Some(limit), None) => Ok(Some(limit.to_owned())),
            (Some(limit), Some(wanted)) if limit == wanted => Ok(Some(wanted)),
            (Some(limit), Some(_)) => {
                let message = format!(
                    "the API key is limited to the tenant `{limit}`, the request names another"
                );
                Err(ApiError::new(ApiCode::Forbidden, message).in_field("tenant"))
            }
        }
    }

    /// Whether something of this tenant is the caller's, given that it is of the account.
    #[must_use]
    pub fn owns(&self, tenant: Option<&str>) -> bool {
        self.limit().is_none_or(|limit| tenant == Some(limit))
    }

    /// An endpoint of the caller's, with its secrets.
    ///
    /// # Errors
    /// `not_found` when there is none of this id.
    pub(super) async fn endpoint(&self, engine: &dyn Engine, id: &str) -> Result<Target, ApiError> {
        let found = match EndpointKey::parse(id) {
            Some(key) => engine.target(self.account(), key).await?,
            None => None,
        };
        let own = found.filter(|target| self.owns(target.endpoint.tenant.as_deref()));
        own.ok_or_else(|| unknown("endpoint"))
    }

    /// A source of the caller's.
    ///
    /// # Errors
    /// `not_found` when there is none of this id.
    pub(super) async fn source(&self, engine: &dyn Engine, id: &str) -> Result<Source, ApiError> {
        let found = match SourceKey::parse(id) {
            Some(key) => engine.source(key).await?,
            None => None,
        };
        let own = found.filter(|source| {
            source.account == self.account() && self.owns(source.tenant.as_deref())
        });
        own.ok_or_else(|| unknown("source"))
    }

    /// An event of the caller's.
    ///
    /// # Errors
    /// `not_found` when there is none of this id.
    pub(super) async fn event(
        &self,
        engine: &dyn Engine,
        id: &str,
    ) -> Result<EventDetail, ApiError> {
        // No id holds one, and not every engine can ask for it.
        let can_be = !id.contains(char::is_control);
        let found = if can_be { engine.event(self.account(), id).await? } else { None };
        let own = found.filter(|detail| self.owns(detail.event.tenant.as_deref()));
        own.ok_or_else(|| unknown("event"))
    }

    /// Those of the deliveries of an event that are the caller's, after one of them, at most `limit`.
    pub(super) async fn deliveries_of(
        &self,
        engine: &dyn Engine,
        detail: &EventDetail,
        after: Option<DeliveryKey>,
        limit: u32,
    ) -> Result<Vec<DeliveryKey>, ApiError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let endpoints = detail.endpoints.iter().copied();
        let endpoints = endpoints.filter(|key| after.is_none_or(|after| *key > after.endpoint));
        let mut view = self.view(engine);
        let mut deliveries = Vec::new();
        for endpoint in endpoints {
            let delivery = DeliveryKey { endpoint, event: detail.event.key };
            if deliveries.len() < limit && view.shows(delivery).await? {
                deliveries.push(delivery);
            }
        }
        Ok(deliveries)
    }

    /// The key of a delivery of the caller's, by its text. Whether there is such a delivery is not known yet.
    ///
    /// # Errors
    /// `not_found` when it cannot be the caller's.
    pub(super) async fn delivery(
        &self,
        engine: &dyn Engine,
        id: &str,
    ) -> Result<DeliveryKey, ApiError> {
        match DeliveryKey::parse(id) {
            Some(key) if self.view(engine).shows(key).await? => Ok(key),
            _ => Err(unknown("delivery")),
        }
    }

    /// What the caller sees of deliveries.
    pub(super) fn view<'a>(&'a self, engine: &'a dyn Engine) -> View<'a> {
        View { caller: self, engine, known: HashMap::new() }
    }
}

/// Tells which deliveries are the caller's: those to its endpoints. An event of a tenant goes to endpoints of the whole
/// account too, and what those answer is not the tenant's business.
#[derive(Debug)]
pub(super) struct View<'a> {
    caller: &'a Caller,
    engine: &'a dyn Engine,
    known: HashMap<EndpointKey, bool>,
}

impl View<'_> {
    /// Whether this delivery is the caller's.
    pub(super) async fn shows(&mut self, delivery: DeliveryKey) -> Result<bool, ApiError> {
        if self.caller.limit().is_none() {
            return Ok(true);
        }
        if let Some(known) = self.known.get(&delivery.endpoint) {
            return Ok(*known);
        }
        let tenant = self.engine.endpoint_tenant(self.caller.account(), delivery.endpoint).await?;
        let shows = tenant.is_some_and(|tenant| self.caller.owns(tenant.as_deref()));
        self.known.insert(delivery.endpoint, shows);
        Ok(shows)
    }

    /// Those of `deliveries` that are the caller's.
    pub(super) async fn of(
        &mut self,
        deliveries: Vec<DeliveryKey>,
    ) -> Result<Vec<DeliveryKey>, ApiError> {
        if self.caller.limit().is_none() {
            return Ok(deliveries);
        }
        let mut own = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            if self.shows(delivery).await? {
                own.push(delivery);
            }
        }
        Ok(own)
    }
}

/// What is not there, or not the caller's: the two are not told apart.
pub(super) fn unknown(what: &str) -> ApiError {
    ApiError::new(ApiCode::NotFound, format!("there is no {what} with this id"))
}
