//! By what a receiver knows that it has seen an event before.

use pyo3::prelude::*;

use crate::body::to_bytes;
use crate::text::optional;

/// The event's id or, where the sender gives none, `sha256:` and the hash of the body.
#[pyfunction]
pub(crate) fn idempotency_key(
    id: Option<&Bound<'_, PyAny>>,
    body: &Bound<'_, PyAny>,
) -> PyResult<String> {
    let (id, body) = (optional("id", id)?, to_bytes(body)?);
    Ok(hookseal::idempotency_key(id.as_deref(), body.as_bytes()))
}
