//! What holds for damage and for junk.

use proptest::prelude::*;

use super::*;

/// What is claimed without a trial.
const FACTS: [Cause; 9] = [
    Cause::BodyEmpty,
    Cause::BodyReserialized,
    Cause::BodyTruncated,
    Cause::HandshakeRequest,
    Cause::HeaderMissing,
    Cause::KeyKind,
    Cause::SecretEncoding,
    Cause::SignatureTruncated,
    Cause::WrongUrl,
];

/// One letter of text made another.
fn damaged(text: &str, place: usize, letter: char) -> Option<String> {
    let places: Vec<usize> = text.match_indices(char::is_alphanumeric).map(|(at, _)| at).collect();
    let at = *places.get(place.checked_rem(places.len())?)?;
    let old = text[at..].chars().next()?;
    let changed = format!("{}{letter}{}", &text[..at], &text[at + old.len_utf8()..]);
    (!old.eq_ignore_ascii_case(&letter)).then_some(changed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// A letter that was changed is no mistake that could be undone, so nothing is claimed to be certain.
    #[test]
    fn damage_is_not_taken_for_a_mistake(
        scheme in prop::sample::select(vec!["standard_webhooks", "stripe", "github", "slack", "square", "discord"]),
        part in 0..4,
        place in 0_usize..1000,
        letter in "[a-f2-9]",
    ) {
        let mut case = Case::of(scheme);
        let letter = letter.chars().next().unwrap();
        let changed = match part {
            0 => damaged(BODY, place, letter).map(|body| case = case.clone().with_body(body)),
            1 if scheme != "discord" => damaged(&SECRET[6..], place, letter).map(|text| case = case.clone().with_secret(&format!("whsec_{text}"))),
            2 => damaged("example.com/hooks/in", place, letter)
                .filter(|_| scheme == "square")
                .map(|rest| case = case.clone().with_url(&format!("https://{rest}?a=1"))),
            _ => {
                let signature = case.scheme.signature.place().header().unwrap().as_str().to_owned();
                let value = case.header(&signature).1.clone();
                let (head, tail) = value.split_at(value.len() - 30);
                damaged(tail, place, letter).map(|tail| case.header(&signature).1 = format!("{head}{tail}"))
            }
        };
        prop_assume!(changed.is_some());
        let explanation = case.explain();
        prop_assume!(!explanation.verified); // the last letter of base64 may say nothing
        check_form(&explanation, &case);
        prop_assert!(explanation.findings.iter().all(|finding| !finding.certain), "{:#?}", explanation.findings);
    }

    /// Whatever comes in, for whatever scheme: no panic, an explanation in form, and no proof of what nobody signed.
    #[test]
    fn junk_is_explained(
        id in prop::sample::select(Scheme::builtin_ids()),
        secret in r#"\PC{0,40}|whsec_[A-Za-z0-9+/]{32}|-----BEGIN \PC{0,40}|\{"k\PC{0,20}"#,
        values in prop::collection::vec(r#"\PC{0,60}|[a-f0-9]{64}|v1,[A-Za-z0-9+/]{43}=|t=17[0-9]{8},v1=[a-f0-9]{64}|17[0-9]{8}"#, 8),
        names in prop::collection::vec(r#"[a-zA-Z_-]{1,20}|\PC{0,10}"#, 3),
        url in r#"https?://[a-z]{1,9}(:[0-9]{2,4})?/\PC{0,20}|\PC{0,30}"#,
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..80),
            r#"\{"[a-z]{1,3}":([0-9]{1,9}|"\PC{0,9}"|\[1.0,\{\}\])\}"#.prop_map(String::into_bytes),
            r#"[a-z]{1,4}=\PC{0,20}&[a-z]=%[0-9]{2}"#.prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..80).prop_map(|rest| [&b"\x1f\x8b\x08"[..], &rest].concat()),
        ],
        now in any::<i64>(),
        tolerance in prop::option::of(any::<u32>()),
    ) {
        let config: Vec<(String, String)> = Scheme::catalogue_entry(id).unwrap().config
            .into_iter().map(|(name, _)| (name, "https://e.com".to_owned())).collect();
        let config: Vec<(&str, &str)> = config.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let Ok(scheme) = Scheme::builtin_with(id, &config) else { return Ok(()) };
        let known: Vec<String> = scheme.headers().into_iter().map(str::to_owned).collect();
        let names = known.iter().chain(&names).map(String::as_str);
        let headers: Vec<(&str, &str)> = names.zip(values.iter().map(String::as_str)).collect();
        let request = Request::new(&headers, &body).with_url(&url);
        let tolerance = tolerance.map(|seconds| Duration::from_secs(seconds.into()));
        let secrets = [secret.as_str(), SECRET];
        let explanation = explain(&scheme, &secrets, tolerance, &request, Timestamp::from_millis(now));
        prop_assert!(explanation.verified || explanation.error.is_some());
        prop_assert!(explanation.verified || !explanation.findings.is_empty());
        prop_assert!(explanation.findings.is_sorted_by_key(|finding| !finding.certain));
        for finding in &explanation.findings {
            prop_assert!(!finding.certain || FACTS.contains(&finding.cause), "{finding:?}");
            prop_assert!(!finding.message.contains('\n') && !finding.message.ends_with('.'), "{finding:?}");
        }
    }
}
