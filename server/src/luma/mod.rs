//! Luma's webhooks of ainative: a guest who registers becomes a contact at Resend.
//!
//! `routes.rs` verifies, `contact.rs` reads who it is, `contacts.rs` stores it as an event of the server's own account, and
//! the dispatcher sends it as `resend.rs` says, with retries like every delivery.
//!
//! **Invariants.** A guest who was answered with 200 is on disk. The account is nobody's: no API key opens it, and no
//! endpoint of others gets its events. The API key of Resend is only in memory, and is sent nowhere but to the operator's
//! `RESEND_BASE_URL`.

mod contact;
pub(crate) mod contacts;
pub(crate) mod resend;
pub(crate) mod routes;

use std::fmt;

use hookseal::{Scheme, Secret, Webhook};
use zeroize::Zeroizing;

pub use self::{contacts::Contacts, resend::Resend};
use crate::app::ServerError;

/// What the operator says about Luma and Resend.
#[derive(Clone, Default)]
pub struct LumaConfig {
    /// `LUMA_WEBHOOK_SECRET`: signs what Luma sends.
    pub secret: Option<Zeroizing<String>>,
    /// `RESEND_API_KEY`.
    pub resend_api_key: Option<Zeroizing<String>>,
    /// `RESEND_AUDIENCE_ID`: whose contacts guests become.
    pub resend_audience: Option<String>,
    /// `RESEND_BASE_URL`; Resend's own where there is none.
    pub resend_base_url: Option<String>,
}

impl LumaConfig {
    /// The variables that are missing, in the order in which they are needed.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let variables = [
            (SECRET, self.secret.is_some()),
            ("RESEND_API_KEY", self.resend_api_key.is_some()),
            ("RESEND_AUDIENCE_ID", self.resend_audience.is_some()),
        ];
        variables.into_iter().filter(|(_, is_there)| !is_there).map(|(name, _)| name).collect()
    }

    /// What verifies; nothing without a secret.
    pub(crate) fn webhook(&self) -> Result<Option<Webhook>, ServerError> {
        let Some(secret) = &self.secret else { return Ok(None) };
        let webhook = Secret::new(secret.as_str())
            .and_then(|secret| Webhook::new(Scheme::builtin("luma")?, &[secret]));
        webhook.map(Some).map_err(|error| ServerError::new(format!("`{SECRET}`: {error}")))
    }
}

/// Without secrets.
impl fmt::Debug for LumaConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LumaConfig").field("missing", &self.missing()).finish_non_exhaustive()
    }
}

const SECRET: &str = "LUMA_WEBHOOK_SECRET";
