//! The server's own events: an endpoint was disabled, a delivery came to its end without success.
//!
//! They are stored in the commit of what they tell, for endpoints that subscribe to them by name. That a delivery of
//! such an event itself came to its end is not told.

use std::sync::Arc;

use hookseal::{EventType, Profile, Timestamp};
use serde_json::{Value, json};

use crate::{
    store::{EventKey, Job, NewEvent},
    subscription,
};

/// An endpoint was disabled.
pub(super) fn endpoint_disabled(
    job: &Job,
    reason: &str,
    failing_since: Option<Timestamp>,
    now: Timestamp,
    key: i64,
) -> Option<NewEvent> {
    let endpoint = &job.target.endpoint;
    let data = json!({
        "endpoint_id": endpoint.key.to_string(),
        "url": endpoint.url,
        "tenant": endpoint.tenant,
        "reason": reason,
        "failing_since": failing_since.map(Timestamp::to_rfc3339),
    });
    event(job, "hookseal.endpoint.disabled", &data, now, key)
}

/// No further attempt will be made.
pub(super) fn delivery_exhausted(
    job: &Job,
    reason: &str,
    now: Timestamp,
    key: i64,
) -> Option<NewEvent> {
    if subscription::is_operational(&job.event.event_type) {
        return None;
    }
    // What a tenant's event is called is the tenant's, and this goes where the endpoint belongs: erasing the tenant would
    // not find it there.
    let is_theirs = job.event.tenant != job.target.endpoint.tenant;
    let data = json!({
        "delivery_id": job.delivery.to_string(),
        "endpoint_id": job.delivery.endpoint.to_string(),
        "event_id": (!is_theirs).then_some(&job.event.id),
        "event_type": job.event.event_type,
        "tenant": job.target.endpoint.tenant,
        "attempts": job.attempt,
        "reason": reason,
    });
    event(job, "hookseal.delivery.exhausted", &data, now, key)
}

fn event(job: &Job, event_type: &str, data: &Value, now: Timestamp, key: i64) -> Option<NewEvent> {
    let parsed = EventType::parse(event_type).ok()?;
    let knows = |profile: &&&Profile| profile.has_event_type(&parsed);
    Some(NewEvent {
        key: EventKey(key),
        account: job.event.account,
        id: None,
        idempotency_key: None,
        fingerprint: [0; 16],
        event_type: event_type.to_owned(),
        tenant: job.target.endpoint.tenant.clone(),
        profile: None,
        ordering_key: None,
        data: Arc::from(data.to_string()),
        patterns: subscription::patterns_of(event_type),
        profiles: Profile::ALL.iter().filter(knows).map(|profile| profile.id).collect(),
        only: None,
        at_once: false,
        now,
    })
}
