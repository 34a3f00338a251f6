//! The core against all vectors.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use conformance::{Group, Operation, Test, TestResult, load};
use hookseal::{
    Error, ErrorCode, Message, Outcome, Request, RetryPolicy, Scheme, Secret, Timestamp, Webhook,
    explain, verify_signature,
};
use serde_json::{Value, json};

#[test]
fn the_core_passes_every_vector() {
    let files = load().unwrap();
    assert!(files.len() >= 7, "vectors are missing");
    let mut ran = 0;
    for (name, file) in &files {
        for group in &file.test_groups {
            for test in &group.tests {
                for flag in &test.flags {
                    assert!(
                        file.notes.contains_key(flag),
                        "{name}: flag {flag} is not in the notes"
                    );
                }
                let outcome = match file.operation {
                    Operation::Construct => construct(test).map(|_| Value::Null),
                    Operation::Errors => Ok(errors(test)),
                    Operation::Explain => explained(group, test),
                    Operation::Handshake => handshake(group, test),
                    Operation::Helper => Ok(helper(test)),
                    Operation::Retry => retry(group, test),
                    Operation::Sign => sign(group, test),
                    Operation::Verify => verify(group, test),
                };
                let at = format!("{name} #{} ({}): {outcome:?}", test.tc_id, test.comment);
                match (test.result, outcome) {
                    (TestResult::Valid, Ok(value)) => {
                        assert_eq!(value, expected(file.operation, test), "{at}");
                    }
                    (TestResult::Invalid, Ok(value)) if file.operation == Operation::Helper => {
                        assert_eq!(value, Value::Bool(false), "{at}");
                    }
                    (TestResult::Invalid, Err(error)) => {
                        assert_eq!(Some(error.code().as_str()), test.code.as_deref(), "{at}");
                    }
                    _ => panic!("{at}, expected {:?}", test.result),
                }
                ran += 1;
            }
        }
    }
    assert_eq!(ran, files.iter().map(|(_, file)| file.number_of_tests).sum::<usize>());
}

fn expected(operation: Operation, test: &Test) -> Value {
    match operation {
        Operation::Construct => Value::Null,
        Operation::Errors => json!([test.input["httpStatus"], test.input["hint"]]),
        Operation::Explain => test.input["findings"].clone(),
        Operation::Handshake => test.input["response"].clone(),
        Operation::Helper => Value::Bool(true),
        Operation::Retry => test.input["decision"].clone(),
        Operation::Sign => json!([test.input["headers"], test.input.get("signedBodyBase64")]),
        Operation::Verify => test.input["expected"].clone(),
    }
}

fn load_scheme(scheme: &Value, config: &BTreeMap<String, String>) -> Result<Scheme, Error> {
    let config: Vec<(&str, &str)> =
        config.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    match scheme {
        Value::String(id) => Scheme::builtin_with(id, &config),
        own => Scheme::from_json_with(&own.to_string(), &config),
    }
}

/// What a binding hands over, and no more.
fn headers(scheme: &Scheme, test: &Test) -> Vec<(String, String)> {
    let all: Vec<(String, String)> = serde_json::from_value(test.input["headers"].clone()).unwrap();
    let read = scheme.headers();
    all.into_iter()
        .filter(|(name, _)| {
            scheme.reads_any_header() || read.contains(&name.to_ascii_lowercase().as_str())
        })
        .collect()
}

fn pairs(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn request<'r>(test: &'r Test, headers: &'r [(&'r str, &'r str)], body: &'r [u8]) -> Request<'r> {
    Request::new(headers, body)
        .with_method(test.text("method").unwrap_or("POST"))
        .with_url(test.text("url").unwrap_or_default())
}

fn webhook(
    scheme: &Value,
    config: &BTreeMap<String, String>,
    secrets: &[String],
) -> Result<Webhook, Error> {
    let scheme = load_scheme(scheme, config)?;
    let secrets: Vec<Secret> = secrets.iter().map(Secret::new).collect::<Result<_, _>>()?;
    Webhook::new(scheme, &secrets)
}

fn of_group(group: &Group) -> Result<Webhook, Error> {
    let webhook = webhook(group.scheme.as_ref().unwrap(), &group.config, &group.secrets)?;
    Ok(match group.tolerance_seconds {
        Some(seconds) => webhook.with_tolerance(Duration::from_secs(seconds)),
        None => webhook,
    })
}

fn now(test: &Test) -> Timestamp {
    Timestamp::from_millis(test.number("nowMs").unwrap())
}

fn construct(test: &Test) -> Result<Webhook, Error> {
    let secrets: Vec<String> = serde_json::from_value(test.input["secrets"].clone()).unwrap();
    webhook(&test.input["scheme"], &BTreeMap::new(), &secrets)
}

fn errors(test: &Test) -> Value {
    let code = ErrorCode::ALL[test.tc_id - 1];
    assert_eq!(Some(code.as_str()), test.code.as_deref());
    json!([code.http_status(), code.hint()])
}

fn helper(test: &Test) -> Value {
    verify_signature(
        test.text("secret").unwrap(),
        &test.body(),
        test.text("header").unwrap_or_default(),
    )
    .into()
}

fn explained(group: &Group, test: &Test) -> Result<Value, Error> {
    let scheme = load_scheme(group.scheme.as_ref().unwrap(), &group.config)?;
    let secrets: Vec<&str> = group.secrets.iter().map(String::as_str).collect();
    let all: Vec<(String, String)> = serde_json::from_value(test.input["headers"].clone()).unwrap();
    let (pairs, body) = (pairs(&all), test.body());
    let tolerance = group.tolerance_seconds.map(Duration::from_secs);
    let explanation =
        explain(&scheme, &secrets, tolerance, &request(test, &pairs, &body), now(test));
    for finding in &explanation.findings {
        let tells = |text: &&&str| finding.message.contains(text.trim());
        assert_eq!(secrets.iter().find(tells), None, "{}", finding.message);
    }
    let causes =
        explanation.findings.iter().map(|found| json!([found.cause.as_str(), found.certain]));
    let findings = causes.collect::<Value>();
    assert_eq!(findings, test.input["findings"], "{}: {explanation:#?}", test.comment);
    assert_eq!(explanation.verified, explanation.error.is_none());
    explanation.error.map_or(Ok(findings), Err)
}

fn handshake(group: &Group, test: &Test) -> Result<Value, Error> {
    let scheme = load_scheme(group.scheme.as_ref().unwrap(), &group.config)?;
    let (headers, body) = (headers(&scheme, test), test.body());
    let pairs = pairs(&headers);
    let request = request(test, &pairs, &body);
    // What a binding does not ask for.
    let response = if !scheme.has_handshake() {
        None
    } else if group.secrets.is_empty() {
        scheme.handshake(&request)?
    } else {
        let secrets = group.secrets.iter().map(Secret::new).collect::<Result<Vec<_>, _>>()?;
        Webhook::new(scheme, &secrets)?.handshake(&request, now(test))?
    };
    let Some(response) = response else { return Ok(Value::Null) };
    let headers: BTreeMap<_, _> = response.headers.into_iter().collect();
    let mut value = json!({
        "status": response.status, "headers": headers, "body": String::from_utf8(response.body).unwrap(),
    });
    if let Some(secret) = response.secret {
        value["secret"] = secret.expose().into();
    }
    if let Some(url) = response.fetch {
        value["fetch"] = url.into();
    }
    Ok(value)
}

fn verify(group: &Group, test: &Test) -> Result<Value, Error> {
    let webhook = of_group(group)?;
    let (headers, body) = (headers(webhook.scheme(), test), test.body());
    let pairs = pairs(&headers);
    let mut request = request(test, &pairs, &body);
    if !webhook.scheme().reads_target() {
        // What a binding need not hand over.
        request = request.with_method("-").with_url("-");
    }
    let verified = webhook.verify(&request, now(test))?;
    Ok(json!({
        "id": verified.id(), "type": verified.event_type(),
        "timestampMs": verified.timestamp().map(Timestamp::as_millis), "keyIndex": verified.key_index(),
    }))
}

fn sign(group: &Group, test: &Test) -> Result<Value, Error> {
    let webhook = of_group(group)?;
    let body = test.body();
    let message = Message {
        id: test.text("id"),
        event_type: test.text("type"),
        body: &body,
        ..Message::default()
    };
    let headers = webhook.sign(&message, now(test))?;
    let pairs = pairs(&headers);
    assert!(
        webhook.verify(&Request::new(&pairs, &body), now(test)).is_ok(),
        "what is signed verifies"
    );
    let signed = match test.text("signedBodyBase64") {
        Some(_) => Some(STANDARD.encode(webhook.sign_body(&body)?)),
        None => None,
    };
    Ok(json!([headers.into_iter().collect::<BTreeMap<_, _>>(), signed]))
}

fn retry(group: &Group, test: &Test) -> Result<Value, Error> {
    let policy = match (&group.profile, &group.preset) {
        (Some(id), _) => RetryPolicy::profile(id)?,
        (_, Some(name)) => RetryPolicy::preset(name)?,
        _ => RetryPolicy::from_json(&group.policy.as_ref().unwrap().to_string())?,
    };
    let outcome = match test.number("status") {
        None => Outcome::NoResponse,
        Some(status) => Outcome::Response {
            status: u16::try_from(status).unwrap(),
            retry_after: test.text("retryAfter"),
            delivery: test.text("delivery"),
        },
    };
    let attempt = u32::try_from(test.number("attempt").unwrap()).unwrap();
    let first = Timestamp::from_millis(test.number("firstAttemptMs").unwrap());
    let random = test.input["random"].as_f64().unwrap();
    let previous =
        test.number("previousDelayMs").map(|ms| Duration::from_millis(ms.unsigned_abs()));
    let decision = policy.next_after(previous, attempt, &outcome, first, now(test), random)?;
    let mut found = json!({ "action": decision.as_str() });
    if let Some(at) = decision.retry_at() {
        found["atMs"] = at.as_millis().into();
    }
    if let Some(reason) = decision.reason() {
        found["reason"] = reason.as_str().into();
    }
    Ok(found)
}
