//! The type of an event, looked up in the body only when somebody asks for it.
//!
//! Verifying does not need it, and finding it takes a tenth of the time that verifying a small body does.

use std::borrow::Cow;

use crate::canonical::lookup;
use crate::scheme::{Scheme, Selector};

impl Scheme {
    /// Whether the type of an event stands in a JSON body, so that [`event_type_in`](Self::event_type_in) finds it.
    #[must_use]
    pub fn has_event_type_in_body(&self) -> bool {
        matches!(self.event_type, Some(Selector::Json(_)))
    }

    /// The type of the event with this body, as [`Verified::event_type`](crate::Verified::event_type) gives it, for a
    /// binding that keeps the body of a [`Verified`](crate::Verified) and asks later. None where the scheme does not
    /// have it in the body.
    #[must_use]
    pub fn event_type_in<'a>(&self, verified_body: &'a [u8]) -> Option<Cow<'a, str>> {
        match &self.event_type {
            Some(Selector::Json(pointer)) => lookup::first(pointer, verified_body),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_found_where_the_scheme_has_it_in_the_body() {
        let scheme = Scheme::builtin("standard_webhooks").unwrap();
        assert!(scheme.has_event_type_in_body());
        assert_eq!(scheme.event_type_in(br#"{"type":"a.b"}"#).as_deref(), Some("a.b"));
        assert_eq!(scheme.event_type_in(b"no JSON"), None);
        let scheme = Scheme::builtin("github").unwrap();
        assert!(!scheme.has_event_type_in_body());
        assert_eq!(scheme.event_type_in(br#"{"type":"a.b"}"#), None);
    }
}
