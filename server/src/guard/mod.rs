//! Where deliveries may go, and the only way out.
//!
//! **Invariants.** An endpoint's URL is checked when it is configured, and again for each connection, against the policy
//! of the transport. A name is resolved once per connection, refused when *any* of its addresses is not public, and
//! connected to at exactly those addresses: there is no second look-up. Literal addresses take the same check. Redirects
//! and proxies from the environment are not followed. What is read of an answer is bounded. No other module makes an
//! HTTP client.
//!
//! With an [`EgressProxy`] the proxy resolves names: scheme, port, literal addresses and `localhost` are checked here, and
//! what a name stands for is the proxy's to check.

mod address;
mod client;
mod connect;
mod failure;
mod head;
mod headers;
mod link;
mod lookups;
mod own;
mod pool;
mod ports;
mod proxy;
mod resolve;
mod tls;
mod transport;
mod url;
mod wire;

use std::fmt;

pub use address::{AddressPolicy, SpecialRange, special_range};
pub use client::{Egress, HttpTransport};
pub use failure::{Failure, Phase};
pub use headers::{CustomHeaders, MAX_CUSTOM_HEADERS, check_custom_headers};
pub use ports::PortPolicy;
pub use proxy::EgressProxy;
pub use resolve::{Resolver, SystemResolver};
pub use tls::ExtraRoots;
pub use transport::{Outbound, Reply, Timeouts, Timing, Transport};
pub use url::EndpointUrl;

/// What the operator opened beyond the default.
#[derive(Clone, Debug, Default)]
pub struct GuardPolicy {
    /// `http://` may be used beside `https://`.
    pub allow_http: bool,
    /// Which addresses may be connected to.
    pub addresses: AddressPolicy,
    /// Which ports may be connected to.
    pub ports: PortPolicy,
}

/// Why a URL or an address was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardError {
    message: String,
}

impl GuardError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl fmt::Display for GuardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for GuardError {}
