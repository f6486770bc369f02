//! What every part stands on: errors, places in files, events, names that were meant.

pub mod context;
pub mod directive;
pub mod error;
pub mod escape;
pub mod finding;
pub mod job;
pub mod location;
pub mod nearest;
pub mod pattern;
pub mod progress;
pub mod replacement;
pub mod rule;
pub mod severity;
pub mod source;
pub mod toml_error;
pub(crate) mod words;
