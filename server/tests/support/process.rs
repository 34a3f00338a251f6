//! The real binary, in a process of its own.

use std::{ffi::OsStr, process::Stdio};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    net::TcpStream,
    process::{Child, ChildStdout, Command},
};

use super::{ADMIN_KEY, PATIENCE, client::Client};

/// Killed when dropped.
pub struct Process {
    child: Child,
    /// Calls it with the key it was started with, or the one it printed.
    pub client: Client,
    /// What it printed before it listened.
    pub said: Vec<String>,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub async fn start(data: &TempDir, admin_key: Option<&str>) -> Self {
        Self::start_with(data, admin_key, &[]).await
    }

    /// With further arguments of `serve`.
    pub async fn start_with(data: &TempDir, admin_key: Option<&str>, args: &[&str]) -> Self {
        Self::run(Command::new(env!("CARGO_BIN_EXE_hookseal")), data, admin_key, args).await
    }

    /// With these variables in its environment.
    pub async fn start_in<T: AsRef<OsStr>>(data: &TempDir, variables: &[(&str, T)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookseal"));
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        Self::run(command, data, Some(ADMIN_KEY), &[]).await
    }

    /// One of several on a database, which the others take for dead after so many seconds.
    pub async fn start_node(data: &TempDir, database_url: &str, lease_seconds: u32) -> Self {
        Self::start_node_in::<&str>(data, database_url, lease_seconds, &[]).await
    }

    /// As [`start_node`](Self::start_node), with these variables in its environment.
    pub async fn start_node_in<T: AsRef<OsStr>>(
        data: &TempDir,
        database_url: &str,
        lease_seconds: u32,
        variables: &[(&str, T)],
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookseal"));
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.env("HOOKSEAL_MASTER_KEY", "5a".repeat(32));
        let lease = lease_seconds.to_string();
        let args = ["--database-url", database_url, "--node-lease-seconds", &lease];
        Self::run(command, data, Some(ADMIN_KEY), &args).await
    }

    /// As [`start_with`](Self::start_with); what it logs goes to a file.
    pub async fn start_logging(data: &TempDir, log: std::fs::File, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookseal"));
        command.stderr(log);
        Self::run(command, data, Some(ADMIN_KEY), args).await
    }

    /// No file that it writes may grow beyond so many bytes: a disk that is full.
    pub async fn start_cramped(data: &TempDir, admin_key: &str, bytes: u64) -> Self {
        let mut shell = Command::new("sh");
        // The signal is ignored, so that the write fails as it does without room. Blocks of 512 bytes, as POSIX has it.
        shell.args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "sh"]);
        // It says so for every request.
        shell.stderr(Stdio::null());
        shell.arg((bytes / 512).to_string()).arg(env!("CARGO_BIN_EXE_hookseal"));
        Self::run(shell, data, Some(admin_key), &[]).await
    }

    /// With so many files open at most, as long as it does not raise that.
    pub async fn start_with_few_files(data: &TempDir, files: u32) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -Sn \"$1\"; shift; exec \"$@\"", "sh"]);
        shell.arg(files.to_string()).arg(env!("CARGO_BIN_EXE_hookseal"));
        Self::run(shell, data, Some(ADMIN_KEY), &[]).await
    }

    async fn run(
        mut command: Command,
        data: &TempDir,
        admin_key: Option<&str>,
        args: &[&str],
    ) -> Self {
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--allow-http"])
            .args(["--allow-network", "127.0.0.0/8", "--retry-delay-factor", "0.00001"])
            .arg("--data")
            .arg(data.path())
            .args(args)
            .env_remove("HOOKSEAL_ADMIN_KEY")
            .env("HOOKSEAL_LOG", "error")
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        if let Some(key) = admin_key {
            command.env("HOOKSEAL_ADMIN_KEY", key);
        }
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        let address = loop {
            let line = tokio::time::timeout(PATIENCE, stdout.next_line()).await.unwrap();
            let line = line.unwrap().expect("ended before it listened");
            match line.strip_prefix("listening on http://") {
                Some(address) => break address.parse().unwrap(),
                None => said.push(line),
            }
        };
        let printed = said.first().and_then(|line| line.rsplit(' ').next());
        let key = admin_key.or(printed).unwrap_or_default();
        Self { child, client: Client::new(address, key), said, stdout }
    }

    /// Bytes of it that are in memory.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap()));
        let status = status.unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        1024 * line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    }

    /// How many files it may have open.
    pub fn file_limit(&self) -> u64 {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", self.child.id().unwrap()));
        let limits = limits.unwrap();
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// SIGKILL, and waits until the process is gone.
    pub async fn kill(mut self) {
        tokio::time::timeout(PATIENCE, self.child.kill()).await.unwrap().unwrap();
    }

    async fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().await.unwrap().success());
    }

    /// It stands still until it [goes on](Self::go_on).
    pub async fn stand_still(&self) {
        self.signal("-STOP").await;
    }

    pub async fn go_on(&self) {
        self.signal("-CONT").await;
    }

    /// SIGTERM until the process has ended, which must not be a success: what it was about was broken off.
    pub async fn terminate_twice(mut self) {
        self.signal("-TERM").await;
        // The first has arrived when the listener is closed; two signals at once would be one.
        let closed = async { while TcpStream::connect(self.client.address()).await.is_ok() {} };
        tokio::time::timeout(PATIENCE, closed).await.unwrap();
        self.signal("-TERM").await;
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        assert_eq!(status.code(), Some(1));
    }

    /// SIGTERM, and waits until the process has ended by itself.
    pub async fn terminate(mut self) {
        self.signal("-TERM").await;
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        assert!(status.success(), "{status}");
        let more = tokio::time::timeout(PATIENCE, self.stdout.next_line()).await.unwrap();
        assert_eq!(more.unwrap(), None);
    }
}
