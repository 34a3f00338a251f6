//! The command that starts a server.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use super::TargetOptions;
use crate::error::Error;

/// Everything in it has its value.
#[derive(Debug)]
pub(super) struct StartCommand {
    pub(super) program: PathBuf,
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
    pub(super) ready: String,
}

impl StartCommand {
    pub(super) fn new(
        options: &TargetOptions,
        address: SocketAddr,
        receiver: SocketAddr,
        folder: &Path,
        database: Option<&str>,
    ) -> Result<Self, Error> {
        let Some(start) = &options.adapter.server else {
            let name = &options.adapter.name;
            return Err(Error::new(format!(
                "the adapter of {name} cannot start it; give its `--address`"
            )));
        };
        let mut values = options.adapter.values.clone();
        values.insert("folder".to_owned(), folder.display().to_string());
        values.insert("port".to_owned(), address.port().to_string());
        values.insert("receiver".to_owned(), format!("http://{receiver}"));
        values.insert("database_url".to_owned(), database.unwrap_or_default().to_owned());
        let further = if database.is_some() { start.database.as_slice() } else { &[] };
        let arguments =
            start.arguments.iter().chain(further).map(|argument| argument.text(&values));
        let environment = start.environment.iter();
        Ok(Self {
            program: options.program.clone().unwrap_or_else(|| beside_own(&start.program)),
            arguments: arguments.chain(options.arguments.iter().cloned()).collect(),
            environment: environment
                .map(|(name, value)| (name.clone(), value.text(&values)))
                .collect(),
            ready: start.ready.text(&values),
        })
    }

    /// To be started.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(&self.environment);
        command
    }
}

/// A program in the folder of this one, where it stands after a build; otherwise wherever the system finds it.
fn beside_own(name: &str) -> PathBuf {
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join(name)));
    beside.filter(|program| program.is_file()).unwrap_or_else(|| name.into())
}
