//! What a plan depends on besides the two schemas.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::schema::{Column, Expr, Ident, IndexTerm, Table, names_in};
use crate::sql::{Kind, QueryColumns, SqliteVersion, replaced, tokens};

/// Table and column → the SQL expression that gives existing rows their value.
pub type Fills = BTreeMap<(Ident, Ident), String>;

/// Table and column → the column of the old table whose values it gets under its new name.
pub type Carried = BTreeMap<(Ident, Ident), Ident>;

/// What a plan depends on besides the two schemas.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// The oldest SQLite that must be able to run the steps.
    pub sqlite: SqliteVersion,
    /// Whether foreign keys may be enforced while the steps run.
    pub enforces_keys: bool,
    /// Values for rows that are there.
    pub fills: &'a Fills,
    /// Columns with a new name that ALTER TABLE does not give: a rebuild does.
    pub carried: &'a Carried,
    /// Tables that are rebuilt in any case: SQLite refused to alter them, or did something else.
    pub rebuild: BTreeSet<Ident>,
    /// Views and triggers that are out of the way in any case.
    pub set_aside: BTreeSet<Ident>,
    /// Views and triggers that are out of the way already, and only come back.
    pub aside: BTreeSet<Ident>,
}

impl Options<'_> {
    /// The value that somebody gives to the rows that are there.
    pub(super) fn fill(&self, to: &Table, column: &Column) -> Option<&String> {
        self.fills.get(&(to.name.clone(), column.name.clone()))
    }

    /// The column of `from` whose values a column of `to` gets.
    pub(super) fn source<'t>(&self, from: &'t Table, to: &Table, column: &Column) -> Option<&'t Column> {
        match self.carried.get(&(to.name.clone(), column.name.clone())) {
            Some(old) => from.column(old),
            None => from.column(&column.name).filter(|there| self.carried_to(to, there).is_none()),
        }
    }

    /// The name under which the values of a column go on, where a rebuild gives it.
    pub(super) fn carried_to(&self, to: &Table, column: &Column) -> Option<&Ident> {
        self.carried_in(to).into_iter().find(|(_, old)| **old == column.name).map(|(new, _)| new)
    }

    /// The columns of a table that get their new names by a rebuild: the new one, and the one so far.
    pub(super) fn carried_in(&self, to: &Table) -> Vec<(&Ident, &Ident)> {
        let of_it = self.carried.iter().filter(|((table, _), _)| *table == to.name);
        of_it.map(|((_, new), old)| (new, old)).collect()
    }

    /// An expression over the rows of a table as they are called so far, as one by the names that they get.
    pub(super) fn by_new_names<'v>(&self, to: &Table, value: &'v str) -> Cow<'v, str> {
        let carried = self.carried_in(to);
        let names: BTreeSet<Ident> = names_in(value).collect();
        if !carried.iter().any(|(_, old)| names.contains(*old)) {
            return Cow::Borrowed(value);
        }
        let others = to.columns.iter().map(|column| column.name.as_str());
        let columns = QueryColumns::some_of(carried.iter().map(|(_, old)| old.as_str()), others);
        let rows: Vec<String> = (carried.iter())
            .map(|(new, old)| format!("{} AS {}", new.shown(), columns.name(old.as_str())))
            .collect();
        let (value, title) = (columns.in_text(value, to.name.as_str()), to.name.shown());
        Cow::Owned(format!("(SELECT {value}\n FROM (SELECT {}) AS {title})", rows.join(", ")))
    }

    /// A table so far, had its columns the names that a rebuild gives them.
    pub(super) fn with_new_names<'t>(&self, from: &'t Table, to: &Table) -> Cow<'t, Table> {
        let pairs = self.carried_in(to).into_iter();
        let carried: BTreeMap<&Ident, &Ident> = pairs.map(|(new, old)| (old, new)).collect();
        if carried.is_empty() {
            return Cow::Borrowed(from);
        }
        let name = |name: &mut Ident| *name = carried.get(name).map_or(&*name, |new| new).clone();
        let expr = |expr: &mut Expr| {
            let parts = tokens(&expr.text).filter_map(|token| match token.kind {
                Kind::Word | Kind::Quoted => {
                    let new = carried.get(&Ident::from(token.unquoted()))?;
                    Some((token.start..token.end(), new.shown()))
                }
                _ => None,
            });
            expr.text = replaced(&expr.text, parts);
        };
        let mut table = from.clone();
        for column in &mut table.columns {
            name(&mut column.name);
            column.generated.iter_mut().for_each(|generated| expr(&mut generated.expr));
        }
        let keys = table.uniques.iter_mut().map(|unique| &mut unique.columns);
        let keys = keys.chain(table.primary_key.iter_mut().map(|key| &mut key.columns));
        keys.flatten().for_each(|column| name(&mut column.name));
        table.checks.iter_mut().for_each(|check| expr(&mut check.expr));
        table.foreign_keys.iter_mut().flat_map(|key| &mut key.columns).for_each(name);
        for index in table.indexes.values_mut() {
            index.filter.iter_mut().for_each(expr);
            index.keys.iter_mut().for_each(|key| match &mut key.term {
                IndexTerm::Column(column) => name(column),
                IndexTerm::Expr(of) => expr(of),
            });
        }
        Cow::Owned(table)
    }

    /// Whether columns of the table get their new names by a rebuild.
    pub(super) fn carries(&self, table: &Table) -> bool {
        self.carried.keys().any(|(of, _)| *of == table.name)
    }
}
