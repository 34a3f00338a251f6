//! One POST to be made, and what came back.

use std::{fmt, net::SocketAddr, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;

use super::{CustomHeaders, EndpointUrl, Failure, Phase};

/// Sends deliveries.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Makes one POST and reads the answer. Never fails: what went wrong is part of the [`Reply`].
    async fn post(&self, outbound: Outbound) -> Reply;

    /// Makes one GET, without headers of its own. As [`post`](Self::post); a transport that makes none fails.
    async fn get(&self, url: EndpointUrl, timeouts: Timeouts) -> Reply {
        let _ = (url, timeouts);
        Reply::failed(Failure::Forbidden)
    }
}

/// One request to be made.
#[derive(Clone)]
pub struct Outbound {
    /// Where to. Cheap to clone: parse it once per endpoint.
    pub url: EndpointUrl,
    /// Our headers, beside those that HTTP itself needs.
    pub headers: Vec<(String, String)>,
    /// The endpoint's own headers. Where a name stands in both, ours wins.
    pub custom_headers: CustomHeaders,
    /// The body.
    pub body: Bytes,
    /// How long it may take.
    pub timeouts: Timeouts,
    /// On whose behalf, as a number: what only some can do at a time, they share.
    pub party: u64,
}

/// Without headers and body: what they hold is between sender and receiver.
impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("url", &self.url)
            .field("bytes", &self.body.len())
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}

/// How long an attempt may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands: look-up, TCP, and TLS. Not used where a connection is there already.
    pub connect: Duration,
    /// From then until the head of the answer is there.
    pub first_byte: Duration,
    /// For all of it, with the body of the answer.
    pub total: Duration,
}

impl Timeouts {
    /// `total` for the attempt, of which a connection may take 5 s, and the head of the answer all that is left: a profile
    /// says how long a receiver may take for it.
    #[must_use]
    pub fn within(total: Duration) -> Self {
        Self { connect: total.min(CONNECT), first_byte: total, total }
    }
}

/// What an attempt brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The status, when an answer began.
    pub status: Option<u16>,
    /// The header `Retry-After`, as it came.
    pub retry_after: Option<String>,
    /// The header `webhook-delivery`, as it came: what the receiver wants to be sent.
    pub delivery: Option<String>,
    /// The head of the answer as text, a line for the status and one for each header: at most 4 KiB, without the values
    /// of headers that hold secrets. Empty when no answer began.
    pub head: String,
    /// The beginning of the body, at most 16 KiB, as it came: nothing is decompressed.
    pub body: Vec<u8>,
    /// Why there is no whole answer.
    pub failure: Option<Failure>,
    /// Where it stopped, when it failed on the way.
    pub stopped_in: Option<Phase>,
    /// What the failure says, for the operator's log. SECURITY: it may name addresses and be an oracle for what is
    /// inside the operator's network, so the owner of the endpoint must not see it.
    pub detail: Option<String>,
    /// How long each phase took.
    pub timing: Timing,
    /// The address that was connected to; `None` where there was no connection, or the egress proxy made it.
    pub address: Option<SocketAddr>,
    /// Whether an earlier attempt had made the connection.
    pub reused: bool,
}

impl Reply {
    /// A reply that consists of a failure.
    #[must_use]
    pub fn failed(failure: Failure) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }
}

/// How long each phase of an attempt took, as far as it came; measured with the clock that was passed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// Looking the name up. `None` on a connection that was there, for a literal address, and behind an egress proxy.
    pub dns: Option<Duration>,
    /// The TCP connection; with an egress proxy, the one to it and its answer. `None` on a connection that was there.
    pub connect: Option<Duration>,
    /// The TLS session. `None` on a connection that was there, and without TLS.
    pub tls: Option<Duration>,
    /// From handing over the request until the head of the answer was there.
    pub first_byte: Option<Duration>,
    /// The whole attempt, whether it failed or not.
    pub total: Duration,
}

/// Twice the time after which a lost first packet is sent again and its answer arrives (RFC 6298), and some.
const CONNECT: Duration = Duration::from_secs(5);
