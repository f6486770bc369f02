//! What a goal has that no statement could use.

use time::Date;

use crate::audit::comparison::Sides;
use crate::audit::{self, Ledger, Subject, audit};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::finding::Finding;
use crate::base::job::Job;
use crate::base::rule::{AuditRule, Difference, RuleCode};
use crate::base::source::SourceFile;
use crate::diff::{Broken, Change, ObjectKind, broken};
use crate::engine;
use crate::generate::names::{Names, renamed};
use crate::plan::Hints;
use crate::schema::Schema;
use crate::sql::same_tokens;

/// Refuses a goal with a view or trigger that does not compile and that the ledger does not excuse, where it would have
/// to be made first.
///
/// # Errors
/// `Sql` with the place in the spec.
pub(crate) fn refuse_broken(sides: &Sides<'_>, goal: &Schema, hints: &Hints, today: Date) -> Result<()> {
    let broken = newly_broken(sides.live, goal, hints, sides.job)?;
    refuse(sides.spec, sides.terms(&broken, false, today), |rule| {
        format!(
            "correct it, or leave it out; if it is intended, a [[deviation]] of the ledger with rule = \"{rule}\" says why"
        )
    })
}

/// The same of the schema `to`, which `source` states and no ledger excuses.
///
/// # Errors
/// As [`refuse_broken`].
pub(crate) fn refuse_newly_broken(
    from: &Schema,
    (to, source): (&Schema, &SourceFile),
    hints: &Hints,
    job: Job<'_>,
) -> Result<()> {
    let broken = newly_broken(from, to, hints, job)?;
    let ledger = Ledger::default();
    let (subject, today) = (Subject::Migrations, Date::MIN);
    let terms =
        audit::Terms { broken: &broken, ledger: &ledger, applied: &[], subject, strict: false, today };
    refuse(source, terms, |_| format!("correct it in {}", source.path().display()))
}

/// Refuses what is broken by these terms; `advice` is told the rule of the first.
fn refuse(source: &SourceFile, terms: audit::Terms<'_>, advice: impl Fn(RuleCode) -> String) -> Result<()> {
    if terms.broken.is_empty() {
        return Ok(());
    }
    let is_broken = |rule| {
        use Difference::{BrokenTrigger, BrokenView};
        matches!(rule, RuleCode::Audit(AuditRule::Schema(BrokenView | BrokenTrigger)))
    };
    let found = audit(&[], source, terms).findings;
    let mut found = found.iter().filter(|finding| finding.is_open() && is_broken(finding.rule));
    let Some(first) = found.next() else { return Ok(()) };
    let error = found.fold(broken_object(first), |error, more| error.note(more.message.clone()));
    Err(error.help(format!("every statement that uses it would fail: {}", advice(first.rule))))
}

/// The error of a view or trigger that nobody could use.
fn broken_object(finding: &Finding) -> Error {
    Error::new(ErrorKind::Sql, finding.message.clone()).at_place(finding.location.clone())
}

/// The views and triggers of `goal` that do not compile and that `from` does not have, under the names that the goal gives
/// its tables, as changes for the audit to tell: a script that makes them would be proven, and leave behind what only fails.
///
/// # Errors
/// `Interrupted`; `Migration` when a declared rename cannot be done.
fn newly_broken(from: &Schema, goal: &Schema, hints: &Hints, job: Job<'_>) -> Result<Vec<Change>> {
    let mut found = engine::broken(goal, job)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let from = renamed(from, &Names::of(from, goal, hints)?.altered, job)?;
    let is_new = |object: &Broken| {
        let text = |schema: &Schema| match object.kind {
            ObjectKind::Trigger => schema.triggers.get(&object.name).map(|trigger| trigger.sql.clone()),
            _ => schema.views.get(&object.name).map(|view| view.sql.clone()),
        };
        text(&from).zip(text(goal)).is_none_or(|(before, after)| !same_tokens(&before, &after))
    };
    found.retain(is_new);
    // Once it is made, both sides have it.
    Ok(broken((goal, &found), (goal, &found)))
}
