//! The differences between two schemas: one keyed comparison, object by object.
//!
//! It knows no engine: whether two texts mean the same is asked of a [`Equivalence`]. Each [`Change`] has one cause; what
//! merely follows from it (the columns of a missing table, the constraints of a missing column) is not listed.

mod broken;
mod change;
mod check;
mod column;
mod context;
mod describe;
mod equivalence;
mod foreign_key;
mod index;
mod key;
mod note;
mod object;
mod table;
mod written;

pub use self::change::{Change, Element, ObjectKind, ObjectName, ObjectRef};
pub use crate::base::rule::Difference;
pub use broken::{Broken, broken};
pub use equivalence::{Compiled, DefaultOf, Equivalence};
pub use note::Note;
pub use written::Renamed;

use crate::base::error::Result;
use crate::schema::Schema;
use context::Context;

/// What must change for `actual` to be `expected`, sorted: by table, then by kind of difference, then by name. The
/// same two schemas always give the same list.
///
/// # Errors
/// `Interrupted`, as the judge says.
pub fn diff(expected: &Schema, actual: &Schema, equivalence: &mut dyn Equivalence) -> Result<Vec<Change>> {
    let mut context = Context { expected, actual, equivalence, changes: Vec::new() };
    object::pragmas(&mut context);
    table::tables(&mut context)?;
    object::views(&mut context)?;
    object::triggers(&mut context)?;
    let mut changes = context.changes;
    changes.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    Ok(changes)
}
