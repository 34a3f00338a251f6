//! Secrets, keys and schemes that are not the ones that signed.

use super::*;

#[test]
fn a_secret_that_is_read_in_another_way_is_found() {
    let bare = SECRET.trim_start_matches("whsec_");
    let bytes = STANDARD.decode(bare).unwrap();
    for (scheme, secret, cause) in [
        ("stripe", bare.to_owned(), Cause::SecretPrefix),
        ("stripe", hex::encode(SECRET), Cause::SecretEncoding),
        ("stripe", STANDARD.encode(SECRET), Cause::SecretEncoding),
        ("standard_webhooks", hex::encode(&bytes), Cause::SecretEncoding),
        ("standard_webhooks", STANDARD.encode(SECRET), Cause::SecretEncoding),
        ("standard_webhooks", format!(" {SECRET}\n"), Cause::SecretPadded),
        ("standard_webhooks", format!("\"{SECRET}\""), Cause::SecretPadded),
        ("stripe", format!("{SECRET}\n"), Cause::SecretPadded),
        ("stripe", format!("'{SECRET}'"), Cause::SecretPadded),
        ("stripe", format!("STRIPE_SECRET={SECRET}"), Cause::SecretPadded),
        ("github", format!("export SECRET=\"{SECRET}\""), Cause::SecretPadded),
        ("gitlab", format!("{SECRET} "), Cause::SecretPadded),
        ("twilio", format!("{SECRET} "), Cause::SecretPadded),
        ("square", STANDARD.encode(SECRET), Cause::SecretEncoding),
    ] {
        let message = expect(&Case::of(scheme).with_secret(&secret), cause);
        assert!(message.starts_with("the secret "), "{message}");
    }
    // What a library for the same sender does that reads the secret otherwise.
    let raw = r#"{"id":"raw","signature":{"from":"header:x-sig","encoding":"hex"},"signed_content":"{body}"}"#;
    let decoded = raw.replace(
        "\"signature\"",
        r#""key":{"encoding":"base64","strip_prefix":["whsec_"]},"signature""#,
    );
    let own = |json: &str, secret: &str| {
        let scheme = Scheme::from_json(json).unwrap();
        let webhook = Webhook::new(scheme.clone(), &[Secret::new(secret).unwrap()]).unwrap();
        let message = Message { body: BODY.as_bytes(), ..Message::default() };
        Case {
            headers: webhook.sign(&message, NOW).unwrap(),
            scheme,
            ..Case::of("stripe").with_secret(secret)
        }
    };
    for (signs, reads, secret, cause) in [
        (raw, decoded.as_str(), SECRET, Cause::SecretPrefix),
        (decoded.as_str(), raw, SECRET, Cause::SecretPrefix),
        (raw, decoded.as_str(), bare, Cause::SecretEncoding),
        (decoded.as_str(), raw, bare, Cause::SecretEncoding),
    ] {
        let case = Case { scheme: Scheme::from_json(reads).unwrap(), ..own(signs, secret) };
        expect(&case, cause);
    }
    let mut two = Case::of("stripe");
    two.secrets = vec!["another secret".to_owned(), format!("{SECRET}\n")];
    assert!(expect(&two, Cause::SecretPadded).starts_with("secret 2 "));
}

#[test]
fn the_wrong_kind_of_key_is_found() {
    expect(&Case::of("discord").with_secret(SECRET), Cause::KeyKind);
    let public = "-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----";
    expect(&Case::of("stripe").with_secret(public), Cause::KeyKind);
    expect(
        &Case::of("standard_webhooks")
            .with_secret("whpk_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
        Cause::KeyKind,
    );
    let likely = Case::of("stripe").with_secret("whsec_of_another_endpoint").explain().findings;
    assert_eq!((likely[0].cause, likely[0].certain), (Cause::WrongSecret, false));
}

#[test]
fn another_scheme_is_named() {
    for (sent, taken_for) in [
        ("standard_webhooks", "stripe"),
        ("stripe", "standard_webhooks"),
        ("github", "standard_webhooks"),
        ("slack", "stripe"),
        ("square", "shopify"),
    ] {
        let case = Case::of(sent).taken_for(taken_for);
        let explanation = case.explain();
        let named = format!("`{sent}`");
        let others =
            explanation.findings.iter().take_while(|finding| finding.cause == Cause::OtherScheme);
        assert!(others.clone().count() >= 1, "{sent} {:#?}", explanation.findings);
        assert!(
            others.map(|finding| finding.message.as_str()).any(|text| text.contains(&named)),
            "{sent}"
        );
        check_form(&explanation, &case);
    }
    let other = r#"{"id":"other","algorithm":"hmac-sha512","signature":{"from":"header:x-hub-signature-256","encoding":"hex",
        "format":{"mode":"plain","prefix":"sha256="}},"signed_content":"{body}"}"#;
    let scheme = Scheme::from_json(other).unwrap();
    assert!(
        expect(&Case { scheme, ..Case::of("github") }, Cause::WrongAlgorithm)
            .contains("HMAC-SHA256")
    );
}
