//! The real transport, with names that a test makes up.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "each test file mounts this module and uses a part of it"
)]

use std::{
    collections::VecDeque,
    io,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use hookseal_server::{
    clock::SystemClock,
    guard::{
        AddressPolicy, CustomHeaders, Egress, EndpointUrl, GuardPolicy, HttpTransport, Outbound,
        Reply, Resolver, Timeouts, Transport as _,
    },
};

/// Gives one answer after the other, and the last for ever; remembers what it was asked.
#[derive(Debug, Default)]
pub struct Names {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    pub fn answering(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |answer: &&[&str]| answer.iter().map(|text| text.parse().unwrap()).collect();
        let answers = Mutex::new(answers.iter().map(parse).collect());
        Arc::new(Self { answers, asked: Mutex::default() })
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Resolver for Names {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.lock().unwrap().push(host.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        answer.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// `http://` and the networks, and nothing else.
pub fn opened(networks: &[&str]) -> GuardPolicy {
    GuardPolicy {
        allow_http: true,
        addresses: AddressPolicy::new(networks.iter().map(|text| text.parse().unwrap()).collect()),
        ..GuardPolicy::default()
    }
}

pub fn loopback() -> GuardPolicy {
    opened(&["127.0.0.0/8"])
}

pub fn transport(names: &Arc<Names>, policy: GuardPolicy, egress: Egress) -> HttpTransport {
    let names = Arc::<Names>::clone(names);
    HttpTransport::new(names, Arc::new(SystemClock::new()), policy, egress).unwrap()
}

/// One that reaches loopback and knows no name.
pub fn plain() -> HttpTransport {
    transport(&Names::answering(&[]), loopback(), Egress::default())
}

/// A request that may be made to anywhere on loopback.
pub fn outbound(url: &str) -> Outbound {
    Outbound {
        url: EndpointUrl::parse(url, &loopback()).unwrap(),
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("webhook-id".to_owned(), "evt_1".to_owned()),
        ],
        custom_headers: CustomHeaders::default(),
        body: Bytes::from_static(b"{\"n\":1}"),
        timeouts: Timeouts::within(Duration::from_secs(15)),
        party: 1,
    }
}

pub async fn post(transport: &HttpTransport, url: &str) -> Reply {
    transport.post(outbound(url)).await
}
