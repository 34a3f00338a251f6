//! How one system sends: its scheme, envelope, retry schedule and rules, as one value.
//!
//! Source of the four systems' rules: their webhook documentation; what it leaves open is marked "ours".

use std::sync::OnceLock;
use std::time::Duration;

use crate::error::{Error, ErrorCode, clip};
use crate::event::{Event, EventType};
use crate::key::SigningKey;
use crate::payload::EnvelopeKind;
use crate::retry::{self, RetryPolicy};
use crate::scheme::Scheme;
use crate::sign::{Message, sign, sign_body};
use crate::timestamp::Timestamp;

/// How one system sends.
#[derive(Debug)]
pub struct Profile {
    /// The name in code: `"yativo"`.
    pub id: &'static str,
    /// The name of its [`Scheme`].
    pub scheme: &'static str,
    /// The name of a second scheme that signs each delivery as well, in headers of its own, with the same secret.
    pub second_scheme: Option<&'static str>,
    /// The form of its bodies.
    pub envelope: EnvelopeKind,
    /// Where the secrets of its endpoints come from.
    pub secret: SecretRule,
    /// Whether its endpoints begin with `https://`: plain HTTP is refused when an endpoint is configured.
    pub https_only: bool,
    /// How long an attempt may take, from connecting to the end of the answer.
    pub timeout: Duration,
    event_types: &'static [EventTypeInfo],
    open: bool,
    retry: fn() -> RetryPolicy,
    parsed: OnceLock<Scheme>,
    second_parsed: OnceLock<Scheme>,
}

/// Where the secret of an endpoint comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretRule {
    /// The user may choose one; without it, deliveries are not signed. Only its one-way form is kept.
    Chosen {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// The server makes it.
    Generated {
        /// Whether its owner can be shown it again later.
        reveal: bool,
    },
}

/// One type of event that a system sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventTypeInfo {
    /// The type: `"message.received"`.
    pub name: &'static str,
    /// Which way the data goes, for systems that tell the two apart.
    pub direction: Option<Direction>,
    /// Data of an event that only tests, as JSON: with all that receivers of this type may rely on, and `"test":true`.
    pub test_data: &'static str,
}

/// Which way data goes, seen from the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Data came in.
    Inbound,
    /// Data went out.
    Outbound,
}

/// What goes over the wire, apart from the address: the caller adds `host`, `content-length` and `user-agent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Name (lower case) and value of each header.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Profile {
    /// Every profile; the first is the default.
    pub const ALL: &'static [&'static Self] =
        &[&STANDARD_WEBHOOKS, &NAIVE, &AINATIVE, &YATIVO, &NATIVEMSG];

    /// The profile of this name.
    ///
    /// # Errors
    /// `unknown_profile`.
    pub fn get(id: &str) -> Result<&'static Self, Error> {
        Self::ALL.iter().copied().find(|profile| profile.id == id).ok_or_else(|| {
            Error::new(ErrorCode::UnknownProfile, format!("profile `{}` does not exist", clip(id)))
        })
    }

    /// When its failed deliveries are tried again.
    #[must_use]
    pub fn retry_policy(&self) -> RetryPolicy {
        (self.retry)()
    }

    /// The event types that the system names.
    #[must_use]
    pub fn event_types(&self) -> &'static [EventTypeInfo] {
        self.event_types
    }

    /// Whether types other than [`event_types`](Self::event_types) may be sent.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Whether an event of this type may be sent.
    #[must_use]
    pub fn has_event_type(&self, event_type: &EventType) -> bool {
        self.open || self.event_types.iter().any(|known| known.name == event_type.as_str())
    }

    /// As [`has_event_type`](Self::has_event_type), with the reason.
    ///
    /// # Errors
    /// `invalid_event_type`, with the types that there are.
    pub fn check_event_type(&self, event_type: &EventType) -> Result<(), Error> {
        if self.has_event_type(event_type) {
            return Ok(());
        }
        let known: Vec<&str> = self.event_types.iter().map(|known| known.name).collect();
        let message = format!(
            "profile `{}` has no event type `{event_type}`; it has {}",
            self.id,
            known.join(", ")
        );
        Err(Error::new(ErrorCode::InvalidEventType, message))
    }

    /// Makes the key of a secret, as the profile's scheme reads it.
    ///
    /// # Errors
    /// As [`Scheme::key`].
    pub fn key(&self, secret: &crate::Secret) -> Result<SigningKey, Error> {
        self.parsed_scheme()?.key(secret)
    }

    /// Writes `event` as this system sends it, signed at `now`. With no key it is sent unsigned, which only systems
    /// whose users [choose](SecretRule::Chosen) their secrets do.
    ///
    /// # Errors
    /// `invalid_event`; `invalid_secret` when a key is needed.
    pub fn render(
        &self,
        event: &Event,
        keys: &[SigningKey],
        now: Timestamp,
    ) -> Result<Outgoing, Error> {
        let scheme = self.parsed_scheme()?;
        let mut body = self.envelope.encode(event)?;
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        if keys.is_empty() {
            if !matches!(self.secret, SecretRule::Chosen { .. }) {
                let message =
                    format!("profile `{}` signs every delivery, but there is no key", self.id);
                return Err(Error::new(ErrorCode::InvalidSecret, message));
            }
        } else {
            body = sign_body(scheme, keys, &body)?;
            let message = Message {
                id: Some(&event.id),
                event_type: Some(event.event_type.as_str()),
                body: &body,
                ..Message::default()
            };
            headers.extend(sign(scheme, keys, &message, now)?);
            if let Some(second) = self.second_scheme {
                headers.extend(sign(parsed(&self.second_parsed, second)?, keys, &message, now)?);
            }
        }
        // Ours, on every delivery: a receiver can deduplicate whatever the system's own envelope holds.
        let has =
            |headers: &[(String, String)], name| headers.iter().any(|(known, _)| known == name);
        if !has(&headers, "webhook-id") {
            headers.push(("webhook-id".to_owned(), event.id.clone()));
        }
        if !has(&headers, "webhook-timestamp") {
            headers.push(("webhook-timestamp".to_owned(), now.as_seconds().to_string()));
        }
        Ok(Outgoing { headers, body })
    }

    fn parsed_scheme(&self) -> Result<&Scheme, Error> {
        parsed(&self.parsed, self.scheme)
    }
}

/// Reads a scheme once.
fn parsed<'a>(cell: &'a OnceLock<Scheme>, name: &str) -> Result<&'a Scheme, Error> {
    if let Some(scheme) = cell.get() {
        return Ok(scheme);
    }
    let scheme = Scheme::builtin(name)?;
    Ok(cell.get_or_init(|| scheme))
}

const fn event_type(name: &'static str) -> EventTypeInfo {
    EventTypeInfo { name, direction: None, test_data: TEST_DATA }
}

const fn directed(name: &'static str, direction: Direction) -> EventTypeInfo {
    EventTypeInfo { name, direction: Some(direction), test_data: TEST_DATA }
}

impl EventTypeInfo {
    const fn tested_with(self, test_data: &'static str) -> Self {
        Self { test_data, ..self }
    }
}

const TEST_DATA: &str = r#"{"test":true}"#;

static STANDARD_WEBHOOKS: Profile = Profile {
    id: "standard_webhooks",
    scheme: "standard_webhooks",
    second_scheme: None,
    envelope: EnvelopeKind::Standard,
    secret: SecretRule::Generated { reveal: true },
    https_only: false,
    timeout: Duration::from_secs(15),
    event_types: &[],
    open: true,
    retry: retry::standard_webhooks,
    parsed: OnceLock::new(),
    second_parsed: OnceLock::new(),
};

static NAIVE: Profile = Profile {
    id: "naive",
    scheme: "naive",
    second_scheme: None,
    envelope: EnvelopeKind::Naive,
    secret: SecretRule::Generated { reveal: false },
    https_only: true,
    timeout: Duration::from_secs(10), // ours
    event_types: &[
        event_type("email.received"),
        event_type("approval.resolved").tested_with(r#"{"test":true,"status":"approved"}"#),
    ],
    open: false,
    retry: retry::naive,
    parsed: OnceLock::new(),
    second_parsed: OnceLock::new(),
};

static AINATIVE: Profile = Profile {
    id: "ainative",
    scheme: "ainative",
    second_scheme: None,
    envelope: EnvelopeKind::Ainative,
    secret: SecretRule::Chosen { min: 8, max: 256 },
    https_only: true,
    timeout: Duration::from_secs(10), // ours
    event_types: &[
        event_type("memory.stored"),
        event_type("vectors.indexed"),
        event_type("agent.task.complete").tested_with(
            r#"{"test":true,"task_id":"00000000-0000-0000-0000-000000000000","status":"completed"}"#,
        ),
        event_type("mcp.server.ready"),
        event_type("memory.consolidated"),
    ],
    open: false,
    retry: retry::ainative,
    parsed: OnceLock::new(),
    second_parsed: OnceLock::new(),
};

static YATIVO: Profile = Profile {
    id: "yativo",
    scheme: "yativo",
    second_scheme: Some("yativo-v2"),
    envelope: EnvelopeKind::Yativo,
    secret: SecretRule::Generated { reveal: false },
    https_only: true,
    timeout: Duration::from_secs(5),
    event_types: &[
        event_type("deposit.detected"),
        event_type("deposit.confirmed"),
        event_type("withdrawal.completed"),
        event_type("transaction.initiated"),
        event_type("transaction.submitted"),
        event_type("transaction.confirmed"),
        event_type("transaction.failed"),
    ],
    open: true,
    retry: retry::yativo,
    parsed: OnceLock::new(),
    second_parsed: OnceLock::new(),
};

static NATIVEMSG: Profile = Profile {
    id: "nativemsg",
    scheme: "nativemsg",
    second_scheme: None,
    envelope: EnvelopeKind::Nativemsg,
    secret: SecretRule::Generated { reveal: true },
    https_only: true,
    timeout: Duration::from_secs(10), // ours
    event_types: &[
        directed("message.received", Direction::Inbound).tested_with(
            r#"{"test":true,"user":{"id":"0"},"message":{"type":"text","content":"Test"}}"#,
        ),
        directed("user.created", Direction::Inbound),
        directed("message.sent", Direction::Outbound),
        directed("message.status", Direction::Outbound),
    ],
    open: false,
    retry: retry::nativemsg,
    parsed: OnceLock::new(),
    second_parsed: OnceLock::new(),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{AinativeEvent, NaiveEvent, NativemsgEvent, Object, YativoEvent};
    use crate::{Request, Secret, Webhook};

    fn event(event_type: &str) -> Event {
        Event {
            id: "evt_1".to_owned(),
            event_type: EventType::parse(event_type).unwrap(),
            time: Timestamp::from_seconds(1_777_111_523),
            tenant: Some("t1".to_owned()),
            data: serde_json::from_str(r#"{"n":1}"#).unwrap(),
        }
    }

    #[test]
    fn what_a_profile_renders_its_scheme_verifies() {
        let now = Timestamp::from_seconds(1_777_111_600);
        for profile in Profile::ALL {
            let secret = Secret::generate(&[7; 32]).unwrap();
            let event = event(profile.event_types().first().map_or("a.b", |known| known.name));
            let out = profile.render(&event, &[profile.key(&secret).unwrap()], now).unwrap();
            let pairs: Vec<(&str, &str)> =
                out.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let webhook =
                Webhook::new(Scheme::builtin(profile.scheme).unwrap(), &[secret]).unwrap();
            let request = Request::new(&pairs, &out.body);
            let verified = webhook.verify(&request, now).unwrap();
            assert_eq!(verified.id().as_deref(), Some("evt_1"), "{}", profile.id);
            assert_eq!(verified.event_type().as_deref(), Some(event.event_type.as_str()));
            assert!(
                pairs.contains(&("webhook-id", "evt_1"))
                    && pairs.contains(&("webhook-timestamp", "1777111600"))
            );
            let back = profile.envelope.decode(&out.body, "evt_1").unwrap();
            assert_eq!((back.event_type, back.time), (event.event_type, event.time));
        }
    }

    #[test]
    fn yativo_verifies_by_either_signature() {
        let now = Timestamp::from_seconds(1_777_111_600);
        let secret = Secret::generate(&[7; 32]).unwrap();
        let profile = Profile::get("yativo").unwrap();
        let key = profile.key(&secret).unwrap();
        let out = profile.render(&event("deposit.confirmed"), &[key], now).unwrap();
        for (name, others) in [
            ("yativo", ["x-yativo-signature", "x-yativo-timestamp"].as_slice()),
            ("yativo-v2", ["x-webhook-signature"].as_slice()),
        ] {
            let webhook =
                Webhook::new(Scheme::builtin(name).unwrap(), std::slice::from_ref(&secret))
                    .unwrap();
            let kept = out.headers.iter().filter(|(name, _)| !others.contains(&name.as_str()));
            let kept: Vec<(&str, &str)> = kept.map(|(n, v)| (n.as_str(), v.as_str())).collect();
            assert!(webhook.verify(&Request::new(&kept, &out.body), now).is_ok(), "{name}");
            let later = Timestamp::from_seconds(1_777_200_000);
            let replayed = webhook.verify(&Request::new(&kept, &out.body), later);
            assert_eq!(replayed.is_ok(), name == "yativo", "only the second signs a timestamp");
        }
        let names: Vec<&str> = out.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "content-type",
                "x-webhook-signature",
                "x-yativo-timestamp",
                "x-yativo-signature",
                "webhook-id",
                "webhook-timestamp",
            ]
        );
    }

    #[test]
    fn nativemsg_verifies_by_either_signature() {
        let secret = Secret::generate(&[7; 32]).unwrap();
        let profile = Profile::get("nativemsg").unwrap();
        let out = profile
            .render(&event("message.sent"), &[profile.key(&secret).unwrap()], Timestamp::MIN)
            .unwrap();
        let webhook = Webhook::new(Scheme::builtin("nativemsg").unwrap(), &[secret]).unwrap();
        assert!(webhook.verify(&Request::new(&[], &out.body), Timestamp::MIN).is_ok());
    }

    #[test]
    fn test_events_hold_what_receivers_rely_on() {
        for profile in Profile::ALL {
            for known in profile.event_types() {
                let event_type = EventType::parse(known.name).unwrap();
                let data = Object::parse(known.test_data.as_bytes()).unwrap();
                assert_eq!(data.get("test").unwrap().get(), "true", "{}", known.name);
                let is_typed = match profile.id {
                    "ainative" => AinativeEvent::read(&event_type, data).is_ok(),
                    "naive" => NaiveEvent::read(&event_type, data).is_ok(),
                    "nativemsg" => NativemsgEvent::read(&event_type, data).is_ok(),
                    "yativo" => YativoEvent::read(&event_type, data).is_ok(),
                    other => panic!("what reads the events of {other}?"),
                };
                assert!(is_typed, "{}", known.name);
            }
        }
    }

    #[test]
    fn only_users_who_choose_a_secret_go_without() {
        for profile in Profile::ALL {
            let event = event(profile.event_types().first().map_or("a.b", |known| known.name));
            let unsigned = profile.render(&event, &[], Timestamp::MIN);
            match profile.id {
                "ainative" => assert!(
                    !unsigned.unwrap().headers.iter().any(|(name, _)| name == "x-zerodb-signature")
                ),
                _ => assert_eq!(unsigned.unwrap_err().code(), ErrorCode::InvalidSecret),
            }
        }
    }

    #[test]
    fn registries_are_closed_but_two() {
        let unknown = EventType::parse("no.such").unwrap();
        let open: Vec<&str> =
            Profile::ALL.iter().filter(|p| p.has_event_type(&unknown)).map(|p| p.id).collect();
        assert_eq!(open, ["standard_webhooks", "yativo"]);
        assert_eq!(Profile::get("naiv").unwrap_err().code(), ErrorCode::UnknownProfile);
    }
}
