//! Why the database did not do it, and what follows from that.

use std::fmt;

use tokio_postgres::error::{DbError, SqlState};

use crate::store::StoreError;

/// Sorted by what the engine does next.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The connection is gone, or the server refuses to work: connect again.
    Lost(String),
    /// Two transactions stood in each other's way: do it again.
    Collision,
    /// A unique row is there already.
    Duplicate,
    /// It will fail the same way again.
    Final(StoreError),
}

impl Fault {
    pub(super) fn engine(text: impl Into<String>) -> Self {
        Self::Final(StoreError::Engine(text.into()))
    }

    pub(super) fn corrupt(table: &'static str, id: &dyn fmt::Display) -> Self {
        Self::Final(StoreError::Corrupt { table, id: id.to_string() })
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        // The client's own text names no value: neither the password nor what was to be stored.
        let Some(database) = error.as_db_error() else {
            return if error.is_closed() || is_io(&error) {
                Self::Lost(format!("postgres: {}", with_causes(&error)))
            } else {
                Self::engine(format!("postgres: {}", with_causes(&error)))
            };
        };
        let text = describe(database);
        match database.code() {
            &SqlState::T_R_DEADLOCK_DETECTED | &SqlState::T_R_SERIALIZATION_FAILURE => {
                Self::Collision
            }
            &SqlState::UNIQUE_VIOLATION => Self::Duplicate,
            code if is_outage(code) => Self::Lost(text),
            code if has_no_room(code) => Self::Final(StoreError::Unavailable(text)),
            _ => Self::engine(text),
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Lost(text) => Self::Unavailable(text),
            Fault::Collision => {
                Self::Engine("postgres: transactions keep standing in each other's way".to_owned())
            }
            Fault::Duplicate => {
                Self::Engine("postgres: a row of this key is there already".to_owned())
            }
            Fault::Final(error) => error,
        }
    }
}

/// Not the detail: that quotes the row.
fn describe(error: &DbError) -> String {
    format!("postgres: {} ({})", error.message(), error.code().code())
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.is::<std::io::Error>() {
            return true;
        }
        cause = inner.source();
    }
    false
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}

/// The server goes down, comes up, has no connection to spare, or has become a standby: another try may find a better one.
fn is_outage(code: &SqlState) -> bool {
    let code = code.code();
    code.starts_with("08") || ["57P01", "57P02", "57P03", "53300", "25006", "40003"].contains(&code)
}

/// The disk or the memory of the server takes nothing at the moment, on this connection as on any other.
fn has_no_room(code: &SqlState) -> bool {
    ["53100", "53200", "58030"].contains(&code.code())
}
