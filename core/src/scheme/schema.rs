//! For the JSON Schema of schemes: the forms of their texts, as patterns that JavaScript and Python read alike.
//!
//! A schema says what is well-formed; whether it makes sense, only the core says.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::Canonical;

const CONFIG: &str = r"\{config:[^{}]+\}";
const HEADER: &str = r"([!#$%&'*+.^_`|~0-9A-Za-z-]|\{config:[^{}]+\})+";
const POINTER: &str = r"(/([^~/]|~[01])*){1,32}";

/// The pattern of a selector.
pub(super) fn selector() -> String {
    format!("^({})$", alternatives(HEADER))
}

/// The forms of a selector; `header` is the pattern of a header's name.
fn alternatives(header: &str) -> String {
    format!(
        "body|header:{header}|(query|form):.+|(json|item|claim):{POINTER}|form_json:[^:]+:{POINTER}"
    )
}

/// Declares forms of text: type, description, pattern.
macro_rules! texts {
    ($($name:ident, $description:literal, $pattern:expr;)*) => {$(
        pub(super) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "description": $description, "pattern": $pattern })
            }
        }
    )*};
}

texts! {
    NumberedSelector,
        "A place of the request. `header:x-signature-{1..100}` stands for headers with these numbers.",
        format!("^({})$", alternatives(&format!(r"{HEADER}(\{{\d+\.\.\d+\}})?")));
    SelectorOrSignature,
        "A place of the request, or `signature` for beside the signature, where its format says.",
        format!("^(signature|{})$", alternatives(HEADER));
    UrlOrSelector,
        "An `https://` URL, or the place of the request that names it.",
        format!("^(https://.+|{CONFIG}.*|{})$", alternatives(HEADER));
}

/// The pattern of a template.
pub(super) fn signed_content() -> String {
    let hooks = Canonical::ALL.map(|(name, _)| name).join("|");
    let plain = "body|body_crc32|body_sha256:(base64|hex|raw)|method|secret|secret\\|reverse|sorted_form|sorted_query\
                 |timestamp|url|url_without_query";
    let values = format!(
        r"header:{HEADER}|(query|form):[^{{}}]+|(json|item):/[^{{}}]*|form_json:[^:{{}}]+:/[^{{}}]*"
    );
    let token = format!(
        r"\{{({plain}|canonical:({hooks})|field:[^{{}}]+|config:[^{{}}]+|({values})(\|lower)?(\|free)?\??)\}}"
    );
    let literal = r"[^{\[]|\[(?!\[)";
    format!(r"^({literal}|{token}|\[\[((?!\]\])[^{{]|{token})*\]\])*$")
}
