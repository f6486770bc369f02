//! What is particular to going back: data that is gone stays gone, and the script says so.

use crate::plan::{Action, Fills, Hazard, Obstacle, Plan, Step, placeholder};
use crate::schema::{Ident, Schema};

/// Values for columns that come back without any, where NULL cannot stand.
pub(super) fn placeholders(plan: &Plan, goal: &Schema) -> Fills {
    let valueless = plan.obstacles.iter().filter_map(|obstacle| match obstacle {
        Obstacle::NeedsValue { table, column } => Some((table, column)),
        Obstacle::Impossible { .. } => None,
    });
    valueless
        .filter_map(|(table, column)| {
            let of = goal.tables.get(table)?;
            Some(((table.clone(), column.clone()), placeholder(of, of.column(column)?)?))
        })
        .collect()
}

/// Says in each step which values it makes up.
pub(super) fn tell(steps: &mut [Step], fills: &Fills) {
    for step in steps {
        let Action::Rebuild(rebuild) = &step.action else { continue };
        let made_up = fills.iter().filter(|((table, _), _)| *table == rebuild.table);
        step.hazards.extend(made_up.map(|((table, column), value)| Hazard::MakesUp {
            table: table.clone(),
            column: column.clone(),
            value: value.clone(),
        }));
    }
}

/// The table whose rows stopped a step of the way to `goal`, as `goal` calls it.
pub(super) fn table_that_stopped(step: Option<&Step>, message: &str, goal: &Schema) -> Option<Ident> {
    let is_about_rows = message.contains("constraint failed")
        || message.starts_with("cannot store ")
        || message.starts_with("datatype mismatch")
        || message.starts_with("type mismatch on DEFAULT");
    if !is_about_rows {
        return None;
    }
    match &step?.action {
        Action::Rebuild(rebuild) => Some(rebuild.table.clone()),
        Action::AddColumn { table, .. }
        | Action::AlterNotNull { table, .. }
        | Action::AddCheck { table, .. } => Some(table.clone()),
        Action::Create { name, .. } => {
            let table = goal.tables.values().find(|table| table.indexes.contains_key(name))?;
            Some(table.name.clone())
        }
        _ => None,
    }
}
