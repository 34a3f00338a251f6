//! The answer that lists something.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{error::ApiError, service::page::Page};

/// One page.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}List")]
pub(crate) struct ListView<T> {
    /// The rows.
    data: Vec<T>,
    /// What to send as `after` or `before` for the next page; `null` on the last.
    next: Option<String>,
}

impl<T> ListView<T> {
    /// A list that has one page.
    pub(crate) const fn whole(data: Vec<T>) -> Self {
        Self { data, next: None }
    }

    /// The views of a page's rows.
    pub(crate) fn of<R>(page: Page<R>) -> Self
    where
        T: From<R>,
    {
        Self { data: page.rows.into_iter().map(T::from).collect(), next: page.next }
    }

    /// The views of a page's rows, where a row may not make sense.
    pub(crate) fn try_of<R>(page: Page<R>) -> Result<Self, ApiError>
    where
        T: TryFrom<R, Error = ApiError>,
    {
        let data = page.rows.into_iter().map(T::try_from).collect::<Result<_, _>>()?;
        Ok(Self { data, next: page.next })
    }
}
