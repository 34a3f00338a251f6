//! The other spellings of a URL that senders sign.
//!
//! **Invariants.** Every spelling says the same place: it differs in an explicit port, in escapes, in the order of the
//! query, or in the slash at the end of the path.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::{percent_decode_str, utf8_percent_encode};

use super::url::{COMPONENT, UNRESERVED, Url};
use crate::error::Error;

impl<'a> Url<'a> {
    /// The spellings that Twilio may have signed: as given, with the port taken out or put in, and both of these with
    /// the query escaped anew (its servers escape what some clients leave as it is). The first is the likely one.
    ///
    /// Source: npm `twilio` 6.2.0, `lib/webhooks/webhooks.js`, `validateRequest`.
    ///
    /// # Errors
    /// As [`pairs`](Self::pairs).
    pub(crate) fn twilio_forms(&self) -> Result<Vec<Cow<'a, str>>, Error> {
        let as_given = Cow::Borrowed(self.text);
        let other_port = Cow::Owned(self.with_other_port());
        let Some(query) = self.query.filter(|query| !query.is_empty()) else {
            return Ok(vec![as_given, other_port]);
        };
        let pairs = self.pairs()?;
        let escaped = write_query(pairs.iter(), |text| utf8_percent_encode(text, COMPONENT));
        if escaped == query {
            return Ok(vec![as_given, other_port]);
        }
        let escape = |text: &str| {
            let before = text.split_once('?').map_or(text, |(before, _)| before);
            Cow::Owned(format!("{before}?{escaped}{}", self.fragment))
        };
        Ok(vec![as_given.clone(), other_port.clone(), escape(&as_given), escape(&other_port)])
    }

    /// Without its port, or with that of its scheme where it has none.
    fn with_other_port(&self) -> String {
        let host_at = self.authority.rfind('@').map_or(0, |at| at + 1);
        let host = self.authority.get(host_at..).unwrap_or_default();
        // The colons of an IPv6 address stand in brackets.
        let name_end = host.rfind(']').map_or(0, |at| at + 1);
        let port = host.get(name_end..).and_then(|tail| tail.find(':')).map(|at| name_end + at);
        let (kept, added) = match port {
            Some(at) => (host_at + at, ""),
            None => (self.authority.len(), self.default_port()),
        };
        let authority = self.authority.get(..kept).unwrap_or_default();
        let rest_at = self.scheme.len() + self.authority.len();
        let rest = self.text.get(rest_at..).unwrap_or_default();
        format!("{}{authority}{added}{rest}", self.scheme)
    }

    /// The URL as HubSpot signs it since version 3: twelve escapes are decoded first.
    ///
    /// Source: HubSpot, "Validating requests", v3: `%3A %2F %3F %40 %21 %24 %27 %28 %29 %2A %2C %3B`.
    pub(crate) fn hubspot_v3_form(&self) -> Cow<'a, str> {
        if !self.text.contains('%') {
            return Cow::Borrowed(self.text);
        }
        let mut form = String::with_capacity(self.text.len());
        for (number, piece) in self.text.split('%').enumerate() {
            if number == 0 {
                form.push_str(piece);
                continue;
            }
            match piece.split_at_checked(2).map(|(code, rest)| (hubspot_decodes(code), rest)) {
                Some((Some(character), rest)) => {
                    form.push(character);
                    form.push_str(rest);
                }
                _ => {
                    form.push('%');
                    form.push_str(piece);
                }
            }
        }
        Cow::Owned(form)
    }

    /// The query as MessageBird signed it before its JWTs: by name, decoded and escaped anew. Its libraries escape in two
    /// ways; the second is there only where it differs. A space in `statusDatetime` is a `+` that was not escaped.
    ///
    /// Source: PyPI `messagebird` 2.2.0, `signed_request.py` (`urlencode`); npm `messagebird` 4.0.1, `lib/signature.js`.
    ///
    /// # Errors
    /// As [`pairs`](Self::pairs).
    pub(crate) fn messagebird_queries(&self) -> Result<Vec<String>, Error> {
        let pairs = self.pairs()?;
        let mut pairs: Vec<(&str, Cow<'_, str>)> = pairs
            .iter()
            .map(|(name, value)| {
                let is_date = name == "statusDatetime" && value.contains(' ');
                let value = if is_date { value.replace(' ', "+").into() } else { value.into() };
                (name, value)
            })
            .collect();
        // Stable: values of one name keep their order.
        pairs.sort_by_key(|(name, _)| *name);
        let pairs = || pairs.iter().map(|(name, value)| (*name, value.as_ref()));
        let plus = write_query(pairs(), |text| {
            utf8_percent_encode(text, UNRESERVED).to_string().replace("%20", "+")
        });
        let percent = write_query(pairs(), |text| utf8_percent_encode(text, COMPONENT));
        Ok(if plus == percent { vec![plus] } else { vec![plus, percent] })
    }
}

/// The same path with a slash at its end taken off, or put on where there is none.
pub(crate) fn with_other_slash(path: &str) -> String {
    match path.strip_suffix('/') {
        Some(without) => without.to_owned(),
        None => format!("{path}/"),
    }
}

/// Joins pairs as `name=value&…`.
pub(crate) fn write_query<'p, T: std::fmt::Display>(
    pairs: impl Iterator<Item = (&'p str, &'p str)>,
    escape: impl Fn(&'p str) -> T,
) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        let separator = if query.is_empty() { "" } else { "&" };
        // Writing into a `String` does not fail.
        let _ = write!(query, "{separator}{}={}", escape(name), escape(value));
    }
    query
}

fn hubspot_decodes(code: &str) -> Option<char> {
    const DECODED: &str = ":/?@!$'()*,;";
    let escape = format!("%{code}");
    let mut decoded = percent_decode_str(&escape);
    let character = char::from(decoded.next()?);
    // An escape that is none stays as it is: three bytes.
    (decoded.next().is_none() && DECODED.contains(character)).then_some(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url<'_> {
        Url::parse(text).unwrap()
    }

    #[test]
    fn twilio_signs_with_or_without_the_port() {
        for (given, other) in [
            ("https://e.com/a?b=1", "https://e.com:443/a?b=1"),
            ("http://e.com", "http://e.com:80"),
            ("https://u:p@e.com:8080/a", "https://u:p@e.com/a"),
            ("https://[::1]/", "https://[::1]:443/"),
            ("https://[::1]:9/", "https://[::1]/"),
        ] {
            assert_eq!(url(given).twilio_forms().unwrap(), [given, other]);
        }
        assert_eq!(
            url("https://e.com/a?b=it's one&c".replace(' ', "+").as_str()).twilio_forms().unwrap(),
            [
                "https://e.com/a?b=it's+one&c",
                "https://e.com:443/a?b=it's+one&c",
                "https://e.com/a?b=it's%20one&c=",
                "https://e.com:443/a?b=it's%20one&c=",
            ]
        );
    }

    #[test]
    fn hubspot_decodes_twelve_escapes_and_no_other() {
        let form = |text| url(text).hubspot_v3_form().into_owned();
        assert_eq!(
            form("https://e.com/%3A%2f%3F%40%21%24%27%28%29%2A%2C%3B%20%25%2B%zz%3%"),
            "https://e.com/:/?@!$'()*,;%20%25%2B%zz%3%"
        );
        assert_eq!(form("https://e.com/%252F%c3%a9"), "https://e.com/%252F%c3%a9");
    }

    #[test]
    fn messagebird_sorts_and_escapes_in_two_ways() {
        let queries =
            |query: &str| url(&format!("https://e.com/?{query}")).messagebird_queries().unwrap();
        assert_eq!(queries("b=2&a=1&b=1"), ["a=1&b=2&b=1"]);
        assert_eq!(
            queries("m=it's+me%21~&a=%C3%A9"),
            ["a=%C3%A9&m=it%27s+me%21~", "a=%C3%A9&m=it's%20me!~"]
        );
        assert_eq!(
            queries("statusDatetime=2019-01-11T09:17:11+00:00"),
            ["statusDatetime=2019-01-11T09%3A17%3A11%2B00%3A00"]
        );
        assert_eq!(queries(""), [""]);
    }

    #[test]
    fn the_other_slash_is_its_own_inverse() {
        for path in ["/a", "/a/", "/"] {
            assert_eq!(with_other_slash(&with_other_slash(path)), path);
        }
        assert_eq!(with_other_slash("/a"), "/a/");
    }
}
