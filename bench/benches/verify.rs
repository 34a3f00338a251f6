//! Verifying and signing one Standard Webhooks delivery, against a bare keyed HMAC-SHA256 of the same bytes (the floor)
//! and against the reference crate.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit, Mac};
use hookseal::{Message, Request, Scheme, Secret, Timestamp, Webhook};
use sha2::Sha256;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn delivery(c: &mut Criterion) {
    let webhook = Webhook::new(
        Scheme::builtin("standard_webhooks").unwrap(),
        &[Secret::new(SECRET).unwrap()],
    )
    .unwrap();
    let peer = standardwebhooks::Webhook::new(SECRET).unwrap();
    let bare = Hmac::<Sha256>::new_from_slice(&[7; 24]).unwrap();
    // The peer reads the clock itself, so the deliveries are of now.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = Timestamp::from_seconds(i64::try_from(now.as_secs()).unwrap());

    for size in [256, 1024, 65_536] {
        let mut body = br#"{"type":"invoice.paid","data":""#.to_vec();
        body.resize(size - 2, b'x');
        body.extend_from_slice(b"\"}");
        let message =
            Message { id: Some("msg_1"), event_type: None, body: &body, ..Message::default() };
        let signed = webhook.sign(&message, now).unwrap();
        let headers: Vec<(&str, &str)> =
            signed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let map: http::HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (
                    http::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                    http::HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect();
        let mut content = format!("msg_1.{}.", now.as_seconds()).into_bytes();
        content.extend_from_slice(&body);

        let mut group = c.benchmark_group("delivery");
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("bare_hmac", size), |b| {
            b.iter(|| bare.clone().chain_update(black_box(&content)).finalize());
        });
        group.bench_function(BenchmarkId::new("hookseal_verify", size), |b| {
            b.iter(|| {
                webhook.verify(black_box(&Request::new(&headers, &body)), now).unwrap().key_index()
            });
        });
        group.bench_function(BenchmarkId::new("standardwebhooks_verify", size), |b| {
            b.iter(|| peer.verify(black_box(&body), black_box(&map)).unwrap());
        });
        group.bench_function(BenchmarkId::new("hookseal_sign", size), |b| {
            b.iter(|| webhook.sign(black_box(&message), now).unwrap());
        });
        group.finish();
    }
}

criterion_group!(benches, delivery);
criterion_main!(benches);
