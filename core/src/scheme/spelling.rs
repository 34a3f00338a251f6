//! The name that somebody meant who mistyped it.

/// The one of `names` that `typed` is but for at most two letters, and fewer in short names.
pub(super) fn closest<'n>(typed: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names
        .filter(|name| name.len().abs_diff(typed.len()) <= MAX_DISTANCE)
        .map(|name| (strsim::levenshtein(name, typed), name))
        .filter(|(distance, name)| *distance <= MAX_DISTANCE.min(name.len() / 3))
        .min()
        .map(|(_, name)| name)
}

const MAX_DISTANCE: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let find =
            |typed| closest(typed, ["github", "gitlab", "standard_webhooks", "wix"].into_iter());
        assert_eq!(find("githib"), Some("github"));
        assert_eq!(find("standardwebhooks"), Some("standard_webhooks"));
        assert_eq!(find("standard-webhooks"), Some("standard_webhooks"));
        assert_eq!(find("wax"), Some("wix"));
        assert_eq!(find("abc"), None);
        assert_eq!(find(""), None);
        assert_eq!(find(&"x".repeat(100_000)), None);
    }
}
