//! What this node holds: which delivery was taken with which claim, as of the last commit.

use std::collections::{HashMap, HashSet};

use crate::store::{ClaimKey, DeliveryKey, EndpointKey};

#[derive(Debug, Default)]
pub(super) struct Held {
    deliveries: HashMap<DeliveryKey, Hold>,
    /// How many deliveries of a claim are not yet settled.
    left: HashMap<ClaimKey, usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hold {
    pub(super) claim: ClaimKey,
    /// Whether it has a row.
    pub(super) stored: bool,
    /// Of the endpoint, when it was taken.
    pub(super) version: i64,
}

impl Held {
    pub(super) fn take(&mut self, delivery: DeliveryKey, hold: Hold) {
        if let Some(before) = self.deliveries.insert(delivery, hold) {
            self.count_down(before.claim);
        }
        *self.left.entry(hold.claim).or_default() += 1;
    }

    /// How a delivery is held with that claim, if it is.
    pub(super) fn hold(&self, delivery: DeliveryKey, claim: ClaimKey) -> Option<Hold> {
        self.deliveries.get(&delivery).copied().filter(|hold| hold.claim == claim)
    }

    /// The claims of which nothing is left once these are given up.
    pub(super) fn ended_by(&self, settled: &[(DeliveryKey, ClaimKey)]) -> Vec<ClaimKey> {
        let mut seen = HashSet::new();
        let mut given_up: HashMap<ClaimKey, usize> = HashMap::new();
        for (delivery, claim) in settled {
            if self.hold(*delivery, *claim).is_some() && seen.insert(*delivery) {
                *given_up.entry(*claim).or_default() += 1;
            }
        }
        given_up
            .into_iter()
            .filter(|(claim, count)| self.left.get(claim).is_none_or(|left| left <= count))
            .map(|(claim, _)| claim)
            .collect()
    }

    /// Gives a delivery up, if it is held with that claim.
    pub(super) fn give_up(&mut self, delivery: DeliveryKey, claim: ClaimKey) {
        if self.hold(delivery, claim).is_some() {
            self.deliveries.remove(&delivery);
            self.count_down(claim);
        }
    }

    /// The endpoints that something is held for, with the oldest version that it was taken at.
    pub(super) fn endpoints(&self) -> HashMap<EndpointKey, i64> {
        let mut endpoints = HashMap::new();
        for (delivery, hold) in &self.deliveries {
            let oldest = endpoints.entry(delivery.endpoint).or_insert(hold.version);
            *oldest = hold.version.min(*oldest);
        }
        endpoints
    }

    /// Everything belongs to others now.
    pub(super) fn clear(&mut self) {
        self.deliveries.clear();
        self.left.clear();
    }

    fn count_down(&mut self, claim: ClaimKey) {
        if let Some(left) = self.left.get_mut(&claim) {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.left.remove(&claim);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::EventKey;

    fn delivery(n: i64) -> DeliveryKey {
        DeliveryKey { endpoint: EndpointKey(n), event: EventKey(n) }
    }

    #[test]
    fn a_claim_ends_with_its_last_delivery() {
        let (first, other) = (ClaimKey(7), ClaimKey(8));
        let mut held = Held::default();
        for n in [1, 2] {
            held.take(delivery(n), Hold { claim: first, stored: false, version: 1 });
        }
        assert_eq!(held.hold(delivery(1), other), None);
        assert_eq!(held.ended_by(&[(delivery(1), first), (delivery(1), first)]), []);
        assert_eq!(held.ended_by(&[(delivery(1), first), (delivery(2), first)]), [first]);
        held.give_up(delivery(1), other);
        held.give_up(delivery(1), first);
        held.give_up(delivery(1), first);
        assert_eq!(held.ended_by(&[(delivery(2), first)]), [first]);
        held.take(delivery(2), Hold { claim: other, stored: true, version: 1 });
        assert_eq!(held.ended_by(&[(delivery(2), other)]), [other]);
    }
}
