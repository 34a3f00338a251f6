//! The native half of the Python package `hookseal`: converts, calls the core, maps errors.
//!
//! Everything that is pleasant to call is in `python/hookseal`; it also checks the types of what users pass, so that
//! the only exception that leaves this module is `WebhookError`.

mod body;
mod environ;
mod error;
mod explain;
mod handshake;
mod header_value;
mod header_view;
mod headers;
mod idempotency;
mod keys;
mod moment;
mod published_keys;
mod request;
mod retry;
mod scheme;
mod text;
mod verified;
mod webhook;

// `gil_used = false`: nothing here is shared and mutable, so free-threaded interpreters need not lock around it.
#[pyo3::pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::error::{error, error_codes, wrong};
    #[pymodule_export]
    use crate::explain::explain;
    #[pymodule_export]
    use crate::idempotency::idempotency_key;
    #[pymodule_export]
    use crate::keys::generate_key_pair;
    #[pymodule_export]
    use crate::published_keys::PublishedKeys;
    #[pymodule_export]
    use crate::retry::RetryPolicy;
    #[pymodule_export]
    use crate::scheme::{Scheme, schemes};
    #[pymodule_export]
    use crate::verified::Verified;
    #[pymodule_export]
    use crate::webhook::{Webhook, verify_signature};

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "the name that Python gives it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
