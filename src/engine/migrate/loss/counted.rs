//! How much there is of what was foreseen on a schema without rows.

use rusqlite::{Connection, Result};

use super::compare::{Facts, count};
use crate::engine::migrate::guard::Place;
use crate::engine::{Loss, LossKind, Lost};

/// Counts in a database with rows what was foreseen without any.
pub(crate) fn counted(conn: &Connection, lost: &[Lost]) -> Result<Vec<Lost>> {
    counted_by(lost, |loss| {
        let place = Place { temporary: false, table: loss.table.clone() };
        let column = loss.column.as_ref();
        let facts = Facts::read(conn, &place)?;
        // What a down before it made anew is not here.
        if !facts.is_table || column.is_some_and(|column| !facts.has(column)) {
            return Ok(0);
        }
        count(conn, &place, column)
    })
}

/// The same where `count` says how much there is of what is named. What there is nothing of is not lost; how much of the
/// rest goes is only known of what goes as a whole.
pub(crate) fn counted_by<E>(
    lost: &[Lost],
    mut count: impl FnMut(&Loss) -> Result<u64, E>,
) -> Result<Vec<Lost>, E> {
    let mut counted = Vec::with_capacity(lost.len());
    for step in lost {
        let mut losses = Vec::with_capacity(step.losses.len());
        for loss in &step.losses {
            let there = if loss.object.is_some() { 0 } else { count(loss)? };
            let exact = matches!(loss.kind, LossKind::Rows | LossKind::Values | LossKind::Column);
            if there > 0 || loss.kind.is_schema() {
                losses.push(Loss { count: exact.then_some(there), ..loss.clone() });
            }
        }
        let step = Lost { losses, ..step.clone() };
        if !step.is_harmless() {
            counted.push(step);
        }
    }
    Ok(counted)
}
