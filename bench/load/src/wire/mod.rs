//! HTTP/1.1 as the two ends of a measurement need it: whole messages over connections that stay open, and nothing
//! else. A general client or server would take more of the processor than what is measured.

mod client;
mod frame;
mod id;

pub use self::{
    client::{Answer, Client},
    frame::{Frame, MAX_MESSAGE},
    id::IdSource,
};

/// Headers of a message that are read; more is an error.
pub const MAX_HEADERS: usize = 64;
