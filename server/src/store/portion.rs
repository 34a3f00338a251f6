//! How much one step takes of what can wait.

/// How many events, with deliveries to so many endpoints each, one transaction takes: about [`ROWS`] deliveries, and at
/// least one event.
pub(super) fn of_events(endpoints: impl Iterator<Item = usize>) -> usize {
    let mut rows = 0_usize;
    let fits = |endpoints: usize| {
        let is_first = rows == 0;
        rows = rows.saturating_add(endpoints).saturating_add(1);
        is_first || rows <= ROWS
    };
    endpoints.map(fits).take_while(|fits| *fits).count()
}

/// Rows: a few milliseconds of work.
const ROWS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_many_small_ones_or_one_that_is_large() {
        assert_eq!(of_events([1; 2000].into_iter()), 500);
        assert_eq!(of_events([0; 2000].into_iter()), 1000);
        assert_eq!(of_events([1000; 256].into_iter()), 1);
        assert_eq!(of_events([100_000].into_iter()), 1);
        assert_eq!(of_events([10, 100_000].into_iter()), 1);
        assert_eq!(of_events(std::iter::empty()), 0);
    }
}
