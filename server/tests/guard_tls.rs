//! TLS: whom the transport trusts, what it says it wants, and HTTP/2.

#![cfg(test)]

#[path = "support/raw.rs"]
mod raw;
#[path = "support/transport.rs"]
mod transport;

use std::{
    convert::Infallible,
    future::{self, Future},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use hookseal::Timestamp;
use hookseal_server::{
    clock::ManualClock,
    guard::{
        Egress, ExtraRoots, Failure, HttpTransport, Outbound, Phase, Reply, Timeouts,
        Transport as _,
    },
};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::TcpStream,
    sync::{Notify, Semaphore, mpsc},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use raw::{NO_CONTENT, PATIENCE, RawServer, read_request};
use transport::{Names, loopback, outbound, post, transport};

/// An authority of a test's own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Trusts this authority beside the public ones.
    fn trusted(&self) -> Egress {
        let mut extra_roots = ExtraRoots::default();
        extra_roots.add_pem(self.0.as_ref().pem().as_bytes()).unwrap();
        Egress { extra_roots, ..Egress::default() }
    }

    /// A server for `name` that offers `protocols`.
    fn acceptor(&self, name: &str, protocols: &[&str]) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

type Session = TlsStream<TcpStream>;

/// Hands each session to `serve`.
async fn tls_server<F, Fut>(acceptor: TlsAcceptor, serve: F) -> RawServer
where
    F: Fn(Session, usize) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    RawServer::start(move |stream, number| {
        let (acceptor, serve) = (acceptor.clone(), serve.clone());
        async move {
            if let Ok(session) = acceptor.accept(stream).await {
                serve(session, number).await;
            }
        }
    })
    .await
}

/// Answers 204 with HTTP/1.1, and hands over name and head.
async fn http1_server(
    acceptor: TlsAcceptor,
) -> (RawServer, mpsc::UnboundedReceiver<(Option<String>, String)>) {
    let (send, seen) = mpsc::unbounded_channel();
    let server = tls_server(acceptor, move |mut session: Session, _| {
        let send = send.clone();
        async move {
            while let Some((head, _)) = read_request(&mut session).await {
                let name = session.get_ref().1.server_name().map(str::to_owned);
                let _ = send.send((name, head));
                let _ = session.write_all(NO_CONTENT).await;
            }
        }
    })
    .await;
    (server, seen)
}

fn names() -> Arc<Names> {
    Names::answering(&[&["127.0.0.1"]])
}

#[tokio::test]
async fn host_and_sni_are_the_name_and_the_address_is_the_resolvers() {
    let authority = Authority::new();
    let (server, mut seen) = http1_server(authority.acceptor("named.test", &["http/1.1"])).await;
    let port = server.address.port();
    let transport = transport(&names(), loopback(), authority.trusted());
    for (host, number) in [("named.test", 0), ("named.test", 1)] {
        let reply = post(&transport, &format!("https://{host}:{port}/hook")).await;
        assert_eq!((reply.status, reply.failure), (Some(204), None), "{:?}", reply.detail);
        assert_eq!((reply.address, reply.reused), (Some(server.address), number > 0));
        assert_eq!(reply.timing.tls.is_some(), number == 0);
        let (name, head) = seen.recv().await.unwrap();
        assert_eq!(name.as_deref(), Some(host));
        assert!(head.contains(&format!("\r\nhost: {host}:{port}\r\n")), "{head}");
    }
    // The dot of an absolute name is not part of the name in TLS (RFC 6066 §3).
    let reply = post(&transport, &format!("https://named.test.:{port}/hook")).await;
    assert_eq!(reply.status, Some(204), "{:?}", reply.detail);
    assert_eq!(seen.recv().await.unwrap().0.as_deref(), Some("named.test"));
}

#[tokio::test]
async fn an_address_as_host_is_verified_as_one_and_not_named() {
    let authority = Authority::new();
    let (server, mut seen) = http1_server(authority.acceptor("127.0.0.1", &[])).await;
    let transport = transport(&names(), loopback(), authority.trusted());
    let reply = post(&transport, &format!("https://{}/", server.address)).await;
    assert_eq!((reply.status, reply.failure), (Some(204), None), "{:?}", reply.detail);
    assert_eq!(seen.recv().await.unwrap().0, None);
}

#[tokio::test]
async fn strangers_are_not_trusted() {
    let authority = Authority::new();
    let (server, mut seen) = http1_server(authority.acceptor("named.test", &[])).await;
    let plain = RawServer::start(|mut stream, _| async move {
        let _ = stream.write_all(b"220 mail.test ESMTP\r\n").await;
        read_request(&mut stream).await;
    })
    .await;
    let port = server.address.port();
    for (egress, url) in [
        (Egress::default(), format!("https://named.test:{port}/")),
        (Authority::new().trusted(), format!("https://named.test:{port}/")),
        (authority.trusted(), format!("https://other.test:{port}/")),
        (authority.trusted(), format!("https://127.0.0.1:{port}/")),
        (authority.trusted(), format!("https://named.test:{}/", plain.address.port())),
    ] {
        let reply = post(&transport(&names(), loopback(), egress), &url).await;
        let stopped = (reply.failure, reply.stopped_in);
        assert_eq!(stopped, (Some(Failure::Tls), Some(Phase::Tls)), "{url}: {:?}", reply.detail);
        assert!(reply.detail.is_some_and(|detail| !detail.is_empty()));
    }
    assert!(seen.try_recv().is_err());
}

#[test]
fn only_certificates_are_taken_as_roots() {
    let pem = Authority::new().0.as_ref().pem();
    let key = KeyPair::generate().unwrap().serialize_pem();
    assert!(ExtraRoots::default().add_pem(format!("{key}{pem}{pem}").as_bytes()).is_ok());
    let broken = pem.replacen("MII", "AAA", 1);
    let cut = pem.split_at(pem.len() / 2).0;
    for text in ["", "hello", &key, &broken, cut] {
        assert!(ExtraRoots::default().add_pem(text.as_bytes()).is_err(), "{text}");
    }
}

#[tokio::test]
async fn tls_goes_through_an_egress_proxy_to_the_endpoint() {
    let authority = Authority::new();
    let (server, mut seen) = http1_server(authority.acceptor("named.test", &[])).await;
    let target = server.address;
    let proxy = RawServer::start(move |mut stream, _| async move {
        let (head, _) = read_request(&mut stream).await.unwrap();
        assert!(head.starts_with("connect named.test:443 http/1.1\r\n"), "{head}");
        let mut onward = TcpStream::connect(target).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut onward).await;
    })
    .await;
    let url = format!("http://{}", proxy.address);
    let egress = Egress { proxy: Some(url.parse().unwrap()), ..authority.trusted() };
    let names = Names::answering(&[]);
    let reply = post(&transport(&names, loopback(), egress), "https://named.test/hook").await;
    assert_eq!((reply.status, reply.failure), (Some(204), None), "{:?}", reply.detail);
    assert!(reply.timing.tls.is_some() && names.asked().is_empty());
    assert_eq!(seen.recv().await.unwrap().0.as_deref(), Some("named.test"));
}

/// Answers with HTTP/2 what `answer` makes of the number of the connection; stops moving at `freeze`, and says that it
/// goes away at `leave`.
async fn http2_server<A, Fut>(
    authority: &Authority,
    freeze: Arc<Notify>,
    leave: Arc<Notify>,
    answer: A,
) -> (RawServer, HttpTransport, String)
where
    A: Fn(Request<Incoming>, usize) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let acceptor = authority.acceptor("named.test", &["h2", "http/1.1"]);
    let server = tls_server(acceptor, move |session, number| {
        let (freeze, leave, answer) = (Arc::clone(&freeze), Arc::clone(&leave), answer.clone());
        async move {
            let service = service_fn(move |request| {
                let answer = answer(request, number);
                async move { Ok::<_, Infallible>(answer.await) }
            });
            let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            let mut serving = pin!(builder.serve_connection(TokioIo::new(session), service));
            tokio::select! {
                _ = serving.as_mut() => return,
                () = freeze.notified() => future::pending().await,
                () = leave.notified() => serving.as_mut().graceful_shutdown(),
            }
            let _ = serving.await;
        }
    })
    .await;
    let transport = transport(&names(), loopback(), authority.trusted());
    let url = format!("https://named.test:{}/hook?x=1", server.address.port());
    (server, transport, url)
}

async fn echo(request: Request<Incoming>, _number: usize) -> Response<Full<Bytes>> {
    let uri = request.uri().to_string();
    let has_host = request.headers().contains_key("host");
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let text = format!("{uri} {has_host} {}", String::from_utf8_lossy(&body));
    Response::new(Full::new(text.into()))
}

fn never() -> Arc<Notify> {
    Arc::default()
}

async fn at_once(transport: &HttpTransport, url: &str, count: usize) -> Vec<Reply> {
    let posts: Vec<_> = (0..count)
        .map(|_| {
            let (transport, url) = (transport.clone(), url.to_owned());
            tokio::spawn(async move { post(&transport, &url).await })
        })
        .collect();
    let mut replies = Vec::new();
    for reply in posts {
        replies.push(reply.await.unwrap());
    }
    replies
}

#[tokio::test]
async fn http2_carries_all_posts_on_one_connection() {
    let authority = Authority::new();
    let (server, transport, url) = http2_server(&authority, never(), never(), echo).await;
    let first = post(&transport, &url).await;
    assert_eq!((first.status, first.failure), (Some(200), None), "{:?}", first.detail);
    assert_eq!(String::from_utf8(first.body).unwrap(), format!("{url} false {{\"n\":1}}"));
    assert!(first.head.starts_with("HTTP/2.0 200 OK\n"), "{}", first.head);
    assert!(!first.reused && first.timing.tls.is_some());
    for _ in 0..5 {
        for reply in at_once(&transport, &url, 20).await {
            assert_eq!((reply.status, reply.failure, reply.reused), (Some(200), None, true));
            assert_eq!((reply.address, reply.timing.tls), (Some(server.address), None));
        }
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn http2_long_bodies_are_cut_without_harm_to_others() {
    let authority = Authority::new();
    let (server, transport, url) = http2_server(&authority, never(), never(), async |_, _| {
        Response::new(Full::new(vec![b'x'; 5_000_000].into()))
    })
    .await;
    post(&transport, &url).await;
    for reply in at_once(&transport, &url, 20).await {
        assert_eq!((reply.status, reply.failure), (Some(200), None), "{:?}", reply.detail);
        assert_eq!(reply.body.len(), 16 * 1024);
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn http2_a_server_that_goes_away_costs_no_attempt() {
    let authority = Authority::new();
    let leave = never();
    let (server, transport, url) =
        http2_server(&authority, never(), Arc::clone(&leave), echo).await;
    for _ in 0..5 {
        for reply in at_once(&transport, &url, 5).await {
            assert_eq!((reply.status, reply.failure), (Some(200), None), "{:?}", reply.detail);
        }
        leave.notify_waiters();
    }
    assert!(server.accepted() >= 2, "{}", server.accepted());
}

#[tokio::test]
async fn http2_a_connection_that_fell_silent_is_not_used_again() {
    let authority = Authority::new();
    let freeze = never();
    let (server, transport, url) =
        http2_server(&authority, Arc::clone(&freeze), never(), echo).await;
    assert_eq!(post(&transport, &url).await.status, Some(200));
    // Stored where nobody waits yet, so it cannot be missed.
    freeze.notify_one();
    let timeouts = Timeouts::within(Duration::from_millis(100));
    let silent = Outbound { timeouts, ..outbound(&url) };
    let frozen = async {
        while transport.post(silent.clone()).await.failure.is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, frozen).await.unwrap();
    let reply = post(&transport, &url).await;
    assert_eq!((reply.status, reply.reused), (Some(200), false), "{:?}", reply.detail);
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn http2_a_request_that_hangs_is_broken_off_alone() {
    let authority = Authority::new();
    let (server, transport, url) =
        http2_server(&authority, never(), never(), async |request: Request<Incoming>, number| {
            if request.uri().path() == "/hang" {
                future::pending::<()>().await;
            }
            echo(request, number).await
        })
        .await;
    assert_eq!(post(&transport, &url).await.status, Some(200));
    let hang = url.replace("/hook", "/hang");
    let timeouts = Timeouts {
        first_byte: Duration::from_millis(50),
        ..Timeouts::within(Duration::from_secs(15))
    };
    let hanging = transport.post(Outbound { timeouts, ..outbound(&hang) });
    let (hung, answered) = tokio::join!(hanging, post(&transport, &url));
    assert_eq!(hung.failure, Some(Failure::ResponseTimeout));
    assert_eq!((answered.status, answered.reused), (Some(200), true));
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn http2_more_posts_than_a_connection_should_carry_get_another() {
    let authority = Authority::new();
    let open = Arc::new(Semaphore::new(0));
    let (gate, arrived) = (Arc::clone(&open), Arc::new(Semaphore::new(0)));
    let count = Arc::clone(&arrived);
    let answer = move |request: Request<Incoming>, number| {
        let (gate, count) = (Arc::clone(&gate), Arc::clone(&count));
        async move {
            if request.uri().path() == "/hold" {
                count.add_permits(1);
                gate.acquire().await.unwrap().forget();
            }
            echo(request, number).await
        }
    };
    let (server, transport, url) = http2_server(&authority, never(), never(), answer).await;
    assert_eq!(post(&transport, &url).await.status, Some(200));
    let hold = url.replace("/hook", "/hold");
    let mut held = Vec::new();
    for number in 1..=100 {
        let (transport, hold) = (transport.clone(), hold.clone());
        held.push(tokio::spawn(async move { post(&transport, &hold).await }));
        // One after the other, so that each finds what the one before left.
        let arrived = arrived.acquire();
        tokio::time::timeout(PATIENCE, arrived)
            .await
            .expect("it waits for another")
            .unwrap()
            .forget();
        assert_eq!(server.accepted(), usize::div_ceil(number, 32), "{number}");
    }
    open.add_permits(100);
    for reply in held {
        assert_eq!(reply.await.unwrap().status, Some(200));
    }
    // They are empty again, and all there are.
    for reply in at_once(&transport, &url, 100).await {
        assert_eq!((reply.status, reply.reused), (Some(200), true));
    }
    assert_eq!(server.accepted(), 4);
}

#[tokio::test]
async fn http2_a_connection_ends_some_time_however_busy_it_is() {
    let authority = Authority::new();
    let (server, _, url) = http2_server(&authority, never(), never(), echo).await;
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(0)));
    let names = Names::answering(&[&["127.0.0.1"]]);
    let resolver = Arc::<Names>::clone(&names);
    let shared = Arc::<ManualClock>::clone(&clock);
    let transport = HttpTransport::new(resolver, shared, loopback(), authority.trusted()).unwrap();
    for second in 0..600 {
        let reply = post(&transport, &url).await;
        assert_eq!((reply.status, reply.reused), (Some(200), second % 300 != 0), "{second}");
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!((server.accepted(), names.asked().len()), (2, 2));
}

/// What strange servers say after TLS agreed on HTTP/2.
#[tokio::test]
async fn http2_garbage_has_a_name_and_an_end() {
    const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";
    /// HEADERS of stream 1 with `:status: 103`, and no end.
    const INTERIM: &[u8] = b"\0\0\x05\x01\x04\0\0\0\x01\x08\x03103";
    let flood = [SETTINGS, &INTERIM.repeat(1_000_000)].concat();
    // A list of headers that goes on in three more frames, longer than we say we take.
    let fields = [&b"\0\x01a\x78"[..], &[b'x'; 120]].concat().repeat(120);
    let first = [b"\x88", &fields[..]].concat();
    let mut long = [SETTINGS, &http2_frame(1, 1, &first)].concat();
    for flags in [0, 0, 4] {
        long.extend(http2_frame(9, flags, &fields));
    }
    // A hundred and one of them, in few bytes.
    let first = [&b"\x88"[..], &b"\0\x01a\x01b".repeat(101)].concat();
    let many = [SETTINGS, &http2_frame(1, 4, &first)].concat();
    let authority = Authority::new();
    for (answer, failure) in [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec(), Failure::InvalidResponse),
        (b"\xff".repeat(100), Failure::InvalidResponse),
        (flood, Failure::ResponseTooLarge),
        (long, Failure::ResponseTooLarge),
        (many, Failure::ResponseTooLarge),
        (Vec::new(), Failure::Connection),
    ] {
        let shown: String = String::from_utf8_lossy(&answer).chars().take(40).collect();
        let answer = Arc::new(answer);
        let server = tls_server(authority.acceptor("named.test", &["h2"]), move |session, _| {
            let answer = Arc::clone(&answer);
            async move { say_after_headers(session, &answer).await }
        })
        .await;
        let transport = transport(&names(), loopback(), authority.trusted());
        let url = format!("https://named.test:{}/", server.address.port());
        let reply = tokio::time::timeout(PATIENCE, post(&transport, &url)).await.expect("no end");
        let stopped = (reply.status, reply.failure, reply.stopped_in);
        let expected = (None, Some(failure), Some(Phase::FirstByte));
        assert_eq!(stopped, expected, "{shown:?}: {:?}", reply.detail);
    }
}

/// A frame of stream 1 (RFC 9113 §4.1).
fn http2_frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, 1], payload].concat()
}

/// Writes `answer` once the client's first HEADERS frame is there, and closes.
async fn say_after_headers(mut session: Session, answer: &[u8]) {
    let mut preface = [0; 24];
    session.read_exact(&mut preface).await.unwrap();
    loop {
        let mut head = [0; 9];
        session.read_exact(&mut head).await.unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        session.read_exact(&mut payload).await.unwrap();
        if head[3] == 1 {
            break;
        }
    }
    // Whoever has enough may hang up.
    let _ = session.write_all(answer).await;
    let _ = session.shutdown().await;
}
