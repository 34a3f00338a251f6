//! Starting, and the data directory over several starts.

#![cfg(test)]

mod support;

use std::{fs, os::unix::fs::PermissionsExt as _};

use hookseal_server::{
    app::{Server, Shell},
    config::Config,
    seal::MasterKey,
};
use serde_json::json;
use support::{TestServer, client::Client, config, process::Process, receiver::Receiver};
use zeroize::Zeroizing;

async fn refusal(config: Config) -> String {
    match Server::start(config, Shell::default()).await {
        Ok(_) => panic!("the server started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn the_first_start_prints_a_key_and_later_ones_know_it() {
    let data = tempfile::tempdir().unwrap();
    let first = Process::start(&data, None).await;
    let [line] = first.said.as_slice() else { panic!("{:?}", first.said) };
    let key = line.strip_prefix("API key (shown only this once): ").unwrap().to_owned();
    assert!(key.starts_with("hks_") && key.len() == 47, "{key}");
    assert_eq!(first.client.get("/v1/endpoints").await.status, 200);
    first.terminate().await;

    let second = Process::start(&data, None).await;
    assert!(second.said.is_empty(), "{:?}", second.said);
    assert_eq!(second.client.with_key(&key).get("/v1/endpoints").await.status, 200);
    second.terminate().await;
}

#[tokio::test]
async fn a_chosen_key_replaces_the_chosen_one_before() {
    let data = tempfile::tempdir().unwrap();
    let with_key =
        |key: &str| Config { admin_key: Some(Zeroizing::new(key.to_owned())), ..config(&data) };
    let (first, second) = ("first key, 16 characters", "second key, 16 characters");
    for (chosen, other) in [(first, second), (second, first), (second, first)] {
        let server = Server::start(with_key(chosen), Shell::default()).await.unwrap();
        for (key, status) in [(chosen, 200), (other, 401)] {
            assert_eq!(
                Client::new(server.address(), key).get("/v1/endpoints").await.status,
                status
            );
        }
        server.run_until(async {}).await.unwrap();
    }
    assert!(refusal(with_key("too short")).await.contains("at least 16"));
}

#[tokio::test]
async fn one_server_at_a_time() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    assert!(refusal(config(&data)).await.contains("another server runs"));
    server.stop().await;
    TestServer::start(&data).await.stop().await;
}

#[tokio::test]
async fn secrets_open_only_under_their_master_key() {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start().await;
    let server = TestServer::start(&data).await;
    let secret = server.endpoint(&receiver.url(), "naive", &["*"]).await.text("/secret");
    server.stop().await;

    let key_file = data.path().join("master.key");
    assert_eq!(fs::metadata(&key_file).unwrap().permissions().mode() & 0o777, 0o600);
    let key = fs::read_to_string(&key_file).unwrap();
    fs::remove_file(&key_file).unwrap();
    assert!(refusal(config(&data)).await.contains("another master key"));
    fs::remove_file(&key_file).unwrap();

    let with_key = Config { master_key: Some(MasterKey::parse(&key).unwrap()), ..config(&data) };
    let server = TestServer::with(with_key).await;
    server.send("email.received", json!({})).await;
    receiver.next().await.verify("naive", &secret).unwrap();
    server.stop().await;
}
