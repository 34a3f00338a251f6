//! A server in this process, a client for it, and a receiver for its deliveries. Everything on loopback, on free ports.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "each test file mounts this module and uses a part of it"
)]

pub mod audit;
pub mod client;
pub mod ledger;
pub mod postgres;
pub mod process;
pub mod raw;
pub mod receiver;
pub mod sender;
pub mod traffic;
#[cfg(target_os = "linux")]
pub mod wrong_clock;

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use hookseal_server::{
    app::{Server, ServerError, Shell},
    config::Config,
    guard::{AddressPolicy, GuardPolicy, Resolver},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};
use zeroize::Zeroizing;

use self::{
    client::{Answer, Client},
    postgres::Cluster,
};

pub const ADMIN_KEY: &str = "hks_test_0123456789abcdef";

/// Longer than anything here takes on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A configuration that delivers to loopback and retries a thousand times faster.
pub fn config(data: &TempDir) -> Config {
    Config {
        listen: "127.0.0.1:0".to_owned(),
        guard: GuardPolicy {
            allow_http: true,
            addresses: AddressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]),
            ..GuardPolicy::default()
        },
        retry_delay_factor: 0.001,
        admin_key: Some(Zeroizing::new(ADMIN_KEY.to_owned())),
        ..Config::new(data.path())
    }
}

/// Where a test keeps its data.
#[derive(Clone, Copy, Debug)]
pub enum Engine {
    Postgres,
    Sqlite,
}

impl Engine {
    /// As [`config`], with a new database.
    pub async fn config(self, data: &TempDir) -> Config {
        let database_url = match self {
            Self::Postgres => Some(Zeroizing::new(Cluster::shared().database().await)),
            Self::Sqlite => None,
        };
        Config { database_url, ..config(data) }
    }

    /// A server with a new database.
    pub async fn start(self, data: &TempDir) -> TestServer {
        TestServer::with(self.config(data).await).await
    }
}

/// Makes a test of each of these functions for each engine.
#[macro_export]
macro_rules! on_each_engine {
    ($($test:ident,)*) => {
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::support::Engine::Postgres).await;
            })*
        }

        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::support::Engine::Sqlite).await;
            })*
        }
    };
}

/// Knows a few names, and asks no one.
#[derive(Debug)]
struct TestNames;

#[async_trait]
impl Resolver for TestNames {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let addresses: &[&str] = match host {
            "loopback.test" => &["127.0.0.1"],
            "private.test" => &["10.0.0.1"],
            "mixed.test" => &["127.0.0.1", "10.0.0.1"],
            _ => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(addresses.iter().map(|text| text.parse().unwrap()).collect())
    }
}

/// A server that runs in this process until it is stopped or dropped.
pub struct TestServer {
    pub client: Client,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), ServerError>>,
}

impl TestServer {
    pub async fn start(data: &TempDir) -> Self {
        Self::with(config(data)).await
    }

    pub async fn with(config: Config) -> Self {
        let shell = Shell { resolver: Arc::new(TestNames), ..Shell::default() };
        let server = Server::start(config, shell).await.unwrap();
        let client = Client::new(server.address(), ADMIN_KEY);
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(server.run_until(async {
            // Stops as well when the test drops its end.
            let _ = stopped.await;
        }));
        Self { client, stop, running }
    }

    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.running).await.unwrap().unwrap().unwrap();
    }

    /// Makes an endpoint and returns the answer.
    pub async fn endpoint(&self, url: &str, profile: &str, event_types: &[&str]) -> Answer {
        let body = json!({ "url": url, "profile": profile, "event_types": event_types });
        let answer = self.client.post("/v1/endpoints", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer
    }

    /// Sends an event and returns its id.
    pub async fn send(&self, event_type: &str, data: Value) -> String {
        let answer =
            self.client.post("/v1/events", &json!({ "type": event_type, "data": data })).await;
        assert_eq!(answer.status, 202, "{}", answer.json);
        answer.text("/id")
    }

    /// Asks for the event until its deliveries stand where they should, and returns it.
    pub async fn event_when(&self, id: &str, done: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/v1/events/{id}");
        let look = async {
            loop {
                let event = self.client.get(&path).await.json;
                if done(&event) {
                    return event;
                }
                tokio::task::yield_now().await;
            }
        };
        match tokio::time::timeout(PATIENCE, look).await {
            Ok(event) => event,
            Err(_) => panic!("waited in vain: {}", self.client.get(&path).await.json),
        }
    }

    /// The event once all its deliveries are in `state`.
    pub async fn event_in(&self, id: &str, state: &str) -> Value {
        self.event_when(id, |event| {
            let deliveries = event["deliveries"].as_array().unwrap();
            !deliveries.is_empty() && deliveries.iter().all(|delivery| delivery["state"] == state)
        })
        .await
    }
}
