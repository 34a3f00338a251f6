//! Webhooks, by the place where they are, and what they do.
//!
//! **Invariants.** JavaScript hands back only what [`open`] gave it, and none that it [closed](close).

use std::time::Duration;

use hookseal::{Request, Scheme, Secret, Timestamp, Webhook};

use crate::border::{Output, call, misused};
use crate::heap::Arena;

/// A webhook, and its secrets for the keys of the platform.
pub(crate) struct Opened {
    webhook: Webhook,
    secrets: Vec<Secret>,
    /// Where all of this is.
    arena: Arena,
}

/// Makes a webhook of a compiled scheme, its values and secrets, and says where it is; behind that the id of its scheme and
/// the headers that it reads, to an absent one.
///
/// A negative tolerance stands for that of the scheme.
// SAFETY: the name is not used by anything else that is linked.
#[unsafe(no_mangle)]
extern "C" fn open(len: usize, tolerance_seconds: f64) -> f64 {
    call(len, &mut |input| {
        let text = input.text().ok_or_else(misused)?;
        let mut config = Vec::new();
        for _ in 0..input.number() {
            config.push(input.text().zip(input.text()).ok_or_else(misused)?);
        }
        let scheme = Scheme::compiled(text, &config)?;
        let mut secrets = Vec::new();
        while let Some(secret) = input.text() {
            secrets.push(Secret::new(secret)?);
        }
        let mut webhook = Webhook::new(scheme, &secrets)?;
        if tolerance_seconds >= 0.0 {
            webhook = webhook.with_tolerance(Duration::from_secs(tolerance_seconds as u64));
        }
        let opened = Box::leak(Box::new(Opened { webhook, secrets, arena: Arena::NONE }));
        opened.arena = Arena::taken();
        let mut output = Output::default();
        output.number((&raw const *opened).addr() as u32);
        let scheme = opened.webhook.scheme();
        output.text(Some(scheme.id()));
        scheme.headers().into_iter().for_each(|name| output.text(Some(name)));
        output.text(None);
        Ok(output.place())
    })
}

/// Forgets a webhook and wipes its keys.
///
/// # Safety
/// See the invariants.
// SAFETY: the name is not used by anything else that is linked.
#[unsafe(no_mangle)]
unsafe extern "C" fn close(webhook: *mut Opened) {
    // SAFETY: it is there.
    let arena = unsafe { std::mem::replace(&mut (*webhook).arena, Arena::NONE) };
    arena.give_back();
}

/// The keys for the platform to hash with.
const KEYS: u32 = 0;
/// What the platform is to hash.
const SIGNED: u32 = 1;
/// Id and type of the event.
const TOLD: u32 = 2;

/// What is asked of a webhook, and of the request in the input where it is about one:
///
/// - [`KEYS`]: whether verifying looks into the body; behind it the name of the hash and the bytes of each key, to an absent
///   name. None where the core alone can hash.
/// - [`SIGNED`]: what stands before the body, and what stands behind it, which is absent where the body is not there.
/// - [`TOLD`]: the id and the type of the event that the request, which was verified, says of itself.
/// - Whatever else verifies it, with the tags behind it where there are any: when the sender signed, in milliseconds, from
///   one on; zero where it does not say. To this, the index of the secret is added, 2^48 times.
// SAFETY: the name is not used by anything else that is linked.
#[unsafe(no_mangle)]
extern "C" fn ask(opened: &Opened, len: usize, what: u32, now_ms: f64) -> f64 {
    call(len, &mut |input| {
        let Opened { webhook, secrets, .. } = opened;
        let scheme = webhook.scheme();
        let now = Timestamp::from_millis(now_ms as i64);
        let mut output = Output::default();
        if what == KEYS {
            output.number(scheme.reads_body().into());
            for secret in secrets {
                if let Some(key) = scheme.hmac_key(secret)? {
                    output.text(Some(key.hash));
                    output.bytes(Some(&key.bytes));
                }
            }
            output.text(None);
            return Ok(output.place());
        }
        let names = scheme.headers();
        let mut headers = Vec::new();
        // Each as the number of its name and its value, behind their number.
        for _ in 0..input.number() {
            let name = names.get(input.number() as usize).copied().unwrap_or_default();
            headers.push((name, input.text().unwrap_or_default()));
        }
        // What is absent is what it is for a delivery: a `POST`, and a URL that is not known.
        let method = input.text();
        let url = input.text().unwrap_or_default();
        let mut request = Request::new(&headers, input.bytes().unwrap_or_default()).with_url(url);
        if let Some(method) = method {
            request = request.with_method(method);
        }
        match what {
            SIGNED => {
                let signed = webhook.signed(&request, now)?;
                output.bytes(Some(&signed.head));
                output.bytes(signed.body.then_some(&signed.tail));
            }
            TOLD => {
                output.text(scheme.event_id_of(&request).as_deref());
                output.text(scheme.event_type_of(&request).as_deref());
            }
            _ => {
                let mut tags = Vec::new();
                while let Some(tag) = input.bytes() {
                    tags.push(tag);
                }
                let verified = if tags.is_empty() {
                    webhook.verify(&request, now)?
                } else {
                    webhook.verify_tags(&request, now, &tags)?
                };
                let millis = verified.timestamp().map_or(0, |moment| moment.as_millis() + 1);
                return Ok(millis as f64 + verified.key_index() as f64 * (1_u64 << 48) as f64);
            }
        }
        Ok(output.place())
    })
}
