//! Pure readers of a request, and the canonical forms that senders sign and no template can say.
//!
//! A scheme names a place (`query:id`, `form:json`, `json:/a/b`) or a canonical form (`{canonical:sns}`); the files here
//! turn a [`Request`](crate::Request) into that text. Each sender's form is one file with its source.
//!
//! **Invariants.** Nothing here knows a key, a clock or the network. A value that two readers of the same request could
//! see differently (a name that stands there twice, text that is not UTF-8, a part that no form covers) is refused, never
//! picked. Work is linear in the request, or `n log n` where a form sorts; what is listed or collected is counted.

pub(crate) mod cavage;
pub(crate) mod contentful;
pub(crate) mod digest;
pub(crate) mod form;
mod header_params;
pub(crate) mod host;
pub(crate) mod json;
pub(crate) mod json_scan;
mod json_walk;
pub(crate) mod key_material;
pub(crate) mod lookup;
mod multipart;
pub(crate) mod pairs;
mod plain_member;
pub(crate) mod plivo;
pub(crate) mod qsh;
pub(crate) mod signed_headers;
pub(crate) mod sns;
pub(crate) mod sorted_values;
pub(crate) mod truelayer;
pub(crate) mod url;
pub(crate) mod url_spelling;

#[cfg(test)]
mod tests;
