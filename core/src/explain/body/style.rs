//! How serialisers write the same JSON.

use super::json::Node;

/// One way of writing.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) spacing: Spacing,
    /// None leaves strings as they are written.
    pub(super) escapes: Option<Escapes>,
    pub(super) numbers: Numbers,
}

/// What stands between.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Spacing {
    pub(super) comma: &'static str,
    pub(super) colon: &'static str,
    pub(super) indent: Option<&'static str>,
}

/// What is written as `\u…` or `\/` although it need not be.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Escapes {
    pub(super) non_ascii: bool,
    pub(super) slash: bool,
    pub(super) others: &'static str,
    /// Whether the hex digits are capitals.
    pub(super) capitals: bool,
}

/// How numbers are written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Numbers {
    AsTheyAre,
    /// With two decimals, all of them.
    Cents,
    /// With two decimals, the one at this index.
    OneCents(usize),
    /// With `.0`, the one at this index.
    OneDecimal(usize),
    /// As JavaScript: `1`, `0.1`, `1e+21`.
    Short,
    /// With `.0`, all that have no fraction.
    WithDecimal,
}

impl Style {
    pub(super) fn write(self, node: &Node<'_>) -> Vec<u8> {
        let mut writer = Writer { style: self, out: String::new(), depth: 0, number: 0 };
        writer.value(node);
        writer.out.into_bytes()
    }
}

struct Writer {
    style: Style,
    out: String,
    depth: usize,
    /// How many numbers were written.
    number: usize,
}

impl Writer {
    fn value(&mut self, node: &Node<'_>) {
        match node {
            Node::List(items) => {
                self.out.push('[');
                self.depth += 1;
                for (index, item) in items.iter().enumerate() {
                    self.next_item(index);
                    self.value(item);
                }
                self.close(items.is_empty(), ']');
            }
            Node::Object(members) => {
                self.out.push('{');
                self.depth += 1;
                for (index, (name, value)) in members.iter().enumerate() {
                    self.next_item(index);
                    self.string(name);
                    self.out.push_str(self.style.spacing.colon);
                    self.value(value);
                }
                self.close(members.is_empty(), '}');
            }
            Node::Scalar(text) if text.starts_with(['t', 'f', 'n']) => self.out.push_str(text),
            Node::Scalar(text) => {
                let number = self.style.numbers.write(text, self.number);
                self.out.push_str(&number);
                self.number += 1;
            }
            Node::Text(raw) => self.string(raw),
        }
    }

    fn next_item(&mut self, index: usize) {
        if index > 0 {
            self.out.push_str(self.style.spacing.comma);
        }
        self.new_line();
    }

    fn close(&mut self, is_empty: bool, bracket: char) {
        self.depth = self.depth.saturating_sub(1);
        if !is_empty {
            self.new_line();
        }
        self.out.push(bracket);
    }

    fn new_line(&mut self) {
        let Some(indent) = self.style.spacing.indent else { return };
        self.out.push('\n');
        for _ in 0..self.depth {
            self.out.push_str(indent);
        }
    }

    fn string(&mut self, raw: &str) {
        // A lone half of a surrogate pair has no other spelling.
        let text = self.style.escapes.zip(serde_json::from_str::<String>(raw).ok());
        let Some((escapes, text)) = text else { return self.out.push_str(raw) };
        self.out.push('"');
        text.chars().for_each(|c| escapes.write(c, &mut self.out));
        self.out.push('"');
    }
}

impl Escapes {
    fn write(self, c: char, out: &mut String) {
        let short = match c {
            '"' if !self.others.contains('"') => Some("\\\""),
            '\\' => Some("\\\\"),
            '\n' => Some("\\n"),
            '\r' => Some("\\r"),
            '\t' => Some("\\t"),
            '\u{8}' => Some("\\b"),
            '\u{c}' => Some("\\f"),
            '/' if self.slash => Some("\\/"),
            _ => None,
        };
        if let Some(short) = short {
            return out.push_str(short);
        }
        let is_plain = c >= ' ' && (c.is_ascii() || !self.non_ascii);
        if is_plain && !self.others.contains(c) {
            return out.push(c);
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let escape =
                if self.capitals { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") };
            out.push_str(&escape);
        }
    }
}

impl Numbers {
    /// The number at `index`, as it is written in `text`.
    fn write(self, text: &str, index: usize) -> String {
        let changed = match self {
            Self::AsTheyAre => None,
            Self::Cents => cents(text),
            Self::OneCents(wanted) if wanted == index => cents(text),
            Self::OneDecimal(wanted) if wanted == index => with_decimal(text),
            Self::OneCents(_) | Self::OneDecimal(_) => None,
            Self::Short => short(text),
            Self::WithDecimal => with_decimal(text),
        };
        changed.unwrap_or_else(|| text.to_owned())
    }
}

fn is_integer(text: &str) -> bool {
    !text.contains(['.', 'e', 'E'])
}

fn with_decimal(text: &str) -> Option<String> {
    is_integer(text).then(|| format!("{text}.0"))
}

fn cents(text: &str) -> Option<String> {
    if text.contains(['e', 'E']) {
        return None;
    }
    match text.split_once('.') {
        None => Some(format!("{text}.00")),
        Some((_, fraction)) if fraction.len() == 1 => Some(format!("{text}0")),
        Some(_) => None,
    }
}

/// ECMAScript, `Number::toString`; integers of any size stay what they are.
fn short(text: &str) -> Option<String> {
    let number: f64 =
        text.parse().ok().filter(|number: &f64| !is_integer(text) && number.is_finite())?;
    let size = number.abs();
    if size == 0.0 {
        return Some("0".to_owned());
    }
    if (1e-6..1e21).contains(&size) {
        return Some(number.to_string());
    }
    let written = format!("{number:e}");
    Some(if size < 1.0 { written } else { written.replace('e', "e+") })
}

#[cfg(test)]
mod tests {
    use super::super::json::parse;
    use super::*;

    const PLAIN: Escapes = Escapes { non_ascii: false, slash: false, others: "", capitals: false };
    const COMPACT: Spacing = Spacing { comma: ",", colon: ":", indent: None };

    fn write(text: &str, spacing: Spacing, escapes: Option<Escapes>, numbers: Numbers) -> String {
        let bytes = Style { spacing, escapes, numbers }.write(&parse(text).unwrap());
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn spacing_is_that_of_the_serialisers() {
        let json = r#"{"a":[1,{}],"b":{"c":[]}}"#;
        let python = Spacing { comma: ", ", colon: ": ", indent: None };
        assert_eq!(
            write(json, python, None, Numbers::AsTheyAre),
            r#"{"a": [1, {}], "b": {"c": []}}"#
        );
        let two = Spacing { comma: ",", colon: ": ", indent: Some("  ") };
        assert_eq!(
            write(json, two, None, Numbers::AsTheyAre),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": []\n  }\n}"
        );
        assert_eq!(
            write(&write(json, two, None, Numbers::AsTheyAre), COMPACT, None, Numbers::AsTheyAre),
            json
        );
    }

    #[test]
    fn escapes_are_that_of_the_serialisers() {
        let json = r#"["é😀\u00e9</a>\n\u001f\"+"]"#;
        let all = Escapes { non_ascii: true, slash: true, others: "<>\"+", capitals: true };
        let write = |escapes| write(json, COMPACT, escapes, Numbers::AsTheyAre);
        assert_eq!(write(None), json);
        assert_eq!(write(Some(PLAIN)), "[\"é😀é</a>\\n\\u001f\\\"+\"]");
        assert_eq!(
            write(Some(all)),
            r#"["\u00E9\uD83D\uDE00\u00E9\u003C\/a\u003E\n\u001F\u0022\u002B"]"#
        );
        assert_eq!(
            super::tests::write(r#"["\ud800"]"#, COMPACT, Some(PLAIN), Numbers::AsTheyAre),
            r#"["\ud800"]"#
        );
    }

    #[test]
    fn numbers_are_that_of_the_serialisers() {
        let json = "[1,1.0,-2.50,1e2,1E-7,1.5e21,12345678901234567890,0.0,-0.0,1e999]";
        let write = |numbers| write(json, COMPACT, None, numbers);
        assert_eq!(
            write(Numbers::Short),
            "[1,1,-2.5,100,1e-7,1.5e+21,12345678901234567890,0,0,1e999]"
        );
        assert_eq!(
            write(Numbers::WithDecimal),
            "[1.0,1.0,-2.50,1e2,1E-7,1.5e21,12345678901234567890.0,0.0,-0.0,1e999]"
        );
        assert_eq!(
            write(Numbers::Cents),
            "[1.00,1.00,-2.50,1e2,1E-7,1.5e21,12345678901234567890.00,0.00,-0.00,1e999]"
        );
        assert!(write(Numbers::OneDecimal(0)).starts_with("[1.0,1.0,"));
        assert!(write(Numbers::OneCents(1)).starts_with("[1,1.00,"));
    }
}
