//! Senders that do not give up: what got no answer, or a 5xx, they send again under the same id, to whichever node lives.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "each test file mounts this module and uses a part of it"
)]

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle};

use super::{
    PATIENCE,
    client::{Answer, Client},
    ledger::Ledger,
};

/// Runs until it is stopped.
pub struct Traffic {
    nodes: watch::Sender<Nodes>,
    senders: Vec<JoinHandle<Tally>>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Nodes {
    clients: Vec<Option<Client>>,
    ended: bool,
}

#[derive(Default)]
struct Counts {
    accepted: AtomicUsize,
    refused: AtomicUsize,
}

/// What the senders were told.
#[derive(Debug, Default)]
pub struct Tally {
    /// Events answered with 202.
    pub accepted: Vec<String>,
    /// Requests that got no answer.
    pub broken: usize,
    /// Other answers: their code and how many.
    pub refused: BTreeMap<String, usize>,
}

impl Traffic {
    /// Starts `singles` senders of one event at a time and one of batches, to nodes that are named by [`set`](Self::set).
    /// They keep at most about `lead` events ahead of the receiver.
    pub fn start(ledger: &Arc<Ledger>, nodes: usize, singles: usize, lead: usize) -> Self {
        let clients = vec![None; nodes];
        let nodes = watch::Sender::new(Nodes { clients, ended: false });
        let counts = Arc::<Counts>::default();
        let senders = (0..=singles)
            .map(|number| {
                let sender = Sender {
                    number,
                    nodes: nodes.subscribe(),
                    ledger: Arc::clone(ledger),
                    counts: Arc::clone(&counts),
                    lead,
                };
                tokio::spawn(sender.run(if number == 0 { BATCH } else { 1 }))
            })
            .collect();
        Self { nodes, senders, counts }
    }

    /// A node has come, or is gone.
    pub fn set(&self, node: usize, client: Option<Client>) {
        self.nodes.send_modify(|nodes| nodes.clients[node] = client);
    }

    /// Answers so far that were no 202.
    pub fn refused(&self) -> usize {
        self.counts.refused.load(Ordering::SeqCst)
    }

    /// Events accepted so far.
    pub fn accepted(&self) -> usize {
        self.counts.accepted.load(Ordering::SeqCst)
    }

    pub async fn stop(self) -> Tally {
        self.nodes.send_modify(|nodes| nodes.ended = true);
        let mut all = Tally::default();
        for sender in self.senders {
            let tally = tokio::time::timeout(PATIENCE, sender).await.unwrap().unwrap();
            all.accepted.extend(tally.accepted);
            all.broken += tally.broken;
            for (code, count) in tally.refused {
                *all.refused.entry(code).or_default() += count;
            }
        }
        all
    }
}

struct Sender {
    number: usize,
    nodes: watch::Receiver<Nodes>,
    ledger: Arc<Ledger>,
    counts: Arc<Counts>,
    lead: usize,
}

impl Sender {
    async fn run(mut self, batch: usize) -> Tally {
        let mut tally = Tally::default();
        for n in 0_usize.. {
            let (counts, lead) = (Arc::clone(&self.counts), self.lead);
            let behind = move || counts.accepted.load(Ordering::SeqCst).saturating_sub(lead);
            self.ledger.until(|book| book.events() >= behind()).await;
            if self.nodes.borrow().ended {
                break;
            }
            let ids: Vec<_> = (0..batch).map(|i| format!("s{}-n{n}-{i}", self.number)).collect();
            let mut events: Vec<_> = ids.iter().map(|id| event(id)).collect();
            let (path, body) = if batch == 1 {
                ("/v1/events", events.remove(0))
            } else {
                ("/v1/events/batch", json!({ "events": events }))
            };
            self.send(path, &body, ids, &mut tally).await;
        }
        tally
    }

    async fn send(&mut self, path: &str, body: &Value, ids: Vec<String>, tally: &mut Tally) {
        let mut turn = self.number;
        loop {
            let Some(client) = self.client(turn).await else { return };
            turn += 1;
            match client.try_post(path, body).await {
                Ok(answer) if is_taken(&answer, ids.len()) => {
                    self.counts.accepted.fetch_add(ids.len(), Ordering::SeqCst);
                    tally.accepted.extend(ids);
                    return;
                }
                Ok(answer) => {
                    let code = answer.json.pointer("/error/code").and_then(Value::as_str);
                    let code = format!("{} {}", answer.status, code.unwrap_or("in a batch"));
                    *tally.refused.entry(code).or_default() += 1;
                    self.counts.refused.fetch_add(1, Ordering::SeqCst);
                }
                Err(_) => tally.broken += 1,
            }
            tokio::task::yield_now().await;
        }
    }

    /// A node that lives, as far as is known; none when this ends and none does.
    async fn client(&mut self, turn: usize) -> Option<Client> {
        let wait =
            self.nodes.wait_for(|nodes| nodes.ended || nodes.clients.iter().any(Option::is_some));
        let nodes = tokio::time::timeout(PATIENCE, wait).await.expect("no node came").unwrap();
        let mut order = nodes.clients.iter().cycle().skip(turn % nodes.clients.len());
        order.by_ref().take(nodes.clients.len()).flatten().next().cloned()
    }
}

/// Whether all of it is on disk. A batch says so of each event, in an answer that may be cut off.
fn is_taken(answer: &Answer, count: usize) -> bool {
    let batch = answer.json["events"].as_array();
    answer.status == 202
        && batch.map_or(count == 1, |events| {
            events.len() == count && events.iter().all(|event| event["id"].is_string())
        })
}

fn event(id: &str) -> Value {
    json!({ "type": "a.b", "data": { "text": "x".repeat(200) }, "id": id })
}

const BATCH: usize = 10;
