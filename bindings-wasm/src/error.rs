//! The one place where an error of the core becomes one of JavaScript.

use hookseal::{Error, ErrorCode};
use js_sys::Reflect;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// What can be thrown: a JavaScript `Error` whose `code` is the core's.
pub(crate) type Result<T> = std::result::Result<T, JsValue>;

/// Maps an error of the core; its hint and status are looked up in [`error_codes`] by the code.
pub(crate) fn thrown(error: Error) -> JsValue {
    let value = js_sys::Error::new(error.message());
    // A fresh object takes any property.
    let _ = Reflect::set(&value, &"code".into(), &error.code().as_str().into());
    value.into()
}

/// One row of the table of errors.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorRow {
    code: &'static str,
    http_status: u16,
    meaning: &'static str,
    hint: &'static str,
}

/// Every code, in alphabetical order.
#[wasm_bindgen(js_name = errorCodes, unchecked_return_type = "{ code: string; httpStatus: number; meaning: string; hint: string }[]")]
pub fn error_codes() -> Result<JsValue> {
    let row = |code: &ErrorCode| ErrorRow {
        code: code.as_str(),
        http_status: code.http_status(),
        meaning: code.meaning(),
        hint: code.hint(),
    };
    let rows: Vec<ErrorRow> = ErrorCode::ALL.iter().map(row).collect();
    Ok(serde_wasm_bindgen::to_value(&rows)?)
}
