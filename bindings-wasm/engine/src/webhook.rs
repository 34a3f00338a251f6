//! Webhooks, by the place where they are, and what they do.
//!
//! **Invariants.** JavaScript hands back only what [`open`] gave it, and none that it [closed](close).

use std::time::Duration;

use hookseal::{Error, Request, Scheme, Secret, Timestamp, Webhook};

use crate::border::{Input, Output, call, misused};
use crate::heap::Arena;

/// A webhook, and its secrets for the keys of the platform.
pub(crate) struct Opened {
    webhook: Webhook,
    secrets: Vec<Secret>,
    /// Where all of this is.
    arena: Arena,
}

/// Makes a webhook of a compiled scheme, its values and secrets, and says where it is.
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
        Ok((&raw const *opened).addr() as f64)
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

/// The id of its scheme, and the headers that it reads, to an absent one.
#[unsafe(no_mangle)]
extern "C" fn names(webhook: &Opened) -> f64 {
    call(0, &mut |_| {
        let mut output = Output::default();
        let scheme = webhook.webhook.scheme();
        output.text(Some(scheme.id()));
        scheme.headers().into_iter().for_each(|name| output.text(Some(name)));
        output.text(None);
        Ok(output.place())
    })
}

/// Verifies the request in the input, with the tags behind it where there are any: when the sender signed, in
/// milliseconds, from one on; zero where it does not say. To this, the index of the secret is added, 2^48 times.
#[unsafe(no_mangle)]
extern "C" fn verify(webhook: &Opened, len: usize, now_ms: f64) -> f64 {
    call(len, &mut |input| {
        read(webhook, input, &mut |request, input| {
            let now = Timestamp::from_millis(now_ms as i64);
            // Behind the body, what the platform made of it.
            let mut tags = Vec::new();
            while let Some(tag) = input.bytes() {
                tags.push(tag);
            }
            let Opened { webhook, .. } = webhook;
            let verified = if tags.is_empty() {
                webhook.verify(&request, now)?
            } else {
                webhook.verify_tags(&request, now, &tags)?
            };
            let millis = verified.timestamp().map_or(0, |moment| moment.as_millis() + 1);
            Ok(millis as f64 + verified.key_index() as f64 * (1_u64 << 48) as f64)
        })
    })
}

/// The id and the type of the event that the request in the input, which was verified, says of itself.
#[unsafe(no_mangle)]
extern "C" fn told(webhook: &Opened, len: usize) -> f64 {
    call(len, &mut |input| {
        read(webhook, input, &mut |request, _| {
            let scheme = webhook.webhook.scheme();
            let mut output = Output::default();
            output.text(scheme.event_id_of(&request).as_deref());
            output.text(scheme.event_type_of(&request).as_deref());
            Ok(output.place())
        })
    })
}

/// The keys for the platform to hash with: the name of the hash, and the bytes of each, to an absent name. None where the
/// core alone can.
#[unsafe(no_mangle)]
extern "C" fn keys(webhook: &Opened) -> f64 {
    call(0, &mut |_| {
        let mut output = Output::default();
        for secret in &webhook.secrets {
            if let Some(key) = webhook.webhook.scheme().hmac_key(secret)? {
                output.text(Some(key.hash));
                output.bytes(Some(&key.bytes));
            }
        }
        output.text(None);
        Ok(output.place())
    })
}

/// What the request in the input signs, for the platform to hash: what stands before the body, whether the body follows,
/// and what stands behind it.
#[unsafe(no_mangle)]
extern "C" fn signed(webhook: &Opened, len: usize, now_ms: f64) -> f64 {
    call(len, &mut |input| {
        read(webhook, input, &mut |request, _| {
            let signed = webhook.webhook.signed(&request, Timestamp::from_millis(now_ms as i64))?;
            let mut output = Output::default();
            output.bytes(Some(&signed.head));
            output.number(signed.body.into());
            output.bytes(Some(&signed.tail));
            Ok(output.place())
        })
    })
}

/// What a call does with a request, and with what stands behind it in the input.
type Run<'r> = dyn FnMut(Request<'_>, &mut Input<'_>) -> Result<f64, Error> + 'r;

/// Headers, each as the number of its name among [`names`] and its value, behind their number; then method, URL and body.
/// What is absent is what it is for a delivery: a `POST`, and a URL that is not known.
fn read(webhook: &Opened, input: &mut Input<'_>, run: &mut Run<'_>) -> Result<f64, Error> {
    let names = webhook.webhook.scheme().headers();
    let mut headers = Vec::new();
    for _ in 0..input.number() {
        let name = names.get(input.number() as usize).copied().unwrap_or_default();
        headers.push((name, input.text().unwrap_or_default()));
    }
    let method = input.text();
    let url = input.text().unwrap_or_default();
    let request = Request::new(&headers, input.bytes().unwrap_or_default()).with_url(url);
    run(method.map_or(request, |method| request.with_method(method)), input)
}
