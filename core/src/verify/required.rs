//! Values that a request has to have.

use crate::WHOLE;
use crate::canonical::lookup;
use crate::content::{find_header, missing, select};
use crate::error::{Error, ErrorCode, clip, say};
use crate::request::Request;
use crate::scheme::{Scheme, Selector};

/// Headers that must have a certain value, such as the version of the scheme: another version is another signature.
pub(super) fn check_required_headers(scheme: &Scheme, request: &Request<'_>) -> Result<(), Error> {
    for (place, expected) in &scheme.require {
        let Some(name) = place.header() else { continue };
        let value = find_header(scheme, request, name)?.ok_or_else(|| missing(place))?;
        if value != expected {
            let message = say!("{place} is `{}`, not `{expected}`", clip(value));
            return Err(Error::new(ErrorCode::MalformedHeader, message));
        }
    }
    Ok(())
}

/// Holds the values that must be the receiver's own against what the request says: whose topic it is, which account.
///
/// # Errors
/// `missing_value`, `claim_mismatch`; `malformed_body` where the value cannot be read.
pub(super) fn check_required_values(
    scheme: &Scheme,
    request: &Request<'_>,
    claims: Option<&[u8]>,
) -> Result<(), Error> {
    for (place, expected) in &scheme.require {
        let value = match place {
            Selector::Header(_) => continue, // They are checked.
            Selector::Claim(pointer) if WHOLE => {
                claims.and_then(|claims| lookup::first(pointer, claims))
            }
            _ => select(scheme, request, None, place)?,
        };
        let value = value.ok_or_else(|| missing(place))?;
        if value != expected.as_str() {
            let message = say!("{place} is `{}`, not `{}`", clip(&value), clip(expected));
            return Err(Error::new(ErrorCode::ClaimMismatch, message));
        }
    }
    Ok(())
}
