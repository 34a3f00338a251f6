//! The one place where an error of the core becomes one of JavaScript.

use hookseal::{Error, ErrorCode};
use napi_derive::napi;

/// What can be thrown: the code of the core becomes `err.code`.
pub(crate) type Result<T> = napi::Result<T, &'static str>;

/// Maps an error of the core; its hint and status are looked up in [`error_codes`] by the code.
pub(crate) fn thrown(error: Error) -> napi::Error<&'static str> {
    napi::Error::new(error.code().as_str(), error.message())
}

/// One row of the table of errors.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct ErrorCodeInfo {
    /// The stable code: `"no_match"`.
    pub code: &'static str,
    /// The HTTP status a receiver answers with.
    pub http_status: u16,
    /// What the code means.
    pub meaning: &'static str,
    /// What to do next.
    pub hint: &'static str,
}

/// Every code, in alphabetical order.
#[napi(catch_unwind)]
pub fn error_codes() -> Vec<ErrorCodeInfo> {
    let row = |code: &ErrorCode| ErrorCodeInfo {
        code: code.as_str(),
        http_status: code.http_status(),
        meaning: code.meaning(),
        hint: code.hint(),
    };
    ErrorCode::ALL.iter().map(row).collect()
}
