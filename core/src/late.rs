//! The id and the type of an event, looked up in the body only when somebody asks for them.
//!
//! Verifying does not need them, and finding one takes a tenth of the time that verifying a small body does.

use std::borrow::Cow;

use crate::canonical::lookup;
use crate::content::select;
use crate::request::Request;
use crate::scheme::{Scheme, Selector};

impl Scheme {
    /// Whether the id of an event stands in a JSON body, so that [`event_id_in`](Self::event_id_in) finds it.
    #[must_use]
    pub fn has_event_id_in_body(&self) -> bool {
        matches!(self.event_id, Some(Selector::Json(_)))
    }

    /// Whether the type of an event stands in a JSON body, so that [`event_type_in`](Self::event_type_in) finds it.
    #[must_use]
    pub fn has_event_type_in_body(&self) -> bool {
        matches!(self.event_type, Some(Selector::Json(_)))
    }

    /// The id of the event of a request that was [verified](crate::Webhook::verify), as
    /// [`Verified::id`](crate::Verified::id) gives it, for a binding that keeps the request and asks later. None for
    /// senders who put it into the claims of a JSON Web Token.
    #[must_use]
    pub fn event_id_of<'a>(&'a self, verified: &Request<'a>) -> Option<Cow<'a, str>> {
        told(self, verified, self.event_id.as_ref()?)
    }

    /// The type of the event of such a request, as [`Verified::event_type`](crate::Verified::event_type) gives it.
    #[must_use]
    pub fn event_type_of<'a>(&'a self, verified: &Request<'a>) -> Option<Cow<'a, str>> {
        told(self, verified, self.event_type.as_ref()?)
    }

    /// The id of the event with this body, as [`Verified::id`](crate::Verified::id) gives it, for a binding that keeps
    /// the body of a [`Verified`](crate::Verified) and asks later. None where the scheme does not have it in the body.
    #[must_use]
    pub fn event_id_in<'a>(&self, verified_body: &'a [u8]) -> Option<Cow<'a, str>> {
        in_body(self.event_id.as_ref(), verified_body)
    }

    /// The type of the event with this body, as [`Verified::event_type`](crate::Verified::event_type) gives it; as
    /// [`event_id_in`](Self::event_id_in).
    #[must_use]
    pub fn event_type_in<'a>(&self, verified_body: &'a [u8]) -> Option<Cow<'a, str>> {
        in_body(self.event_type.as_ref(), verified_body)
    }
}

/// What a verified request says of itself at this place.
pub(crate) fn told<'a>(
    scheme: &'a Scheme,
    request: &Request<'a>,
    place: &'a Selector,
) -> Option<Cow<'a, str>> {
    match place {
        // Stops at the value, and takes a missing one lightly.
        Selector::Json(pointer) => lookup::first(pointer, request.body),
        _ => select(scheme, request, None, place).ok().flatten(),
    }
}

fn in_body<'a>(place: Option<&Selector>, body: &'a [u8]) -> Option<Cow<'a, str>> {
    match place {
        Some(Selector::Json(pointer)) => lookup::first(pointer, body),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"event_id":"evt_1","type":"a.b"}"#;

    #[test]
    fn is_found_where_the_scheme_has_it_in_the_body() {
        let scheme = Scheme::builtin("square").unwrap();
        assert!(scheme.has_event_id_in_body() && scheme.has_event_type_in_body());
        assert_eq!(scheme.event_id_in(BODY).as_deref(), Some("evt_1"));
        assert_eq!(scheme.event_type_in(BODY).as_deref(), Some("a.b"));
        assert_eq!(scheme.event_type_in(b"no JSON"), None);
    }

    #[test]
    fn is_not_where_the_scheme_has_it_elsewhere() {
        let scheme = Scheme::builtin("github").unwrap();
        assert!(!scheme.has_event_id_in_body() && !scheme.has_event_type_in_body());
        assert_eq!(scheme.event_id_in(BODY), None);
        assert_eq!(scheme.event_type_in(BODY), None);
    }
}
