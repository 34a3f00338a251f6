//! What the fuzz targets share.
//!
//! A target is a file in `fuzz_targets/`, a `[[bin]]` of `Cargo.toml` and a folder of `seeds/`; nothing else names it.

#![forbid(unsafe_code)]

mod delivery;
mod round_trip;
// The property tests' own: one list of the forms of a secret.
#[path = "../../core/tests/sample/secret.rs"]
mod secret;

pub use delivery::Delivery;
pub use round_trip::{check_round_trip, verify_twice};

/// The scheme with a sample secret of a form that it reads; none where no sample fits.
pub fn sample_webhook(scheme: &hookseal::Scheme) -> Option<hookseal::Webhook> {
    secret::webhook(scheme, &[7; 32])
}
