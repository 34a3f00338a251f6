//! The name that somebody meant who mistyped it.

/// The one of `names` that `typed` is but for at most two letters, and fewer in short names.
pub(super) fn closest<'n>(typed: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names
        .filter(|name| name.len().abs_diff(typed.len()) <= MAX_DISTANCE)
        .map(|name| (distance(name.as_bytes(), typed.as_bytes()), name))
        .filter(|(distance, name)| *distance <= MAX_DISTANCE.min(name.len() / 3))
        .min()
        .map(|(_, name)| name)
}

const MAX_DISTANCE: usize = 2;

/// How many letters are to be put in, left out or replaced (Levenshtein).
fn distance(from: &[u8], to: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (at, letter) in from.iter().enumerate() {
        let (mut before, mut left) = (at, at + 1);
        let mut cells = row.iter_mut();
        if let Some(first) = cells.next() {
            *first = left;
        }
        for (cell, other) in cells.zip(to) {
            left = (before + usize::from(letter != other)).min(*cell + 1).min(left + 1);
            before = std::mem::replace(cell, left);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_letters() {
        for (from, to, expected) in [
            ("", "", 0),
            ("", "ab", 2),
            ("abc", "abc", 0),
            ("githib", "github", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(from.as_bytes(), to.as_bytes()), expected, "{from} {to}");
            assert_eq!(distance(to.as_bytes(), from.as_bytes()), expected, "{to} {from}");
        }
    }

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
