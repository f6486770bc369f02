//! What is compared, and the differences found so far.

use super::equivalence::Compiled;
use crate::base::error::Result;
use crate::base::rule::Difference;
use crate::diff::{Change, Equivalence};
use crate::schema::{Ident, Schema};

/// Both sides and the judge, as each comparison needs them.
pub(super) struct Context<'a> {
    pub(super) expected: &'a Schema,
    pub(super) actual: &'a Schema,
    pub(super) equivalence: &'a mut dyn Equivalence,
    pub(super) changes: Vec<Change>,
}

impl Context<'_> {
    pub(super) fn push(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Tells where the names of a constraint differ.
    pub(super) fn name(&mut self, change: &dyn Fn(Difference) -> Change, sides: [Option<&Ident>; 2]) {
        let [expected, actual] = sides.map(|name| name.map(Ident::to_string));
        if sides[0] != sides[1] {
            self.push(change(Difference::ConstraintName).sides(expected, actual).cosmetic());
        }
    }

    /// What to say of the texts of a finding that hold a name in double quotes which SQLite takes for a string.
    pub(super) fn quoting_note(&mut self, texts: &[Compiled<'_>]) -> Result<Option<String>> {
        for text in texts {
            if let Some(name) = self.equivalence.string_in_double_quotes(*text)? {
                let (quoted, string) = (crate::sql::quote(&name), crate::sql::quote_string(&name));
                let note = format!("{quoted} is not a column here, SQLite reads it as the string {string}");
                return Ok(Some(note));
            }
        }
        Ok(None)
    }
}
