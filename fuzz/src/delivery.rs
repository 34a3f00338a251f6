//! A request with all that verifying it needs, as text that a person can write and a fuzzer can change:
//!
//! ```text
//! paypal                              the scheme
//! webhook_id=WH-1                     the values given to it, tabs between; none where the line is empty
//! whsec_new<TAB>whsec_old             its secrets, in a PEM text `\n` for each line break
//! 1777111523000                       now, in milliseconds
//! POST https://example.com/hooks      method and URL
//! stripe-signature: t=1777111523,…    headers
//! id: msg_1                           `id` and `type` are also those of the message to sign
//!
//! {"a":1}                             the body, after an empty line
//! ```

use hookseal::{Message, Request, Scheme, Secret, Timestamp, Webhook};

use crate::Known;

/// A request with all that verifying it needs.
#[derive(Debug)]
pub struct Delivery<'a> {
    pub scheme: &'a str,
    pub config: Vec<(&'a str, &'a str)>,
    pub secrets: Vec<&'a str>,
    pub now: Timestamp,
    pub method: &'a str,
    pub url: &'a str,
    pub headers: Vec<(&'a str, &'a str)>,
    pub body: &'a [u8],
}

impl<'a> Delivery<'a> {
    /// Reads the form above; none when the head is not text or has too few lines.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (scheme, rest) = first_line(bytes)?;
        // An empty line here is not the end of the head.
        let (values, rest) = first_line(rest)?;
        let end = rest.windows(2).position(|pair| pair == b"\n\n")?;
        let mut lines = std::str::from_utf8(&rest[..end]).ok()?.split('\n');
        let values = values.split('\t').filter(|value| !value.is_empty());
        let config = values.map(|value| value.split_once('=').unwrap_or((value, ""))).collect();
        let secrets = lines.next()?.split('\t').collect();
        let now = Timestamp::from_millis(lines.next()?.parse().ok()?);
        let (method, url) = lines.next()?.split_once(' ')?;
        let headers = lines.map(|line| line.split_once(": ").unwrap_or((line, ""))).collect();
        let body = &rest[end + 2..];
        Some(Self { scheme, config, secrets, now, method, url, headers, body })
    }

    /// What is known of the scheme.
    pub fn known(&self) -> &'static Known {
        Known::of(self.scheme)
    }

    /// The scheme with the keys of the secrets; with sample values where none are given.
    pub fn webhook(&self) -> Option<Webhook> {
        let known = self.known();
        let scheme = match self.config.as_slice() {
            [] => known.scheme.clone(),
            config => Scheme::builtin_with(known.scheme.id(), config).ok()?,
        };
        let secrets = self.secrets.iter().map(|text| Secret::new(*text));
        Webhook::new(scheme, &secrets.collect::<Result<Vec<_>, _>>().ok()?).ok()
    }

    /// The request.
    pub fn request<'r>(&'r self) -> Request<'r> {
        Request { method: self.method, url: self.url, headers: &self.headers, body: self.body }
    }

    /// The same as a message to sign.
    pub fn message<'r>(&'r self) -> Message<'r> {
        let header = |name| self.headers.iter().find(|(known, _)| *known == name).map(|(_, v)| *v);
        Message {
            id: header("id"),
            event_type: header("type"),
            method: self.method,
            url: self.url,
            body: self.body,
            headers: &self.headers,
        }
    }
}

fn first_line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 1..]))
}
