//! `planctl migrate …`: one file per subcommand.

pub mod adopt;
pub mod baseline;
pub(in crate::commands) mod copies;
pub mod down;
pub(in crate::commands) mod drift;
pub mod generate;
pub mod import;
pub mod lint;
pub(in crate::commands) mod loss;
pub mod new;
pub mod redo;
pub(in crate::commands) mod rehearsal;
pub mod renumber;
mod since;
pub mod squash;
pub mod status;
pub mod test;
pub mod up;

use std::path::{Path, PathBuf};
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::base::error::{Error, Result};
use crate::base::progress::human;
use crate::commands::Context;
use crate::engine::{
    self, Access, Baseline, DatabaseName, Executed, OpenOptions, Run, ScriptOptions, UncheckedKey,
};
use crate::migrations::{MigrationSet, Version};
use crate::report::wire::run::{self as wire, Script};
use crate::report::{Block, Cell, Outcome, Report, Span, Style};
use crate::sql::Target;

/// How `up` and `down` run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mode {
    /// For real.
    Run {
        /// Where to leave a copy of the database as it was just before; nothing is overwritten.
        backup: Option<PathBuf>,
    },
    /// On a copy of the schema, without rows, in memory.
    DryRun,
    /// On a temporary copy of the whole database.
    Rehearse {
        /// The folder for the copy; beside the database when absent.
        place: Option<PathBuf>,
    },
    /// Not at all: print a script. No database is looked at.
    Sql {
        /// The version that the database will be at; when absent none for `up`, the newest for `down`.
        from: Option<Version>,
        /// Where it is to run.
        target: Target,
    },
}

fn script_options<'a>(ctx: &'a Context<'_>, lock_timeout: Duration, place: Target) -> ScriptOptions<'a> {
    ScriptOptions { run_id: ctx.run_id, lock_timeout, place, job: ctx.job }
}

/// A script as the result of a command.
fn script(command: &'static str, sql: String) -> Report {
    let mut report = Report::new(command);
    report.body = Some(Script { sql: sql.clone() }.into());
    report.document.blocks.push(Block::Code { language: "sql", text: sql.trim_end().to_owned() });
    report.text = Some(sql);
    report
}

/// What `up`, `down` and `redo` put on the wire, with what `more` says of each migration.
fn wire<M>(run: &Run, db: &DatabaseName, dry_run: bool, more: impl Fn(&Executed) -> M) -> wire::Run<M> {
    let migration = |done: &Executed| wire::Migration {
        version: done.version,
        name: done.name.clone(),
        took_ms: millis(done.took),
        statements: done.statements,
        rows_backfilled: done.rows_backfilled,
        more: more(done),
        unchecked_keys: done.unchecked.iter().map(wire_unchecked).collect(),
    };
    wire::Run {
        database: db.display().to_string(),
        dry_run,
        before: run.before,
        after: run.after,
        backup: run.backup.as_ref().map(|backup| backup.display().to_string()),
        migrations: run.done.iter().map(migration).collect(),
    }
}

fn wire_unchecked(key: &UncheckedKey) -> wire::UncheckedKey {
    let UncheckedKey { table, columns, parent, rows, why } = key.clone();
    wire::UncheckedKey { table, columns, parent, rows, why }
}

/// A table of what was done, whose first title says what that is, and what could not be checked behind the last of it.
fn table(report: &mut Report, done: &[Executed], what: &str) {
    if done.is_empty() {
        return;
    }
    let backfilled = done.iter().any(|done| done.rows_backfilled > 0);
    let rows = done.iter().map(|done| {
        let mut row = vec![Span::new(done.label(), Style::Strong).into(), Cell::count(done.statements)];
        row.extend(backfilled.then(|| Cell::count(done.rows_backfilled)));
        row.push(Cell::number(human(done.took)));
        row
    });
    let titles: &[&str] = if backfilled {
        &[what, "statements", "rows backfilled", "took"]
    } else {
        &[what, "statements", "took"]
    };
    report.document.table(titles, rows.collect());
    for key in done.last().iter().flat_map(|done| &done.unchecked) {
        report.document.line(Span::new(key.sentence(), Style::Warning));
    }
}

/// The last line and the error, when the run had one. Trouble before anything was done speaks for itself.
fn end(report: &mut Report, run: Run, db: &DatabaseName, nothing: &str) {
    if let Some(backup) = &run.backup {
        report.document.line(format!("{} holds what was there before", backup.display()));
    }
    let standing = stands_at(db, run.after);
    match (&run.error, run.done.is_empty()) {
        (Some(_), true) => {}
        (Some(_), false) => report.document.line(Span::new(standing, Style::Warning)),
        (None, true) => report.document.line(Span::new(format!("{nothing}: {standing}"), Style::Good)),
        (None, false) => report.document.line(Span::new(standing, Style::Good)),
    }
    trouble(report, run.error);
}

/// Records a migration whose files were just written, and those before it, in one transaction, if the database still has the
/// schema that was read.
pub(in crate::commands) fn record_as_found(
    ctx: &mut Context<'_>,
    migrations: &Path,
    (db, to, schema): (&DatabaseName, Version, &str),
    options: OpenOptions,
) -> Result<()> {
    let set = MigrationSet::load_while_changing(migrations)?;
    let mut engine = engine::open(db, Access::ReadWrite { create: false }, options, ctx.job)?;
    let baseline = Baseline { to, run_id: ctx.run_id, schema, leaves: None };
    engine.record(&set, baseline, ctx.job).map(drop)
}

/// What went wrong on a copy of the schema: nothing was there to be rolled back.
fn of_a_copy(error: Error) -> Error {
    error.without_rollback().note("it ran on a copy of the schema without rows; nothing was written")
}

/// Ends the report with its error, if there is one.
fn trouble(report: &mut Report, error: Option<Error>) {
    if error.is_some() {
        report.outcome = Outcome::Trouble;
    }
    report.error = error;
}

/// Whether there is a database. A file that cannot be looked at (a link to itself, a folder that is closed to us) is not one
/// that is missing.
pub(super) fn exists(db: &DatabaseName) -> Result<bool> {
    db.file().map_or(Ok(true), |file| file.try_exists().map_err(|error| Error::file(file, error)))
}

/// "plan.db is at version 7"
pub(super) fn stands_at(db: &DatabaseName, version: Option<Version>) -> String {
    match version {
        Some(version) => format!("{} is at version {version}", db.display()),
        None => format!("{} has no migrations applied", db.display()),
    }
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// To the second, in UTC: `2026-03-01T12:00:00Z`.
fn moment(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_else(|_| at.to_string())
}
