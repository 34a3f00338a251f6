//! What is sealed of a source: its secrets, and the values of its scheme that only the owner knows.

use std::{collections::BTreeMap, fmt};

use hookseal::{Scheme, Secret, Webhook};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::{
    error::ApiError,
    rng::Rng,
    seal::Sealer,
    store::{Source, SourceKey},
};

/// Wiped from memory when dropped, never printed.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Sealed {
    /// The newest first.
    pub(super) secrets: Vec<String>,
    /// By their names.
    pub(super) config: BTreeMap<String, String>,
    /// The secret came from the sender, not from the owner.
    #[serde(default)]
    pub(super) handed_over: bool,
}

impl Sealed {
    /// Opens what a source holds.
    ///
    /// # Errors
    /// `internal` when it was sealed under another master key, or for another source.
    pub(super) fn open(source: &Source, sealer: &Sealer) -> Result<Self, ApiError> {
        let id = source.key.to_string();
        let odd = |error: &dyn fmt::Display| ApiError::internal(format!("source `{id}`: {error}"));
        let opened = sealer.open(&source.sealed, &id).map_err(|error| odd(&error))?;
        // Without the error's own text, which may quote.
        serde_json::from_slice(&opened).map_err(|_| odd(&"what is sealed does not parse"))
    }

    /// Seals it for a source.
    ///
    /// # Errors
    /// `internal` when there is no randomness.
    pub(super) fn seal(
        &self,
        key: SourceKey,
        sealer: &Sealer,
        rng: &dyn Rng,
    ) -> Result<Vec<u8>, ApiError> {
        let plain = Zeroizing::new(serde_json::to_vec(self).map_err(ApiError::internal)?);
        Ok(sealer.seal(&plain, &key.to_string(), rng)?)
    }

    /// The scheme that `json` names or is, with the owner's values.
    ///
    /// # Errors
    /// `unknown_scheme`, `invalid_scheme`, `missing_config`, `invalid_config`.
    pub(super) fn scheme(&self, json: &str) -> Result<Scheme, hookseal::Error> {
        let config: Vec<(&str, &str)> =
            self.config.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        match serde_json::from_str::<String>(json) {
            Ok(name) => Scheme::builtin_with(&name, &config),
            Err(_) => Scheme::from_json_with(json, &config),
        }
    }

    /// What verifies; nothing while there is no secret.
    ///
    /// # Errors
    /// `invalid_secret`.
    pub(super) fn webhook(&self, scheme: &Scheme) -> Result<Option<Webhook>, hookseal::Error> {
        if self.secrets.is_empty() {
            return Ok(None);
        }
        let secrets = self.secrets.iter().map(Secret::new).collect::<Result<Vec<_>, _>>()?;
        Webhook::new(scheme.clone(), &secrets).map(Some)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        self.secrets.zeroize();
        self.config.values_mut().for_each(zeroize::Zeroize::zeroize);
    }
}
