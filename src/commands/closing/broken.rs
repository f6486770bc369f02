//! What a goal has that no statement could use.

use crate::diff::{Broken, ObjectKind};
use crate::engine;
use crate::error::Result;
use crate::job::Job;
use crate::schema::Schema;

/// The views and triggers of `goal` that do not compile and that `from` does not have as they are: a script that makes them
/// would be proven, and leave behind what only fails.
///
/// # Errors
/// `Interrupted`.
pub(in crate::commands) fn newly_broken(from: &Schema, goal: &Schema, job: Job<'_>) -> Result<Vec<Broken>> {
    let is_new = |object: &Broken| {
        let text = |schema: &Schema| match object.kind {
            ObjectKind::Trigger => schema.triggers.get(&object.name).map(|trigger| trigger.sql.clone()),
            _ => schema.views.get(&object.name).map(|view| view.sql.clone()),
        };
        text(from) != text(goal)
    };
    Ok(engine::broken(goal, job)?.into_iter().filter(is_new).collect())
}
