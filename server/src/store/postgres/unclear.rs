//! A lease of which nobody knows whether it was committed.
//!
//! Its connection broke meanwhile, or whoever asked for it has given up. What it took was handed to nobody, so the next lease
//! begins with giving it back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookseal::Timestamp;

use super::{
    fault::Fault,
    recover,
    session::{self, Session, SharedSession},
};
use crate::store::ClaimKey;

/// The lease that is being committed, until that is done.
#[derive(Debug, Default)]
pub(super) struct Unclear(Mutex<Option<Begun>>);

#[derive(Clone, Debug)]
struct Begun {
    claim: ClaimKey,
    session: SharedSession,
}

impl Unclear {
    /// A commit begins.
    pub(super) fn begin(&self, claim: ClaimKey, session: &SharedSession) {
        *self.lock() = Some(Begun { claim, session: Arc::clone(session) });
    }

    /// It is done.
    pub(super) fn end(&self) {
        *self.lock() = None;
    }

    /// Takes back what was begun and never ended.
    pub(super) async fn undo(&self, session: &Session, now: Timestamp) -> Result<(), Fault> {
        let begun = self.lock().clone();
        let Some(Begun { claim, session: before }) = begun else { return Ok(()) };
        session::end_backend(session, before.backend()).await?;
        session.transaction(recover::give_back(session, claim, now)).await?;
        self.end();
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Begun>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
