//! A table made anew, and where each of its rows' values comes from.

use std::collections::BTreeSet;

use super::native::destructive;
use super::step::{Condition, Copied, Obstacle, Rebuild};
use super::text::{mentions, retitled};
use super::{Options, Plan};
use crate::diff::{Change, Difference, Element};
use crate::schema::{Column, Conflict, Ident, Schema, Table};
use crate::sql::{Kind, display_name, quote_string, tokens};

/// The value that existing rows get in a column.
pub(super) enum Values {
    /// The one they have.
    Kept,
    /// That of a new row: NULL or the default.
    Omitted,
    /// This expression; of an existing column, only where it holds NULL.
    Given(String),
    /// Nobody says.
    Missing(Obstacle, Condition),
}

/// Where the rows' values of a column come from: `there` is the column in the old table.
pub(super) fn value_of_rows(
    to: &Table,
    column: &Column,
    there: Option<&Column>,
    options: &Options<'_>,
) -> Values {
    let fill = options.fills.get(&(to.name.clone(), column.name.clone()));
    let needed = refuses_null(to, column);
    let default = column.default.as_ref().and_then(|default| as_expression(&default.text));
    match (there, fill, default) {
        (Some(_), _, _) if !needed => Values::Kept,
        (_, Some(value), _) => Values::Given(value.clone()),
        (Some(_), None, Some(default)) => Values::Given(default),
        (None, None, Some(_)) => Values::Omitted,
        (None, None, None) if !needed => Values::Omitted,
        (there, None, None) => {
            let name = display_name(column.name.as_str());
            let (what, is_bad) = match there {
                Some(_) => (format!("NULL in {name}"), format!("{name} IS NULL")),
                None => (format!("no value for the new column {name}"), "1".to_owned()),
            };
            let (table, column) = (to.name.clone(), column.name.clone());
            let condition =
                Condition { table: table.clone(), what, is_bad: Some(is_bad), unique: Vec::new() };
            Values::Missing(Obstacle::NeedsValue { table, column, existing: there.is_some() }, condition)
        }
    }
}

/// Whether NULL cannot stand in the column. (In the rowid NULL means: the next number.)
fn refuses_null(table: &Table, column: &Column) -> bool {
    let in_key = || table.primary_key.iter().any(|key| key.columns.iter().any(|key| key.name == column.name));
    let is_rowid = table.rowid_alias().is_some_and(|alias| alias.name == column.name);
    !is_rowid && (column.not_null.is_some() || (table.key_is_not_null() && in_key()))
}

/// A default as an expression that means the same in a SELECT; `None` for NULL.
pub(super) fn as_expression(default: &str) -> Option<String> {
    let all: Vec<_> = tokens(default).collect();
    match all.as_slice() {
        [only] if only.is_word("NULL") => None,
        [only] if only.kind == Kind::Quoted => Some(quote_string(&only.unquoted())),
        [only] if only.kind == Kind::Word => {
            let known = ["true", "false", "current_time", "current_date", "current_timestamp"];
            let is_known = known.iter().any(|word| only.is_word(word));
            Some(if is_known { only.text.to_owned() } else { quote_string(only.text) })
        }
        [] => None,
        _ => Some(default.trim().to_owned()),
    }
}

pub(super) fn loses_column(table: &Table, column: &Column) -> Obstacle {
    destructive(format!(
        "the column {}.{} with its values",
        display_name(table.name.as_str()),
        display_name(column.name.as_str())
    ))
}

/// What a value for every NULL takes with it.
pub(super) fn which_were_null(table: &Table, column: &Column) -> String {
    let (table, column) = (display_name(table.name.as_str()), display_name(column.name.as_str()));
    format!("which rows of {table} had NULL in {column}")
}

/// The table made anew.
pub(super) fn rebuild(
    (from_schema, to_schema): (&Schema, &Schema),
    (from, to): (&Table, &Table),
    options: &Options<'_>,
    plan: &mut Plan,
) -> (Rebuild, Vec<String>) {
    let passing = free_name(&to.name, from_schema, to_schema);
    let mut hazards =
        vec![format!("copies all rows of {} while the database is locked", display_name(to.name.as_str()))];
    let mut copy = Vec::new();
    if let Some(rowid) = carried_rowid(from, to) {
        copy.push(Copied { column: rowid.to_owned(), value: rowid.to_owned() });
    }
    for column in to.columns.iter().filter(|column| column.generated.is_none()) {
        let there = from.column(&column.name);
        let name = display_name(column.name.as_str());
        let is_new_rowid = there.is_none() && to.rowid_alias().is_some_and(|alias| alias.name == column.name);
        if is_new_rowid && let Some(rowid) = rowid_name(from, from) {
            copy.push(Copied { column: name, value: rowid.to_owned() });
            continue;
        }
        match value_of_rows(to, column, there, options) {
            Values::Omitted => {}
            Values::Given(value) if there.is_none() => {
                plan.conditions.extend(unfit(to, column, None, &value));
                copy.push(Copied { column: name, value });
            }
            Values::Given(value) if there.is_some_and(|there| !refuses_null(from, there)) => {
                plan.conditions.extend(unfit(to, column, there, &value));
                plan.forgets.push(which_were_null(to, column));
                copy.push(Copied { value: format!("coalesce({name}, {value})"), column: name });
            }
            Values::Missing(..) if there.is_some_and(|there| refuses_null(from, there)) => {
                copy.push(Copied { value: name.clone(), column: name });
            }
            Values::Missing(obstacle, condition) => {
                plan.obstacles.push(obstacle);
                plan.conditions.push(condition);
                if there.is_some() {
                    copy.push(Copied { value: name.clone(), column: name });
                }
            }
            Values::Kept | Values::Given(_) => copy.push(Copied { value: name.clone(), column: name }),
        }
        if let Some(there) = there {
            let (old, new) = (affinity(from, there), affinity(to, column));
            if old != new && new != "BLOB" {
                hazards.push(format!(
                    "{}: values that fit {new} are stored as {new} from now on, they were {old}",
                    display_name(column.name.as_str())
                ));
                let (table, column) = (display_name(to.name.as_str()), display_name(column.name.as_str()));
                plan.forgets.push(format!("which values of {table}.{column} were stored as {old}"));
            }
        }
    }
    // Each row stays a row, also when no value of it does.
    if copy.is_empty()
        && let Some(column) = to.columns.iter().find(|column| column.generated.is_none())
    {
        let default = column.default.as_ref().and_then(|default| as_expression(&default.text));
        let value = default.unwrap_or_else(|| "NULL".to_owned());
        copy.push(Copied { column: display_name(column.name.as_str()), value });
    }
    for column in from.columns.iter().filter(|column| to.column(&column.name).is_none()) {
        if column.generated.is_none() {
            hazards.push(format!("the values of {} are lost", display_name(column.name.as_str())));
            plan.obstacles.push(loses_column(from, column));
        }
    }
    if to.strict && !from.strict {
        hazards.push(
            "stops at a value that does not fit its column's type: the table becomes STRICT".to_owned(),
        );
        plan.conditions.extend(to.columns.iter().filter_map(|column| misfit(from, to, column)));
    }
    let autoincrement = |table: &Table| table.primary_key.as_ref().is_some_and(|key| key.autoincrement);
    let rebuild = Rebuild {
        table: to.name.clone(),
        create: retitled(&to.sql, &to.name, &passing),
        passing,
        copy,
        has_conflict_clauses: has_conflict_clauses(to),
        sequence: autoincrement(from) && autoincrement(to),
    };
    (rebuild, hazards)
}

/// Rows for which a value that is worked out is none that the column can hold.
pub(super) fn unfit(to: &Table, column: &Column, there: Option<&Column>, value: &str) -> Vec<Condition> {
    let mut plain = tokens(value).filter(|token| !token.is_punct("-"));
    let is_literal = plain.next().is_some_and(|t| matches!(t.kind, Kind::String | Kind::Number | Kind::Blob));
    if is_literal && plain.next().is_none() {
        // The same for all rows: whether it fits is seen on the scratch database.
        return Vec::new();
    }
    let name = display_name(column.name.as_str());
    let condition = |what: String, is_bad: String| Condition {
        table: to.name.clone(),
        what,
        is_bad: Some(is_bad),
        unique: Vec::new(),
    };
    let mut found = Vec::new();
    if refuses_null(to, column) {
        let empty = if there.is_some() { format!("{name} IS NULL AND ") } else { String::new() };
        let what = format!("no value for {name}, where {value} is NULL");
        found.push(condition(what, format!("{empty}({value}) IS NULL")));
    }
    let names = BTreeSet::from([column.name.clone()]);
    for check in to.checks.iter().filter(|check| there.is_none() && mentions(&check.expr.text, &names)) {
        let text = &check.expr.text;
        let what = format!("a value for {name}, {value}, that breaks CHECK ({text})");
        // Inside, the name stands for the value, and all others for the row's columns.
        let is_bad = format!("EXISTS (SELECT 1 FROM (SELECT ({value}) AS {name}) WHERE NOT ({text}\n))");
        found.push(condition(what, is_bad));
    }
    found
}

/// Values that a STRICT table does not take into a column (<https://www.sqlite.org/stricttables.html>).
fn misfit(from: &Table, to: &Table, column: &Column) -> Option<Condition> {
    let there = from.column(&column.name)?;
    if column.generated.is_some() || there.generated.is_some() {
        return None;
    }
    let name = display_name(column.name.as_str());
    // Compared with a number, a text that looks like one is one; any other, and a blob, is greater than all numbers.
    let no_number = format!("NOT ({name} <= CAST(9e999 AS REAL))");
    let declared = column.declared_type.to_ascii_uppercase();
    let is_bad = match declared.as_str() {
        "INT" | "INTEGER" => {
            format!("{no_number} OR CAST({name} AS REAL) <> CAST(CAST({name} AS REAL) AS INTEGER)")
        }
        "REAL" => no_number,
        "TEXT" => format!("typeof({name}) = 'blob'"),
        "BLOB" => format!("typeof({name}) NOT IN ('blob', 'null')"),
        _ => return None,
    };
    let what = format!("a value in {name} that is no {declared}");
    Some(Condition { table: to.name.clone(), what, is_bad: Some(is_bad), unique: Vec::new() })
}

/// Rows that may break a constraint that is new.
pub(super) fn conditions(to_schema: &Schema, to: &Table, change: &Change) -> Option<Condition> {
    let condition = |what: String, is_bad: Option<String>, unique: Vec<Ident>| {
        Some(Condition { table: to.name.clone(), what, is_bad, unique })
    };
    match (change.difference, &change.element) {
        (Difference::MissingCheck, Element::Check(i)) => {
            let text = to.checks.get(*i)?.expr.text.clone();
            condition(format!("rows that break CHECK ({text})"), Some(format!("NOT ({text}\n)")), Vec::new())
        }
        (Difference::MissingUnique, Element::Unique(i)) => {
            let unique = to.uniques.get(*i)?;
            let names: Vec<Ident> = unique.columns.iter().map(|column| column.name.clone()).collect();
            let shown: Vec<_> = names.iter().map(|name| display_name(name.as_str())).collect();
            condition(format!("the same {} twice", shown.join(", ")), None, names)
        }
        (Difference::MissingForeignKey, Element::ForeignKey(i)) => {
            let key = to.foreign_keys.get(*i)?;
            let parents = to_schema.parent_columns(key);
            if parents.len() != key.columns.len() || key.parent == to.name {
                return None;
            }
            let (child, parent) = (display_name(to.name.as_str()), display_name(key.parent.as_str()));
            let quoted = |names: &[Ident]| -> Vec<String> {
                names.iter().map(|name| display_name(name.as_str())).collect()
            };
            let (columns, parents) = (quoted(&key.columns), quoted(&parents));
            let set: Vec<_> = columns.iter().map(|name| format!("{child}.{name} IS NOT NULL")).collect();
            let same: Vec<_> = columns
                .iter()
                .zip(&parents)
                .map(|(column, of_parent)| format!("{parent}.{of_parent} = {child}.{column}"))
                .collect();
            let is_bad = format!(
                "{} AND NOT EXISTS (SELECT 1 FROM {parent} WHERE {})",
                set.join(" AND "),
                same.join(" AND ")
            );
            condition(
                format!("a value in {} without its row in {parent}", columns.join(", ")),
                Some(is_bad),
                Vec::new(),
            )
        }
        _ => None,
    }
}

/// The name under which the rowid of every row is carried over, where SQLite would not do so by itself.
fn carried_rowid(from: &Table, to: &Table) -> Option<&'static str> {
    if from.without_rowid || to.without_rowid || to.rowid_alias().is_some() {
        return None;
    }
    rowid_name(from, to)
}

/// A name of the rowid that no column of either table has taken.
pub fn rowid_name(from: &Table, to: &Table) -> Option<&'static str> {
    if from.without_rowid {
        return None;
    }
    ["rowid", "_rowid_", "oid"].into_iter().find(|name| {
        let name = Ident::from(*name);
        from.column(&name).is_none() && to.column(&name).is_none()
    })
}

fn has_conflict_clauses(table: &Table) -> bool {
    let own = |conflict: Conflict| conflict != Conflict::Abort;
    table.columns.iter().any(|column| column.not_null.is_some_and(own))
        || table.primary_key.iter().any(|key| own(key.conflict))
        || table.uniques.iter().any(|unique| own(unique.conflict))
}

/// What SQLite makes of values on their way into a column (<https://www.sqlite.org/datatype3.html#determination_of_column_affinity>).
fn affinity(table: &Table, column: &Column) -> &'static str {
    let declared = column.declared_type.to_ascii_uppercase();
    let has = |part: &str| declared.contains(part);
    if table.strict && declared == "ANY" {
        "BLOB"
    } else if has("INT") {
        "INTEGER"
    } else if has("CHAR") || has("CLOB") || has("TEXT") {
        "TEXT"
    } else if declared.is_empty() || has("BLOB") {
        "BLOB"
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        "REAL"
    } else {
        "NUMERIC"
    }
}

/// Whether values on their way from one column to the other may change.
pub fn changes_values(from: (&Table, &Column), to: (&Table, &Column)) -> bool {
    let new = affinity(to.0, to.1);
    affinity(from.0, from.1) != new && new != "BLOB"
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
