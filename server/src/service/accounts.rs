//! Accounts, and who holds a key of one. Of a key only its SHA-256 is kept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{caller::Caller, rate::RateLimit};
use crate::{
    clock::Clock,
    error::{ApiCode, ApiError},
    rng::Rng,
    store::{AccountKey, ApiKey, ApiKeyId, Engine, Holder, KeyOrigin, Scope, StoreError},
};

/// Who may use the API.
#[derive(Debug)]
pub struct Accounts {
    engine: Arc<dyn Engine>,
    clock: Arc<dyn Clock>,
    /// Keys seen lately, so that a request costs no look-up; one that was revoked on another node opens until it is
    /// looked up again.
    seen: Mutex<Seen>,
    rate: RateLimit,
}

#[derive(Debug, Default)]
struct Seen {
    keys: HashMap<[u8; 32], SeenKey>,
    /// Rises with every key that is revoked here, and every account that is changed: what was looked up before may be that.
    revoked: u64,
}

#[derive(Clone, Debug)]
struct SeenKey {
    holder: Arc<Holder>,
    at: Duration,
}

impl Accounts {
    /// Over `engine`. Each key may be used so many times per second; 0 for any number.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>, clock: Arc<dyn Clock>, rate: u32) -> Self {
        Self { engine, clock, seen: Mutex::default(), rate: RateLimit::new(rate) }
    }

    /// Who holds this API key.
    ///
    /// # Errors
    /// `unauthorized` when no account has this key, `account_suspended`, `rate_limited` when it was used too often.
    pub async fn authenticate(&self, key: &str) -> Result<Caller, ApiError> {
        let caller = self.known(key).await?;
        if caller.is_suspended() {
            let message = "the account of the API key is suspended";
            return Err(ApiError::new(ApiCode::AccountSuspended, message));
        }
        self.rate.take(caller.key(), self.clock.elapsed())?;
        Ok(caller)
    }

    async fn known(&self, key: &str) -> Result<Caller, ApiError> {
        let hash = hash(key);
        let now = self.clock.elapsed();
        let revoked = {
            let seen = self.seen();
            let fresh = |seen: &&SeenKey| now.saturating_sub(seen.at) < FRESH;
            if let Some(seen) = seen.keys.get(&hash).filter(fresh) {
                return Ok(Caller::new(Arc::clone(&seen.holder)));
            }
            seen.revoked
        };
        let Some(known) = self.engine.api_key(hash).await? else {
            self.seen().keys.remove(&hash);
            return Err(unknown_key());
        };
        if !known.key.used {
            // Before the first answer: from then on somebody relies on this key.
            self.engine.mark_key_used(known.key.id).await?;
        }
        let known = Arc::new(known);
        let mut seen = self.seen();
        if seen.revoked == revoked {
            if seen.keys.len() >= MAX_SEEN {
                seen.keys.clear();
            }
            seen.keys.insert(hash, SeenKey { holder: Arc::clone(&known), at: now });
        }
        drop(seen);
        Ok(Caller::new(known))
    }

    /// Forgets a key that was revoked: on this node it opens nothing from now on, on others within five seconds.
    pub(super) fn forget(&self, id: ApiKeyId) {
        let mut seen = self.seen();
        seen.revoked += 1;
        seen.keys.retain(|_, seen| seen.holder.key.id != id);
    }

    /// Forgets the keys of an account that was changed: on this node the change holds from now on, on others within five
    /// seconds.
    pub(super) fn forget_account(&self, account: AccountKey) {
        let mut seen = self.seen();
        seen.revoked += 1;
        seen.keys.retain(|_, seen| seen.holder.account.key != account);
    }

    /// Makes the first account where there is none. Its key is `chosen`, or else a new one, which is returned: there
    /// is no other moment to see it. Where there is an account, `chosen` becomes its key beside the generated one.
    ///
    /// A generated key that was never used may never have been seen, because the process died before it was printed.
    /// So without `chosen`, such a key is replaced by a new one, which is returned as at the first start. Where several
    /// nodes share a database, it is the last of them that prints the key that opens.
    ///
    /// # Errors
    /// `invalid_argument` when `chosen` is too short to be safe, or cannot stand in a header.
    pub async fn bootstrap(
        &self,
        chosen: Option<&str>,
        rng: &dyn Rng,
    ) -> Result<Option<Zeroizing<String>>, ApiError> {
        if let Some(short) = chosen.filter(|key| key.len() < MIN_CHOSEN_LEN) {
            let message = format!(
                "the admin key has {} characters, expected at least {MIN_CHOSEN_LEN}",
                short.len()
            );
            return Err(ApiError::new(ApiCode::InvalidArgument, message));
        }
        let is_odd =
            |key: &&str| key.trim() != *key || !key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if chosen.filter(is_odd).is_some() {
            let message =
                "the admin key holds what no header can, expected printable ASCII characters";
            return Err(ApiError::new(ApiCode::InvalidArgument, message));
        }
        let now = self.clock.now();
        let known = self.engine.first_account().await?;
        let wants_key = match known {
            Some(account) => has_unseen(&*self.engine, account).await?,
            None => true,
        };
        let account = known.unwrap_or_else(|| AccountKey(self.engine.mint(now)));
        let key = |origin| ApiKey {
            id: ApiKeyId(self.engine.mint(now)),
            account,
            origin,
            scope: Scope::Admin,
            tenant: None,
            name: None,
            used: false,
            created_at: now,
        };
        match chosen {
            Some(text) => self.engine.put_key(key(KeyOrigin::Environment), hash(text)).await?,
            None if wants_key => {
                let text = generate(rng)?;
                self.engine.put_key(key(KeyOrigin::Generated), hash(&text)).await?;
                return Ok(Some(text));
            }
            None => {}
        }
        Ok(None)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// No account has this key.
pub(super) fn unknown_key() -> ApiError {
    ApiError::new(ApiCode::Unauthorized, "the API key is not known")
}

/// Whether the account has a key that was made by a start and never used.
async fn has_unseen(engine: &dyn Engine, account: AccountKey) -> Result<bool, StoreError> {
    let mut after = None;
    loop {
        let page = engine.api_keys(account, None, after, PAGE).await?;
        if page.iter().any(is_unseen) {
            return Ok(true);
        }
        let Some(last) = page.last() else { return Ok(false) };
        after = Some(last.id);
    }
}

fn is_unseen(key: &ApiKey) -> bool {
    key.origin == KeyOrigin::Generated && !key.used
}

/// Makes the text of a new key: 256 random bits.
pub(super) fn generate(rng: &dyn Rng) -> Result<Zeroizing<String>, ApiError> {
    let mut random = Zeroizing::new([0; 32]);
    rng.fill(random.as_mut_slice())?;
    let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice()));
    Ok(Zeroizing::new(format!("{PREFIX}{}", encoded.as_str())))
}

/// SHA-256 is enough for a key of 256 random bits: there is nothing to guess.
pub(super) fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// Keys that are looked through at once.
const PAGE: u32 = 250;
/// How long a key is believed without asking the store.
const FRESH: Duration = Duration::from_secs(5);
const MAX_SEEN: usize = 1024;
const PREFIX: &str = "hks_";
/// A key that people choose is hashed like a random one, so it must not be guessable; its length is what we can check.
const MIN_CHOSEN_LEN: usize = 16;
