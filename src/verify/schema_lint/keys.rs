//! Foreign keys whose child columns no index begins with.

use std::collections::BTreeMap;

use crate::base::rule::LintRule;
use crate::migrations::lint::{Raised, UpText};
use crate::schema::{Ident, IndexKey, Schema, Table, shown_list};

/// The foreign keys without an index, each with the migration after which it first stood so.
#[derive(Default)]
pub(crate) struct Since {
    since: BTreeMap<(Ident, Vec<Ident>), usize>,
}

impl Since {
    /// Takes note of the schema after the `n`-th migration.
    pub(crate) fn see(&mut self, schema: &Schema, n: usize) {
        let mut now = BTreeMap::new();
        for table in schema.tables.values() {
            for key in &table.foreign_keys {
                if !is_indexed(table, &key.columns) {
                    let key = (table.name.clone(), key.columns.clone());
                    let first = self.since.get(&key).copied().unwrap_or(n);
                    now.insert(key, first);
                }
            }
        }
        self.since = now;
    }

    /// Table, columns, and the migration after which they first stood so.
    pub(crate) fn standing(&self) -> impl Iterator<Item = (&Ident, &[Ident], usize)> {
        self.since.iter().map(|((table, columns), &first)| (table, columns.as_slice(), first))
    }
}

/// Whether an index finds the rows with given values in these columns: they are its first ones, in whatever order.
fn is_indexed(table: &Table, columns: &[Ident]) -> bool {
    let begins = |found: &mut dyn Iterator<Item = Option<&Ident>>| {
        let first: Vec<Option<&Ident>> = found.take(columns.len()).collect();
        columns.iter().all(|column| first.contains(&Some(column)))
    };
    table.keys().any(|key| begins(&mut key.iter().map(|column| Some(&column.name))))
        || table.indexes.values().filter(|index| index.filter.is_none()).any(|index| {
            // Of an index that could not be read it is not known that it does not help.
            index.unread.is_some() || begins(&mut index.keys.iter().map(IndexKey::column))
        })
}

/// `schema` is the last one: the index that is proposed has a name that is free there.
pub(crate) fn raised(table: &Ident, columns: &[Ident], text: &UpText<'_>, schema: &Schema) -> Raised {
    let (names, shown) = (shown_list(columns), table.shown());
    let raised = Raised::new(
        LintRule::ForeignKeyWithoutIndex,
        text.foreign_key(table, columns),
        format!(
            "no index on {shown} begins with {names}, which is a foreign key: each delete in its parent reads all of {shown}"
        ),
        "add an index in a migration of its own",
    );
    raised.fix(Some(format!("CREATE INDEX {} ON {shown} ({names});", free_name(table, columns, schema))))
}

/// `idx_plans_parent_id`, as far as that name is free.
fn free_name(table: &Ident, columns: &[Ident], schema: &Schema) -> String {
    let parts: Vec<&str> = std::iter::once(table).chain(columns).map(Ident::as_str).collect();
    let name = format!("idx_{}", parts.join("_"));
    let taken = |name: &Ident| {
        let mut tables = schema.tables.values();
        schema.tables.contains_key(name)
            || schema.views.contains_key(name)
            || tables.any(|table| table.indexes.contains_key(name))
    };
    let numbered = (2_usize..).map(|n| format!("{name}_{n}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    Ident::from(names.find(|name| !taken(&Ident::new(name.as_str()))).unwrap_or_default()).shown()
}
