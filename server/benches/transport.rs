//! What a POST costs the sender: our transport against hyper-util's client and reqwest, over loopback with keep-alive.
//!
//! Run with `cargo bench -p hookseal-server --bench transport`. Each client has a thread of its own, whose CPU time is
//! counted (Linux); the receiver has another.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::allow_attributes,
    reason = "a measurement, not a part of the server"
)]

use std::{
    convert::Infallible,
    fs,
    future::Future,
    net::SocketAddr,
    rc::Rc,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use bytes::Bytes;
use hookseal_server::{
    clock::SystemClock,
    guard::{
        AddressPolicy, CustomHeaders, Egress, EndpointUrl, GuardPolicy, HttpTransport, Outbound,
        SystemResolver, Timeouts, Transport as _,
    },
};
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, Response, body::Incoming, header, service::service_fn};
use hyper_util::{
    client::legacy,
    rt::{TokioExecutor, TokioIo},
};
use tokio::{net::TcpListener, task::LocalSet};

const POSTS: usize = 40_000;
const AT_ONCE: usize = 32;
const ROUNDS: usize = 5;

const HEADERS: [(&str, &str); 4] = [
    ("content-type", "application/json"),
    ("webhook-id", "evt_0193f1d2c4a87b6e9f00112233"),
    ("webhook-timestamp", "1777111523"),
    ("webhook-signature", "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="),
];

fn main() {
    let address = start_receiver();
    let url = format!("http://{address}/hook?x=1");
    println!("{POSTS} POSTs of 1 KB, {AT_ONCE} at once, best of {ROUNDS} rounds");
    let mut best = [f64::MAX; 3];
    for _ in 0..ROUNDS {
        for (client, best) in best.iter_mut().enumerate() {
            let url = url.clone();
            let spent = thread::spawn(move || on_one_thread(client, &url)).join().unwrap();
            *best = best.min(spent);
        }
    }
    let [bare, reqwest, ours] = best;
    println!("hyper-util, bare  {bare:6.2} us of CPU per POST");
    println!("reqwest           {reqwest:6.2} us of CPU per POST   {:.2} x", reqwest / bare);
    println!("ours              {ours:6.2} us of CPU per POST   {:.2} x", ours / bare);
}

fn on_one_thread(client: usize, url: &str) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match client {
            0 => bare(url).await,
            1 => reqwest(url).await,
            _ => ours(url).await,
        }
    })
}

/// hyper-util's client as it is: no checks, no limits, nothing kept of the answer.
async fn bare(url: &str) -> f64 {
    let client = legacy::Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let (body, url) = (body(), url.parse::<hyper::Uri>().unwrap());
    measure(move || {
        let mut request = Request::new(Full::new(body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = url.clone();
        for (name, value) in HEADERS {
            let value = header::HeaderValue::from_static(value);
            request.headers_mut().append(header::HeaderName::from_static(name), value);
        }
        let answer = client.request(request);
        async move {
            let mut body = answer.await.unwrap().into_body();
            while let Some(frame) = body.frame().await {
                frame.unwrap();
            }
        }
    })
    .await
}

/// With the settings that a sender needs.
async fn reqwest(url: &str) -> f64 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .build()
        .unwrap();
    let (body, url) = (body(), reqwest::Url::parse(url).unwrap());
    measure(move || {
        let mut request = client.post(url.clone()).timeout(Duration::from_secs(15));
        for (name, value) in HEADERS {
            request = request.header(name, value);
        }
        let answer = request.body(body.clone()).send();
        async move {
            let mut answer = answer.await.unwrap();
            while answer.chunk().await.unwrap().is_some() {}
        }
    })
    .await
}

async fn ours(url: &str) -> f64 {
    let policy = GuardPolicy {
        allow_http: true,
        addresses: AddressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]),
        ..GuardPolicy::default()
    };
    let url = EndpointUrl::parse(url, &policy).unwrap();
    let (resolver, clock) = (Arc::new(SystemResolver), Arc::new(SystemClock::new()));
    let transport = HttpTransport::new(resolver, clock, policy, Egress::default()).unwrap();
    let body = body();
    measure(move || {
        let outbound = Outbound {
            url: url.clone(),
            headers: HEADERS.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            custom_headers: CustomHeaders::default(),
            body: body.clone(),
            timeouts: Timeouts::within(Duration::from_secs(15)),
            party: 1,
        };
        let transport = transport.clone();
        async move {
            let reply = transport.post(outbound).await;
            assert_eq!((reply.status, reply.failure), (Some(204), None));
        }
    })
    .await
}

/// Microseconds of CPU that this thread spends per POST, once the connections are there.
async fn measure<F: Future<Output = ()> + 'static>(post: impl Fn() -> F + 'static) -> f64 {
    let post = Rc::new(post);
    run(&post, POSTS / 10).await;
    let spent = cpu_micros();
    run(&post, POSTS).await;
    (cpu_micros() - spent) / POSTS as f64
}

async fn run<P, F>(post: &Rc<P>, posts: usize)
where
    P: Fn() -> F + 'static,
    F: Future<Output = ()> + 'static,
{
    let workers = LocalSet::new();
    for _ in 0..AT_ONCE {
        let post = Rc::clone(post);
        workers.spawn_local(async move {
            for _ in 0..posts / AT_ONCE {
                post().await;
            }
        });
    }
    workers.await;
}

fn cpu_micros() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1000.0
}

fn body() -> Bytes {
    Bytes::from(vec![b'x'; 1024])
}

fn start_receiver() -> SocketAddr {
    let (send, address) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            send.send(listener.local_addr().unwrap()).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let answers = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service_fn(answer));
                tokio::spawn(answers);
            }
        });
    });
    address.recv().unwrap()
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
    Ok(Response::builder().status(204).body(Full::default()).unwrap())
}
