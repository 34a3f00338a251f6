//! Verifying a good request allocates nothing.

use hookseal::{Message, Request, Scheme, Secret, Timestamp, Webhook};

#[test]
fn a_good_request_costs_no_allocation() {
    let now = Timestamp::from_seconds(1_777_111_523);
    let body = vec![b'x'; 4096];
    for id in ["standard_webhooks", "naive", "yativo-v2", "stripe", "slack", "github", "shopify"] {
        let secret = Secret::generate(&[7; 32]).unwrap();
        let webhook = Webhook::new(Scheme::builtin(id).unwrap(), &[secret]).unwrap();
        let message = Message {
            id: Some("msg_1"),
            event_type: Some("a.b"),
            body: &body,
            headers: &[],
            ..Message::default()
        };
        let signed = webhook.sign(&message, now).unwrap();
        let headers: Vec<(&str, &str)> =
            signed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = Request::new(&headers, &body);
        let used = allocation_counter::measure(|| {
            assert!(webhook.verify(&request, now).is_ok());
        });
        assert_eq!(used.count_total, 0, "{id}");
    }
}
