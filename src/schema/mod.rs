//! The model of a schema: what SQLite keeps of it, in the terms that SQLite's documentation uses. No I/O.
//!
//! Everything that carries SQL keeps it as its author wrote it, with the byte offset at which it stands in the
//! statement: that text is what messages show and what a generated migration carries over.

mod columns;
mod ident;
mod watched;

pub use columns::with_computed;
pub use ident::{Ident, names_in, shown_list};
pub use watched::Watched;
pub(crate) use watched::{StoredRow, Touched};

use std::collections::BTreeMap;

use crate::base::words::words;
use crate::sql::rowid_name;

/// A whole schema. What SQLite keeps for itself (`sqlite_%`, shadow tables) is not in it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Schema {
    /// Ordinary and virtual tables.
    pub tables: BTreeMap<Ident, Table>,
    /// Views.
    pub views: BTreeMap<Ident, View>,
    /// Triggers, on tables and on views.
    pub triggers: BTreeMap<Ident, Trigger>,
    /// What the file's header holds.
    pub pragmas: Pragmas,
}

/// Settings that live in the database file (<https://www.sqlite.org/pragma.html>); `None` means not set by the spec.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Pragmas {
    /// Name in lower case → value as SQLite reports it.
    pub values: BTreeMap<&'static str, String>,
}

impl Pragmas {
    /// The settings that decide how the whole file is written. Whoever makes it sets them: no migration can, and a database
    /// in memory says nothing of them.
    pub const OF_THE_FILE: [&str; 3] = ["auto_vacuum", "encoding", "journal_mode"];

    /// The name of a setting that a transaction can change.
    pub fn settable(name: &Ident) -> Option<&'static str> {
        ["user_version", "application_id"].into_iter().find(|known| *name == **known)
    }

    /// What a setting is in a database that was made without a word of it.
    pub fn default_of(name: &str) -> &'static str {
        if name == "encoding" { "UTF-8" } else { "0" }
    }

    /// What a schema that states `goal` finds here: each of its settings, as a new database has it where nothing is said of
    /// it. The journal mode is left out: a shadow database has another one, and so may a copy.
    pub fn found_by(&self, goal: &Pragmas) -> Pragmas {
        let found = |name: &&'static str| {
            self.values.get(name).cloned().unwrap_or_else(|| Pragmas::default_of(name).to_owned())
        };
        let names = goal.values.keys().filter(|name| **name != "journal_mode");
        Pragmas { values: names.map(|name| (*name, found(name))).collect() }
    }

    /// Takes those settings out, and gives their names.
    pub fn take_out_those_of_the_file(&mut self) -> Vec<&'static str> {
        Pragmas::OF_THE_FILE.into_iter().filter(|name| self.values.remove(name).is_some()).collect()
    }
}

/// A table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// Its name.
    pub name: Ident,
    /// The statement as SQLite stores it.
    pub sql: String,
    /// Ordinary or virtual.
    pub kind: TableKind,
    /// In the order of declaration. Empty for a virtual table.
    pub columns: Vec<Column>,
    /// The primary key, inline or at the end.
    pub primary_key: Option<PrimaryKey>,
    /// UNIQUE constraints, inline or at the end, in the order of declaration.
    pub uniques: Vec<Unique>,
    /// CHECK constraints, inline or at the end, in the order of declaration.
    pub checks: Vec<Check>,
    /// Foreign keys, inline or at the end, in the order of declaration.
    pub foreign_keys: Vec<ForeignKey>,
    /// Indexes made by CREATE INDEX.
    pub indexes: BTreeMap<Ident, Index>,
    /// <https://www.sqlite.org/stricttables.html>
    pub strict: bool,
    /// <https://www.sqlite.org/withoutrowid.html>
    pub without_rowid: bool,
    /// Why the statement could not be read into the fields above, if it could not: then only its text can be
    /// compared.
    pub unread: Option<String>,
}

/// What kind of table it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TableKind {
    /// CREATE TABLE
    Ordinary,
    /// CREATE VIRTUAL TABLE
    Virtual {
        /// The module's name.
        module: String,
        /// Its arguments, as written.
        arguments: Vec<String>,
    },
}

/// A piece of SQL inside a statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expr {
    /// As written, without the parentheses that the grammar asks for.
    pub text: String,
    /// Byte offset in the statement.
    pub start: usize,
}

words! {
    /// ON CONFLICT (<https://www.sqlite.org/lang_conflict.html>); ABORT when nothing is said.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
    pub enum Conflict, ALL {
        /// The default.
        #[default]
        Abort = "ABORT",
        /// ON CONFLICT ROLLBACK
        Rollback = "ROLLBACK",
        /// ON CONFLICT FAIL
        Fail = "FAIL",
        /// ON CONFLICT IGNORE
        Ignore = "IGNORE",
        /// ON CONFLICT REPLACE
        Replace = "REPLACE",
    }
}

/// A column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its name.
    pub name: Ident,
    /// Byte offset of the name in the statement.
    pub start: usize,
    /// Byte offset behind the last token of its definition.
    pub end: usize,
    /// The declared type as written; empty when there is none.
    pub declared_type: String,
    /// NOT NULL, with its conflict clause.
    pub not_null: Option<Conflict>,
    /// CONSTRAINT name of the NOT NULL
    pub not_null_name: Option<Ident>,
    /// DEFAULT, with the parentheses of an expression.
    pub default: Option<Expr>,
    /// COLLATE
    pub collation: Option<String>,
    /// GENERATED ALWAYS AS
    pub generated: Option<Generated>,
}

/// GENERATED ALWAYS AS (…) (<https://www.sqlite.org/gencol.html>)
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Generated {
    /// The expression.
    pub expr: Expr,
    /// STORED rather than VIRTUAL.
    pub stored: bool,
}

/// A column inside a PRIMARY KEY or UNIQUE constraint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyColumn {
    /// The column.
    pub name: Ident,
    /// COLLATE, when the key says it; otherwise the column's own.
    pub collation: Option<String>,
    /// DESC
    pub descending: bool,
}

/// PRIMARY KEY
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrimaryKey {
    /// In order.
    pub columns: Vec<KeyColumn>,
    /// ON CONFLICT
    pub conflict: Conflict,
    /// AUTOINCREMENT
    pub autoincrement: bool,
    /// CONSTRAINT name
    pub name: Option<Ident>,
    /// Whether it was declared inside a column definition.
    pub inline: bool,
    /// Byte offset in the statement.
    pub start: usize,
}

/// UNIQUE
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unique {
    /// In order.
    pub columns: Vec<KeyColumn>,
    /// ON CONFLICT
    pub conflict: Conflict,
    /// CONSTRAINT name
    pub name: Option<Ident>,
    /// Byte offset in the statement.
    pub start: usize,
}

/// CHECK
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// The condition.
    pub expr: Expr,
    /// CONSTRAINT name
    pub name: Option<Ident>,
    /// The column whose definition it is part of; SQLite makes no difference.
    pub column: Option<Ident>,
}

/// FOREIGN KEY (<https://www.sqlite.org/foreignkeys.html>)
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForeignKey {
    /// The child's columns.
    pub columns: Vec<Ident>,
    /// The parent table.
    pub parent: Ident,
    /// The parent's columns; empty when the parent's primary key is meant.
    pub parent_columns: Vec<Ident>,
    /// ON DELETE
    pub on_delete: ForeignKeyAction,
    /// ON UPDATE
    pub on_update: ForeignKeyAction,
    /// MATCH name in upper case, SIMPLE when not said. SQLite parses it and does nothing with it.
    pub match_type: String,
    /// DEFERRABLE INITIALLY DEFERRED; all other spellings are immediate.
    pub deferred: bool,
    /// CONSTRAINT name
    pub name: Option<Ident>,
    /// Byte offset in the statement.
    pub start: usize,
}

words! {
    /// What happens to the child when the parent goes.
    #[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
    pub enum ForeignKeyAction, ALL {
        /// The default.
        #[default]
        NoAction = "NO ACTION",
        /// RESTRICT
        Restrict = "RESTRICT",
        /// SET NULL
        SetNull = "SET NULL",
        /// SET DEFAULT
        SetDefault = "SET DEFAULT",
        /// CASCADE
        Cascade = "CASCADE",
    }
}

/// CREATE INDEX
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Index {
    /// Its name.
    pub name: Ident,
    /// The table it is on.
    pub table: Ident,
    /// UNIQUE
    pub unique: bool,
    /// In order.
    pub keys: Vec<IndexKey>,
    /// WHERE
    pub filter: Option<Expr>,
    /// The statement as SQLite stores it.
    pub sql: String,
    /// Why it could not be read, if it could not.
    pub unread: Option<String>,
}

/// One term of an index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IndexKey {
    /// A column or an expression.
    pub term: IndexTerm,
    /// COLLATE, when the index says it; otherwise the column's own.
    pub collation: Option<String>,
    /// DESC
    pub descending: bool,
}

/// What an index term is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IndexTerm {
    /// A column of the table.
    Column(Ident),
    /// An expression (<https://www.sqlite.org/expridx.html>).
    Expr(Expr),
}

/// CREATE VIEW
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// Its name.
    pub name: Ident,
    /// The column list behind the name, when there is one.
    pub columns: Option<Vec<Ident>>,
    /// The SELECT.
    pub select: Expr,
    /// The statement as SQLite stores it.
    pub sql: String,
    /// Why it could not be read, if it could not.
    pub unread: Option<String>,
}

/// CREATE TRIGGER
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trigger {
    /// Its name.
    pub name: Ident,
    /// The table or view it is on.
    pub table: Ident,
    /// BEFORE, AFTER or INSTEAD OF.
    pub timing: Timing,
    /// What fires it.
    pub event: TriggerEvent,
    /// WHEN
    pub when: Option<Expr>,
    /// From BEGIN to END.
    pub body: Expr,
    /// The statement as SQLite stores it.
    pub sql: String,
    /// Why it could not be read, if it could not.
    pub unread: Option<String>,
}

words! {
    /// When a trigger fires.
    #[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
    pub enum Timing {
        /// The default.
        #[default]
        Before = "BEFORE",
        /// AFTER
        After = "AFTER",
        /// INSTEAD OF
        InsteadOf = "INSTEAD OF",
    }
}

/// What fires a trigger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TriggerEvent {
    /// INSERT
    Insert,
    /// DELETE
    Delete,
    /// UPDATE, of some columns or, when the list is empty, of any.
    Update(Vec<Ident>),
}

/// What compares where nothing is said (<https://www.sqlite.org/datatype3.html#collating_sequences>).
const BINARY: &str = "BINARY";

impl KeyColumn {
    /// The names of a key's columns, in order.
    pub fn names(columns: &[KeyColumn]) -> Vec<Ident> {
        columns.iter().map(|column| column.name.clone()).collect()
    }
}

impl IndexKey {
    /// The column, where it is one.
    pub fn column(&self) -> Option<&Ident> {
        match &self.term {
            IndexTerm::Column(name) => Some(name),
            IndexTerm::Expr(_) => None,
        }
    }
}

impl Column {
    /// The collation by which its values are told apart unless something else is said.
    pub fn collates_by(&self) -> &str {
        self.collation.as_deref().unwrap_or(BINARY)
    }
}

impl Table {
    /// A table of which nothing is known yet but its name, its statement and what kind it is.
    pub fn bare(name: Ident, statement: &str, kind: TableKind) -> Table {
        Table {
            name,
            sql: statement.to_owned(),
            kind,
            columns: Vec::new(),
            primary_key: None,
            uniques: Vec::new(),
            checks: Vec::new(),
            foreign_keys: Vec::new(),
            indexes: BTreeMap::new(),
            strict: false,
            without_rowid: false,
            unread: None,
        }
    }

    /// The column of that name.
    pub fn column(&self, name: &Ident) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == *name)
    }

    /// The column that is another name of the rowid (<https://www.sqlite.org/lang_createtable.html#rowid>): declared
    /// exactly INTEGER, alone in the primary key, and not `PRIMARY KEY DESC` inside the column definition.
    pub fn rowid_alias(&self) -> Option<&Column> {
        let key = self.primary_key.as_ref()?;
        let [only] = key.columns.as_slice() else { return None };
        let column = self.column(&only.name)?;
        let is_alias = !self.without_rowid
            && column.declared_type.eq_ignore_ascii_case("integer")
            && !(key.inline && only.descending);
        is_alias.then_some(column)
    }

    /// A name of the rowid that no column has taken; `None` also where there is no rowid.
    pub fn rowid_name(&self) -> Option<&'static str> {
        self.rowid_name_beside(self)
    }

    /// A name of the rowid that no column has taken, of `other` neither.
    pub fn rowid_name_beside(&self, other: &Table) -> Option<&'static str> {
        let is_column =
            |name: &str| self.columns.iter().chain(&other.columns).any(|column| column.name == *name);
        if self.without_rowid { None } else { rowid_name(is_column) }
    }

    /// The columns of the primary key and of each UNIQUE constraint.
    pub fn keys(&self) -> impl Iterator<Item = &[KeyColumn]> {
        let primary = self.primary_key.iter().map(|key| key.columns.as_slice());
        primary.chain(self.uniques.iter().map(|unique| unique.columns.as_slice()))
    }

    /// Whether a column is a part of the primary key.
    pub fn in_primary_key(&self, column: &Ident) -> bool {
        self.primary_key.iter().flat_map(|key| &key.columns).any(|part| part.name == *column)
    }

    /// Whether a column is another name of the rowid.
    pub fn is_rowid(&self, column: &Ident) -> bool {
        self.rowid_alias().is_some_and(|alias| alias.name == *column)
    }

    /// Whether SQLite keeps a counter for the table, so that no id is given twice.
    pub fn is_autoincrement(&self) -> bool {
        self.primary_key.as_ref().is_some_and(|key| key.autoincrement)
    }

    /// Whether the columns of the primary key refuse NULL without saying so (<https://www.sqlite.org/withoutrowid.html>,
    /// <https://www.sqlite.org/stricttables.html>).
    pub fn key_is_not_null(&self) -> bool {
        self.without_rowid || self.strict
    }

    /// Whether NULL is never stored in the column, be it declared or not.
    pub fn refuses_null(&self, column: &Column) -> bool {
        column.not_null.is_some()
            || self.is_rowid(&column.name)
            || (self.key_is_not_null() && self.in_primary_key(&column.name))
    }

    /// Whether the table is a virtual one.
    pub fn is_virtual(&self) -> bool {
        matches!(self.kind, TableKind::Virtual { .. })
    }
}

impl Schema {
    /// The columns that a foreign key points to: those it names, or the parent's primary key. Empty when the parent
    /// does not exist or has none.
    pub fn parent_columns(&self, key: &ForeignKey) -> Vec<Ident> {
        if !key.parent_columns.is_empty() {
            return key.parent_columns.clone();
        }
        let primary_key = self.tables.get(&key.parent).and_then(|table| table.primary_key.as_ref());
        primary_key.map(|key| KeyColumn::names(&key.columns)).unwrap_or_default()
    }
}
