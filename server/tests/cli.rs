//! `hookseal sign`, `verify`, `explain`, `key`, `handshake`, `schemes` and `keygen`, as a process.

#![cfg(test)]

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &str = r#"{"test": 2432232314}"#;
/// The example of the Standard Webhooks libraries.
const EXAMPLE: [&str; 6] = [
    "--header",
    "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
    "--header",
    "Webhook-Timestamp: 1614265330",
    "--header",
    "webhook-signature:v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
];

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.put("secret", &format!("{SECRET}\n"));
        desk
    }

    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Exit code, standard output as JSON, standard error.
    fn run(&self, args: &[&str], body: &str) -> (i32, Value, String) {
        let (exit, said, complaint) = self.run_text(args, body);
        (exit, serde_json::from_str(&said).unwrap_or_default(), complaint)
    }

    /// Exit code, standard output, standard error.
    fn run_text(&self, args: &[&str], body: &str) -> (i32, String, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hookseal"))
            .args(args)
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that fails early closes its end first.
        let _ = child.stdin.take().unwrap().write_all(body.as_bytes());
        let done = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
    }

    /// Standard output of a command that succeeds.
    fn text(&self, args: &[&str]) -> String {
        let done = Command::new(env!("CARGO_BIN_EXE_hookseal"))
            .args(args)
            .current_dir(self.0.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{args:?} {done:?}");
        String::from_utf8(done.stdout).unwrap()
    }

    fn verify(&self, scheme: &str, more: &[&str], body: &str) -> (i32, Value, String) {
        self.run(&[&["verify", scheme, "--secret-file", "secret"], more].concat(), body)
    }
}

#[test]
fn verify_says_what_the_request_is() {
    let desk = Desk::new();
    let args = [&EXAMPLE[..], &["--now", "1614265330"]].concat();
    let expected =
        json!({ "id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "type": null, "timestamp": 1614265330 });
    assert_eq!(desk.verify("standard_webhooks", &args, BODY), (0, expected.clone(), String::new()));
    // A few senders put a body into a GET.
    let get = [&args[..], &["--method", "GET"]].concat();
    assert_eq!(desk.verify("standard_webhooks", &get, BODY), (0, expected.clone(), String::new()));
    desk.put("body", BODY);
    let args = [&args[..], &["body"]].concat();
    assert_eq!(desk.verify("standard_webhooks", &args, ""), (0, expected, String::new()));
}

#[test]
fn verify_says_what_is_wrong() {
    let desk = Desk::new();
    let at = |now: &'static str| [&EXAMPLE[..], &["--now", now]].concat();
    for (args, body, code) in [
        (at("1614265330"), "{}", "no_match"),
        (at("1614266000"), BODY, "timestamp_too_old"),
        (EXAMPLE.to_vec(), BODY, "timestamp_too_old"),
        (vec![], BODY, "missing_header"),
    ] {
        let (exit, said, _) = desk.verify("standard_webhooks", &args, body);
        assert_eq!((exit, said["error"]["code"].as_str()), (1, Some(code)), "{said}");
        assert!(said["error"]["message"].is_string() && said["error"]["hint"].is_string());
    }
    let (exit, said, _) = desk.verify("no_such", &[], BODY);
    assert_eq!((exit, said["error"]["code"].as_str()), (1, Some("unknown_scheme")));
    let tolerant = [&at("1614266000")[..], &["--tolerance", "3600"]].concat();
    assert_eq!(desk.verify("standard_webhooks", &tolerant, BODY).0, 0);
}

#[test]
fn what_sign_prints_verify_takes() {
    let desk = Desk::new();
    let own = r#"{"id":"acme","signature":{"from":"header:x-acme","encoding":"hex"},"signed_content":"{timestamp}.{body}",
        "timestamp":{"from":"header:x-time","unit":"s"}}"#;
    desk.put("acme.json", own);
    for scheme in ["standard_webhooks", "naive", "nativemsg", "acme.json"] {
        let args = [
            "sign",
            scheme,
            "--secret-file",
            "secret",
            "--id",
            "msg_1",
            "--type",
            "email.received",
        ];
        let (exit, headers, _) = desk.run(&args, BODY);
        assert_eq!(exit, 0, "{headers}");
        let lines = as_arguments(&headers);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(desk.verify(scheme, &lines, BODY).0, 0, "{scheme}");
        assert_eq!(desk.verify(scheme, &lines, "{}").0, 1, "{scheme}");
    }
    let (exit, said, _) = desk.run(&["sign", "standard_webhooks", "--secret-file", "secret"], BODY);
    assert_eq!((exit, said["error"]["code"].as_str()), (1, Some("invalid_message")));
}

/// What `sign` prints, as what `verify` takes.
fn as_arguments(headers: &Value) -> Vec<String> {
    let headers = headers.as_object().unwrap().iter();
    headers.map(|(name, value)| format!("--header={name}: {}", value.as_str().unwrap())).collect()
}

#[test]
fn methods_urls_headers_and_settings_are_signed() {
    let desk = Desk::new();
    let body = "b=2&a=1";
    let url = "--url=https://example.com/hooks?x=1";
    let form = "--header=content-type: application/x-www-form-urlencoded";
    for (scheme, more, change) in [
        ("hubspot_v3", vec!["--method=put", url], "--method=POST"),
        ("square", vec![url], "--url=https://example.com/hooks?x=2"),
        ("twilio", vec![url, form], "--url=https://example.com/hooks?x=2"),
        ("okta", vec!["--config=header_name=x-mine"], "--config=header_name=x-other"),
        (
            "mercadopago",
            vec!["--url=https://example.com/?data.id=7", "--header=x-request-id: r"],
            "--url=https://example.com/?data.id=8",
        ),
    ] {
        let (exit, headers, said) =
            desk.run(&[&["sign", scheme, "--secret-file", "secret"], &more[..]].concat(), body);
        assert_eq!(exit, 0, "{scheme} {headers} {said}");
        let lines = as_arguments(&headers);
        // Headers that the scheme signs are printed again.
        let given = more.iter().filter(|more| **more == form || !more.starts_with("--header"));
        let args: Vec<&str> = lines.iter().map(String::as_str).chain(given.copied()).collect();
        assert_eq!(desk.verify(scheme, &args, body).0, 0, "{scheme}");
        let name = change.split_inclusive('=').next().unwrap();
        let kept = args.into_iter().filter(|arg| !arg.starts_with(name));
        let args: Vec<&str> = kept.chain([change]).collect();
        assert_eq!(desk.verify(scheme, &args, body).0, 1, "{scheme}");
    }
}

#[test]
fn a_signature_inside_the_body_goes_to_a_file() {
    let desk = Desk::new();
    let mailgun = r#"{"signature":{"token":"t","timestamp":"1614265330","signature":""},"event-data":{"id":"x","event":"opened"}}"#;
    let now = ["--now", "1614265330"];
    for (scheme, body, header) in [
        ("mailgun", mailgun, None),
        (
            "mailgun_form",
            "event=opened&timestamp=1614265330&token=t",
            Some("--header=content-type: application/x-www-form-urlencoded"),
        ),
        ("nativemsg", r#"{"event":"message.received"}"#, None),
    ] {
        let args = [&["sign", scheme, "--secret-file", "secret", "--body-out", "signed"], &now[..]]
            .concat();
        let (exit, headers, said) = desk.run(&args, body);
        assert_eq!(exit, 0, "{scheme} {headers} {said}");
        let signed = std::fs::read_to_string(desk.0.path().join("signed")).unwrap();
        assert_ne!(signed, body);
        let args: Vec<&str> = header.into_iter().chain(now).collect();
        assert_eq!(desk.verify(scheme, &args, &signed).0, 0, "{scheme}: {signed}");
        assert_eq!(desk.verify(scheme, &args, body).0, 1, "{scheme}");
    }
    let (exit, _, said) = desk.run(&["sign", "mailgun", "--secret-file", "secret"], mailgun);
    assert_eq!((exit, said.contains("--body-out <FILE>")), (2, true), "{said}");
    let refused = ["sign", "mailgun", "--secret-file", "secret", "--body-out", "none"];
    let (exit, said, _) = desk.run(&refused, "{}");
    assert_eq!((exit, said["error"]["code"].as_str()), (1, Some("invalid_message")));
    assert!(!desk.0.path().join("none").exists());
}

#[test]
fn claims_are_the_payload_of_a_body_that_is_a_token() {
    let desk = Desk::new();
    let own = r#"{"id":"acme","algorithm":"jwt","signature":{"from":"body","encoding":"base64url"},
        "jwt":{"algorithms":["HS256"]},"event_type":"claim:/kind"}"#;
    desk.put("acme.json", own);
    let claims = r#"{"kind":"order.paid","number":12345678901234567890.5}"#;
    let args = ["sign", "acme.json", "--secret-file", "secret", "--body-out", "token"];
    assert_eq!(desk.run(&args, claims).0, 0);
    let (exit, said, _) = desk.verify("acme.json", &["--payload", "token"], "");
    assert_eq!(
        (exit, &said["type"], &said["payload"]["kind"]),
        (0, &json!("order.paid"), &json!("order.paid"))
    );
    let (_, said, _) = desk.verify("acme.json", &["token"], "");
    assert_eq!(said, json!({ "id": null, "type": "order.paid", "timestamp": null }));

    let (_, headers, _) = desk.run(&["sign", "naive", "--secret-file", "secret"], "a=1");
    let header = as_arguments(&headers);
    let (exit, said, _) = desk.verify("naive", &[&header[0], "--payload"], "a=1");
    assert_eq!((exit, &said["payload"]), (0, &json!("a=1")));
}

#[test]
fn published_keys_are_asked_for() {
    let desk = Desk::new();
    let message = |host: &str| {
        json!({ "SignatureVersion": "2", "Signature": "AAAA", "SigningCertURL": format!("https://{host}/key.pem") })
            .to_string()
    };
    let ours = message("sns.eu-west-1.amazonaws.com");
    let key = json!({ "key": { "url": "https://sns.eu-west-1.amazonaws.com/key.pem", "key_id": null, "format": "x509" } });
    let topic = "--config=topic_arn=arn:aws:sns:eu-west-1:123456789012:Sample";
    assert_eq!(desk.run(&["key", "aws_sns", topic], &ours), (0, key.clone(), String::new()));
    let (exit, said, words) = desk.run(&["verify", "aws_sns", topic], &ours);
    assert_eq!((exit, said), (2, key));
    assert!(words.contains("--secret-file"), "{words}");
    for command in ["key", "verify"] {
        let (exit, said, _) = desk.run(&[command, "aws_sns", topic], &message("sns.evil.example"));
        assert_eq!((exit, said["error"]["code"].as_str()), (1, Some("untrusted_key_url")));
    }
    let (exit, said, _) = desk.run(
        &["key", "circle", "--header=x-circle-key-id: k1", "--header=x-circle-signature: AA=="],
        "{}",
    );
    assert_eq!(
        (exit, said),
        (0, json!({ "key": { "url": null, "key_id": "k1", "format": "pem" } }))
    );
    assert_eq!(desk.run(&["key", "stripe"], ""), (0, json!({ "key": null }), String::new()));
    for scheme in ["kinde", "paypal"] {
        let (exit, said, _) = desk.run(&["key", scheme], "{}");
        assert_eq!((exit, said["error"]["code"].as_str()), (1, Some("missing_config")));
    }
}

#[test]
fn handshakes_are_answered() {
    let desk = Desk::new();
    let url = "--url=https://example.com/hooks?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=mine";
    let args = ["handshake", "meta", "--config=verify_token=mine", "--method=GET", url];
    let (exit, said, _) = desk.run(&args, "");
    assert_eq!((exit, &said["status"], &said["body"]), (0, &json!(200), &json!("1158201444")));
    assert!(said["headers"].is_object());
    let (_, said, _) = desk.run(&["handshake", "asana", "--header=x-hook-secret: abc"], "");
    assert_eq!(
        (&said["secret"], &said["headers"]["x-hook-secret"]),
        (&json!("abc"), &json!("abc"))
    );
    let plain = r#"{"event":"endpoint.url_validation","payload":{"plainToken":"abc"}}"#;
    let (exit, said, _) = desk.run(&["handshake", "zoom", "--secret-file", "secret"], plain);
    assert_eq!((exit, said["error"]["code"].as_str()), (1, Some("missing_header")));
    let (exit, said, _) = desk.run(&["handshake", "zoom"], plain);
    assert_eq!((exit, said["error"]["code"].as_str()), (1, Some("invalid_secret")));
    assert_eq!(desk.run(&["handshake", "meta"], "{}"), (0, Value::Null, String::new()));
}

#[test]
fn schemes_are_listed_and_shown() {
    let desk = Desk::new();
    let (exit, said, _) = desk.run(&["schemes", "--json"], "");
    let rows = said.as_array().unwrap();
    assert_eq!((exit, rows.len()), (0, hookseal::Scheme::builtin_ids().len()));
    assert!(rows.contains(&json!({ "id": "stripe", "name": "Stripe", "confidence": "high" })));
    let text = desk.text(&["schemes"]);
    assert_eq!(text.lines().count(), rows.len() + 1);
    for row in rows {
        let id = row["id"].as_str().unwrap();
        let shown: Value = serde_json::from_str(&desk.text(&["schemes", id, "--json"])).unwrap();
        assert_eq!(shown["scheme"]["id"], *id);
        let example = shown["example"].as_str().unwrap();
        assert!(example.starts_with(&format!("hookseal verify {id} --secret-file ")), "{example}");
        assert!(desk.text(&["schemes", id]).ends_with(&format!("{example}\n")));
    }
    let paypal = desk.text(&["schemes", "paypal"]);
    for part in
        ["--config webhook_id=8PT597110X687430LKGECATA", "NOT signed", "published by the sender"]
    {
        assert!(paypal.contains(part), "{paypal}");
    }
    let docusign = desk.text(&["schemes", "docusign"]);
    assert!(docusign.ends_with("--header 'x-docusign-signature-1: …' body\n"), "{docusign}");
    desk.put("acme.json", r#"{"id":"acme","signature":{"from":"header:x-acme","encoding":"hex"},"signed_content":"{body}"}"#);
    assert!(
        desk.text(&["schemes", "acme.json"])
            .ends_with("verify acme.json --secret-file secret --header 'x-acme: …' body\n")
    );
    desk.put("wrong.json", r#"{"id":"acme"}"#);
    for (argument, code) in [("no_such", "unknown_scheme"), ("wrong.json", "invalid_scheme")] {
        let (exit, said, _) = desk.run(&["schemes", argument], "");
        assert_eq!((exit, said["error"]["code"].as_str()), (1, Some(code)));
    }
    assert_eq!(desk.run(&["schemes", "nowhere.json"], "").0, 2);
}

#[test]
fn new_secrets_and_key_pairs_work() {
    let desk = Desk::new();
    let secret = desk.text(&["keygen"]);
    assert!(secret.starts_with("whsec_") && secret != desk.text(&["keygen"]));
    desk.put("secret", &secret);
    let pair: Value = serde_json::from_str(&desk.text(&["keygen", "--ed25519"])).unwrap();
    desk.put("private", pair["private_key"].as_str().unwrap());
    desk.put("public", pair["public_key"].as_str().unwrap());
    for (scheme, private, public) in [
        ("standard_webhooks", "secret", "secret"),
        ("standard_webhooks_ed25519", "private", "public"),
    ] {
        let (exit, headers, _) =
            desk.run(&["sign", scheme, "--secret-file", private, "--id", "msg_1"], BODY);
        assert_eq!(exit, 0, "{headers}");
        let lines = as_arguments(&headers);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let (exit, said, _) =
            desk.run(&[&["verify", scheme, "--secret-file", public], &lines[..]].concat(), BODY);
        assert_eq!((exit, &said["id"]), (0, &json!("msg_1")));
    }
}

#[test]
fn schedule_prints_what_a_policy_does() {
    let desk = Desk::new();
    let own = r#"{"schedule":{"list":[60]},"jitter":{"plus_minus":0.5}}"#;
    desk.put("own.json", own);
    let (exit, said, _) = desk.run(&["schedule", "own.json", "--json"], "");
    let expected = json!({
        "policy": {
            "schedule": { "list": [60.0] }, "jitter": { "plus_minus": 0.5 },
            "max_retry_after_seconds": 604800.0, "disable_statuses": [410],
        },
        "schedule": [
            {
                "attempt": 1, "delay": "at once", "elapsed": "0s", "min_delay_seconds": 0.0,
                "max_delay_seconds": 0.0, "min_elapsed_seconds": 0.0, "max_elapsed_seconds": 0.0,
            },
            {
                "attempt": 2, "delay": "30s – 1m 30s", "elapsed": "30s – 1m 30s", "min_delay_seconds": 30.0,
                "max_delay_seconds": 90.0, "min_elapsed_seconds": 30.0, "max_elapsed_seconds": 90.0,
            },
        ],
    });
    assert_eq!((exit, said), (0, expected));
    let (exit, said, _) = desk.run(&["schedule", "--json"], "");
    assert_eq!((exit, &said["presets"][3]["name"]), (0, &json!("yativo")));

    desk.put("bad.json", "{}");
    for (policy, code) in [("no_such", "invalid_argument"), ("bad.json", "invalid_retry_policy")] {
        let (exit, said, _) = desk.run(&["schedule", policy], "");
        assert_eq!((exit, said["error"]["code"].as_str()), (1, Some(code)), "{said}");
    }
}

#[test]
fn explain_names_the_mistake() {
    let desk = Desk::new();
    let now = ["--now", "1614265330"];
    let explain = |more: &[&str], body: &str| {
        let args = ["explain", "standard_webhooks", "--secret-file", "secret", "--json"];
        desk.run(&[&args[..], &EXAMPLE, more].concat(), body)
    };
    let (exit, said, _) = explain(&now, BODY);
    assert_eq!((exit, said), (0, json!({ "verified": true, "error": null, "findings": [] })));
    let (exit, said, _) = explain(&now, &format!("{BODY}\n"));
    assert_eq!(
        (exit, &said["verified"], &said["error"]["code"]),
        (1, &json!(false), &json!("no_match"))
    );
    assert_eq!(
        (&said["findings"][0]["cause"], &said["findings"][0]["certain"]),
        (&json!("newline_added"), &json!(true))
    );
    let (_, said, _) = explain(&["--now", "1614265930"], BODY);
    assert_eq!(said["findings"][0]["cause"], "clock_off");
    let (_, said, _) = explain(&["--now", "1614265930", "--tolerance", "600"], BODY);
    assert_eq!(said["verified"], true);
    desk.put("secret", &format!("\"{SECRET}\"\n"));
    let (exit, said, _) = explain(&now, BODY);
    assert_eq!((exit, &said["findings"][0]["cause"]), (1, &json!("secret_padded")));
    let args = ["explain", "standard_webhooks", "--secret-file", "secret"];
    let (exit, text, _) = desk.run_text(&[&args[..], &EXAMPLE, &now].concat(), BODY);
    assert_eq!(exit, 1);
    assert!(
        text.contains("\ncertain: the secret has quotes around it (secret_padded)\n  do: "),
        "{text}"
    );
    assert!(!text.contains(SECRET), "{text}");
}

#[test]
fn wrong_use_exits_with_2() {
    let desk = Desk::new();
    for (args, expected) in [
        (vec!["verify"], "required arguments"),
        (vec!["verify", "naive"], "--secret-file"),
        (vec!["verify", "naive", "--secret-file", "nowhere"], "cannot read `nowhere`"),
        (vec!["verify", "nowhere.json", "--secret-file", "secret"], "cannot read `nowhere.json`"),
        (vec!["verify", "naive", "--secret-file", "secret", "nowhere"], "cannot read `nowhere`"),
        (vec!["verify", "naive", "--secret-file", "secret", "--header", "x"], "`Name: value`"),
        (vec!["verify", "naive", "--secret-file", "secret", "--config", "x"], "`NAME=VALUE`"),
        (vec!["verify", "naive", "--secret-file", "secret", "--method", "a b"], "a method such as"),
        (vec!["sign", "naive", "--secret-file", "secret", "--now", "noon"], "invalid value"),
        (vec!["schedule", "nowhere.json"], "cannot read `nowhere.json`"),
        (vec!["sign", "naive"], "--secret-file"),
        (vec!["explain", "naive"], "--secret-file"),
        (
            vec!["sign", "naive", "--secret-file", "secret", "--body-out", "no/such"],
            "cannot write `no/such`",
        ),
    ] {
        let (exit, _, said) = desk.run(&args, BODY);
        assert_eq!(exit, 2, "{args:?} {said}");
        assert!(said.contains(expected), "{args:?} {said}");
        assert!(!said.contains(SECRET), "{said}");
    }
}
