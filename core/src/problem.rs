//! What is wrong with the JSON of a scheme or a retry policy, in words: where in it, what is expected, what came.
//!
//! The parser tells line and column, which say little of a file with its settings put in, and nothing of an object that
//! a program made. The path to the value says it for all of them.

use serde::de::IgnoredAny;

use crate::error::{clip, say};

/// Names for people in place of the parser's.
const NAMES: [(&str, &str); 12] = [
    ("invalid type: map", "got an object"),
    ("invalid type: sequence", "got a list"),
    ("invalid type: ", "got "),
    ("invalid value: ", "got "),
    ("expected a map", "expected an object"),
    ("expected a sequence", "expected a list"),
    ("expected f64", "expected a number"),
    ("expected u16", "expected a whole number up to 65535"),
    ("expected u32", "expected a whole number up to 4294967295"),
    ("expected usize", "expected a whole number"),
    ("expected value", "expected a name"),
    ("expected variant identifier", "expected a name"),
];

/// The same for what is not JSON.
const SYNTAX: [(&str, &str); 9] = [
    ("EOF while parsing a list", "expected `,` or `]`"),
    ("EOF while parsing a string", "expected the `\"` that ends a string"),
    ("EOF while parsing a value", "expected a value"),
    ("EOF while parsing an object", "expected `,` or `}`"),
    ("expected ident", "expected `true`, `false` or `null`"),
    ("expected value", "expected a value"),
    ("key must be a string", "expected a name in double quotes"),
    ("trailing characters", "expected the end of the text"),
    ("trailing comma", "expected no `,` before this"),
];

/// The message for `json`, which is to be `what` and no object.
pub(crate) fn no_object(what: &str, json: &str) -> String {
    let got = match json.trim_start().chars().next() {
        None => "nothing".to_owned(),
        Some('[') => "a list".to_owned(),
        Some(first) => say!("text that begins with `{}`", shown(first)),
    };
    say!("{what}: expected a JSON object, got {got}")
}

/// The message for `json`, which is to be `what` and which the parser refused.
pub(crate) fn in_json(what: &str, json: &str, error: &serde_json::Error) -> String {
    // Not all that is a syntax error to the parser is one: it looks for a name only where there is a string.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(json) {
        return no_json(what, json, &error);
    }
    let mut problem = without_place(error);
    for (name, plain) in NAMES {
        problem = problem.replacen(name, plain, 1);
    }
    let path = path(json.as_bytes().get(..offset(json, error)).unwrap_or(json.as_bytes()));
    if path.is_empty() || problem.starts_with(&path) {
        return say!("{what}: {problem}");
    }
    say!("{what}: `{}`: {problem}", clip(&path))
}

/// The message for what is not JSON: behind which value it ends to be, what is expected there, what came.
fn no_json(what: &str, json: &str, error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let problem = without_place(error);
    let problem = SYNTAX.iter().find(|(name, _)| problem == *name).map_or(&*problem, |row| row.1);
    let before = offset(json, error).saturating_sub(usize::from(!error.is_eof()));
    let before = (0..=before).rfind(|at| json.is_char_boundary(*at)).unwrap_or_default();
    let (read, rest) = json.split_at_checked(before).unwrap_or((json, ""));
    let got = match rest.chars().next() {
        None => "the end of the text".to_owned(),
        Some(came) => say!("`{}`", shown(came)),
    };
    // Where a name is expected, the one before is nearest.
    let path = path(read.trim_end().trim_end_matches(',').as_bytes());
    let near = if path.is_empty() { String::new() } else { say!("near `{}`, ", clip(&path)) };
    say!("{what}: not JSON: {near}line {line} column {column}: {problem}, got {got}")
}

fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// A character that one can see.
fn shown(c: char) -> String {
    if c.is_ascii_punctuation() { c.to_string() } else { c.escape_debug().to_string() }
}

/// How many bytes the parser had read.
fn offset(json: &str, error: &serde_json::Error) -> usize {
    let lines = json.split_inclusive('\n').take(error.line().saturating_sub(1));
    lines.map(str::len).sum::<usize>() + error.column()
}

/// The way to the value at the end of `json`, which is well-formed so far: `signature.format`, `handshake.1.match`.
fn path(json: &[u8]) -> String {
    // Of each object and list that is open, the key or number of the value that was last.
    let mut open: Vec<Step> = Vec::new();
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        at += 1;
        match byte {
            b'{' => open.push(Step::Key { name: None, is_next: true }),
            b'[' => open.push(Step::Number(0)),
            b'}' | b']' => {
                open.pop();
            }
            b',' => match open.last_mut() {
                Some(Step::Number(number)) => *number += 1,
                Some(step) => *step = Step::Key { name: None, is_next: true },
                None => {}
            },
            b'"' => {
                let rest = json.get(at..).unwrap_or_default();
                let len = string_len(rest);
                if let Some(Step::Key { name, is_next: is_next @ true }) = open.last_mut() {
                    let text = rest.get(..len).unwrap_or_default();
                    (*name, *is_next) = (Some(String::from_utf8_lossy(text).into_owned()), false);
                }
                at += len + 1;
            }
            _ => {}
        }
    }
    let steps = open.into_iter().filter_map(|step| match step {
        Step::Key { name, .. } => name,
        Step::Number(number) => Some(number.to_string()),
    });
    steps.collect::<Vec<String>>().join(".")
}

enum Step {
    Key { name: Option<String>, is_next: bool },
    Number(usize),
}

/// How long the text of a string is, up to its closing quote.
fn string_len(rest: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = rest.iter().position(|byte| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    });
    end.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use crate::Scheme;

    #[test]
    fn the_place_is_named() {
        let scheme = |from: &str, with: &str| {
            let json = r#"{"id":"acme", "config":{"b":{"description":"it is \"b\", {\\"}},
                "header_aliases":{"x-sig":["x-{config:b}"]}, "handshake":[{"respond":{"status":200},"only_key":"a"}],
                "timestamp":{"from":"header:x-time","unit":"s","tolerance_seconds":5},
                "signature":{"from":["header:x-sig"],"format":{"mode":"plain","prefix":"a"},"encoding":"hex"},
                "signed_content":"{timestamp}.{body}"}"#;
            assert!(json.contains(from), "{from}");
            let error = Scheme::from_json_with(&json.replacen(from, with, 1), &[("b", "y")]);
            error.unwrap_err().message().to_owned()
        };
        for (from, with, message) in [
            (
                r#""hex""#,
                r#""hexx""#,
                "scheme: `signature.encoding`: unknown variant `hexx`, expected one of",
            ),
            (r#""s""#, "1", "scheme: `timestamp.unit`: expected a name"),
            (
                ":5",
                r#":"5""#,
                "scheme: `timestamp.tolerance_seconds`: got string \"5\", expected a whole number",
            ),
            (
                ":5",
                ":-5",
                "scheme: `timestamp.tolerance_seconds`: got integer `-5`, expected a whole number",
            ),
            (
                r#""prefix""#,
                r#""prefx""#,
                "scheme: `signature.format`: unknown field `prefx`, expected",
            ),
            (
                r#"{"mode":"plain","prefix":"a"}"#,
                r#""plain""#,
                "scheme: `signature.format`: got string \"plain\", expected an object",
            ),
            (r#""header:x-time""#, r#""x-time""#, "scheme: `timestamp.from`: `header:NAME`"),
            (
                r#""status":200"#,
                r#""status":"200""#,
                "scheme: `handshake.0.respond.status`: got string \"200\"",
            ),
            (
                r#""x-{config:b}""#,
                r#""x-{config:b}", 1"#,
                "scheme: `header_aliases.x-sig.1`: got integer `1`, expected a string",
            ),
            (r#""description""#, r#""descripton""#, "scheme: `config.b.descripton`: unknown field"),
            (
                r#"{timestamp}.{body}"#,
                "{timestamp}.{boddy}",
                "scheme: signed_content has no token `{boddy}`",
            ),
            (
                r#""encoding":"hex""#,
                r#""form":"der""#,
                "scheme: `signature`: missing field `encoding`",
            ),
            (r#""signature""#, r#""signatur""#, "scheme: `signatur`: unknown field"),
            (
                r#"{"from":"header:x-time","unit":"s","tolerance_seconds":5}"#,
                r#"["header:x-time","s",5]"#,
                "scheme: `timestamp`: got a list, expected an object",
            ),
            (
                r#""acme","#,
                r#""acme",,"#,
                "scheme: not JSON: near `id`, line 1 column 14: expected a name in double quotes, got `,`",
            ),
            (
                r#""unit":"s","#,
                r#""unit":"s""#,
                "scheme: not JSON: near `timestamp.unit`, line 3 column 63: expected `,` or `}`, got `\"`",
            ),
            (
                r#"["header:x-sig"]"#,
                r#"["header:x-sig",]"#,
                "scheme: not JSON: near `signature.from.0`, line 4 column 53: expected a value, got `]`",
            ),
            (
                r#""hex""#,
                "hex",
                "scheme: not JSON: near `signature.encoding`, line 4 column 104: expected a value, got `h`",
            ),
            (
                r#""hex""#,
                "'é'",
                "scheme: not JSON: near `signature.encoding`, line 4 column 104: expected a value, got `'`",
            ),
            (
                r#""{timestamp}.{body}"}"#,
                r#""{timestamp}.{body}"#,
                "scheme: not JSON: near `signed_content`, line 5 column 52: expected the `\"` that ends a string, got the end",
            ),
            (
                r#"{body}"}"#,
                r#"{body}"}é"#,
                "scheme: not JSON: line 5 column 55: expected the end of the text, got `é`",
            ),
        ] {
            let found = scheme(from, with);
            assert!(found.starts_with(message), "{with}: {found}");
        }
        for (json, got) in [
            ("", "nothing"),
            (" [1]", "a list"),
            ("\u{feff}{}", "text that begins with `\\u{feff}`"),
        ] {
            let error = Scheme::from_json(json).unwrap_err();
            assert_eq!(error.message(), format!("scheme: expected a JSON object, got {got}"));
        }
    }
}
