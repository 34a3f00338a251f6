//! A cluster for one measurement: made, started, and gone afterwards.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::statistics::query;
use crate::{
    error::{Context as _, Error},
    process::{Ask, Server, free_port},
};

/// A running PostgreSQL, which syncs as it does in production. Dropping it stops it and removes its files.
#[derive(Debug)]
pub struct Cluster {
    /// Before the folder, so that it ends before its files go.
    server: Server,
    port: u16,
    databases: u32,
    _folder: TempDir,
}

impl Cluster {
    /// Makes a cluster in a new folder below `parent` and starts it on a free port.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start(parent: &Path) -> Result<Self, Error> {
        let folder = tempfile::Builder::new()
            .prefix("hookseal-load-postgres-")
            .tempdir_in(parent)
            .context(parent.display())?;
        let owner = Owner::for_postgres();
        if let Some(owner) = owner {
            chown(folder.path(), Some(owner.user), Some(owner.group)).context("chown")?;
        }
        let data = folder.path().join("data");
        let mut init = command("initdb", folder.path(), owner)?;
        init.arg("--pgdata").arg(&data);
        init.args(["--username", USER, "--auth", "trust", "--no-sync", "--encoding", "UTF8"]);
        let made = init.stdin(Stdio::null()).output().context("cannot start initdb")?;
        if !made.status.success() {
            let words = String::from_utf8_lossy(&made.stderr);
            return Err(Error::new(format!(
                "initdb failed: {}",
                words.trim().replace('\n', " | ")
            )));
        }
        let port = free_port()?;
        let mut postgres = command("postgres", folder.path(), owner)?;
        postgres.arg("-D").arg(&data).arg("-k").arg(folder.path());
        postgres.args(["-p", &port.to_string()]);
        let mut settings = vec!["listen_addresses=127.0.0.1", "max_connections=200"];
        if has_statement_statistics() {
            settings.push("shared_preload_libraries=pg_stat_statements");
        }
        for setting in settings {
            postgres.args(["-c", setting]);
        }
        let log = folder.path().join("log");
        let server = Server::start(&mut postgres, &log, Ask::Interrupt)?;
        let mut cluster = Self { server, port, databases: 0, _folder: folder };
        let begun = Instant::now();
        while query(&url(port, "postgres"), "select 1").is_err() {
            if begun.elapsed() > START || cluster.server.has_ended()? {
                let words = cluster.server.last_words();
                return Err(Error::new(format!("PostgreSQL did not start: {words}")));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(cluster)
    }

    /// Makes an empty database, and gives its URL.
    ///
    /// # Errors
    /// When PostgreSQL refuses.
    pub fn database(&mut self) -> Result<String, Error> {
        self.databases += 1;
        let name = format!("load_{}", self.databases);
        query(&url(self.port, "postgres"), &format!("create database {name}"))?;
        let url = url(self.port, &name);
        if has_statement_statistics() {
            query(&url, "create extension pg_stat_statements")?;
        }
        Ok(url)
    }

    /// The process above all others of it.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Whether its programs are on this machine.
    #[must_use]
    pub fn is_installed() -> bool {
        program("postgres").is_some() && program("initdb").is_some() && program("psql").is_some()
    }
}

/// Whom PostgreSQL runs as, because it does not run as root.
#[derive(Clone, Copy, Debug)]
struct Owner {
    user: u32,
    group: u32,
}

impl Owner {
    /// The account `postgres`, or `nobody`; [`None`] for those who are not root.
    fn for_postgres() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let named = |name: &str| {
            let mut fields = accounts.lines().find_map(|line| {
                line.strip_prefix(name)?.strip_prefix(':').map(|rest| rest.split(':'))
            })?;
            let user = fields.nth(1)?.parse().ok()?;
            Some(Self { user, group: fields.next()?.parse().ok()? })
        };
        named("postgres").or_else(|| named("nobody")).or(Some(Self { user: 65534, group: 65534 }))
    }
}

/// A program of PostgreSQL: from the newest version in Debian's folders, or the one in the path.
pub(super) fn program(name: &str) -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        versions.into_iter().map(|(_, folder)| folder).chain(std::env::split_paths(&path));
    folders.map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// Whether the library that counts statements is installed.
fn has_statement_statistics() -> bool {
    let Some(bin) = program("postgres").and_then(|path| path.canonicalize().ok()) else {
        return false;
    };
    let Some(root) = bin.parent().and_then(Path::parent) else { return false };
    ["lib", "lib/postgresql"]
        .iter()
        .any(|lib| root.join(lib).join("pg_stat_statements.so").exists())
}

fn command(name: &str, folder: &Path, owner: Option<Owner>) -> Result<Command, Error> {
    let program = program(name).ok_or_else(|| {
        Error::new(format!("`{name}` of PostgreSQL is not on this machine; install it"))
    })?;
    let mut command = Command::new(program);
    command.current_dir(folder);
    if let Some(owner) = owner {
        command.uid(owner.user).gid(owner.group);
    }
    Ok(command)
}

fn url(port: u16, database: &str) -> String {
    format!("postgres://{USER}@127.0.0.1:{port}/{database}")
}

const DEBIAN: &str = "/usr/lib/postgresql";
const USER: &str = "hookseal";
const START: Duration = Duration::from_secs(30);
