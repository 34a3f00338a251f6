//! Where the transport goes, and what it says on the way.

#![cfg(test)]

#[path = "support/raw.rs"]
mod raw;
#[path = "support/transport.rs"]
mod transport;

use std::{env, future, io, net::IpAddr, process::Stdio, sync::Arc, time::Duration};

use async_trait::async_trait;
use hookseal::Timestamp;
use hookseal_server::{
    clock::ManualClock,
    guard::{
        Egress, Failure, GuardPolicy, HttpTransport, Outbound, Phase, PortPolicy, Resolver,
        Timeouts, Transport as _, check_custom_headers,
    },
};
use tokio::{
    io::{AsyncWriteExt as _, copy_bidirectional},
    net::TcpStream,
    process::Command,
    sync::mpsc,
};

use raw::{NO_CONTENT, PATIENCE, RawServer, read_request};
use transport::{Names, loopback, opened, outbound, plain, post, transport};

/// Hands over the head of each request.
async fn recorder() -> (RawServer, mpsc::UnboundedReceiver<String>) {
    let (send, heads) = mpsc::unbounded_channel();
    let server = RawServer::start(move |mut stream, _| {
        let send = send.clone();
        async move {
            while let Some((head, _)) = read_request(&mut stream).await {
                let _ = send.send(head);
                let _ = stream.write_all(NO_CONTENT).await;
            }
        }
    })
    .await;
    (server, heads)
}

#[tokio::test]
async fn the_request_is_what_it_should_be() {
    let (server, mut heads) = recorder().await;
    let names = Names::answering(&[&["127.0.0.1"]]);
    let transport = transport(&names, loopback(), Egress::default());
    let port = server.address.port();
    let custom = [("Authorization", "Bearer x"), ("X-Mine", "1")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let reply = transport
        .post(Outbound {
            custom_headers: check_custom_headers(&custom).unwrap(),
            ..outbound(&format!("http://Name.TEST:{port}/a%20b?c=d&e"))
        })
        .await;
    assert_eq!((reply.status, reply.failure), (Some(204), None));
    assert_eq!(names.asked(), ["name.test"]);
    assert_eq!(reply.address, Some(server.address));
    let head = heads.recv().await.unwrap();
    let mut lines: Vec<_> = head.trim_end().lines().map(str::to_owned).collect();
    assert_eq!(lines.remove(0), "post /a%20b?c=d&e http/1.1");
    lines.sort();
    let user_agent = lines.iter().find(|line| line.starts_with("user-agent: hookseal/")).unwrap();
    assert_eq!(
        lines,
        [
            "authorization: bearer x",
            "content-length: 7",
            "content-type: application/json",
            &format!("host: name.test:{port}"),
            user_agent,
            "webhook-id: evt_1",
            "x-mine: 1",
        ]
    );
}

/// The first answer is an address that may be used, the second is one that may not.
#[tokio::test]
async fn a_name_that_rebinds_leads_nowhere_else() {
    let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let open = RawServer::at("127.0.0.2:0".parse().unwrap(), move |mut stream, _| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(answer).await;
    })
    .await;
    let port = open.address.port();
    let inner = RawServer::at(format!("127.0.0.1:{port}").parse().unwrap(), |_, _| async {}).await;
    let names = Names::answering(&[&["127.0.0.2"], &["127.0.0.1"]]);
    let transport = transport(&names, opened(&["127.0.0.2/32"]), Egress::default());
    let url = format!("http://rebind.test:{port}/");

    let first = post(&transport, &url).await;
    assert_eq!((first.status, first.address), (Some(200), Some(open.address)));
    assert_eq!(names.asked().len(), 1, "looked up once per connection");
    for _ in 0..3 {
        let reply = post(&transport, &url).await;
        assert_eq!((reply.failure, reply.stopped_in), (Some(Failure::Forbidden), Some(Phase::Dns)));
        assert_eq!(reply.address, None);
    }
    assert_eq!((open.accepted(), inner.accepted()), (1, 0));
}

#[tokio::test]
async fn one_private_address_in_an_answer_refuses_all_of_it() {
    let open = RawServer::at("127.0.0.2:0".parse().unwrap(), |_, _| async {}).await;
    let port = open.address.port();
    for answer in [
        &["127.0.0.2", "10.0.0.1"][..],
        &["10.0.0.1", "127.0.0.2"],
        &["127.0.0.2", "127.0.0.1"],
        &["127.0.0.2", "::1"],
        &["127.0.0.2", "::ffff:127.0.0.2"],
        &["127.0.0.2", "8.8.8.8", "169.254.169.254"],
        &["::ffff:8.8.8.8"],
        &["64:ff9b::7f00:2"],
    ] {
        let names = Names::answering(&[answer]);
        let transport = transport(&names, opened(&["127.0.0.2/32"]), Egress::default());
        let reply = post(&transport, &format!("http://mixed.test:{port}/")).await;
        assert_eq!(reply.failure, Some(Failure::Forbidden), "{answer:?}");
    }
    assert_eq!(open.accepted(), 0);
}

#[tokio::test]
async fn names_that_lead_nowhere_are_dns_failures() {
    for answers in [&[][..], &[&[][..]]] {
        let transport = transport(&Names::answering(answers), loopback(), Egress::default());
        let reply = post(&transport, "http://nowhere.test:8080/").await;
        assert_eq!((reply.failure, reply.stopped_in), (Some(Failure::Dns), Some(Phase::Dns)));
    }
}

/// What was parsed under an open policy meets a transport that is closed.
#[tokio::test]
async fn the_transport_checks_literals_schemes_and_ports_itself() {
    let server = RawServer::keeping_alive().await;
    let port = server.address.port();
    let closed_port =
        GuardPolicy { ports: PortPolicy::only(vec![443..=443]), ..opened(&["127.0.0.0/8"]) };
    let no_http = GuardPolicy { allow_http: false, ..loopback() };
    for (policy, host) in [
        (opened(&[]), "127.0.0.1"),
        (opened(&[]), "localhost"),
        (opened(&["127.0.0.2/32"]), "127.0.0.1"),
        (no_http, "127.0.0.1"),
        (closed_port, "127.0.0.1"),
    ] {
        let names = Names::answering(&[&["127.0.0.1"]]);
        let transport = transport(&names, policy, Egress::default());
        let reply = post(&transport, &format!("http://{host}:{port}/")).await;
        assert_eq!(reply.failure, Some(Failure::Forbidden), "{host}");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn the_next_address_is_tried_when_one_is_dead() {
    let server = RawServer::keeping_alive().await;
    let port = server.address.port();
    let names = Names::answering(&[&["127.0.0.3", "127.0.0.1", "127.0.0.4"]]);
    let reply = post(
        &transport(&names, loopback(), Egress::default()),
        &format!("http://many.test:{port}/"),
    )
    .await;
    assert_eq!((reply.status, reply.address), (Some(204), Some(server.address)));
    let names = Names::answering(&[&["127.0.0.3", "127.0.0.4"]]);
    let reply = post(
        &transport(&names, loopback(), Egress::default()),
        &format!("http://dead.test:{port}/"),
    )
    .await;
    assert_eq!(
        (reply.failure, reply.stopped_in),
        (Some(Failure::Connection), Some(Phase::Connect))
    );
}

/// Runs itself again in a process whose environment names a proxy.
#[tokio::test]
async fn proxies_of_the_environment_are_ignored() {
    const URL: &str = "GUARD_TEST_URL";
    if let Ok(url) = env::var(URL) {
        assert_eq!(post(&plain(), &url).await.status, Some(204));
        return;
    }
    let server = RawServer::keeping_alive().await;
    let proxy = RawServer::start(|_, _| async {}).await;
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "proxies_of_the_environment_are_ignored"]).env(URL, server.url());
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        let value = format!("http://{}", proxy.address);
        child.env(name, &value).env(name.to_uppercase(), &value);
    }
    child.env_remove("no_proxy").env_remove("NO_PROXY").env_remove("REQUEST_METHOD");
    child.kill_on_drop(true).stdout(Stdio::null()).stderr(Stdio::null());
    let status = tokio::time::timeout(PATIENCE, child.status()).await.unwrap().unwrap();
    assert!(status.success());
    assert_eq!((server.accepted(), proxy.accepted()), (1, 0));
}

/// A proxy that tunnels everything to `target`, and hands over what it was asked.
async fn tunnel_to(target: std::net::SocketAddr) -> (RawServer, mpsc::UnboundedReceiver<String>) {
    let (send, asked) = mpsc::unbounded_channel();
    let proxy = RawServer::start(move |mut stream, _| {
        let send = send.clone();
        async move {
            let Some((head, _)) = read_request(&mut stream).await else { return };
            let _ = send.send(head);
            let mut onward = TcpStream::connect(target).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut onward).await;
        }
    })
    .await;
    (proxy, asked)
}

fn behind(proxy: &str) -> Egress {
    Egress { proxy: Some(proxy.parse().unwrap()), ..Egress::default() }
}

#[tokio::test]
async fn an_egress_proxy_tunnels_and_resolves() {
    let (server, mut heads) = recorder().await;
    let (proxy, mut asked) = tunnel_to(server.address).await;
    // Nobody is asked for the endpoint's name; the proxy's own address need not be public.
    let names = Names::answering(&[&["127.0.0.1"]]);
    let url = format!("http://user:pa%3Ass@proxy.test:{}", proxy.address.port());
    let transport = transport(&names, opened(&[]), behind(&url));
    for number in 0..3 {
        let reply = post(&transport, "http://named.test:8080/hook").await;
        assert_eq!((reply.status, reply.failure), (Some(204), None), "{:?}", reply.detail);
        assert_eq!((reply.address, reply.timing.dns), (None, None));
        assert_eq!(reply.reused, number > 0);
    }
    assert_eq!(names.asked(), ["proxy.test"]);
    assert_eq!(
        asked.recv().await.unwrap(),
        "connect named.test:8080 http/1.1\r\nhost: named.test:8080\r\n\
         proxy-authorization: basic dxnlcjpwytpzcw==\r\n\r\n"
    );
    let head = heads.recv().await.unwrap();
    assert!(head.starts_with("post /hook http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nhost: named.test:8080\r\n") && !head.contains("proxy-"), "{head}");
    assert_eq!((proxy.accepted(), server.accepted()), (1, 1));
}

#[tokio::test]
async fn the_guard_still_checks_what_it_can_before_a_proxy_is_asked() {
    let proxy = RawServer::start(|_, _| async {}).await;
    let url = format!("http://{}", proxy.address);
    let transport = transport(&Names::answering(&[]), opened(&[]), behind(&url));
    for target in ["http://127.0.0.1:8080/", "http://localhost:8080/", "http://127.1:9000/"] {
        let reply = post(&transport, target).await;
        assert_eq!(reply.failure, Some(Failure::Forbidden), "{target}");
    }
    assert_eq!(proxy.accepted(), 0);
}

#[tokio::test]
async fn a_proxy_that_refuses_or_is_not_there_says_so() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut proxies = vec![(None, format!("http://{closed}"))];
    for answer in [
        &b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"[..],
        b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\n\r\nlong story",
        b"HTTP/1.1 302 Found\r\nlocation: /\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"",
    ] {
        let proxy = RawServer::saying(answer).await;
        let url = format!("http://{}", proxy.address);
        proxies.push((Some(proxy), url));
    }
    for (_proxy, url) in &proxies {
        let transport = transport(&Names::answering(&[]), opened(&[]), behind(url));
        let reply = post(&transport, "http://named.test:8080/").await;
        assert_eq!((reply.failure, reply.stopped_in), (Some(Failure::Proxy), Some(Phase::Connect)));
        assert_eq!(reply.status, None, "a proxy's answer is not the receiver's");
    }
    let hangs = RawServer::mute().await;
    let url = format!("http://{}", hangs.address);
    let transport = transport(&Names::answering(&[]), opened(&[]), behind(&url));
    let timeouts = Timeouts { connect: Duration::from_millis(50), ..Timeouts::within(PATIENCE) };
    let reply = transport.post(Outbound { timeouts, ..outbound("http://named.test:8080/") }).await;
    assert_eq!(reply.failure, Some(Failure::ConnectTimeout));
}

/// Takes its time, by a clock that it moves, or for ever.
#[derive(Debug)]
struct SlowNames(Option<Arc<ManualClock>>);

#[async_trait]
impl Resolver for SlowNames {
    async fn lookup(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        match &self.0 {
            Some(clock) => clock.advance(Duration::from_millis(30)),
            None => future::pending().await,
        }
        Ok(vec!["127.0.0.1".parse().unwrap()])
    }
}

#[tokio::test]
async fn phases_are_measured_by_the_clock() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(0)));
    let slow = Arc::clone(&clock);
    let server = RawServer::start(move |mut stream, _| {
        let slow = Arc::clone(&slow);
        async move {
            while read_request(&mut stream).await.is_some() {
                slow.advance(Duration::from_millis(700));
                let _ = stream.write_all(NO_CONTENT).await;
            }
        }
    })
    .await;
    let names = Arc::new(SlowNames(Some(Arc::clone(&clock))));
    let transport = HttpTransport::new(names, clock, loopback(), Egress::default()).unwrap();
    let url = format!("http://slow.test:{}/", server.address.port());
    let millis = |millis| Some(Duration::from_millis(millis));
    let timing = post(&transport, &url).await.timing;
    assert_eq!((timing.dns, timing.connect, timing.tls), (millis(30), millis(0), None));
    assert_eq!((timing.first_byte, timing.total), (millis(700), Duration::from_millis(730)));
    let timing = post(&transport, &url).await.timing;
    assert_eq!((timing.dns, timing.connect, timing.tls), (None, None, None));
    assert_eq!((timing.first_byte, timing.total), (millis(700), Duration::from_millis(700)));
}

#[tokio::test]
async fn a_connection_that_waited_long_is_closed_and_not_used() {
    let (send, mut ended) = mpsc::unbounded_channel();
    let server = RawServer::start(move |mut stream, number| {
        let send = send.clone();
        async move {
            while read_request(&mut stream).await.is_some() {
                let _ = stream.write_all(NO_CONTENT).await;
            }
            let _ = send.send(number);
        }
    })
    .await;
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(0)));
    let names = Names::answering(&[&["127.0.0.1"]]);
    let transport =
        HttpTransport::new(names, Arc::<ManualClock>::clone(&clock), loopback(), Egress::default())
            .unwrap();
    assert!(!post(&transport, &server.url()).await.reused);
    clock.advance(Duration::from_millis(29_999));
    assert!(post(&transport, &server.url()).await.reused);
    clock.advance(Duration::from_secs(30));
    assert!(!post(&transport, &server.url()).await.reused);
    assert_eq!(tokio::time::timeout(PATIENCE, ended.recv()).await.unwrap(), Some(1));
    // A post to somewhere else is enough to close what waited too long.
    clock.advance(Duration::from_secs(30));
    let port = server.address.port();
    post(&transport, &format!("http://other.test:{port}/")).await;
    assert_eq!(tokio::time::timeout(PATIENCE, ended.recv()).await.unwrap(), Some(2));
    assert_eq!(server.accepted(), 3);
}

#[tokio::test]
async fn idle_connections_are_bounded_over_all_hosts() {
    let server = RawServer::keeping_alive().await;
    let names = Names::answering(&[&["127.0.0.1"]]);
    let egress = Egress { idle_connections: 8, ..Egress::default() };
    let transport = transport(&names, loopback(), egress);
    let port = server.address.port();
    let url = |number: usize| format!("http://host{number}.test:{port}/");
    for number in 0..=8 {
        assert!(!post(&transport, &url(number)).await.reused);
    }
    // The oldest made room for the newest.
    for (number, reused) in [(8, true), (1, true), (0, false)] {
        assert_eq!(post(&transport, &url(number)).await.reused, reused, "{number}");
    }
}

#[tokio::test]
async fn a_connection_has_its_own_limit_within_that_of_the_attempt() {
    let short = Duration::from_millis(50);
    let mute = RawServer::mute().await;
    let slow_name = "https://slow.test:8443/".to_owned();
    let no_tls = format!("https://127.0.0.1:{}/", mute.address.port());
    let connect = Timeouts { connect: short, ..Timeouts::within(PATIENCE) };
    let total = Timeouts::within(short);
    for (url, timeouts, failure, phase) in [
        (&slow_name, connect, Failure::ConnectTimeout, Phase::Dns),
        (&slow_name, total, Failure::Timeout, Phase::Dns),
        (&no_tls, connect, Failure::ConnectTimeout, Phase::Tls),
        (&no_tls, total, Failure::Timeout, Phase::Tls),
    ] {
        let clock = Arc::new(hookseal_server::clock::SystemClock::new());
        let names = Arc::new(SlowNames(None));
        let transport = HttpTransport::new(names, clock, loopback(), Egress::default()).unwrap();
        let reply = transport.post(Outbound { timeouts, ..outbound(url) }).await;
        assert_eq!((reply.failure, reply.stopped_in), (Some(failure), Some(phase)), "{url}");
    }
    assert_eq!(Timeouts::within(Duration::from_secs(30)).connect, Duration::from_secs(5));
    assert_eq!(Timeouts::within(short).connect, short);
}

/// What a well-known client sends for the same request is what we send, but for the name of the client.
#[tokio::test]
async fn the_request_is_the_one_that_reqwest_makes() {
    let (server, mut heads) = recorder().await;
    let names = Names::answering(&[&["127.0.0.1"]]);
    let transport = transport(&names, loopback(), Egress::default());
    let provider = rustls::crypto::ring::default_provider();
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .resolve("xn--bcher-kva.test", server.address)
        .no_proxy()
        .build()
        .unwrap();
    let port = server.address.port();
    let mut seen = Vec::new();
    let mut next = async || {
        let head = heads.recv().await.unwrap();
        let mut lines: Vec<_> = head
            .lines()
            .filter(|line| !line.starts_with("user-agent: ") && *line != "accept: */*")
            .map(str::to_owned)
            .collect();
        lines.sort();
        seen.push(lines);
    };
    for path in ["", "/", "/a/../b?x=1&y=%20", "/\u{e9}?\u{e9}={}|'\"^`", "/%zz//a;b,c:d@e!$&*()~"]
    {
        let url = format!("http://b\u{fc}cher.test:{port}{path}");
        assert_eq!(post(&transport, &url).await.failure, None, "{url}");
        next().await;
        let request = client.post(&url).header("content-type", "application/json");
        request.header("webhook-id", "evt_1").body("{\"n\":1}").send().await.unwrap();
        next().await;
    }
    for pair in seen.chunks(2) {
        assert_eq!(pair[0], pair[1]);
    }
}
