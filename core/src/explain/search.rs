//! The search for the change, or the two changes, that make a request verify.

use std::ops::ControlFlow;

use super::cause::Cause;
use super::finding::Finding;
use super::subject::{Change, Subject, Visit};
use super::{body, clock, headers, method, schemes, secrets, signature, url};
use crate::timestamp::Timestamp;

/// Gives out the changes of one kind, the likely ones first.
type Family = fn(&Subject<'_>, &mut Visit<'_>) -> ControlFlow<()>;

/// Changes that may come together with one of a later family: a secret in the wrong encoding and a URL behind a proxy.
const FAMILIES: [Family; 7] = [
    headers::changes,
    body::changes,
    secrets::changes,
    signature::changes,
    url::changes,
    clock::changes,
    method::changes,
];

/// Bytes that are hashed for one explanation, and what stands for them.
const BUDGET: u64 = 64 * 1024 * 1024;

/// One kind of change alone may use the budget but for this part of it; besides another change, this part of it.
const ALONE: u64 = 2;
const TOGETHER: u64 = 16;

/// Schemes that are named where several verify.
const MAX_SCHEMES: usize = 5;

/// What was found: the mistakes, and when the sender signed.
pub(super) struct Found {
    pub(super) findings: Vec<Finding>,
    pub(super) signed_at: Option<Timestamp>,
}

/// The search in progress. It breaks when it has found what it looks for, or has done work enough.
struct Search {
    budget: u64,
    /// Where the kind of change that is tried now has to stop.
    reserve: u64,
    now: Timestamp,
    found: Option<Found>,
}

/// The first change, or pair of changes, with which the request verifies.
pub(super) fn search(subject: &Subject<'_>, now: Timestamp) -> Option<Found> {
    let mut search = Search { budget: BUDGET, reserve: 0, now, found: None };
    // Whether all was tried says nothing.
    let _ = search.run(subject);
    search.found
}

impl Search {
    fn run(&mut self, subject: &Subject<'_>) -> ControlFlow<()> {
        self.singles(subject, &FAMILIES, |budget| budget / ALONE)?;
        self.singles(subject, &[schemes::changes], |budget| budget / ALONE)?;
        self.pairs(subject)
    }

    /// Tries each change alone; `reserve` says how much of the budget one kind of them has to leave.
    fn singles(
        &mut self,
        subject: &Subject<'_>,
        families: &[Family],
        reserve: fn(u64) -> u64,
    ) -> ControlFlow<()> {
        for family in families {
            self.reserve = reserve(self.budget);
            // A kind of change that breaks without success has used its part of the budget.
            let _ = family(subject, &mut |change: Change| {
                let Some(signed_at) =
                    subject.with(&change.part, |changed| self.verifies(changed))?
                else {
                    return ControlFlow::Continue(());
                };
                let found = self.found.get_or_insert(Found { findings: Vec::new(), signed_at });
                found.findings.push(change.finding());
                // Several senders may sign alike.
                if change.cause == Cause::OtherScheme && found.findings.len() < MAX_SCHEMES {
                    return ControlFlow::Continue(());
                }
                ControlFlow::Break(())
            });
            if self.found.is_some() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn pairs(&mut self, subject: &Subject<'_>) -> ControlFlow<()> {
        for (index, family) in FAMILIES.iter().enumerate() {
            let others = FAMILIES.get(index + 1..).unwrap_or_default();
            family(subject, &mut |change: Change| {
                let outcome = subject.with(&change.part, |changed| {
                    if changed.cost() > self.budget {
                        return ControlFlow::Break(());
                    }
                    self.singles(changed, others, |budget| budget - budget / TOGETHER)
                });
                if let Some(found) = &mut self.found {
                    found.findings.insert(0, change.finding());
                }
                outcome
            })?;
        }
        ControlFlow::Continue(())
    }

    /// When it was signed, if it verifies; breaks when the trial would be too much work.
    fn verifies(&mut self, changed: &Subject<'_>) -> ControlFlow<(), Option<Option<Timestamp>>> {
        match self.budget.checked_sub(changed.cost()).filter(|left| *left >= self.reserve) {
            Some(left) => self.budget = left,
            None => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(changed.verify(self.now).ok().map(|verified| verified.timestamp()))
    }
}
