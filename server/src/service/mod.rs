//! The rules: what the API's calls do. Each use case is one transaction of the store.

pub mod accounts;
pub mod endpoints;
pub mod events;
pub mod keys;
