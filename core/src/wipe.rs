//! What wipes secrets that lie on the heap.

#[cfg(any(feature = "whole", not(feature = "heap-wipes")))]
pub(crate) use zeroize::Zeroizing as Wiped;

/// A value whose memory the heap wipes when it gets it back.
#[cfg(all(feature = "heap-wipes", not(feature = "whole")))]
#[derive(Clone)]
pub struct Wiped<T>(T);

#[cfg(all(feature = "heap-wipes", not(feature = "whole")))]
mod by_the_heap {
    use std::fmt;
    use std::ops::{Deref, DerefMut};

    use super::Wiped;

    impl<T> Wiped<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(value)
        }
    }

    impl<T> Deref for Wiped<T> {
        type Target = T;

        fn deref(&self) -> &T {
            &self.0
        }
    }

    impl<T> DerefMut for Wiped<T> {
        fn deref_mut(&mut self) -> &mut T {
            &mut self.0
        }
    }

    impl<T: AsRef<U>, U: ?Sized> AsRef<U> for Wiped<T> {
        fn as_ref(&self) -> &U {
            self.0.as_ref()
        }
    }

    impl<T> fmt::Debug for Wiped<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Wiped(…)")
        }
    }
}
