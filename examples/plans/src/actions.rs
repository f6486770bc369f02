//! Actions, with their arguments and invariants.

use rusqlite::types::ToSql;
use rusqlite::{Connection, Transaction};

use crate::error::{Error, Kind, Result};
use crate::models::{ActionArguments, ActionInvariants, Actions, ActionsState, NewActions};
use crate::{by_owner, reading, utc, writing};

/// An action and what belongs to it.
#[derive(Clone, PartialEq, Debug)]
pub struct Action {
    /// The action itself.
    pub row: Actions,
    /// The arguments that it takes, by position.
    pub arguments: Vec<ActionArguments>,
    /// What has to hold for every plan that is made from it, by position.
    pub invariants: Vec<ActionInvariants>,
}

impl From<NewActions> for Action {
    fn from(new: NewActions) -> Action {
        Action {
            row: new.into(),
            arguments: Vec::new(),
            invariants: Vec::new(),
        }
    }
}

/// Writes a new action, and gives it as it is stored: its parts name it, and have rowids.
pub fn create(db: &mut Connection, mut action: Action) -> Result<Action> {
    writing(db, |db| {
        let refused = |error| Error::of_write(error, Kind::Action, &action.row.namespaced_name);
        action.row.insert(db).map_err(refused)?;
        action.insert_parts(db)?;
        Ok(action)
    })
}

/// The action of this name.
pub fn get(db: &mut Connection, name: &str) -> Result<Action> {
    const PARTS: &str = "WHERE action_name = ?1 ORDER BY position, rowid";
    reading(db, |db| {
        let row = Actions::get(db, name)?.ok_or_else(|| Error::not_found(Kind::Action, name))?;
        Ok(Action {
            row,
            arguments: ActionArguments::select(db, PARTS, [name])?,
            invariants: ActionInvariants::select(db, PARTS, [name])?,
        })
    })
}

/// The actions in this state, by name.
pub fn by_state(db: &mut Connection, state: ActionsState) -> Result<Vec<Action>> {
    list(db, "state = ?1", state)
}

/// The actions of this namespace, by name.
pub fn by_namespace(db: &mut Connection, namespace: &str) -> Result<Vec<Action>> {
    list(db, "namespace = ?1", namespace)
}

/// Three statements, however many actions there are.
fn list(db: &mut Connection, which: &str, value: impl ToSql + Copy) -> Result<Vec<Action>> {
    let actions = format!("WHERE {which} ORDER BY namespaced_name");
    let parts = format!(
        "WHERE action_name IN (SELECT namespaced_name FROM actions WHERE {which}) \
         ORDER BY position, rowid"
    );
    reading(db, |db| {
        let arguments = ActionArguments::select(db, &parts, [value])?;
        let invariants = ActionInvariants::select(db, &parts, [value])?;
        let mut arguments = by_owner(arguments, |row| row.action_name.clone());
        let mut invariants = by_owner(invariants, |row| row.action_name.clone());
        let with_parts = |row: Actions| Action {
            arguments: arguments.remove(&row.namespaced_name).unwrap_or_default(),
            invariants: invariants.remove(&row.namespaced_name).unwrap_or_default(),
            row,
        };
        let rows = Actions::select(db, &actions, [value])?;
        Ok(rows.into_iter().map(with_parts).collect())
    })
}

/// Writes the action over the one of its name, its parts in place of those that were there, and gives it as it is stored.
pub fn update(db: &mut Connection, mut action: Action) -> Result<Action> {
    writing(db, |db| {
        let name = &action.row.namespaced_name;
        action.row.updated_at = utc();
        if !action.row.update(db)? {
            return Err(Error::not_found(Kind::Action, name));
        }
        db.prepare_cached("DELETE FROM action_arguments WHERE action_name = ?1")?
            .execute([name])?;
        db.prepare_cached("DELETE FROM action_invariants WHERE action_name = ?1")?
            .execute([name])?;
        action.insert_parts(db)?;
        Ok(action)
    })
}

impl Action {
    fn insert_parts(&mut self, db: &Transaction<'_>) -> Result<()> {
        let name = &self.row.namespaced_name;
        let refused = |error| Error::of_write(error, Kind::Action, name);
        for row in &mut self.arguments {
            row.action_name.clone_from(name);
            row.rowid = None;
            row.rowid = Some(row.insert(db).map_err(refused)?);
        }
        for row in &mut self.invariants {
            row.action_name.clone_from(name);
            row.rowid = None;
            row.rowid = Some(row.insert(db).map_err(refused)?);
        }
        Ok(())
    }
}
