//! Differences that one statement closes.

use super::native;
use super::options::Options;
use super::step::{Action, Dropped, Plan, Step};
use crate::diff::{Change, Difference};
use crate::schema::{Pragmas, Schema};
use crate::sql::SqliteVersion;

/// The step that closes this one difference without a rebuild, without a loss and without a question, if there is one.
pub fn single(from: &Schema, to: &Schema, change: &Change, sqlite: SqliteVersion) -> Option<Step> {
    let table = change.object.table.as_ref();
    let name = change.object.name.own().or(table);
    let step = |action| Some(Step { action, why: Vec::new(), hazards: Vec::new() });
    let create = |sql: &String| step(Action::Create { sql: sql.clone(), name: name?.clone() });
    let drop = |kind| step(Action::Drop { kind, name: name?.clone(), data: false });
    match change.difference {
        Difference::MissingTable if change.actual.is_none() && !change.is_doubtful() => {
            let goal = to.tables.get(table?)?;
            // Its indexes and triggers would take statements of their own.
            let alone =
                goal.indexes.is_empty() && !to.triggers.values().any(|trigger| trigger.table == goal.name);
            if alone { create(&goal.sql) } else { None }
        }
        Difference::MissingIndex => create(&to.tables.get(table?)?.indexes.get(name?)?.sql),
        Difference::ExtraIndex => drop(Dropped::Index),
        Difference::MissingView if change.actual.is_none() => create(&to.views.get(name?)?.sql),
        Difference::ExtraView => drop(Dropped::View),
        Difference::MissingTrigger => create(&to.triggers.get(name?)?.sql),
        Difference::ExtraTrigger => drop(Dropped::Trigger),
        Difference::Pragma => {
            step(Action::SetPragma { name: Pragmas::settable(name?)?, value: change.expected.clone()? })
        }
        Difference::MissingColumn
        | Difference::ColumnNullability
        | Difference::MissingCheck
        | Difference::ExtraCheck
            if !change.is_doubtful() =>
        {
            let (old, goal) = (from.tables.get(table?)?, to.tables.get(table?)?);
            if old.unread.is_some() || goal.unread.is_some() || old.is_virtual() || goal.is_virtual() {
                return None;
            }
            let (fills, carried) = Default::default();
            let (rebuild, set_aside, aside) = Default::default();
            let options = Options {
                sqlite,
                enforces_keys: false,
                fills: &fills,
                carried: &carried,
                rebuild,
                set_aside,
                aside,
            };
            let mut plan = Plan::default();
            let mut steps = native::steps((from, to), (old, goal), &[change], &options, &mut plan)?;
            let only = steps.pop().filter(|_| steps.is_empty() && plan.obstacles.is_empty())?;
            let one_statement = !matches!(
                &only.action,
                Action::AlterNotNull { fill: Some(_), .. } | Action::AddColumn { fill: Some(_), .. }
            );
            one_statement.then_some(only)
        }
        _ => None,
    }
}
