//! Correction attempts: pending, then executing, then complete or failed. There is no other way.

use rusqlite::Connection;

use crate::error::{Error, Kind, Result};
use crate::models::{
    CorrectionAttempts, CorrectionAttemptsState as State, NewCorrectionAttempts, UlidText,
};
use crate::{utc, writing};

/// Writes a new attempt, which is pending.
pub fn create(db: &mut Connection, new: NewCorrectionAttempts) -> Result<CorrectionAttempts> {
    let attempt = CorrectionAttempts::from(new);
    let id = attempt.correction_attempt_id.0;
    writing(db, |db| {
        let refused = |error| Error::of_write(error, Kind::CorrectionAttempt, id);
        attempt.insert(db).map_err(refused)?;
        Ok(attempt)
    })
}

/// The attempt with this key.
pub fn get(db: &Connection, id: UlidText) -> Result<CorrectionAttempts> {
    CorrectionAttempts::get(db, id)?.ok_or_else(|| Error::not_found(Kind::CorrectionAttempt, id.0))
}

/// The attempts of a plan, oldest first.
pub fn of_plan(db: &Connection, plan: UlidText) -> Result<Vec<CorrectionAttempts>> {
    let rest = "WHERE plan_id = ?1 ORDER BY created_at, correction_attempt_id";
    Ok(CorrectionAttempts::select(db, rest, [plan])?)
}

/// The attempts in this state, oldest first.
pub fn by_state(db: &Connection, state: State) -> Result<Vec<CorrectionAttempts>> {
    let rest = "WHERE state = ?1 ORDER BY created_at, correction_attempt_id";
    Ok(CorrectionAttempts::select(db, rest, [state])?)
}

/// Begins a pending attempt.
pub fn start(db: &mut Connection, id: UlidText) -> Result<CorrectionAttempts> {
    advance(db, id, State::Executing, |_| ())
}

/// Ends an attempt that is executing, with the decision that came of it, if one did.
pub fn complete(
    db: &mut Connection,
    id: UlidText,
    new_decision: Option<UlidText>,
) -> Result<CorrectionAttempts> {
    advance(db, id, State::Complete, |attempt| {
        attempt.new_decision_id = new_decision;
        attempt.completed_at = Some(utc());
    })
}

/// Ends an attempt that is executing, without success.
pub fn fail(db: &mut Connection, id: UlidText) -> Result<CorrectionAttempts> {
    advance(db, id, State::Failed, |attempt| {
        attempt.completed_at = Some(utc());
    })
}

/// Reads, judges and writes in one transaction: of two that would end the same attempt, the second one is refused.
fn advance(
    db: &mut Connection,
    id: UlidText,
    to: State,
    change: impl FnOnce(&mut CorrectionAttempts),
) -> Result<CorrectionAttempts> {
    writing(db, |db| {
        let mut attempt = get(db, id)?;
        let from = attempt.state;
        if !may_become(from, to) {
            return Err(Error::Transition { id, from, to });
        }
        attempt.state = to;
        change(&mut attempt);
        let refused = |error| Error::of_write(error, Kind::CorrectionAttempt, id.0);
        attempt.update(db).map_err(refused)?;
        Ok(attempt)
    })
}

fn may_become(from: State, to: State) -> bool {
    matches!(
        (from, to),
        (State::Pending, State::Executing) | (State::Executing, State::Complete | State::Failed)
    )
}
