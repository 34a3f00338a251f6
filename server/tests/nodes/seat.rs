//! Where a node lives, again and again: its way to the database, its clock, its folder.

use std::{sync::Arc, time::Duration};

use hookseal_server::{config::Config, dispatch::Limits, seal::MasterKey};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::{
    dice::Dice,
    node::{Node, WrongClock},
    standstill::Standstills,
    support::{self, postgres::Cluster},
    wire::{Weather, Wire},
};

pub(crate) struct Seat {
    number: usize,
    pub(crate) node: Option<Node>,
    pub(crate) wire: Wire,
    pub(crate) clock: Arc<WrongClock>,
    standstills: Standstills,
    database: String,
    data: TempDir,
}

impl Seat {
    pub(crate) fn new(
        number: usize,
        cluster: &Cluster,
        database: &str,
        standstills: Standstills,
        dice: &mut Dice,
    ) -> Self {
        let off = i64::try_from(dice.below(120_000)).unwrap() - 60_000;
        Self {
            number,
            node: None,
            wire: Wire::lay(cluster.folder()),
            clock: Arc::new(WrongClock::new(off)),
            standstills,
            database: database.to_owned(),
            data: tempfile::tempdir().unwrap(),
        }
    }

    /// Begins a life, where there is none.
    pub(crate) async fn start(&mut self, seed: u64) -> Result<(), String> {
        self.wire.set(Weather::Fine);
        let (clock, standstills) = (Arc::clone(&self.clock), self.standstills.clone());
        self.node = Some(Node::start(self.number, self.config(), clock, standstills, seed).await?);
        Ok(())
    }

    fn config(&self) -> Config {
        let socket = self.wire.folder().to_str().unwrap().replace('/', "%2F");
        let url = format!("postgres://hookseal@{socket}/{}?sslmode=disable", self.database);
        Config {
            database_url: Some(Zeroizing::new(url)),
            master_key: Some(MasterKey::parse(&"5a".repeat(32)).unwrap()),
            node_lease: LEASE,
            retry_delay_factor: FACTOR,
            limits: Limits {
                total: 16,
                per_endpoint: 4,
                queue: 12,
                grace: Duration::from_millis(500),
                ..Limits::default()
            },
            ..support::config(&self.data)
        }
    }
}

const LEASE: Duration = Duration::from_millis(800);
/// What the seconds of the schedule are multiplied with.
const FACTOR: f64 = 0.01;
