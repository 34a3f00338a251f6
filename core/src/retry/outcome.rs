//! What came of an attempt, and what follows from it.

use crate::timestamp::Timestamp;

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// No answer: refused, reset, timed out, TLS or DNS failure.
    NoResponse,
    /// An answer.
    Response {
        /// The HTTP status.
        status: u16,
        /// The `Retry-After` header as received: seconds or an HTTP date; anything else counts as absent.
        retry_after: Option<&'a str>,
        /// The `webhook-delivery` header as received, with which a receiver controls what it is sent: `disable` (the
        /// endpoint wants nothing more) or `abort-message` (no retry of this delivery); anything else counts as absent.
        ///
        /// Source: Svix, "Delivery Control"; proposed for Standard Webhooks.
        delivery: Option<&'a str>,
    },
}

impl Outcome<'_> {
    /// An answer without any of the headers that count.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self::Response { status, retry_after: None, delivery: None }
    }
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// Nothing: a 2xx answer.
    Delivered,
    /// Nothing for this delivery, a 2xx answer; but send nothing more to this endpoint.
    DeliveredAndDisable,
    /// This delivery failed for good. Send nothing more to this endpoint.
    Disable,
    /// This delivery failed for good.
    GiveUp(GiveUpReason),
    /// Try again at this time.
    RetryAt(Timestamp),
}

impl Decision {
    /// The decision on the wire: `"delivered"`, `"delivered_and_disable"`, `"disable"`, `"give_up"` or `"retry"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::DeliveredAndDisable => "delivered_and_disable",
            Self::Disable => "disable",
            Self::GiveUp(_) => "give_up",
            Self::RetryAt(_) => "retry",
        }
    }

    /// When to try again.
    #[must_use]
    pub const fn retry_at(self) -> Option<Timestamp> {
        match self {
            Self::RetryAt(at) => Some(at),
            _ => None,
        }
    }

    /// Why not again.
    #[must_use]
    pub const fn reason(self) -> Option<GiveUpReason> {
        match self {
            Self::GiveUp(reason) => Some(reason),
            _ => None,
        }
    }
}

/// Why a delivery failed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GiveUpReason {
    /// The receiver wants no retry of this delivery: `webhook-delivery: abort-message`.
    Aborted,
    /// The last attempt of the schedule failed.
    AttemptsExhausted,
    /// The receiver answered with a status after which trying again is of no use.
    FinalStatus,
    /// `Retry-After` asks for more than the policy waits.
    RetryAfterTooLong,
    /// The next attempt would come later than the policy allows.
    TooOld,
}

impl GiveUpReason {
    /// The reason on the wire: `"attempts_exhausted"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aborted => "aborted",
            Self::AttemptsExhausted => "attempts_exhausted",
            Self::FinalStatus => "final_status",
            Self::RetryAfterTooLong => "retry_after_too_long",
            Self::TooOld => "too_old",
        }
    }
}
