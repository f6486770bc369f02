//! What the columns of a table do to values, and computed ones as expressions over the others.

use std::collections::BTreeSet;

use super::{BINARY, Column, Ident, Table, names_in};
use crate::sql::{Affinity, QueryColumns};

impl Table {
    /// The collation by which values of a column are told apart unless something else is said.
    pub fn collation_of(&self, column: &Ident) -> &str {
        self.column(column).map_or(BINARY, Column::collates_by)
    }

    /// The names that its columns have in a query.
    pub fn query_columns(&self) -> QueryColumns {
        QueryColumns::called(self.columns.iter().map(|column| column.name.as_str()))
    }

    /// What becomes of values on their way into one of its columns.
    pub fn affinity(&self, column: &Column) -> Affinity {
        Affinity::of(&column.declared_type, self.strict)
    }

    /// The computed columns that the value of `column` is made of, itself last, each behind those that it reads. Nothing
    /// where it is not computed.
    pub fn computed_for<'t>(&'t self, column: &'t Column) -> Vec<(&'t Ident, &'t str)> {
        let mut waiting: Vec<(&Ident, &str, BTreeSet<Ident>)> = Vec::new();
        let mut reached = vec![column.name.clone()];
        while let Some(name) = reached.pop() {
            let computed = self.column(&name).and_then(|column| Some((column, column.generated.as_ref()?)));
            let Some((column, generated)) = computed else { continue };
            if waiting.iter().all(|(known, ..)| **known != name) {
                let reads: BTreeSet<Ident> = names_in(&generated.expr.text).collect();
                reached.extend(reads.iter().cloned());
                waiting.push((&column.name, &generated.expr.text, reads));
            }
        }
        let mut in_order = Vec::new();
        let is_ready = |reads: &BTreeSet<Ident>, waiting: &[(&Ident, &str, BTreeSet<Ident>)]| {
            waiting.iter().all(|(name, ..)| !reads.contains(name))
        };
        while let Some(next) = waiting.iter().position(|(_, _, reads)| is_ready(reads, &waiting)) {
            let (name, text, _) = waiting.swap_remove(next);
            in_order.push((name, text));
        }
        in_order
    }
}

/// A query with computed columns of the table `title` behind the columns that it gives.
pub fn with_computed(
    query: String,
    names: &QueryColumns,
    title: &str,
    computed: &[(&Ident, &str)],
) -> String {
    computed.iter().fold(query, |query, (name, text)| {
        let (text, name) = (names.in_text(text, title), names.name(name.as_str()));
        format!("SELECT *, ({text}\n) AS {name} FROM ({query})")
    })
}
