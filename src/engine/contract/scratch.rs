//! Shadow databases that tests work on: statements of their own, generated rows, what became of them.

use std::collections::{BTreeMap, BTreeSet};

use super::database::Engine;
use super::fault::Fault;
use crate::base::error::Result;
use crate::base::source::SourceFile;
use crate::migrations::testing::Value;
use crate::plan::Copied;
use crate::schema::{Ident, Table};

/// An in-memory database that a test may do anything with.
pub trait Scratch: Engine + Send {
    /// Another one with the same content.
    ///
    /// # Errors
    /// `Database` when SQLite cannot make one.
    fn copy(&mut self) -> Result<Box<dyn Scratch>>;

    /// Makes the connection what an application's is: foreign keys are enforced, no transaction is open.
    ///
    /// # Errors
    /// `Database` as SQLite has it.
    fn begin_section(&mut self) -> Result<()>;

    /// Runs one statement to its end. Of its rows the first `keep` are kept.
    ///
    /// # Errors
    /// What SQLite says of the statement.
    fn run(&mut self, sql: &str, keep: usize) -> Result<Answer, Refused>;

    /// Runs DELETEs, foreign keys and triggers off: what refers to the rows may go later, or stay.
    ///
    /// # Errors
    /// What SQLite says of one of the statements.
    fn delete(&mut self, statements: &mut dyn Iterator<Item = &str>) -> Result<()>;

    /// The counters of tables with AUTOINCREMENT that have one.
    ///
    /// # Errors
    /// `Database` as SQLite has it.
    fn counters(&mut self) -> Result<BTreeMap<Ident, i64>>;

    /// Sets the counter of such a table.
    ///
    /// # Errors
    /// `Database` as SQLite has it.
    fn set_counter(&mut self, table: &Ident, to: i64) -> Result<()>;

    /// Whether a transaction was begun and not ended.
    fn in_transaction(&self) -> bool;

    /// Fills ordinary tables with generated rows that satisfy their constraints: the same for the same seed.
    ///
    /// # Errors
    /// `Database` as SQLite has it; `Interrupted`. A table that cannot be filled is no error.
    fn seed(&mut self, options: &SeedOptions<'_>) -> Result<Vec<SeededTable>>;

    /// Every row of every ordinary table, or of those of `only`.
    ///
    /// # Errors
    /// `Database` as SQLite has it.
    fn rows(&mut self, only: Option<&BTreeSet<Ident>>) -> Result<Snapshot>;
}

/// The rows that a statement gave.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Answer {
    /// The first of them.
    pub rows: Vec<Vec<Value>>,
    /// How many there are in all.
    pub count: u64,
}

/// Why a statement did not run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// SQLite's message.
    pub message: String,
    /// Where in the statement, in bytes, when SQLite says it.
    pub offset: usize,
    /// Whether the user asked to stop.
    pub interrupted: bool,
}

/// How tables are seeded.
#[derive(Clone, Copy, Debug)]
pub struct SeedOptions<'a> {
    /// The same seed gives the same rows.
    pub seed: u64,
    /// Rows per table, where its constraints allow that many.
    pub rows: usize,
    /// Tables whose rows show what their columns hold. Values of columns that no constraint speaks of are taken from
    /// there, and a column whose values are all ids of its table refers to it.
    pub examples: &'a Snapshot,
    /// Another schema that has to take each row as well.
    pub common: Option<Common<'a>>,
    /// The tables that are filled, with all that they refer to; `None`: every table.
    pub only: Option<&'a BTreeSet<Ident>>,
    /// Columns that refer to rows of their own table, though no foreign key says so.
    pub trees: &'a [Tree],
}

/// A column that names the parent of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tree {
    /// The table.
    pub table: Ident,
    /// The column that identifies a row.
    pub id: Ident,
    /// The column that names the parent; NULL or '' makes a row a root.
    pub parent: Ident,
}

/// A schema that rows have to fit besides their own.
#[derive(Clone, Copy, Debug)]
pub struct Common<'a> {
    /// The script that makes it.
    pub goal: &'a SourceFile,
    /// What becomes of the tables.
    pub pairs: &'a [SeedPair<'a>],
    /// Whether it has to take each row; else it is only looked at for values.
    pub binding: bool,
}

/// What became of one table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeededTable {
    /// Its name.
    pub table: Ident,
    /// Rows that it has now, those included that migrations put there.
    pub rows: u64,
    /// Why it has none, when it has none.
    pub not_seeded: Option<String>,
    /// Why the other schema (`Common`) takes none of those that could be made, where that is why there is none.
    pub goal_refuses: Option<Fault>,
}

/// The rows of a database's ordinary tables. Virtual tables, the history and what SQLite keeps for itself are not in it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Snapshot {
    /// By table.
    pub tables: BTreeMap<Ident, TableRows>,
}

/// The rows of one table.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TableRows {
    /// Its columns, generated ones included.
    pub columns: Vec<Ident>,
    /// The columns of its primary key; empty when its rows are known by their rowid.
    pub key: Vec<Ident>,
    /// Key → row.
    pub rows: BTreeMap<Vec<Value>, Vec<Value>>,
}

/// A table that is seeded, and what becomes of its rows.
#[derive(Clone, Debug)]
pub struct SeedPair<'a> {
    /// The table as it is.
    pub from: &'a Table,
    /// The table that its rows end up in.
    pub goal: Option<&'a Table>,
    /// Columns of the one and of the other that hold the same values.
    pub columns: Vec<(Ident, Ident)>,
    /// How the rows get there, when they are copied by an expression a column.
    pub copy: Option<Vec<Copied>>,
    /// Columns of `from` that have other names by then, and those names.
    pub called: Vec<(Ident, Ident)>,
}
