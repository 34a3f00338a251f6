//! `/v1/account`, and `/v1/accounts` for the operator.

use std::sync::Arc;

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    api_keys,
    extract::{self, IdOf},
    list::ListView,
    moment,
    query::{Limit, Query, Text, given},
    respond::Created,
};
use crate::{
    error::ApiError,
    schema::Moment,
    service::{
        account_settings::{
            AccountSettings, ChangeAccount, ChangeOwnAccount, CreateAccount, CreatedAccount,
        },
        caller::Caller,
    },
    store::{Account, AccountKey, Validation},
};

/// An account: what is of one does not exist for another.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Account")]
pub(super) struct AccountView {
    /// Its id.
    #[schemars(with = "AccountKey")]
    id: String,
    /// For people.
    name: Option<String>,
    /// Which events are held against the schemas of their types when they are accepted.
    #[schemars(with = "Validation")]
    validate_events: &'static str,
    /// Whether its keys are refused. What it accepted is still delivered.
    suspended: bool,
    /// When it was made.
    #[schemars(with = "Moment")]
    created_at: String,
}

/// The answer to "create": the only one that holds the key.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CreatedAccount")]
pub(super) struct CreatedView {
    #[serde(flatten)]
    account: AccountView,
    /// Its first key, of the scope `admin`.
    api_key: api_keys::CreatedView,
}

/// The parameters of a list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListAccounts {
    /// Those after this one: the `next` of the page before.
    after: Option<Text<AccountKey>>,
    /// Rows of a page.
    limit: Option<Text<Limit>>,
}

pub(super) async fn create(
    caller: Caller,
    State(settings): State<Arc<AccountSettings>>,
    extract::Json(wanted): extract::Json<CreateAccount>,
) -> Result<Created<CreatedView>, ApiError> {
    let CreatedAccount { account, key } = settings.create(&caller, wanted).await?;
    Ok(Created(CreatedView { account: account.into(), api_key: key.into() }))
}

pub(super) async fn list(
    caller: Caller,
    State(settings): State<Arc<AccountSettings>>,
    Query(wanted): Query<ListAccounts>,
) -> Result<Json<ListView<AccountView>>, ApiError> {
    let Limit(limit) = given(wanted.limit).unwrap_or_default();
    let page = settings.list(&caller, given(wanted.after), limit).await?;
    Ok(Json(ListView::of(page)))
}

pub(super) async fn show(
    caller: Caller,
    State(settings): State<Arc<AccountSettings>>,
    IdOf(id, _): IdOf<AccountKey>,
) -> Result<Json<AccountView>, ApiError> {
    Ok(Json(settings.get(&caller, &id).await?.into()))
}

pub(super) async fn change(
    caller: Caller,
    State(settings): State<Arc<AccountSettings>>,
    IdOf(id, _): IdOf<AccountKey>,
    extract::Json(wanted): extract::Json<ChangeAccount>,
) -> Result<Json<AccountView>, ApiError> {
    Ok(Json(settings.change(&caller, &id, wanted).await?.into()))
}

pub(super) async fn show_own(
    caller: Caller,
    State(settings): State<Arc<AccountSettings>>,
) -> Result<Json<AccountView>, ApiError> {
    Ok(Json(settings.own(&caller).await?.into()))
}

pub(super) async fn change_own(
    caller: Caller,
    State(settings): State<Arc<AccountSettings>>,
    extract::Json(wanted): extract::Json<ChangeOwnAccount>,
) -> Result<Json<AccountView>, ApiError> {
    Ok(Json(settings.change_own(&caller, wanted).await?.into()))
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            id: account.key.to_string(),
            name: account.name,
            validate_events: account.validation.as_str(),
            suspended: account.suspended,
            created_at: moment::text(account.key.minted_at()),
        }
    }
}
