//! Named read-only queries: what `planctl report` runs.
//!
//! A query is a file `NAME.sql`: a header of comment lines, and below it one SELECT, whose `:name` parameters the header
//! declares.
//!
//! ```sql
//! -- title: Failed tasks
//! -- description: The tasks that failed in the last days, the latest first.
//! -- param: days integer = 7 (how many days to look back)
//! -- param: now datetime = now (where the last day ends)
//! SELECT …
//! ```
//!
//! Nothing here has a connection: what can be told from the text is told here, the rest by the engine.

mod arguments;
mod folder;
mod header;
mod parameter;
mod query;
mod value;

pub use arguments::{Bound, bind};
pub use folder::{File, files, find};
pub use parameter::{Default, Parameter, Type};
pub use query::{Bar, Query};
pub use value::{Rows, Value};
