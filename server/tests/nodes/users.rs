//! What the users do: they send, and change endpoints, and ask again until a node answers.

use std::sync::Arc;

use serde_json::json;

use crate::{
    plot::{NODES, Plot},
    story::{Accepted, pass},
    support::client::{Answer, Client},
    world::now,
};

impl Plot {
    pub(crate) fn send(&mut self) {
        self.events += 1;
        let id = format!("e{}", self.events);
        let clients = self.clients();
        let mut turn = usize::try_from(self.dice.below(NODES as u64)).unwrap();
        let (accepted, ids) = (Arc::clone(&self.accepted), self.ids.clone());
        let body = json!({ "type": "a.b", "data": { "n": self.events }, "id": id });
        self.sending.spawn(async move {
            // Again and again until it is accepted, as a client does; of what nobody accepts nothing is promised.
            let sent = now();
            for _ in 0..40 {
                turn += 1;
                let Some(client) = clients.get(turn % clients.len().max(1)) else { return };
                match client.try_post("/v1/events", &body).await {
                    Ok(answer) if answer.status == 202 => {
                        let deliveries = answer.json["deliveries"].as_array().unwrap().iter();
                        let delivery = |delivery: &serde_json::Value| {
                            let endpoint = delivery["endpoint_id"].as_str().unwrap();
                            let number = ids.iter().position(|id| id == endpoint).unwrap();
                            (number, delivery["id"].as_str().unwrap().to_owned())
                        };
                        let deliveries = deliveries.map(delivery).collect();
                        let event = Accepted { id, sent, answered: now(), deliveries };
                        accepted.lock().unwrap().push(event);
                        return;
                    }
                    Ok(answer) => assert!(answer.status >= 500, "{}", answer.body),
                    Err(_) => {}
                }
                pass(20).await;
            }
        });
    }

    pub(crate) async fn delete(&mut self, endpoint: usize) {
        let closed = self.world.state().endpoints.iter().filter(|it| it.closed.is_some()).count();
        if self.world.state().endpoints[endpoint].closed.is_some() || closed + 1 >= self.ids.len() {
            return;
        }
        let path = format!("/v1/endpoints/{}", self.ids[endpoint]);
        let answer = self.act(async |client| client.try_call("DELETE", &path, None).await).await;
        // Who asks again, because the first answer was lost, finds that it is gone.
        assert!([204, 404].contains(&answer.status), "{}", answer.body);
        self.world.state().endpoints[endpoint].closed = Some((now(), "it was deleted"));
        self.note(&format!("endpoint {endpoint} is deleted"));
    }

    pub(crate) async fn pause_and_resume(&mut self, endpoint: usize) {
        if self.world.state().endpoints[endpoint].closed.is_some() {
            return;
        }
        let path = format!("/v1/endpoints/{}/pause", self.ids[endpoint]);
        let (answer, tries) =
            self.try_act(async |client| client.try_call("POST", &path, None).await).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        if tries == 1 {
            self.world.state().endpoints[endpoint].closed = Some((now(), "it was paused"));
        }
        self.note(&format!("endpoint {endpoint} is paused, after {tries} tries"));
        for _ in 0..self.dice.below(4) {
            self.send();
        }
        let pause = self.dice.below(300);
        pass(pause).await;
        self.resume(endpoint).await;
    }

    async fn resume(&mut self, endpoint: usize) {
        self.world.state().endpoints[endpoint].closed = None;
        let path = format!("/v1/endpoints/{}/resume", self.ids[endpoint]);
        let answer = self.act(async |client| client.try_call("POST", &path, None).await).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.note(&format!("endpoint {endpoint} is resumed"));
    }

    pub(crate) async fn move_away(&mut self, endpoint: usize) {
        if self.world.state().endpoints[endpoint].closed.is_some() {
            return;
        }
        let path = format!("/v1/endpoints/{}", self.ids[endpoint]);
        // What was asked twice may have been done by the first, which nobody answered for: so to another place then.
        let before = self.world.state().endpoints[endpoint].version;
        for version in before + 1.. {
            let body = json!({ "url": self.url(endpoint, version) });
            let (answer, tries) = self
                .try_act(async |client| client.try_call("PATCH", &path, Some(&body)).await)
                .await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            if tries == 1 {
                let endpoint = &mut self.world.state().endpoints[endpoint];
                (endpoint.version, endpoint.moved) = (version, now());
                break;
            }
        }
        self.note(&format!("endpoint {endpoint} moved"));
    }

    /// Asks one node after the other until one does it.
    pub(crate) async fn act(
        &mut self,
        ask: impl AsyncFn(&Client) -> std::io::Result<Answer>,
    ) -> Answer {
        self.try_act(ask).await.0
    }

    /// And how often that was.
    async fn try_act(
        &mut self,
        ask: impl AsyncFn(&Client) -> std::io::Result<Answer>,
    ) -> (Answer, usize) {
        let first = usize::try_from(self.dice.below(NODES as u64)).unwrap();
        let mut last = None;
        for tries in 1..100 {
            let clients = self.clients();
            match ask(&clients[(first + tries) % clients.len()]).await {
                Ok(answer) if answer.status < 500 => return (answer, tries),
                other => last = Some(other),
            }
            pass(20).await;
        }
        panic!("seed {}: no node does it: {last:?} {:#?}", self.seed, self.deeds);
    }
}
