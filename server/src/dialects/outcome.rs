//! What came of a test event.

use serde::Serialize;

use super::window::webhook_id;
use crate::store::{Attempt, Delivery, DeliveryState};

/// The answer to "test".
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    /// Whether the webhook took it.
    pub(super) delivered: bool,
    /// The status of its answer; `null` where there was none.
    pub(super) status: Option<u16>,
    /// Why it was not delivered.
    pub(super) error: Option<String>,
    /// How long the attempt took.
    pub(super) duration_ms: Option<u64>,
    pub(super) webhook_id: String,
    pub(super) event: String,
    pub(super) event_id: String,
    /// By which the native API tells more about it.
    pub(super) delivery_id: String,
}

impl From<(Delivery, Vec<Attempt>)> for Outcome {
    fn from((delivery, mut attempts): (Delivery, Vec<Attempt>)) -> Self {
        let delivered = delivery.state == DeliveryState::Delivered;
        let attempt = attempts.pop();
        let error = match &attempt {
            _ if delivered => None,
            Some(Attempt { error: Some(error), .. }) => Some(format!("no answer: {error}")),
            Some(Attempt { status: Some(status), .. }) => {
                Some(format!("the webhook answered with status {status}"))
            }
            _ => Some("the attempt has no outcome yet".to_owned()),
        };
        Self {
            delivered,
            status: attempt.as_ref().and_then(|attempt| attempt.status),
            error,
            duration_ms: attempt
                .map(|attempt| u64::try_from(attempt.phases.total.as_millis()).unwrap_or(u64::MAX)),
            webhook_id: webhook_id(delivery.key.endpoint),
            event: delivery.event_type,
            event_id: delivery.event_id,
            delivery_id: delivery.key.to_string(),
        }
    }
}
