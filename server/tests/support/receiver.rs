//! An HTTP server that receives deliveries, answers as the test says, and hands over what it got.

use std::{future::Future, net::SocketAddr, pin::Pin, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use hookseal::{Request, Scheme, Secret, Timestamp, Webhook};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};

use super::PATIENCE;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// From 1.
    pub number: usize,
}

type AnswerFn = dyn Fn(Seen) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync;

pub struct Receiver {
    address: SocketAddr,
    seen: mpsc::UnboundedReceiver<Seen>,
    running: JoinHandle<()>,
}

impl Receiver {
    /// Answers every request with 204.
    pub async fn start() -> Self {
        Self::answering(|_| async { StatusCode::NO_CONTENT.into_response() }).await
    }

    /// Answers with what `answer` makes of a request.
    pub async fn answering<F: Future<Output = Response> + Send + 'static>(
        answer: impl Fn(Seen) -> F + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, seen) = mpsc::unbounded_channel();
        let answer: Arc<AnswerFn> = Arc::new(move |seen| Box::pin(answer(seen)));
        let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let app = Router::new().fallback(receive).with_state((sender, answer, count));
        let running = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, seen, running }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook?x=1", self.address)
    }

    /// The next request; panics when none comes.
    pub async fn next(&mut self) -> Seen {
        tokio::time::timeout(PATIENCE, self.seen.recv()).await.expect("no delivery came").unwrap()
    }

    /// A request that has already come.
    pub fn try_next(&mut self) -> Option<Seen> {
        self.seen.try_recv().ok()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Verifies as a receiver does that knows its secret.
    pub fn verify(&self, scheme: &str, secret: &str) -> Result<(), hookseal::Error> {
        let webhook = Webhook::new(Scheme::builtin(scheme)?, &[Secret::new(secret)?])?;
        let headers: Vec<_> = self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let now =
            Timestamp::from_seconds(self.header("webhook-timestamp").unwrap().parse().unwrap());
        webhook.verify(&Request::new(&headers, &self.body), now).map(drop)
    }
}

type Shared = (mpsc::UnboundedSender<Seen>, Arc<AnswerFn>, Arc<std::sync::atomic::AtomicUsize>);

async fn receive(
    State((sender, answer, count)): State<Shared>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
        .collect();
    let number = 1 + count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let seen = Seen { path: uri.to_string(), headers, body: body.to_vec(), number };
    // What the closure itself notes down is there before the test sees the request.
    let answering = answer(seen.clone());
    // The test may have ended.
    let _ = sender.send(seen);
    answering.await
}
