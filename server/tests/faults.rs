//! The database goes away, the disk is full, endpoints misbehave: the server says so, goes on by itself, and loses nothing.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "says what it counted and how long it took; nothing is decided by that"
)]

mod support;

use std::{
    fs,
    future::Future,
    time::{Duration, Instant},
};

use serde_json::json;
use support::{
    ADMIN_KEY, PATIENCE,
    audit::audit,
    client::Client,
    ledger::Ledger,
    postgres::Cluster,
    process::Process,
    raw::{RawServer, read_request},
    traffic::Traffic,
};
use tokio::io::AsyncWriteExt as _;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_restarts_loses_nothing() {
    const RESTARTS: usize = 5;
    // Longer than a restart takes: nobody is taken for dead.
    const LEASE_SECONDS: u32 = 60;

    let begun = Instant::now();
    let cluster = Cluster::durable();
    let url = cluster.database().await;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let ledger = Ledger::start().await;
    let nodes = [
        Process::start_node(&folders[0], &url, LEASE_SECONDS).await,
        Process::start_node(&folders[1], &url, LEASE_SECONDS).await,
    ];
    make_endpoint(&nodes[0].client, &ledger.url()).await;
    let traffic = Traffic::start(&ledger, 2, 3, 200);
    for (number, node) in nodes.iter().enumerate() {
        traffic.set(number, Some(node.client.clone()));
    }
    for round in 0..RESTARTS {
        ledger.until_more(50).await;
        tokio::task::block_in_place(|| {
            if round % 2 == 0 { cluster.stop() } else { cluster.shut_down() }
        });
        // What was under way waits, what comes now waits as well.
        tokio::task::block_in_place(|| cluster.start_again());
    }
    ledger.until_more(50).await;
    let tally = traffic.stop().await;
    let found = audit(&nodes[0].client, &ledger, &tally).await;
    // Nobody died: whoever asked got an answer, and nothing was sent twice.
    assert_eq!((tally.broken, found.repeated), (0, 0));
    assert!(tally.refused.keys().all(|code| code.starts_with("503")), "{:?}", tally.refused);
    println!(
        "PostgreSQL: {RESTARTS} restarts, {found:?}, {:?}, {:?}",
        tally.refused,
        begun.elapsed()
    );
    for node in nodes {
        node.terminate().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_said_soon() {
    let cluster = Cluster::durable();
    let url = cluster.database().await;
    let data = tempfile::tempdir().unwrap();
    let node = Process::start_node(&data, &url, 60).await;
    let event = json!({ "type": "a.b", "data": {} });
    assert_eq!(node.client.post("/v1/events", &event).await.status, 202);
    tokio::task::block_in_place(|| cluster.stop());
    let begun = Instant::now();
    for answer in [
        node.client.post("/v1/events", &event).await,
        node.client.get("/v1/events").await,
        node.client.post("/v1/api-keys", &json!({ "scope": "read" })).await,
    ] {
        assert_eq!((answer.status, answer.error_code().as_str()), (503, "not_ready"));
        assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
    }
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    tokio::task::block_in_place(|| cluster.start_again());
    eventually(async || (node.client.post("/v1/events", &event).await.status == 202).then_some(()))
        .await;
    println!("PostgreSQL: away, said three times within {:?}", begun.elapsed());
    node.terminate().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_survived() {
    let begun = Instant::now();
    let data = tempfile::tempdir().unwrap();
    let ledger = Ledger::start().await;
    let process = Process::start(&data, Some(ADMIN_KEY)).await;
    make_endpoint(&process.client, &ledger.url()).await;
    let traffic = Traffic::start(&ledger, 1, 3, 100);
    traffic.set(0, Some(process.client.clone()));
    ledger.until_more(50).await;
    traffic.set(0, None);
    process.kill().await;

    let lengths =
        fs::read_dir(data.path()).unwrap().map(|file| file.unwrap().metadata().unwrap().len());
    let room = lengths.max().unwrap() + 256 * 1024;
    let process = Process::start_cramped(&data, ADMIN_KEY, room).await;
    traffic.set(0, Some(process.client.clone()));
    eventually(async || (traffic.refused() >= 50).then_some(())).await;
    // It lives, says that it cannot, and still reads.
    assert_eq!(process.client.get("/healthz").await.status, 204);
    // What is small may have found a last place, for which `/readyz` keeps its word for a second.
    let ready = eventually(async || {
        let ready = process.client.get("/readyz").await;
        (ready.status != 204).then_some(ready)
    })
    .await;
    assert_eq!((ready.status, ready.error_code().as_str()), (503, "not_ready"));
    assert_eq!(process.client.get("/v1/events").await.status, 200);
    let accepted_when_full = traffic.accepted();
    traffic.set(0, None);
    process.kill().await;

    let process = Process::start(&data, Some(ADMIN_KEY)).await;
    traffic.set(0, Some(process.client.clone()));
    ledger.until_more(200).await;
    let tally = traffic.stop().await;
    let found = audit(&process.client, &ledger, &tally).await;
    assert!(tally.refused.keys().all(|code| code.starts_with("503")), "{:?}", tally.refused);
    println!(
        "SQLite: full after {accepted_when_full} events, {found:?}, {:?}, {:?}",
        tally.refused,
        begun.elapsed()
    );
    process.terminate().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_endpoints_hold_up_nobody() {
    const EVENTS: usize = 300;
    const MAX_RESIDENT: u64 = 100 << 20;

    let begun = Instant::now();
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(&data, Some(ADMIN_KEY)).await;
    let client = &process.client;
    let ledger = Ledger::start().await;
    let hanging = RawServer::mute().await;
    let dripping = answering(|mut stream| async move {
        let mut beat = tokio::time::interval(Duration::from_millis(50));
        let mut next: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n";
        while stream.write_all(next).await.is_ok() {
            next = b"x";
            beat.tick().await;
        }
    })
    .await;
    let resetting = answering(|stream| async move { stream.set_zero_linger().unwrap() }).await;
    let pouring = answering(|mut stream| async move {
        let piece = vec![b'x'; 64 * 1024];
        let mut left = 1_usize << 30;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {left}\r\n\r\n");
        let mut sent = stream.write_all(head.as_bytes()).await;
        while sent.is_ok() && left > 0 {
            sent = stream.write_all(&piece).await;
            left -= piece.len();
        }
    })
    .await;
    let babbling = RawServer::saying(*b"\x00\xff\x16\x03 is no answer\r\n\r\n").await;

    let bad = [
        ("hangs", &hanging, Some("response_timeout")),
        ("drips", &dripping, Some("timeout")),
        ("resets", &resetting, Some("connection_failed")),
        ("sends 1 GB", &pouring, None),
        ("babbles", &babbling, Some("invalid_response")),
    ];
    let mut ids = Vec::new();
    for (_, server, _) in &bad {
        let id = make_endpoint(client, &server.url()).await;
        let patch = json!({ "settings": { "timeout_ms": 5000 } });
        let answer = client.patch(&format!("/v1/endpoints/{id}"), &patch).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        ids.push(id);
    }
    make_endpoint(client, &ledger.url()).await;

    let mut accepted = Vec::new();
    let mut resident = 0;
    for n in 0..EVENTS {
        let id = format!("n{n}");
        let event = json!({ "type": "a.b", "data": { "n": n }, "id": id });
        assert_eq!(client.post("/v1/events", &event).await.status, 202);
        accepted.push(id);
        resident = resident.max(process.resident());
    }
    assert_eq!(ledger.missing_of(&accepted).await, Vec::<String>::new());
    // The one that hangs has not had its turn with all of them, and nobody waited for it.
    let tried = hanging.accepted();
    assert!(tried < EVENTS / 2, "{tried} attempts at the one that hangs came first");

    for ((what, _, error), id) in bad.iter().zip(&ids) {
        // The first events had their turn before the breaker of an endpoint that takes nothing opened.
        for event in &accepted[..3] {
            let path = format!("/v1/events/{event}");
            let attempts = eventually(async || {
                resident = resident.max(process.resident());
                let event = client.get(&path).await.json;
                let mut deliveries = event["deliveries"].as_array().unwrap().iter();
                let its = deliveries.find(|delivery| delivery["endpoint_id"] == **id)?;
                its["attempts"].as_array().filter(|attempts| !attempts.is_empty()).cloned()
            })
            .await;
            for attempt in &attempts {
                assert_eq!(attempt["error"].as_str(), *error, "the one that {what}: {attempt}");
                // Of 1 GB the beginning is enough to say that it took the delivery.
                let kept = attempt["response_body"].as_str().unwrap().len();
                assert!(kept <= 16 * 1024 && (error.is_some() || kept == 16 * 1024), "{kept}");
            }
            println!("the one that {what}: {} attempts, {}", attempts.len(), attempts[0]["error"]);
        }
    }
    assert!(resident < MAX_RESIDENT, "{resident} bytes");
    println!(
        "{EVENTS} events beside {} bad endpoints, {tried} attempts at the one that hangs, {} MiB, {:?}",
        bad.len(),
        resident >> 20,
        begun.elapsed()
    );
    process.kill().await;
}

/// Reads one request per connection, then does as it is told.
async fn answering<Fut: Future<Output = ()> + Send + 'static>(
    answer: impl Fn(tokio::net::TcpStream) -> Fut + Copy + Send + Sync + 'static,
) -> RawServer {
    RawServer::start(move |mut stream, _| async move {
        if read_request(&mut stream).await.is_some() {
            answer(stream).await;
        }
    })
    .await
}

async fn make_endpoint(client: &Client, url: &str) -> String {
    let body = json!({ "url": url, "event_types": ["*"] });
    let answer = client.post("/v1/endpoints", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.text("/id")
}

/// Asks until there is an answer.
async fn eventually<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.expect("waited in vain")
}
