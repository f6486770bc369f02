//! engine

pub mod sqlite;
