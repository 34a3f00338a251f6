//! Accounts and their API keys. Of a key only its SHA-256 is kept.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{
    clock::Clock,
    error::{ApiCode, ApiError},
    id,
    rng::Rng,
    store::{KeyOrigin, Store},
};

/// Who may use the API.
#[derive(Debug)]
pub struct Accounts {
    store: Arc<dyn Store>,
}

impl Accounts {
    /// Over `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// The account of an API key.
    ///
    /// # Errors
    /// `unauthorized` when no account has this key.
    pub async fn authenticate(&self, key: &str) -> Result<String, ApiError> {
        let unknown = || ApiError::new(ApiCode::Unauthorized, "the API key is not known");
        let owner = self.store.owner_of_key(hash(key)).await?.ok_or_else(unknown)?;
        if !owner.key_used {
            // Before the first answer: from then on somebody relies on this key.
            self.store.mark_key_used(hash(key)).await?;
        }
        Ok(owner.account)
    }

    /// Makes the first account where there is none. Its key is `chosen`, or else a new one, which is returned: there
    /// is no other moment to see it. Where there is an account, `chosen` becomes its key beside the generated one.
    ///
    /// A generated key that was never used may never have been seen, because the process died before it was printed.
    /// So without `chosen`, such a key is replaced by a new one, which is returned as at the first start.
    ///
    /// # Errors
    /// `invalid_argument` when `chosen` is too short to be safe.
    pub async fn bootstrap(
        &self,
        chosen: Option<&str>,
        clock: &dyn Clock,
        rng: &dyn Rng,
    ) -> Result<Option<Zeroizing<String>>, ApiError> {
        if let Some(short) = chosen.filter(|key| key.len() < MIN_CHOSEN_LEN) {
            let message = format!(
                "the admin key has {} characters, expected at least {MIN_CHOSEN_LEN}",
                short.len()
            );
            return Err(ApiError::new(ApiCode::InvalidArgument, message));
        }
        let now = clock.now();
        let known = self.store.first_account().await?;
        let wants_key = match &known {
            Some(account) => self.store.has_unused_key(account).await?,
            None => true,
        };
        let account = known.map_or_else(|| id::mint(id::ACCOUNT, now, rng), Ok)?;
        match chosen {
            Some(key) => {
                self.store.put_key(&account, hash(key), KeyOrigin::Environment, now).await?;
            }
            None if wants_key => {
                let key = generate(rng)?;
                self.store.put_key(&account, hash(&key), KeyOrigin::Generated, now).await?;
                return Ok(Some(key));
            }
            None => {}
        }
        Ok(None)
    }
}

fn generate(rng: &dyn Rng) -> Result<Zeroizing<String>, ApiError> {
    let mut random = Zeroizing::new([0; 32]);
    rng.fill(random.as_mut_slice())?;
    let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice()));
    Ok(Zeroizing::new(format!("{PREFIX}{}", encoded.as_str())))
}

/// SHA-256 is enough for a key of 256 random bits: there is nothing to guess.
fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

const PREFIX: &str = "hks_";
/// A key that people choose is hashed like a random one, so it must not be guessable; its length is what we can check.
const MIN_CHOSEN_LEN: usize = 16;
