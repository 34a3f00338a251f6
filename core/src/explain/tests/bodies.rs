//! A body that something on the way, or the receiver, changed.

use super::*;

#[test]
fn a_body_that_was_serialised_again_is_found() {
    let plain = BODY.replace("1.50", "1.5");
    let value: serde_json::Value = serde_json::from_str(BODY).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    for (sent, received) in [
        (BODY.replace(':', ": ").replace(',', ", ").replace(": /", ":/"), BODY.to_owned()),
        (BODY.to_owned(), plain.clone()),
        (plain.clone(), pretty.clone()),
        (pretty, plain),
        (BODY.to_owned(), BODY.replace(',', ", ")),
        (BODY.replace('é', "\\u00e9"), BODY.to_owned()),
        (BODY.replace('é', "\\u00E9"), BODY.to_owned()),
        (BODY.to_owned(), BODY.replace('é', "\\u00e9")),
        (BODY.replace('/', "\\/").replace('é', "\\u00e9"), BODY.to_owned()),
        (BODY.to_owned(), BODY.replace('/', "\\/")),
        (r#"{"a":{"c":[],"d":2},"b":1}"#.to_owned(), r#"{"b": 1,"a":{"d": 2, "c":[]}}"#.to_owned()),
        ("{\n    \"b\": 1\n}\n".to_owned(), r#"{"b":1}"#.to_owned()),
        ("{\n\t\"b\": 1\n}".to_owned(), r#"{"b":1}"#.to_owned()),
        (r#"{"b":1.0}"#.to_owned(), r#"{"b":1}"#.to_owned()),
        (r#"{"a":1,"b":20.00}"#.to_owned(), r#"{"a":1,"b":20}"#.to_owned()),
        (r#"{"a": 1, "b": 2.0}"#.to_owned(), r#"{"a":1,"b":2}"#.to_owned()),
        (r#"{"b":1}"#.to_owned(), r#"{"b":1.0}"#.to_owned()),
        ("{\"b\":\"\\u003ca\\u003e\"}\n".to_owned(), r#"{"b":"<a>"}"#.to_owned()),
        (r#"{"b":"\u0022\u00E9\u002B"}"#.to_owned(), r#"{"b":"\"é+"}"#.to_owned()),
        (r#"{"a":1}"#.to_owned(), r#"b'{"a":1}'"#.to_owned()),
    ] {
        for scheme in SIGNED_BODIES {
            let case = Case::signed(scheme, SECRET, sent.as_bytes(), &[]);
            assert!(case.explain().verified);
            expect(&case.with_body(received.as_str()), Cause::BodyReserialized);
        }
    }
}

#[test]
fn a_parsed_value_in_the_place_of_the_body_is_found() {
    for body in ["[object Object]", "{'type': 'invoice.paid'}", "undefined"] {
        expect(&Case::of("stripe").with_body(body), Cause::BodyReserialized);
    }
    expect(
        &Case::of("stripe").with_body(r#"{"a":1}"#).and_header("content-length", "6"),
        Cause::BodyReserialized,
    );
    expect(
        &Case::of("stripe").with_body(&BODY[..20]).and_header("Content-Length", "94"),
        Cause::BodyTruncated,
    );
    expect(&Case::of("stripe").with_body("").and_header("Content-Length", "94"), Cause::BodyEmpty);
    let likely = Case::of("stripe").with_body("").explain().findings;
    assert_eq!((likely[0].cause, likely[0].certain), (Cause::BodyEmpty, false));
    expect(&Case::signed("github", SECRET, b"", &[]).with_body("{}"), Cause::BodyEmpty);
}

#[test]
fn what_was_put_around_the_body_or_taken_off_is_found() {
    for scheme in SIGNED_BODIES {
        for (sent, received, cause) in [
            (BODY.to_owned(), format!("\u{feff}{BODY}"), Cause::BomAdded),
            (format!("\u{feff}{BODY}"), BODY.to_owned(), Cause::BomRemoved),
            (BODY.to_owned(), format!("{BODY}\n"), Cause::NewlineAdded),
            (BODY.to_owned(), format!("{BODY}\r\n"), Cause::NewlineAdded),
            (BODY.to_owned(), format!(" {BODY}\n\n"), Cause::NewlineAdded),
            (format!("{BODY}\n\n"), format!("{BODY}\n"), Cause::NewlineAdded),
            (format!("{BODY}\n"), BODY.to_owned(), Cause::NewlineRemoved),
            (format!("{BODY}\r\n"), BODY.to_owned(), Cause::NewlineRemoved),
            ("a\nb\nc".to_owned(), "a\r\nb\r\nc".to_owned(), Cause::LineEndings),
            ("a\r\nb\r\nc".to_owned(), "a\nb\nc".to_owned(), Cause::LineEndings),
        ] {
            // `\n\n` to `\n` is a line break taken off.
            let cause = if sent.ends_with("\n\n") { Cause::NewlineRemoved } else { cause };
            let case = Case::signed(scheme, SECRET, sent.as_bytes(), &[]);
            expect(&case.with_body(received), cause);
        }
    }
}

#[test]
fn another_character_set_is_found() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let latin1 = |text: &str| text.chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<u8>>();
    let mojibake = |text: &str| text.bytes().map(char::from).collect::<String>().into_bytes();
    let body = "{\"a\":\"Café à la crème\"}";
    for (sent, received) in [
        (body.into(), mojibake(body)),
        (body.into(), latin1(body)),
        (latin1(body), body.into()),
        (body.into(), utf16(body)),
        (body.into(), [&b"\xff\xfe"[..], &utf16(body)].concat()),
        (utf16(body), body.into()),
        ("{\"a\":\"100 €\"}".into(), b"{\"a\":\"100 \x80\"}".to_vec()),
        ("{\"a\":\"100 €\"}".into(), "{\"a\":\"100 â‚¬\"}".into()),
    ] {
        let sent: Vec<u8> = sent;
        for scheme in SIGNED_BODIES {
            expect(
                &Case::signed(scheme, SECRET, &sent, &[]).with_body(received.clone()),
                Cause::BodyCharset,
            );
        }
    }
    let lost = Case::of("stripe").with_body(BODY.replace('é', "\u{fffd}")).explain().findings;
    assert_eq!((lost[0].cause, lost[0].certain), (Cause::BodyCharset, false));
}

#[test]
fn a_body_inside_something_else_is_found() {
    use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
    let gzip =
        [b"\x1f\x8b\x08\0\0\0\0\0\0\x03", &*compress_to_vec(BODY.as_bytes(), 6), &[0; 8]].concat();
    let string = serde_json::to_string(BODY).unwrap();
    let base64 = STANDARD.encode(BODY);
    for scheme in SIGNED_BODIES {
        for (received, cause) in [
            (gzip.clone(), Cause::BodyCompressed),
            (compress_to_vec_zlib(BODY.as_bytes(), 6), Cause::BodyCompressed),
            (base64.clone().into(), Cause::BodyBase64),
            (string.clone().into(), Cause::BodyDoubleEncoded),
            (serde_json::to_string(&string).unwrap().into(), Cause::BodyDoubleEncoded),
            (format!("{{\"headers\":{{}},\"body\":{string}}}").into(), Cause::BodyWrapped),
            (
                format!("{{\"isBase64Encoded\":true,\"body\":\"{base64}\"}}").into(),
                Cause::BodyWrapped,
            ),
            (format!("{{\"body\":{BODY},\"n\":1}}").into(), Cause::BodyWrapped),
        ] {
            expect(&Case::of(scheme).with_body(received), cause);
        }
    }
    let zstd = Case::of("stripe").with_body(b"\x28\xb5\x2f\xfd\x04").explain().findings;
    assert_eq!((zstd[0].cause, zstd[0].certain), (Cause::BodyCompressed, false));
    let named =
        Case::of("stripe").with_body("{}").and_header("Content-Encoding", "br").explain().findings;
    assert_eq!((named[0].cause, named[0].certain), (Cause::BodyCompressed, false));
}

#[test]
fn a_form_that_was_parsed_is_found() {
    let form = "payload=%7B%22a%22%3A%22b+c%22%7D";
    for received in [r#"{"a":"b c"}"#, r#"payload={"a":"b c"}"#, r#"{"payload":"{\"a\":\"b c\"}"}"#]
    {
        expect(
            &Case::signed("github", SECRET, form.as_bytes(), &[]).with_body(received),
            Cause::BodyDecoded,
        );
    }
    let form = "token=a%20b&text=it's%2Fme";
    let case = Case::signed("slack", SECRET, form.as_bytes(), &[]);
    expect(&case.with_body("token=a b&text=it's/me"), Cause::BodyDecoded);
}

/// The work is bounded, and shared out so that no kind of mistake goes without.
#[test]
fn a_large_body_is_tried_too() {
    let body = format!("[{}0]", r#"{"id": 1, "name": "a"}, "#.repeat(10_000));
    let case = Case::signed("stripe", SECRET, body.as_bytes(), &[]);
    expect(&case.clone().with_body(body.replace(' ', "")), Cause::BodyReserialized);
    expect(&case.clone().with_body(format!("{body}\n")), Cause::NewlineAdded);
    expect(&case.clone().with_secret(&format!("{SECRET}\n")), Cause::SecretPadded);
    expect(&case.clone().taken_for("standard_webhooks"), Cause::OtherScheme);
    let huge = format!("[{}0]", "1,".repeat(2_000_000));
    let case = Case::signed("stripe", SECRET, huge.as_bytes(), &[]);
    expect(&case.with_body(format!("\u{feff}{huge}")), Cause::BomAdded);
}
