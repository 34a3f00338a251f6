//! PostgreSQL beside the server: a cluster of our own, and what it says it has done.

mod cluster;
mod statistics;

pub use self::{cluster::Cluster, statistics::Statistics};
