//! What commands and the rooms of the engine agree on: the traits of a database, and what is asked of one and answered. It opens
//! nothing, and knows no SQLite.

pub mod application;
pub mod database;
pub mod database_name;
pub mod fault;
pub mod history;
pub(crate) mod loss;
pub mod options;
pub mod plan;
pub mod rehearsal;
pub mod run;
pub mod sample;
pub mod scratch;
pub mod server_name;
pub mod spec_database;
pub mod squash;
