//! Schemes and webhooks, by number, and what they do.

use std::cell::RefCell;
use std::time::Duration;

use hookseal::{Request, Scheme, Secret, Timestamp, Webhook};

use crate::border::{Input, call, misused};

thread_local! {
    static WEBHOOKS: RefCell<Vec<Option<Opened>>> = const { RefCell::new(Vec::new()) };
}

/// A webhook, and its secrets for the keys of the platform.
struct Opened {
    webhook: Webhook,
    secrets: Vec<Secret>,
}

/// Makes a webhook of a compiled scheme, its values and secrets; the output is its scheme's id, the headers that it reads
/// and its number.
///
/// A negative tolerance stands for that of the scheme.
// SAFETY: the name is not used by anything else that is linked.
#[unsafe(no_mangle)]
extern "C" fn open(len: usize, tolerance_seconds: f64) -> *const u8 {
    call(len, &mut |input, output| {
        let text = input.text().ok_or_else(misused)?;
        let config = input.pairs();
        let scheme = Scheme::compiled(text, &config)?;
        let mut secrets = Vec::new();
        while let Some(secret) = input.text() {
            secrets.push(Secret::new(secret)?);
        }
        let mut webhook = Webhook::new(scheme, &secrets)?;
        if tolerance_seconds >= 0.0 {
            webhook = webhook.with_tolerance(Duration::from_secs(tolerance_seconds as u64));
        }
        let scheme = webhook.scheme();
        output.text(Some(scheme.id()));
        let names = scheme.headers();
        output.number(names.len() as u32);
        names.iter().for_each(|name| output.text(Some(name)));
        let webhook = Opened { webhook, secrets };
        WEBHOOKS.with_borrow_mut(|webhooks| {
            let free = webhooks.iter().position(Option::is_none).unwrap_or(webhooks.len());
            output.number(free as u32);
            match webhooks.get_mut(free) {
                Some(place) => *place = Some(webhook),
                None => webhooks.push(Some(webhook)),
            }
        });
        Ok(())
    })
}

/// Forgets a webhook.
// SAFETY: the name is not used by anything else that is linked.
#[unsafe(no_mangle)]
extern "C" fn close(webhook: usize) {
    WEBHOOKS.with_borrow_mut(|webhooks| webhooks.get_mut(webhook).map(Option::take));
}

/// Verifies the request in the input, with the tags behind it where there are any.
// SAFETY: the name is not used by anything else that is linked.
#[unsafe(no_mangle)]
extern "C" fn verify(webhook: usize, len: usize, now_ms: f64) -> *const u8 {
    with(webhook, |Opened { webhook, .. }| {
        call(len, &mut |input, output| {
            let headers = input.pairs();
            let request = request(input, &headers);
            let now = Timestamp::from_millis(now_ms as i64);
            // Behind the body, what the platform made of it.
            let mut tags = Vec::new();
            while let Some(tag) = input.bytes() {
                tags.push(tag);
            }
            let verified = if tags.is_empty() {
                webhook.verify(&request, now)?
            } else {
                webhook.verify_tags(&request, now, &tags)?
            };
            output.two_texts([verified.id().as_deref(), verified.event_type().as_deref()]);
            let written =
                verified.timestamp().map(|moment| (moment.as_millis() as f64).to_le_bytes());
            output.bytes(written.as_ref().map(|bytes| &bytes[..]));
            output.number(verified.key_index() as u32);
            let payload = verified.payload();
            output.bytes((!std::ptr::eq(payload, request.body)).then_some(payload));
            Ok(())
        })
    })
}

/// The keys for the platform to hash with: the name of the hash, and the bytes of each, to an absent name. None where the
/// core alone can.
// SAFETY: the name is not used by anything else that is linked.
#[unsafe(no_mangle)]
extern "C" fn keys(webhook: usize) -> *const u8 {
    with(webhook, |Opened { webhook, secrets }| {
        call(0, &mut |_, output| {
            for secret in secrets {
                if let Some(key) = webhook.scheme().hmac_key(secret)? {
                    output.text(Some(key.hash));
                    output.bytes(Some(&key.bytes));
                }
            }
            output.text(None);
            Ok(())
        })
    })
}

/// What the request in the input signs, for the platform to hash: what stands before the body, whether the body follows,
/// and what stands behind it.
// SAFETY: the name is not used by anything else that is linked.
#[unsafe(no_mangle)]
extern "C" fn signed(webhook: usize, len: usize, now_ms: f64) -> *const u8 {
    with(webhook, |Opened { webhook, .. }| {
        call(len, &mut |input, output| {
            let headers = input.pairs();
            let request = request(input, &headers);
            let signed = webhook.signed(&request, Timestamp::from_millis(now_ms as i64))?;
            output.bytes(Some(&signed.head));
            output.number(signed.body.into());
            output.bytes(Some(&signed.tail));
            Ok(())
        })
    })
}

/// Method, URL and body. What is absent is what it is for a delivery: a `POST`, and a URL that is not known.
fn request<'r, 'i: 'r>(input: &mut Input<'i>, headers: &'r [(&'r str, &'r str)]) -> Request<'r> {
    let method = input.text();
    let url = input.text().unwrap_or_default();
    let request = Request::new(headers, input.bytes().unwrap_or_default()).with_url(url);
    method.map_or(request, |method| request.with_method(method))
}

fn with(webhook: usize, run: impl FnOnce(&Opened) -> *const u8) -> *const u8 {
    WEBHOOKS.with_borrow(|webhooks| match webhooks.get(webhook) {
        Some(Some(webhook)) => run(webhook),
        _ => call(0, &mut |_, _| Err(misused())),
    })
}
