//! The only HTTP client.

use std::{
    future::{Future, poll_fn},
    io,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::{
    Method,
    body::{Body as _, Incoming},
    header::{HeaderName, RETRY_AFTER},
};

use super::{
    CustomHeaders, EgressProxy, EndpointUrl, ExtraRoots, Failure, GuardPolicy, Outbound, Phase,
    Reply, Resolver, Timeouts, Transport,
    connect::Connector,
    failure::Stop,
    head,
    link::{Link, Unanswered},
    lookups::Lookups,
    own,
    pool::Pool,
    tls,
};
use crate::clock::Clock;

/// The transport over the network: HTTP/1.1 with keep-alive, and HTTP/2 where TLS agrees on it. Clones share connections.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    connector: Connector,
    pool: Arc<Pool>,
}

/// How the way out looks.
#[derive(Clone, Debug)]
pub struct Egress {
    /// The proxy that everything goes through.
    pub proxy: Option<EgressProxy>,
    /// Whom TLS trusts beside the public authorities.
    pub extra_roots: ExtraRoots,
    /// How many connections may wait for their next request, over all hosts. Each is an open file.
    pub idle_connections: usize,
}

impl Default for Egress {
    fn default() -> Self {
        // Half of the files that a process may usually have open.
        Self { proxy: None, extra_roots: ExtraRoots::default(), idle_connections: 512 }
    }
}

impl HttpTransport {
    /// A client that looks names up with `resolver`, connects only where `policy` lets it, and measures with `clock`.
    ///
    /// # Errors
    /// [`io::Error`] when TLS cannot be set up.
    pub fn new(
        resolver: Arc<dyn Resolver>,
        clock: Arc<dyn Clock>,
        policy: GuardPolicy,
        egress: Egress,
    ) -> io::Result<Self> {
        let tls = tls::connector(&egress.extra_roots)?;
        let pool = Pool::new(Arc::clone(&clock), egress.idle_connections);
        let connector = Connector {
            lookups: Lookups::new(resolver),
            policy,
            proxy: egress.proxy,
            tls,
            clock,
            is_own: own::is_own,
        };
        Ok(Self { connector, pool })
    }

    async fn send(&self, method: Method, outbound: Outbound) -> Reply {
        let mut reply = Reply::default();
        let began = self.connector.clock.elapsed();
        match self.try_send(&method, &outbound, began, &mut reply).await {
            Ok(()) => reply.stopped_in = None,
            Err(stop) => {
                reply.failure = Some(stop.failure);
                reply.detail = Some(stop.detail);
            }
        }
        reply.timing.total = self.connector.clock.elapsed().saturating_sub(began);
        reply
    }

    async fn try_send(
        &self,
        method: &Method,
        outbound: &Outbound,
        began: Duration,
        reply: &mut Reply,
    ) -> Result<(), Stop> {
        if let Some(link) = self.pool.take(outbound.url.origin()) {
            reply.reused = true;
            reply.address = link.address;
            match self.exchange(link, method, outbound, began, reply).await {
                // The receiver closed the connection while the request was on its way: nobody answered it. A receiver
                // that did act on it sees the same id once more, as after any answer that is lost.
                Err(Unanswered { stale: true, .. }) => {}
                Err(Unanswered { stop, .. }) => return Err(stop),
                Ok(()) => return Ok(()),
            }
            reply.reused = false;
            reply.address = None;
        }
        let (limit, late) =
            self.limit(outbound, began, outbound.timeouts.connect, Failure::ConnectTimeout);
        let link = within(limit, self.connect(outbound, reply)).await;
        let link = link.ok_or_else(|| Stop::new(late, "no connection in time"))??;
        let exchanged = self.exchange(link, method, outbound, began, reply).await;
        exchanged.map_err(|unanswered| unanswered.stop)
    }

    async fn connect(&self, outbound: &Outbound, reply: &mut Reply) -> Result<Link, Stop> {
        let dialled = self.connector.connect(&outbound.url, outbound.party, reply).await?;
        let made = self.connector.clock.elapsed();
        let link = Link::open(dialled, reply.address, made, Arc::downgrade(&self.pool)).await?;
        if let Some(copy) = link.share() {
            self.pool.put(outbound.url.origin(), copy);
        }
        Ok(link)
    }

    /// One request and its answer on `link`, which is kept when another can be made on it.
    async fn exchange(
        &self,
        mut link: Link,
        method: &Method,
        outbound: &Outbound,
        began: Duration,
        reply: &mut Reply,
    ) -> Result<(), Unanswered> {
        reply.stopped_in = Some(Phase::FirstByte);
        let request = link.request(method, outbound)?;
        // Whichever limit it is: what is over is the time for an answer to begin.
        let late = Failure::ResponseTimeout;
        let (limit, _) = self.limit(outbound, began, outbound.timeouts.first_byte, late);
        let (asked, before) = (self.connector.clock.elapsed(), link.received());
        let Some(answer) = within(limit, link.send(request)).await else {
            // Nothing came, not even for others: whoever asks next must not wait for the same silence.
            if link.received() == before {
                link.give_up();
            }
            return Err(Stop::new(late, "no answer in time").into());
        };
        let (parts, mut body) = answer?.into_parts();
        // With HTTP/1.1 the parser counts them.
        if parts.headers.len() > MAX_HEADERS {
            return Err(
                Stop::new(Failure::ResponseTooLarge, "the answer has too many headers").into()
            );
        }
        reply.timing.first_byte = Some(self.connector.clock.elapsed().saturating_sub(asked));
        reply.status = Some(parts.status.as_u16());
        reply.retry_after =
            parts.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        reply.delivery = head::list(&parts.headers, &WEBHOOK_DELIVERY);
        reply.head = head::text(&parts);

        reply.stopped_in = Some(Phase::Body);
        let (limit, late) = self.limit(outbound, began, Duration::MAX, Failure::Timeout);
        let read = within(limit, keep_beginning(&mut body, &mut reply.body)).await;
        let read = read.ok_or_else(|| Stop::new(late, "the answer does not end in time"))?;
        let is_whole = read.map_err(|error| link.explain(&error))?;
        // Otherwise the rest is never read: dropping body and link closes the connection or resets the stream.
        if is_whole && link.share().is_none() {
            self.pool.put(outbound.url.origin(), link);
        }
        Ok(())
    }

    /// What is left for a phase that may take `phase`, and which failure it is when that runs out.
    fn limit(
        &self,
        outbound: &Outbound,
        began: Duration,
        phase: Duration,
        failure: Failure,
    ) -> (Duration, Failure) {
        let used = self.connector.clock.elapsed().saturating_sub(began);
        let left = outbound.timeouts.total.saturating_sub(used);
        if phase < left { (phase, failure) } else { (left, Failure::Timeout) }
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn post(&self, outbound: Outbound) -> Reply {
        self.send(Method::POST, outbound).await
    }

    async fn get(&self, url: EndpointUrl, timeouts: Timeouts) -> Reply {
        let outbound = Outbound {
            url,
            headers: Vec::new(),
            custom_headers: CustomHeaders::default(),
            body: Bytes::new(),
            timeouts,
            // Published keys, which all sources share.
            party: 0,
        };
        self.send(Method::GET, outbound).await
    }
}

impl From<Stop> for Unanswered {
    fn from(stop: Stop) -> Self {
        Self { stop, stale: false }
    }
}

/// What `future` gives, unless that takes longer than `limit`. Where this process stood still, the limit is over when it goes
/// on, and what was waited for may be there all the same: the tasks that read it come first, then it is looked at once more.
async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    if let Ok(done) = tokio::time::timeout(limit, future.as_mut()).await {
        return Some(done);
    }
    tokio::task::yield_now().await;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Reads a body until it ends, or there is as much of it as is kept. Returns whether it ended.
async fn keep_beginning(body: &mut Incoming, kept: &mut Vec<u8>) -> hyper::Result<bool> {
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame?.into_data() else { continue };
        let room = MAX_KEPT_BODY.saturating_sub(kept.len());
        kept.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() >= room {
            return Ok(chunk.len() == room && body.is_end_stream());
        }
    }
    Ok(true)
}

/// A receiver's word on what it is sent; the core reads it.
static WEBHOOK_DELIVERY: HeaderName = HeaderName::from_static("webhook-delivery");
const MAX_HEADERS: usize = 100;
/// Bytes of a response body that are read and kept.
const MAX_KEPT_BODY: usize = 16 * 1024;
