//! Any bytes as any envelope: what reads is written and reads back the same.

#![no_main]

use hookseal::Event;
use hookseal::payload::{
    AinativeEnvelope, EnvelopeKind, NaiveEnvelope, NativemsgEnvelope, Object, StandardEnvelope,
    YativoEnvelope,
};
use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};

const KINDS: [EnvelopeKind; 5] = [
    EnvelopeKind::Ainative,
    EnvelopeKind::Naive,
    EnvelopeKind::Nativemsg,
    EnvelopeKind::Standard,
    EnvelopeKind::Yativo,
];

fuzz_target!(|body: &[u8]| {
    survives::<Object>(body);
    survives::<AinativeEnvelope>(body);
    survives::<NaiveEnvelope>(body);
    survives::<NativemsgEnvelope>(body);
    survives::<StandardEnvelope>(body);
    survives::<YativoEnvelope>(body);

    for kind in KINDS {
        let Ok(event) = kind.decode(body, "msg_1") else { continue };
        // In its own envelope the event stays as it is; another one may have no place for the tenant.
        for other in KINDS {
            let Ok(written) = other.encode(&event) else { continue };
            let again = other.decode(&written, &event.id).expect("what is written reads");
            assert_eq!(parts(&again), parts(&event), "{kind:?} as {other:?}");
            assert!(kind != other || again.tenant == event.tenant, "{kind:?} loses the tenant");
            assert_eq!(other.encode(&again).as_ref(), Ok(&written), "{kind:?} as {other:?}");
        }
    }
});

fn survives<T: DeserializeOwned + Serialize>(body: &[u8]) {
    let Ok(envelope) = serde_json::from_slice::<T>(body) else { return };
    let written = serde_json::to_string(&envelope).expect("an envelope can be written");
    let again: T = serde_json::from_str(&written).expect("what is written reads");
    assert_eq!(serde_json::to_string(&again).expect("an envelope can be written"), written);
}

/// What every envelope keeps of an event; most hold whole seconds.
fn parts(event: &Event) -> (&str, &str, i64) {
    (&event.id, event.event_type.as_str(), event.time.as_seconds())
}
