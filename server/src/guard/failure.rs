//! Why an attempt got no whole answer, and where it stopped.

use std::{error::Error as StdError, fmt, io};

use rustix::io::Errno;

/// Why an attempt got no whole answer. The names are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The endpoint was deleted while the attempt ran.
    Cancelled,
    /// No connection within the time for one: look-up, TCP and TLS.
    ConnectTimeout,
    /// No connection, or it broke off.
    Connection,
    /// The name did not resolve.
    Dns,
    /// The guard refused the URL or an address.
    Forbidden,
    /// The server died while the attempt ran: whether the receiver got it is not known.
    Interrupted,
    /// The answer was not HTTP.
    InvalidResponse,
    /// The operator's configuration lacks what the server's own endpoint needs.
    NotConfigured,
    /// This server had no file or memory left for a connection.
    Overloaded,
    /// The operator's egress proxy could not be reached, or would not connect.
    Proxy,
    /// The event cannot be written for this endpoint.
    Render,
    /// Connected, but the head of an answer was not there within the time for that, or for the attempt.
    ResponseTimeout,
    /// The answer's head, with all that came before it, is longer than any server needs.
    ResponseTooLarge,
    /// The endpoint's secret does not open with this master key.
    Seal,
    /// The attempt took longer than its profile allows, before the connection stood or after an answer began; [`Phase`]
    /// says with what.
    Timeout,
    /// No TLS session: certificate, name or version.
    Tls,
}

impl Failure {
    /// The name in the API and the logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::ConnectTimeout => "connect_timeout",
            Self::Connection => "connection_failed",
            Self::Dns => "dns_failed",
            Self::Forbidden => "forbidden_address",
            Self::Interrupted => "interrupted",
            Self::InvalidResponse => "invalid_response",
            Self::NotConfigured => "not_configured",
            Self::Overloaded => "server_overloaded",
            Self::Proxy => "proxy_failed",
            Self::Render => "render_failed",
            Self::ResponseTimeout => "response_timeout",
            Self::ResponseTooLarge => "response_too_large",
            Self::Seal => "secret_unreadable",
            Self::Timeout => "timeout",
            Self::Tls => "tls_failed",
        }
    }

    /// Whether nobody answered: what may hold an attempt for as long as its timeout.
    #[must_use]
    pub const fn is_silence(self) -> bool {
        matches!(
            self,
            Self::ConnectTimeout
                | Self::Connection
                | Self::Dns
                | Self::Proxy
                | Self::ResponseTimeout
                | Self::Timeout
                | Self::Tls
        )
    }
}

/// What an attempt does, in this order; on a connection that is already there it begins with the fourth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Looks the name up.
    Dns,
    /// Makes the TCP connection, through the egress proxy where there is one.
    Connect,
    /// Makes the TLS session.
    Tls,
    /// Sends the request and waits for the head of the answer.
    FirstByte,
    /// Reads the body of the answer.
    Body,
}

impl Phase {
    /// The name in the API and the logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::FirstByte => "first_byte",
            Self::Body => "body",
        }
    }
}

/// A failure with what is known of it.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) failure: Failure,
    pub(super) detail: String,
}

impl Stop {
    pub(super) fn new(failure: Failure, detail: impl fmt::Display) -> Self {
        Self { failure, detail: detail.to_string() }
    }

    /// A system call that failed: `failure`, unless it is this process that has nothing left.
    pub(super) fn of_system(failure: Failure, error: &io::Error) -> Self {
        let failure = if is_of_this_process(error) { Failure::Overloaded } else { failure };
        Self::new(failure, error)
    }

    /// What `error` says about a connection: the first cause that is known names it.
    pub(super) fn classify(error: &(dyn StdError + 'static)) -> Self {
        let failure = causes(error).find_map(known).unwrap_or(Failure::Connection);
        // The innermost cause is the one that was there first; what wraps it says "error sending" and the like.
        let detail = causes(error).last().map(ToString::to_string).unwrap_or_default();
        Self { failure, detail }
    }
}

/// Whether an error says that this process, or this machine, has no descriptor or buffer left. It says nothing about the
/// other side.
pub(super) fn is_of_this_process(error: &io::Error) -> bool {
    let codes = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    error.raw_os_error().is_some_and(|code| codes.iter().any(|known| known.raw_os_error() == code))
}

fn known(cause: &(dyn StdError + 'static)) -> Option<Failure> {
    if cause.is::<rustls::Error>() {
        return Some(Failure::Tls);
    }
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        if error.is_parse_too_large() {
            return Some(Failure::ResponseTooLarge);
        }
        return error.is_parse().then_some(Failure::InvalidResponse);
    }
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        // Chunks that are none. No system call on a connection says so, but TLS does, and says why inside.
        let is_malformed =
            matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
        let is_tls = matches!(error.get_ref(), Some(inner) if inner.is::<rustls::Error>());
        return (is_malformed && !is_tls).then_some(Failure::InvalidResponse);
    }
    // Broken rules that this side found; what the other side reports is that it does not want to go on.
    cause
        .downcast_ref::<h2::Error>()
        .is_some_and(h2::Error::is_library)
        .then_some(Failure::InvalidResponse)
}

/// An error and all that it wraps. The source of an [`io::Error`] is the source *of* what it wraps, so that is asked for
/// by its own name.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    fn inner<'a>(outer: &&'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
        let error = *outer;
        match error.downcast_ref::<io::Error>() {
            Some(wrapper) => Some(wrapper.get_ref()?),
            None => error.source(),
        }
    }
    std::iter::successors(Some(error), inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_cause_names_the_failure() {
        let tls = io::Error::new(
            io::ErrorKind::InvalidData,
            rustls::Error::General("certificate expired".to_owned()),
        );
        let stop = Stop::classify(&io::Error::other(tls));
        assert_eq!(stop.failure, Failure::Tls);
        assert!(stop.detail.contains("certificate expired"), "{}", stop.detail);
        let reset = Stop::classify(&io::Error::from(io::ErrorKind::ConnectionReset));
        assert_eq!(reset.failure, Failure::Connection);
        assert!(!reset.detail.is_empty());
    }
}
