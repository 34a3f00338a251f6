//! Tenants: forgotten.

use std::sync::Arc;

use super::{
    accounts::Accounts,
    caller::Caller,
    inbound::known::Known,
    text::{MAX_TENANT_LEN, check_text},
    to_the_end,
};
use crate::{
    clock::Clock,
    dispatch::Dispatcher,
    error::ApiError,
    store::{AccountKey, EndpointFilter, Engine},
};

/// The use cases of tenants.
#[derive(Clone, Debug)]
pub struct Tenants {
    /// The record.
    pub engine: Arc<dyn Engine>,
    /// Forgets the keys.
    pub accounts: Arc<Accounts>,
    /// Forgets the sources.
    pub known: Arc<Known>,
    /// Stops sending.
    pub dispatcher: Arc<Dispatcher>,
    /// When.
    pub clock: Arc<dyn Clock>,
}

impl Tenants {
    /// Removes all that belongs to a tenant: its API keys, its sources, its endpoints, its events with their deliveries. Nothing is sent
    /// to its endpoints from early on. A large tenant takes a while; what was begun goes on when the caller stops waiting,
    /// and a repeat ends what a crash broke off.
    ///
    /// # Errors
    /// `forbidden` for a key that is limited to a tenant itself.
    pub async fn erase(&self, caller: &Caller, tenant: String) -> Result<(), ApiError> {
        caller.require_account()?;
        check_text(Some(&tenant), "tenant", MAX_TENANT_LEN)?;
        let (this, account) = (self.clone(), caller.account());
        to_the_end(async move {
            this.revoke_keys(account, &tenant).await?;
            this.delete_sources(account, &tenant).await?;
            this.delete_endpoints(account, &tenant).await?;
            while this.engine.erase_tenant(account, &tenant, BATCH, this.clock.now()).await? {}
            // With its keys, others may have been made before they were revoked.
            this.revoke_keys(account, &tenant).await?;
            // The name may be that of a person.
            tracing::info!("all of a tenant erased");
            Ok(())
        })
        .await
    }

    async fn revoke_keys(&self, account: AccountKey, tenant: &str) -> Result<(), ApiError> {
        loop {
            let page = self.engine.api_keys(account, Some(tenant), None, BATCH).await?;
            if page.is_empty() {
                return Ok(());
            }
            for key in page {
                self.engine.delete_key(account, key.id).await?;
                self.accounts.forget(key.id);
            }
        }
    }

    async fn delete_sources(&self, account: AccountKey, tenant: &str) -> Result<(), ApiError> {
        loop {
            let page = self.engine.sources(account, Some(tenant), None, BATCH).await?;
            if page.is_empty() {
                return Ok(());
            }
            for source in page {
                self.engine.delete_source(account, source.key).await?;
                self.known.forget(source.key);
            }
        }
    }

    async fn delete_endpoints(&self, account: AccountKey, tenant: &str) -> Result<(), ApiError> {
        let filter = EndpointFilter { tenant: Some(tenant.to_owned()), profile: None };
        let mut after = None;
        loop {
            let page = self.engine.endpoints(account, &filter, after, BATCH).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.key);
            for endpoint in &page {
                self.engine.delete_endpoint(account, endpoint.key, self.clock.now()).await?;
                self.dispatcher.revoke(endpoint.key);
            }
        }
    }
}

/// Rows of one transaction: other writers get their turn in between.
const BATCH: u32 = 500;
