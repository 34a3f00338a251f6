//! What this node holds: which delivery was taken with which claim.
//!
//! **Invariant.** What stands here is what the last commit says, or what the transaction that is open has changed of it:
//! every change is in the journal until the commit, and can be taken back.

use rustc_hash::FxHashMap;

use crate::store::{ClaimKey, DeliveryKey};

#[derive(Debug, Default)]
pub(super) struct Claims {
    held: FxHashMap<DeliveryKey, Held>,
    /// How many deliveries of a claim are not yet settled.
    left: FxHashMap<ClaimKey, usize>,
    journal: Vec<Change>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) claim: ClaimKey,
    /// Whether it has a row.
    pub(super) stored: bool,
}

#[derive(Debug)]
enum Change {
    Taken(DeliveryKey),
    Dropped(DeliveryKey, Held),
}

impl Claims {
    pub(super) fn take(&mut self, delivery: DeliveryKey, held: Held) {
        if let Some(before) = self.held.get(&delivery).copied() {
            self.drop(delivery, before.claim);
        }
        self.add(delivery, held);
        self.journal.push(Change::Taken(delivery));
    }

    /// Gives a delivery up, if it is held by that claim.
    pub(super) fn drop(&mut self, delivery: DeliveryKey, claim: ClaimKey) -> Option<Held> {
        let held = *self.held.get(&delivery).filter(|held| held.claim == claim)?;
        self.remove(delivery);
        self.journal.push(Change::Dropped(delivery, held));
        Some(held)
    }

    /// Gives a delivery up, whatever holds it.
    pub(super) fn forget(&mut self, delivery: DeliveryKey) {
        if let Some(held) = self.held.get(&delivery).copied() {
            self.drop(delivery, held.claim);
        }
    }

    pub(super) fn holds(&self, delivery: DeliveryKey) -> bool {
        self.held.contains_key(&delivery)
    }

    pub(super) fn is_empty(&self, claim: ClaimKey) -> bool {
        !self.left.contains_key(&claim)
    }

    /// The claims that lost a delivery since the last commit and have none left.
    pub(super) fn ended(&self) -> Vec<ClaimKey> {
        let dropped = self.journal.iter().filter_map(|change| match change {
            Change::Dropped(_, held) if self.is_empty(held.claim) => Some(held.claim),
            _ => None,
        });
        let mut ended: Vec<_> = dropped.collect();
        ended.sort_unstable();
        ended.dedup();
        ended
    }

    /// A place in the journal, to come back to.
    pub(super) fn mark(&self) -> usize {
        self.journal.len()
    }

    /// Takes back what happened since a mark.
    pub(super) fn roll_back(&mut self, mark: usize) {
        while self.journal.len() > mark
            && let Some(change) = self.journal.pop()
        {
            match change {
                Change::Taken(delivery) => self.remove(delivery),
                Change::Dropped(delivery, held) => self.add(delivery, held),
            }
        }
    }

    pub(super) fn commit(&mut self) {
        self.journal.clear();
    }

    fn add(&mut self, delivery: DeliveryKey, held: Held) {
        self.held.insert(delivery, held);
        *self.left.entry(held.claim).or_default() += 1;
    }

    fn remove(&mut self, delivery: DeliveryKey) {
        let Some(held) = self.held.remove(&delivery) else { return };
        if let Some(left) = self.left.get_mut(&held.claim) {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.left.remove(&held.claim);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{EndpointKey, EventKey};

    fn delivery(n: i64) -> DeliveryKey {
        DeliveryKey { endpoint: EndpointKey(n), event: EventKey(n) }
    }

    fn held(claim: i64) -> Held {
        Held { claim: ClaimKey(claim), stored: false }
    }

    #[test]
    fn a_claim_ends_with_its_last_delivery() {
        let mut claims = Claims::default();
        claims.take(delivery(1), held(7));
        claims.take(delivery(2), held(7));
        claims.commit();
        assert_eq!(claims.drop(delivery(1), ClaimKey(8)), None);
        assert_eq!(claims.drop(delivery(1), ClaimKey(7)), Some(held(7)));
        assert_eq!(claims.drop(delivery(1), ClaimKey(7)), None);
        assert_eq!(claims.ended(), []);
        claims.forget(delivery(2));
        assert_eq!(claims.ended(), [ClaimKey(7)]);
        claims.commit();
        assert!(claims.ended().is_empty() && claims.is_empty(ClaimKey(7)));
    }

    #[test]
    fn a_rollback_takes_everything_back_to_the_mark() {
        let mut claims = Claims::default();
        claims.take(delivery(1), held(7));
        claims.commit();
        claims.drop(delivery(1), ClaimKey(7));
        let mark = claims.mark();
        claims.take(delivery(1), held(8));
        claims.take(delivery(1), held(9));
        claims.take(delivery(2), held(9));
        claims.roll_back(mark);
        assert!(!claims.holds(delivery(1)) && !claims.holds(delivery(2)));
        assert!(claims.is_empty(ClaimKey(8)) && claims.is_empty(ClaimKey(9)));
        claims.roll_back(0);
        assert!(claims.holds(delivery(1)) && !claims.is_empty(ClaimKey(7)));
    }
}
