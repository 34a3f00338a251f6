//! What schemes that do not sign any bytes are given: a form or JSON with a text in it, and headers that say what is
//! signed.

use sha2::{Digest as _, Sha256};

const URL: &str = "https://example.com/hooks?a=1";

/// The body in which the scheme signs `text`, its signature still to be written; none where it signs any bytes.
pub(super) fn body(id: &str, text: &str) -> Option<String> {
    Some(match id {
        // Bare hashes take text.
        "hubspot_v1" | "hubspot_v2" | "lark" | "ppro" | "sellsy" => text.to_owned(),
        "grafana" | "hook0" | "x_twitter" => format!(r#"{{"a":"{text}"}}"#),
        "braintree" => format!("bt_payload={text}"),
        "figma" => format!(r#"{{"passcode":"","event_type":"{text}"}}"#),
        "mailgun" => {
            let time = super::NOW.as_seconds();
            format!(r#"{{"signature":{{"timestamp":"{time}","token":"{text}","signature":""}}}}"#)
        }
        "linear" => {
            format!(r#"{{"webhookTimestamp":{},"action":"{text}"}}"#, super::NOW.as_millis())
        }
        "plain" => {
            let time = super::NOW.to_rfc3339();
            format!(
                r#"{{"webhookMetadata":{{"webhookDeliveryAttemptTimestamp":"{time}"}},"type":"{text}"}}"#
            )
        }
        "mailgun_form" => {
            format!("timestamp={}&token={text}&signature=", super::NOW.as_seconds())
        }
        "mandrill" | "plivo_v3" | "twilio" | "twilio_sharedkey" => format!("a={text}&b={text}"),
        "noon" => format!(
            r#"{{"orderId":7,"orderStatus":"PAID","eventId":"{text}","eventType":"a.b","timeStamp":"1","signature":""}}"#
        ),
        "novalnet" => format!(
            r#"{{"event":{{"tid":7,"type":"{text}","checksum":""}},"result":{{"status":"SUCCESS"}}}}"#
        ),
        "phonepe_v1" => format!(r#"{{"response":"{text}"}}"#),
        "trustpay" => format!(r#"{{"a":{{"b":"{text}","c":[1.5,true]}},"Signature":""}}"#),
        "unisender_go" => format!(r#"{{"auth":"","events_by_user":"{text}"}}"#),
        _ => return None,
    })
}

/// The URL, which for one scheme holds a digest of the body.
pub(super) fn url(id: &str, body: &[u8]) -> String {
    match id {
        "twilio_json" | "twilio_sharedkey_json" => {
            let digest = Sha256::digest(body);
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{URL}&bodySHA256={digest}")
        }
        _ => URL.to_owned(),
    }
}

/// The other headers of the message, for schemes that sign those that the message lists.
pub(super) fn headers(id: &str) -> &'static [(&'static str, &'static str)] {
    match id {
        "contentful" => {
            &[("x-contentful-signed-headers", "x-contentful-signed-headers,x-contentful-timestamp")]
        }
        "hook0" => &[("x-event-id", "nonce-1")],
        _ => &[],
    }
}

/// Where the characters of a signed header stand that are held against something: not a key id, nor an index.
pub(super) fn covered(name: &str, value: &str) -> std::ops::Range<usize> {
    match name {
        "keygen-signature" => {
            let start = value.find("signature=\"").unwrap() + "signature=\"".len();
            start..start + value[start..].find('"').unwrap()
        }
        "x-verify" => 0..value.find("###").unwrap(),
        _ => 0..value.len(),
    }
}
