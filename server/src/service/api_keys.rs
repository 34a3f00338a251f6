//! API keys: made, listed, revoked.

use std::{fmt, sync::Arc};

use schemars::JsonSchema;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    accounts::{self, Accounts},
    caller::{Caller, unknown},
    page::Page,
    text::{MAX_TENANT_LEN, check_text},
    to_the_end,
};
use crate::{
    clock::Clock,
    error::{ApiCode, ApiError},
    rng::Rng,
    schema::ShortText,
    store::{ApiKey, ApiKeyId, Engine, KeyMade, KeyOrigin, Scope},
};

/// What the caller wants; as JSON, the body of `POST /v1/api-keys`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What it may do.
    pub scope: Scope,
    /// Limits it to what belongs to this tenant.
    #[schemars(with = "Option<ShortText>")]
    pub tenant: Option<String>,
    /// For people.
    #[schemars(with = "Option<ShortText>")]
    pub name: Option<String>,
}

/// A key that was made, with its text, which is shown only now.
pub struct CreatedApiKey {
    /// The record.
    pub record: ApiKey,
    /// The key.
    pub text: Zeroizing<String>,
}

impl fmt::Debug for CreatedApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedApiKey").field("record", &self.record).finish_non_exhaustive()
    }
}

/// The use cases of API keys.
#[derive(Debug)]
pub struct ApiKeys {
    /// The record.
    pub engine: Arc<dyn Engine>,
    /// Knows keys by heart, and has to forget those that are revoked.
    pub accounts: Arc<Accounts>,
    /// When.
    pub clock: Arc<dyn Clock>,
    /// For keys.
    pub rng: Arc<dyn Rng>,
}

impl ApiKeys {
    /// Makes a key. One that is made with a key of a tenant is of that tenant.
    ///
    /// # Errors
    /// `limit_reached` when the account has 10,000 of them, [`ApiError`] that names the field that is wrong.
    pub async fn create(
        &self,
        caller: &Caller,
        wanted: CreateApiKey,
    ) -> Result<CreatedApiKey, ApiError> {
        check_text(wanted.tenant.as_deref(), "tenant", MAX_TENANT_LEN)?;
        check_text(wanted.name.as_deref(), "name", MAX_NAME_LEN)?;
        let tenant = caller.tenant(wanted.tenant)?;
        let now = self.clock.now();
        let text = accounts::generate(&*self.rng)?;
        let record = ApiKey {
            id: ApiKeyId(self.engine.mint(now)),
            account: caller.account(),
            origin: KeyOrigin::Api,
            scope: wanted.scope,
            tenant,
            name: wanted.name,
            used: false,
            created_at: now,
        };
        let hash = accounts::hash(&text);
        match self.engine.put_key_by(record.clone(), hash, caller.key(), MAX_KEYS).await? {
            KeyMade::New => {}
            KeyMade::Full => {
                let message = format!("the account has {MAX_KEYS} API keys, the most there can be");
                return Err(ApiError::new(ApiCode::LimitReached, message));
            }
            KeyMade::Revoked => {
                // On another node, which this one did not know.
                self.accounts.forget(caller.key());
                return Err(accounts::unknown_key());
            }
        }
        tracing::info!(key.id = %record.id, scope = record.scope.as_str(), by = %caller.key(), "API key created");
        Ok(CreatedApiKey { record, text })
    }

    /// Those of the caller's keys that were made after one of them, oldest first, at most `limit`.
    ///
    /// # Errors
    /// [`ApiError`] when the store fails.
    pub async fn list(
        &self,
        caller: &Caller,
        after: Option<ApiKeyId>,
        limit: u32,
    ) -> Result<Page<ApiKey>, ApiError> {
        let rows = self.engine.api_keys(caller.account(), caller.limit(), after, limit + 1).await?;
        Ok(Page::of(rows, limit, |key| key.id.to_string()))
    }

    /// One of the caller's keys.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id.
    pub async fn get(&self, caller: &Caller, id: &str) -> Result<ApiKey, ApiError> {
        let id = ApiKeyId::parse(id).ok_or_else(|| unknown("API key"))?;
        let before = Some(ApiKeyId(id.0.saturating_sub(1)));
        let own = self.engine.api_keys(caller.account(), caller.limit(), before, 1).await?;
        own.into_iter().find(|key| key.id == id).ok_or_else(|| unknown("API key"))
    }

    /// Revokes a key. Once this returned, it opens nothing on this node; on others within five seconds.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id, `key_in_use` when it is the very key that was sent: so no account
    /// is locked out by its last key.
    pub async fn delete(&self, caller: &Caller, id: &str) -> Result<(), ApiError> {
        let id = self.get(caller, id).await?.id;
        if id == caller.key() {
            let message = "this is the API key that the request was sent with";
            return Err(ApiError::new(ApiCode::KeyInUse, message));
        }
        let (engine, accounts) = (Arc::clone(&self.engine), Arc::clone(&self.accounts));
        let (account, by) = (caller.account(), caller.key());
        to_the_end(async move {
            let deleted = engine.delete_key(account, id).await;
            // Whatever the outcome: a key too few in memory is only looked up again.
            accounts.forget(id);
            if !deleted? {
                return Err(unknown("API key"));
            }
            tracing::info!(key.id = %id, by = %by, "API key revoked");
            Ok(())
        })
        .await
    }
}

const MAX_NAME_LEN: usize = 256;
/// Keys of an account: a few for each of thousands of tenants.
const MAX_KEYS: u32 = 10_000;
