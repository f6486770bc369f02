//! Rows that keys of the new table refuse: the same key twice, and what can be no rowid.

use std::collections::BTreeSet;

use super::step::{Bad, Condition, Part as Refuses};
use super::text::names_in;
use crate::schema::{Column, Ident, Index, IndexTerm, KeyColumn, Table, shown_list};
use crate::sql::{display_name, no_integer, same_tokens};

/// What must be another one in each row.
struct Key<'a> {
    parts: Vec<Part<'a>>,
    /// The condition of a partial index.
    only: Option<&'a str>,
}

#[derive(PartialEq)]
enum Part<'a> {
    Column(&'a Ident, String),
    Expression(&'a str, Option<String>),
}

impl<'a> Key<'a> {
    fn of_columns(table: &Table, columns: &'a [KeyColumn]) -> Key<'a> {
        let part = |key: &'a KeyColumn| {
            Part::Column(&key.name, collation(table, &key.name, key.collation.as_deref()))
        };
        Key { parts: columns.iter().map(part).collect(), only: None }
    }

    fn of_index(table: &Table, index: &'a Index) -> Key<'a> {
        let parts = index.keys.iter().map(|key| match &key.term {
            IndexTerm::Column(name) => Part::Column(name, collation(table, name, key.collation.as_deref())),
            IndexTerm::Expr(expr) => Part::Expression(&expr.text, key.collation.clone()),
        });
        Key { parts: parts.collect(), only: index.filter.as_ref().map(|filter| filter.text.as_str()) }
    }

    /// All keys of a table.
    fn all(table: &'a Table) -> Vec<Key<'a>> {
        let keys = table.keys().map(|columns| Key::of_columns(table, columns));
        let indexes = table.indexes.values().filter(|index| index.unique && index.unread.is_none());
        keys.chain(indexes.map(|index| Key::of_index(table, index))).collect()
    }

    /// Whether rows that have kept this key of `from` keep `wanted`: it asks for no more, and of columns that hold the same.
    fn includes(&self, wanted: &Key<'_>, from: &Table, to: &Table) -> bool {
        let same_only = match (self.only, wanted.only) {
            (None, _) => true,
            (Some(one), Some(other)) => same_tokens(one, other) && is_untouched(one, from, to),
            (Some(_), None) => false,
        };
        same_only
            && self.parts.iter().all(|part| {
                let there = wanted.parts.iter().any(|other| match (part, other) {
                    (Part::Expression(a, x), Part::Expression(b, y)) => same_tokens(a, b) && x == y,
                    (one, other) => one == other,
                });
                there
                    && match part {
                        Part::Column(name, _) => holds_the_same(from.column(name), to.column(name), from, to),
                        Part::Expression(text, _) => is_untouched(text, from, to),
                    }
            })
    }

    fn condition(&self, to: &Table, of: Refuses, what: String) -> Condition {
        let shown = self.parts.iter().map(|part| match part {
            Part::Column(name, collation) => {
                format!("{} COLLATE {}", name.shown(), display_name(collation))
            }
            Part::Expression(text, None) => format!("({text}\n)"),
            Part::Expression(text, Some(collation)) => {
                format!("({text}\n) COLLATE {}", display_name(collation))
            }
        });
        let bad = Bad::Repeats { keys: shown.collect(), only: self.only.map(str::to_owned) };
        Condition { table: to.name.clone(), what, bad, of, way_out: None }
    }
}

/// The collation by which a key tells values of a column apart.
fn collation(table: &Table, column: &Ident, own: Option<&str>) -> String {
    own.unwrap_or_else(|| table.collation_of(column)).to_ascii_uppercase()
}

/// Whether the values of a column, and what they are compared as, do not change.
fn holds_the_same(old: Option<&Column>, new: Option<&Column>, from: &Table, to: &Table) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return false };
    from.affinity(old) == to.affinity(new)
        && old.generated.is_some() == new.generated.is_some()
        && (old.not_null.is_some() || new.not_null.is_none())
}

fn is_untouched(text: &str, from: &Table, to: &Table) -> bool {
    let names: BTreeSet<Ident> = names_in(text).collect();
    from.columns.iter().chain(&to.columns).filter(|column| names.contains(&column.name)).all(|column| {
        let (old, new) = (from.column(&column.name), to.column(&column.name));
        holds_the_same(old, new, from, to) && old.map(|c| &c.collation) == new.map(|c| &c.collation)
    })
}

/// Rows that the constraints of the table made anew refuse and the old one did not.
pub(super) fn refused(from: &Table, to: &Table) -> Vec<Condition> {
    let known = Key::all(from);
    let mut found = Vec::new();
    let alias = to.rowid_alias();
    if let Some(id) = alias.filter(|id| from.rowid_alias().is_none_or(|old| old.name != id.name))
        && from.column(&id.name).is_some()
    {
        let name = id.name.shown();
        let what = format!("a value in {name} that is not a whole number");
        found.push(Condition::of_rows(to, Refuses::Column(id.name.clone()), what, no_integer(&name)));
    }
    for columns in to.keys() {
        let key = Key::of_columns(to, columns);
        if !known.iter().any(|known| known.includes(&key, from, to)) {
            let what = format!("the same {} twice", shown_list(columns.iter().map(|key| &key.name)));
            let of = Refuses::Key(columns.iter().map(|key| key.name.clone()).collect());
            found.push(key.condition(to, of, what));
        }
    }
    found
}

/// Rows that a unique index refuses, on a table whose rows were there before.
pub(super) fn refused_by(from: &Table, to: &Table, index: &Index) -> Option<Condition> {
    if !index.unique || index.unread.is_some() {
        return None;
    }
    let key = Key::of_index(to, index);
    let known = Key::all(from);
    let what = format!("the same key of {} twice", index.name.shown());
    (!known.iter().any(|known| known.includes(&key, from, to)))
        .then(|| key.condition(to, Refuses::Index(index.name.clone()), what))
}
