//! What must hold once the faults are over: all that was accepted came, and what came twice is explained.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "each test file mounts this module and uses a part of it"
)]

use super::{PATIENCE, client::Client, ledger::Ledger, traffic::Tally};

/// What an audit counted.
#[derive(Debug, Default)]
pub struct Findings {
    pub accepted: usize,
    /// Requests that got no answer and were made again.
    pub broken: usize,
    /// Events that were taken more than once.
    pub repeated: usize,
    /// Events that had failed visibly, because a server died too often while it held them, and came by a replay.
    pub replayed: usize,
    /// The same, but the receiver had taken them.
    pub given_up: usize,
}

/// Panics when an event is lost, or came again although the server had noted that it was taken.
pub async fn audit(client: &Client, ledger: &Ledger, tally: &Tally) -> Findings {
    let mut findings =
        Findings { accepted: tally.accepted.len(), broken: tally.broken, ..Findings::default() };
    for id in ledger.missing_of(&tally.accepted).await {
        // It may have failed, where everybody can see it and send it again.
        let event = client.get(&format!("/v1/events/{id}")).await;
        assert_eq!(event.text("/deliveries/0/state"), "failed", "lost: {}", event.body);
        assert_eq!(event.text("/deliveries/0/reason"), "interrupted", "{}", event.body);
        let delivery = event.text("/deliveries/0/id");
        let replay = client.act(&format!("/v1/deliveries/{delivery}/replay")).await;
        assert_eq!(replay.status, 202, "{}", replay.body);
        findings.replayed += 1;
    }
    assert_eq!(ledger.missing_of(&tally.accepted).await, Vec::<String>::new());

    let repeated = ledger.repeated();
    findings.repeated = repeated.len();
    for (id, _) in repeated {
        let path = format!("/v1/events/{id}");
        let noted = async {
            loop {
                let event = client.get(&path).await;
                let state = event.json.pointer("/deliveries/0/state");
                if state.is_some_and(|state| state == "delivered" || state == "failed") {
                    return event;
                }
                tokio::task::yield_now().await;
            }
        };
        let Ok(event) = tokio::time::timeout(PATIENCE, noted).await else {
            panic!("never ended: {}", client.get(&path).await.body);
        };
        let attempts = event.json.pointer("/deliveries/0/attempts").unwrap().as_array().unwrap();
        let taken = attempts.iter().filter(|attempt| attempt["status"] == 204).count();
        let interrupted = attempts.iter().any(|attempt| attempt["error"] == "interrupted");
        let failed = event.text("/deliveries/0/state") == "failed";
        findings.given_up += usize::from(failed);
        if failed {
            assert_eq!(event.text("/deliveries/0/reason"), "interrupted", "{}", event.body);
        }
        assert!(
            taken == usize::from(!failed) && interrupted,
            "sent again for no reason: {}",
            event.body
        );
    }
    findings
}
