//! For the JSON Schema of schemes: the forms that handshakes are read from.

use schemars::JsonSchema;

use super::rule::Rule;
use super::template::Template;

/// The form of a [`Place`](super::place::Place).
pub(super) const PLACE: &str = concat!(
    r"^(header:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}|(query|form):.+",
    r"|json:(/([^~/]|~[01])*){1,32})$"
);

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "its schema is used, not its values")]
pub(super) enum RuleOrRules {
    One(Box<Rule>),
    Several(Vec<Rule>),
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "its schema is used, not its values")]
pub(super) enum NumberOrText {
    Number(f64),
    Text(Template),
}
