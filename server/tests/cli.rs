//! `hookseal sign` and `hookseal verify`, as a process.

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
        let said = serde_json::from_slice(&done.stdout).unwrap_or_default();
        (done.status.code().unwrap(), said, String::from_utf8(done.stderr).unwrap())
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
    let own = r#"{"id":"acme","signature":{"header":"x-acme","encoding":"hex"},"signed_content":"{timestamp}.{body}",
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
        let lines: Vec<String> = headers
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("--header={name}: {}", value.as_str().unwrap()))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(desk.verify(scheme, &lines, BODY).0, 0, "{scheme}");
        assert_eq!(desk.verify(scheme, &lines, "{}").0, 1, "{scheme}");
    }
    let (exit, said, _) = desk.run(&["sign", "standard_webhooks", "--secret-file", "secret"], BODY);
    assert_eq!((exit, said["error"]["code"].as_str()), (1, Some("invalid_message")));
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
fn wrong_use_exits_with_2() {
    let desk = Desk::new();
    for (args, expected) in [
        (vec!["verify"], "required arguments"),
        (vec!["verify", "naive"], "--secret-file"),
        (vec!["verify", "naive", "--secret-file", "nowhere"], "cannot read `nowhere`"),
        (vec!["verify", "nowhere.json", "--secret-file", "secret"], "cannot read `nowhere.json`"),
        (vec!["verify", "naive", "--secret-file", "secret", "nowhere"], "cannot read `nowhere`"),
        (vec!["verify", "naive", "--secret-file", "secret", "--header", "x"], "`Name: value`"),
        (vec!["sign", "naive", "--secret-file", "secret", "--now", "noon"], "invalid value"),
        (vec!["schedule", "nowhere.json"], "cannot read `nowhere.json`"),
    ] {
        let (exit, _, said) = desk.run(&args, BODY);
        assert_eq!(exit, 2, "{args:?} {said}");
        assert!(said.contains(expected), "{args:?} {said}");
        assert!(!said.contains(SECRET), "{said}");
    }
}
