//! What few schemes have.

#[cfg(not(feature = "whole"))]
use std::marker::PhantomData;

/// A value that few schemes have. In a build that is not [whole](crate::WHOLE) none has it, and the code for it is not
/// there.
#[cfg(feature = "whole")]
#[derive(Clone, Debug)]
pub(crate) struct Rare<T>(Option<T>);

/// As above.
#[cfg(not(feature = "whole"))]
#[derive(Clone, Debug)]
pub(crate) struct Rare<T>(PhantomData<T>);

impl<T> Rare<T> {
    pub(crate) const NONE: Self = Self::none();

    #[cfg(feature = "whole")]
    pub(crate) fn new(value: Option<T>) -> Self {
        Self(value)
    }

    #[cfg(not(feature = "whole"))]
    pub(crate) fn new(_: Option<T>) -> Self {
        Self::NONE
    }

    #[cfg(feature = "whole")]
    const fn none() -> Self {
        Self(None)
    }

    #[cfg(not(feature = "whole"))]
    const fn none() -> Self {
        Self(PhantomData)
    }

    #[cfg(feature = "whole")]
    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }

    #[cfg(not(feature = "whole"))]
    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        None
    }

    pub(crate) fn is_some(&self) -> bool {
        self.get().is_some()
    }
}
