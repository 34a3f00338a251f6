//! JSON as a tree of what is written: the order of members, the text of numbers and of strings.
//!
//! By hand, because `serde_json` keeps the order of members only by a feature that would change every other use of it.
//!
//! **Invariants.** Only what `serde_json` takes for JSON is read, so the tree is at most 128 deep.

use serde::de::IgnoredAny;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node<'a> {
    List(Vec<Node<'a>>),
    /// Each name with its quotes.
    Object(Vec<(&'a str, Node<'a>)>),
    /// A number, `true`, `false` or `null`.
    Scalar(&'a str),
    /// A string with its quotes.
    Text(&'a str),
}

/// Reads an object or an array; none for other JSON, which nobody writes in two ways, and for what is none.
pub(super) fn parse(text: &str) -> Option<Node<'_>> {
    let text = text.trim_ascii();
    if !text.starts_with(['{', '[']) || serde_json::from_str::<IgnoredAny>(text).is_err() {
        return None;
    }
    Reader { rest: text }.value()
}

impl Node<'_> {
    /// The same with the members of every object sorted by name.
    pub(super) fn sort(&mut self) {
        match self {
            Self::List(items) => items.iter_mut().for_each(Node::sort),
            Self::Object(members) => {
                members.sort_by(|(a, _), (b, _)| a.trim_matches('"').cmp(b.trim_matches('"')));
                members.iter_mut().for_each(|(_, value)| value.sort());
            }
            Self::Scalar(_) | Self::Text(_) => {}
        }
    }
}

/// INVARIANT: `rest` is the end of a text that is JSON.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Option<Node<'a>> {
        match self.peek()? {
            '{' => {
                let mut members = Vec::new();
                self.take('{')?;
                while self.peek()? != '}' {
                    let name = self.string()?;
                    self.take(':')?;
                    members.push((name, self.value()?));
                    let _ = self.take(',');
                }
                self.take('}')?;
                Some(Node::Object(members))
            }
            '[' => {
                let mut items = Vec::new();
                self.take('[')?;
                while self.peek()? != ']' {
                    items.push(self.value()?);
                    let _ = self.take(',');
                }
                self.take(']')?;
                Some(Node::List(items))
            }
            '"' => self.string().map(Node::Text),
            _ => {
                let end = self
                    .rest
                    .find([',', ']', '}', ' ', '\t', '\r', '\n'])
                    .unwrap_or(self.rest.len());
                let (scalar, rest) =
                    self.rest.split_at_checked(end).filter(|(scalar, _)| !scalar.is_empty())?;
                self.rest = rest;
                Some(Node::Scalar(scalar))
            }
        }
    }

    fn string(&mut self) -> Option<&'a str> {
        self.peek().filter(|c| *c == '"')?;
        let mut escaped = false;
        let end = self.rest.bytes().skip(1).position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })?;
        let (string, rest) = self.rest.split_at_checked(end + 2)?;
        self.rest = rest;
        Some(string)
    }

    /// The next character that is no white space.
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.chars().next()
    }

    fn take(&mut self, expected: char) -> Option<()> {
        self.peek()?;
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_spelling_are_kept() {
        let node =
            parse(" { \"b\" : 1.0e2 , \"a\\\"\\\\\" : [ ] , \"a\":[true,\"x,]\"]}\n").unwrap();
        let Node::Object(members) = &node else { panic!("{node:?}") };
        assert_eq!(members[0], ("\"b\"", Node::Scalar("1.0e2")));
        assert_eq!(members[1], (r#""a\"\\""#, Node::List(Vec::new())));
        assert_eq!(members[2].1, Node::List(vec![Node::Scalar("true"), Node::Text("\"x,]\"")]));
        let mut sorted = node.clone();
        sorted.sort();
        let Node::Object(members) = sorted else { panic!() };
        let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["\"a\"", r#""a\"\\""#, "\"b\""]);
    }

    #[test]
    fn what_is_no_json_is_none() {
        for text in ["", "1", "\"a\"", "{", "{\"a\"}", "{} x", "[1,]", "{'a':1}", "\u{feff}{}"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"[".repeat(1_000_000)), None);
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(parse(&deep).is_some());
    }
}
