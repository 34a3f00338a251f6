//! What the documentation shows: pages that are written are current, and the schemes in it work.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use hookseal::{ErrorCode, Message, Request, Scheme, Secret, Timestamp, Webhook};
use serde_json::Value;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
const URL: &str = "https://example.com/hooks?a=1";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[test]
fn the_page_of_the_catalogue_is_current() {
    let written = std::fs::read_to_string(conformance::catalogue::path()).unwrap();
    assert!(
        written == conformance::catalogue::page().unwrap(),
        "run `cargo run -p conformance --bin regen`"
    );
}

/// The schemes of a page: its blocks of JSON.
fn schemes(page: &str) -> Vec<Value> {
    let page = std::fs::read_to_string(conformance::docs().join(page)).unwrap();
    let blocks = page.split("```json\n").skip(1);
    blocks.map(|block| serde_json::from_str(block.split_once("```").unwrap().0).unwrap()).collect()
}

#[test]
fn the_schemes_of_the_guide_sign_and_verify() {
    let schemes = schemes("schemes.md");
    assert!(schemes.len() >= 4);
    for scheme in schemes {
        let settings = scheme["config"].as_object().cloned().unwrap_or_default();
        let config: Vec<(&str, &str)> = settings
            .iter()
            .map(|(name, setting)| (name.as_str(), setting["example"].as_str().unwrap()))
            .collect();
        let id = scheme["id"].as_str().unwrap().to_owned();
        let scheme = Scheme::from_json_with(&scheme.to_string(), &config).unwrap();
        let webhook = Webhook::new(scheme, &[Secret::new(SECRET).unwrap()]).unwrap();
        let body = br#"{"id":"evt_1","type":"order.paid","account":"acct_7"}"#;
        let message = Message { url: URL, body, ..Message::default() };
        let headers = webhook.sign(&message, NOW).unwrap();
        let pairs: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = Request::new(&pairs, body).with_url(URL);
        assert!(webhook.verify(&request, NOW).is_ok(), "{id}");
        let forged = Request { body: br#"{"account":"acct_7"}"#, ..request };
        assert_eq!(webhook.verify(&forged, NOW).unwrap_err().code(), ErrorCode::NoMatch, "{id}");
        if webhook.scheme().reads_url() {
            let elsewhere = request.with_url("https://example.com/hooks?a=2");
            let error = webhook.verify(&elsewhere, NOW).unwrap_err();
            assert_eq!(error.code(), ErrorCode::NoMatch, "{id}");
        }
    }
}
