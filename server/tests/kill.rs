//! `kill -9` between accept and delivery: nothing that was answered with 202 is lost.

#![cfg(test)]

mod support;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use axum::{http::StatusCode, response::IntoResponse as _};
use serde_json::json;
use support::{ADMIN_KEY, PATIENCE, process::Process, receiver::Receiver};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_accepted_is_lost() {
    const KILLS: usize = 20;
    const SENDERS: usize = 4;

    let data = tempfile::tempdir().unwrap();
    // Every third delivery fails, so that some wait for a retry when the process dies.
    let taken = Arc::new(Mutex::new(HashSet::new()));
    let ledger = Arc::clone(&taken);
    let mut receiver = Receiver::answering(move |seen| {
        let refused = seen.number % 3 == 0;
        if !refused {
            ledger.lock().unwrap().insert(seen.header("webhook-id").unwrap().to_owned());
        }
        async move {
            if refused { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }.into_response()
        }
    })
    .await;
    let process = Process::start(&data, Some(ADMIN_KEY)).await;
    let body = json!({ "url": receiver.url(), "event_types": ["*"] });
    assert_eq!(process.client.post("/v1/endpoints", &body).await.status, 201);

    let mut accepted = HashSet::new();
    let mut process = Some(process);
    for round in 0..KILLS {
        let running = match process.take() {
            Some(running) => running,
            None => Process::start(&data, Some(ADMIN_KEY)).await,
        };
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let client = running.client.clone();
                tokio::spawn(async move {
                    let mut accepted = Vec::new();
                    for n in 0.. {
                        let id = format!("r{round}-s{sender}-n{n}");
                        let body = json!({ "type": "a.b", "data": { "n": n }, "id": id }).to_string();
                        let head = format!(
                            "POST /v1/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {ADMIN_KEY}\r\n\
                             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
                            body.len()
                        );
                        match client.raw(&[head.as_bytes(), body.as_bytes()].concat()).await {
                            Ok(answer) if answer.status == 202 => accepted.push(id),
                            Ok(answer) => panic!("{answer:?}"),
                            // The process is gone.
                            Err(_) => return accepted,
                        }
                    }
                    accepted
                })
            })
            .collect();
        // Some of this round's events have been delivered, others are under way: now.
        let prefix = format!("r{round}-");
        let mut arrived = 0;
        while arrived <= 3 * (round % 10) {
            let delivery = receiver.next().await;
            arrived += usize::from(delivery.header("webhook-id").unwrap().starts_with(&prefix));
        }
        running.kill().await;
        for sender in senders {
            accepted.extend(tokio::time::timeout(PATIENCE, sender).await.unwrap().unwrap());
        }
    }
    assert!(accepted.len() >= 5 * KILLS, "only {} events were accepted", accepted.len());

    // The receiver counts: the last process delivers what the killed ones did not.
    let last = Process::start(&data, Some(ADMIN_KEY)).await;
    let missing = || accepted.difference(&taken.lock().unwrap()).cloned().collect::<Vec<_>>();
    while !missing().is_empty() {
        let next = tokio::time::timeout(PATIENCE, receiver.next());
        assert!(next.await.is_ok(), "lost: {:?}", missing());
    }
    last.terminate().await;
}
