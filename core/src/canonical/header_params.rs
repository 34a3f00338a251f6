//! `value; name=token; name="quoted"`: how `content-type` and `content-disposition` are written.
//!
//! Source: RFC 9110, §5.6.6 and §8.3.1.
//!
//! **Invariants.** Stricter than the RFC: no name twice, no backslash in a quoted string, nothing behind it, for frameworks
//! read these in different ways. At most 16 parameters.

const MAX_PARAMS: usize = 16;

/// A header value with its parameters; none when it is not well-formed.
#[derive(Debug, PartialEq)]
pub(crate) struct HeaderParams<'a> {
    /// In lower case: `multipart/form-data`.
    pub(crate) value: String,
    /// Names in lower case, values as they are.
    params: Vec<(String, &'a str)>,
}

impl<'a> HeaderParams<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (value, mut rest) = split(text, ';');
        let mut parsed = Self { value: value.trim().to_ascii_lowercase(), params: Vec::new() };
        while let Some(text) = rest {
            if text.trim().is_empty() {
                break;
            }
            let (name, after_name) = text.split_once('=')?;
            let name = name.trim().to_ascii_lowercase();
            let value;
            (value, rest) = match after_name.strip_prefix('"') {
                Some(quoted) => {
                    let (value, after) = quoted.split_once('"')?;
                    (value, after_quoted(after)?)
                }
                None => {
                    let (value, rest) = split(after_name, ';');
                    (value.trim(), rest)
                }
            };
            let is_new = parsed.get(&name).is_none();
            if parsed.params.len() == MAX_PARAMS
                || name.is_empty()
                || !is_new
                || value.contains(['\\', '"'])
            {
                return None;
            }
            parsed.params.push((name, value));
        }
        Some(parsed)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| *value)
    }

    /// Whether the text it describes is UTF-8, said or unsaid.
    pub(crate) fn is_utf8(&self) -> bool {
        self.get("charset").is_none_or(|charset| {
            ["utf-8", "utf8", "us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known))
        })
    }
}

fn split(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// Behind a quoted string comes nothing or the next parameter.
fn after_quoted(text: &str) -> Option<Option<&str>> {
    let text = text.trim_start();
    if text.is_empty() { Some(None) } else { text.strip_prefix(';').map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_parameters_are_read() {
        let params =
            HeaderParams::parse("Multipart/Form-Data; Boundary=\"a;b=c\" ; charset=UTF-8;");
        let params = params.unwrap();
        assert_eq!(params.value, "multipart/form-data");
        assert_eq!(params.get("boundary"), Some("a;b=c"));
        assert!(params.is_utf8());
        assert_eq!(HeaderParams::parse("text/plain").unwrap().get("charset"), None);
        assert!(!HeaderParams::parse("text/plain; charset=latin1").unwrap().is_utf8());
    }

    #[test]
    fn what_may_be_read_in_two_ways_is_refused() {
        for text in [
            "a; name=x; name=y",
            "a; NAME=x; name=y",
            "a; name=\"x\\\"y\"",
            "a; name=\"x\" y",
            "a; name=\"x",
            "a; name",
            "a; =x",
            "a; name=x\"y",
            "v;a=;b=;c=;d=;e=;f=;g=;h=;i=;j=;k=;l=;m=;n=;o=;p=;q=",
        ] {
            assert_eq!(HeaderParams::parse(text), None, "{text}");
        }
    }
}
