//! What only an engine of several nodes has to do: on one database, and when that goes away.

#![cfg(test)]

mod bed;
#[path = "../support/postgres.rs"]
mod cluster;
mod leases;
mod lists;
mod notices;
mod outages;
mod repeats;
mod start;
mod takeover;
mod time;
mod together;
