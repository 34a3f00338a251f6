//! Sources: made, listed, looked up, changed, deleted.

use std::{collections::BTreeMap, fmt, sync::Arc};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::{
    known::Known,
    ledger::Ledger,
    sealed::Sealed,
    settings::{SourceSettingsChange, check_is_not_ours},
};
use crate::{
    clock::Clock,
    error::{ApiCode, ApiError},
    object::{object, object_or_null},
    rng::Rng,
    schema::ShortText,
    seal::Sealer,
    service::{
        caller::{Caller, unknown},
        page::Page,
        text::{MAX_TENANT_LEN, check_text},
        to_the_end,
    },
    store::{Engine, Source, SourceKey, SourceSettings, SourceState},
};

/// What the caller wants; as JSON, the body of `POST /v1/sources`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSource {
    /// For people, and what event types begin with.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9_-]{0,63}$"))]
    pub name: String,
    /// The name of a scheme, or a scheme of one's own.
    #[schemars(with = "Value")]
    pub scheme: Box<RawValue>,
    /// As the sender shows them, the newest first. None for a sender that hands its secret over.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// The values of the scheme that only its user knows.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// Whose events it brings.
    #[schemars(with = "Option<ShortText>")]
    pub tenant: Option<String>,
    /// What it has of its own.
    #[serde(default, deserialize_with = "object")]
    pub settings: SourceSettingsChange,
}

impl fmt::Debug for CreateSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateSource").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What is to change; as JSON, the body of `PATCH /v1/sources/{id}`. What is left out stays.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeSource {
    /// Another name.
    pub name: Option<String>,
    /// Other secrets, all of them, the newest first.
    pub secrets: Option<Vec<String>>,
    /// Other values of the scheme, all of them.
    pub config: Option<BTreeMap<String, String>>,
    /// Paused, or listened to again.
    pub state: Option<SourceState>,
    /// Other settings.
    #[serde(deserialize_with = "object_or_null")]
    pub settings: Option<SourceSettingsChange>,
}

impl fmt::Debug for ChangeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeSource").field("state", &self.state).finish_non_exhaustive()
    }
}

/// A source as its owner sees it: without its secrets.
#[derive(Debug)]
pub struct ShownSource {
    /// The source.
    pub source: Source,
    /// How many secrets it has.
    pub secrets: usize,
    /// The names of the values that were given.
    pub config: Vec<String>,
    /// What its sender is given: a whole URL where the server knows its own, else a path.
    pub url: String,
}

/// The use cases of sources.
#[derive(Clone, Debug)]
pub struct SourceBook {
    /// The record.
    pub engine: Arc<dyn Engine>,
    /// Told of every change.
    pub known: Arc<Known>,
    /// Counts.
    pub ledger: Arc<Ledger>,
    /// Seals secrets.
    pub sealer: Arc<Sealer>,
    /// When.
    pub clock: Arc<dyn Clock>,
    /// For seals.
    pub rng: Arc<dyn Rng>,
    /// What the world calls this server.
    pub public_url: Option<String>,
    /// One change at a time: each begins with what the one before left.
    pub changing: Arc<Mutex<()>>,
}

impl SourceBook {
    /// Makes a source.
    ///
    /// # Errors
    /// [`ApiError`] that names the field that is wrong.
    pub async fn create(
        &self,
        caller: &Caller,
        wanted: CreateSource,
    ) -> Result<ShownSource, ApiError> {
        check_name(&wanted.name)?;
        check_text(wanted.tenant.as_deref(), "tenant", MAX_TENANT_LEN)?;
        let tenant = caller.tenant(wanted.tenant)?;
        let settings = wanted.settings.apply(SourceSettings::default())?;
        let scheme = wanted.scheme.get();
        let sealed = Sealed { secrets: wanted.secrets, config: wanted.config, handed_over: false };
        check(scheme, &sealed)?;
        let key = SourceKey(self.engine.mint(self.clock.now()));
        let source = Source {
            key,
            account: caller.account(),
            tenant,
            name: wanted.name,
            scheme: scheme.to_owned(),
            state: SourceState::Active,
            settings,
            sealed: sealed.seal(key, &self.sealer, &*self.rng)?,
            version: 1,
        };
        self.engine.insert_source(source.clone()).await?;
        tracing::info!(source.id = %key, "source created");
        self.shown(source)
    }

    /// The caller's sources, oldest first, after one of them, at most `limit`.
    ///
    /// # Errors
    /// `forbidden` when `tenant` is not the caller's.
    pub async fn list(
        &self,
        caller: &Caller,
        tenant: Option<String>,
        after: Option<SourceKey>,
        limit: u32,
    ) -> Result<Page<ShownSource>, ApiError> {
        let tenant = caller.tenant(tenant)?;
        let rows =
            self.engine.sources(caller.account(), tenant.as_deref(), after, limit + 1).await?;
        let page = Page::of(rows, limit, |source| source.key.to_string());
        let rows = page.rows.into_iter().map(|source| self.shown(source));
        Ok(Page { rows: rows.collect::<Result<_, _>>()?, next: page.next })
    }

    /// One source, and how often what happened there.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id.
    pub async fn get(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<(ShownSource, Vec<(String, u64)>), ApiError> {
        let source = caller.source(&*self.engine, id).await?;
        self.ledger.store().await?;
        let counts = self.engine.source_counts(source.key).await?;
        Ok((self.shown(source)?, counts))
    }

    /// Changes a source; counts for the next request here, and on other nodes within five seconds.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id, [`ApiError`] that names the field that is wrong.
    pub async fn change(
        &self,
        caller: &Caller,
        id: &str,
        wanted: ChangeSource,
    ) -> Result<ShownSource, ApiError> {
        let turn = Arc::clone(&self.changing).lock_owned().await;
        let mut source = caller.source(&*self.engine, id).await?;
        if let Some(name) = wanted.name {
            check_name(&name)?;
            source.name = name;
        }
        if let Some(settings) = wanted.settings {
            source.settings = settings.apply(source.settings)?;
        }
        if wanted.secrets.is_some() || wanted.config.is_some() {
            let mut sealed = Sealed::open(&source, &self.sealer)?;
            if let Some(secrets) = wanted.secrets {
                sealed.secrets = secrets;
                sealed.handed_over = false;
            }
            if let Some(config) = wanted.config {
                sealed.config = config;
            }
            check(&source.scheme, &sealed)?;
            source.sealed = sealed.seal(source.key, &self.sealer, &*self.rng)?;
        }
        source.state = wanted.state.unwrap_or(source.state);
        let shown = self.shown(source.clone())?;
        let (engine, known) = (Arc::clone(&self.engine), Arc::clone(&self.known));
        to_the_end(async move {
            let _turn = turn;
            let key = source.key;
            let changed = engine.put_source(source).await;
            known.forget(key);
            if !changed? {
                // Another node was faster, or it is gone.
                let message = "the source was changed by somebody else meanwhile";
                return Err(ApiError::new(ApiCode::NotReady, message));
            }
            tracing::info!(source.id = %key, "source changed");
            Ok(())
        })
        .await?;
        Ok(shown)
    }

    /// Deletes a source with all that was counted and refused. Its events stay.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id.
    pub async fn delete(&self, caller: &Caller, id: &str) -> Result<(), ApiError> {
        let key = caller.source(&*self.engine, id).await?.key;
        let (engine, known) = (Arc::clone(&self.engine), Arc::clone(&self.known));
        let account = caller.account();
        to_the_end(async move {
            let deleted = engine.delete_source(account, key).await;
            known.forget(key);
            if !deleted? {
                return Err(unknown("source"));
            }
            tracing::info!(source.id = %key, "source deleted");
            Ok(())
        })
        .await
    }

    /// The secret that the sender handed over, which some senders (Notion) want to be told on a page of theirs. The
    /// owner's own are not shown again.
    ///
    /// # Errors
    /// `not_found` when the caller has no source of this id, or that has no such secret.
    pub async fn handed_over(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<Zeroizing<String>, ApiError> {
        let source = caller.source(&*self.engine, id).await?;
        let sealed = Sealed::open(&source, &self.sealer)?;
        let secret = sealed.secrets.first().filter(|_| sealed.handed_over);
        let none = || {
            let message = "the source has no secret that its sender handed over";
            ApiError::new(ApiCode::NotFound, message)
        };
        secret.cloned().map(Zeroizing::new).ok_or_else(none)
    }

    fn shown(&self, source: Source) -> Result<ShownSource, ApiError> {
        let mut sealed = Sealed::open(&source, &self.sealer)?;
        let url = match (&source.settings.public_url, &self.public_url) {
            (Some(own), _) => own.clone(),
            (None, Some(public)) => format!("{}/in/{}", public.trim_end_matches('/'), source.key),
            (None, None) => format!("/in/{}", source.key),
        };
        let config = std::mem::take(&mut sealed.config).into_keys().collect();
        Ok(ShownSource { source, secrets: sealed.secrets.len(), config, url })
    }
}

/// Whether it verifies anything.
fn check(scheme: &str, sealed: &Sealed) -> Result<(), ApiError> {
    let invalid =
        |message: String| ApiError::new(ApiCode::InvalidArgument, message).in_field("scheme");
    if scheme.len() > MAX_SCHEME_LEN {
        return Err(invalid(format!(
            "scheme has {} bytes, expected at most {MAX_SCHEME_LEN}",
            scheme.len()
        )));
    }
    if !scheme.starts_with(['"', '{']) {
        return Err(invalid("expected the name of a scheme, or a scheme as an object".to_owned()));
    }
    let field = |error: &hookseal::Error| match error.code() {
        hookseal::ErrorCode::InvalidConfig | hookseal::ErrorCode::MissingConfig => "config",
        _ => "scheme",
    };
    let read = sealed.scheme(scheme).map_err(|error| ApiError::from_core(&error, field(&error)))?;
    sealed.webhook(&read).map_err(|error| ApiError::from_core(&error, "secrets"))?;
    Ok(())
}

/// What types begin with has to be a type.
fn check_name(name: &str) -> Result<(), ApiError> {
    let fits =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !begins || name.len() > MAX_NAME_LEN || !name.bytes().all(fits) {
        let message = format!(
            "name is not usable, expected 1 to {MAX_NAME_LEN} lower-case letters, digits and `_ -`, a letter or digit first"
        );
        return Err(ApiError::new(ApiCode::InvalidArgument, message).in_field("name"));
    }
    check_is_not_ours(&format!("{name}."), "name")
}

const MAX_NAME_LEN: usize = 64;
const MAX_SCHEME_LEN: usize = 32 * 1024;
