//! Accounts: made by the operator, changed by the operator and by themselves.

use std::{fmt, sync::Arc};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    accounts::Accounts,
    api_keys::CreatedApiKey,
    caller::{Caller, unknown},
    page::Page,
    settings::given,
    text::check_text,
    to_the_end,
};
use crate::{
    clock::Clock,
    error::{ApiCode, ApiError},
    rng::Rng,
    schema::ShortText,
    store::{
        Account, AccountChange, AccountKey, ApiKey, ApiKeyId, Engine, KeyOrigin, Scope, Validation,
    },
};

/// What the operator wants; as JSON, the body of `POST /v1/accounts`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAccount {
    /// For people.
    #[schemars(with = "ShortText")]
    name: String,
    /// Which events are held against the schemas of their types when they are accepted.
    #[serde(default)]
    validate_events: Validation,
}

/// What is to change; as JSON, the body of `PATCH /v1/account`. What is left out stays.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeOwnAccount {
    /// Another name, or none.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<ShortText>")]
    name: Option<Option<String>>,
    /// Which events are held against the schemas of their types when they are accepted.
    validate_events: Option<Validation>,
}

/// What is to change; as JSON, the body of `PATCH /v1/accounts/{id}`. What is left out stays.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeAccount {
    /// Another name, or none.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<ShortText>")]
    name: Option<Option<String>>,
    /// Which events are held against the schemas of their types when they are accepted.
    validate_events: Option<Validation>,
    /// Whether its keys are refused. What it accepted is still delivered.
    suspended: Option<bool>,
}

/// An account with its first key.
pub struct CreatedAccount {
    /// The account.
    pub account: Account,
    /// The key, with its text, which is shown only now.
    pub key: CreatedApiKey,
}

impl fmt::Debug for CreatedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedAccount").field("account", &self.account).finish_non_exhaustive()
    }
}

/// The use cases of accounts. Whoever may make accounts has no access to what is theirs.
#[derive(Debug)]
pub struct AccountSettings {
    /// The record.
    pub engine: Arc<dyn Engine>,
    /// Knows accounts by heart, and has to forget those that change.
    pub accounts: Arc<Accounts>,
    /// When.
    pub clock: Arc<dyn Clock>,
    /// For keys.
    pub rng: Arc<dyn Rng>,
}

impl AccountSettings {
    /// Makes an account with a key of the scope `admin`.
    ///
    /// # Errors
    /// `forbidden` for whom is not the operator, [`ApiError`] that names the field that is wrong.
    pub async fn create(
        &self,
        caller: &Caller,
        wanted: CreateAccount,
    ) -> Result<CreatedAccount, ApiError> {
        caller.require_operator(&*self.engine).await?;
        check_text(Some(&wanted.name), "name", MAX_NAME_LEN)?;
        let now = self.clock.now();
        let account = Account {
            key: AccountKey(self.engine.mint(now)),
            name: Some(wanted.name),
            validation: wanted.validate_events,
            suspended: false,
        };
        let text = super::accounts::generate(&*self.rng)?;
        let record = ApiKey {
            id: ApiKeyId(self.engine.mint(now)),
            account: account.key,
            origin: KeyOrigin::Api,
            scope: Scope::Admin,
            tenant: None,
            name: None,
            used: false,
            created_at: now,
        };
        let hash = super::accounts::hash(&text);
        self.engine.insert_account(account.clone(), record.clone(), hash).await?;
        tracing::info!(account.id = %account.key, by = %caller.key(), "account created");
        Ok(CreatedAccount { account, key: CreatedApiKey { record, text } })
    }

    /// All accounts, oldest first, after one of them, at most `limit`.
    ///
    /// # Errors
    /// `forbidden` for whom is not the operator.
    pub async fn list(
        &self,
        caller: &Caller,
        after: Option<AccountKey>,
        limit: u32,
    ) -> Result<Page<Account>, ApiError> {
        caller.require_operator(&*self.engine).await?;
        let rows = self.engine.accounts(after, limit + 1).await?;
        Ok(Page::of(rows, limit, |account| account.key.to_string()))
    }

    /// One account.
    ///
    /// # Errors
    /// `forbidden` for whom is not the operator, `not_found`.
    pub async fn get(&self, caller: &Caller, id: &str) -> Result<Account, ApiError> {
        caller.require_operator(&*self.engine).await?;
        let key = AccountKey::parse(id).ok_or_else(|| unknown("account"))?;
        self.engine.account(key).await?.ok_or_else(|| unknown("account"))
    }

    /// The caller's own account.
    ///
    /// # Errors
    /// [`ApiError`] when the store fails.
    pub async fn own(&self, caller: &Caller) -> Result<Account, ApiError> {
        let account = self.engine.account(caller.account()).await?;
        account.ok_or_else(|| unknown("account"))
    }

    /// Changes an account. Once this returned, it holds on this node; on others within five seconds.
    ///
    /// # Errors
    /// `forbidden` for whom is not the operator, `not_found`, `key_in_use` when the operator's own is to be suspended,
    /// [`ApiError`] that names the field that is wrong.
    pub async fn change(
        &self,
        caller: &Caller,
        id: &str,
        wanted: ChangeAccount,
    ) -> Result<Account, ApiError> {
        let key = self.get(caller, id).await?.key;
        if wanted.suspended == Some(true) && key == caller.account() {
            let message = "this is the account of the API key that the request was sent with";
            return Err(ApiError::new(ApiCode::KeyInUse, message).in_field("suspended"));
        }
        let change = AccountChange {
            name: wanted.name,
            validation: wanted.validate_events,
            suspended: wanted.suspended,
        };
        self.store(key, change).await
    }

    /// Changes the caller's own account, as [`change`](Self::change).
    ///
    /// # Errors
    /// `forbidden` for a key that is limited to a tenant, [`ApiError`] that names the field that is wrong.
    pub async fn change_own(
        &self,
        caller: &Caller,
        wanted: ChangeOwnAccount,
    ) -> Result<Account, ApiError> {
        caller.require_account()?;
        let change = AccountChange {
            name: wanted.name,
            validation: wanted.validate_events,
            suspended: None,
        };
        self.store(caller.account(), change).await
    }

    async fn store(&self, key: AccountKey, change: AccountChange) -> Result<Account, ApiError> {
        check_text(change.name.as_ref().and_then(Option::as_deref), "name", MAX_NAME_LEN)?;
        let (engine, accounts) = (Arc::clone(&self.engine), Arc::clone(&self.accounts));
        to_the_end(async move {
            let changed = engine.change_account(key, change).await;
            // Whatever the outcome: what is not in memory is only looked up again.
            accounts.forget_account(key);
            let changed = changed?.ok_or_else(|| unknown("account"))?;
            tracing::info!(account.id = %key, suspended = changed.suspended, "account changed");
            Ok(changed)
        })
        .await
    }
}

const MAX_NAME_LEN: usize = 256;
