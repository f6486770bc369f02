//! What speaks against a plan, and the rows of the real database that do.

use std::collections::BTreeMap;

use super::Terms;
use crate::engine::{self, Question, Renaming, Standing};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Action, Condition, Obstacle, Plan, Step};
use crate::schema::{Ident, Schema};
use crate::sql::display_name;

/// Table → how many rows it has.
pub(super) type Counts = BTreeMap<Ident, u64>;

/// Whether the plan may be carried out.
///
/// # Errors
/// Why not, with everything that speaks against it and what to do.
pub(super) fn check(
    plan: &Plan,
    renamings: &[Renaming],
    from: &Schema,
    goal: &Schema,
    terms: &Terms<'_>,
) -> Result<Counts> {
    let impossible = plan.obstacles.iter().find_map(|obstacle| match obstacle {
        Obstacle::Impossible { why } => Some(why),
        _ => None,
    });
    if let Some(why) = impossible {
        return Err(Error::new(ErrorKind::Migration, why.clone())
            .help("write this one by hand with `planctl migrate new`"));
    }
    let lost: Vec<&String> = plan
        .obstacles
        .iter()
        .filter_map(|obstacle| match obstacle {
            Obstacle::Destructive { what } => Some(what),
            _ => None,
        })
        .collect();
    if !terms.allow_destructive && !lost.is_empty() {
        let mut error = Error::new(ErrorKind::Migration, "the migration would lose data");
        for what in lost {
            error = error.note(format!("it would drop {what}"));
        }
        return Err(error.help("--allow-destructive generates it, with a comment at each loss"));
    }
    let rows = Rows::ask(plan, renamings, from, goal, terms)?;
    valueless(plan, &rows)?;
    for (condition, standing) in plan.conditions.iter().zip(&rows.standings) {
        let Some(standing) = standing.as_ref().filter(|standing| standing.bad > 0) else { continue };
        return Err(
            in_the_way(condition, standing).help("correct these rows first, in a migration of their own")
        );
    }
    Ok(rows.counts)
}

struct Rows {
    /// One for each condition of the plan; `None` when it cannot be told.
    standings: Vec<Option<Standing>>,
    counts: Counts,
}

impl Rows {
    fn ask(
        plan: &Plan,
        renamings: &[Renaming],
        from: &Schema,
        goal: &Schema,
        terms: &Terms<'_>,
    ) -> Result<Rows> {
        let Some(db) = terms.db else {
            let standings = plan.conditions.iter().map(|_| None).collect();
            return Ok(Rows { standings, counts: Counts::new() });
        };
        let question = |table: &Ident, condition: Option<&Condition>| {
            let old = renamings.iter().find(|r| r.column.is_none() && r.to == *table);
            let old = old.map_or(table, |r| &r.table);
            let columns = from.tables.get(old).map_or_else(Vec::new, |there| {
                let new_name = |column: &Ident| {
                    let renamed =
                        renamings.iter().find(|r| r.table == *old && r.column.as_ref() == Some(column));
                    renamed.map_or(column.clone(), |r| r.to.clone())
                };
                there.columns.iter().map(|c| (c.name.clone(), new_name(&c.name))).collect()
            });
            Question { table: old.clone(), title: table.clone(), columns, condition: condition.cloned() }
        };
        let mut questions: Vec<Question> =
            plan.conditions.iter().map(|condition| question(&condition.table, Some(condition))).collect();
        questions.extend(goal.tables.keys().map(|table| question(table, None)));
        let mut standings = engine::ask_rows(db, &questions)?;
        let counted = standings.split_off(plan.conditions.len());
        let counts = goal.tables.keys().zip(counted);
        let counts = counts.filter_map(|(table, standing)| Some((table.clone(), standing?.bad))).collect();
        Ok(Rows { standings, counts })
    }
}

/// Columns in which rows would have no value. A database in which no row is concerned settles it.
fn valueless(plan: &Plan, rows: &Rows) -> Result<()> {
    for obstacle in &plan.obstacles {
        let Obstacle::NeedsValue { table, column, existing } = obstacle else { continue };
        let (table_shown, column_shown) = (display_name(table.as_str()), display_name(column.as_str()));
        let what =
            if *existing { format!("NULL in {column_shown}") } else { format!("column {column_shown}") };
        let found = plan
            .conditions
            .iter()
            .zip(&rows.standings)
            .find(|(condition, _)| condition.table == *table && condition.what.ends_with(&what));
        let error = match found {
            Some((_, Some(standing))) if standing.bad == 0 => continue,
            Some((condition, Some(standing))) => in_the_way(condition, standing),
            _ if *existing => Error::new(
                ErrorKind::Data,
                format!("nothing says what becomes of rows with NULL in {table_shown}.{column_shown}"),
            ),
            _ => Error::new(
                ErrorKind::Data,
                format!("nothing says which value existing rows get in {table_shown}.{column_shown}"),
            ),
        };
        return Err(error.help(format!(
            "give the column a DEFAULT, or write `-- planctl:fill column={column_shown} value=…` above the table in the \
             spec, the value as SQL, or a [[fill]] entry in the ledger"
        )));
    }
    Ok(())
}

fn in_the_way(condition: &Condition, standing: &Standing) -> Error {
    let table = display_name(condition.table.as_str());
    let rows = if standing.bad == 1 { "row".to_owned() } else { "rows".to_owned() };
    let message = format!("{table} has {} {rows} in the way: {}", standing.bad, condition.what);
    let error = Error::new(ErrorKind::Data, message);
    if standing.first.is_empty() {
        return error;
    }
    let more = if standing.bad > standing.first.len() as u64 { ", …" } else { "" };
    error.note(format!("the first: {}{more}", standing.first.join(", ")))
}

/// Says how many rows are copied, where it is known.
pub(super) fn count(steps: &mut [Step], counts: &Counts) {
    for step in steps {
        let table = match &step.action {
            Action::Rebuild(rebuild) => &rebuild.table,
            Action::DropColumn { table, .. } | Action::AlterNotNull { table, .. } => table,
            _ => continue,
        };
        let Some(rows) = counts.get(table) else { continue };
        for hazard in &mut step.hazards {
            *hazard = hazard.replacen("all rows of", &format!("all {rows} rows of"), 1);
        }
    }
}
