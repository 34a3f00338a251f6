//! Whether the time of a refusal says how much of a forged signature was right. A comparison that stops at the first
//! wrong byte is measured along, to show that this machine would see it.
//!
//! Fails when a comparison leaks, and when the measurement is too coarse to tell.

#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints, and may fail loudly"
)]

mod welch;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use hookseal::{Message, Request, Scheme, Secret, Timestamp, Webhook, verify_signature};
use welch::{Class, LIMIT, Random, Verdict};

const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);
const DIGITS: &[u8] = b"0123456789abcdef";

fn main() -> ExitCode {
    let control = Verdict::of(early_exit());
    print("control: stops at the first wrong byte", control);
    // Where the first character of the signature stands in its header, and the last.
    let verdicts = [
        ("HMAC in hex: first or last digit wrong", Verdict::of(forged("github", [7, 70]))),
        (
            "HMAC in base64: first or last character",
            Verdict::of(forged("standard_webhooks", [3, 44])),
        ),
        ("HMAC by the boolean helper", Verdict::of(forged_for_helper())),
        ("token: first or last character", Verdict::of(forged("gitlab", [0, 39]))),
        ("basic auth: first or last character", Verdict::of(forged("postmark", [6, 58]))),
    ];
    for (name, verdict) in verdicts {
        print(name, verdict);
    }
    // Not a secret: a comparison of slices may end at once when their lengths differ.
    print("for information: length of a token", Verdict::of(guessed("gitlab", [40, 48])));
    if control.t < LIMIT {
        println!("too noisy: not even the control shows; try again on a quiet machine");
        return ExitCode::FAILURE;
    }
    let leaks = verdicts.iter().filter(|(_, verdict)| verdict.t > LIMIT).count();
    println!("{leaks} of {} comparisons leak: |t| is above {LIMIT}", verdicts.len());
    if leaks == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print(name: &str, verdict: Verdict) {
    println!("{name:<42} {verdict}");
}

/// Right signatures but for one character: the first in the left class, the last in the right one. Every measurement has
/// a message of its own, so that nothing about it is learnt.
fn forged(id: &str, [first, last]: [usize; 2]) -> impl FnMut(Class, &mut Random) -> u64 {
    let scheme = Scheme::builtin(id).unwrap();
    move |class, random| {
        let webhook = webhook(&scheme, secret(40, random));
        let body = secret(16, random);
        let mut headers = sign(&webhook, &body);
        let (_, signature) = headers.last_mut().unwrap();
        forge(signature, if class == Class::Left { first } else { last }, random);
        refuse(&webhook, &headers, &body)
    }
}

/// The same for `verify_signature`.
fn forged_for_helper() -> impl FnMut(Class, &mut Random) -> u64 {
    let scheme = Scheme::builtin("naive").unwrap();
    move |class, random| {
        let shared = secret(40, random);
        let body = secret(16, random);
        let (_, mut signature) = sign(&webhook(&scheme, shared.clone()), &body).pop().unwrap();
        forge(&mut signature, if class == Class::Left { 0 } else { 63 }, random);
        timed(|| verify_signature(&shared, body.as_bytes(), &signature))
    }
}

/// Tokens that have nothing to do with the secret, but in the left class are as long. Either length is as frequent in
/// both classes, for secrets as for tokens: only whether they agree differs.
fn guessed(id: &str, lengths: [usize; 2]) -> impl FnMut(Class, &mut Random) -> u64 {
    let scheme = Scheme::builtin(id).unwrap();
    move |class, random| {
        let which = random.below(2);
        let other = if class == Class::Left { which } else { 1 - which };
        let webhook = webhook(&scheme, secret(lengths[which], random));
        let mut headers = sign(&webhook, "");
        headers.last_mut().unwrap().1 = secret(lengths[other], random);
        refuse(&webhook, &headers, "")
    }
}

/// What must not be: `==` on bytes.
fn early_exit() -> impl FnMut(Class, &mut Random) -> u64 {
    |class, random| {
        let right = [(); 32].map(|()| random.below(256) as u8);
        let mut wrong = right;
        wrong[if class == Class::Left { 0 } else { 31 }] ^= 1 + random.below(255) as u8;
        timed(|| black_box(&right).iter().zip(black_box(&wrong)).all(|(a, b)| a == b))
    }
}

fn webhook(scheme: &Scheme, secret: String) -> Webhook {
    Webhook::new(scheme.clone(), &[Secret::new(secret).unwrap()]).unwrap()
}

/// The headers of the message; the signature is the last one.
fn sign(webhook: &Webhook, body: &str) -> Vec<(String, String)> {
    let named = Message { id: Some("msg_1"), ..Message::default() };
    webhook.sign(&Message { body: body.as_bytes(), ..named }, NOW).unwrap()
}

/// The time in which the request is refused.
fn refuse(webhook: &Webhook, headers: &[(String, String)], body: &str) -> u64 {
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = Request::new(&headers, body.as_bytes());
    timed(|| webhook.verify(&request, NOW).is_ok())
}

/// Nanoseconds of an operation that must refuse.
fn timed(operation: impl FnOnce() -> bool) -> u64 {
    let start = Instant::now();
    let accepted = black_box(operation());
    let elapsed = start.elapsed();
    assert!(!accepted, "a forged request was accepted");
    elapsed.as_nanos() as u64
}

/// Puts another character at this place.
fn forge(signature: &mut String, at: usize, random: &mut Random) {
    let right = signature.as_bytes()[at];
    let wrong = loop {
        let digit = DIGITS[random.below(DIGITS.len())];
        if digit != right {
            break digit;
        }
    };
    // The same steps wherever the place is: those of before a measurement stay in the processor's memory of branches.
    let bytes = signature.bytes().enumerate().map(|(place, byte)| {
        let here = u8::from(black_box(place) == at).wrapping_neg();
        char::from(byte & !here | wrong & here)
    });
    *signature = bytes.collect();
}

fn secret(length: usize, random: &mut Random) -> String {
    (0..length).map(|_| char::from(DIGITS[random.below(DIGITS.len())])).collect()
}
