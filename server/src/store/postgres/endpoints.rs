//! Endpoints, their secrets and what they subscribe to.

use hookseal::Timestamp;

use super::{
    fault::Fault,
    gone,
    lanes::Lanes,
    row,
    session::{Session, Values},
};
use crate::store::{
    AccountKey, Endpoint, EndpointChange, EndpointFilter, EndpointKey, EndpointState, Health,
    SealedSecret, Secrets, StoreError, Target,
};

pub(super) async fn insert(
    session: &Session,
    endpoint: &Endpoint,
    secrets: &Secrets,
) -> Result<(), Fault> {
    let (previous, until) = previous(secrets);
    let values: Values<'_> = &[
        &endpoint.key.0,
        &endpoint.account.0,
        &endpoint.url,
        &endpoint.event_types,
        &endpoint.profile,
        &endpoint.tenant,
        &endpoint.description,
        &endpoint.state.as_str(),
        &endpoint.reason,
        &secrets.current.kind.as_str(),
        &secrets.current.sealed,
        &previous.map(|secret| secret.kind.as_str()),
        &previous.map(|secret| &secret.sealed),
        &until,
        &settings(endpoint)?,
        &endpoint.version,
    ];
    session.execute(INSERT, values).await?;
    subscribe(session, endpoint).await
}

/// One endpoint of an account with its secrets, unless it is deleted.
pub(super) async fn target(
    session: &Session,
    account: AccountKey,
    key: EndpointKey,
) -> Result<Option<Target>, Fault> {
    let row = session.optional(ONE, &[&key.0, &account.0]).await?;
    row.as_ref().map(row::target).transpose()
}

/// The tenant of an endpoint of an account, which may be deleted.
pub(super) async fn tenant(
    session: &Session,
    account: AccountKey,
    key: EndpointKey,
) -> Result<Option<Option<String>>, Fault> {
    let row = session.optional(TENANT, &[&key.0, &account.0]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

pub(super) async fn list(
    session: &Session,
    account: AccountKey,
    filter: &EndpointFilter,
    after: Option<EndpointKey>,
    limit: u32,
) -> Result<Vec<Endpoint>, Fault> {
    let (after, limit) = (after.map_or(i64::MIN, |key| key.0), i64::from(limit));
    let rows = match &filter.tenant {
        Some(tenant) => {
            session
                .query(LIST_OF_TENANT, &[&account.0, &after, &filter.profile, &limit, tenant])
                .await?
        }
        None => session.query(LIST, &[&account.0, &after, &filter.profile, &limit]).await?,
    };
    rows.iter().map(|row| row::target(row).map(|target| target.endpoint)).collect()
}

/// The targets of all accounts.
pub(super) async fn all(
    session: &Session,
    after: Option<EndpointKey>,
    limit: u32,
) -> Result<Vec<Target>, Fault> {
    let rows =
        session.query(ALL, &[&after.map_or(i64::MIN, |key| key.0), &i64::from(limit)]).await?;
    rows.iter().map(row::target).collect()
}

/// What it was, and what it is now.
pub(super) async fn change(
    session: &Session,
    account: AccountKey,
    key: EndpointKey,
    change: &EndpointChange,
    now: Timestamp,
) -> Result<Option<(Endpoint, Endpoint)>, Fault> {
    session.execute("SELECT FROM endpoint WHERE key = $1 FOR UPDATE", &[&key.0]).await?;
    let Some(Target { endpoint: before, .. }) = target(session, account, key).await? else {
        return Ok(None);
    };
    if change.version.is_some_and(|version| version != before.version) {
        return Err(Fault::Final(StoreError::Stale));
    }
    let state = change.state.unwrap_or(before.state);
    let after = Endpoint {
        url: change.url.clone().unwrap_or_else(|| before.url.clone()),
        event_types: change.event_types.clone().unwrap_or_else(|| before.event_types.clone()),
        description: change.description.clone().unwrap_or_else(|| before.description.clone()),
        settings: change.settings.clone().unwrap_or_else(|| before.settings.clone()),
        state,
        reason: before.reason_in(state),
        ..before.clone()
    };
    let values: Values<'_> = &[
        &key.0,
        &after.url,
        &after.event_types,
        &after.description,
        &settings(&after)?,
        &after.state.as_str(),
        &after.reason,
    ];
    session.execute(UPDATE, values).await?;
    if after.event_types != before.event_types {
        unsubscribe(session, key).await?;
        subscribe(session, &after).await?;
    }
    if after.settings.order != before.settings.order
        || is_newly(EndpointState::Disabled, &before, &after)
    {
        gone::change_some(session, key, now).await?;
    }
    let mut lanes = Lanes::default();
    lanes.touch(key);
    if is_newly(EndpointState::Active, &before, &after) || after.url != before.url {
        lanes.put_health(key, Health::default());
    }
    lanes.lock(session).await?;
    lanes.refresh(session).await?;
    Ok(target(session, account, key).await?.map(|target| (before, target.endpoint)))
}

fn is_newly(state: EndpointState, before: &Endpoint, after: &Endpoint) -> bool {
    after.state == state && before.state != state
}

/// Whether there was one.
pub(super) async fn delete(
    session: &Session,
    account: AccountKey,
    key: EndpointKey,
    now: Timestamp,
) -> Result<bool, Fault> {
    if session.execute(DELETE, &[&key.0, &account.0]).await? == 0 {
        return Ok(false);
    }
    unsubscribe(session, key).await?;
    gone::change_some(session, key, now).await?;
    Ok(true)
}

/// Endpoints of a tenant, oldest first.
pub(super) async fn of_tenant(
    session: &Session,
    account: AccountKey,
    tenant: &str,
    limit: i64,
) -> Result<Vec<EndpointKey>, Fault> {
    let sql = "SELECT key FROM endpoint WHERE account = $1 AND tenant = $2 ORDER BY key LIMIT $3";
    let rows = session.query(sql, &[&account.0, &tenant, &limit]).await?;
    rows.iter().map(|row| Ok(EndpointKey(row.try_get(0)?))).collect()
}

/// Wipes what an endpoint that is deleted says of somebody.
pub(super) async fn wipe(session: &Session, key: EndpointKey) -> Result<(), Fault> {
    session.execute(WIPE, &[&key.0]).await.map(drop)
}

/// Of endpoints that have these versions; of all of them, or it fails.
pub(super) async fn put_secrets(
    session: &Session,
    all: &[(EndpointKey, i64, Secrets)],
) -> Result<(), Fault> {
    let column = |part: fn(&Secrets) -> Option<&SealedSecret>| -> (Vec<_>, Vec<_>) {
        all.iter()
            .map(|(_, _, secrets)| part(secrets))
            .map(|secret| (secret.map(|s| s.kind.as_str()), secret.map(|s| s.sealed.as_slice())))
            .unzip()
    };
    let (keys, versions): (Vec<_>, Vec<_>) =
        all.iter().map(|(key, version, _)| (key.0, *version)).unzip();
    let (kinds, sealed) = column(|secrets| Some(&secrets.current));
    let (previous_kinds, previous_sealed) = column(|secrets| previous(secrets).0);
    let until: Vec<_> = all.iter().map(|(_, _, secrets)| previous(secrets).1).collect();
    let values: Values<'_> =
        &[&keys, &versions, &kinds, &sealed, &previous_kinds, &previous_sealed, &until];
    let changed = session.execute(PUT_SECRETS, values).await?;
    if usize::try_from(changed).is_ok_and(|changed| changed == all.len()) {
        Ok(())
    } else {
        Err(Fault::Final(StoreError::Stale))
    }
}

/// Of those whose overlap has ended. They sign nothing any more, so the endpoints stay what they were.
pub(super) async fn drop_secrets(
    session: &Session,
    limit: u32,
    now: Timestamp,
) -> Result<bool, Fault> {
    let dropped = session.execute(DROP_SECRETS, &[&now.as_millis(), &i64::from(limit)]).await?;
    Ok(dropped >= u64::from(limit))
}

async fn subscribe(session: &Session, endpoint: &Endpoint) -> Result<(), Fault> {
    let tenant = endpoint.tenant.as_deref().unwrap_or_default();
    let values: Values<'_> =
        &[&endpoint.account.0, &tenant, &endpoint.event_types, &endpoint.key.0];
    session.execute(SUBSCRIBE, values).await.map(drop)
}

async fn unsubscribe(session: &Session, key: EndpointKey) -> Result<(), Fault> {
    session.execute("DELETE FROM subscription WHERE endpoint = $1", &[&key.0]).await.map(drop)
}

fn previous(secrets: &Secrets) -> (Option<&SealedSecret>, Option<i64>) {
    let previous = secrets.previous.as_ref();
    (previous.map(|(secret, _)| secret), previous.map(|(_, until)| until.as_millis()))
}

fn settings(endpoint: &Endpoint) -> Result<String, Fault> {
    serde_json::to_string(&endpoint.settings)
        .map_err(|error| Fault::engine(format!("settings cannot be written as JSON: {error}")))
}

macro_rules! select {
    () => {
        concat!(
            "SELECT ",
            row::target_columns!(),
            " FROM endpoint e LEFT JOIN lane l ON l.endpoint = e.key "
        )
    };
}

const INSERT: &str = "INSERT INTO endpoint (key, account, url, event_types, profile, tenant, description, state, reason,
        secret_kind, secret, previous_kind, previous_secret, previous_until, settings, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
const SUBSCRIBE: &str = "INSERT INTO subscription (account, tenant, pattern, endpoint)
    SELECT $1, $2, u.pattern, $4 FROM unnest($3::text[]) AS u (pattern) ON CONFLICT DO NOTHING";
const ONE: &str =
    concat!(select!(), "WHERE e.key = $1 AND e.account = $2 AND e.state <> 'deleted'");
const TENANT: &str = "SELECT tenant FROM endpoint WHERE key = $1 AND account = $2";
const LIST: &str = concat!(
    select!(),
    "WHERE e.account = $1 AND e.key > $2 AND ($3::text IS NULL OR e.profile = $3) AND e.state <> 'deleted'
     ORDER BY e.key LIMIT $4"
);
const LIST_OF_TENANT: &str = concat!(
    select!(),
    "WHERE e.account = $1 AND e.tenant = $5 AND e.key > $2 AND ($3::text IS NULL OR e.profile = $3)
     AND e.state <> 'deleted' ORDER BY e.key LIMIT $4"
);
const ALL: &str =
    concat!(select!(), "WHERE e.key > $1 AND e.state <> 'deleted' ORDER BY e.key LIMIT $2");
const UPDATE: &str = "UPDATE endpoint SET url = $2, event_types = $3, description = $4, settings = $5, state = $6, reason = $7,
        version = version + 1
    WHERE key = $1";
const DELETE: &str = "UPDATE endpoint SET state = 'deleted', reason = NULL, secret_kind = 'none', secret = '', previous_kind = NULL,
        previous_secret = NULL, previous_until = NULL, version = version + 1
    WHERE key = $1 AND account = $2 AND state <> 'deleted'";
const WIPE: &str = "UPDATE endpoint SET url = '', event_types = '{}', tenant = NULL, description = NULL, settings = '{}'
    WHERE key = $1";
const PUT_SECRETS: &str =
    "UPDATE endpoint e SET secret_kind = u.kind, secret = u.sealed, previous_kind = u.previous_kind,
        previous_secret = u.previous_sealed, previous_until = u.until, version = e.version + 1
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bytea[], $5::text[], $6::bytea[], $7::bigint[])
        AS u (key, version, kind, sealed, previous_kind, previous_sealed, until)
    WHERE e.key = u.key AND e.version = u.version AND e.state <> 'deleted'";
/// Leaves out those that somebody is just changing: their turn comes again.
const DROP_SECRETS: &str = "UPDATE endpoint SET previous_kind = NULL, previous_secret = NULL, previous_until = NULL
    WHERE key IN (SELECT key FROM endpoint WHERE previous_until <= $1 ORDER BY previous_until LIMIT $2
        FOR NO KEY UPDATE SKIP LOCKED)";
