//! Memory that the bodies of requests share.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::error::{ApiCode, ApiError};

/// Room for bodies: whoever uploads slowly, or much at once, takes no more than this from the others.
#[derive(Debug, Default)]
pub struct Room {
    taken: AtomicUsize,
}

impl Room {
    /// A part of it, of nothing at first.
    pub fn part(self: &Arc<Self>) -> Part {
        Part { room: Arc::clone(self), bytes: AtomicUsize::new(0) }
    }
}

/// What one request has of a [`Room`]; given back when dropped.
#[derive(Debug)]
pub struct Part {
    room: Arc<Room>,
    bytes: AtomicUsize,
}

impl Part {
    /// Takes so many bytes more.
    ///
    /// # Errors
    /// `overloaded` when all bodies together would take more than 64 MiB.
    pub fn grow(&self, bytes: usize) -> Result<(), ApiError> {
        // Before the check, so that it is given back in any case.
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let taken = self.room.taken.fetch_add(bytes, Ordering::Relaxed);
        if taken.saturating_add(bytes) > MAX_BYTES {
            let message = "the server reads more bodies than it has room for";
            return Err(ApiError::new(ApiCode::Overloaded, message));
        }
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.room.taken.fetch_sub(*self.bytes.get_mut(), Ordering::Relaxed);
    }
}

/// Bytes of bodies that are in memory at once.
const MAX_BYTES: usize = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back() {
        let room = Arc::<Room>::default();
        let (one, other) = (room.part(), room.part());
        one.grow(MAX_BYTES).unwrap();
        assert_eq!(other.grow(1).unwrap_err().code(), "overloaded");
        drop(one);
        assert!(other.grow(1).is_ok());
        drop(other);
        assert_eq!(room.taken.load(Ordering::Relaxed), 0);
    }
}
