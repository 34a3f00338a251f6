//! How many files the process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit of this process towards the one that it may not pass, and says what it is then: what a shell or a
/// container gives at first is often 1,024.
pub(super) fn raise() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(WANTED, |hard| hard.min(WANTED));
    let mut current = limit.current.unwrap_or(u64::MAX);
    if current < wanted {
        match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum })
        {
            Ok(()) => current = wanted,
            Err(error) => {
                tracing::warn!(%error, limit = current, "cannot raise the limit of open files");
            }
        }
    }
    usize::try_from(current).unwrap_or(usize::MAX)
}

/// More than all parts of the server take together.
const WANTED: u64 = 16_384;
