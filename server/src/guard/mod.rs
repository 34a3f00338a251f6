//! Where deliveries may go, and the only way out.
//!
//! **Invariants.** An endpoint's URL is checked when it is configured and again before each attempt. A name is
//! resolved once per connection, refused when *any* of its addresses is not public, and connected to at exactly those
//! addresses: there is no second look-up. Literal addresses take the same check. Redirects and proxies from the
//! environment are not followed. No other module makes an HTTP client.

mod address;
mod resolve;
mod transport;
mod url;

use std::fmt;

pub use address::{AddressPolicy, SpecialRange, special_range};
pub use resolve::{GuardedResolver, Resolver, SystemResolver};
pub use transport::{Failure, HttpTransport, Outbound, Reply, Transport};
pub use url::EndpointUrl;

/// What the operator opened beyond the default.
#[derive(Clone, Debug, Default)]
pub struct GuardPolicy {
    /// `http://` may be used beside `https://`.
    pub allow_http: bool,
    /// Which addresses may be connected to.
    pub addresses: AddressPolicy,
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
