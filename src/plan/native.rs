//! What ALTER TABLE can do by itself (<https://www.sqlite.org/lang_altertable.html>).
//!
//! Errs on the careful side: what is refused here is done by a rebuild, which always works. Whatever is proposed is
//! carried out on a shadow database before anybody sees it.

use std::collections::BTreeSet;

use super::hazard::{Hazard, Loss};
use super::options::Options;
use super::rebuild::{Values, has_conflict_clauses, unfit, value_of_rows};
use super::step::{Action, Condition, Fill, Plan, Step};
use super::strict::misfit_computed;
use super::text::mentions;
use super::why::why;
use crate::diff::{Change, Difference, Element, ObjectName};
use crate::schema::{Column, Conflict, Ident, Schema, Table};
use crate::sql::{SqliteVersion, tokens};

/// DROP COLUMN came with 3.35.0, and could corrupt the file until 3.35.5 (<https://www.sqlite.org/releaselog/3_35_5.html>).
const DROP_COLUMN: SqliteVersion = SqliteVersion::new(35, 5);

/// ALTER COLUMN … NOT NULL, ADD CHECK and DROP CONSTRAINT.
const ALTER_CONSTRAINT: SqliteVersion = SqliteVersion::new(53, 0);

/// The steps that close `changes` in place, if SQLite has them.
pub(super) fn steps(
    schemas: (&Schema, &Schema),
    (from, to): (&Table, &Table),
    changes: &[&Change],
    options: &Options<'_>,
    plan: &mut Plan,
) -> Option<Vec<Step>> {
    if options.carries(to) {
        return None;
    }
    let mut native = Native { from, to, options, steps: Vec::new(), conditions: Vec::new() };
    let (mut added, mut dropped) = (Vec::new(), Vec::new());
    for change in changes {
        let column = match &change.object.name {
            ObjectName::Columns(names) => names.first(),
            _ => None,
        };
        let alters_constraints = options.sqlite >= ALTER_CONSTRAINT;
        match change.difference {
            Difference::MissingColumn => added.push((to.column(column?)?, why(change))),
            Difference::ExtraColumn => dropped.push((from.column(column?)?, why(change))),
            Difference::ColumnNullability if alters_constraints => native.alter_not_null(change, column?)?,
            Difference::MissingCheck if alters_constraints && change.actual.is_none() => {
                native.add_check(change)?;
            }
            Difference::ExtraCheck if alters_constraints => native.drop_check(change)?,
            _ => return None,
        }
    }
    // A column that goes may make room for the name of one that comes.
    for (column, because) in &dropped {
        native.drop_column(schemas, column, because)?;
    }
    let stays = |column: &&Column| !dropped.iter().any(|(gone, _)| gone.name == column.name);
    let mut result: Vec<&Ident> = from.columns.iter().filter(stays).map(|column| &column.name).collect();
    added.sort_by_key(|(column, _)| column.start);
    result.extend(added.iter().map(|(column, _)| &column.name));
    if !result.iter().copied().eq(to.columns.iter().map(|column| &column.name)) {
        return None;
    }
    for (column, because) in added {
        native.add_column(column, because)?;
    }
    plan.conditions.extend(native.conditions);
    Some(native.steps)
}

/// Statements for one table. Each method gives `None` where ALTER TABLE cannot do what the change asks for.
struct Native<'a> {
    from: &'a Table,
    to: &'a Table,
    options: &'a Options<'a>,
    steps: Vec<Step>,
    conditions: Vec<Condition>,
}

impl Native<'_> {
    fn push(&mut self, action: Action, why: String, hazards: Vec<Hazard>) {
        self.steps.push(Step { action, why: vec![why], hazards });
    }

    fn fill(&self, value: String) -> Fill {
        Fill { value, has_conflict_clauses: [self.from, self.to].into_iter().any(has_conflict_clauses) }
    }

    fn alter_not_null(&mut self, change: &Change, column: &Ident) -> Option<()> {
        let (from, to) = (self.from, self.to);
        let column = to.column(column)?;
        if !matches!(column.not_null, None | Some(Conflict::Abort)) {
            return None;
        }
        let table = from.name.clone();
        let set = column.not_null.is_some();
        let mut fill = None;
        let mut hazards = Vec::new();
        if set {
            hazards.push(Hazard::Reads { table: table.clone() });
            match value_of_rows((from, to), column, from.column(&column.name), self.options) {
                Values::Filled(value) => {
                    self.conditions.extend(unfit(
                        to,
                        column,
                        from.column(&column.name),
                        &value,
                        self.options,
                    ));
                    let (table, column) = (to.name.clone(), column.name.clone());
                    hazards.push(Hazard::Loses(Loss::Nulls { table, column }));
                    fill = Some(self.fill(value));
                }
                Values::KeptUnlessNull(condition) => {
                    hazards.push(condition.hazard());
                    self.conditions.push(condition);
                }
                _ => {}
            }
        }
        self.push(
            Action::AlterNotNull { table, column: column.name.clone(), set, fill },
            why(change),
            hazards,
        );
        Some(())
    }

    fn add_check(&mut self, change: &Change) -> Option<()> {
        let Element::Check(i) = change.element else { return None };
        let check = self.to.checks.get(i)?;
        let table = self.from.name.clone();
        let rows = "a row that breaks it".to_owned();
        let hazards = vec![
            Hazard::Reads { table: table.clone() },
            Hazard::StopsAt { table: Some(table.clone()), rows },
        ];
        let (name, condition) = (check.name.clone(), check.expr.text.clone());
        self.push(Action::AddCheck { table, name, condition }, why(change), hazards);
        Some(())
    }

    fn drop_check(&mut self, change: &Change) -> Option<()> {
        let name = self.from.checks.get(change.nth_actual?)?.name.clone()?;
        if self.from.checks.iter().filter(|check| check.name.as_ref() == Some(&name)).count() > 1 {
            return None;
        }
        self.push(Action::DropCheck { table: self.from.name.clone(), name }, why(change), Vec::new());
        Some(())
    }

    fn drop_column(&mut self, schemas: (&Schema, &Schema), column: &Column, because: &str) -> Option<()> {
        if self.options.sqlite < DROP_COLUMN || !can_drop(schemas, self.from, self.to, column) {
            return None;
        }
        let data = column.generated.is_none();
        let mut hazards = vec![Hazard::Writes { table: self.to.name.clone() }];
        let loss = || Loss::Values { table: self.to.name.clone(), column: column.name.clone() };
        hazards.extend(data.then(|| Hazard::Loses(loss())));
        let (table, column) = (self.from.name.clone(), column.name.clone());
        self.push(Action::DropColumn { table, column, data }, because.to_owned(), hazards);
        Some(())
    }

    fn add_column(&mut self, column: &Column, because: String) -> Option<()> {
        let to = self.to;
        if !can_add(to, column) {
            return None;
        }
        let definition = to.sql.get(column.start..column.end)?.to_owned();
        let value = self.options.fill(to, column);
        let mut hazards: Vec<_> = value.iter().map(|_| Hazard::Writes { table: to.name.clone() }).collect();
        let computed = misfit_computed(to, column);
        for condition in
            value.iter().flat_map(|value| unfit(to, column, None, value, self.options)).chain(computed)
        {
            hazards.push(condition.hazard());
            self.conditions.push(condition);
        }
        let fill = value.cloned().map(|value| self.fill(value));
        let (table, column) = (self.from.name.clone(), column.name.clone());
        self.push(Action::AddColumn { table, column, definition, fill }, because, hazards);
        Some(())
    }
}

fn can_add(to: &Table, column: &Column) -> bool {
    let is = |name: &Ident| *name == column.name;
    let in_key = to.keys().flatten().any(|key| is(&key.name));
    if in_key || column.generated.as_ref().is_some_and(|g| g.stored || column.not_null.is_some()) {
        return false;
    }
    let default = column.default.as_ref().map_or("NULL", |default| default.text.trim());
    let is_null = default.eq_ignore_ascii_case("null");
    let references = to.foreign_keys.iter().any(|key| key.columns.iter().any(is));
    is_constant(default)
        && (is_null || !references)
        && (column.not_null.is_none() || !is_null || column.generated.is_some())
}

/// Whether a default is one that ADD COLUMN takes: a literal, perhaps with a sign.
fn is_constant(default: &str) -> bool {
    let time = ["current_time", "current_date", "current_timestamp"];
    !default.starts_with('(') && !tokens(default).any(|token| time.iter().any(|word| token.is_word(word)))
}

fn can_drop((from_schema, to_schema): (&Schema, &Schema), from: &Table, to: &Table, column: &Column) -> bool {
    let names = BTreeSet::from([column.name.clone()]);
    let is = |name: &Ident| *name == column.name;
    let in_key = from.keys().flatten().any(|key| is(&key.name))
        || from.foreign_keys.iter().any(|key| key.columns.iter().any(is));
    let in_expression = from
        .checks
        .iter()
        .any(|check| check.column.as_ref() != Some(&column.name) && mentions(&check.expr.text, &names))
        || from.columns.iter().any(|other| {
            other.generated.as_ref().is_some_and(|generated| mentions(&generated.expr.text, &names))
        });
    let in_index = from
        .indexes
        .values()
        .any(|index| mentions(&index.sql, &names) && to.indexes.contains_key(&index.name));
    let read = from_schema.views.values().any(|view| mentions(&view.sql, &names))
        || from_schema.triggers.values().any(|trigger| mentions(&trigger.sql, &names));
    // Somebody else's foreign key to a column that goes would be left dangling: told by the check, not by SQLite.
    let referred = to_schema.tables.values().any(|table| {
        table.foreign_keys.iter().any(|key| key.parent == from.name && key.parent_columns.iter().any(is))
    });
    !(in_key || in_expression || in_index || read || referred)
}
