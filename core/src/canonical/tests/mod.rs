//! Tests of all canonical forms together.

mod properties;
mod vectors;
