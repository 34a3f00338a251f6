//! What a server is started with, as typed values.

use std::{path::PathBuf, time::Duration};

use zeroize::Zeroizing;

use crate::{
    dialects::Dialect,
    dispatch::Limits,
    guard::{Egress, GuardPolicy},
    luma::LumaConfig,
    seal::MasterKey,
    store::NODE_LEASE_MILLIS,
};

/// Everything that the operator can choose.
#[derive(Debug)]
pub struct Config {
    /// `host:port` to listen on; port 0 takes a free one.
    pub listen: String,
    /// The directory of database, lock and key file. Made where it is missing.
    pub data: PathBuf,
    /// Where the data is: in a PostgreSQL of this URL, or without one in a SQLite file under `data`.
    pub database_url: Option<Zeroizing<String>>,
    /// Where deliveries may go.
    pub guard: GuardPolicy,
    /// How they get there.
    pub egress: Egress,
    /// Multiplies every delay of the profiles' retry schedules. 1 in production; less in tests.
    pub retry_delay_factor: f64,
    /// How many attempts run at once.
    pub limits: Limits,
    /// How long an endpoint may fail, without a success in between, before it is disabled. `None`: for ever.
    pub disable_after: Option<Duration>,
    /// How long a node of several counts as alive after it last said so; then others deliver what it held.
    pub node_lease: Duration,
    /// How long things are kept.
    pub retention: Retention,
    /// How many connections clients may have; more wait until one ends.
    pub max_clients: usize,
    /// Bytes of an event, and of any other request but a batch of events.
    pub max_body: usize,
    /// How long a client may take for the head of a request, and then for its body.
    pub client_timeout: Duration,
    /// Whose HTTP APIs are served beside the native one.
    pub dialects: Vec<Dialect>,
    /// How many requests per second each API key may send; 0 for any number.
    pub api_rate_limit: u32,
    /// What the world calls this server: scheme and host, and a path before ours where a proxy has one. Without it,
    /// sources take the URL that this server sees for the one that their senders sign.
    pub public_url: Option<String>,
    /// Guests of Luma that become contacts at Resend.
    pub luma: LumaConfig,
    /// The API key to use; without one, the first start makes one.
    pub admin_key: Option<Zeroizing<String>>,
    /// The key under which secrets are sealed; without one, it is in `<data>/master.key`.
    pub master_key: Option<MasterKey>,
}

/// How long things are kept.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Events with their deliveries. `None`: for ever.
    pub events: Option<Duration>,
    /// The records of attempts, by the age of their event.
    pub attempts: Option<Duration>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { events: Some(30 * DAY), attempts: Some(30 * DAY) }
    }
}

impl Config {
    /// The defaults, for a data directory.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            data: data.into(),
            database_url: None,
            guard: GuardPolicy::default(),
            egress: Egress::default(),
            retry_delay_factor: 1.0,
            limits: Limits::default(),
            disable_after: Some(5 * DAY),
            node_lease: Duration::from_millis(NODE_LEASE_MILLIS.unsigned_abs()),
            retention: Retention::default(),
            max_clients: 4096,
            max_body: 1024 * 1024,
            client_timeout: Duration::from_secs(30),
            dialects: Dialect::ALL.to_vec(),
            api_rate_limit: 0,
            public_url: None,
            luma: LumaConfig::default(),
            admin_key: None,
            master_key: None,
        }
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
