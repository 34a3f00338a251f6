//! Texts with `{names}` in them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A text whose `{name}`s (a small letter, then small letters, digits and `_`) stand for values. All other braces are
/// themselves, so that JSON can be written as it is. Values are put in as they are, without any escaping.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(from = "String")]
pub struct Template(Vec<Part>);

/// What the names stand for.
pub type Values = BTreeMap<String, String>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Name(String),
    Text(String),
}

impl Template {
    /// The names in it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Name(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The same with the values put in that are known by now.
    #[must_use]
    pub fn bind(&self, values: &Values) -> Self {
        let mut parts: Vec<Part> = Vec::with_capacity(self.0.len());
        for part in &self.0 {
            let text = match part {
                Part::Name(name) => match values.get(name) {
                    Some(value) => value,
                    None => {
                        parts.push(part.clone());
                        continue;
                    }
                },
                Part::Text(text) => text,
            };
            match parts.last_mut() {
                Some(Part::Text(last)) => last.push_str(text),
                _ => parts.push(Part::Text(text.clone())),
            }
        }
        Self(parts)
    }

    /// Writes the text; a name that `look` does not know is left out.
    pub fn write<'v>(&self, look: impl Fn(&str) -> Option<&'v [u8]>, out: &mut Vec<u8>) {
        for part in &self.0 {
            match part {
                Part::Name(name) => out.extend_from_slice(look(name).unwrap_or_default()),
                Part::Text(text) => out.extend_from_slice(text.as_bytes()),
            }
        }
    }

    /// The text with these values.
    #[must_use]
    pub fn text(&self, values: &Values) -> String {
        let mut out = Vec::new();
        self.write(|name| values.get(name).map(String::as_bytes), &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }
}

impl From<String> for Template {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&str> for Template {
    fn from(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            plain.push_str(before);
            match after.split_once('}').filter(|(name, _)| is_name(name)) {
                Some((name, after)) => {
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(Part::Name(name.to_owned()));
                    rest = after;
                }
                None => {
                    plain.push('{');
                    rest = after;
                }
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Self(parts)
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_and_json_is_left_alone() {
        let template = Template::from(r#"{"id":"{id}","n":{},"data":{data}}"#);
        assert_eq!(template.names().collect::<Vec<_>>(), ["id", "data"]);
        let values: Values = [("id", "e1"), ("data", r#"{"a":{}}"#)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let text = r#"{"id":"e1","n":{},"data":{"a":{}}}"#;
        assert_eq!(template.text(&values), text);
        let known = Values::from([("id".to_owned(), "e1".to_owned())]);
        let bound = template.bind(&known);
        assert_eq!(bound.names().collect::<Vec<_>>(), ["data"]);
        assert_eq!(bound.text(&values), text);
        assert_eq!(Template::from("{").text(&values), "{");
    }
}
