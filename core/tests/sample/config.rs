//! Sample values for what only the user of a scheme knows.

use hookseal::Scheme;

/// The scheme of this name, with a value for each of its settings.
pub(crate) fn scheme(id: &str) -> Scheme {
    let settings = Scheme::catalogue_entry(id).unwrap().config;
    let config: Vec<(&str, &str)> =
        settings.iter().map(|(name, _)| (name.as_str(), value(name))).collect();
    Scheme::builtin_with(id, &config).unwrap()
}

/// What is given for a setting of this name.
pub(crate) fn value(name: &str) -> &'static str {
    if name == "issuer" { "https://example.com/hooks?a=1" } else { "x-sample" }
}
