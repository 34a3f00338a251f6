//! The server under test, as its adapter describes it.

mod command;
mod endpoints;

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tempfile::TempDir;

pub use self::endpoints::NewEndpoint;
use self::{
    command::StartCommand,
    endpoints::{call_all, create_all},
};
use crate::{
    adapter::{Adapter, Call, Template, Values},
    error::{Context as _, Error},
    postgres::Cluster,
    process::{Ask, Server, free_port},
};

/// What the server is, and where it runs.
#[derive(Clone, Debug)]
pub struct TargetOptions {
    /// How to speak to it.
    pub adapter: Adapter,
    /// Instead of the adapter's program.
    pub program: Option<PathBuf>,
    /// Further arguments for it.
    pub arguments: Vec<String>,
    /// A server that runs already, and must not be started.
    pub address: Option<SocketAddr>,
    /// Its processes, if they are to be measured.
    pub pids: Vec<u32>,
    /// The database of a server that is started.
    pub database: DatabaseChoice,
    /// Processes of a database that runs already.
    pub database_pids: Vec<u32>,
    /// Where folders for data are made; the system's for temporary files otherwise.
    pub folder: Option<PathBuf>,
}

/// Which database the server is to use.
#[derive(Clone, Debug)]
pub enum DatabaseChoice {
    /// What it brings itself.
    Own,
    /// A new database in a cluster that is started when the first server needs it, and stopped with the last that may.
    Postgres(Arc<Mutex<Option<Cluster>>>),
    /// This one, which runs already.
    Url(String),
}

/// A server that answers.
#[derive(Debug)]
pub struct Target {
    /// Before the rest, so that it ends before its files and its database go.
    server: Option<Server>,
    command: Option<StartCommand>,
    options: TargetOptions,
    values: Values,
    address: SocketAddr,
    started_in: Option<Duration>,
    endpoints: BTreeMap<usize, Values>,
    database: Option<Database>,
    folder: TempDir,
}

/// The database of a server under test.
#[derive(Debug)]
pub struct Database {
    /// How to reach it.
    pub url: String,
    /// Its processes.
    pub pids: Vec<u32>,
}

/// How the events of an endpoint are written.
#[derive(Clone, Debug)]
pub struct EventForm {
    /// As a request of its own.
    pub single: Call,
    /// As one of a batch.
    pub item: Option<Template>,
}

impl Target {
    /// Starts the server, or takes the one that runs, and makes the calls of its set-up.
    ///
    /// # Errors
    /// When it does not start, or refuses a call.
    pub fn start(options: &TargetOptions, receiver: SocketAddr) -> Result<Self, Error> {
        let parent = options.folder.clone().unwrap_or_else(std::env::temp_dir);
        let folder = tempfile::Builder::new()
            .prefix("hookseal-load-")
            .tempdir_in(&parent)
            .context(parent.display())?;
        let database = Database::open(options, &parent)?;
        let (address, command) = match options.address {
            Some(address) => (address, None),
            None => {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
                let url = database.as_ref().map(|database| database.url.as_str());
                let command = StartCommand::new(options, address, receiver, folder.path(), url)?;
                (address, Some(command))
            }
        };
        if !address.ip().is_loopback() {
            let message = format!("`{address}` is not of this machine; load is for loopback only");
            return Err(Error::new(message));
        }
        let mut target = Self {
            server: None,
            command,
            values: options.adapter.values.clone(),
            options: options.clone(),
            address,
            started_in: None,
            endpoints: BTreeMap::new(),
            database,
            folder,
        };
        target.launch()?;
        target.set_up()?;
        Ok(target)
    }

    /// Stops the server and starts it again, with its data. How long it took to be ready.
    ///
    /// # Errors
    /// When it was not started here, or does not start.
    pub fn restart(&mut self) -> Result<Duration, Error> {
        if let Some(server) = self.server.take() {
            server.stop()?;
        }
        self.launch()?;
        self.started_in
            .ok_or_else(|| Error::new("a server that runs already cannot be started again"))
    }

    /// From its start until it was ready.
    #[must_use]
    pub const fn started_in(&self) -> Option<Duration> {
        self.started_in
    }

    /// The program, where it was started here.
    #[must_use]
    pub fn program(&self) -> Option<&Path> {
        self.command.as_ref().map(|command| command.program.as_path())
    }

    /// Its name, with its database.
    #[must_use]
    pub fn name(&self) -> String {
        let database = match (&self.options.database, &self.options.adapter.server) {
            (DatabaseChoice::Own, _) => "",
            _ => " on PostgreSQL",
        };
        format!("{}{database}", self.options.adapter.name)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its data are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its processes.
    #[must_use]
    pub fn pids(&self) -> Vec<u32> {
        let started = self.server.as_ref().map(Server::pid);
        started.into_iter().chain(self.options.pids.iter().copied()).collect()
    }

    /// Processes of it and its database that were not started here.
    #[must_use]
    pub fn foreign_pids(&self) -> Vec<u32> {
        [self.options.pids.as_slice(), self.options.database_pids.as_slice()].concat()
    }

    /// Its database, when it was given one.
    #[must_use]
    pub const fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// Makes endpoints, over so many connections at once.
    ///
    /// # Errors
    /// The first refusal.
    pub fn create(&mut self, endpoints: &[NewEndpoint], connections: usize) -> Result<(), Error> {
        let made = match &self.options.adapter.endpoint {
            None => endpoints.iter().map(|endpoint| (endpoint.number, endpoint.values())).collect(),
            Some(call) => {
                let call = call.with_headers(&self.options.adapter.headers).bind(&self.values);
                create_all(&call, endpoints, self.address, connections)?
            }
        };
        self.endpoints.extend(made);
        Ok(())
    }

    /// The secrets of endpoints, by their number.
    #[must_use]
    pub fn secrets(&self) -> Vec<Option<String>> {
        let count = self.endpoints.last_key_value().map_or(0, |(number, _)| number + 1);
        let secret = |number| self.endpoints.get(&number)?.get("secret").cloned();
        (0..count).map(secret).collect()
    }

    /// How events for an endpoint are written.
    ///
    /// # Errors
    /// When the endpoint was not made.
    pub fn form(&self, endpoint: usize) -> Result<EventForm, Error> {
        let unknown = || Error::new(format!("endpoint {endpoint} was not made"));
        let own = self.endpoints.get(&endpoint).ok_or_else(unknown)?;
        let adapter = &self.options.adapter;
        let single = adapter.event.with_headers(&adapter.headers).bind(&self.values).bind(own);
        let item = adapter.batch.as_ref().map(|batch| batch.item.bind(&self.values).bind(own));
        Ok(EventForm { single, item })
    }

    /// The request of a batch, and the most events in it.
    #[must_use]
    pub fn batch(&self) -> Option<(Call, usize)> {
        let adapter = &self.options.adapter;
        let batch = adapter.batch.as_ref()?;
        Some((batch.call.with_headers(&adapter.headers).bind(&self.values), batch.limit))
    }

    /// How deliveries look.
    #[must_use]
    pub const fn adapter(&self) -> &Adapter {
        &self.options.adapter
    }

    fn launch(&mut self) -> Result<(), Error> {
        let Some(start) = &self.command else { return Ok(()) };
        let log = self.folder.path().join("server.log");
        let mut server = Server::start(&mut start.command(), &log, Ask::Terminate)?;
        self.started_in = Some(server.ready(self.address, &start.ready)?);
        self.server = Some(server);
        Ok(())
    }

    fn set_up(&mut self) -> Result<(), Error> {
        let adapter = &self.options.adapter;
        let calls: Vec<_> =
            adapter.setup.iter().map(|call| call.with_headers(&adapter.headers)).collect();
        call_all(&calls, self.address, &mut self.values)
    }
}

impl Database {
    fn open(options: &TargetOptions, parent: &Path) -> Result<Option<Self>, Error> {
        Ok(match &options.database {
            DatabaseChoice::Own => None,
            DatabaseChoice::Url(url) => {
                Some(Self { url: url.clone(), pids: options.database_pids.clone() })
            }
            DatabaseChoice::Postgres(shared) => {
                let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let cluster = match &mut *shared {
                    Some(cluster) => cluster,
                    none => none.insert(Cluster::start(parent)?),
                };
                Some(Self { url: cluster.database()?, pids: vec![cluster.pid()] })
            }
        })
    }
}
