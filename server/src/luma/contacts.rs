//! Contacts on their way to Resend: stored once each, as an event of the server's own account.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::contact::Contact;
use crate::{
    clock::Clock,
    error::ApiError,
    store::{
        AccountKey, DeliveryKey, DeliveryState, Endpoint, EndpointKey, EndpointSettings,
        EndpointState, Engine, EventKey, NewEvent, Pushed, Replay, SealedSecret, SecretKind,
        Secrets, StoreError,
    },
};

/// What becomes of guests.
#[derive(Debug)]
pub struct Contacts {
    /// The queue.
    pub engine: Arc<dyn Engine>,
    /// When.
    pub clock: Arc<dyn Clock>,
    /// Whose contacts they become: in another audience, a guest is another contact.
    pub audience: String,
}

/// What a registration led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The guest becomes a contact.
    Accepted,
    /// The guest is one, or is becoming one.
    Known,
    /// The guest could not become one before; it is tried again.
    Again,
}

impl Contacts {
    /// Makes the endpoint that stands for Resend, where it is missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn prepare(engine: &dyn Engine) -> Result<(), StoreError> {
        if engine.target(AccountKey::OWN, EndpointKey::RESEND).await?.is_some() {
            return Ok(());
        }
        let none = SealedSecret { kind: SecretKind::None, sealed: Vec::new() };
        let secrets = Secrets { current: none, previous: None };
        match engine.insert_endpoint(endpoint(), secrets).await {
            Ok(()) => Ok(()),
            // Another node may have been faster.
            Err(error) => match engine.target(AccountKey::OWN, EndpointKey::RESEND).await? {
                Some(_) => Ok(()),
                None => Err(error),
            },
        }
    }

    /// Stores a contact, unless it is there already. One that failed for good is sent again.
    pub(super) async fn add(&self, contact: &Contact) -> Result<Outcome, ApiError> {
        let data = serde_json::to_string(contact).map_err(ApiError::internal)?;
        let hash = Sha256::digest(contact.name().as_bytes());
        let mut fingerprint = [0; 16];
        // The same guest with another name is still the same guest.
        fingerprint.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        let now = self.clock.now();
        let event = NewEvent {
            key: EventKey(self.engine.mint(now)),
            account: AccountKey::OWN,
            id: None,
            idempotency_key: Some(format!("resend/{}/{}", self.audience, hex::encode(hash))),
            fingerprint,
            event_type: "guest.registered".to_owned(),
            tenant: None,
            profile: None,
            ordering_key: None,
            data: Arc::from(data),
            patterns: Vec::new(),
            profiles: Vec::new(),
            only: Some(vec![EndpointKey::RESEND]),
            at_once: false,
            now,
        };
        match self.engine.push(vec![event]).await?.pop() {
            Some(Pushed::New(_)) => Ok(Outcome::Accepted),
            Some(Pushed::Repeat { deliveries, .. }) => self.again(&deliveries).await,
            // The fingerprint is that of the name.
            Some(Pushed::Conflict) | None => Err(ApiError::internal("the store gave no answer")),
        }
    }

    async fn again(&self, deliveries: &[DeliveryKey]) -> Result<Outcome, ApiError> {
        let mut outcome = Outcome::Known;
        for key in deliveries {
            let found = self.engine.delivery(AccountKey::OWN, *key).await?;
            // Without a row it is under way for the first time.
            let Some((delivery, _)) = found else { continue };
            if matches!(delivery.state, DeliveryState::Failed | DeliveryState::Cancelled) {
                let what = Replay::Delivery(*key);
                self.engine.replay(AccountKey::OWN, what, self.clock.now()).await?;
                outcome = Outcome::Again;
            }
        }
        Ok(outcome)
    }
}

/// It stands for the way to Resend, which the configuration knows: [`Resend`](super::Resend).
fn endpoint() -> Endpoint {
    Endpoint {
        key: EndpointKey::RESEND,
        account: AccountKey::OWN,
        url: String::new(),
        event_types: Vec::new(),
        profile: "resend".to_owned(),
        tenant: None,
        description: None,
        state: EndpointState::Active,
        reason: None,
        secret: SecretKind::None,
        settings: EndpointSettings {
            rate_limit: Some(RATE),
            concurrency: Some(RATE),
            ..EndpointSettings::default()
        },
        failing_since: None,
        version: 1,
    }
}

/// Requests per second that Resend takes from an account: <https://resend.com/docs/api-reference/rate-limit>.
const RATE: u32 = 2;
