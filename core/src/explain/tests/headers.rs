//! Headers that came otherwise than they were sent.

use super::*;

#[test]
fn a_header_under_another_name_is_found() {
    for scheme in ["standard_webhooks", "slack", "github", "discord", "square"] {
        for change in [
            |name: &str| format!("HTTP_{}", name.to_uppercase().replace('-', "_")),
            |name: &str| name.replace('-', "_"),
            |name: &str| format!("x-original-{name}"),
            |name: &str| format!("X-Amzn-Remapped-{name}"),
        ] {
            expect(&Case::of(scheme).with_names(change), Cause::HeaderRenamed);
        }
    }
    let renamed =
        Case::of("standard_webhooks").with_names(|name| name.replace("webhook", "x-acme"));
    let message = expect(&renamed, Cause::HeaderRenamed);
    assert!(message.contains("`webhook-signature` came as `x-acme-signature`"), "{message}");
    expect(&Case::of("github").with_names(|_| "x-sig".to_owned()), Cause::HeaderRenamed);
    expect(
        &Case::of("github").and_header("X-Hub-Signature-256", "sha256=00"),
        Cause::HeaderRepeated,
    );
    let joined = |value: &str| format!("sha256={}, {value}", "0".repeat(64));
    expect(&Case::of("github").with_value("x-hub-signature-256", joined), Cause::HeaderRepeated);
    for (scheme, name) in [
        ("github", "x-hub-signature-256"),
        ("standard_webhooks", "webhook-id"),
        ("slack", "x-slack-request-timestamp"),
    ] {
        let message = expect(&Case::of(scheme).without(name), Cause::HeaderMissing);
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn a_signature_that_was_rewritten_is_found() {
    let signature = |scheme: &str| match scheme {
        "github" => "x-hub-signature-256",
        "shopify" => "x-shopify-hmac-sha256",
        "slack" => "x-slack-signature",
        "square" => "x-square-hmacsha256-signature",
        "stripe" => "stripe-signature",
        _ => "webhook-signature",
    };
    type Change = fn(&str) -> String;
    let base64url: Change =
        |value| value.replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned();
    let to_hex: Change = |value| hex::encode(STANDARD.decode(value).unwrap());
    for (scheme, change, cause) in [
        (
            "github",
            (|value| value.trim_start_matches("sha256=").to_owned()) as Change,
            Cause::SignatureAltered,
        ),
        ("github", |value| value.replace("sha256=", "SHA256="), Cause::SignatureAltered),
        ("github", |value| format!("[\"{value}\"]"), Cause::SignatureAltered),
        ("github", |value| format!("b'{value}'"), Cause::SignatureAltered),
        ("github", |value| value.replace('=', "%3D"), Cause::SignatureAltered),
        ("github", |value| format!("Signature {value}"), Cause::SignatureAltered),
        ("slack", |value| value.trim_start_matches("v0=").to_owned(), Cause::SignatureAltered),
        ("shopify", |value| format!("sha256={value}"), Cause::SignatureAltered),
        (
            "shopify",
            |value| value.replace('=', "%3D").replace('+', "%2B").replace('/', "%2F"),
            Cause::SignatureAltered,
        ),
        (
            "standard_webhooks",
            |value| value.trim_start_matches("v1,").to_owned(),
            Cause::SignatureAltered,
        ),
        ("stripe", |value| format!("\"{value}\""), Cause::SignatureAltered),
        ("shopify", base64url, Cause::SignatureEncoding),
        ("square", |value| value.trim_end_matches('=').to_owned(), Cause::SignatureEncoding),
        ("shopify", to_hex, Cause::SignatureEncoding),
        ("github", |value| value[..40].to_owned(), Cause::SignatureTruncated),
        ("stripe", |value| value[..40].to_owned(), Cause::SignatureTruncated),
        ("shopify", |value| value[..30].to_owned(), Cause::SignatureTruncated),
    ] {
        let case = Case::of(scheme);
        let changed = case.clone().with_value(signature(scheme), change);
        assert_ne!(changed.headers, case.headers, "{scheme}");
        expect(&changed, cause);
    }
    // A base64 signature with a `+` in it.
    let with_plus = (0..100)
        .map(|number| {
            Case::signed("shopify", SECRET, format!("{{\"n\":{number}}}").as_bytes(), &[])
        })
        .find(|case| {
            case.headers[0].1.contains('+')
                || case
                    .headers
                    .iter()
                    .any(|(name, value)| name.contains("hmac") && value.contains('+'))
        })
        .unwrap();
    expect(
        &with_plus.with_value("x-shopify-hmac-sha256", |value| value.replace('+', " ")),
        Cause::SignatureAltered,
    );
    let lower =
        Case::of("shopify").with_value("x-shopify-hmac-sha256", str::to_ascii_lowercase).explain();
    assert_eq!(
        (lower.findings[0].cause, lower.findings[0].certain),
        (Cause::SignatureAltered, false)
    );
}
