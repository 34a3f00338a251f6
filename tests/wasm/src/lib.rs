//! The core without a binding, as a WebAssembly module.
//!
//! What is exported here uses every entry point of the core on input that the compiler cannot know, so that the module
//! holds all of it. `imports.test.mjs` asserts that the module asks nothing of its host: no clock, no randomness.

// The property tests' own: one list of the forms of a secret.
#[path = "../../../core/tests/sample/secret.rs"]
mod secret;

use hookseal::payload::EnvelopeKind;
use hookseal::{
    Decision, Message, Outcome, Request, RetryPolicy, Scheme, Timestamp, Webhook, explain,
};

const URL: &str = "https://example.com/hooks?a=1";

/// How many schemes of the catalogue sign a sample with a sample secret.
#[unsafe(no_mangle)]
pub extern "C" fn schemes(seed: u8) -> usize {
    webhooks(seed).filter(|webhook| Delivery::signed(webhook, seed).is_some()).count()
}

/// How many of those verify what they sign, and refuse another body where it is signed.
#[unsafe(no_mangle)]
pub extern "C" fn verifying_schemes(seed: u8) -> usize {
    let is_right = |webhook: &Webhook| {
        let Some(delivery) = Delivery::signed(webhook, seed) else { return false };
        let body = [delivery.body.as_slice(), b"&b=2"].concat();
        let other = Delivery { headers: delivery.headers.clone(), body };
        delivery.verifies(webhook, seed)
            && !(webhook.scheme().covers_body() && other.verifies(webhook, seed))
    };
    webhooks(seed).filter(is_right).count()
}

/// How many of those whose signature is a JSON Web Token verify what they sign.
#[unsafe(no_mangle)]
pub extern "C" fn tokens(seed: u8) -> usize {
    let verifies = |webhook: &Webhook| {
        Delivery::signed(webhook, seed).is_some_and(|delivery| {
            delivery.headers.iter().any(|(_, value)| value.contains("eyJ"))
                && delivery.verifies(webhook, seed)
        })
    };
    webhooks(seed).filter(verifies).count()
}

/// Whether a key pair that is made here signs what its public key verifies.
#[unsafe(no_mangle)]
pub extern "C" fn key_pair_works(seed: u8) -> bool {
    pair_verifies(seed).unwrap_or(false)
}

#[cfg(feature = "asymmetric")]
fn pair_verifies(seed: u8) -> Option<bool> {
    let pair = hookseal::KeyPair::generate(&[seed; 32]).ok()?;
    let scheme = scheme("standard_webhooks_ed25519")?;
    let public = hookseal::Secret::new(pair.public_key()).ok()?;
    let signer = Webhook::new(scheme.clone(), std::slice::from_ref(pair.private_key())).ok()?;
    let verifier = Webhook::new(scheme, &[public]).ok()?;
    Some(Delivery::signed(&signer, seed)?.verifies(&verifier, seed))
}

#[cfg(not(feature = "asymmetric"))]
fn pair_verifies(_: u8) -> Option<bool> {
    None
}

/// How many of three handshakes are answered: an echo, a comparison with a setting, a signature.
#[unsafe(no_mangle)]
pub extern "C" fn handshakes(seed: u8) -> usize {
    let echo = format!("{URL}&challenge=c-{seed}");
    let setting =
        format!("{URL}&hub.mode=subscribe&hub.verify_token=x-sample&hub.challenge={seed}");
    let signed = format!("{URL}&crc_token=c-{seed}");
    let answers = |(id, url): &(&str, &str)| {
        let webhook = secret::webhook(&scheme(id)?, &[seed; 32])?;
        let request = Request::new(&[], b"").with_method("GET").with_url(url);
        let response = webhook.handshake(&request, now(seed)).ok()??;
        (response.status == 200 && !response.body.is_empty()).then_some(())
    };
    [("dropbox", echo.as_str()), ("meta", &setting), ("x_twitter", &signed)]
        .iter()
        .filter_map(answers)
        .count()
}

/// How many schemes know from a request where their key is published.
#[unsafe(no_mangle)]
pub extern "C" fn key_requests(seed: u8) -> usize {
    let url = format!("https://api.paypal.com/{seed}");
    let headers = [
        ("paypal-cert-url", url.as_str()),
        ("paypal-transmission-sig", "c2ln"),
        ("dyte-signature", "c2ln"),
    ];
    let request = Request::new(&headers, b"{}");
    let asks = |id: &&str| {
        let scheme = scheme(id)?;
        Webhook::key_request(&scheme, &request).ok().flatten()
    };
    ["paypal", "dyte", "naive"].iter().filter_map(asks).count()
}

/// How many reasons are found why a delivery does not verify with another secret.
#[unsafe(no_mangle)]
pub extern "C" fn findings(seed: u8) -> usize {
    let webhook = scheme("naive").and_then(|scheme| secret::webhook(&scheme, &[seed; 32]));
    webhook.map_or(0, |webhook| {
        let delivery = Delivery::signed(&webhook, seed);
        let headers = delivery.as_ref().map(Delivery::pairs).unwrap_or_default();
        let request = Request::new(&headers, b"{");
        explain(webhook.scheme(), &["another"], None, &request, now(seed)).findings.len()
    })
}

/// How many of two envelopes survive being read and written.
#[unsafe(no_mangle)]
pub extern "C" fn envelopes(seed: u8) -> usize {
    let body = format!(
        r#"{{"event":"a.b","type":"a.b","timestamp":"2026-04-25T10:05:23Z","ts":{seed},"data":{{"tenant_user_id":null}}}}"#
    );
    let survives = |kind: &EnvelopeKind| {
        let event = kind.decode(body.as_bytes(), "msg_1").ok();
        event.is_some_and(|event| kind.encode(&event).is_ok())
    };
    [EnvelopeKind::Naive, EnvelopeKind::Standard].iter().filter(|kind| survives(kind)).count()
}

/// Milliseconds until the retry of a policy that is read from JSON; 0 when there is none.
#[unsafe(no_mangle)]
pub extern "C" fn retry_delay_ms(seed: u8) -> f64 {
    let now = now(seed);
    let retry_after = Some("Thu, 01 Jan 1970 00:00:01 GMT");
    let outcome = Outcome::Response { status: 503, retry_after, delivery: None };
    let policy = RetryPolicy::from_json(&format!(r#"{{"schedule":{{"list":[{seed}]}}}}"#));
    match policy.and_then(|policy| policy.next(1, &outcome, now, now, 0.5)) {
        Ok(Decision::RetryAt(at)) => {
            f64::from(i32::try_from(at.as_millis() - now.as_millis()).unwrap_or(0))
        }
        _ => 0.0,
    }
}

/// The scheme with sample settings.
fn scheme(id: &str) -> Option<Scheme> {
    let settings = Scheme::catalogue_entry(id).ok()?.config;
    let value = |name: &str| if name == "issuer" { URL } else { "x-sample" };
    let config: Vec<(&str, &str)> =
        settings.iter().map(|(name, _)| (name.as_str(), value(name))).collect();
    Scheme::builtin_with(id, &config).ok()
}

fn webhooks(seed: u8) -> impl Iterator<Item = Webhook> {
    let schemes = Scheme::builtin_ids().into_iter().filter_map(scheme);
    schemes.filter_map(move |scheme| secret::webhook(&scheme, &[seed; 32]))
}

/// A signed message.
struct Delivery {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Delivery {
    /// A signed sample: a form where the scheme reads one, else JSON; none when the scheme signs neither.
    fn signed(webhook: &Webhook, seed: u8) -> Option<Self> {
        let names = webhook.scheme().headers();
        let is_form = names.contains(&"content-type");
        let body =
            if is_form { format!("a={seed}&signature=") } else { format!("{{\"a\":{seed}}}") };
        let body = webhook.sign_body(body.as_bytes()).ok()?;
        let others: Vec<(&str, &str)> = names
            .into_iter()
            .filter(|name| *name != "content-type")
            .map(|name| (name, "nonce-1"))
            .collect();
        let named = Message { id: Some("msg_1"), event_type: Some("a.b"), ..Message::default() };
        let message = Message { body: &body, url: URL, headers: &others, ..named };
        let headers = webhook.sign(&message, now(seed)).ok()?;
        Some(Self { headers, body })
    }

    fn verifies(&self, webhook: &Webhook, seed: u8) -> bool {
        let headers = self.pairs();
        let request = Request::new(&headers, &self.body).with_url(URL);
        webhook.verify(&request, now(seed)).is_ok()
    }

    fn pairs(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

fn now(seed: u8) -> Timestamp {
    Timestamp::from_seconds(1_777_111_523 + i64::from(seed))
}
