//! Names that change on the way.

use super::Ask;
use crate::diff::{Change, Difference, ObjectName};
use crate::engine::{self, Renaming};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{self, Action, Hints, RenamedFrom, Step};
use crate::schema::{Ident, Schema};
use crate::source::SourceFile;
use crate::sql::{display_name, unquote};

/// The renames that the hints ask for and that are not done yet.
pub(super) fn renamings(from: &Schema, goal: &Schema, hints: &Hints) -> Vec<Renaming> {
    let mut found: Vec<Renaming> = Vec::new();
    for hint in hints.renamed.iter().filter(|hint| hint.column.is_none()) {
        let pending = from.tables.contains_key(&hint.from)
            && !goal.tables.contains_key(&hint.from)
            && goal.tables.contains_key(&hint.table)
            && !from.tables.contains_key(&hint.table);
        if pending {
            found.push(Renaming { table: hint.from.clone(), column: None, to: hint.table.clone() });
        }
    }
    let old_name = |table: &Ident, found: &[Renaming]| {
        found.iter().find(|r| r.column.is_none() && r.to == *table).map_or(table.clone(), |r| r.table.clone())
    };
    for hint in &hints.renamed {
        let Some(column) = &hint.column else { continue };
        let table = old_name(&hint.table, &found);
        let there = from.tables.get(&table);
        let pending =
            there.is_some_and(|there| there.column(&hint.from).is_some() && there.column(column).is_none());
        let wanted = goal
            .tables
            .get(&hint.table)
            .is_some_and(|goal| goal.column(column).is_some() && goal.column(&hint.from).is_none());
        if pending && wanted {
            found.push(Renaming { table, column: Some(hint.from.clone()), to: column.clone() });
        }
    }
    found
}

/// The schema under its new names, as SQLite carries them into everything that refers to them.
pub(in crate::commands) fn renamed(schema: &Schema, renamings: &[Renaming]) -> Result<Schema> {
    if renamings.is_empty() {
        return Ok(schema.clone());
    }
    let mut reference = engine::reference(&SourceFile::new("(the schema so far)", plan::script(schema)))?;
    reference.rename(renamings)?;
    reference.schema()
}

/// The renames that take these back.
pub(super) fn reversed(renamings: &[Renaming], from: &Schema) -> Vec<Renaming> {
    let new_name = |table: &Ident| {
        let renaming = renamings.iter().find(|r| r.column.is_none() && r.table == *table);
        renaming.map_or(table.clone(), |r| r.to.clone())
    };
    // In the spelling of the schema that they lead back to.
    let spelled = |table: &Ident| from.tables.get(table).map_or(table.clone(), |table| table.name.clone());
    renamings
        .iter()
        .map(|renaming| match &renaming.column {
            None => Renaming { table: renaming.to.clone(), column: None, to: spelled(&renaming.table) },
            Some(column) => Renaming {
                table: new_name(&renaming.table),
                column: Some(renaming.to.clone()),
                to: column.clone(),
            },
        })
        .collect()
}

/// The renames as steps: columns first, for they speak of their tables by the old names.
pub(super) fn steps(renamings: &[Renaming], schema: &Schema) -> Vec<Step> {
    let step = |action: Action, why: String| Step { action, why: vec![why], hazards: Vec::new() };
    let mut steps = Vec::new();
    for renaming in renamings {
        let Some(from) = &renaming.column else { continue };
        let table = schema.tables.get(&renaming.table).map_or(&renaming.table, |table| &table.name);
        let why = format!(
            "{}.{} is called {} from now on",
            display_name(table.as_str()),
            display_name(from.as_str()),
            display_name(renaming.to.as_str())
        );
        let (table, from, to) = (table.clone(), from.clone(), renaming.to.clone());
        steps.push(step(Action::RenameColumn { table, from, to }, why));
    }
    for renaming in renamings.iter().filter(|renaming| renaming.column.is_none()) {
        let (from, to) = (renaming.table.clone(), renaming.to.clone());
        let why = format!(
            "The table {} is called {} from now on",
            display_name(from.as_str()),
            display_name(to.as_str())
        );
        steps.push(step(Action::RenameTable { from, to }, why));
    }
    steps
}

/// Deals with the first probable rename that nobody has declared; `true` when the answer changed the hints.
///
/// # Errors
/// When nobody is there to be asked.
pub(super) fn settle(changes: &[Change], hints: &mut Hints, ask: &mut Ask<'_>) -> Result<bool> {
    for change in changes {
        let (column, kind) = match (change.difference, &change.object.name) {
            (Difference::MissingColumn, ObjectName::Columns(names)) => (names.first().cloned(), "column"),
            (Difference::MissingTable, _) => (None, "table"),
            _ => continue,
        };
        let (Some(table), Some(old)) =
            (&change.object.table, change.note.as_deref().and_then(|n| n.strip_prefix("looks renamed to ")))
        else {
            continue;
        };
        let old = Ident::from(unquote(old));
        if hints.new.iter().any(|(of, named)| of == table && *named == column) {
            continue;
        }
        let shown = |name: &Ident| display_name(name.as_str());
        let (new_name, old_name) = match &column {
            Some(column) => (format!("{}.{}", shown(table), shown(column)), shown(&old)),
            None => (shown(table), shown(&old)),
        };
        match ask(&format!("Is the {kind} {new_name} the {kind} {old_name} under a new name?")) {
            Some(true) => hints.renamed.push(RenamedFrom { table: table.clone(), column, from: old }),
            Some(false) => hints.new.push((table.clone(), column)),
            None => {
                let message = format!(
                    "the {kind} {new_name} looks like the {kind} {old_name} under a new name, and nothing says so"
                );
                return Err(Error::new(ErrorKind::Migration, message).help(format!(
                    "write `-- planctl:renamed-from {old_name}` above it in the spec to keep its values, or `-- planctl:new` \
                     if it has nothing to do with it"
                )));
            }
        }
        return Ok(true);
    }
    Ok(false)
}
