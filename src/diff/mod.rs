//! The differences between two schemas: one keyed comparison, object by object.
//!
//! It knows no engine: whether two texts mean the same is asked of a [`Meaning`]. Each [`Change`] has one cause; what
//! merely follows from it (the columns of a missing table, the constraints of a missing column) is not listed.

mod broken;
mod change;
mod check;
mod column;
mod describe;
mod foreign_key;
mod index;
mod key;
mod meaning;
mod object;
mod table;
mod written;

pub use broken::{Broken, broken};
pub use change::{Change, Difference, Element, ObjectKind, ObjectName, ObjectRef};
pub use describe::column as describe_column;
pub use meaning::{Compiled, DefaultOf, Meaning};
pub use written::Renamed;

use crate::error::Result;
use crate::schema::Schema;

/// Both sides and the judge, as each comparison needs them.
struct Context<'a> {
    expected: &'a Schema,
    actual: &'a Schema,
    meaning: &'a mut dyn Meaning,
    changes: Vec<Change>,
}

impl Context<'_> {
    fn push(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// What to say of the texts of a finding that hold a name in double quotes which SQLite takes for a string.
    fn quoting_note(&mut self, texts: &[Compiled<'_>]) -> Result<Option<String>> {
        for text in texts {
            if let Some(name) = self.meaning.string_in_double_quotes(*text)? {
                let (quoted, string) = (crate::sql::quote(&name), crate::sql::quote_string(&name));
                let note = format!("{quoted} is no column here, SQLite takes it for the string {string}");
                return Ok(Some(note));
            }
        }
        Ok(None)
    }
}

/// What must change for `actual` to be `expected`, sorted: by table, then by kind of difference, then by name. The
/// same two schemas always give the same list.
///
/// # Errors
/// `Interrupted`, as the judge says.
pub fn diff(expected: &Schema, actual: &Schema, meaning: &mut dyn Meaning) -> Result<Vec<Change>> {
    let mut context = Context { expected, actual, meaning, changes: Vec::new() };
    object::pragmas(&mut context);
    table::tables(&mut context)?;
    object::views(&mut context)?;
    object::triggers(&mut context)?;
    let mut changes = context.changes;
    changes.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    Ok(changes)
}

/// The first of which a judge says so.
fn first<T>(
    items: impl IntoIterator<Item = T>,
    mut judge: impl FnMut(&T) -> Result<bool>,
) -> Result<Option<T>> {
    for item in items {
        if judge(&item)? {
            return Ok(Some(item));
        }
    }
    Ok(None)
}
