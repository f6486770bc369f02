//! Engines: what opens a database, reads its schema and runs migrations on it.

pub mod sqlite;
