//! When to try again: a pure function of what happened.
//!
//! **Invariants.** The same arguments give the same decision in every language. A retry is never earlier than the
//! receiver asked for with `Retry-After` (RFC 9110 §10.2.3): what asks for more than a policy allows ends the delivery.

mod delay;
mod next;
mod outcome;
mod policy;
mod preset;
mod schedule;

pub use outcome::{Decision, GiveUpReason, Outcome};
pub use policy::RetryPolicy;
pub(crate) use preset::{ainative, naive, nativemsg, standard_webhooks, yativo};
pub use schedule::ScheduleRow;
