//! Texts that people chose.

use crate::error::{ApiCode, ApiError};

/// Checks a text that people chose: its length in characters, and that it holds no control characters.
pub(super) fn check_text(text: Option<&str>, field: &str, max: usize) -> Result<(), ApiError> {
    let Some(text) = text else { return Ok(()) };
    let len = text.chars().count();
    let message = if !(1..=max).contains(&len) {
        format!("{field} has {len} characters, expected 1 to {max}")
    } else if text.chars().any(char::is_control) {
        format!("{field} holds a control character, expected plain text")
    } else {
        return Ok(());
    };
    Err(ApiError::new(ApiCode::InvalidArgument, message).in_field(field))
}

/// Characters of a tenant's name.
pub(super) const MAX_TENANT_LEN: usize = 256;
