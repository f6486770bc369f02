//! Plans, with their projects, arguments and invariants, and the trees that they make.

use rusqlite::types::ToSql;
use rusqlite::{Connection, Transaction};

use crate::error::{Error, Kind, Result};
use crate::models::{
    NewV3Plans, PlanArguments, PlanInvariants, PlanProjects, UlidText, V3Plans,
    V3PlansProcessingState,
};
use crate::{by_owner, reading, utc, writing};

/// A plan and what belongs to it.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// The plan itself.
    pub row: V3Plans,
    /// The projects that it works on, in the order in which they were added.
    pub projects: Vec<PlanProjects>,
    /// The arguments that it was given, by position.
    pub arguments: Vec<PlanArguments>,
    /// What has to hold for it: what has no position comes first.
    pub invariants: Vec<PlanInvariants>,
}

/// A plan in a tree.
#[derive(Clone, PartialEq, Debug)]
pub struct Branch {
    /// How many plans it is below the first one.
    pub depth: usize,
    /// The plan.
    pub plan: Plan,
}

impl From<NewV3Plans> for Plan {
    fn from(new: NewV3Plans) -> Plan {
        Plan {
            row: new.into(),
            projects: Vec::new(),
            arguments: Vec::new(),
            invariants: Vec::new(),
        }
    }
}

const PROJECTS: &str = "WHERE plan_id = ?1 ORDER BY rowid";
const BY_POSITION: &str = "WHERE plan_id = ?1 ORDER BY position, rowid";

/// Writes a new plan, and gives it as it is stored: its root is that of its parent, or itself, its parts name it, and have
/// rowids.
pub fn create(db: &mut Connection, mut plan: Plan) -> Result<Plan> {
    writing(db, |db| {
        plan.row.root_plan_id = match plan.row.parent_plan_id {
            Some(parent) => row(db, parent)?.root_plan_id,
            None => plan.row.plan_id,
        };
        let refused = |error| Error::of_write(error, Kind::Plan, plan.row.plan_id.0);
        plan.row.insert(db).map_err(refused)?;
        plan.insert_parts(db)?;
        Ok(plan)
    })
}

/// The plan with this key.
pub fn get(db: &mut Connection, id: UlidText) -> Result<Plan> {
    reading(db, |db| {
        Ok(Plan {
            row: row(db, id)?,
            projects: PlanProjects::select(db, PROJECTS, [id])?,
            arguments: PlanArguments::select(db, BY_POSITION, [id])?,
            invariants: PlanInvariants::select(db, BY_POSITION, [id])?,
        })
    })
}

fn row(db: &Transaction<'_>, id: UlidText) -> Result<V3Plans> {
    V3Plans::get(db, id)?.ok_or_else(|| Error::not_found(Kind::Plan, id.0))
}

/// The plans in this state, oldest first.
pub fn by_state(db: &mut Connection, state: V3PlansProcessingState) -> Result<Vec<Plan>> {
    list(db, "processing_state = ?1", state)
}

/// The plan and all that are below it: each before those below it, oldest first.
pub fn tree(db: &mut Connection, id: UlidText) -> Result<Vec<Branch>> {
    let whole = "root_plan_id = (SELECT root_plan_id FROM v3_plans WHERE plan_id = ?1)";
    let (top, others): (Vec<Plan>, Vec<Plan>) = list(db, whole, id)?
        .into_iter()
        .partition(|plan| plan.row.plan_id == id);
    let mut below = by_owner(others, |plan| plan.row.parent_plan_id);
    let mut next: Vec<Branch> = top
        .into_iter()
        .map(|plan| Branch { depth: 0, plan })
        .collect();
    let mut found = Vec::new();
    while let Some(branch) = next.pop() {
        let children = below.remove(&Some(branch.plan.row.plan_id));
        let depth = branch.depth + 1;
        let children = children.unwrap_or_default().into_iter().rev();
        next.extend(children.map(|plan| Branch { depth, plan }));
        found.push(branch);
    }
    if found.is_empty() {
        return Err(Error::not_found(Kind::Plan, id.0));
    }
    Ok(found)
}

/// Four statements, however many plans there are.
fn list(db: &mut Connection, which: &str, value: impl ToSql + Copy) -> Result<Vec<Plan>> {
    let plans = format!("WHERE {which} ORDER BY created_at, plan_id");
    let parts = |order| {
        format!("WHERE plan_id IN (SELECT plan_id FROM v3_plans WHERE {which}) ORDER BY {order}")
    };
    reading(db, |db| {
        let projects = PlanProjects::select(db, &parts("rowid"), [value])?;
        let arguments = PlanArguments::select(db, &parts("position, rowid"), [value])?;
        let invariants = PlanInvariants::select(db, &parts("position, rowid"), [value])?;
        let mut projects = by_owner(projects, |row| row.plan_id);
        let mut arguments = by_owner(arguments, |row| row.plan_id);
        let mut invariants = by_owner(invariants, |row| row.plan_id);
        let with_parts = |row: V3Plans| Plan {
            projects: projects.remove(&row.plan_id).unwrap_or_default(),
            arguments: arguments.remove(&row.plan_id).unwrap_or_default(),
            invariants: invariants.remove(&row.plan_id).unwrap_or_default(),
            row,
        };
        let rows = V3Plans::select(db, &plans, [value])?;
        Ok(rows.into_iter().map(with_parts).collect())
    })
}

/// Writes the plan over the one with its key, its parts in place of those that were there, and gives it as it is stored. Its
/// place in the tree is no part of that: another parent would be another root for all that is below.
pub fn update(db: &mut Connection, mut plan: Plan) -> Result<Plan> {
    writing(db, |db| {
        let id = plan.row.plan_id;
        let stored = row(db, id)?;
        if plan.row.parent_plan_id != stored.parent_plan_id {
            return Err(Error::Moved { id });
        }
        plan.row.root_plan_id = stored.root_plan_id;
        plan.row.updated_at = utc();
        let refused = |error| Error::of_write(error, Kind::Plan, id.0);
        plan.row.update(db).map_err(refused)?;
        for statement in [
            "DELETE FROM plan_projects WHERE plan_id = ?1",
            "DELETE FROM plan_arguments WHERE plan_id = ?1",
            "DELETE FROM plan_invariants WHERE plan_id = ?1",
        ] {
            db.prepare_cached(statement)?.execute([id])?;
        }
        plan.insert_parts(db)?;
        Ok(plan)
    })
}

impl Plan {
    fn insert_parts(&mut self, db: &Transaction<'_>) -> Result<()> {
        let id = self.row.plan_id;
        let refused = |error| Error::of_write(error, Kind::Plan, id.0);
        for row in &mut self.projects {
            (row.plan_id, row.rowid) = (id, None);
            row.rowid = Some(row.insert(db).map_err(refused)?);
        }
        for row in &mut self.arguments {
            (row.plan_id, row.rowid) = (id, None);
            row.rowid = Some(row.insert(db).map_err(refused)?);
        }
        for row in &mut self.invariants {
            (row.plan_id, row.rowid) = (id, None);
            row.rowid = Some(row.insert(db).map_err(refused)?);
        }
        Ok(())
    }
}
