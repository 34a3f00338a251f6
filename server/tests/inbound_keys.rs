//! What the gateway fetches: keys that senders publish, and URLs that their handshakes name.

#![cfg(test)]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use hookseal::{KeyPair, Message, Scheme, Webhook};
use hookseal_server::{
    clock::{Clock, SystemClock},
    error::ApiError,
    guard::{EndpointUrl, Failure, GuardPolicy, Outbound, Reply, Timeouts, Transport},
    rng::SeededRng,
    seal::{MasterKey, Sealer},
    service::{
        caller::Caller,
        inbound::{
            gateway::{Answer, Gateway, Incoming},
            known::Known,
            ledger::Ledger,
            published::KeyFetcher,
            sources::SourceBook,
        },
    },
    store::{
        Account, AccountKey, ApiKey, ApiKeyId, Engine, Holder, KeyOrigin, Scope, Store as _,
        Validation, sqlite::SqliteStore,
    },
};
use tempfile::TempDir;

/// What is at which URL; notes what was asked for.
#[derive(Debug, Default)]
struct Web {
    pages: Mutex<HashMap<String, (u16, String)>>,
    asked: Mutex<Vec<String>>,
}

impl Web {
    fn put(&self, url: &str, status: u16, text: &str) {
        self.pages.lock().unwrap().insert(url.to_owned(), (status, text.to_owned()));
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

#[async_trait]
impl Transport for Web {
    async fn post(&self, _: Outbound) -> Reply {
        Reply::failed(Failure::Forbidden)
    }

    async fn get(&self, url: EndpointUrl, _: Timeouts) -> Reply {
        self.asked.lock().unwrap().push(url.as_str().to_owned());
        match self.pages.lock().unwrap().get(url.as_str()) {
            Some((status, text)) => {
                Reply { status: Some(*status), body: text.clone().into_bytes(), ..Reply::default() }
            }
            None => Reply::failed(Failure::Dns),
        }
    }
}

struct World {
    web: Arc<Web>,
    gateway: Gateway,
    book: SourceBook,
    caller: Caller,
    clock: Arc<dyn Clock>,
    _data: TempDir,
}

impl World {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&data.path().join("db")).unwrap());
        let key = ApiKey {
            id: ApiKeyId(1),
            account: AccountKey(1),
            origin: KeyOrigin::Api,
            scope: Scope::Admin,
            tenant: None,
            name: None,
            used: true,
            created_at: ApiKeyId(1).minted_at(),
        };
        store.put_key(key.clone(), [1; 32]).await.unwrap();
        let engine: Arc<dyn Engine> = store;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let sealer = Arc::new(Sealer::new(&MasterKey::parse(&"01".repeat(32)).unwrap()));
        let rng = Arc::new(SeededRng::new(1));
        let known = Known::new(engine.clone(), sealer.clone(), clock.clone());
        let known = Arc::new(known);
        let ledger = Ledger::new(engine.clone(), sealer.clone(), clock.clone(), rng.clone());
        let ledger = Arc::new(ledger);
        let web = Arc::new(Web::default());
        let keys = KeyFetcher {
            transport: web.clone(),
            policy: GuardPolicy::default(),
            clock: clock.clone(),
        };
        let gateway = Gateway {
            engine: engine.clone(),
            known: known.clone(),
            ledger: ledger.clone(),
            sealer: sealer.clone(),
            rng: rng.clone(),
            keys,
            public_url: None,
            clock: clock.clone(),
            room: Arc::default(),
        };
        let book = SourceBook {
            engine,
            known,
            ledger,
            sealer,
            clock: clock.clone(),
            rng,
            public_url: None,
            changing: Arc::default(),
        };
        let account =
            Account { key: key.account, name: None, validation: Validation::Off, suspended: false };
        let caller = Caller::new(Arc::new(Holder { key, account }));
        Self { web, gateway, book, caller, clock, _data: data }
    }

    async fn source(&self) -> String {
        let body = format!(r#"{{"name":"acme","scheme":{SCHEME}}}"#);
        let made = self.book.create(&self.caller, serde_json::from_str(&body).unwrap()).await;
        made.unwrap().source.key.to_string()
    }

    async fn send(
        &self,
        source: &str,
        pair: &KeyPair,
        place: &str,
        body: &str,
    ) -> Result<Answer, ApiError> {
        let scheme = Scheme::from_json(SCHEME).unwrap();
        let webhook = Webhook::new(scheme, &[pair.private_key().clone()]).unwrap();
        let message = Message { body: body.as_bytes(), ..Message::default() };
        let mut headers = webhook.sign(&message, self.clock.now()).unwrap();
        headers.push(("x-key".to_owned(), place.to_owned()));
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let incoming = Incoming { method: "POST", path: "/in/x", headers: &headers };
        let open = self.gateway.source(source).await.unwrap();
        self.gateway.receive(&open, &incoming, body.as_bytes()).await
    }
}

fn pair(number: u8) -> KeyPair {
    KeyPair::generate(&[number; 32]).unwrap()
}

fn is_stored(answer: Result<Answer, ApiError>) -> bool {
    matches!(answer.unwrap(), Answer::Stored { duplicate: false, .. })
}

fn code(answer: Result<Answer, ApiError>) -> &'static str {
    match answer {
        Ok(Answer::Refused(error)) => error.code().as_str(),
        Ok(other) => panic!("{other:?}"),
        Err(error) => error.code(),
    }
}

#[tokio::test]
async fn a_published_key_is_fetched_once() {
    let world = World::new().await;
    let source = world.source().await;
    let (ours, theirs) = (pair(1), pair(2));
    world.web.put(KEY, 200, &format!("{}\n", pem(&ours)));
    assert!(is_stored(world.send(&source, &ours, KEY, r#"{"n":1}"#).await));
    assert!(is_stored(world.send(&source, &ours, KEY, r#"{"n":2}"#).await));
    assert_eq!(code(world.send(&source, &theirs, KEY, r#"{"n":3}"#).await), "no_match");
    assert_eq!(world.web.asked(), [KEY]);
    // A stranger who wants a key of their own to be believed.
    let foreign = "https://keys.example.net/theirs";
    world.web.put(foreign, 200, &pem(&theirs));
    let refused = world.send(&source, &theirs, foreign, r#"{"n":3}"#).await;
    assert_eq!(code(refused), "untrusted_key_url");
    assert!(world.web.asked().is_empty());
}

#[tokio::test]
async fn strangers_cause_few_fetches() {
    let world = World::new().await;
    let source = world.source().await;
    let ours = pair(1);
    world.web.put(KEY, 200, &pem(&ours));
    assert!(is_stored(world.send(&source, &ours, KEY, r#"{"n":0}"#).await));
    for number in 0..50 {
        let place = format!("https://keys.acme.example/{number}");
        world.web.put(&place, if number % 2 == 0 { 404 } else { 200 }, "no key");
        for _ in 0..2 {
            assert_eq!(code(world.send(&source, &ours, &place, "{}").await), "not_ready");
        }
    }
    let asked = world.web.asked().len();
    assert!((10..15).contains(&asked), "{asked}");
    // What is known is not forgotten for that.
    assert!(is_stored(world.send(&source, &ours, KEY, r#"{"n":1}"#).await));
}

#[tokio::test]
async fn a_handshake_calls_the_url_that_it_names() {
    let world = World::new().await;
    let source = world.source().await;
    let ours = pair(1);
    world.web.put(KEY, 200, &pem(&ours));
    let confirm = "https://hooks.acme.example/confirm?token=1";
    let body = format!(r#"{{"type":"confirm","url":"{confirm}"}}"#);
    assert_eq!(code(world.send(&source, &ours, KEY, &body).await), "not_ready");
    world.web.put(confirm, 200, "thanks");
    let answer = world.send(&source, &ours, KEY, &body).await.unwrap();
    assert!(matches!(answer, Answer::Handshake(_)), "{answer:?}");
    assert_eq!(world.web.asked(), [KEY, confirm, confirm]);
    // Not for a stranger, and not to another host.
    assert_eq!(code(world.send(&source, &pair(2), KEY, &body).await), "no_match");
    let elsewhere = body.replace("hooks.acme.example", "hooks.acme.example.net");
    assert_eq!(code(world.send(&source, &ours, KEY, &elsewhere).await), "malformed_body");
    assert!(world.web.asked().is_empty());
}

/// The public key in PEM: SubjectPublicKeyInfo of Ed25519 (RFC 8410 §4).
fn pem(pair: &KeyPair) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let key = STANDARD.decode(pair.public_key().strip_prefix("whpk_").unwrap()).unwrap();
    let head = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let der = STANDARD.encode([&head[..], &key].concat());
    format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----")
}

const KEY: &str = "https://keys.acme.example/1.pem";
const SCHEME: &str = r#"{
    "id": "acme", "name": "Acme", "algorithm": "ed25519",
    "key_source": { "url": "header:x-key", "hosts": ["keys.acme.example"], "format": "pem" },
    "signature": { "from": "header:x-signature", "encoding": "base64" },
    "signed_content": "{body}",
    "handshake": {
        "match": { "json:/type": "confirm", "json:/url": {} }, "verify_first": true,
        "respond": { "status": 200 },
        "fetch": { "url": "json:/url", "hosts": ["hooks.acme.example"] }
    }
}"#;
