//! Verifying in one crossing: of a webhook a function of JavaScript that takes the body, the present and the values of the
//! headers, and gives back what there is to know in one number.
//!
//! napi-rs makes an owned value of each argument and an object of the result, which takes longer than to hash a body of
//! usual size. Here Node-API is called itself, so this is the one file with `unsafe` in it. What is out of the ordinary is
//! not handled but handed back: the function gives `undefined`, and its caller takes the general way,
//! [`verify`](crate::webhook::verify).
//!
//! **Invariants.** Every status is checked, and every argument by Node-API: whatever is passed, nothing is read as what it
//! is not. While the body is borrowed no JavaScript runs, so nobody can detach or resize it; memory that another thread
//! could write to is not read. Panics are caught.

use std::borrow::Cow;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;
use std::sync::Arc;

use hookseal::{Error, Request, Scheme, Timestamp, Verified, Webhook};
use napi::bindgen_prelude::{Env, External};
use napi::sys::{self, Status, TypedarrayType, ValueType};
use napi::{JsError, check_status};
use napi_derive::napi;

use crate::error::thrown;

/// Schemes that read more headers take the general way; there are few.
const MAX_HEADERS: usize = 4;
/// The body, the present, the headers.
const MAX_ARGUMENTS: usize = 2 + MAX_HEADERS;
/// The bytes of all values together.
const MAX_VALUES_LEN: usize = 512;
/// With a longer body the crossing does not count.
const MAX_BODY_LEN: usize = 1 << 20;

/// What the function holds.
struct Verifier {
    webhook: Arc<Webhook>,
    /// The headers, in the order in which their values are passed.
    names: Vec<String>,
}

/// The function `(body, nowMs, ...values) => number | undefined`, where the scheme reads few enough headers. `values` are in
/// the order of `headerNames`; the number is that of `packed`. It throws as `verify` does.
#[napi(
    catch_unwind,
    ts_return_type = "((body: Uint8Array, nowMs: number, ...values: (string | undefined)[]) => number | undefined) | null"
)]
pub fn verifier_of(
    env: Env,
    #[napi(ts_arg_type = "object")] webhook: &External<Arc<Webhook>>,
) -> napi::Result<Option<sys::napi_value>> {
    let scheme = webhook.scheme();
    let names: Vec<String> = scheme.headers().into_iter().map(str::to_owned).collect();
    if scheme.reads_any_header() || names.len() > MAX_HEADERS {
        return Ok(None);
    }
    let verifier = Box::into_raw(Box::new(Verifier { webhook: Arc::clone(webhook), names }));
    let (env, data) = (env.raw(), verifier.cast::<c_void>());
    let mut function = null_mut();
    // SAFETY: `env` is the one of this call; without a name there is none to be read; `function` is written to.
    let status = unsafe {
        sys::napi_create_function(env, c"verify".as_ptr(), 6, Some(call), data, &raw mut function)
    };
    // A function that was made may be called for as long as it is there: only its finalizer drops what it holds.
    let status = match status {
        // SAFETY: `function` was made above, and `drop_verifier` is for what `data` points to.
        Status::napi_ok => unsafe {
            let none = null_mut();
            sys::napi_add_finalizer(env, function, data, Some(drop_verifier), none, none.cast())
        },
        failed => failed,
    };
    check_status!(status, "cannot make a function that verifies")?;
    Ok(Some(function))
}

/// # Safety
/// Node calls it once, with the pointer that the function was made with, when nobody can call the function any more.
unsafe extern "C" fn drop_verifier(_: sys::napi_env, data: *mut c_void, _: *mut c_void) {
    // SAFETY: it came from a box, and nobody else has it now.
    drop(unsafe { Box::from_raw(data.cast::<Verifier>()) });
}

/// # Safety
/// Node calls it, as the function of [`verifier_of`].
unsafe extern "C" fn call(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: what Node passes on.
    let called = catch_unwind(AssertUnwindSafe(|| unsafe { verify(env, info) }));
    match called {
        Ok(Ok(result)) => result.unwrap_or(null_mut()),
        Ok(Err(error)) => {
            // SAFETY: `env` is the one of this call, and no exception is pending: nothing above runs JavaScript.
            unsafe { JsError::from(thrown(error)).throw_into(env) };
            null_mut()
        }
        // The general way will come to the same, and say so.
        Err(_) => null_mut(),
    }
}

/// The number for a request that verifies; none where the general way is to be taken.
///
/// # Safety
/// `env` and `info` are those of a call of the function of [`verifier_of`].
unsafe fn verify(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> Result<Option<sys::napi_value>, Error> {
    let mut arguments = [null_mut(); MAX_ARGUMENTS];
    let (mut count, mut data) = (MAX_ARGUMENTS, null_mut());
    // SAFETY: there is room for `count` arguments; those that were not passed become `undefined`.
    let status = unsafe {
        let to = arguments.as_mut_ptr();
        sys::napi_get_cb_info(env, info, &raw mut count, to, null_mut(), &raw mut data)
    };
    if status != Status::napi_ok || data.is_null() {
        return Ok(None);
    }
    // SAFETY: the pointer of `verifier_of`; the function is being called, so that its finalizer did not run.
    let Verifier { webhook, names } = unsafe { &*data.cast::<Verifier>() };

    let [body, now, values @ ..] = arguments;
    let mut text = [0; MAX_VALUES_LEN];
    let mut room = text.as_mut_slice();
    let mut headers = [("", ""); MAX_HEADERS];
    let mut found = 0;
    for (name, value) in names.iter().zip(values) {
        // SAFETY: a value of this call.
        match unsafe { text_of(env, value, room) } {
            Text::Ascii(value, rest) => {
                if let Some(header) = headers.get_mut(found) {
                    *header = (name.as_str(), value);
                }
                (room, found) = (rest, found + 1);
            }
            Text::Absent(rest) => room = rest,
            Text::Other => return Ok(None),
        }
    }
    // SAFETY: values of this call. From here on nothing calls Node-API until the body is no longer used.
    let (Some(now), Some(body)) = (unsafe { (number_of(env, now), body_of(env, body)) }) else {
        return Ok(None);
    };
    let headers = headers.get(..found).unwrap_or_default();
    let verified =
        webhook.verify(&Request::new(headers, body), Timestamp::from_millis(now as i64))?;
    let Some(result) = packed(&verified, webhook.scheme(), names, headers, body) else {
        return Ok(None);
    };
    let mut number = null_mut();
    // SAFETY: `number` is written to.
    let status = unsafe { sys::napi_create_double(env, result as f64, &raw mut number) };
    Ok((status == Status::napi_ok).then_some(number))
}

/// A header's value, as it was passed; with the room that is left.
enum Text<'t> {
    Absent(&'t mut [u8]),
    Ascii(&'t str, &'t mut [u8]),
    /// No string, too long, or beyond ASCII.
    Other,
}

/// # Safety
/// `value` is one of the current call of `env`.
unsafe fn text_of<'t>(env: sys::napi_env, value: sys::napi_value, room: &'t mut [u8]) -> Text<'t> {
    // Units of 16 bits are copied, where UTF-8 is made letter by letter, and bytes would be cut off from what is longer.
    let mut units = [0_u16; MAX_VALUES_LEN];
    let mut len = 0;
    // SAFETY: `units` is that long; `len` is written to.
    let status = unsafe {
        let (to, size) = (units.as_mut_ptr(), units.len());
        sys::napi_get_value_string_utf16(env, value, to, size, &raw mut len)
    };
    if status == Status::napi_string_expected {
        let mut kind = ValueType::napi_null;
        // SAFETY: `kind` is written to.
        let status = unsafe { sys::napi_typeof(env, value, &raw mut kind) };
        let absent = status == Status::napi_ok && kind == ValueType::napi_undefined;
        return if absent { Text::Absent(room) } else { Text::Other };
    }
    // Node writes a zero behind the text, and cuts it off where there is no room for that.
    let is_whole = status == Status::napi_ok && len + 1 < units.len();
    let (Some(units), true, Some((text, rest))) =
        (units.get(..len), is_whole, room.split_at_mut_checked(len))
    else {
        return Text::Other;
    };
    let mut all = 0;
    for (byte, unit) in text.iter_mut().zip(units) {
        all |= unit;
        *byte = *unit as u8;
    }
    if all > 0x7f {
        return Text::Other;
    }
    // SAFETY: ASCII is UTF-8.
    Text::Ascii(unsafe { str::from_utf8_unchecked(text) }, rest)
}

/// # Safety
/// `value` is one of the current call of `env`.
unsafe fn number_of(env: sys::napi_env, value: sys::napi_value) -> Option<f64> {
    let mut number = 0.0;
    // SAFETY: `number` is written to.
    let status = unsafe { sys::napi_get_value_double(env, value, &raw mut number) };
    (status == Status::napi_ok).then_some(number)
}

/// The bytes of a `Uint8Array` of memory that is its own; not too many, and not none: it may have been transferred away.
///
/// # Safety
/// `value` is one of the current call of `env`; while the bytes are used, no JavaScript runs.
unsafe fn body_of<'b>(env: sys::napi_env, value: sys::napi_value) -> Option<&'b [u8]> {
    let (mut kind, mut len) = (0, 0);
    let (mut data, mut buffer) = (null_mut(), null_mut());
    // SAFETY: all but the offset, which is not asked for, are written to.
    let status = unsafe {
        let (kind, len, data) = (&raw mut kind, &raw mut len, &raw mut data);
        sys::napi_get_typedarray_info(env, value, kind, len, data, &raw mut buffer, null_mut())
    };
    if status != Status::napi_ok
        || kind != TypedarrayType::uint8_array
        || !(1..=MAX_BODY_LEN).contains(&len)
        || data.is_null()
    {
        return None;
    }
    let mut is_own = false;
    // Of a shared one Node says that it is none.
    // SAFETY: `buffer` was written above; `is_own` is written to.
    let status = unsafe { sys::napi_is_arraybuffer(env, buffer, &raw mut is_own) };
    // SAFETY: Node says that so many bytes are there; nobody else writes to them, and no JavaScript runs.
    (status == Status::napi_ok && is_own)
        .then(|| unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) })
}

/// What a `Verifier` of `bindings-js` gives: where the type stands and where the id does, the index of the key, and the
/// milliseconds of the timestamp with one added, or nought where there is none; each above the one before. None where that
/// does not say it, or where a double does not hold it.
fn packed(
    verified: &Verified<'_>,
    scheme: &Scheme,
    names: &[String],
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<u64> {
    if !std::ptr::eq(verified.payload(), body) {
        return None; // The claims of a token are the general way's to hand over.
    }
    let place_of = |text: Option<Cow<'_, str>>| match text {
        Some(Cow::Borrowed(text)) => {
            let (name, _) = headers.iter().find(|(_, value)| std::ptr::eq(*value, text))?;
            names.iter().position(|known| known == name)
        }
        Some(Cow::Owned(_)) => None,
        None => Some(ABSENT),
    };
    let type_at =
        if scheme.has_event_type_in_body() { IN_BODY } else { place_of(verified.event_type())? };
    let id_at = if scheme.has_event_id_in_body() { IN_BODY } else { place_of(verified.id())? };
    let time = match verified.timestamp() {
        Some(timestamp) => u64::try_from(timestamp.as_millis()).ok()? + 1,
        None => 0,
    };
    let key_index = verified.key_index() as u64;
    let parts = [(key_index, MAX_KEYS), (id_at as u64, PLACES), (type_at as u64, PLACES)];
    let fits = time < MAX_TIME && key_index < MAX_KEYS;
    fits.then(|| parts.iter().fold(time, |packed, (part, count)| packed * count + part))
}

/// Where an id or a type stands: the index of the header whose value it is, or one of these.
const ABSENT: usize = MAX_HEADERS;
const IN_BODY: usize = MAX_HEADERS + 1;
const PLACES: u64 = 8;
/// As many as a webhook has secrets.
const MAX_KEYS: u64 = 16;
/// What is left of the whole numbers of a double.
const MAX_TIME: u64 = (1 << 53) / (MAX_KEYS * PLACES * PLACES);
