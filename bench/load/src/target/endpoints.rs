//! Calls that make endpoints.

use std::{
    net::SocketAddr,
    rc::Rc,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::task::{JoinSet, LocalSet};

use crate::{
    adapter::{Call, Values},
    error::{Context as _, Error},
    interrupt,
    receiver::Receiver,
    wire::Client,
};

/// An endpoint to be made.
#[derive(Clone, Debug)]
pub struct NewEndpoint {
    /// Its number; also in the event type that it alone wants.
    pub number: usize,
    /// Where it is.
    pub url: String,
    /// Where it is at the receiver.
    pub path: String,
    /// The number in the event type; the same for all that are to get the same events.
    pub topic: usize,
}

impl NewEndpoint {
    /// An endpoint of the receiver, with events of its own.
    #[must_use]
    pub fn at(receiver: &Receiver, number: usize) -> Self {
        let path = Receiver::path(number);
        Self { number, url: format!("http://{}{path}", receiver.address()), path, topic: number }
    }

    /// What templates may use of it.
    pub(super) fn values(&self) -> Values {
        Values::from([
            ("path".to_owned(), self.path.clone()),
            ("type".to_owned(), format!("load.e{}", self.topic)),
            ("url".to_owned(), self.url.clone()),
        ])
    }
}

/// Makes endpoints over so many connections at once; their numbers, and what templates may use of them.
pub(super) fn create_all(
    call: &Call,
    endpoints: &[NewEndpoint],
    address: SocketAddr,
    connections: usize,
) -> Result<Vec<(usize, Values)>, Error> {
    let shared = Rc::new((call.clone(), endpoints.to_vec(), AtomicUsize::new(0)));
    LocalSet::new().block_on(&runtime()?, async move {
        let mut workers = JoinSet::new();
        for _ in 0..connections.clamp(1, MOST_CONNECTIONS) {
            let shared = Rc::clone(&shared);
            workers.spawn_local(async move {
                let (call, endpoints, next) = &*shared;
                let mut client = Client::new(address, TIMEOUT);
                let mut made = Vec::new();
                while let Some(endpoint) = endpoints.get(next.fetch_add(1, Ordering::Relaxed)) {
                    interrupt::check()?;
                    let mut values = endpoint.values();
                    make(&mut client, call, &mut values).await?;
                    made.push((endpoint.number, values));
                }
                Ok::<_, Error>(made)
            });
        }
        let mut all = Vec::with_capacity(endpoints.len());
        while let Some(made) = workers.join_next().await {
            all.extend(made.context("endpoints")??);
        }
        Ok(all)
    })
}

/// Makes calls one after the other.
pub(super) fn call_all(
    calls: &[Call],
    address: SocketAddr,
    values: &mut Values,
) -> Result<(), Error> {
    let runtime = runtime()?;
    let mut client = Client::new(address, TIMEOUT);
    for call in calls {
        runtime.block_on(make(&mut client, &call.bind(values), values))?;
    }
    Ok(())
}

/// Makes one call of an adapter.
async fn make(client: &mut Client, call: &Call, values: &mut Values) -> Result<(), Error> {
    let (mut body, mut out) = (Vec::new(), Vec::new());
    call.write(|name| values.get(name).map(String::as_bytes), &mut body, &mut out);
    let place = format!("{} {}", call.method, call.path.text(values));
    let answer = client.exchange(&out).await.context(&place)?;
    if !(200..300).contains(&answer.status) {
        let words = String::from_utf8_lossy(&answer.body);
        let words: String = words.chars().take(MOST_WORDS).collect();
        return Err(Error::new(format!("{place} was answered with {}: {words}", answer.status)));
    }
    call.save(&answer.body, values).context(&place)
}

fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("runtime")
}

const TIMEOUT: Duration = Duration::from_secs(30);
const MOST_CONNECTIONS: usize = 256;
const MOST_WORDS: usize = 300;
