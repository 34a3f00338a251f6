//! Secrets from the environment.

use std::env;

use zeroize::Zeroizing;

use crate::seal::MasterKey;

/// A master key from the environment.
pub(super) fn master_key_variable(name: &str) -> Result<Option<MasterKey>, String> {
    let parse = |text: Zeroizing<String>| MasterKey::parse(&text);
    secret_variable(name)?.map(parse).transpose().map_err(|error| format!("`{name}`: {error}"))
}

/// An API key from the environment, without the line break that files end with.
pub(super) fn admin_key_variable(name: &str) -> Result<Option<Zeroizing<String>>, String> {
    Ok(secret_variable(name)?.map(|text| Zeroizing::new(text.trim().to_owned())))
}

/// A secret from the environment: never an argument, which other users of the machine could read.
///
/// One that is set to nothing is a mistake in a deployment: to go on without it would quietly make another key.
pub(super) fn secret_variable(name: &str) -> Result<Option<Zeroizing<String>>, String> {
    match env::var(name) {
        Ok(text) if text.trim().is_empty() => {
            Err(format!("`{name}` is empty, expected a key; set or unset it"))
        }
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(format!("`{name}` is not text, expected a key")),
    }
}

/// A variable of the environment that others than us name; one that is set to nothing counts as not set.
pub(super) fn variable(name: &str) -> Result<Option<String>, String> {
    match env::var(name) {
        Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(format!("`{name}` is not text")),
    }
}
