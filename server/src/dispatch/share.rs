//! What one tenant has of what there is.

use std::collections::VecDeque;

use crate::store::EndpointKey;

/// Forgotten once nothing of the tenant waits for a turn, runs or is leased.
#[derive(Debug, Default)]
pub(super) struct Share {
    /// Endpoints with a turn to take.
    pub(super) turns: VecDeque<EndpointKey>,
    /// Those with a turn to take once another attempt of the tenant ends, or fewer run in all.
    pub(super) refused: VecDeque<EndpointKey>,
    /// It stands among the tenants with such endpoints.
    pub(super) is_refused: bool,
    pub(super) running: u32,
    /// Jobs that were leased, and neither sent nor given back.
    pub(super) leased: usize,
    /// Leases leave it out, until less of it is leased.
    pub(super) left_out: bool,
}

impl Share {
    pub(super) fn is_idle(&self) -> bool {
        self.turns.is_empty()
            && self.refused.is_empty()
            && !self.is_refused
            && self.running == 0
            && self.leased == 0
    }

    /// Whether one more attempt of it may begin where as many run as usual. The last half of what there is then is for
    /// tenants that have no more under way than is left, so each of them gets some; the first also for endpoints that
    /// took something already.
    pub(super) fn goes_beyond(&self, total: u32, running: u32, took: bool) -> bool {
        let left = most(total).saturating_sub(running);
        self.running <= left || (took && left > most(total).saturating_sub(total) / 2)
    }

    /// Whether it has so much of what is leased that the rest is for other tenants: four fifths, where it is the only one.
    /// `free` is what nobody has.
    pub(super) fn is_full(&self, free: usize) -> bool {
        self.leased > 0 && self.leased >= free.saturating_mul(4)
    }

    /// Whether it is worth while to ask the store for its deliveries again: that many more would not fill it.
    pub(super) fn comes_back(&self, free: usize, piece: usize) -> bool {
        let after = self.leased.saturating_add(piece.saturating_mul(5));
        self.left_out && (self.leased == 0 || after <= free.saturating_mul(4))
    }
}

/// How many attempts there may be in all, with those beyond the usual ones: an eighth more.
pub(super) const fn most(total: u32) -> u32 {
    total.saturating_add(total / 8)
}
