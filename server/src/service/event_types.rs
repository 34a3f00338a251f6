//! Which events an endpoint wants.

use std::collections::HashSet;

use hookseal::{EventType, Profile};

use crate::{
    error::{ApiCode, ApiError},
    subscription,
};

/// Checks what an endpoint of this profile subscribes to: types, beginnings such as `invoice.*`, or `*` alone. Each once,
/// in the order in which they came.
pub(super) fn parse_subscription(
    wanted: &[String],
    profile: &Profile,
) -> Result<Vec<String>, ApiError> {
    let invalid =
        |message: String| ApiError::new(ApiCode::InvalidArgument, message).in_field("event_types");
    if !(1..=MAX_EVENT_TYPES).contains(&wanted.len()) {
        return Err(invalid(format!(
            "there are {} event types, expected 1 to {MAX_EVENT_TYPES}",
            wanted.len()
        )));
    }
    let all = wanted.iter().any(|text| text == subscription::ALL);
    if all && wanted.len() > 1 {
        return Err(invalid("`*` stands for all event types, leave the others out".to_owned()));
    }
    if !all {
        for (index, text) in wanted.iter().enumerate() {
            let field = format!("event_types/{index}");
            check_pattern(text, profile).map_err(|error| ApiError::from_core(&error, &field))?;
        }
    }
    let mut seen = HashSet::new();
    Ok(wanted.iter().filter(|text| seen.insert(*text)).cloned().collect())
}

/// A type that the profile has; or the beginning of types, of which a closed profile has to have one.
fn check_pattern(text: &str, profile: &Profile) -> Result<(), hookseal::Error> {
    let Some(prefix) = subscription::prefix(text) else {
        let event_type = EventType::parse(text)?;
        return if subscription::is_operational(text) {
            Ok(())
        } else {
            profile.check_event_type(&event_type)
        };
    };
    let event_type = EventType::parse(prefix)?;
    let begins = |known: &str| known.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'));
    if profile.is_open() || profile.event_types().iter().any(|known| begins(known.name)) {
        return Ok(());
    }
    // Refused as a type, because that error lists what there is.
    profile.check_event_type(&event_type)
}

/// Patterns of one endpoint.
pub(super) const MAX_EVENT_TYPES: usize = 256;
