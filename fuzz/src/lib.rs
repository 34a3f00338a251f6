//! What the fuzz targets share.
//!
//! A target is a file in `fuzz_targets/`, a `[[bin]]` of `Cargo.toml` and a folder of `seeds/`; nothing else names it.

#![forbid(unsafe_code)]

mod catalogue;
mod delivery;
mod round_trip;
mod tamper;
// The property tests' own: one list of the forms of a secret, of the settings of a scheme and of what it signs.
#[path = "../../core/tests/sample/config.rs"]
mod config;
#[path = "../../core/tests/sample/coverage.rs"]
mod coverage;
#[path = "../../core/tests/sample/secret.rs"]
mod secret;

pub use catalogue::Known;
pub use delivery::Delivery;
pub use round_trip::{Signed, check_error, check_round_trip, verify_twice};
pub use tamper::check_tampering;

/// The scheme with a sample secret of a form that it reads; none where no sample fits.
pub fn sample_webhook(scheme: &hookseal::Scheme) -> Option<hookseal::Webhook> {
    secret::webhook(scheme, &[7; 32])
}
