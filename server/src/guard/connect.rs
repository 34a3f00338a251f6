//! Makes connections: name to checked addresses, TCP, TLS.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{TcpSocket, TcpStream},
    task::JoinSet,
};
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
    /// Whether an address is this machine's.
    pub(super) is_own: fn(IpAddr) -> io::Result<bool>,
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
    /// Connects to where `url` points on behalf of `party`, and notes phases and address in `reply` as it goes.
    pub(super) async fn connect(
        &self,
        url: &EndpointUrl,
        party: u64,
        reply: &mut Reply,
    ) -> Result<Dialled, Stop> {
        // SECURITY: the URL may have been parsed under another policy, and a literal address is not looked up.
        url.check(&self.policy).map_err(forbidden)?;
        let stream = match &self.proxy {
            None => Box::new(self.direct(url, party, reply).await?),
            Some(proxy) => self.through(proxy, url, party, reply).await?,
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

    async fn direct(
        &self,
        url: &EndpointUrl,
        party: u64,
        reply: &mut Reply,
    ) -> Result<TcpStream, Stop> {
        let addresses = match url.host() {
            Some(Ok(literal)) => [literal].into(),
            Some(Err(name)) => {
                reply.stopped_in = Some(Phase::Dns);
                let began = self.clock.elapsed();
                let addresses = self.lookup(name, party, Failure::Dns).await?;
                reply.timing.dns = Some(self.since(began));
                addresses
            }
            None => return Err(Stop::new(Failure::Forbidden, "the URL has no host")),
        };
        // SECURITY: one refused address refuses the name. An answer that mixes public and private addresses is how
        // rebinding begins. From here on nobody asks for the name again.
        for address in addresses.iter() {
            self.check(*address)?;
        }
        reply.stopped_in = Some(Phase::Connect);
        let began = self.clock.elapsed();
        let tcp = first_to_connect(&addresses, url.port()).await;
        let tcp = tcp.map_err(|error| Stop::of_system(Failure::Connection, &error))?;
        reply.timing.connect = Some(self.since(began));
        reply.address = tcp.peer_addr().ok();
        Ok(tcp)
    }

    fn check(&self, address: IpAddr) -> Result<(), Stop> {
        self.policy.addresses.check(address).map_err(forbidden)?;
        // SECURITY: before anything is sent, so that nobody learns which ports are open.
        if !self.policy.addresses.is_opened(address)
            && (self.is_own)(address)
                .map_err(|error| Stop::of_system(Failure::Connection, &error))?
        {
            let refusal = format!("address `{address}` is this machine's own");
            return Err(forbidden(super::GuardError::new(refusal)));
        }
        Ok(())
    }

    async fn through(
        &self,
        proxy: &EgressProxy,
        url: &EndpointUrl,
        party: u64,
        reply: &mut Reply,
    ) -> Result<Box<dyn Stream>, Stop> {
        reply.stopped_in = Some(Phase::Connect);
        let began = self.clock.elapsed();
        let addresses = match proxy.host() {
            Ok(literal) => [literal].into(),
            Err(name) => self.lookup(name, party, Failure::Proxy).await?,
        };
        let tcp = first_to_connect(&addresses, proxy.port()).await;
        let tcp = tcp.map_err(|error| Stop::of_system(Failure::Proxy, &error))?;
        let tunnel = proxy.tunnel(tcp, url).await?;
        reply.timing.connect = Some(self.since(began));
        Ok(tunnel)
    }

    async fn lookup(
        &self,
        name: &str,
        party: u64,
        failure: Failure,
    ) -> Result<Arc<[IpAddr]>, Stop> {
        let found = self.lookups.lookup(name, party).await;
        let addresses = found.map_err(|error| Stop::of_system(failure, &error))?;
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
                attempts.spawn(open(SocketAddr::new(*address, port)));
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
            Some(Ok(Ok(stream))) => return Ok(stream),
            Some(Ok(Err(failed))) => error = failed,
            Some(Err(failed)) => error = io::Error::other(failed),
            None => {}
        }
    }
}

/// Connects, with little room for what comes: of a long answer the system holds no more than that.
async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    // Requests are written whole: waiting for more only delays them.
    socket.set_nodelay(true)?;
    socket.connect(address).await
}

/// More than the part of an answer that is kept.
const RECEIVE_BUFFER: u32 = 64 * 1024;
/// RFC 8305 §8.
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);
/// A name with more is tried at the first few.
const MAX_ADDRESSES: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::SystemClock,
        guard::{AddressPolicy, ExtraRoots, SystemResolver, tls},
    };

    fn connector(opened: &[&str], is_own: fn(IpAddr) -> io::Result<bool>) -> Connector {
        let opened = opened.iter().map(|network| network.parse().unwrap()).collect();
        Connector {
            lookups: Lookups::new(Arc::new(SystemResolver)),
            policy: GuardPolicy {
                allow_http: true,
                addresses: AddressPolicy::new(opened),
                ..GuardPolicy::default()
            },
            proxy: None,
            tls: tls::connector(&ExtraRoots::default()).unwrap(),
            clock: Arc::new(SystemClock::new()),
            is_own,
        }
    }

    /// Where it stops before anything is sent.
    async fn refusal(connector: &Connector, url: &str) -> Failure {
        let url = EndpointUrl::parse(url, &connector.policy).unwrap();
        match connector.connect(&url, 1, &mut Reply::default()).await {
            Ok(_) => panic!("connected"),
            Err(stop) => stop.failure,
        }
    }

    #[tokio::test]
    async fn a_public_address_of_this_machine_is_refused_unless_it_is_opened() {
        let own = connector(&[], |_| Ok(true));
        for url in ["https://8.8.8.8/", "https://[2606:4700:4700::1111]/"] {
            assert_eq!(refusal(&own, url).await, Failure::Forbidden, "{url}");
        }
        assert!(own.check([8, 8, 8, 8].into()).is_err());
        assert!(connector(&["8.8.8.0/24"], |_| Ok(true)).check([8, 8, 8, 8].into()).is_ok());
        assert!(connector(&[], |_| Ok(false)).check([8, 8, 8, 8].into()).is_ok());
    }

    #[tokio::test]
    async fn what_this_process_has_too_few_of_is_not_the_endpoints_fault() {
        for errno in [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE] {
            let stop = Stop::of_system(Failure::Connection, &errno.into());
            assert_eq!(stop.failure, Failure::Overloaded);
        }
        let refused = rustix::io::Errno::CONNREFUSED.into();
        assert_eq!(Stop::of_system(Failure::Connection, &refused).failure, Failure::Connection);
        let starved = connector(&[], |_| Err(rustix::io::Errno::MFILE.into()));
        assert_eq!(refusal(&starved, "https://8.8.8.8/").await, Failure::Overloaded);
    }
}
