//! Columns.

use super::change::{Change, Element, ObjectRef};
use super::context::Context;
use super::describe;
use super::equivalence::{Compiled, DefaultOf};
use super::note::Note;
use crate::base::error::Result;
use crate::base::rule::Difference;
use crate::schema::{Column, Conflict, Ident, Table, shown_list};
use crate::sql::tokens;

pub(super) fn columns(context: &mut Context<'_>, expected: &Table, actual: &Table) -> Result<()> {
    for column in &expected.columns {
        match actual.column(&column.name) {
            Some(there) => one(context, (expected, column), (actual, there))?,
            None => {
                let lookalike = lookalike(column, actual, expected);
                let renamed = lookalike.map(|there| Note::RenamedTo(there.name.clone()));
                let string = read_as_string(column, actual);
                let object = ObjectRef::column(&expected.name, &column.name);
                let change =
                    Change::new(Difference::MissingColumn, object, Element::Column(column.name.clone()));
                context.push(change.expected(describe::column(column)).noted(renamed).noted(string));
            }
        }
    }
    for column in actual.columns.iter().filter(|column| expected.column(&column.name).is_none()) {
        let renamed = lookalike(column, expected, actual);
        let renamed = renamed.map(|there| Note::RenamedFrom(there.name.clone()));
        let string = read_as_string(column, expected);
        let object = ObjectRef::column(&expected.name, &column.name);
        let change = Change::new(Difference::ExtraColumn, object, Element::Object);
        context.push(change.actual(describe::column(column)).noted(renamed).noted(string));
    }
    order(context, expected, actual);
    Ok(())
}

/// Whether the table that lacks the column names it in double quotes all the same: there it is a string.
fn read_as_string(column: &Column, table: &Table) -> Option<Note> {
    let named = |sql: &str| {
        tokens(sql).any(|token| {
            token.is_double_quoted()
                && Ident::from(token.unquoted()) == column.name
                && Ident::from(token.unquoted()) != table.name
        })
    };
    let found = named(&table.sql)
        || table.indexes.values().any(|index| index.name != column.name && named(&index.sql));
    found.then(|| Note::ColumnIsString(column.name.clone()))
}

/// The only column of `other` that `own` does not have and that is defined like `column`.
fn lookalike<'t>(column: &Column, other: &'t Table, own: &Table) -> Option<&'t Column> {
    let mut candidates = other.columns.iter().filter(|there| {
        own.column(&there.name).is_none()
            && normalized_type(&there.declared_type) == normalized_type(&column.declared_type)
            && there.not_null.is_some() == column.not_null.is_some()
            && there.generated.is_some() == column.generated.is_some()
    });
    let only = candidates.next()?;
    candidates.next().is_none().then_some(only)
}

/// Columns that both have, in another order: `SELECT *` and `INSERT` without a column list see it.
fn order(context: &mut Context<'_>, expected: &Table, actual: &Table) {
    let common = |a: &Table, b: &Table| -> Vec<Ident> {
        a.columns.iter().map(|column| column.name.clone()).filter(|name| b.column(name).is_some()).collect()
    };
    let (wanted, there) = (common(expected, actual), common(actual, expected));
    if wanted == there {
        return;
    }
    let change = Change::new(Difference::ColumnOrder, ObjectRef::of_table(&expected.name), Element::Object);
    context.push(change.expected(shown_list(&wanted)).actual(shown_list(&there)).cosmetic());
}

fn one(
    context: &mut Context<'_>,
    (expected_table, expected): (&Table, &Column),
    (actual_table, actual): (&Table, &Column),
) -> Result<()> {
    let table = &expected_table.name;
    let change = |difference| {
        let object = ObjectRef::column(table, &expected.name);
        Change::new(difference, object, Element::Column(expected.name.clone()))
    };
    let is_alias = |table: &Table| table.is_rowid(&expected.name);
    let wanted_type = normalized_type(&expected.declared_type);
    if wanted_type != normalized_type(&actual.declared_type) {
        let text = |column: &Column| match column.declared_type.as_str() {
            "" => "no type".to_owned(),
            declared => declared.to_owned(),
        };
        let note = match (is_alias(expected_table), is_alias(actual_table)) {
            (true, false) => Some(Note::OnlyIntegerIsRowid),
            (false, true) => Some(Note::IntegerIsRowid),
            _ => None,
        };
        context
            .push(change(Difference::ColumnType).expected(text(expected)).actual(text(actual)).noted(note));
    }
    let (mut wanted, mut there) = (not_null(expected_table, expected), not_null(actual_table, actual));
    if is_alias(expected_table) != is_alias(actual_table) {
        // Being the rowid or not is told with the type or the key; it is the cause of this as well.
        wanted = there;
    } else if implies(expected_table, expected) != implies(actual_table, actual) {
        // What follows from WITHOUT ROWID, STRICT or the primary key is told with these.
        (wanted, there) = (expected.not_null, actual.not_null);
        let implied = if implies(expected_table, expected) { wanted } else { there };
        if implied.is_none() {
            wanted = there;
        }
    }
    let null_text = |not_null: Option<Conflict>| if not_null.is_some() { "NOT NULL" } else { "NULL" };
    match (wanted, there) {
        (Some(wanted), Some(there)) if wanted != there => context.push(
            change(Difference::ConflictClause)
                .expected(format!("NOT NULL {}", describe::conflict(wanted)))
                .actual(format!("NOT NULL {}", describe::conflict(there))),
        ),
        (Some(_), Some(_)) | (None, None) => {}
        _ => {
            let change = change(Difference::ColumnNullability).allows_null(wanted.is_none());
            context.push(change.expected(null_text(wanted)).actual(null_text(there)));
        }
    }
    if wanted.is_some() && there.is_some() {
        context.name(&change, [expected.not_null_name.as_ref(), actual.not_null_name.as_ref()]);
    }
    generated(context, &change, (expected, actual), table)?;
    let column = DefaultOf { declared_type: &expected.declared_type, strict: expected_table.strict };
    let text = |column: &'_ Column| column.default.as_ref().map(|default| default.text.clone());
    let (wanted, there) = (text(expected), text(actual));
    if !context.same_default(column, [wanted.as_deref(), there.as_deref()])? {
        let wanted = wanted.map(|text| crate::sql::one_line(&text));
        let there = there.map(|text| crate::sql::one_line(&text));
        context.push(change(Difference::ColumnDefault).sides(wanted, there));
    }
    let collation = |column: &Column| column.collates_by().to_ascii_uppercase();
    if collation(expected) != collation(actual) {
        context.push(
            change(Difference::ColumnCollation).expected(collation(expected)).actual(collation(actual)),
        );
    }
    Ok(())
}

fn generated(
    context: &mut Context<'_>,
    change: &dyn Fn(Difference) -> Change,
    (expected, actual): (&Column, &Column),
    table: &Ident,
) -> Result<()> {
    let same = match (&expected.generated, &actual.generated) {
        (None, None) => true,
        (Some(wanted), Some(there)) => {
            wanted.stored == there.stored
                && context.same_expression(table, &wanted.expr.text, &there.expr.text)?
        }
        _ => false,
    };
    if same {
        return Ok(());
    }
    let texts: Vec<Compiled<'_>> = [expected, actual]
        .into_iter()
        .filter_map(|column| column.generated.as_ref())
        .map(|generated| Compiled::Expression(table, &generated.expr.text))
        .collect();
    let note = context.quoting_note(&texts)?;
    let (wanted, there) = (generated_text(expected), generated_text(actual));
    context.push(change(Difference::ColumnGenerated).expected(wanted).actual(there).noted(note));
    Ok(())
}

/// How a column is generated.
pub(super) fn generated_text(column: &Column) -> String {
    match &column.generated {
        None => "not generated".to_owned(),
        Some(generated) => {
            let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
            format!("({}) {kind}", crate::sql::one_line(&generated.expr.text))
        }
    }
}

/// Whether NULL is refused, and how. The rowid can't be NULL whatever is declared.
fn not_null(table: &Table, column: &Column) -> Option<Conflict> {
    if table.is_rowid(&column.name) {
        return Some(Conflict::Abort);
    }
    column.not_null.or_else(|| implies(table, column).then_some(Conflict::Abort))
}

/// Whether the column refuses NULL because it is part of the primary key.
fn implies(table: &Table, column: &Column) -> bool {
    table.key_is_not_null() && table.in_primary_key(&column.name)
}

/// A declared type as it compares: case, white space and a plus sign make no difference.
pub(super) fn normalized_type(declared: &str) -> String {
    let lower = declared.to_ascii_lowercase().replace('+', "");
    let mut normal = String::with_capacity(lower.len());
    for word in lower.split_whitespace() {
        if !normal.is_empty() && !normal.ends_with(['(', ',']) && !word.starts_with(['(', ')', ',']) {
            normal.push(' ');
        }
        normal.push_str(word);
    }
    normal
}
