//! Whether everything went as promised.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{
    plot::ATTEMPT_TIMEOUT,
    story::{Accepted, Story},
    world::{Arrival, State, Stray},
};

/// What the servers say of a delivery.
#[derive(Debug)]
pub(crate) struct Delivery {
    state: String,
    /// Status or error of each attempt.
    attempts: Vec<String>,
}

impl Delivery {
    pub(crate) fn read(json: &Value) -> Option<Self> {
        let outcome =
            |attempt: &Value| match (attempt["status"].as_u64(), attempt["error"].as_str()) {
                (Some(status), None) => status.to_string(),
                (_, error) => error.unwrap_or_default().to_owned(),
            };
        Some(Self {
            state: json["state"].as_str()?.to_owned(),
            attempts: json["attempts"].as_array()?.iter().map(outcome).collect(),
        })
    }

    pub(crate) fn has_ended(&self) -> bool {
        ["delivered", "failed", "cancelled"].contains(&&*self.state)
    }

    /// A node died, stood still or was cut off meanwhile, or broke an attempt off itself.
    fn was_disturbed(&self) -> bool {
        self.attempts.iter().any(|outcome| is_disturbance(outcome))
    }

    /// Attempts that had no answer.
    fn unheard(&self) -> usize {
        let is_status = |outcome: &&String| outcome.parse::<u16>().is_ok();
        self.steps() - self.attempts.iter().filter(is_status).count()
    }

    /// Attempts that count as steps of the schedule.
    fn steps(&self) -> usize {
        self.attempts.iter().filter(|outcome| !is_disturbance(outcome)).count()
    }
}

impl Stray {
    /// It was on its way before, and was broken off.
    fn check(&self, state: &State) -> Result<(), String> {
        let (node, world) = (&state.standstills[self.node], &state.own_standstills);
        // Who stood still at that time was about to send it.
        let until = node.end_of(self.since);
        let late = self.at.saturating_duration_since(until);
        let goes_on = self.ended.map(|ended| {
            let lost = node.within(self.at, ended) + world.within(self.at, ended);
            (ended - self.at).saturating_sub(lost)
        });
        if late <= MARGIN + world.within(until, self.at)
            && goes_on.is_some_and(|goes_on| goes_on <= MARGIN)
        {
            return Ok(());
        }
        let Self { id, endpoint, node, why, .. } = self;
        Err(format!(
            "{id} came to endpoint {endpoint} from node {node} after {why}, {:?} later, and went on for {goes_on:?}",
            self.at - self.since
        ))
    }
}

impl State {
    /// So much of the time before that moment the world or a node stood still that attempts ran out of theirs.
    fn stood_still(&self, at: Instant) -> bool {
        let from = at - 2 * ATTEMPT_TIMEOUT;
        let nodes = self.standstills.iter().map(|node| node.within(from, at));
        nodes.sum::<Duration>() + self.own_standstills.within(from, at) >= ATTEMPT_TIMEOUT / 2
    }
}

impl Arrival {
    /// Its node may have given up before it had the answer, because the node or the world stood still.
    fn was_late(&self, state: &State) -> bool {
        let from = self.at - ATTEMPT_TIMEOUT;
        let to = self.answered.unwrap_or(self.at) + ATTEMPT_TIMEOUT;
        let node = &state.standstills[self.node];
        node.within(from, to) + state.own_standstills.within(from, to) >= ATTEMPT_TIMEOUT / 2
    }
}

fn is_disturbance(outcome: &str) -> bool {
    ["interrupted", "cancelled"].contains(&outcome)
}

/// One delivery, as promised and as told.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) event: Accepted,
    pub(crate) endpoint: usize,
    pub(crate) delivery: Delivery,
}

/// What a story adds to the numbers of all.
pub(crate) struct Tale {
    pub(crate) lives: usize,
    pub(crate) deliveries: usize,
    pub(crate) interrupted: usize,
    pub(crate) shared: usize,
    pub(crate) repeated: usize,
}

impl Story {
    pub(crate) fn tale(&self) -> Tale {
        let state = self.world.state();
        let took = |arrivals: &&Vec<Arrival>| {
            arrivals.iter().filter(|arrival| arrival.took && arrival.answered.is_some()).count() > 1
        };
        let is_shared = |arrivals: &&Vec<Arrival>| {
            arrivals.iter().any(|arrival| arrival.node != arrivals[0].node)
        };
        Tale {
            shared: state.arrivals.values().filter(is_shared).count(),
            lives: self.lives,
            deliveries: self.records.len(),
            interrupted: self.records.iter().filter(|it| it.delivery.was_disturbed()).count(),
            repeated: state.arrivals.values().filter(took).count(),
        }
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(first) = self.complaints.first() {
            return Err(first.clone());
        }
        let state = self.world.state();
        for stray in &state.strays {
            stray.check(&state)?;
        }
        for record in &self.records {
            record.check(&state)?;
        }
        for overlap in &state.overlaps {
            let (endpoint, [one, other]) = (overlap.endpoint, &overlap.ids);
            let is_disturbed = |id: &String| {
                let mut its = self.records.iter();
                let its = its.find(|it| it.endpoint == endpoint && it.event.id == *id);
                // One that nobody was told of: a node died before it answered.
                its.is_none_or(|record| record.delivery.was_disturbed())
            };
            if !is_disturbed(one) && !is_disturbed(other) && !state.stood_still(overlap.at) {
                return Err(format!(
                    "{other} was sent to endpoint {endpoint} beside {one}, in an order"
                ));
            }
        }
        self.check_orders(&state)
    }

    /// What was accepted later comes later, where an endpoint has an order.
    fn check_orders(&self, state: &State) -> Result<(), String> {
        let of_orders = || self.records.iter().filter(|it| state.endpoints[it.endpoint].ordered);
        for one in of_orders().filter(|record| !record.delivery.was_disturbed()) {
            for later in of_orders() {
                let is_later = later.endpoint == one.endpoint
                    && later.event.sent > one.event.answered + CLOCKS;
                if is_later
                    && let (Some(last), Some(first)) =
                        (one.arrivals(state).last(), later.arrivals(state).first())
                    && first.at < last.at
                    && !last.was_late(state)
                {
                    let (endpoint, one, later) = (one.endpoint, &one.event.id, &later.event.id);
                    return Err(format!("{later} came to endpoint {endpoint} before {one}"));
                }
            }
        }
        Ok(())
    }
}

impl Record {
    fn arrivals<'a>(&self, state: &'a State) -> &'a [Arrival] {
        let arrivals = state.arrivals.get(&(self.endpoint, self.event.id.clone()));
        arrivals.map_or(&[], Vec::as_slice)
    }

    fn check(&self, state: &State) -> Result<(), String> {
        let (delivery, arrivals) = (&self.delivery, self.arrivals(state));
        let told = || {
            let (event, endpoint) = (&self.event.id, self.endpoint);
            format!("{event} to endpoint {endpoint}: {delivery:?}, {arrivals:#?}")
        };
        let took = || arrivals.iter().filter(|arrival| arrival.took && arrival.answered.is_some());
        let (sure, took) = (took().filter(|it| !it.was_late(state)).count(), took().count());
        let fits = match &*delivery.state {
            "delivered" => took > 0,
            "cancelled" => state.endpoints[self.endpoint].closed.is_some(),
            "failed" => delivery.steps() >= STEPS,
            _ => false,
        };
        if !fits {
            return Err(format!("a wrong end: {}", told()));
        }
        let delivered = delivery.attempts.iter().filter(|outcome| *outcome == "204").count();
        if delivered > took {
            return Err(format!("more on record than happened: {}", told()));
        }
        if delivery.was_disturbed() {
            return Ok(());
        }
        // What was taken is on record, unless the answer came too late for anybody to be told.
        if sure > delivered || took > delivered + delivery.unheard() {
            return Err(format!("sent again for no reason: {}", told()));
        }
        for (one, next) in arrivals.iter().zip(arrivals.iter().skip(1)) {
            // Nobody keeps to what came too late to be heard.
            let unheard = one.was_late(state) && delivery.unheard() > 0;
            if !unheard && one.not_before.is_some_and(|not_before| next.at + CLOCKS < not_before) {
                return Err(format!("before the time that was asked for: {}", told()));
            }
        }
        Ok(())
    }
}

/// First attempt and two retries.
const STEPS: usize = 3;
/// How well nodes know what time it is over wires that are slow.
const CLOCKS: Duration = Duration::from_millis(100);
/// What it takes to look at a request that came, and to break one off, on a machine that has time for it.
const MARGIN: Duration = Duration::from_millis(200);
