//! A table made anew, and where each of its rows' values comes from.

use std::collections::BTreeSet;

use super::hazard::{Hazard, Loss};
use super::options::Options;
use super::step::{Condition, Copied, Obstacle, Part, Plan, Rebuild, WayOut};
use super::text::{as_expression, mentions, names_in, retitled};
use super::{strict, unique};
use crate::diff::{Change, Difference, Element};
use crate::schema::{Check, Column, Conflict, ForeignKey, Ident, Schema, Table, shown_list};
use crate::sql::{Kind, MOST_COLUMNS, QueryColumns, quote_string, same_tokens, tokens};

/// The value that existing rows get in a column.
pub(super) enum Values {
    /// The one they have.
    Kept,
    /// The one they have, and nobody says what becomes of NULL: such a row stops it.
    KeptUnlessNull(Condition),
    /// The one they have, and this expression where that is NULL.
    Filled(String),
    /// That of a new row: NULL or the default.
    Omitted,
    /// This expression.
    Given(String),
    /// Nobody says.
    Missing(Obstacle),
}

/// Whether somebody has to say which value rows that are there get in a new column.
pub(crate) fn needs_value(table: &Table, column: &Column) -> bool {
    let default = column.default.as_ref().and_then(|default| as_expression(&default.text));
    column.generated.is_none() && default.is_none() && refuses_null(table, column)
}

/// Where the rows' values of a column come from: `there` is the column in the old table.
pub(super) fn value_of_rows(
    (from, to): (&Table, &Table),
    column: &Column,
    there: Option<&Column>,
    options: &Options<'_>,
) -> Values {
    let fill = options.fill(to, column);
    let Some(there) = there else {
        return match fill {
            Some(value) => Values::Given(value.clone()),
            None if needs_value(to, column) => {
                let (table, column) = (to.name.clone(), column.name.clone());
                Values::Missing(Obstacle::NeedsValue { table, column })
            }
            _ => Values::Omitted,
        };
    };
    if !to.refuses_null(column) || from.refuses_null(there) {
        return Values::Kept;
    }
    // A default is for rows to come: what a NULL meant is not its to say.
    match fill {
        Some(value) => Values::Filled(value.clone()),
        None => {
            let name = column.name.shown();
            let (what, is_bad) = (format!("NULL in {name}"), format!("{name} IS NULL"));
            let (of, way_out) = (Part::Column(column.name.clone()), Some(WayOut::Value(column.name.clone())));
            Values::KeptUnlessNull(Condition { way_out, ..Condition::of_rows(to, of, what, is_bad) })
        }
    }
}

/// Whether NULL cannot stand in the column. (In the rowid NULL means: the next number.)
fn refuses_null(table: &Table, column: &Column) -> bool {
    !table.is_rowid(&column.name) && table.refuses_null(column)
}

/// The table made anew.
pub(super) fn rebuild(
    (from_schema, to_schema): (&Schema, &Schema),
    (from, to): (&Table, &Table),
    options: &Options<'_>,
    plan: &mut Plan,
) -> (Rebuild, Vec<Hazard>) {
    let passing = free_name(&to.name, from_schema, to_schema);
    let mut hazards = vec![Hazard::Copies { table: to.name.clone(), indexes: false }];
    let mut copy = Vec::new();
    if let Some(rowid) = carried_rowid(from, to) {
        copy.push(Copied { column: rowid.to_owned(), value: rowid.to_owned() });
    }
    let place = |column: &Column| (to.name.clone(), column.name.clone());
    for column in to.columns.iter().filter(|column| column.generated.is_none()) {
        let there = options.source(from, to, column);
        let name = column.name.shown();
        let old_name = there.map_or(name.clone(), |there| there.name.shown());
        let values = value_of_rows((from, to), column, there, options);
        match values {
            Values::Omitted => {
                let rowid = from.rowid_name_beside(to).or_else(|| from.rowid_name());
                let rowid = rowid.filter(|_| there.is_none() && to.is_rowid(&column.name));
                copy.extend(rowid.map(|rowid| Copied { column: name, value: rowid.to_owned() }));
            }
            Values::Given(value) => {
                plan.conditions.extend(unfit(to, column, None, &value, options));
                copy.push(Copied { column: name, value });
            }
            Values::Filled(value) => {
                plan.conditions.extend(unfit(to, column, there, &value, options));
                let (table, column) = place(column);
                hazards.push(Hazard::Loses(Loss::Nulls { table, column }));
                copy.push(Copied { value: format!("coalesce({old_name}, {value})"), column: name });
            }
            Values::KeptUnlessNull(condition) => {
                plan.conditions.push(condition);
                // NULL in the rowid would be the next number; a text is refused.
                let value = if to.is_rowid(&column.name) {
                    format!("coalesce({old_name}, {})", quote_string(&format!("NULL in {name}")))
                } else {
                    old_name
                };
                copy.push(Copied { column: name, value });
            }
            Values::Missing(obstacle) => plan.obstacles.push(obstacle),
            Values::Kept => copy.push(Copied { column: name, value: old_name }),
        }
        if let Some(there) = there {
            let (old, new) = (from.affinity(there), to.affinity(column));
            if old.may_change_into(new) {
                let (table, column) = place(column);
                hazards.push(Hazard::Loses(Loss::Converted { table, column, from: old, to: new }));
            }
        }
    }
    if copy.len() > MOST_COLUMNS {
        plan.obstacles.push(Obstacle::TooWide { table: to.name.clone() });
    }
    if copy.is_empty() {
        copy.extend(no_more_than_a_row(to));
    }
    for column in from.columns.iter().filter(|column| column.generated.is_none()) {
        hazards.extend(lost_with(to, column, options).map(Hazard::Loses));
    }
    if to.strict && !from.strict {
        hazards.push(Hazard::StopsAt {
            table: Some(to.name.clone()),
            rows: "a value that does not fit its column's type: the table becomes STRICT".to_owned(),
        });
    }
    plan.conditions.extend(strict::misfits((from, to), &copy, options));
    let rebuild = Rebuild {
        table: to.name.clone(),
        create: Some(retitled(&to.sql, &to.name, &passing)),
        passing,
        copy,
        has_conflict_clauses: has_conflict_clauses(to),
        sequence: from.is_autoincrement() && to.is_autoincrement(),
        apart: false,
    };
    (rebuild, hazards)
}

/// What is copied where no value is: each row stays a row.
fn no_more_than_a_row(to: &Table) -> Option<Copied> {
    let column = to.columns.iter().find(|column| column.generated.is_none())?;
    let default = column.default.as_ref().and_then(|default| as_expression(&default.text));
    let value = default.unwrap_or_else(|| "NULL".to_owned());
    Some(Copied { column: column.name.shown(), value })
}

/// What is lost of a column that holds values, in the table that comes after it.
fn lost_with(to: &Table, column: &Column, options: &Options<'_>) -> Option<Loss> {
    let name = options.carried_to(to, column).unwrap_or(&column.name);
    let (table, column) = (to.name.clone(), name.clone());
    match to.column(name) {
        None => Some(Loss::Values { table, column }),
        Some(there) if there.generated.is_some() => Some(Loss::Computed { table, column }),
        Some(_) => None,
    }
}

/// Rows for which a value that is worked out is none that the column can hold.
pub(super) fn unfit(
    to: &Table,
    column: &Column,
    there: Option<&Column>,
    value: &str,
    options: &Options<'_>,
) -> Vec<Condition> {
    let mut plain = tokens(value).filter(|token| !token.is_punct("-"));
    let is_literal = plain.next().is_some_and(|t| matches!(t.kind, Kind::String | Kind::Number | Kind::Blob));
    if is_literal && plain.next().is_none() {
        // The same for all rows: whether it fits is seen on the shadow database.
        return Vec::new();
    }
    let name = column.name.shown();
    let given = options.by_new_names(to, value);
    let of = || Part::Column(column.name.clone());
    let mut found = Vec::new();
    if refuses_null(to, column) {
        let empty = if there.is_some() { format!("{name} IS NULL AND ") } else { String::new() };
        let what = format!("no value for {name}, where {value} is NULL");
        found.push(Condition::of_rows(to, of(), what, format!("{empty}({given}) IS NULL")));
    }
    found.extend(strict::misfit(to, column, &format!("({given})")).filter(|_| there.is_none()));
    let names = BTreeSet::from([column.name.clone()]);
    for check in to.checks.iter().filter(|check| there.is_none() && mentions(&check.expr.text, &names)) {
        let text = &check.expr.text;
        let what = format!("a value for {name}, {value}, that breaks CHECK ({text})");
        // Inside, the name stands for the value, and all others for the row's columns.
        let others = to.columns.iter().map(|column| column.name.as_str());
        let inside = QueryColumns::some_of([column.name.as_str()].into_iter(), others);
        let (name, text) = (inside.name(column.name.as_str()), inside.in_text(text, to.name.as_str()));
        let row = format!("(SELECT ({given}) AS {name}) AS {}", to.name.shown());
        let is_bad = format!("EXISTS (SELECT 1 FROM {row} WHERE NOT ({text}\n))");
        found.push(Condition::of_rows(to, of(), what, is_bad));
    }
    for condition in &mut found {
        condition.way_out = Some(WayOut::OtherValue(column.name.clone()));
    }
    found
}

/// Rows that may break a constraint that is new.
pub(super) fn refused(
    to_schema: &Schema,
    (from, to): (&Table, &Table),
    changes: &[&Change],
    options: &Options<'_>,
) -> Vec<Condition> {
    let from = &*options.with_new_names(from, to);
    let is_told = |difference, element| {
        changes.iter().any(|change| change.difference == difference && change.element == element)
    };
    // To whoever compares, what is said of a column that gets its new name on the way is part of a new column.
    let carried = options.carried_in(to);
    let is_carried = |name: &Ident| carried.iter().any(|(new, _)| *new == name);
    let checks = to.checks.iter().enumerate().filter(|(i, check)| {
        let was_there = || from.checks.iter().any(|old| same_tokens(&old.expr.text, &check.expr.text));
        is_told(Difference::MissingCheck, Element::Check(*i))
            || names_in(&check.expr.text).any(|name| is_carried(&name)) && !was_there()
    });
    let keys = to.foreign_keys.iter().enumerate().filter(|(i, key)| {
        let ends =
            |key: &'_ ForeignKey| (key.columns.clone(), key.parent.clone(), key.parent_columns.clone());
        let was_there = || from.foreign_keys.iter().any(|old| ends(old) == ends(key));
        is_told(Difference::MissingForeignKey, Element::ForeignKey(*i))
            || key.columns.iter().any(is_carried) && !was_there()
    });
    let keys = keys.filter_map(|(_, key)| without_parent(to_schema, to, key));
    checks.map(|(_, check)| breaks(to, check)).chain(keys).chain(unique::refused(from, to)).collect()
}

fn breaks(to: &Table, check: &Check) -> Condition {
    let text = check.expr.text.clone();
    let (what, is_bad) = (format!("rows that break CHECK ({text})"), format!("NOT ({text}\n)"));
    Condition::of_rows(to, Part::Check(text), what, is_bad)
}

fn without_parent(to_schema: &Schema, to: &Table, key: &ForeignKey) -> Option<Condition> {
    let parents = to_schema.parent_columns(key);
    if parents.len() != key.columns.len() || key.parent == to.name {
        return None;
    }
    let (child, parent) = (to.name.shown(), key.parent.shown());
    let columns = || key.columns.iter().map(Ident::shown);
    let set: Vec<_> = columns().map(|name| format!("{child}.{name} IS NOT NULL")).collect();
    let pairs = columns().zip(parents.iter().map(Ident::shown));
    let same: Vec<_> =
        pairs.map(|(column, of_parent)| format!("{parent}.{of_parent} = {child}.{column}")).collect();
    let is_bad =
        format!("{} AND NOT EXISTS (SELECT 1 FROM {parent} WHERE {})", set.join(" AND "), same.join(" AND "));
    let what = format!("a value in {} without its row in {parent}", shown_list(&key.columns));
    Some(Condition::of_rows(to, Part::ForeignKey(key.columns.clone()), what, is_bad))
}

/// The name under which the rowid of every row is carried over, where SQLite would not do so by itself.
fn carried_rowid(from: &Table, to: &Table) -> Option<&'static str> {
    if from.without_rowid || to.without_rowid || to.rowid_alias().is_some() {
        return None;
    }
    from.rowid_name_beside(to)
}

/// Whether a constraint of the table says what becomes of a row that breaks it.
pub(super) fn has_conflict_clauses(table: &Table) -> bool {
    let own = |conflict: Conflict| conflict != Conflict::Abort;
    table.columns.iter().any(|column| column.not_null.is_some_and(own))
        || table.primary_key.iter().any(|key| own(key.conflict))
        || table.uniques.iter().any(|unique| own(unique.conflict))
}

/// Whether values on their way from one column to the other may change.
pub fn changes_values(from: (&Table, &Column), to: (&Table, &Column)) -> bool {
    from.0.affinity(from.1).may_change_into(to.0.affinity(to.1))
}

/// `t_new`, or the first such name that nothing has.
pub(super) fn free_name(table: &Ident, from: &Schema, to: &Schema) -> Ident {
    let taken: BTreeSet<&Ident> = [from, to]
        .into_iter()
        .flat_map(|schema| {
            let indexes = schema.tables.values().flat_map(|table| table.indexes.keys());
            schema.tables.keys().chain(schema.views.keys()).chain(indexes)
        })
        .collect();
    let mut n = 1;
    loop {
        let number = if n == 1 { String::new() } else { n.to_string() };
        let name = Ident::from(format!("{table}_new{number}"));
        if !taken.contains(&name) {
            return name;
        }
        n += 1;
    }
}
