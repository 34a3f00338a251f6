//! PostgreSQL servers of the tests' own: in a folder of their own, reached by a socket in it.
//!
//! A shell stands between: it starts the server, does what it is told line by line, and when the test's process ends, in
//! whatever way, it stops the server and removes the folder.

#![allow(dead_code, reason = "each binary of tests uses what it needs")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::{
        fs::{MetadataExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use tokio_postgres::NoTls;

/// A server with any number of databases.
pub(crate) struct Cluster {
    folder: PathBuf,
    shell: Mutex<Shell>,
    made: AtomicU32,
}

struct Shell {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Cluster {
    /// The one that all tests of this process share. It is quick and would lose everything with the power.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| Self::start("off", None))
    }

    /// One of its own, which keeps its word.
    pub(crate) fn durable() -> Self {
        Self::start("on", None)
    }

    /// As [`durable`](Self::durable), on a file system of its own of so many MiB.
    pub(crate) fn cramped(mebibytes: u32) -> Self {
        Self::start("on", Some(mebibytes))
    }

    fn start(fsync: &str, mebibytes: Option<u32>) -> Self {
        let folder =
            tempfile::Builder::new().prefix("hookseal-postgres-").tempdir().unwrap().keep();
        let programs = programs();
        // PostgreSQL does not run as root.
        let is_root = fs::metadata(&folder).unwrap().uid() == 0;
        if is_root {
            chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let mut command = match mebibytes {
            None => Command::new("sh"),
            Some(mebibytes) => in_own_mounts(&folder, mebibytes, is_root),
        };
        if is_root && mebibytes.is_none() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut child = command
            .current_dir(&folder)
            .args(["-c", SCRIPT, "sh"])
            .arg(programs)
            .arg(&folder)
            .arg(fsync)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let shell = Shell {
            commands: child.stdin.take(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            child,
        };
        let cluster = Self { folder, shell: Mutex::new(shell), made: AtomicU32::new(0) };
        cluster.await_answer("up");
        cluster
    }

    /// Makes an empty database and gives its URL.
    pub(crate) async fn database(&self) -> String {
        let name = format!("test_{}", self.made.fetch_add(1, Ordering::Relaxed));
        execute(&self.url("postgres"), &format!("CREATE DATABASE {name}")).await;
        self.url(&name)
    }

    /// Where its socket is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn url(&self, database: &str) -> String {
        let folder = self.folder.to_str().unwrap().replace('/', "%2F");
        format!("postgres://hookseal:hunter2@{folder}/{database}?sslmode=disable")
    }

    /// As if its process was killed.
    pub(crate) fn stop(&self) {
        self.tell("stop");
        self.await_answer("down");
    }

    /// As an operator does it: whoever is connected is sent away, what is committed is written first.
    pub(crate) fn shut_down(&self) {
        self.tell("shut");
        self.await_answer("down");
    }

    pub(crate) fn start_again(&self) {
        self.tell("start");
        self.await_answer("up");
    }

    /// Leaves no byte free on its file system.
    pub(crate) fn fill_disk(&self) {
        self.tell("fill");
        self.await_answer("full");
    }

    /// As an operator does it: makes room, and starts the server where it has given up.
    pub(crate) fn free_disk(&self) {
        self.tell("free");
        self.await_answer("up");
    }

    fn tell(&self, command: &str) {
        let mut shell = self.shell.lock().unwrap();
        writeln!(shell.commands.as_mut().unwrap(), "{command}").unwrap();
    }

    fn await_answer(&self, wanted: &str) {
        let mut answer = String::new();
        self.shell.lock().unwrap().answers.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim(), wanted, "see the server's log: {}", self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let shell = self.shell.get_mut().unwrap();
        shell.commands = None;
        let _ = shell.child.wait();
        // What is left of a file system of its own: the place where it was.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Runs statements on a connection of their own.
pub(crate) async fn execute(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}

/// The first column of the first row.
pub(crate) async fn number(url: &str, sql: &str) -> i64 {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let number = client.query_one(sql, &[]).await.unwrap().get(0);
    drop(client);
    connection.await.unwrap().unwrap();
    number
}

/// The same, where it is a text.
pub(crate) async fn text(url: &str, sql: &str) -> String {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let text = client.query_one(sql, &[]).await.unwrap().get(0);
    drop(client);
    connection.await.unwrap().unwrap();
    text
}

/// Debian keeps them out of the path, in a folder for each version.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.max_by_key(|version| {
        version.file_name().to_str().and_then(|name| name.parse::<u32>().ok())
    });
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(newest.map(|version| version.path().join("bin")))
        .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
        .expect("PostgreSQL is installed: run `scripts/setup.sh postgres`")
}

/// A shell that sees a small file system at `data`, as nobody else does, and is not root.
fn in_own_mounts(folder: &Path, mebibytes: u32, is_root: bool) -> Command {
    let mut command = Command::new("unshare");
    let options = if is_root {
        command.arg("--mount");
        format!("size={mebibytes}m,mode=700,uid={NOBODY},gid={NOBODY}")
    } else {
        command.args(["--user", "--map-current-user", "--keep-caps", "--mount"]);
        format!("size={mebibytes}m,mode=700")
    };
    let become_nobody =
        format!("setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups --inh-caps=-all");
    let then = if is_root { &become_nobody } else { "" };
    let script = format!(
        "mkdir -p \"$1\" && mount -t tmpfs -o {options} tmpfs \"$1\" && shift && exec {then} sh \"$@\""
    );
    command.args(["sh", "-c", &script, "sh"]).arg(folder.join("data"));
    command
}

/// Whom root becomes.
const NOBODY: u32 = 65_534;
const SCRIPT: &str = r#"
trap '' INT TERM
ctl() { "$1/pg_ctl" -D "$2/data" -w -t 60 stop -m "$3" > /dev/null 2>&1; }
up() {
  "$1/pg_ctl" -D "$2/data" -l "$2/log" -w -t 60 start \
    -o "-k $2 -c listen_addresses= -c fsync=$3 -c max_connections=300" > /dev/null 2>&1 && echo up || echo failed
}
"$1/initdb" --pgdata "$2/data" --username hookseal --auth trust --no-sync --wal-segsize 4 > "$2/log" 2>&1
up "$@"
while read -r command; do
  case $command in
    stop) ctl "$1" "$2" immediate; echo down ;;
    shut) ctl "$1" "$2" fast; echo down ;;
    start) up "$@" ;;
    fill) cat /dev/zero > "$2/data/ballast" 2> /dev/null; echo full ;;
    free) rm "$2/data/ballast"; sleep 1; "$1/pg_ctl" -D "$2/data" status > /dev/null && echo up || up "$@" ;;
  esac
done
ctl "$1" "$2" immediate
rm -rf "$2" 2> /dev/null
"#;
