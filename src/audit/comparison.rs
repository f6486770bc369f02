//! A spec, its ledger and a live schema, held against each other: what `audit` is about, for the command and for
//! applications that embed it.

use std::borrow::Cow;

use time::Date;

use super::others::without;
use super::values::{Plan, Spec, plan};
use super::{Audit, Ledger, Names, Others, Rename, Subject, Terms, audit, value_findings};
use crate::base::error::{Error, Result};
use crate::base::finding::Finding;
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::ddl;
use crate::diff;
use crate::diff::{Change, diff};
use crate::engine;
use crate::engine::{RenamedSpec, Renaming, SpecDatabase};
use crate::row_checks::{Checked, Unchecked, ValuePlan};
use crate::schema::{Ident, Pragmas, Schema};

/// The spec in the database's names, and the database.
pub(crate) struct Sides<'a> {
    pub(crate) spec: &'a SourceFile,
    pub(crate) ledger: &'a Ledger,
    pub(crate) live: &'a Schema,
    /// The spec as it was compared: what it has in common with `live` may be spelled as it is there.
    pub(crate) expected: Schema,
    /// What says the same in the spec's spelling, where that may be another one.
    database: Option<Box<dyn SpecDatabase>>,
    /// The spec in its own names, where they differ.
    pub(crate) written: Option<Schema>,
    /// For each rename of the ledger, whether the database has the object under its live name.
    pub(crate) applied: Vec<bool>,
    pub(crate) changes: Vec<Change>,
    /// Views and triggers that do not compile.
    broken: Vec<Change>,
    /// The tables and views of the database that are somebody else's: they are in no change.
    pub(crate) theirs: Vec<Ident>,
    pub(crate) job: Job<'a>,
}

impl<'a> Sides<'a> {
    pub(crate) fn of(
        spec: &'a SourceFile,
        ledger: &'a Ledger,
        live: &'a Schema,
        job: Job<'a>,
    ) -> Result<Sides<'a>> {
        Sides::but(&Others::default(), spec, ledger, live, job)
    }

    /// The same, where more tables are somebody else's than the history tables of other tools.
    pub(crate) fn but(
        others: &Others,
        spec: &'a SourceFile,
        ledger: &'a Ledger,
        live: &'a Schema,
        job: Job<'a>,
    ) -> Result<Sides<'a>> {
        // A spec that states what is there to the letter need not be run.
        if ledger.renames.is_empty() && ddl::states_exactly(spec.text(), live) {
            ledger.check_names(live)?;
            let expected = Schema { pragmas: Pragmas::default(), ..live.clone() };
            let found = engine::broken(live, job)?;
            let broken = diff::broken((&expected, &found), (live, &found));
            let (database, written, applied, changes, theirs) = Default::default();
            return Ok(Sides {
                spec,
                ledger,
                live,
                expected,
                database,
                written,
                applied,
                changes,
                broken,
                theirs,
                job,
            });
        }
        let applied: Vec<bool> = ledger.renames.iter().map(|rename| ledger.applies(rename, live)).collect();
        let Expected { schema: expected, written, database } =
            Expected::of(spec, ledger, &applied, live, job)?;
        let theirs = others.of(live, &expected);
        let ours = without(live, &theirs);
        let mut changes = diff(&expected, &ours, &mut *database.equivalence())?;
        if let Some(written) = &written {
            let renamed = diff::Renamed { written, expected: &expected, actual: &ours };
            let names = Names::of(ledger.renames_applied(&applied));
            for change in &mut changes {
                let table = change.object.table.as_ref().map(|table| names.table(table));
                change.written = table.and_then(|table| renamed.as_written(change, &table));
            }
        }
        let of_spec = engine::broken(&expected, job)?;
        // Where nothing differs, the same things are broken. What is ours may read what is theirs.
        let same = changes.is_empty() && theirs.is_empty();
        let of_live = if same { of_spec.clone() } else { engine::broken(live, job)? };
        let broken = diff::broken((&expected, &of_spec), (&ours, &of_live));
        let database = written.is_none().then_some(database);
        Ok(Sides { spec, ledger, live, expected, database, written, applied, changes, broken, theirs, job })
    }

    /// The spec in the database's names, as the spec spells it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn stated(&self) -> Result<Cow<'_, Schema>> {
        match &self.database {
            Some(database) => database.schema().map(Cow::Owned),
            None => Ok(Cow::Borrowed(&self.expected)),
        }
    }

    pub(crate) fn audit(&self, subject: Subject, strict: bool, today: Date) -> Audit {
        audit(&self.changes, self.spec, Terms { subject, ..self.terms(&self.broken, strict, today) })
    }

    pub(crate) fn terms<'t>(&'t self, broken: &'t [Change], strict: bool, today: Date) -> Terms<'t> {
        let subject = Subject::Database;
        Terms { broken, ledger: self.ledger, applied: &self.applied, subject, strict, today }
    }

    /// The ledger's renames that the database has.
    pub(crate) fn renames(&self) -> impl Iterator<Item = &Rename> + Clone {
        self.ledger.renames_applied(&self.applied)
    }

    /// The names that the database has for a table and column of the spec.
    pub(crate) fn live_names(&self, table: &Ident, column: Option<&Ident>) -> (Ident, Option<Ident>) {
        let live = |column: Option<&Ident>, name: &Ident| {
            let rename = self.renames().find(|r| r.table == *table && r.column.as_ref() == column);
            rename.map_or(name, |rename| &rename.live).clone()
        };
        (live(None, table), column.map(|column| live(Some(column), column)))
    }

    /// What is to be checked of the rows of every database that has this schema.
    ///
    /// # Errors
    /// As [`stated`](Self::stated).
    pub(crate) fn of_rows(&self, strict: bool) -> Result<OfRows> {
        let stated = self.stated()?;
        let names = Names::of(self.renames());
        let deviations = if strict { &[][..] } else { &self.ledger.deviations };
        let spec = Spec { source: self.spec, schema: &stated, written: self.written.as_ref(), names: &names };
        Ok(OfRows { plan: plan(spec, self.live, deviations), names })
    }

    /// What the rows break of what the spec states of them, and what could not be checked. `check` does the checks.
    ///
    /// # Errors
    /// Those of `check`.
    pub(crate) fn values(
        &self,
        strict: bool,
        today: Date,
        check: impl FnOnce(&ValuePlan) -> Result<Checked>,
    ) -> Result<(Vec<Finding>, Vec<Unchecked>)> {
        self.of_rows(strict)?.values(self.ledger, strict, today, check)
    }
}

/// The spec in the database's names.
struct Expected {
    schema: Schema,
    /// In its own names, where the ledger renames something.
    written: Option<Schema>,
    database: Box<dyn SpecDatabase>,
}

impl Expected {
    fn of(
        spec: &SourceFile,
        ledger: &Ledger,
        applied: &[bool],
        live: &Schema,
        job: Job<'_>,
    ) -> Result<Expected> {
        let renamings: Vec<Renaming> = ledger
            .renames_applied(applied)
            .map(|rename| Renaming {
                table: rename.table.clone(),
                column: rename.column.clone(),
                to: rename.live.clone(),
            })
            .collect();
        if !ledger.renames.is_empty()
            && let Some(renamed) = engine::renamed_beside(spec, &renamings, live, job)
        {
            ledger.check_names(&renamed.written)?;
            let RenamedSpec { written, schema, database } = renamed;
            return Ok(Expected { schema, written: Some(written), database });
        }
        let mut database = engine::spec_database_beside(spec, live, job)?;
        if ledger.renames.is_empty() {
            let schema = database.schema_beside(live)?;
            ledger.check_names(&schema)?;
            return Ok(Expected { schema, written: None, database });
        }
        let written = database.schema()?;
        ledger.check_names(&written)?;
        database.rename(&renamings).map_err(|error| in_ledger(error, ledger))?;
        Ok(Expected { schema: database.schema()?, written: Some(written), database })
    }
}

/// What is to be checked of the rows of databases with one schema.
#[derive(Debug)]
pub(crate) struct OfRows {
    plan: Plan,
    names: Names,
}

impl OfRows {
    /// As [`Sides::values`].
    ///
    /// # Errors
    /// Those of `check`.
    pub(crate) fn values(
        &self,
        ledger: &Ledger,
        strict: bool,
        today: Date,
        check: impl FnOnce(&ValuePlan) -> Result<Checked>,
    ) -> Result<(Vec<Finding>, Vec<Unchecked>)> {
        let checked = check(&self.plan.checks)?;
        let found = value_findings(&self.plan, &checked.findings, &self.names, ledger, strict, today);
        Ok((found, checked.unchecked))
    }
}

/// Audits a schema against a spec.
///
/// # Errors
/// `Sql` when SQLite refuses the spec; `Config` when the ledger names what the spec does not have, or renames to a
/// name that is taken.
pub fn compare(
    spec: &SourceFile,
    ledger: &Ledger,
    live: &Schema,
    strict: bool,
    today: Date,
) -> Result<Audit> {
    Ok(Sides::of(spec, ledger, live, Job::quiet())?.audit(Subject::Database, strict, today))
}

fn in_ledger(error: Error, ledger: &Ledger) -> Error {
    match ledger.renames.first() {
        Some(rename) => error.at(rename.location.clone()).help("check the [[rename]] entries of the ledger"),
        None => error,
    }
}
