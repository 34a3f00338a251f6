//! The processes that are measured: started, watched, stopped.
//!
//! What is told of a process comes from `/proc`; where there is none, nothing is told and nothing fails.

mod disk;
mod server;
mod thread_clock;
mod usage;
mod watch;

pub use self::{
    disk::DiskWatch,
    server::{Ask, Server, free_port},
    thread_clock::ThreadClock,
    usage::{Usage, busy},
    watch::{Peak, Watch},
};
