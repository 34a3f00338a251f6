//! Lists, a page at a time.

/// One page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub rows: Vec<T>,
    /// The id of its last row, when more follows.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The page of the first `limit` rows, when one more than that was looked up.
    pub(super) fn of(mut rows: Vec<T>, limit: u32, id: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(id);
        Self { rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_the_next_only_when_there_is_one() {
        let id = |row: &u32| row.to_string();
        let page = Page::of(vec![1, 2, 3], 2, id);
        assert_eq!((page.rows, page.next.as_deref()), (vec![1, 2], Some("2")));
        let page = Page::of(vec![1, 2], 2, id);
        assert_eq!((page.rows, page.next), (vec![1, 2], None));
        let page = Page::of(vec![], 2, id);
        assert_eq!((page.rows, page.next), (vec![], None));
    }
}
