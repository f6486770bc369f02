//! Generated plans: one prepared INSERT, executed for each row.

use rusqlite::Connection;

use super::trouble::trouble;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::job::stopped;
use crate::base::progress::Event;
use crate::base::words::{counted, thousands};
use crate::engine::Fault;
use crate::engine::catalog::columns::{Column, columns, named};
use crate::engine::catalog::rows::firsts;
use crate::engine::diagnosis::{errors, fault};
use crate::sample::{Census, Field, PlanRow, PlanTable, Plans, Shape};
use crate::sql::{quote, quote_string};

/// Rows between two events of progress.
const BLOCK: u64 = 1 << 14;

/// The table as the database has it.
pub(crate) struct Target<'a> {
    table: &'a PlanTable,
    db: &'a str,
    /// What each of the columns that are there is filled with.
    columns: Vec<(Field, &'a str)>,
    /// Whether the root can be NULL; else an empty text says that there is none.
    root_is_nullable: bool,
}

impl<'a> Target<'a> {
    /// Looks up the table and its columns.
    pub(crate) fn examine(
        conn: &Connection,
        table: &'a PlanTable,
        shape: &Shape,
        db: &'a str,
    ) -> Result<Target<'a>> {
        let name = &table.name;
        let help = "`planctl migrate up` creates the example's schema; --plans works with no other: for your own tables, write a sample.sql beside the spec";
        let found = columns_of(conn, name).map_err(|error| trouble(error, db))?;
        if found.is_empty() {
            let message = format!("{db} has no table {name} to load {} plans into", shape.plans());
            return Err(Error::new(ErrorKind::Data, message).about(db).help(help));
        }
        let there = |wanted: &str| named(&found, wanted).filter(|column| !column.is_generated());
        let missing: Vec<&str> = (table.columns.iter().filter(|c| c.required && there(&c.name).is_none()))
            .map(|column| column.name.as_str())
            .collect();
        if !missing.is_empty() {
            let noun = if missing.len() == 1 { "column" } else { "columns" };
            let message = format!("{name} in {db} has no {noun} {}", missing.join(", "));
            let note = "names are those of the spec, with the renames of the ledger (--deviations)";
            return Err(Error::new(ErrorKind::Data, message).about(db).note(note).help(help));
        }
        let columns = table.columns.iter().filter(|column| there(&column.name).is_some());
        Ok(Target {
            table,
            db,
            columns: columns.map(|column| (column.field, column.name.as_str())).collect(),
            root_is_nullable: there(table.column(Field::Root)).is_none_or(|column| !column.not_null),
        })
    }

    /// `INSERT INTO … VALUES`
    pub(crate) fn insert(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|(_, name)| quote(name)).collect();
        format!("INSERT INTO main.{} ({}) VALUES", quote(&self.table.name), names.join(", "))
    }

    /// The query for how many rows have the id of the first plan: one where the table has the key of the spec.
    pub(crate) fn first(&self, shape: &Shape) -> String {
        let id = Plans::new(shape).next().map(|plan| quote_string(plan.id.as_str())).unwrap_or_default();
        let (table, column) = (quote(&self.table.name), quote(self.table.column(Field::Id)));
        format!("SELECT count(*) FROM main.{table} WHERE {column} = {id}")
    }

    /// The values of a row, in the order of the INSERT.
    pub(crate) fn values<'r>(&'r self, row: &'r PlanRow) -> impl Iterator<Item = Option<&'r str>> {
        self.columns.iter().map(|&(field, _)| match row.value(field) {
            None if field == Field::Root && !self.root_is_nullable => Some(""),
            value => value,
        })
    }

    /// Writes the rows; for a `trial` only the first ones, though all are counted.
    pub(crate) fn fill(&self, conn: &Connection, shape: &Shape, trial: bool, job: Job<'_>) -> Result<Census> {
        let places = vec!["?"; self.columns.len()].join(", ");
        let sql = format!("{} ({places})", self.insert());
        let mut insert = conn.prepare(&sql).map_err(|error| self.refused(error, 0))?;
        let what = format!("loading {}", self.table.name);
        let total = Some(shape.plans());
        let (mut done, mut written) = (0, 0);
        let mut plans = Plans::new(shape);
        for row in plans.by_ref() {
            if done % BLOCK == 0 {
                job.tell(Event::Progress { what: &what, done, total });
                if job.is_stopped() {
                    return Err(stopped());
                }
            }
            done += 1;
            if trial && done > BLOCK {
                continue;
            }
            for (place, value) in self.values(&row).enumerate() {
                insert.raw_bind_parameter(place + 1, value).map_err(|error| self.refused(error, done))?;
            }
            written += insert.raw_execute().map_err(|error| self.refused(error, done))? as u64;
        }
        job.tell(Event::Progress { what: &what, done, total });
        let expected = if trial { done.min(BLOCK) } else { done };
        if written != expected {
            let message = format!(
                "{}: {} of {} were written, a trigger skipped the others",
                self.table.name,
                thousands(written),
                counted(expected, "plan")
            );
            return Err(Error::new(ErrorKind::Data, message).help("drop the trigger while you load"));
        }
        Ok(plans.census())
    }

    /// What SQLite says against the row with this number, or against the statement.
    fn refused(&self, error: rusqlite::Error, row: u64) -> Error {
        if errors::is_interrupt(&error) || errors::is_about_the_file(&error) {
            return trouble(error, self.db);
        }
        let said = errors::message(&error);
        let what = if row == 0 { "the plans".to_owned() } else { format!("plan {row}") };
        let help = if let Fault::Unique(_) = fault::of(&error) {
            "the same plans are already there: choose another --seed"
        } else {
            "generated plans fit the schema of the spec: `planctl audit` shows how this one differs"
        };
        let message = format!("{what} cannot be loaded into {}: {said}", self.table.name);
        Error::new(ErrorKind::Data, message).note("nothing was loaded").help(help).caused_by(error)
    }
}

/// The columns of an ordinary table; none when it is not there.
fn columns_of(conn: &Connection, table: &str) -> rusqlite::Result<Vec<Column>> {
    let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name = ?1 COLLATE NOCASE";
    let found: Vec<String> = firsts(conn, sql, [table])?;
    found.first().map_or(Ok(Vec::new()), |table| columns(conn, "main", table))
}
