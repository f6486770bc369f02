//! A shadow database with rows, on which a plan is tried before anybody sees it.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use super::fault::Fault;
use super::scratch::SeededTable;
use crate::base::error::Result;
use crate::plan::{Condition, Vacancy};
use crate::schema::{Ident, Schema, Table};
use crate::sql::{Affinity, on_one_line};

/// A step as statements of the engine's language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    /// The comment above them: one line each, without the dashes.
    pub comments: Vec<String>,
    /// The statements, each with its semicolon.
    pub statements: Vec<String>,
    /// Whether data goes that nothing brings back.
    pub destructive: bool,
}

/// Where a script stopped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stopped {
    /// Which of the steps.
    pub step: usize,
    /// The statement.
    pub statement: String,
    /// The engine's message.
    pub message: String,
    /// What it is about.
    pub fault: Fault,
}

/// A row: its rowid, where the table has one, and each value with its storage class.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct StoredRow {
    /// The rowid.
    pub rowid: Option<i64>,
    /// `text 'a'`, `null NULL`, …
    pub values: Vec<String>,
}

impl fmt::Display for StoredRow {
    /// `(rowid 1: text a, NULL)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rowid = self.rowid.map_or(String::new(), |rowid| format!("rowid {rowid}: "));
        // A value that does not matter is empty.
        let shown = |value: &String| if value.is_empty() { "…".to_owned() } else { on_one_line(value) };
        let values: Vec<String> = self.values.iter().map(shown).collect();
        write!(f, "({rowid}{})", values.join(", "))
    }
}

/// A shadow database.
pub trait Rehearsal {
    /// What became of each table when rows were made.
    fn seeded(&self) -> &[SeededTable];

    /// Values that all rows of a table take in the columns that are vacant: what rows of the real database hold most often,
    /// where there is one, else the plainest. Each was tried on all rows. `None` where no values were found, or there are
    /// no rows to try them on.
    ///
    /// # Errors
    /// When the rows cannot be read.
    fn values_for_all(&mut self, table: &Table, vacant: &[Vacancy]) -> Result<Option<Vec<String>>>;

    /// Runs all steps in one transaction, foreign keys off; at the first error nothing of them stays. Gives where the engine
    /// stopped, if it did.
    ///
    /// # Errors
    /// `Interrupted`.
    fn run(&mut self, steps: &[Rendered]) -> Result<Option<Stopped>>;

    /// Writes the steps as a script for the plain `sqlite3` shell, which `about` is told at the top of, a line each. It goes
    /// through on databases with the schema of this one only, as one transaction. It is run, read as the shell reads it, and
    /// the rehearsal goes on with what it made.
    ///
    /// # Errors
    /// Where the shell would stop.
    fn script(&mut self, about: &[String], steps: &[Rendered]) -> Result<String>;

    /// The schema as it is now.
    ///
    /// # Errors
    /// When it cannot be read.
    fn schema(&mut self) -> Result<Schema>;

    /// Rows of a table, sorted.
    ///
    /// # Errors
    /// When they cannot be read.
    fn rows(&mut self, table: &Table, columns: &[Ident]) -> Result<Vec<StoredRow>>;

    /// The counters of AUTOINCREMENT tables.
    ///
    /// # Errors
    /// When they cannot be read.
    fn counters(&mut self) -> Result<BTreeMap<Ident, i64>>;

    /// Takes all rows out of a table.
    ///
    /// # Errors
    /// When SQLite refuses to.
    fn clear(&mut self, table: &Ident) -> Result<()>;

    /// Foreign keys that are broken or cannot be checked, and were not so before the first step.
    ///
    /// # Errors
    /// When they cannot be checked.
    fn broken_foreign_keys(&mut self) -> Result<Vec<BrokenKey>>;

    /// Foreign keys that SQLite cannot check, for what they refer to is no key.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn unusable_foreign_keys(&mut self) -> Result<Vec<BrokenKey>>;
}

/// A foreign key that does not hold, or one that cannot be checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokenKey {
    /// The child table.
    pub child: Ident,
    /// What is wrong, for people.
    pub sentence: String,
}

impl BrokenKey {
    /// What to do about one that cannot be checked. No migration may leave it, whoever writes it.
    pub(crate) const REFER_TO_A_KEY: &'static str =
        "the columns that a foreign key refers to need a PRIMARY KEY or a UNIQUE index of just these columns";
}

/// A question about the rows of a real database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// The table as the database calls it.
    pub table: Ident,
    /// The table as the condition calls it.
    pub title: Ident,
    /// Columns as the database calls them, and as the condition does; shared by all questions about the table.
    pub columns: Rc<[(Ident, Ident)]>,
    /// What is counted.
    pub asked: Asked,
}

/// What is counted of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// All rows.
    Rows,
    /// The rows that are in the way of a change.
    Condition(Condition),
    /// Values of a column, as the question calls it: what is not NULL.
    Values(Ident),
    /// NULLs of a column.
    Nulls(Ident),
    /// Values of a column that do not come back the same once they were stored with another affinity.
    Converted {
        /// The column, as the question calls it.
        column: Ident,
        /// Its affinity so far.
        from: Affinity,
        /// The other one.
        to: Affinity,
    },
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffendingRows {
    /// How many rows.
    pub bad: u64,
    /// The first of them, by rowid or by their values.
    pub first: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_was_shown_to_the_user_as_a_structure_of_the_program() {
        let shown = |rowid, values: &[&str]| {
            StoredRow { rowid, values: values.iter().map(|&value| value.to_owned()).collect() }.to_string()
        };
        assert_eq!(shown(Some(3), &["text a\nb", "NULL", ""]), "(rowid 3: text a b, NULL, …)");
        assert_eq!(shown(None, &["integer 1"]), "(integer 1)");
    }
}
