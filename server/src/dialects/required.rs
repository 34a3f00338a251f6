//! Members that a body must have, and event types that a system must have.

use hookseal::Profile;

use crate::{
    error::{ApiCode, ApiError},
    subscription,
};

/// A member that may not be left out.
pub(super) fn required<T>(member: Option<T>, name: &str) -> Result<T, ApiError> {
    member.ok_or_else(|| {
        ApiError::new(ApiCode::InvalidArgument, format!("`{name}` is missing")).in_field(name)
    })
}

/// Whether all are types that the system names: its own page offers nothing else. Where its registry is open, the native
/// rules hold, which know `*` and beginnings such as `deposit.*`.
pub(super) fn check_events(
    events: &[String],
    profile: &Profile,
    field: &str,
) -> Result<(), ApiError> {
    let refused = |text: &str| match profile.is_open() {
        true => subscription::is_operational(text),
        false => !profile.event_types().iter().any(|known| known.name == text),
    };
    let Some(index) = events.iter().position(|text| refused(text)) else { return Ok(()) };
    let known: Vec<_> = profile.event_types().iter().map(|known| known.name).collect();
    let message = format!("there is no such event type, expected one of {}", known.join(", "));
    Err(ApiError::new(ApiCode::InvalidArgument, message).in_field(format!("{field}/{index}")))
}
