//! A sample secret for any scheme.

use hookseal::{Scheme, Secret, Webhook};

/// The scheme with `key`, written as it wants it; none where no form fits.
pub(crate) fn webhook(scheme: &Scheme, key: &[u8; 32]) -> Option<Webhook> {
    forms(key).find_map(|secret| Webhook::new(scheme.clone(), &[secret]).ok())
}

/// The forms in which a key can be written. A scheme that wants another one gets a line here.
fn forms(key: &[u8; 32]) -> impl Iterator<Item = Secret> {
    let prefixed = Secret::generate(key).map(|secret| secret.expose().to_owned()).ok();
    let base64 = prefixed.as_deref().map(|text| text.trim_start_matches("whsec_").to_owned());
    let hex = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let ed25519 = base64.as_ref().map(|text| format!("whsk_{text}"));
    [prefixed, base64, Some(hex), ed25519, Some(p256(key))]
        .into_iter()
        .flatten()
        .filter_map(|text| Secret::new(text).ok())
}

/// PKCS#8 (RFC 5208) of a private key of P-256, as hex.
fn p256(key: &[u8; 32]) -> String {
    let head = "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420";
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{head}{key}")
}
