//! Whether two texts mean the same, asked of whoever knows the engine's language.

use crate::base::error::Result;
use crate::schema::{Ident, Trigger, View};

/// The judge of meaning. It errs on one side only: it may call equal texts different, never different ones equal.
/// Nobody asks it of the same tokens, which are the same text in another spelling, parentheses that change nothing included.
///
/// # Errors
/// Of all: `Interrupted`. A judge that was stopped has no answer.
pub trait Equivalence {
    /// Whether two expressions over the rows of `table` give the same value, with the same affinity and collation.
    fn same_expression(&mut self, table: &Ident, expected: &str, actual: &str) -> Result<bool>;

    /// Whether two defaults put the same value, in the same storage class, into a column of that type. No default is
    /// DEFAULT NULL.
    fn same_default(
        &mut self,
        column: DefaultOf<'_>,
        expected: Option<&str>,
        actual: Option<&str>,
    ) -> Result<bool>;

    /// Whether two views give the same columns and rows.
    fn same_view(&mut self, expected: &View, actual: &View) -> Result<bool>;

    /// Whether two triggers that fire at the same moment do the same.
    fn same_trigger(&mut self, expected: &Trigger, actual: &Trigger) -> Result<bool>;

    /// A name in double quotes that is no column and is therefore taken for a string
    /// (<https://www.sqlite.org/quirks.html#double_quoted_string_literals_are_accepted>). What is given is the name.
    fn string_in_double_quotes(&mut self, text: Compiled<'_>) -> Result<Option<String>>;
}

/// A text as it is compiled.
#[derive(Clone, Copy, Debug)]
pub enum Compiled<'a> {
    /// An expression over the rows of a table.
    Expression(&'a Ident, &'a str),
    /// A view's SELECT.
    View(&'a View),
    /// A trigger's condition and statements.
    Trigger(&'a Trigger),
}

impl<'a> Compiled<'a> {
    /// The text.
    pub fn sql(self) -> &'a str {
        match self {
            Compiled::Expression(_, expr) => expr,
            Compiled::View(view) => &view.sql,
            Compiled::Trigger(trigger) => &trigger.sql,
        }
    }
}

/// The column whose default is judged.
#[derive(Clone, Copy, Debug)]
pub struct DefaultOf<'a> {
    /// Its declared type.
    pub declared_type: &'a str,
    /// Whether its table is STRICT.
    pub strict: bool,
}

/// The first of which a judge says so.
pub(super) fn first<T>(
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
