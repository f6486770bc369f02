//! What the specification asks of a database: in the database's names, and with what the ledger excuses left as it is.

mod broken;
mod constraints;
mod excused;
mod hints;

pub(crate) use self::broken::newly_broken;
pub(crate) use self::hints::hints;

use std::collections::BTreeSet;

use time::Date;

use self::excused::kept;
use crate::audit::audit;
use crate::audit::comparison::Sides;
use crate::audit::others::with;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::finding::Finding;
use crate::base::rule::{AuditRule, Difference, RuleCode};
use crate::plan::Hints;
use crate::schema::Schema;

/// The schema that the database is to have.
///
/// # Errors
/// When what is excused cannot be told apart from what has to change.
pub(crate) fn goal_of(sides: &Sides<'_>, today: Date) -> Result<Schema> {
    let found = audit(&sides.changes, sides.spec, sides.terms(&[], false, today));
    let excused = found.findings.iter().filter(|finding| finding.excuse.is_some());
    let excused: BTreeSet<usize> = excused.filter_map(|finding| finding.change).collect();
    let goal = kept(sides.expected.clone(), sides.live, &sides.changes, &excused, sides.job)?;
    Ok(with(goal, sides.live, &sides.theirs))
}

/// Refuses a goal with a view or trigger that does not compile and that the ledger does not excuse, where it would have
/// to be made first.
///
/// # Errors
/// `Sql` with the place in the spec.
pub(crate) fn refuse_broken(sides: &Sides<'_>, goal: &Schema, hints: &Hints, today: Date) -> Result<()> {
    let broken = newly_broken(sides.live, goal, hints, sides.job)?;
    if broken.is_empty() {
        return Ok(());
    }
    let found = audit(&[], sides.spec, sides.terms(&broken, false, today));
    let is_broken = |rule| {
        use Difference::{BrokenTrigger, BrokenView};
        matches!(rule, RuleCode::Audit(AuditRule::Schema(BrokenView | BrokenTrigger)))
    };
    let is_open = |finding: &&Finding| finding.is_open() && is_broken(finding.rule);
    let mut found = found.findings.iter().filter(is_open);
    let Some(first) = found.next() else { return Ok(()) };
    let error = found.fold(broken_object(first), |error, more| error.note(more.message.clone()));
    Err(error.help(format!(
        "every statement that uses it would fail: correct it, or leave it out; where it is meant, a [[deviation]] of \
         the ledger with rule = \"{}\" says why",
        first.rule
    )))
}

/// The error of a view or trigger that nobody could use.
pub(crate) fn broken_object(finding: &Finding) -> Error {
    let error = Error::new(ErrorKind::Sql, finding.message.clone());
    match &finding.location {
        Some(location) => error.at(location.clone()),
        None => error,
    }
}
