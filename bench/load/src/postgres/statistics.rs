//! What PostgreSQL itself counts. Source: PostgreSQL manual, "The Cumulative Statistics System" and "pg_stat_statements".

use std::{process::Command, thread::sleep, time::Duration};

use super::cluster::program;
use crate::error::{Context as _, Error};

/// Counters of one database since it was made; `wal_bytes` is of the whole cluster.
#[derive(Clone, Copy, Debug)]
pub struct Statistics {
    /// Transactions that were committed, whoever did.
    pub commits: u64,
    /// Bytes of the write-ahead log.
    pub wal_bytes: u64,
    /// Statements, where the extension `pg_stat_statements` is there.
    pub statements: Option<u64>,
}

impl Statistics {
    /// Reads them, once the processes of the database have handed in their counts.
    ///
    /// # Errors
    /// When `psql` is not there or the database refuses.
    pub fn read(url: &str) -> Result<Self, Error> {
        sleep(REPORTED);
        let statements = query(url, STATEMENTS).ok().and_then(|text| text.parse().ok());
        let text = query(url, COUNTERS)?;
        let (commits, wal_bytes) = text
            .split_once('|')
            .and_then(|(commits, wal)| Some((commits.parse().ok()?, wal.parse().ok()?)))
            .ok_or_else(|| {
                Error::new(format!("PostgreSQL's statistics are not readable: `{text}`"))
            })?;
        Ok(Self { commits, wal_bytes, statements })
    }

    /// What came since, without the queries that asked.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let statements = self.statements.zip(earlier.statements);
        Self {
            commits: self.commits.saturating_sub(earlier.commits + OWN),
            wal_bytes: self.wal_bytes.saturating_sub(earlier.wal_bytes),
            statements: statements.map(|(now, then)| now.saturating_sub(then + OWN)),
        }
    }
}

/// The answer to a query, columns separated by `|`.
pub(super) fn query(url: &str, sql: &str) -> Result<String, Error> {
    let psql =
        program("psql").ok_or_else(|| Error::new("`psql` is not on this machine; install it"))?;
    let answer = Command::new(psql)
        .args([
            "--no-psqlrc",
            "--tuples-only",
            "--no-align",
            "--set",
            "ON_ERROR_STOP=1",
            "--command",
            sql,
        ])
        .arg(url)
        .env("PGCONNECT_TIMEOUT", "5")
        .output()
        .context("cannot start psql")?;
    if !answer.status.success() {
        let words = String::from_utf8_lossy(&answer.stderr);
        return Err(Error::new(format!("psql failed: {}", words.trim().replace('\n', " | "))));
    }
    Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}

const COUNTERS: &str = "select xact_commit, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') \
     from pg_stat_database where datname = current_database()";
const STATEMENTS: &str = "select coalesce(sum(calls), 0) from pg_stat_statements \
     where dbid = (select oid from pg_database where datname = current_database())";
/// The two queries above, each with a commit of its own.
const OWN: u64 = 2;
/// Processes hand their counts in at most once a second (PGSTAT_MIN_INTERVAL), those that fell idle a moment later.
const REPORTED: Duration = Duration::from_millis(1500);
