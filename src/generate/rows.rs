//! What is known of rows once a plan holds: what stops it at some, and of which tables there were none.

use super::direction::Start;
use super::ends::Ends;
use super::places::place_of;
use super::terms::Terms;
use crate::base::error::{Error, ErrorKind, Result};
use crate::ddl;
use crate::diff::{Change, ObjectKind};
use crate::engine::{Fault, Rendered, SeededTable};
use crate::plan::{Action, Dropped, Fills, Hazard, Step};
use crate::schema::{Ident, Schema, Table};

/// What stops the steps on rows that were made without a look at the goal, where none of the steps says so.
pub(crate) fn stops(
    ends: &Ends<'_>,
    start: &Start,
    steps: &[Step],
    script: &[Rendered],
) -> Result<Option<Hazard>> {
    let end = steps.iter().rposition(minds_rows).map_or(0, |last| last + 1);
    if end == 0 || steps.iter().flat_map(|step| &step.hazards).any(Hazard::stops) {
        return Ok(None);
    }
    // Names have changed already: to change them once more would cost what all else costs.
    let script = steps.iter().zip(script).take(end).filter(|(step, _)| !step.renames());
    let script: Vec<Rendered> = script.map(|(_, rendered)| rendered.clone()).collect();
    let mut rehearsal = ends.rehearsal_without_goal(&start.renamed, None)?;
    let said = match rehearsal.run(&script)? {
        Some(stopped) => Some(stopped.message),
        None => rehearsal.broken_foreign_keys()?.into_iter().next().map(|key| key.sentence),
    };
    Ok(said.map(|said| Hazard::StopsAt {
        table: None,
        rows: format!("rows that the schema after it does not allow: {said}"),
    }))
}

/// Whether rows can stop a step: not where names change, nor views and triggers, which come back last, nor settings.
fn minds_rows(step: &Step) -> bool {
    match &step.action {
        Action::Create { sql, .. } => {
            !matches!(ddl::created(sql), Some((ddl::Kind::View | ddl::Kind::Trigger, _)))
        }
        Action::Drop { kind, .. } => *kind == Dropped::Table,
        Action::SetPragma { .. } | Action::RenameTable { .. } | Action::RenameColumn { .. } => false,
        _ => true,
    }
}

/// The tables that change and of which there are no rows to show what becomes of them.
///
/// # Errors
/// When it is a value that somebody gave which no row gets past.
pub(crate) fn untested(
    start: &Start,
    goal: &Schema,
    fills: &Fills,
    seeded: &[SeededTable],
    terms: &Terms<'_>,
) -> Result<Vec<(Ident, String)>> {
    let mut untested = Vec::new();
    for table in seeded {
        let Some(reason) = &table.not_seeded else { continue };
        let name = start.names.new_table(&table.table);
        let is_about = |change: &Change| {
            change.object.table.as_ref() == Some(&name)
                && !matches!(change.object.kind, ObjectKind::Trigger | ObjectKind::View)
        };
        let known = goal.tables.get(&name);
        if known.is_none_or(Table::is_virtual) || !start.changes.iter().any(is_about) {
            continue;
        }
        let mut given = fills.keys().filter(|(of, _)| *of == name);
        // Where the column is there already, only its NULLs get the value.
        let is_new = |column: &Ident| {
            start.renamed.tables.get(&name).is_some_and(|there| there.column(column).is_none())
        };
        let fill = table.goal_refuses.as_ref().and_then(|fault| {
            let mut blamed = given.clone().filter(|(_, column)| is_new(column) && fault.names(&name, column));
            let does_not_compile =
                matches!(fault, Fault::NoSuch(..) | Fault::StringInQuotes(_) | Fault::Syntax);
            blamed.next().or_else(|| given.next().filter(|_| does_not_compile))
        });
        if let Some((_, column)) = fill {
            let place = place_of(terms, &name, Some(column));
            let (table, column) = (name.shown(), column.shown());
            let message = format!("no row gets past the value given for {table}.{column}: {reason}");
            return Err(Error::new(ErrorKind::Migration, message)
                .at_place(place)
                .help("give a value that the column can hold: an SQL expression over the old row"));
        }
        untested.push((name, reason.clone()));
    }
    Ok(untested)
}
