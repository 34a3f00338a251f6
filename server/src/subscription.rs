//! What an endpoint subscribes to, and what an event matches.
//!
//! A pattern is a type (`invoice.paid`), the beginning of types up to a point (`invoice.*`), or `*` for all. The server's own
//! events (`hookseal.…`) are not among "all": only who names them, or `hookseal.*`, gets them.

/// What subscriptions an event of this type matches.
#[must_use]
pub fn patterns_of(event_type: &str) -> Vec<String> {
    let prefixes = event_type.match_indices('.').filter_map(|(at, _)| event_type.get(..at));
    let prefixes = prefixes.map(|prefix| format!("{prefix}.*"));
    let all = (!is_operational(event_type)).then(|| ALL.to_owned());
    std::iter::once(event_type.to_owned()).chain(prefixes).chain(all).collect()
}

/// The prefix that a pattern such as `invoice.*` stands for.
#[must_use]
pub fn prefix(pattern: &str) -> Option<&str> {
    pattern.strip_suffix(".*").filter(|prefix| !prefix.is_empty())
}

/// Whether a type is one of the server's own.
#[must_use]
pub fn is_operational(event_type: &str) -> bool {
    event_type.starts_with(OPERATIONAL)
}

/// Stands for all types but the server's own.
pub const ALL: &str = "*";
const OPERATIONAL: &str = "hookseal.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_matches_itself_its_prefixes_and_all() {
        assert_eq!(patterns_of("a.b.c"), ["a.b.c", "a.*", "a.b.*", "*"]);
        assert_eq!(patterns_of("ping"), ["ping", "*"]);
        assert_eq!(
            patterns_of("hookseal.endpoint.disabled"),
            ["hookseal.endpoint.disabled", "hookseal.*", "hookseal.endpoint.*"]
        );
        assert_eq!(prefix("a.b.*"), Some("a.b"));
        assert_eq!(prefix(".*"), None);
        assert_eq!(prefix("*"), None);
    }
}
