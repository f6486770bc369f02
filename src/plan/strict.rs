//! Values that a STRICT table does not take into a column (<https://www.sqlite.org/stricttables.html>).

use std::collections::BTreeSet;

use super::options::Options;
use super::step::{Condition, Copied, Part};
use super::text::{as_expression, names_in};
use crate::schema::{Column, Ident, Table, with_computed};
use crate::sql;
use crate::sql::same_tokens;

/// Rows with a value that the column does not take; `value` is an expression over the old table.
pub(super) fn misfit(to: &Table, column: &Column, value: &str) -> Option<Condition> {
    let declared = column.declared_type.to_ascii_uppercase();
    let is_bad = sql::misfit(&declared, value)?;
    let what = format!("a value in {} that is not of type {declared}", column.name.shown());
    let of = Part::Column(column.name.clone());
    to.strict.then(|| Condition::of_rows(to, of, what, is_bad))
}

/// The same of a new column that is computed of those that stay.
pub(super) fn misfit_computed(to: &Table, column: &Column) -> Option<Condition> {
    let generated = column.generated.as_ref()?;
    misfit(to, column, &format!("({}\n)", generated.expr.text))
}

/// Rows whose values the table made anew does not take, where the old one did.
pub(super) fn misfits<'a>(
    (from, to): (&'a Table, &'a Table),
    copy: &'a [Copied],
    options: &'a Options<'_>,
) -> impl Iterator<Item = Condition> + 'a {
    let same_type = |old: &Column, new: &Column| old.declared_type.eq_ignore_ascii_case(&new.declared_type);
    let is_held = move |column: &Column| {
        let there = options.source(from, to, column);
        from.strict && there.is_some_and(|there| same_type(there, column))
    };
    let computes_the_same = move |column: &Column| {
        let there = options.source(from, to, column).and_then(|there| there.generated.as_ref());
        let (Some(there), Some(here)) = (there, &column.generated) else { return false };
        let of: Vec<Ident> = names_in(&here.expr.text).collect();
        same_tokens(&there.expr.text, &here.expr.text)
            && to.columns.iter().filter(|column| of.contains(&column.name)).all(is_held)
    };
    to.columns.iter().filter_map(move |column| {
        let stays = is_held(column) && (column.generated.is_none() || computes_the_same(column));
        // What is given instead of a value is looked at where it is given.
        let is_given = column.generated.is_none() && options.source(from, to, column).is_none();
        if stays || is_given {
            return None;
        }
        let value = value_in_new(to, copy, column);
        misfit(to, column, &options.by_new_names(to, &value))
    })
}

/// The value of a column of the table made anew, as an expression over the old one.
fn value_in_new(to: &Table, copy: &[Copied], column: &Column) -> String {
    let mut computed = to.computed_for(column);
    let Some((_, text)) = computed.pop() else { return given(copy, column) };
    let (names, title) = (to.query_columns(), to.name.as_str());
    let read: BTreeSet<Ident> =
        computed.iter().map(|(_, text)| *text).chain([text]).flat_map(names_in).collect();
    let plain =
        to.columns.iter().filter(|read_by| read.contains(&read_by.name) && read_by.generated.is_none());
    let plain: Vec<String> =
        plain.map(|c| format!("{} AS {}", given(copy, c), names.name(c.name.as_str()))).collect();
    if plain.is_empty() && computed.is_empty() {
        return format!("({text}\n)");
    }
    let first = if plain.is_empty() { "NULL".to_owned() } else { plain.join(", ") };
    let all = with_computed(format!("SELECT {first}"), &names, title, &computed);
    format!("(SELECT {}\n FROM ({all}))", names.in_text(text, title))
}

/// What is copied into a column; else that of a new row.
fn given(copy: &[Copied], column: &Column) -> String {
    let name = column.name.shown();
    let copied = copy.iter().find(|copied| copied.column == name).map(|copied| copied.value.clone());
    let default = || column.default.as_ref().and_then(|default| as_expression(&default.text));
    copied.or_else(default).unwrap_or_else(|| "NULL".to_owned())
}
