//! What a goal has that no statement could use.

use crate::base::error::Result;
use crate::base::job::Job;
use crate::diff::{Broken, Change, ObjectKind, broken};
use crate::engine;
use crate::generate::names::{Names, renamed};
use crate::plan::Hints;
use crate::schema::Schema;
use crate::sql::same_tokens;

/// The views and triggers of `goal` that do not compile and that `from` does not have, under the names that the goal gives
/// its tables, as changes for the audit to tell: a script that makes them would be proven, and leave behind what only fails.
///
/// # Errors
/// `Interrupted`; `Migration` when a declared rename cannot be done.
pub(crate) fn newly_broken(from: &Schema, goal: &Schema, hints: &Hints, job: Job<'_>) -> Result<Vec<Change>> {
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
