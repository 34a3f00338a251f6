//! Starting, and the data directory over several starts.

#![cfg(test)]

mod support;

use std::{fs, os::unix::fs::PermissionsExt as _, time::Duration};

use hookseal_server::{
    app::{Server, Shell},
    config::Config,
    seal::MasterKey,
};
use serde_json::json;
use support::{
    TestServer, client::Client, config, postgres::Cluster, process::Process, raw::RawServer,
    receiver::Receiver,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
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
    for odd in ["sixteen characters\u{e9}", "sixteen\ncharacters", "sixteen characters\n"] {
        assert!(refusal(with_key(odd)).await.contains("printable ASCII"), "{odd:?}");
    }
}

#[tokio::test]
async fn a_line_break_after_the_key_is_not_part_of_it() {
    let data = tempfile::tempdir().unwrap();
    let key = format!("{}\n", support::ADMIN_KEY);
    let process = Process::start(&data, Some(&key)).await;
    let client = process.client.with_key(support::ADMIN_KEY);
    assert_eq!(client.get("/v1/endpoints").await.status, 200);
    process.kill().await;
}

#[tokio::test]
async fn the_limit_of_open_files_is_raised() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start_with_few_files(&data, 128).await;
    assert!(process.file_limit() >= 1024, "{}", process.file_limit());
    process.kill().await;
}

#[tokio::test]
async fn more_clients_than_there_may_be_wait() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::with(Config { max_clients: 1, ..config(&data) }).await;
    let mut first = tokio::net::TcpStream::connect(server.client.address()).await.unwrap();
    first.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    first.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 204");
    let client = server.client.clone();
    let mut second = tokio::spawn(async move { client.get("/healthz").await.status });
    let early = tokio::time::timeout(Duration::from_millis(300), &mut second).await;
    assert!(early.is_err(), "{early:?}");
    drop(first);
    let status = tokio::time::timeout(support::PATIENCE, second).await.expect("it still waits");
    assert_eq!(status.unwrap(), 204);
    server.stop().await;
}

#[tokio::test]
async fn a_signal_ends_a_start_that_waits() {
    let data = tempfile::tempdir().unwrap();
    let database = RawServer::mute().await;
    let url = format!("postgres://u@{}/d?sslmode=disable", database.address);
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_hookseal"))
        .args(["serve", "--listen", "127.0.0.1:0", "--database-url", &url, "--data"])
        .arg(data.path())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let waits = async {
        while database.accepted() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(support::PATIENCE, waits).await.expect("it does not start");
    let pid = child.id().unwrap().to_string();
    let kill = tokio::process::Command::new("kill").args(["-TERM", &pid]).status().await;
    assert!(kill.unwrap().success());
    let soon = Duration::from_secs(5);
    let status = tokio::time::timeout(soon, child.wait()).await.expect("it goes on").unwrap();
    assert!(status.success(), "{status}");
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
    let missing = refusal(config(&data)).await;
    for word in ["HOOKSEAL_MASTER_KEY", key_file.to_str().unwrap()] {
        assert!(missing.contains(word), "{missing}");
    }
    assert!(!key_file.exists(), "a new key beside data that it does not open");
    let wrong = Some(MasterKey::parse(&"01".repeat(32)).unwrap());
    let wrong = refusal(Config { master_key: wrong, ..config(&data) }).await;
    for word in ["another master key", "HOOKSEAL_MASTER_KEY", key_file.to_str().unwrap()] {
        assert!(wrong.contains(word), "{wrong}");
    }

    let with_key = Config { master_key: Some(MasterKey::parse(&key).unwrap()), ..config(&data) };
    let server = TestServer::with(with_key).await;
    server.send("email.received", json!({})).await;
    receiver.next().await.verify("naive", &secret).unwrap();
    server.stop().await;
}

#[tokio::test]
async fn a_key_that_was_never_used_is_printed_anew() {
    let data = tempfile::tempdir().unwrap();
    let key = |process: &Process| {
        process.said.first().map(|line| line.rsplit(' ').next().unwrap().to_owned())
    };
    let first = Process::start(&data, None).await;
    let unused = key(&first).unwrap();
    first.kill().await;
    let second = Process::start(&data, None).await;
    let used = key(&second).unwrap();
    assert_eq!(second.client.with_key(&unused).get("/v1/endpoints").await.status, 401);
    assert_eq!(second.client.with_key(&used).get("/v1/endpoints").await.status, 200);
    second.kill().await;
    let third = Process::start(&data, None).await;
    assert_eq!(key(&third), None);
    assert_eq!(third.client.with_key(&used).get("/v1/endpoints").await.status, 200);
    third.kill().await;
}

#[tokio::test]
async fn a_port_that_is_taken_costs_nothing() {
    let data = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let without_key =
        |listen: &str| Config { listen: listen.to_owned(), admin_key: None, ..config(&data) };
    assert!(refusal(without_key(&listen)).await.contains(&listen));
    assert!(!data.path().join("hookseal.db").exists());
    let mut server = Server::start(without_key("127.0.0.1:0"), Shell::default()).await.unwrap();
    assert!(server.take_new_key().is_some());
}

#[tokio::test]
async fn files_are_private_even_in_a_directory_that_is_not() {
    let data = tempfile::tempdir().unwrap();
    fs::set_permissions(data.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(data.path().join("hookseal.lock"), "").unwrap();
    let server = TestServer::start(&data).await;
    let mut seen = Vec::new();
    for entry in fs::read_dir(data.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        seen.push(entry.file_name());
    }
    seen.sort_unstable();
    let all = ["hookseal.db", "hookseal.db-shm", "hookseal.db-wal", "hookseal.lock", "master.key"];
    assert_eq!(seen, all);
    server.stop().await;
    // Written back, and closed.
    assert!(!data.path().join("hookseal.db-wal").exists());
}

#[tokio::test]
async fn an_empty_key_is_a_mistake() {
    for variable in ["HOOKSEAL_MASTER_KEY", "HOOKSEAL_ADMIN_KEY"] {
        let data = tempfile::tempdir().unwrap();
        let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_hookseal"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .env(variable, "")
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(support::PATIENCE, output).await.unwrap().unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(variable) && said.contains("empty"), "{said}");
    }
}

/// The client of PostgreSQL would write them at these levels.
#[tokio::test]
async fn no_log_level_shows_what_is_stored() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("log");
    let url = Cluster::shared().database().await;
    let levels = "debug,tokio_postgres=trace,tokio_postgres::query=trace";
    let args = ["--database-url", &url, "--log", levels];
    let process = Process::start_logging(&data, fs::File::create(&path).unwrap(), &args).await;
    let event = json!({ "type": "a.b", "data": { "card": "4111 1111 1111 1111" }, "id": "evt:1" });
    assert_eq!(process.client.post("/v1/events", &event).await.status, 202);
    assert_eq!(process.client.get("/v1/events/evt:1").await.status, 200);
    process.terminate().await;
    let log = fs::read_to_string(&path).unwrap();
    assert!(log.contains("stopped"), "{log}");
    for word in ["4111", "evt:1", "INSERT", "insert into"] {
        assert!(!log.contains(word), "`{word}` in {log}");
    }
}

#[tokio::test]
async fn clients_that_say_nothing_do_not_hold_up_the_end() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(&data, Some(support::ADMIN_KEY)).await;
    let head = "POST /v1/events HTTP/1.1\r\nhost: x\r\n";
    let length = "content-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    let key = format!("authorization: Bearer {}\r\n", support::ADMIN_KEY);
    let mut open = Vec::new();
    for bytes in [String::new(), head.to_owned(), format!("{head}{key}{length}")] {
        let mut stream = tokio::net::TcpStream::connect(process.client.address()).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        open.push(stream);
    }
    let soon = Duration::from_secs(5);
    tokio::time::timeout(soon, process.terminate()).await.expect("it waited for them");
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let data = tempfile::tempdir().unwrap();
    let mut hanging = Receiver::answering(async |_| std::future::pending().await).await;
    let process = Process::start(&data, Some(support::ADMIN_KEY)).await;
    let endpoint = json!({ "url": hanging.url(), "event_types": ["*"] });
    assert_eq!(process.client.post("/v1/endpoints", &endpoint).await.status, 201);
    process.client.post("/v1/events", &json!({ "type": "a.b", "data": {} })).await;
    hanging.next().await;
    // One signal lets the attempt that hangs go on for 10 s.
    let soon = Duration::from_secs(5);
    tokio::time::timeout(soon, process.terminate_twice()).await.expect("it went on");
}
