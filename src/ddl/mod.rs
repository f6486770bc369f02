//! SQLite's CREATE statements, read into the model of [`crate::schema`]. Text in, model out; no connection.
//!
//! SQLite has already accepted every statement that comes here, so these readers need not refuse bad SQL; they must
//! only never misread good SQL. Therefore they are strict: each token is either understood or the statement comes
//! back as unread, and then the audit compares it by its tokens. They follow
//! <https://www.sqlite.org/src/file/src/parse.y>, quirks included (names in single quotes, no comma between table
//! constraints, `GENERATED ALWAYS` that looks like part of the type).

mod alter;
mod clauses;
mod comment;
mod cursor;
mod index;
mod new_name;
mod notes;
mod plain;
mod renamed;
mod states;
mod stored;
mod table;
mod trigger;
mod view;
mod write;

pub use alter::{Alteration, alter_table, dropped};
pub use comment::{Comment, of_column};
pub(crate) use cursor::Cursor;
pub use cursor::{Kind, Unread};
pub use index::create_index;
pub use new_name::NewName;
pub use notes::Notes;
pub use plain::{plainly_compiles, plainly_fires};
pub use renamed::renamed_in;
pub use states::states_exactly;
pub use stored::{Stored, There};
pub(crate) use table::constraint_at;
pub use table::{create_table, create_virtual_table};
pub use trigger::{create_trigger, trigger_on};
pub use view::create_view;
pub use write::{dump, format_create_table, pragma_statements, stated_pragmas};

use crate::schema::Ident;

/// The kind of what a CREATE statement makes, in whatever database.
pub fn kind(statement: &str) -> Option<Kind> {
    Cursor::of_head(statement).create_head().ok()
}

/// What `statement` creates, and under which name; `None` when it is no CREATE statement of the main schema.
pub fn created(statement: &str) -> Option<(Kind, Ident)> {
    let mut cursor = Cursor::of_head(statement);
    if cursor.at_words(&["CREATE", "TEMP"]) || cursor.at_words(&["CREATE", "TEMPORARY"]) {
        return None;
    }
    let kind = cursor.create_head().ok()?;
    let name = cursor.main_object_name().ok()?;
    Some((kind, Ident::from(name.unquoted())))
}
