//! What one tenant has of what there is.

use std::collections::VecDeque;

use crate::store::EndpointKey;

/// Forgotten once nothing of the tenant waits for a turn, runs or is leased.
#[derive(Debug, Default)]
pub(super) struct Share {
    /// Endpoints with a turn to take.
    pub(super) turns: VecDeque<EndpointKey>,
    /// Those with a turn to take once another attempt of the tenant ends, or few run in all.
    pub(super) refused: VecDeque<EndpointKey>,
    /// It stands among the tenants with such endpoints.
    pub(super) is_refused: bool,
    pub(super) running: u32,
    /// Jobs that were leased, and neither sent nor given back.
    pub(super) leased: usize,
    /// Leases leave some of it out, until less of it is leased.
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

    /// Whether it has so much that only its endpoints with nothing leased get more. `free` is what nobody has.
    pub(super) fn is_crowded(&self, free: usize) -> bool {
        self.leased >= free.saturating_mul(2)
    }

    /// Whether it has so much that the rest is for other tenants: three quarters, where it is the only one.
    pub(super) fn is_full(&self, free: usize) -> bool {
        self.leased >= free.saturating_mul(3)
    }

    /// Whether it is worth while to ask the store for its deliveries again.
    pub(super) fn comes_back(&self, free: usize, piece: usize) -> bool {
        let after = self.leased.saturating_add(piece.saturating_mul(3));
        self.left_out && (self.leased == 0 || after <= free.saturating_mul(2))
    }
}
