//! One endpoint: what the server promised for it, and whether what reaches it keeps to that.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use hookseal_server::store::{Endpoint, EndpointKey, EventKey, NewEvent, Order, Tenant};

/// How an endpoint behaves, most of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    /// Takes half of what it gets.
    Moody,
    /// Says when to come again.
    Busy,
    /// Refuses connections.
    Dead,
    /// Takes connections and says nothing.
    Hanging,
    /// Wants nothing more.
    Gone,
}

impl Mood {
    /// The common ones.
    pub(crate) const COMMON: [Self; 5] =
        [Self::Well, Self::Moody, Self::Busy, Self::Dead, Self::Hanging];
}

/// Whether the server may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Open,
    Paused,
    /// On record as such, but who did it was not told.
    Disabling,
    Disabled,
    Deleted,
}

/// An attempt that is under way.
#[derive(Clone, Debug)]
struct Open {
    event: EventKey,
    order: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) owner: Tenant,
    event_types: Vec<String>,
    order: Order,
    rate_limit: Option<u32>,
    concurrency: usize,
    pub(crate) mood: Mood,
    pub(crate) standing: Standing,
    /// It was disabled or deleted at some time: what waited then was cancelled.
    pub(crate) was_closed: bool,
    /// The last of each order that an attempt was made of.
    last: BTreeMap<String, EventKey>,
    /// When the attempts of this life began.
    begun: Vec<Duration>,
    open: Vec<Open>,
    /// It took the last that it got in this life.
    is_clean: bool,
    /// By when these are to be sent, whatever others do.
    promised: HashMap<EventKey, Duration>,
}

impl Receiver {
    pub(crate) fn new(endpoint: &Endpoint, per_endpoint: u32, mood: Mood) -> Self {
        let settings = &endpoint.settings;
        let concurrency = settings.concurrency.unwrap_or(per_endpoint).min(per_endpoint);
        Self {
            owner: Tenant { account: endpoint.account, tenant: endpoint.tenant.clone() },
            event_types: endpoint.event_types.clone(),
            order: settings.order,
            rate_limit: settings.rate_limit,
            concurrency: usize::try_from(concurrency).unwrap(),
            mood,
            standing: Standing::Open,
            was_closed: false,
            last: BTreeMap::new(),
            begun: Vec::new(),
            open: Vec::new(),
            is_clean: false,
            promised: HashMap::new(),
        }
    }

    pub(crate) fn begin_life(&mut self) {
        self.begun.clear();
        self.open.clear();
        self.is_clean = false;
        self.promised.clear();
        if self.standing == Standing::Disabling {
            self.standing = Standing::Disabled;
        }
    }

    /// Whether events go to it.
    pub(crate) fn is_there(&self) -> bool {
        matches!(self.standing, Standing::Open | Standing::Paused)
    }

    /// Whether that event goes to it.
    pub(crate) fn wants(&self, key: EndpointKey, event: &NewEvent) -> bool {
        let is_asked_for = match &event.only {
            Some(only) => only.contains(&key),
            None => {
                self.owner
                    .tenant
                    .as_ref()
                    .is_none_or(|tenant| event.tenant.as_ref() == Some(tenant))
                    && self
                        .event_types
                        .iter()
                        .any(|wanted| *wanted == event.event_type || wanted == "*")
            }
        };
        self.is_there() && self.owner.account == event.account && is_asked_for
    }

    /// How many attempts are under way.
    pub(crate) fn open(&self) -> usize {
        self.open.len()
    }

    /// Somebody changed it, or it itself did.
    pub(crate) fn set(&mut self, standing: Standing) {
        self.standing = standing;
        self.was_closed |= !self.is_there();
        self.promised.clear();
    }

    pub(crate) fn set_mood(&mut self, mood: Mood) {
        self.mood = mood;
        self.promised.clear();
    }

    /// It holds attempts up, or did a moment ago.
    pub(crate) fn is_stuck(&self) -> bool {
        self.mood == Mood::Hanging || !(self.is_clean || self.open.is_empty())
    }

    /// Nothing is owed to it soon any more.
    pub(crate) fn break_promises(&mut self) {
        self.promised.clear();
    }

    /// An event for it was accepted. One that takes what it gets gets it soon, whatever becomes of the others.
    pub(crate) fn promise(&mut self, event: EventKey, now: Duration) {
        let is_free = self.rate_limit.is_none() && self.order == Order::None;
        let is_well = self.mood == Mood::Well && self.is_clean && self.standing == Standing::Open;
        if is_free && is_well {
            self.promised.insert(event, now + SOON);
        }
    }

    /// What should have been sent by now.
    pub(crate) fn overdue(&self, now: Duration) -> Option<EventKey> {
        self.promised.iter().filter(|(_, by)| **by < now).map(|(event, _)| *event).min()
    }

    /// An attempt begins.
    pub(crate) fn begin(
        &mut self,
        event: EventKey,
        ordering_key: Option<&str>,
        now: Duration,
    ) -> Result<(), String> {
        let order = match self.order {
            Order::None => None,
            Order::Endpoint => Some(""),
            Order::Key => ordering_key,
        };
        let is_late = self.promised.remove(&event).is_some_and(|by| by < now);
        let is_beside = order.is_some() && self.open.iter().any(|it| it.order.as_deref() == order);
        let is_after = order.and_then(|order| self.last.get(order)).is_some_and(|it| *it > event);
        let verdict = match self.standing {
            Standing::Paused => Err("while it is paused"),
            Standing::Disabled => Err("after it was disabled"),
            Standing::Deleted => Err("after it was deleted"),
            _ if self.open.len() >= self.concurrency => Err("beside as many as it gets at once"),
            _ if is_beside => Err("beside another of its order"),
            _ if is_after => Err("after a later one of its order"),
            _ if is_late => Err("late, because of others"),
            _ if !self.is_within_rate(now) => Err("faster than its rate"),
            _ => Ok(()),
        };
        self.begun.push(now);
        self.open.push(Open { event, order: order.map(ToOwned::to_owned) });
        if let Some(order) = order {
            self.last.insert(order.to_owned(), event);
        }
        verdict.map_err(|how| format!("{event} was sent {how}"))
    }

    /// It ended, with an answer to the server or without.
    pub(crate) fn end(&mut self, event: EventKey, took: bool) {
        if let Some(place) = self.open.iter().position(|it| it.event == event) {
            self.open.remove(place);
        }
        self.is_clean = took;
        if !took {
            self.promised.clear();
        }
    }

    /// With one more at that time: over each time that ends now, what the rate lets out, and a second's worth at once.
    fn is_within_rate(&self, now: Duration) -> bool {
        let Some(rate) = self.rate_limit.map(u128::from) else { return true };
        self.begun
            .iter()
            .rev()
            .zip(2_u128..)
            .all(|(begin, count)| count * 1000 <= rate * 1000 + rate * (now - *begin).as_millis())
    }
}

/// Longer than it takes to send all that a step brings to one endpoint, one after the other; shorter than an attempt hangs.
const SOON: Duration = Duration::from_secs(10);
