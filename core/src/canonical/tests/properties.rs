//! What holds for any request: nothing panics, and two ways to the same value agree.

use proptest::prelude::*;

use crate::canonical::*;
use crate::request::Request;
use form::Form;
use json::{EachPointer, Pointer};
use url::Url;

proptest! {
    #[test]
    fn nothing_panics(
        url in "(https?://)?[a-z:@.\\[\\]/?&=%+#é0-9]{0,40}",
        method in "[A-Za-z]{0,6}",
        name in "[a-z-]{0,4}|content-type|digest|x-contentful-signed-headers",
        value in "\\PC{0,20}|multipart/form-data; boundary=b|[a-z]{1,4}(,[a-z]{1,4}){0,3}",
        list in "[a-z(), -]{0,30}|\\(request-target\\) date digest",
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        everything(&Request { method: &method, url: &url, headers: &[(&name, &value)], body: &body }, &list);
    }

    #[test]
    fn nothing_panics_on_text(
        text in "[\\[\\]{}\",:.a0\\\\u=;&%+*~/ -]{0,80}",
        pointer in "(/[a0*~]{0,3}){0,4}",
    ) {
        let request = Request::new(&[("content-type", "multipart/form-data; boundary=b")], text.as_bytes());
        everything(&request.with_url(&text), &text);
        everything(&Request::new(&[], text.as_bytes()).with_url(&text), &text);
        let Ok(pointer) = Pointer::parse(&pointer) else { return Ok(()) };
        if let Ok(Some(at)) = pointer.string_at(text.as_bytes()) {
            let raw = pointer.raw(text.as_bytes()).unwrap().unwrap();
            let inside = &raw.as_bytes()[1..raw.len() - 1];
            prop_assert_eq!([at.before, inside, at.after].concat(), text.as_bytes());
        }
    }

    #[test]
    fn a_replaced_string_is_read_back(before in "\\PC{0,10}", value in any::<String>()) {
        let body = serde_json::json!({"a": before, "b": {"c": ["x", 1.0]}}).to_string();
        let pointer = Pointer::parse("/b/c/0").unwrap();
        let replaced = pointer.replace(body.as_bytes(), &value).unwrap();
        prop_assert_eq!(pointer.text(&replaced).unwrap().unwrap(), value);
        prop_assert_eq!(pointer.replace(&replaced, "x").unwrap(), body.into_bytes());
    }

    #[test]
    fn a_pointer_reads_what_serde_reads(
        keys in proptest::collection::btree_set("[a-c/~\"é]{0,3}", 1..6),
        value in "\\PC{0,10}",
    ) {
        let object: serde_json::Map<_, _> =
            keys.iter().map(|key| (key.clone(), serde_json::json!([value]))).collect();
        let body = serde_json::to_vec(&object).unwrap();
        for key in &keys {
            let pointer = format!("/{}/0", key.replace('~', "~0").replace('/', "~1"));
            let pointer = Pointer::parse(&pointer).unwrap();
            prop_assert_eq!(pointer.text(&body).unwrap().unwrap(), value.as_str());
        }
    }

    #[test]
    fn urlencoded_and_multipart_read_the_same(
        pairs in proptest::collection::vec(("[a-zé]{1,5}", "\\PC{0,10}"), 0..6),
    ) {
        let escape = |text: &str| percent_encoding::utf8_percent_encode(text, url::UNRESERVED).to_string();
        let body = url_spelling::write_query(pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())), escape);
        let parts: String = pairs
            .iter()
            .map(|(name, value)| format!("--q\r\ncontent-disposition: form-data; name={name}\r\n\r\n{value}\r\n"))
            .collect();
        let parts = format!("{parts}--q--");
        let headers = [("content-type", "multipart/form-data; boundary=q")];
        let multipart = Form::of(&Request::new(&headers, parts.as_bytes())).unwrap();
        prop_assert_eq!(&multipart, &Form::of(&Request::new(&[], body.as_bytes())).unwrap());
        prop_assert!(multipart.sorted_params().len() <= body.len());
    }
}

/// Calls every reader with one request.
fn everything(request: &Request<'_>, text: &str) {
    let _ = Form::of(request).map(|form| (form.sorted_params(), form.value("a").is_ok()));
    let _ = Url::of(request).map(|url| {
        let _ = (url.text(), url.without_query(), url.target(), url.host(), url.hubspot_v3_form());
        let _ = (url.query_value("a"), url.twilio_forms(), url.messagebird_queries());
    });
    let _ = contentful::canonical_request(request);
    let _ = plivo::v3(request);
    let _ = qsh::query_string_hash(request, text);
    let _ = sns::canonical_message(request.body);
    let _ = sorted_values::sorted_json_values(request.body, "a");
    let _ = signed_headers::joined_values(request, text);
    let _ = cavage::HttpSignature::parse(text);
    let _ = cavage::HttpSignature::parse(&format!("headers=\"{text}\",signature=\"s\""))
        .map(|signature| signature.signing_string(request));
    let _ = truelayer::DetachedJws::parse(text).map(|jws| jws.signing_inputs(request));
    let _ = EachPointer::parse("/*/a").unwrap().all(request.body);
    let _ =
        key_material::PrefixPattern::parse(text).map(|pattern| pattern.strip(request.url).len());
    let _ = key_material::nfkd(text);
    let patterns: Vec<_> = host::HostPattern::parse(text).into_iter().collect();
    let _ = host::host_matches(request.url, &patterns);
    let _ = (digest::crc32_decimal(request.body), digest::sha256_base64(request.body));
}
