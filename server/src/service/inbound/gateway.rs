//! Takes a request of a sender: answers its handshake, or verifies it and stores what it brings as an event.
//!
//! **Invariants.** What is answered with 200 is on disk. What does not verify is neither stored as an event nor logged. A
//! repeat of what a source sent is known by the sender's id, or else by the SHA-256 of the body, and brings no second
//! event.

use std::{borrow::Cow, sync::Arc, time::Duration};

use hookseal::{
    Error, ErrorCode, HandshakeResponse, Request, Timestamp, Verified, Webhook, idempotency_key,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{
    data::data_of,
    event_name::event_name,
    kept::Kept,
    known::Known,
    ledger::{ACCEPTED, DUPLICATE, Ledger, RATE_LIMITED},
    opened::OpenSource,
    published::KeyFetcher,
    sealed::Sealed,
};
use crate::{
    clock::Clock,
    error::{ApiCode, ApiError},
    guard::{EndpointUrl, Timeouts},
    rng::Rng,
    seal::Sealer,
    service::{events::profiles_of, room::Room},
    store::{Engine, EventKey, NewEvent, Pushed, Source, SourceKey, SourceState},
    subscription,
};

/// The use case of senders.
#[derive(Debug)]
pub struct Gateway {
    /// Where events go.
    pub engine: Arc<dyn Engine>,
    /// Sources, ready.
    pub known: Arc<Known>,
    /// Counts.
    pub ledger: Arc<Ledger>,
    /// Seals a secret that a sender hands over.
    pub sealer: Arc<Sealer>,
    /// For seals.
    pub rng: Arc<dyn Rng>,
    /// Fetches keys that senders publish, and calls the URLs that some handshakes name.
    pub keys: KeyFetcher,
    /// What the world calls this server: scheme, host, and a path before ours if there is one.
    pub public_url: Option<String>,
    /// When.
    pub clock: Arc<dyn Clock>,
    /// For bodies.
    pub room: Arc<Room>,
}

/// A request as it came. Names of headers are in lower case.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The method.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// All headers.
    pub headers: &'a [(&'a str, &'a str)],
}

/// What to answer.
#[derive(Debug)]
pub enum Answer {
    /// The event of this id is on disk, since now or since before.
    Stored {
        /// `evt_…`.
        id: String,
        /// It was there before.
        duplicate: bool,
    },
    /// What the sender's handshake asks for.
    Handshake(HandshakeResponse),
    /// It is not from the sender, or is not what the scheme says.
    Refused(Error),
}

impl Gateway {
    /// The source of this id, which takes a request now.
    ///
    /// # Errors
    /// `not_found`, `source_paused`, `rate_limited`.
    pub async fn source(&self, id: &str) -> Result<Arc<OpenSource>, ApiError> {
        let open = match SourceKey::parse(id) {
            Some(key) => self.known.open(key).await?,
            None => None,
        };
        let unknown = || ApiError::new(ApiCode::NotFound, "there is no source of this id");
        let open = open.ok_or_else(unknown)?;
        if open.source.state == SourceState::Paused {
            return Err(ApiError::new(ApiCode::SourcePaused, "the source is paused"));
        }
        if !open.take_token(self.clock.elapsed()) {
            self.ledger.count(open.source.key, RATE_LIMITED);
            let message = "the source is sent more requests than its rate allows";
            return Err(ApiError::new(ApiCode::RateLimited, message));
        }
        Ok(open)
    }

    /// Refuses a body that is longer than the source takes, of which nothing more is read.
    pub fn too_large(&self, open: &OpenSource, incoming: &Incoming<'_>) -> Answer {
        let message = format!("the body has more than {} bytes", open.max_body());
        self.refuse(open, incoming, None, Error::new(ErrorCode::BodyTooLarge, message))
    }

    /// Takes a request.
    ///
    /// # Errors
    /// [`ApiError`] where it is not the sender's fault: it should send the same again.
    pub async fn receive(
        &self,
        open: &OpenSource,
        incoming: &Incoming<'_>,
        body: &[u8],
    ) -> Result<Answer, ApiError> {
        let now = self.clock.now();
        let url = self.url(open, incoming);
        let request =
            Request::new(incoming.headers, body).with_method(incoming.method).with_url(&url);
        let webhook = match Webhook::key_request(&open.scheme, &request) {
            _ if open.webhook.is_some() => open.webhook.clone(),
            Ok(Some(wanted)) if wanted.url.is_some() => {
                Some(self.keys.webhook(open, wanted).await?)
            }
            Ok(_) => None,
            Err(error) => return Ok(self.refuse(open, incoming, Some(body), error)),
        };
        let handshake = match &webhook {
            Some(webhook) => webhook.handshake(&request, now),
            None => open.scheme.handshake(&request),
        };
        match handshake {
            Ok(Some(response)) => return self.shake_hands(open, response).await,
            Ok(None) => {}
            Err(error) => return Ok(self.refuse(open, incoming, Some(body), error)),
        }
        let Some(webhook) = webhook else {
            let error = Error::new(ErrorCode::InvalidSecret, "the source has no secret yet");
            return Ok(self.refuse(open, incoming, Some(body), error));
        };
        let verified = match webhook.verify(&request, now) {
            Ok(verified) => verified,
            Err(error) => return Ok(self.refuse(open, incoming, Some(body), error)),
        };
        self.store(&open.source, incoming, &verified, now).await
    }

    async fn store(
        &self,
        source: &Source,
        incoming: &Incoming<'_>,
        verified: &Verified<'_>,
        now: Timestamp,
    ) -> Result<Answer, ApiError> {
        let event = self.event(source, incoming, verified, now)?;
        if let Some(first) = self.repeated_in_window(source, verified, now).await? {
            return Ok(self.stored(source, first.to_string(), true));
        }
        let key = event.key;
        let mut pushed = self.engine.push(vec![event]).await?;
        match pushed.pop() {
            Some(Pushed::New(_)) => Ok(self.stored(source, key.to_string(), false)),
            Some(Pushed::Repeat { id, .. }) => Ok(self.stored(source, id, true)),
            // The fingerprint is that of the name.
            Some(Pushed::Conflict) | None => Err(ApiError::internal("the store gave no answer")),
        }
    }

    fn stored(&self, source: &Source, id: String, duplicate: bool) -> Answer {
        self.ledger.count(source.key, if duplicate { DUPLICATE } else { ACCEPTED });
        tracing::debug!(source.id = %source.key, event.id = id, duplicate, "webhook received");
        Answer::Stored { id, duplicate }
    }

    fn event(
        &self,
        source: &Source,
        incoming: &Incoming<'_>,
        verified: &Verified<'_>,
        now: Timestamp,
    ) -> Result<NewEvent, ApiError> {
        let settings = &source.settings;
        let said = match &settings.type_from {
            Some(pointer) => value_at(verified.payload(), pointer),
            None => verified.event_type().map(Cow::into_owned),
        };
        let event_type = event_name(source, said.as_deref());
        let query = incoming.path.split_once('?').map(|(_, query)| query);
        let data = data_of(verified.payload(), incoming.header("content-type"), query)?;
        let name = self.name(source, verified, now, 0);
        let mut fingerprint = [0; 16];
        // A repeat has the same name and may have another content, such as a count of attempts: the first one counts.
        if let Some(name) = &name {
            let hash = Sha256::digest(name.as_bytes());
            fingerprint.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        }
        Ok(NewEvent {
            key: EventKey(self.engine.mint(now)),
            account: source.account,
            id: None,
            idempotency_key: name,
            fingerprint,
            patterns: subscription::patterns_of(&event_type),
            profiles: profiles_of(&event_type),
            event_type,
            tenant: source.tenant.clone(),
            profile: None,
            ordering_key: None,
            data: Arc::from(data),
            at_once: false,
            only: None,
            now,
        })
    }

    /// What a repeat of this request is known by, `windows` ago; nothing where the source wants none.
    ///
    /// No idempotency key of a caller begins with a line break. The sender's id is hashed, so that it may be anything.
    fn name(
        &self,
        source: &Source,
        verified: &Verified<'_>,
        now: Timestamp,
        windows: i64,
    ) -> Option<String> {
        let window = source.settings.dedupe_seconds;
        let number = match window {
            None => 0,
            Some(0) => return None,
            Some(seconds) => now.as_millis() / (i64::from(seconds) * 1000) - windows,
        };
        let id = match &source.settings.id_from {
            Some(pointer) => value_at(verified.payload(), pointer),
            None => verified.id().map(Cow::into_owned),
        };
        let id = idempotency_key(id.as_deref(), verified.body());
        let hash = hex::encode(Sha256::digest(id.as_bytes()));
        Some(match window {
            None => format!("\n{}\n{hash}", source.key),
            Some(_) => format!("\n{}\n{hash}\n{number}", source.key),
        })
    }

    /// The event that this request repeats, where that was stored in the window before this one, and is not too old.
    async fn repeated_in_window(
        &self,
        source: &Source,
        verified: &Verified<'_>,
        now: Timestamp,
    ) -> Result<Option<EventKey>, ApiError> {
        let Some(seconds) = source.settings.dedupe_seconds else { return Ok(None) };
        let Some(name) = self.name(source, verified, now, 1) else { return Ok(None) };
        let found = self.engine.event_under(source.account, &name).await?;
        let oldest = now.plus_millis(-1000 * i64::from(seconds));
        Ok(found.filter(|event| event.minted_at() > oldest))
    }

    fn refuse(
        &self,
        open: &OpenSource,
        incoming: &Incoming<'_>,
        body: Option<&[u8]>,
        error: Error,
    ) -> Answer {
        let code = error.code().as_str();
        self.ledger.refuse(open.source.key, code, || {
            let url = self.url(open, incoming);
            Kept::new(incoming.method, &url, incoming.headers, body, error.message())
        });
        if error.code().http_status() >= 500 {
            tracing::warn!(source.id = %open.source.key, code, "a source is not set up to verify what it is sent");
        }
        Answer::Refused(error)
    }

    async fn shake_hands(
        &self,
        open: &OpenSource,
        response: HandshakeResponse,
    ) -> Result<Answer, ApiError> {
        if let Some(url) = &response.fetch {
            self.confirm(&open.source, url).await?;
        }
        if let Some(secret) = &response.secret
            && open.webhook.is_none()
        {
            self.take_secret(&open.source, secret.expose()).await?;
        }
        tracing::info!(source.id = %open.source.key, "handshake answered");
        Ok(Answer::Handshake(response))
    }

    /// Calls a URL of the sender's: it came with a signature that verified, and its host is one of the scheme's.
    async fn confirm(&self, source: &Source, url: &str) -> Result<(), ApiError> {
        let KeyFetcher { transport, policy, .. } = &self.keys;
        let url = EndpointUrl::parse(url, policy).map_err(ApiError::internal)?;
        let reply = transport.get(url, Timeouts::within(CONFIRM_WITHIN)).await;
        if reply.failure.is_none() && matches!(reply.status, Some(200..=299)) {
            return Ok(());
        }
        let failure = reply.failure.map(crate::guard::Failure::as_str);
        tracing::warn!(source.id = %source.key, status = reply.status, error = failure, "the sender's URL did not confirm");
        Err(ApiError::new(ApiCode::NotReady, "the URL that the handshake names did not answer"))
    }

    /// Keeps a secret that the sender handed over, for a source that has none.
    async fn take_secret(&self, source: &Source, secret: &str) -> Result<(), ApiError> {
        let mut sealed = Sealed::open(source, &self.sealer)?;
        sealed.secrets = vec![secret.to_owned()];
        sealed.handed_over = true;
        let sealed = sealed.seal(source.key, &self.sealer, &*self.rng)?;
        let taken = self.engine.put_source(Source { sealed, ..source.clone() }).await?;
        self.known.forget(source.key);
        if !taken {
            return Err(ApiError::new(ApiCode::NotReady, "the source was changed meanwhile"));
        }
        tracing::info!(source.id = %source.key, "the source took the secret that its sender handed over");
        Ok(())
    }

    /// The URL that the sender was given, with the query that came.
    fn url(&self, open: &OpenSource, incoming: &Incoming<'_>) -> String {
        let query = incoming.path.split_once('?').map(|(_, query)| query);
        let own = open.source.settings.public_url.as_deref();
        let base = match (own, &self.public_url) {
            (Some(own), _) => own.split('?').next().unwrap_or_default().to_owned(),
            (None, Some(public)) => {
                format!("{}/in/{}", public.trim_end_matches('/'), open.source.key)
            }
            // What this server sees. A sender that signs another URL is refused, and `explain` says why.
            (None, None) => {
                let scheme = incoming.header("x-forwarded-proto").filter(|said| *said == "https");
                let host = incoming.header("host").unwrap_or("localhost");
                format!("{}://{host}/in/{}", scheme.unwrap_or("http"), open.source.key)
            }
        };
        match (query, own) {
            (Some(query), _) => format!("{base}?{query}"),
            (None, Some(own)) => own.to_owned(),
            (None, None) => base,
        }
    }
}

impl<'a> Incoming<'a> {
    fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

/// The text or number that a JSON pointer leads to.
fn value_at(payload: &[u8], pointer: &str) -> Option<String> {
    let json: Value = serde_json::from_slice(payload).ok()?;
    match json.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

const CONFIRM_WITHIN: Duration = Duration::from_secs(10);
