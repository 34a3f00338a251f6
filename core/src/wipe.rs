//! What wipes secrets that lie on the heap.

#[cfg(not(feature = "heap-wipes"))]
pub(crate) use zeroize::Zeroizing as Wiped;

/// A value whose memory the heap wipes when it gets it back.
#[cfg(feature = "heap-wipes")]
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a secret")]
pub struct Wiped<T>(T);

#[cfg(feature = "heap-wipes")]
impl<T> Wiped<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(value)
    }
}

#[cfg(feature = "heap-wipes")]
impl<T> std::ops::Deref for Wiped<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[cfg(feature = "heap-wipes")]
impl<T> std::ops::DerefMut for Wiped<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
