//! The shadow database on which a plan is tried.

use std::collections::BTreeMap;
use std::iter::once;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::donor::Donor;
use super::fitting;
use super::seed;
use super::seed::Goal;
use super::spec::{SqliteSpec, spec_database};
use crate::base::error::Result;
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::engine::catalog::inspect::{counters, inspect, main_name};
use crate::engine::catalog::rows::beside_rowid;
use crate::engine::connection::stubs::execute;
use crate::engine::diagnosis::errors::scratch as trouble;
use crate::engine::diagnosis::foreign_keys::Violations;
use crate::engine::diagnosis::{errors, fault};
use crate::engine::script;
use crate::engine::{
    BrokenKey, Rehearsal, Rendered, SeedOptions, SeedPair, SeededTable, Snapshot, Stopped, StoredRow,
};
use crate::plan::{Vacancy, own_columns};
use crate::schema::{Ident, Schema, Table};
use crate::sql::{Target, quote};

/// How many rows are made for each table; more where it is to be seen what stops steps than where it is not to happen.
const ROWS: usize = 7;
const ROWS_WITHOUT_GOAL: usize = 24;

/// A shadow database with rows.
pub(crate) struct SqliteRehearsal {
    scratch: SqliteSpec,
    /// The real database, where there is one.
    donor: Option<Donor>,
    seeded: Vec<SeededTable>,
    /// Where the steps run.
    target: Target,
    /// What was wrong with foreign keys before the first step.
    before: Vec<BrokenKey>,
}

/// Makes and seeds the database.
pub(crate) fn rehearsal(
    from: &SourceFile,
    goal: &SourceFile,
    pairs: &[SeedPair<'_>],
    target: Target,
    db: Option<&Path>,
    job: Job<'_>,
) -> Result<SqliteRehearsal> {
    let scratch = spec_database(from, job)?;
    let end = spec_database(goal, job)?;
    let schema = inspect(scratch.connection()).map_err(trouble)?;
    let rows = if pairs.is_empty() { ROWS_WITHOUT_GOAL } else { ROWS };
    let options =
        SeedOptions { seed: 0, rows, examples: &Snapshot::default(), common: None, only: None, trees: &[] };
    let donor = db.map(|db| Donor::open(db, job)).transpose()?;
    let goal = Goal { conn: end.connection(), pairs, awkward: true, binding: true, donor: donor.as_ref() };
    let seeded = seed::seed(scratch.connection(), &schema, &options, Some(&goal), job);
    let seeded = seeded.map_err(trouble)?;
    schema.tables.values().for_each(|table| fill_text(scratch.connection(), table));
    let before = Violations::find(scratch.connection()).map_err(trouble)?;
    Ok(SqliteRehearsal { scratch, donor, seeded, target, before: before.all() })
}

/// Rows for a full-text table that holds its own, as far as its module is here.
fn fill_text(conn: &Connection, table: &Table) {
    let Some(columns) = own_columns(table) else { return };
    let names: String = columns.iter().map(|name| format!(", {}", quote(name.as_str()))).collect();
    for rowid in [1, 3, 7] {
        let values: String = (0..columns.len()).map(|i| format!(", 'Word{i} no. {rowid}'")).collect();
        let sql = format!("INSERT INTO {}(rowid{names}) VALUES({rowid}{values})", main_name(&table.name));
        drop(execute(conn, &sql));
    }
}

impl Rehearsal for SqliteRehearsal {
    fn seeded(&self) -> &[SeededTable] {
        &self.seeded
    }

    fn values_for_all(&mut self, table: &Table, vacant: &[Vacancy]) -> Result<Option<Vec<String>>> {
        let conn = self.scratch.connection();
        fitting::values_for_all(conn, self.donor.as_ref(), table, vacant, self.scratch.job()).map_err(trouble)
    }

    fn run(&mut self, steps: &[Rendered]) -> Result<Option<Stopped>> {
        let (conn, job) = (self.scratch.connection(), self.scratch.job());
        if !self.target.enforces_keys() {
            return run(conn, steps, job);
        }
        // The same steps have to run where keys are enforced, and where they are not.
        let copy = script::trial::copy_of(conn, job)?;
        copy.execute_batch("PRAGMA foreign_keys = OFF").map_err(trouble)?;
        if let Some(stopped) = run(&copy, steps, job)? {
            return Ok(Some(stopped));
        }
        conn.execute_batch("PRAGMA foreign_keys = ON").map_err(trouble)?;
        let stopped = run(conn, steps, job);
        conn.execute_batch("PRAGMA foreign_keys = OFF").map_err(trouble)?;
        stopped
    }

    fn script(&mut self, about: &[String], steps: &[Rendered]) -> Result<String> {
        let (text, made) =
            script::between(self.scratch.connection(), about, steps, self.target, self.scratch.job())?;
        self.scratch.replace(made);
        Ok(text)
    }

    fn schema(&mut self) -> Result<Schema> {
        inspect(self.scratch.connection()).map_err(trouble)
    }

    fn rows(&mut self, table: &Table, columns: &[Ident]) -> Result<Vec<StoredRow>> {
        let columns: Vec<&Ident> = columns.iter().collect();
        let found = beside_rowid(self.scratch.connection(), table, &columns, "", |rowid, row| {
            let values = (0..columns.len()).map(|i| row.get_ref(i).map(shown));
            Ok(StoredRow { rowid, values: values.collect::<rusqlite::Result<_>>()? })
        });
        let mut found = found.map_err(trouble)?;
        found.sort();
        Ok(found)
    }

    fn counters(&mut self) -> Result<BTreeMap<Ident, i64>> {
        counters(self.scratch.connection()).map_err(trouble)
    }

    fn clear(&mut self, table: &Ident) -> Result<()> {
        let conn = self.scratch.connection();
        let clear = || execute(conn, &format!("DELETE FROM {}", main_name(table)));
        seed::with_triggers_off(conn, clear).map_err(trouble)
    }

    fn broken_foreign_keys(&mut self) -> Result<Vec<BrokenKey>> {
        let now = Violations::find(self.scratch.connection()).map_err(trouble)?;
        Ok(now.all().into_iter().filter(|key| !self.before.contains(key)).collect())
    }

    fn unusable_foreign_keys(&mut self) -> Result<Vec<BrokenKey>> {
        Ok(Violations::find(self.scratch.connection()).map_err(trouble)?.unusable())
    }
}

/// Runs all steps in one transaction; at the first error nothing of them stays.
fn run(conn: &Connection, steps: &[Rendered], job: Job<'_>) -> Result<Option<Stopped>> {
    let texts = steps
        .iter()
        .enumerate()
        .flat_map(|(i, step)| step.statements.iter().map(move |text| (i, text.as_str())));
    for (step, statement) in once((0, "BEGIN")).chain(texts).chain(once((steps.len(), "COMMIT"))) {
        job.check()?;
        let Err(error) = execute(conn, statement) else { continue };
        if errors::is_interrupt(&error) {
            return Err(errors::interrupted());
        }
        if !conn.is_autocommit() {
            execute(conn, "ROLLBACK").map_err(trouble)?;
        }
        let (statement, message) = (statement.to_owned(), errors::message(&error));
        return Ok(Some(Stopped { step, statement, message, fault: fault::of(&error) }));
    }
    Ok(None)
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(n) => format!("integer {n}"),
        ValueRef::Real(n) => format!("real {n:?}"),
        ValueRef::Text(text) => format!("text {}", String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("blob x'{digits}'")
        }
    }
}
