//! The keys of a WSGI environ (PEP 3333), as Django's META has them, too.

/// The key that every environ has.
pub(crate) const OF_ENVIRON: &str = "REQUEST_METHOD";

/// The key of a header in an environ.
pub(crate) fn to_environ(name: &str) -> String {
    let key = name.to_ascii_uppercase().replace('-', "_");
    if WITHOUT_PREFIX.contains(&name) { key } else { format!("HTTP_{key}") }
}

/// The header that a key of an environ stands for.
pub(crate) fn from_environ(key: &str) -> Option<String> {
    let name = |key: &str| key.to_ascii_lowercase().replace('_', "-");
    match key.strip_prefix("HTTP_") {
        Some(key) => Some(name(key)),
        None => Some(name(key)).filter(|name| WITHOUT_PREFIX.contains(&name.as_str())),
    }
}

pub(crate) const WITHOUT_PREFIX: [&str; 2] = ["content-type", "content-length"];
