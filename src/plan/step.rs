//! What a plan is made of.

use super::hazard::{Hazard, Loss};
use crate::schema::{Ident, Table};

/// One step: what is done, why, and what to know before doing it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// One sentence each: which differences it closes.
    pub why: Vec<String>,
    /// What it costs, where it stops, and what it loses.
    pub hazards: Vec<Hazard>,
}

impl Step {
    /// Whether it only changes the name of a table or of a column.
    pub fn renames(&self) -> bool {
        matches!(self.action, Action::RenameTable { .. } | Action::RenameColumn { .. })
    }
}

/// What a step does. Pieces of SQL are in the words of the schema's author.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// A new name for a table.
    RenameTable {
        /// The name so far.
        from: Ident,
        /// The name from now on.
        to: Ident,
    },
    /// A new name for a column.
    RenameColumn {
        /// Its table.
        table: Ident,
        /// The name so far.
        from: Ident,
        /// The name from now on.
        to: Ident,
    },
    /// An object goes.
    Drop {
        /// What it is.
        kind: Dropped,
        /// Its name.
        name: Ident,
        /// Whether rows go with it.
        data: bool,
    },
    /// A new object: its CREATE statement.
    Create {
        /// The statement.
        sql: String,
        /// The object's name.
        name: Ident,
    },
    /// A column more, behind the others.
    AddColumn {
        /// The table.
        table: Ident,
        /// The column.
        column: Ident,
        /// As in a CREATE TABLE.
        definition: String,
        /// What existing rows get.
        fill: Option<Fill>,
    },
    /// A column less.
    DropColumn {
        /// The table.
        table: Ident,
        /// The column.
        column: Ident,
        /// Whether values go with it.
        data: bool,
    },
    /// NOT NULL, set or taken away in place (SQLite 3.53).
    AlterNotNull {
        /// The table.
        table: Ident,
        /// The column.
        column: Ident,
        /// Whether it is set.
        set: bool,
        /// What rows with NULL get.
        fill: Option<Fill>,
    },
    /// A CHECK more (SQLite 3.53).
    AddCheck {
        /// The table.
        table: Ident,
        /// CONSTRAINT name
        name: Option<Ident>,
        /// The condition.
        condition: String,
    },
    /// A named CHECK less (SQLite 3.53).
    DropCheck {
        /// The table.
        table: Ident,
        /// CONSTRAINT name
        name: Ident,
    },
    /// The table made anew with all its rows.
    Rebuild(Rebuild),
    /// Foreign keys are checked at the end of the transaction.
    DeferKeys,
    /// Rows that refer to rows of their own table, which is about to go, let go of them.
    Detach {
        /// The table.
        table: Ident,
        /// Columns and what they get.
        values: Vec<(Ident, String)>,
    },
    /// A table that was made under a passing name takes its place.
    PutInPlace {
        /// The name so far.
        passing: Ident,
        /// The name from now on.
        table: Ident,
    },
    /// A full-text index that is filled from the table whose content it indexes.
    FillIndex {
        /// The virtual table.
        table: Ident,
    },
    /// A setting of the file.
    SetPragma {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
    },
}

/// Kinds of object that are dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dropped {
    /// DROP TABLE
    Table,
    /// DROP INDEX
    Index,
    /// DROP VIEW
    View,
    /// DROP TRIGGER
    Trigger,
}

/// A value for rows that are there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fill {
    /// An expression over the table.
    pub value: String,
    /// Whether constraints of the table have an ON CONFLICT of their own, which could drop or skip rows on the way.
    pub has_conflict_clauses: bool,
}

/// A table, made anew under a passing name, filled from the old one and put in its place
/// (<https://www.sqlite.org/lang_altertable.html#otheralter>).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rebuild {
    /// The table.
    pub table: Ident,
    /// The name that it has until the old one is gone.
    pub passing: Ident,
    /// CREATE TABLE with the passing name; none where a step before has made it.
    pub create: Option<String>,
    /// Which column of the new table gets which value of the old one's rows.
    pub copy: Vec<Copied>,
    /// Whether constraints of the new table have an ON CONFLICT of their own, which could drop rows on the way.
    pub has_conflict_clauses: bool,
    /// Whether the AUTOINCREMENT counter is carried over.
    pub sequence: bool,
    /// Whether the old table stays for now, and later steps put the new one in its place.
    pub apart: bool,
}

/// A column's value on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Copied {
    /// The column of the new table, quoted where it has to be.
    pub column: String,
    /// An expression over the old table.
    pub value: String,
}

/// Why a plan may not be carried out as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Obstacle {
    /// Nothing says which value the rows that are there get in a new column.
    NeedsValue {
        /// The table.
        table: Ident,
        /// The column.
        column: Ident,
    },
    /// No statement of SQLite's gets there.
    Impossible {
        /// What is in the way, in one sentence.
        why: String,
    },
    /// Beside its rowid the table has as many columns as one statement copies.
    TooWide {
        /// The table.
        table: Ident,
    },
}

/// What tells rows that stand in the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Bad {
    /// An expression over the table that is true for them.
    Rows(String),
    /// They have the same key as another one.
    Repeats {
        /// The expressions of the key, each with the collation that it is compared by.
        keys: Vec<String>,
        /// Which rows count; all when absent.
        only: Option<String>,
    },
}

/// A part of a table as it is to be, which refuses rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// A column.
    Column(Ident),
    /// The primary key, or a UNIQUE, over these columns.
    Key(Vec<Ident>),
    /// The foreign key of these columns.
    ForeignKey(Vec<Ident>),
    /// The CHECK with this expression.
    Check(String),
    /// A unique index.
    Index(Ident),
}

/// Rows that may stand in the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// The table, in the names that the database has before the first step.
    pub table: Ident,
    /// What such a row has: `NULL in a`.
    pub what: String,
    /// Which rows they are.
    pub bad: Bad,
    /// What of the table they are in the way of.
    pub of: Part,
    /// What somebody can say about values so that the rows are in the way no more.
    pub way_out: Option<WayOut>,
}

/// What somebody can say about the values of a column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WayOut {
    /// A value for rows that have none in this column.
    Value(Ident),
    /// Another value for this column than the one that was said.
    OtherValue(Ident),
}

impl Condition {
    /// Rows of a table for which an expression is true.
    pub(super) fn of_rows(table: &Table, of: Part, what: String, is_bad: String) -> Condition {
        Condition { table: table.name.clone(), what, bad: Bad::Rows(is_bad), of, way_out: None }
    }

    /// That it stops a step.
    pub(super) fn hazard(&self) -> Hazard {
        Hazard::StopsAt { table: Some(self.table.clone()), rows: self.what.clone() }
    }
}

/// Ordered steps, and what speaks against them.
#[derive(Clone, Default, Debug)]
pub struct Plan {
    /// In order.
    pub steps: Vec<Step>,
    /// Why they may not be carried out as they are.
    pub obstacles: Vec<Obstacle>,
    /// Rows that would stop them.
    pub conditions: Vec<Condition>,
}

impl Plan {
    /// What the steps lose, in order.
    pub fn losses(&self) -> impl Iterator<Item = &Loss> {
        self.steps.iter().flat_map(|step| &step.hazards).filter_map(|hazard| match hazard {
            Hazard::Loses(loss) => Some(loss),
            _ => None,
        })
    }

    pub(super) fn push(&mut self, action: Action, why: Vec<String>, hazards: Vec<Hazard>) {
        self.steps.push(Step { action, why, hazards });
    }

    pub(super) fn drop(&mut self, kind: Dropped, name: &Ident, why: String) {
        self.push(Action::Drop { kind, name: name.clone(), data: false }, vec![why], Vec::new());
    }

    pub(super) fn create(&mut self, name: &Ident, sql: &str, why: String) {
        self.push(Action::Create { sql: sql.to_owned(), name: name.clone() }, vec![why], Vec::new());
    }
}
