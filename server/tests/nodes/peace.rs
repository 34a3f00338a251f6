//! The end of a story: everything is well again, and it is asked what became of everything.

use std::time::{Duration, Instant};

use crate::{
    plot::{NODES, Plot},
    standstill::Standstills,
    story::pass,
    support::postgres::number,
    verdict::{Delivery, Record},
    world::{Mood, now},
};

impl Plot {
    pub(crate) async fn make_peace(&mut self) {
        self.note("peace");
        {
            let mut state = self.world.state();
            state.rough = false;
            state.endpoints.iter_mut().for_each(|endpoint| endpoint.mood = Mood::Well);
        }
        while let Some(done) = self.sending.join_next().await {
            done.unwrap();
        }
        for seat in 0..NODES {
            self.seats[seat].wire.mend();
            self.start(seat).await;
            assert!(self.seats[seat].node.is_some(), "{:?}", self.deeds);
        }
    }

    /// What the servers say became of everything, once they say that it has ended.
    pub(crate) async fn records(&mut self) -> (Vec<Record>, Vec<String>) {
        let (mut records, mut complaints) = (Vec::new(), Vec::new());
        let accepted = std::mem::take(&mut *self.accepted.lock().unwrap());
        let mut peace = self.peace();
        for event in accepted {
            for (endpoint, id) in &event.deliveries {
                let path = format!("/v1/deliveries/{id}");
                let delivery = loop {
                    let answer =
                        self.act(async |client| client.try_call("GET", &path, None).await).await;
                    let delivery = Delivery::read(&answer.json);
                    if delivery.as_ref().is_some_and(Delivery::has_ended) || peace.is_over() {
                        break delivery;
                    }
                    pass(20).await;
                };
                match delivery {
                    Some(delivery) => {
                        records.push(Record {
                            event: event.clone(),
                            endpoint: *endpoint,
                            delivery,
                        });
                    }
                    None => {
                        complaints.push(format!("{} to endpoint {endpoint} was lost", event.id));
                    }
                }
            }
        }
        (records, complaints)
    }

    /// What a node holds to deliver, although all is delivered, would be delivered again when it dies.
    pub(crate) async fn left_over(&self, url: &str) -> Option<String> {
        let mut peace = self.peace();
        loop {
            let claims = number(url, "SELECT count(*) FROM claim").await;
            if claims == 0 {
                return None;
            }
            if peace.is_over() {
                return Some(format!("{claims} claims are left"));
            }
            pass(20).await;
        }
    }

    /// However much else goes on, the breaker of an endpoint that failed to the end holds no longer than it did.
    fn peace(&self) -> Peace {
        Peace {
            begun: now(),
            time: PEACE + self.begun.elapsed(),
            world: self.world.state().own_standstills.clone(),
            answers: 0,
        }
    }

    pub(crate) async fn end(&mut self) {
        for seat in &mut self.seats {
            if let Some(node) = seat.node.take() {
                node.stop().await;
            }
        }
    }
}

/// How long everything may take to end, in a world that does not stand still, and with servers and a database that answer
/// as often as they usually do in a part of that time.
struct Peace {
    begun: Instant,
    time: Duration,
    world: Standstills,
    answers: u32,
}

impl Peace {
    /// Something was asked and answered, and it has not ended. Whether it ever will.
    fn is_over(&mut self) -> bool {
        self.answers += 1;
        self.answers > ANSWERS
            && now() - self.begun > self.time + self.world.within(self.begun, now())
    }
}

const PEACE: Duration = Duration::from_secs(30);
/// Of servers that are asked every 20 ms, within less than ten seconds.
const ANSWERS: u32 = 300;
