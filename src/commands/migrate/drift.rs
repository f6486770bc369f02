//! What a live schema has become since its migrations left it, or what keeps it from being theirs.

use ulid::Ulid;

use crate::audit::others::without;
use crate::audit::{Others, subject_of};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::finding::{Finding, Object};
use crate::base::job::Job;
use crate::base::rule::AuditRule;
use crate::base::severity::Severity;
use crate::base::words::behind_name;
use crate::commands::{Context, counted};
use crate::ddl::stated_pragmas;
use crate::diff::{Change, Difference, ObjectName, diff};
use crate::engine::{self, Clean, DatabaseName, Engine, History, Scratch, UpOptions, plan_up};
use crate::migrations::{MigrationSet, Version};
use crate::schema::{Ident, Schema};
use crate::sql::shown;

/// How a schema differs from the one of its migrations.
#[derive(Default)]
pub(in crate::commands) struct Drift {
    /// The differences.
    pub(in crate::commands) changes: Vec<Change>,
    /// The tables and views that are somebody else's: they are in no change.
    pub(in crate::commands) theirs: Vec<Ident>,
}

/// The schema that the files produce up to a version, on a shadow database.
pub(in crate::commands) struct Expected {
    scratch: Box<dyn Scratch>,
    schema: Schema,
}

impl Expected {
    /// What the files up to `to` produce; without it, nothing.
    ///
    /// # Errors
    /// A migration that fails on a shadow database.
    pub(in crate::commands) fn at(
        set: &MigrationSet,
        to: Option<Version>,
        run_id: Ulid,
        job: Job<'_>,
    ) -> Result<Expected> {
        let mut scratch = engine::scratch(job)?;
        if to.is_some() {
            let options = UpOptions { to, ..UpOptions::of(run_id) };
            if let Some(error) = scratch.migrate_up(set, &options, job.quietly()).error {
                return Err(error.note("it ran on a shadow database, to compare the schema"));
            }
        }
        let mut schema = scratch.inspect()?;
        // What no migration sets is left to each database.
        schema.pragmas = stated_pragmas(&schema.pragmas);
        Ok(Expected { scratch, schema })
    }

    /// The fingerprint of a database that has just this schema.
    ///
    /// # Errors
    /// `Database` as SQLite has it.
    pub(in crate::commands) fn fingerprint(&mut self) -> Result<String> {
        self.scratch.schema_fingerprint()
    }

    /// How `actual` differs from it.
    ///
    /// # Errors
    /// `Interrupted`.
    pub(in crate::commands) fn differences(&mut self, actual: &Schema, others: &Others) -> Result<Drift> {
        let theirs = others.of(actual, &self.schema);
        let changes = diff(&self.schema, &without(actual, &theirs), &mut *self.scratch.equivalence())?;
        Ok(Drift { changes, theirs })
    }
}

/// Where that is asked for, refuses to migrate a database whose schema is not what the last applied migration left; and
/// has the engine look again under its lock. `others`: which tables are somebody else's.
///
/// # Errors
/// `Migration` with the differences, or with what keeps them from being known; those of reading.
pub(super) fn require_clean(
    ctx: &mut Context<'_>,
    set: &MigrationSet,
    live: &mut dyn Engine,
    (db, others): (&DatabaseName, Option<&Others>),
) -> Result<()> {
    let Some(others) = others else { return Ok(()) };
    let (history, schema) = live.history_and_schema()?;
    let newest = history.newest();
    if history.left_schema() != Some(schema.as_str()) {
        let left = not_as_left(&history);
        let unclean = |more: String| {
            let message = format!("the schema of {} is {left}{more}", db.display());
            db.about(Error::new(ErrorKind::Migration, message))
        };
        match differences(ctx, set, newest, live, others) {
            Ok(drift) if drift.changes.is_empty() => {}
            Ok(drift) => {
                let changes = &drift.changes;
                let error = unclean(format!(": {}", counted(changes.len(), "difference")));
                let mut error =
                    changes.iter().take(CHANGES).fold(error, |error, change| error.note(sentence(change)));
                if changes.len() > CHANGES {
                    error = error.note(format!("… {} more", changes.len() - CHANGES));
                }
                let pending = plan_up(set, &history, None).is_ok_and(|plan| !plan.is_empty());
                let script = format!(
                    "`planctl audit --sql{}` prints the script that takes it back",
                    allowing(changes)
                );
                return Err(error.help(match (newest, pending) {
                    (None, _) => TAKE_OVER.to_owned(),
                    (_, true) => format!(
                        "`planctl migrate up --require-clean=false` goes ahead anyway; after it, `planctl migrate adopt \
                         NAME` keeps this as a migration, or {script}"
                    ),
                    (_, false) => format!("`planctl migrate adopt NAME` keeps this as a migration; {script}"),
                }));
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                let unknown = unclean(", as far as can be told".to_owned());
                return Err(unknown.note(error.to_string()).help(
                    "`planctl migrate status` shows what is known; --require-clean=false goes ahead anyway",
                ));
            }
        }
    }
    live.require_clean(Clean { newest, schema });
    Ok(())
}

/// What a schema is that is not what the last applied migration left.
pub(in crate::commands) fn not_as_left(history: &History) -> String {
    match history.applied.last() {
        Some(last) => format!("not what {} left", last.label()),
        None => "not empty, and no migration is applied to it".to_owned(),
    }
}

/// How many differences an error names.
const CHANGES: usize = 8;

const TAKE_OVER: &str = "`planctl migrate baseline --to V` records the versions that it has; --require-clean=false goes ahead anyway";

/// What a script has to be allowed that undoes these changes.
pub(super) fn allowing(changes: &[Change]) -> &'static str {
    let is_lost =
        |change: &Change| matches!(change.difference, Difference::ExtraTable | Difference::ExtraColumn);
    if changes.iter().any(is_lost) { " --allow-destructive" } else { "" }
}

/// How `live` differs from what the files up to `to` produce on a shadow database; without one, from nothing.
///
/// # Errors
/// A migration that fails on a shadow database; a schema that cannot be read.
pub(super) fn differences(
    ctx: &mut Context<'_>,
    set: &MigrationSet,
    to: impl Into<Option<Version>>,
    live: &mut dyn Engine,
    others: &Others,
) -> Result<Drift> {
    Expected::at(set, to.into(), ctx.run_id, ctx.job)?.differences(&live.inspect()?, others)
}

/// One sentence on a difference: "column t.x was added: INTEGER".
pub(super) fn sentence(change: &Change) -> String {
    shown(&said(change)).into_owned()
}

fn said(change: &Change) -> String {
    let subject = subject_of(change);
    let code = change.difference.as_str();
    let (is_extra, is_missing) = (code.starts_with("extra-"), code.starts_with("missing-"));
    match (&change.expected, &change.actual) {
        (_, Some(actual)) if is_extra && !is_bare_column(change) => {
            format!("{subject} was added: {}", without_name(change, actual))
        }
        _ if is_extra => format!("{subject} was added"),
        (Some(expected), None) if is_missing => {
            format!("{subject} is missing: {}", without_name(change, expected))
        }
        (None, None) if is_missing => format!("{subject} is missing"),
        (expected, actual) => {
            let side = |side: &Option<String>| side.as_deref().unwrap_or("nothing").to_owned();
            format!(
                "{subject} differs ({code}): the migrations produce {}, the database has {}",
                side(expected),
                side(actual)
            )
        }
    }
}

/// A side of a change without its name, which the sentence has told.
fn without_name<'s>(change: &Change, side: &'s str) -> &'s str {
    let rest = change.object.name.shown().and_then(|name| behind_name(side, &name));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(side)
}

/// Whether a column is new of which there is no more to say than its name.
fn is_bare_column(change: &Change) -> bool {
    let ObjectName::Columns(names) = &change.object.name else { return false };
    let name = names.first().map(|name| name.shown());
    change.difference == Difference::ExtraColumn && change.actual == name
}

/// The difference as a finding.
pub(in crate::commands) fn finding(change: &Change) -> Finding {
    let readable = |text: &Option<String>| text.as_deref().map(|text| shown(text).into_owned());
    let object = Object {
        kind: change.object.kind.as_str(),
        table: change.object.table.as_ref().map(|table| table.as_str().to_owned()),
        name: change.object.name.shown(),
    };
    let severity = if change.cosmetic { Severity::Warning } else { Severity::Error };
    Finding {
        expected: readable(&change.expected),
        actual: readable(&change.actual),
        note: change.note(),
        ..Finding::new(AuditRule::from(change.difference), severity, object, sentence(change))
    }
}
