//! Makes connections: name to checked addresses, TCP, TLS.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpStream, task::JoinSet};
use tokio_rustls::TlsConnector;

use super::{
    EgressProxy, EndpointUrl, Failure, GuardPolicy, Phase, Reply, failure::Stop, lookups::Lookups,
    tls::HTTP2, wire::Stream,
};
use crate::clock::Clock;

/// Makes connections to where the policy lets it.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) lookups: Lookups,
    pub(super) policy: GuardPolicy,
    pub(super) proxy: Option<EgressProxy>,
    pub(super) tls: TlsConnector,
    pub(super) clock: Arc<dyn Clock>,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("lookups", &self.lookups)
            .field("policy", &self.policy)
            .field("proxy", &self.proxy)
            .finish_non_exhaustive()
    }
}

/// A connection that nothing was sent on yet.
pub(super) struct Dialled {
    pub(super) stream: Box<dyn Stream>,
    /// What TLS agreed on.
    pub(super) is_http2: bool,
}

impl Connector {
    /// Connects to where `url` points, and notes phases and address in `reply` as it goes.
    pub(super) async fn connect(
        &self,
        url: &EndpointUrl,
        reply: &mut Reply,
    ) -> Result<Dialled, Stop> {
        // SECURITY: the URL may have been parsed under another policy, and a literal address is not looked up.
        url.check(&self.policy).map_err(forbidden)?;
        let stream = match &self.proxy {
            None => Box::new(self.direct(url, reply).await?),
            Some(proxy) => self.through(proxy, url, reply).await?,
        };
        let Some(name) = url.server_name() else {
            return Ok(Dialled { stream, is_http2: false });
        };
        reply.stopped_in = Some(Phase::Tls);
        let began = self.clock.elapsed();
        let session = self.tls.connect(name.clone(), stream).await;
        let session = session.map_err(|error| Stop::classify(&error))?;
        reply.timing.tls = Some(self.since(began));
        let is_http2 = session.get_ref().1.alpn_protocol() == Some(HTTP2);
        Ok(Dialled { stream: Box::new(session), is_http2 })
    }

    async fn direct(&self, url: &EndpointUrl, reply: &mut Reply) -> Result<TcpStream, Stop> {
        let addresses = match url.host() {
            Some(Ok(literal)) => [literal].into(),
            Some(Err(name)) => {
                reply.stopped_in = Some(Phase::Dns);
                let began = self.clock.elapsed();
                let addresses = self.lookup(name, Failure::Dns).await?;
                reply.timing.dns = Some(self.since(began));
                addresses
            }
            None => return Err(Stop::new(Failure::Forbidden, "the URL has no host")),
        };
        // SECURITY: one refused address refuses the name. An answer that mixes public and private addresses is how
        // rebinding begins. From here on nobody asks for the name again.
        for address in addresses.iter() {
            self.policy.addresses.check(*address).map_err(forbidden)?;
        }
        reply.stopped_in = Some(Phase::Connect);
        let began = self.clock.elapsed();
        let tcp = first_to_connect(&addresses, url.port()).await;
        let tcp = tcp.map_err(|error| Stop::new(Failure::Connection, error))?;
        reply.timing.connect = Some(self.since(began));
        reply.address = tcp.peer_addr().ok();
        Ok(tcp)
    }

    async fn through(
        &self,
        proxy: &EgressProxy,
        url: &EndpointUrl,
        reply: &mut Reply,
    ) -> Result<Box<dyn Stream>, Stop> {
        reply.stopped_in = Some(Phase::Connect);
        let began = self.clock.elapsed();
        let addresses = match proxy.host() {
            Ok(literal) => [literal].into(),
            Err(name) => self.lookup(name, Failure::Proxy).await?,
        };
        let tcp = first_to_connect(&addresses, proxy.port()).await;
        let tcp = tcp.map_err(|error| Stop::new(Failure::Proxy, error))?;
        let tunnel = proxy.tunnel(tcp, url).await?;
        reply.timing.connect = Some(self.since(began));
        Ok(tunnel)
    }

    async fn lookup(&self, name: &str, failure: Failure) -> Result<Arc<[IpAddr]>, Stop> {
        let found = self.lookups.lookup(name).await;
        let addresses = found.map_err(|error| Stop::new(failure, error))?;
        if addresses.is_empty() {
            return Err(Stop::new(failure, "the name has no address"));
        }
        Ok(addresses)
    }

    fn since(&self, began: Duration) -> Duration {
        self.clock.elapsed().saturating_sub(began)
    }
}

fn forbidden(error: super::GuardError) -> Stop {
    Stop::new(Failure::Forbidden, error)
}

/// Tries one address after the other, the next as soon as one fails or takes long; the first to connect wins
/// (RFC 8305 §5).
async fn first_to_connect(addresses: &[IpAddr], port: u16) -> io::Result<TcpStream> {
    let mut waiting = addresses.iter().take(MAX_ADDRESSES);
    let mut attempts = JoinSet::new();
    let mut error = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        match waiting.next() {
            Some(address) => {
                attempts.spawn(TcpStream::connect(SocketAddr::new(*address, port)));
            }
            None if attempts.is_empty() => return Err(error),
            None => {}
        }
        let ended = match waiting.len() {
            0 => attempts.join_next().await,
            _ => tokio::time::timeout(NEXT_ADDRESS_AFTER, attempts.join_next())
                .await
                .unwrap_or_default(),
        };
        match ended {
            Some(Ok(Ok(stream))) => {
                // Requests are written whole: waiting for more only delays them.
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Some(Ok(Err(failed))) => error = failed,
            Some(Err(failed)) => error = io::Error::other(failed),
            None => {}
        }
    }
}

/// RFC 8305 §8.
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);
/// A name with more is tried at the first few.
const MAX_ADDRESSES: usize = 8;
