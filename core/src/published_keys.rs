//! Keys that senders publish: which are known, which are to be fetched, and when.
//!
//! **Invariants.** Requests of strangers cause few fetches: ten, and then one in six seconds; ids that a key set does not
//! have, one in a minute for its URL. What they name takes bounded room, and first that of others that had no key. A key is
//! believed for an hour, whatever becomes of its URL. Nothing here fetches, waits or reads a clock: the caller does.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::asymmetric::AsymmetricKey;
use crate::error::{Error, ErrorCode, say};
use crate::scheme::{KeyFormat, KeyRequest};
use crate::secret::Secret;

/// The published keys of senders, as a value: say what a request asks for and what time it is, and it says what to do.
/// `K` is what the caller makes of the text of a key, and verifies with.
///
/// Fetch one key at a time: whoever waits for that [looks](Self::recall) first and [asks](Self::ask) when it is over. `now`
/// counts from when the caller likes. Where its clock is set back, keys are kept longer, but at most twice as long.
///
/// ```
/// use std::time::Duration;
/// use hookseal::{KeyDecision, KeyRequest, PublishedKeys};
///
/// let url = "https://sender.example/key".to_owned();
/// let wanted = KeyRequest::new(Some(url), None, "text")?;
/// let (mut keys, now) = (PublishedKeys::new(), Duration::ZERO);
/// assert!(matches!(keys.ask(&wanted, now), KeyDecision::Fetch));
/// let text = "what is at `wanted.public_url()?`";
/// keys.arrived(&wanted, text, now, Ok)?;
/// let in_an_hour = Duration::from_secs(3600);
/// assert!(keys.recall(&wanted, in_an_hour / 2)?.is_some());
/// assert!(keys.recall(&wanted, in_an_hour)?.is_none());
/// # Ok::<(), hookseal::Error>(())
/// ```
#[derive(Clone)]
pub struct PublishedKeys<K> {
    known: Vec<Known<K>>,
    /// A bucket, as the time when it will be full again.
    full_at: Duration,
}

/// What to do for the key that a request asks for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum KeyDecision<K> {
    /// Fetch it now, from its [URL](KeyRequest::public_url) and no other, without following redirects. Then say what
    /// [arrived](PublishedKeys::arrived), or why it [failed](PublishedKeys::failed).
    Fetch,
    /// It cannot be had.
    Unavailable {
        /// When it may be asked for again, counted as `now`.
        until: Duration,
        /// `key_unavailable`, for the sender.
        error: Error,
    },
    /// Verify with this.
    Use(K),
}

#[derive(Clone)]
struct Known<K> {
    /// What was asked for; without the id of the key where the answer is a key set, which has all the keys of its URL.
    place: KeyRequest,
    /// None where there was no key.
    key: Option<K>,
    /// None where it is no key set.
    ids: Option<KeyIds>,
    at: Duration,
    /// When a key set was last asked for an id that it does not have.
    asked_at: Duration,
}

/// The ids of the keys in a key set. A key without one may be that of any.
#[derive(Clone)]
struct KeyIds(Vec<Option<String>>);

impl<K> PublishedKeys<K> {
    /// None is known.
    #[must_use]
    pub const fn new() -> Self {
        Self { known: Vec::new(), full_at: Duration::ZERO }
    }
}

impl<K: Clone> PublishedKeys<K> {
    /// The key, where it is known; None where somebody has to [ask](Self::ask).
    ///
    /// # Errors
    /// `key_unavailable` where it could not be had a moment ago.
    pub fn recall(&self, wanted: &KeyRequest, now: Duration) -> Result<Option<K>, Error> {
        match self.look(wanted, now) {
            KeyDecision::Use(key) => Ok(Some(key)),
            KeyDecision::Unavailable { error, .. } => Err(error),
            KeyDecision::Fetch => Ok(None),
        }
    }

    /// What to do for this key; a fetch is counted.
    pub fn ask(&mut self, wanted: &KeyRequest, now: Duration) -> KeyDecision<K> {
        let known = self.look(wanted, now);
        if !matches!(known, KeyDecision::Fetch) {
            return known;
        }
        // A clock that was set back must not leave the bucket empty for as long.
        self.full_at = self.full_at.clamp(now, now.saturating_add(EVERY * BURST));
        let after = self.full_at.saturating_add(EVERY);
        let until = after.saturating_sub(EVERY * BURST);
        if until <= now {
            self.full_at = after;
            return KeyDecision::Fetch;
        }
        if let Some(key) = self.key_set(wanted, now).and_then(|set| set.key.clone()) {
            return KeyDecision::Use(key);
        }
        let error = unavailable("too many were asked for at the same time");
        KeyDecision::Unavailable { until, error }
    }

    /// Takes what came for this key, which `make` makes usable.
    ///
    /// # Errors
    /// As [`failed`](Self::failed), where it is no key.
    pub fn arrived(
        &mut self,
        wanted: &KeyRequest,
        text: &str,
        now: Duration,
        make: impl FnOnce(Secret) -> Result<K, Error>,
    ) -> Result<K, Error> {
        let made = read(wanted, text).and_then(|(secret, ids)| Ok((make(secret)?, ids)));
        let (key, ids) = match made {
            Ok(made) => made,
            Err(error) => return self.failed(wanted, error.message(), now),
        };
        let key_id = wanted.key_id.clone().filter(|_| ids.is_none());
        let place = KeyRequest { key_id, ..wanted.clone() };
        self.keep(Known { place, key: Some(key.clone()), ids, at: now, asked_at: now });
        Ok(key)
    }

    /// Takes why this key could not be fetched. Where its URL has a key set that is still believed, that is given: the id
    /// may be a stranger's.
    ///
    /// # Errors
    /// `key_unavailable`, with the reason.
    pub fn failed(&mut self, wanted: &KeyRequest, why: &str, now: Duration) -> Result<K, Error> {
        let set =
            self.known.iter_mut().find(|known| known.is_set_of(wanted) && known.is_fresh(now));
        if let Some(Known { key: Some(key), asked_at, .. }) = set {
            *asked_at = now;
            return Ok(key.clone());
        }
        let place = wanted.clone();
        self.keep(Known { place, key: None, ids: None, at: now, asked_at: now });
        Err(unavailable(why))
    }

    /// What is to be done by what is known.
    fn look(&self, wanted: &KeyRequest, now: Duration) -> KeyDecision<K> {
        let set = self.key_set(wanted, now);
        let own = || self.known.iter().find(|known| known.place == *wanted && known.is_fresh(now));
        let set = set.filter(|set| set.answers(wanted, now));
        let Some(known) = set.or_else(own) else { return KeyDecision::Fetch };
        match &known.key {
            Some(key) => KeyDecision::Use(key.clone()),
            None => KeyDecision::Unavailable {
                until: known.at.saturating_add(AGAIN),
                error: unavailable("it could not be had a moment ago"),
            },
        }
    }

    fn key_set(&self, wanted: &KeyRequest, now: Duration) -> Option<&Known<K>> {
        self.known.iter().find(|known| known.is_set_of(wanted) && known.is_fresh(now))
    }

    fn keep(&mut self, new: Known<K>) {
        self.known.retain(|known| known.place != new.place);
        if self.known.len() >= MAX_KNOWN {
            self.known.retain(|known| known.is_fresh(new.at));
        }
        if self.known.len() >= MAX_KNOWN {
            // Those without a key first: strangers name them.
            self.known.retain(|known| known.key.is_some());
        }
        if self.known.len() >= MAX_KNOWN {
            // What was fetched last stands last.
            self.known.remove(0);
        }
        self.known.push(new);
    }
}

impl<K> Default for PublishedKeys<K> {
    fn default() -> Self {
        Self::new()
    }
}

/// A key may be a secret.
impl<K> fmt::Debug for PublishedKeys<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("PublishedKeys");
        shown.field("known", &self.known.len()).finish_non_exhaustive()
    }
}

impl<K> Known<K> {
    fn is_fresh(&self, now: Duration) -> bool {
        now.abs_diff(self.at) < if self.key.is_some() { FRESH } else { AGAIN }
    }

    /// Whether this is the key set of the URL of `wanted`.
    fn is_set_of(&self, wanted: &KeyRequest) -> bool {
        let KeyRequest { url, format, .. } = &self.place;
        self.ids.is_some() && (url, format) == (&wanted.url, &wanted.format)
    }

    /// Whether a key set has the key, or was just asked for one that it did not have.
    fn answers(&self, wanted: &KeyRequest, now: Duration) -> bool {
        let has = |id: &String| {
            let mut ids = self.ids.iter().flat_map(|ids| &ids.0);
            ids.any(|known| known.as_ref().is_none_or(|known| known == id))
        };
        wanted.key_id.as_ref().is_none_or(has) || now.abs_diff(self.asked_at) < AGAIN
    }
}

impl KeyRequest {
    /// What a request asks for, put together again from its parts; see [`Webhook::key_request`](crate::Webhook::key_request).
    ///
    /// # Errors
    /// `invalid_argument` for a format that there is not.
    pub fn new(url: Option<String>, key_id: Option<String>, format: &str) -> Result<Self, Error> {
        let known = [KeyFormat::Jwks, KeyFormat::Pem, KeyFormat::Text, KeyFormat::X509];
        match known.into_iter().find(|known| known.as_str() == format) {
            Some(format) => Ok(Self { url, key_id, format }),
            None => {
                let format = crate::error::clip(format);
                let message =
                    say!("`format` of a key takes `jwks`, `pem`, `text` or `x509`, got `{format}`");
                Err(Error::new(ErrorCode::InvalidArgument, message))
            }
        }
    }

    /// Where anybody can fetch the key.
    ///
    /// # Errors
    /// `invalid_argument` where only customers of the sender can, or the URL is not one of HTTPS.
    pub fn public_url(&self) -> Result<&str, Error> {
        let message = match &self.url {
            Some(url) if url.starts_with("https://") => return Ok(url),
            Some(_) => "`url` of a key takes a URL that begins with `https://`",
            None => "the sender gives its keys out by its API only: pass `PublishedKeys` a `fetch`",
        };
        Err(Error::new(ErrorCode::InvalidArgument, message))
    }
}

/// The key in what came, and the ids in it where it is the key set of a URL.
fn read(wanted: &KeyRequest, text: &str) -> Result<(Secret, Option<KeyIds>), Error> {
    let refuse = |problem: String| Err(Error::new(ErrorCode::InvalidSecret, problem));
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return refuse(say!("the answer is empty"));
    }
    if text.len() > MAX_LEN {
        return refuse(say!("the answer has more than {MAX_LEN} bytes"));
    }
    let secret = Secret::new(text)?;
    if wanted.format == KeyFormat::Text {
        return Ok((secret, None));
    }
    let keys = AsymmetricKey::read(secret.expose())?;
    let is_set = wanted.url.is_some()
        && wanted.format == KeyFormat::Jwks
        && serde_json::from_str::<KeySet>(text).is_ok();
    let ids = || KeyIds(keys.iter().map(|key| key.key_id().map(str::to_owned)).collect());
    Ok((secret, is_set.then(ids)))
}

/// RFC 7517 §5.
#[derive(Deserialize)]
struct KeySet {
    #[serde(rename = "keys")]
    _keys: Vec<IgnoredAny>,
}

fn unavailable(why: &str) -> Error {
    let message = say!("the key of the sender could not be had: {why}");
    Error::new(ErrorCode::KeyUnavailable, message)
}

/// How long a key is believed.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// After how long what could not be had is asked for again.
const AGAIN: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(6);
const BURST: u32 = 10;
const MAX_KNOWN: usize = 32;
/// What no set of keys in use is as long as.
const MAX_LEN: usize = 256 * 1024;

#[cfg(all(test, feature = "asymmetric"))]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::KeyPair;

    const URL: &str = "https://sender.example/keys";

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn wanted(url: Option<&str>, key_id: Option<&str>, format: &str) -> KeyRequest {
        KeyRequest::new(url.map(str::to_owned), key_id.map(str::to_owned), format).unwrap()
    }

    fn text(key_id: &str) -> KeyRequest {
        wanted(None, Some(key_id), "text")
    }

    fn jwk(id: Option<&str>) -> String {
        let pair = KeyPair::generate(&[1; 32]).unwrap();
        let x = pair.public_key().trim_start_matches("whpk_").trim_end_matches('=');
        let x = x.replace('+', "-").replace('/', "_");
        let id = id.map(|id| format!(r#","kid":"{id}""#)).unwrap_or_default();
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"{id}}}"#)
    }

    fn jwks(ids: &[Option<&str>]) -> String {
        let keys: Vec<String> = ids.iter().map(|id| jwk(*id)).collect();
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }

    /// Asks, and says when what is used was made; `came` is what is there.
    fn get(
        keys: &mut PublishedKeys<Duration>,
        wanted: &KeyRequest,
        now: Duration,
        came: Result<&str, &str>,
    ) -> (&'static str, Result<Duration, Error>) {
        match keys.ask(wanted, now) {
            KeyDecision::Use(key) => ("known", Ok(key)),
            KeyDecision::Unavailable { until, error } => {
                assert!(until > now, "{until:?}");
                ("unavailable", Err(error))
            }
            KeyDecision::Fetch => match came {
                Ok(text) => ("fetched", keys.arrived(wanted, text, now, |_| Ok(now))),
                Err(why) => ("fetched", keys.failed(wanted, why, now)),
            },
        }
    }

    #[test]
    fn a_key_is_kept_for_an_hour_and_no_key_for_a_minute() {
        let (mut keys, key) = (PublishedKeys::new(), text("a"));
        let mut step = |seconds, came| {
            let (how, got) = get(&mut keys, &key, at(seconds), came);
            let got = got.map(|key| key.as_secs()).map_err(|error| error.message().to_owned());
            (how, got, keys.recall(&key, at(seconds)).map_err(|error| error.code()))
        };
        let none = |why: &str| Err(format!("the key of the sender could not be had: {why}"));
        let unavailable = || Err(ErrorCode::KeyUnavailable);
        assert_eq!(step(0, Err("status 500")), ("fetched", none("status 500"), unavailable()));
        let again = none("it could not be had a moment ago");
        assert_eq!(step(59, Ok("b")), ("unavailable", again, unavailable()));
        assert_eq!(step(60, Ok(" b\n")), ("fetched", Ok(60), Ok(Some(at(60)))));
        assert_eq!(step(3659, Ok("c")), ("known", Ok(60), Ok(Some(at(60)))));
        // Not one that is no longer believed, whatever became of its URL.
        assert_eq!(step(3660, Err("away")), ("fetched", none("away"), unavailable()));
        assert_eq!(step(3720, Ok("c")), ("fetched", Ok(3720), Ok(Some(at(3720)))));
    }

    #[test]
    fn what_is_no_key_is_not_kept_as_one() {
        let (pem, secret) = (wanted(Some(URL), None, "x509"), text("a"));
        let long = "x".repeat(MAX_LEN + 1);
        let cases = [
            (&pem, "<html>", "expected"),
            (&pem, "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", "key"),
            (&pem, r#"{"keys":[]}"#, "expected a key set with"),
            (&secret, "\u{feff} \n", "the answer is empty"),
            (&secret, long.as_str(), "the answer has more than 262144 bytes"),
            (&secret, &"x".repeat(5000), "secret is 5000 bytes long"),
        ];
        for (wanted, came, why) in cases {
            let (_, got) = get(&mut PublishedKeys::new(), wanted, at(0), Ok(came));
            let error = got.unwrap_err();
            assert_eq!(error.code(), ErrorCode::KeyUnavailable);
            let message = error.message().split_once("could not be had: ").unwrap().1;
            assert!(message.contains(why), "{message}");
        }
        let (mut keys, no) = (PublishedKeys::<()>::new(), "of another kind");
        let make = |_| Err(Error::new(ErrorCode::InvalidSecret, no));
        assert!(keys.arrived(&pem, &jwk(None), at(0), make).unwrap_err().message().ends_with(no));
        assert!(keys.recall(&pem, at(1)).is_err());
        let made = keys.arrived(&secret, "\u{feff}b \n", at(0), |secret| {
            assert_eq!(secret.expose(), "b");
            Ok(())
        });
        made.unwrap();
    }

    #[test]
    fn strangers_cause_few_fetches() {
        let mut keys = PublishedKeys::new();
        let mut ask = |number: u32, now| get(&mut keys, &text(&number.to_string()), now, Err("no"));
        let hows: Vec<_> = (0..11).map(|number| ask(number, at(100)).0).collect();
        assert_eq!(hows, [["fetched"; 10].as_slice(), &["unavailable"]].concat());
        let error = ask(11, at(105)).1.unwrap_err();
        assert!(error.message().ends_with("too many were asked for at the same time"));
        assert_eq!([ask(11, at(106)).0, ask(12, at(106)).0], ["fetched", "unavailable"]);
        // A clock that is set back stops nothing for long.
        assert_eq!([ask(13, at(5)).0, ask(13, at(11)).0], ["unavailable", "fetched"]);
    }

    #[test]
    fn an_id_that_a_key_set_lacks_is_looked_for_once_in_a_minute() {
        let mut keys = PublishedKeys::new();
        let set = jwks(&[Some("a"), Some("b")]);
        let mut ask = |id: Option<&str>, seconds, came| {
            let (how, got) = get(&mut keys, &wanted(Some(URL), id, "jwks"), at(seconds), came);
            (how, got.map(|key| key.as_secs()))
        };
        assert_eq!(ask(Some("a"), 0, Ok(&set)), ("fetched", Ok(0)));
        for id in [Some("a"), Some("b"), Some("c"), None] {
            assert_eq!(ask(id, 59, Err("unused")), ("known", Ok(0)), "{id:?}");
        }
        // What is known holds, even where the URL fails.
        assert_eq!(ask(Some("c"), 60, Err("away")), ("fetched", Ok(0)));
        assert_eq!(ask(Some("d"), 119, Err("unused")), ("known", Ok(0)));
        assert_eq!(ask(Some("d"), 120, Ok("<html>")), ("fetched", Ok(0)));
        assert_eq!(ask(Some("b"), 500, Err("unused")), ("known", Ok(0)));
        let turned = jwks(&[Some("b"), Some("c")]);
        assert_eq!(ask(Some("c"), 500, Ok(&turned)), ("fetched", Ok(500)));
        assert_eq!(ask(Some("b"), 4099, Err("unused")), ("known", Ok(500)));
        assert_eq!(keys.known.len(), 1);
        assert!(keys.recall(&wanted(Some(URL), Some("b"), "pem"), at(501)).unwrap().is_none());
        // Where the bucket is empty, too.
        keys.full_at = at(5000);
        let unknown = wanted(Some(URL), Some("e"), "jwks");
        assert!(matches!(keys.ask(&unknown, at(4000)), KeyDecision::Use(_)));
    }

    #[test]
    fn a_key_without_an_id_may_be_the_one_of_any_and_one_alone_is_no_set() {
        for (came, how) in [(jwks(&[None, Some("a")]), "known"), (jwk(Some("a")), "fetched")] {
            let mut keys = PublishedKeys::new();
            for (id, how) in [("a", "fetched"), ("b", how), ("a", "known"), ("b", "known")] {
                let wanted = wanted(Some(URL), Some(id), "jwks");
                assert_eq!(get(&mut keys, &wanted, at(100), Ok(&came)).0, how, "{came}");
            }
        }
    }

    #[test]
    fn room_is_made_of_what_had_no_key_first() {
        let mut keys = PublishedKeys::new();
        let mut keep = |number: u64, came| {
            let wanted = text(&number.to_string());
            assert_eq!(get(&mut keys, &wanted, at(number * 6), came).0, "fetched");
            keys.known.len()
        };
        keep(0, Ok("key"));
        // Each is asked for again after a minute, so that ten are fresh at a time.
        let lens: Vec<_> = (1..100).map(|number| keep(number, Err("no"))).collect();
        assert!(lens.iter().all(|len| *len <= MAX_KNOWN), "{lens:?}");
        let lens: Vec<_> = (100..140).map(|number| keep(number, Ok("key"))).collect();
        assert_eq!(lens.last(), Some(&MAX_KNOWN));
        let is_known = |number: u64| keys.recall(&text(&number.to_string()), at(840)).unwrap();
        let known: Vec<_> = (0..140).filter(|number| is_known(*number).is_some()).collect();
        assert_eq!(known, (108..140).collect::<Vec<_>>());
    }

    #[test]
    fn a_request_is_put_together_and_fetched_by_https() {
        let error = |request: Result<KeyRequest, Error>| {
            let error = request.and_then(|request| request.public_url().map(str::to_owned));
            let error = error.unwrap_err();
            (error.code(), error.message().to_owned())
        };
        let code = ErrorCode::InvalidArgument;
        let (found, message) = error(KeyRequest::new(None, None, "der"));
        assert_eq!((found, message.ends_with("or `x509`, got `der`")), (code, true), "{message}");
        let (found, message) = error(Ok(text("a")));
        assert_eq!((found, message.contains("by its API only")), (code, true), "{message}");
        let (found, message) = error(Ok(wanted(Some("http://sender.example"), None, "pem")));
        assert_eq!((found, message.contains("`https://`")), (code, true), "{message}");
        assert_eq!(wanted(Some(URL), None, "pem").public_url().unwrap(), URL);
    }

    #[test]
    fn keys_are_not_printed() {
        let mut keys = PublishedKeys::new();
        keys.arrived(&text("a"), "secret", at(0), Ok).unwrap();
        assert_eq!(format!("{keys:?}"), "PublishedKeys { known: 1, .. }");
    }

    proptest! {
        #[test]
        fn whatever_is_asked_holds_its_bounds(
            steps in prop::collection::vec((0..50_u8, 0..4_u8, 0..40_000_u64, 0..4_u8), 0..300),
        ) {
            let sets = [jwks(&[Some("0"), Some("1")]), jwks(&[Some("1"), Some("2")])];
            let (mut keys, mut fetched, mut now) = (PublishedKeys::new(), Vec::new(), at(1));
            for (place, id, later, outcome) in steps {
                // Now and then, long enough for keys to end.
                now += Duration::from_millis(if later > 39_000 { later * 100 } else { later / 10 });
                let (url, id) = (format!("{URL}/{}", place / 4), id.to_string());
                let wanted = match place % 4 {
                    0 => wanted(None, Some(&id), "text"),
                    1 => wanted(Some(&url), None, "jwks"),
                    _ => wanted(Some(&url), Some(&id), "jwks"),
                };
                let came = match outcome {
                    0 => Err("away"),
                    1 => Ok("<html>"),
                    _ => Ok(sets[usize::from(outcome - 2)].as_str()),
                };
                match keys.ask(&wanted, now) {
                    KeyDecision::Use(made) => prop_assert!(now - made < FRESH),
                    KeyDecision::Unavailable { until, .. } => {
                        prop_assert!(now < until && until <= now + AGAIN);
                        // At the worst, others have emptied the bucket since it could not be had.
                        let mut later = keys.clone();
                        let then = match later.ask(&wanted, until) {
                            KeyDecision::Unavailable { until, .. } => later.ask(&wanted, until),
                            then => then,
                        };
                        prop_assert!(matches!(then, KeyDecision::Fetch), "{then:?}");
                    }
                    KeyDecision::Fetch => {
                        fetched.push(now);
                        let got = match came {
                            Ok(text) => keys.arrived(&wanted, text, now, |_| Ok(now)),
                            Err(why) => keys.failed(&wanted, why, now),
                        };
                        prop_assert!(got.is_err() || now - got.unwrap() < FRESH);
                    }
                }
                prop_assert!(keys.known.len() <= MAX_KNOWN);
            }
            for (first, start) in fetched.iter().enumerate() {
                for (last, end) in fetched.iter().enumerate().skip(first) {
                    let most = u128::from(BURST) + (*end - *start).as_millis() / EVERY.as_millis();
                    prop_assert!(((last - first) as u128) < most);
                }
            }
        }
    }
}
