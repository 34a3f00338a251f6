//! The scheme of a command, with the values that only its user knows, and the secrets to use it with.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use hookseal::{Scheme, Secret, Webhook};
use zeroize::Zeroizing;

use super::answer::Failure;

#[derive(Args, Debug)]
pub(super) struct SchemeArgs {
    /// Name of a built-in scheme (`hookseal schemes` lists them), or a file `….json` with one of your own
    scheme: String,

    /// A value that only you know, for schemes that take one, such as PayPal's `webhook_id`; may be repeated
    #[arg(long, value_parser = parse_setting, value_name = "NAME=VALUE")]
    config: Vec<(String, String)>,
}

impl SchemeArgs {
    pub(super) fn load(&self) -> Result<Scheme, Failure> {
        let config: Vec<(&str, &str)> =
            self.config.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Ok(match own_scheme(&self.scheme) {
            Some(path) => Scheme::from_json_with(&read_text(path)?, &config)?,
            None => Scheme::builtin_with(&self.scheme, &config)?,
        })
    }
}

/// The file of a scheme, where it is not the name of a built-in one.
pub(super) fn own_scheme(scheme: &str) -> Option<&Path> {
    Some(Path::new(scheme)).filter(|path| path.extension().is_some_and(|end| end == "json"))
}

/// The scheme with the secrets in `files`.
pub(super) fn webhook(scheme: Scheme, files: &[PathBuf]) -> Result<Webhook, Failure> {
    let secrets = files.iter().map(|path| read_secret(path)).collect::<Result<Vec<_>, _>>()?;
    Ok(Webhook::new(scheme, &secrets)?)
}

/// A secret is one line; editors end it with a line break that is not part of it.
fn read_secret(path: &Path) -> Result<Secret, Failure> {
    let text = Zeroizing::new(read_text(path)?);
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']))?)
}

pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::unreadable(path, &error))
}

fn parse_setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected `NAME=VALUE`")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}
