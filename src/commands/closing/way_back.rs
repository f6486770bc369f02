//! What is particular to going back: data that is gone stays gone, and the script says so.

use crate::plan::{Action, Fills, Obstacle, Plan, Step, placeholder};
use crate::schema::{Ident, Schema};
use crate::sql::display_name;

/// Values for columns that come back without any, where NULL cannot stand.
pub(super) fn placeholders(plan: &Plan, goal: &Schema) -> Fills {
    let valueless = plan.obstacles.iter().filter_map(|obstacle| match obstacle {
        Obstacle::NeedsValue { table, column, existing: false } => Some((table, column)),
        _ => None,
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
        step.hazards.extend(made_up.map(|((_, column), value)| {
            format!("every row gets {value} in {}: what stood there is lost", display_name(column.as_str()))
        }));
    }
}

/// The table whose rows stopped a step.
pub(super) fn table_that_stopped(step: Option<&Step>, message: &str, schema: &Schema) -> Option<Ident> {
    let is_about_rows = message.contains("constraint failed")
        || message.starts_with("cannot store ")
        || message.starts_with("datatype mismatch")
        || message.starts_with("type mismatch on DEFAULT");
    if !is_about_rows {
        return None;
    }
    let named = message.split_once("constraint failed: ").and_then(|(_, name)| name.rsplit_once('.'));
    let table = match (step.map(|step| &step.action), named) {
        (Some(Action::Rebuild(rebuild)), _) => rebuild.table.clone(),
        (Some(Action::AddColumn { table, .. }), _) => table.clone(),
        (_, Some((table, _))) => Ident::from(table),
        _ => return None,
    };
    schema.tables.contains_key(&table).then_some(table)
}
