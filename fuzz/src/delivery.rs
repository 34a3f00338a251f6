//! A request with all that verifying it needs, as text that a person can write and a fuzzer can change:
//!
//! ```text
//! stripe                              the scheme
//! whsec_new<TAB>whsec_old             its secrets
//! 1777111523000                       now, in milliseconds
//! POST https://example.com/hooks      method and URL
//! stripe-signature: t=1777111523,…    headers
//! id: msg_1                           `id` and `type` are also those of the message to sign
//!
//! {"a":1}                             the body, after an empty line
//! ```

use std::sync::LazyLock;

use hookseal::{Message, Request, Scheme, Secret, Timestamp, Webhook};

/// Reading the catalogue takes longer than a thousand verifications.
static SCHEMES: LazyLock<Vec<Scheme>> = LazyLock::new(|| {
    let read = |id: &String| Scheme::builtin(id).expect("every row of the catalogue is a scheme");
    Scheme::builtin_ids().iter().map(read).collect()
});

/// A request with all that verifying it needs.
#[derive(Debug)]
pub struct Delivery<'a> {
    pub scheme: &'a str,
    pub secrets: &'a str,
    pub now: Timestamp,
    pub method: &'a str,
    pub url: &'a str,
    pub headers: Vec<(&'a str, &'a str)>,
    pub body: &'a [u8],
}

impl<'a> Delivery<'a> {
    /// Reads the form above; none when the head is not text or has too few lines.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n")?;
        let mut lines = std::str::from_utf8(&bytes[..end]).ok()?.split('\n');
        let (scheme, secrets) = (lines.next()?, lines.next()?);
        let now = Timestamp::from_millis(lines.next()?.parse().ok()?);
        let (method, url) = lines.next()?.split_once(' ')?;
        let headers = lines.map(|line| line.split_once(": ").unwrap_or((line, ""))).collect();
        Some(Self { scheme, secrets, now, method, url, headers, body: &bytes[end + 2..] })
    }

    /// The scheme with the keys of the secrets. A name that is not in the catalogue picks some scheme of it, so that
    /// changed names are not wasted.
    pub fn webhook(&self) -> Option<Webhook> {
        let scheme =
            SCHEMES.iter().find(|scheme| scheme.id() == self.scheme).unwrap_or_else(|| {
                let sum: usize = self.scheme.bytes().map(usize::from).sum();
                &SCHEMES[sum % SCHEMES.len()]
            });
        let secrets: Vec<Secret> =
            self.secrets.split('\t').map(Secret::new).collect::<Result<_, _>>().ok()?;
        Webhook::new(scheme.clone(), &secrets).ok()
    }

    /// The request.
    pub fn request<'r>(&'r self) -> Request<'r> {
        Request::new(&self.headers, self.body).with_method(self.method).with_url(self.url)
    }

    /// The same as a message to sign.
    pub fn message<'r>(&'r self) -> Message<'r> {
        let header = |name| self.headers.iter().find(|(known, _)| *known == name).map(|(_, v)| *v);
        Message {
            id: header("id"),
            event_type: header("type"),
            body: self.body,
            headers: &self.headers,
        }
    }
}
