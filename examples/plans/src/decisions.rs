//! Decisions: why a plan is as it is.

use rusqlite::Connection;

use crate::error::{Error, Kind, Result};
use crate::models::{Decisions, UlidText};
use crate::writing;

/// Writes a new decision.
pub fn create(db: &mut Connection, decision: &Decisions) -> Result<()> {
    let id = decision.decision_id.0;
    writing(db, |db| {
        let refused = |error| Error::of_write(error, Kind::Decision, id);
        decision.insert(db).map_err(refused)?;
        Ok(())
    })
}

/// The decision with this key.
pub fn get(db: &Connection, id: UlidText) -> Result<Decisions> {
    Decisions::get(db, id)?.ok_or_else(|| Error::not_found(Kind::Decision, id.0))
}

/// The decisions of a plan, oldest first.
pub fn of_plan(db: &Connection, plan: UlidText) -> Result<Vec<Decisions>> {
    let rest = "WHERE plan_id = ?1 ORDER BY created_at, decision_id";
    Ok(Decisions::select(db, rest, [plan])?)
}

/// Writes the decision over the one with its key.
pub fn update(db: &mut Connection, decision: &Decisions) -> Result<()> {
    let id = decision.decision_id.0;
    writing(db, |db| {
        let refused = |error| Error::of_write(error, Kind::Decision, id);
        if decision.update(db).map_err(refused)? {
            Ok(())
        } else {
            Err(Error::not_found(Kind::Decision, id))
        }
    })
}
