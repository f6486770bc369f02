//! What a live schema has become since its migrations left it, or what keeps it from being theirs.

use ulid::Ulid;

use crate::audit::others::without;
use crate::audit::{Others, subject_of};
use crate::base::error::Result;
use crate::base::finding::{Finding, Object};
use crate::base::job::Job;
use crate::base::rule::AuditRule;
use crate::base::severity::Severity;
use crate::commands::Context;
use crate::ddl::stated_pragmas;
use crate::diff::{Change, Difference, ObjectName, diff};
use crate::engine::{self, Engine, Scratch, UpOptions};
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
            let options = UpOptions { to, run_id, backup: None };
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

/// How `live` differs from what the files up to `to` produce on a shadow database.
///
/// # Errors
/// A migration that fails on a shadow database; a schema that cannot be read.
pub(super) fn differences(
    ctx: &mut Context<'_>,
    set: &MigrationSet,
    to: Version,
    live: &mut dyn Engine,
    others: &Others,
) -> Result<Drift> {
    Expected::at(set, Some(to), ctx.run_id, ctx.job)?.differences(&live.inspect()?, others)
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
            format!("{subject} was added: {actual}")
        }
        _ if is_extra => format!("{subject} was added"),
        (Some(expected), None) if is_missing => format!("{subject} is missing: {expected}"),
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
