//! Whether everything went as promised.

use std::time::Duration;

use serde_json::Value;

use crate::{
    story::{Accepted, Story},
    world::{Arrival, State},
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

    /// Attempts that count as steps of the schedule.
    fn steps(&self) -> usize {
        self.attempts.iter().filter(|outcome| !is_disturbance(outcome)).count()
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
            arrivals.iter().filter(|arrival| arrival.took && arrival.answered).count() > 1
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
        for record in &self.records {
            record.check(&state)?;
        }
        for (endpoint, one, other) in &state.overlaps {
            let is_disturbed = |id: &String| {
                let mut its = self.records.iter();
                let its = its.find(|it| it.endpoint == *endpoint && it.event.id == *id);
                // One that nobody was told of: a node died before it answered.
                its.is_none_or(|record| record.delivery.was_disturbed())
            };
            if !is_disturbed(one) && !is_disturbed(other) {
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
        let took = arrivals.iter().filter(|arrival| arrival.took && arrival.answered).count();
        let fits = match &*delivery.state {
            "delivered" => took > 0,
            "cancelled" => state.endpoints[self.endpoint].closed.is_some(),
            "failed" => delivery.steps() >= STEPS,
            _ => false,
        };
        if !fits {
            return Err(format!("a wrong end: {}", told()));
        }
        if took > 1 && !delivery.was_disturbed() {
            return Err(format!("sent again for no reason: {}", told()));
        }
        let delivered = delivery.attempts.iter().filter(|outcome| *outcome == "204").count();
        if delivered > took {
            return Err(format!("more on record than happened: {}", told()));
        }
        if delivery.was_disturbed() {
            return Ok(());
        }
        for (one, next) in arrivals.iter().zip(arrivals.iter().skip(1)) {
            if one.not_before.is_some_and(|not_before| next.at + CLOCKS < not_before) {
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
