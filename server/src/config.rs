//! What a server is started with, as typed values.

use std::{path::PathBuf, time::Duration};

use zeroize::Zeroizing;

use crate::{dispatch::Limits, guard::GuardPolicy, seal::MasterKey};

/// Everything that the operator can choose.
#[derive(Debug)]
pub struct Config {
    /// `host:port` to listen on; port 0 takes a free one.
    pub listen: String,
    /// The directory of database, lock and key file. Made where it is missing.
    pub data: PathBuf,
    /// Where deliveries may go.
    pub guard: GuardPolicy,
    /// Multiplies every delay of the profiles' retry schedules. 1 in production; less in tests.
    pub retry_delay_factor: f64,
    /// How many attempts run at once.
    pub limits: Limits,
    /// How long a client may take for the head of a request, and then for its body.
    pub client_timeout: Duration,
    /// The API key to use; without one, the first start makes one.
    pub admin_key: Option<Zeroizing<String>>,
    /// The key under which secrets are sealed; without one, it is in `<data>/master.key`.
    pub master_key: Option<MasterKey>,
}

impl Config {
    /// The defaults, for a data directory.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            data: data.into(),
            guard: GuardPolicy::default(),
            retry_delay_factor: 1.0,
            limits: Limits::default(),
            client_timeout: Duration::from_secs(30),
            admin_key: None,
            master_key: None,
        }
    }
}
