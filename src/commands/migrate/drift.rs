//! What a live schema has become since its migrations left it, or what keeps it from being theirs.

use crate::audit::others::without;
use crate::audit::{Others, subject_of};
use crate::base::error::Result;
use crate::base::finding::{Finding, Object};
use crate::base::rule::AuditRule;
use crate::base::severity::Severity;
use crate::commands::Context;
use crate::ddl::stated_pragmas;
use crate::diff::{Change, Difference, ObjectName, diff};
use crate::engine::{self, Engine, UpOptions};
use crate::migrations::{MigrationSet, Version};
use crate::schema::Ident;
use crate::sql::shown;

/// How a schema differs from the one of its migrations.
#[derive(Default)]
pub(super) struct Drift {
    /// The differences.
    pub(super) changes: Vec<Change>,
    /// The tables and views that are somebody else's: they are in no change.
    pub(super) theirs: Vec<Ident>,
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
    let mut scratch = engine::scratch(ctx.job)?;
    let options = UpOptions { to: Some(to), run_id: ctx.run_id, backup: None };
    if let Some(error) = scratch.migrate_up(set, &options, ctx.job.quietly()).error {
        return Err(error.note("it ran on a shadow database, to compare the schema"));
    }
    let mut expected = scratch.inspect()?;
    // What no migration sets is left to each database.
    expected.pragmas = stated_pragmas(&expected.pragmas);
    let actual = live.inspect()?;
    let theirs = others.of(&actual, &expected);
    let changes = diff(&expected, &without(&actual, &theirs), &mut *scratch.equivalence())?;
    Ok(Drift { changes, theirs })
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
pub(super) fn finding(change: &Change) -> Finding {
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
