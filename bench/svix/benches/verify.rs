//! Verifying one Standard Webhooks delivery, by the core and by the crate of Svix.

use std::hint::black_box;
use std::time::{SystemTime, UNIX_EPOCH};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hookseal::{Message, Request, Scheme, Secret, Timestamp, Webhook};
use http::{HeaderMap, HeaderName, HeaderValue};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn delivery(c: &mut Criterion) {
    let scheme = Scheme::builtin("standard_webhooks").unwrap();
    let webhook = Webhook::new(scheme, &[Secret::new(SECRET).unwrap()]).unwrap();
    let peer = svix::webhooks::Webhook::new(SECRET).unwrap();
    // The peer reads the clock itself, so the deliveries are of now.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let now = Timestamp::from_seconds(i64::try_from(now).unwrap());

    for size in [256, 1024, 65_536] {
        let mut body = br#"{"type":"invoice.paid","data":""#.to_vec();
        body.resize(size - 2, b'x');
        body.extend_from_slice(b"\"}");
        let message = Message { id: Some("msg_1"), body: &body, ..Message::default() };
        let signed = webhook.sign(&message, now).unwrap();
        let headers: Vec<(&str, &str)> =
            signed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let map: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                (name, HeaderValue::from_str(value).unwrap())
            })
            .collect();

        let mut group = c.benchmark_group("svix");
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("hookseal_verify", size), |b| {
            b.iter(|| {
                webhook.verify(black_box(&Request::new(&headers, &body)), now).unwrap().key_index()
            });
        });
        group.bench_function(BenchmarkId::new("svix_verify", size), |b| {
            b.iter(|| peer.verify(black_box(&body), black_box(&map)).unwrap());
        });
        group.finish();
    }
}

criterion_group!(benches, delivery);
criterion_main!(benches);
