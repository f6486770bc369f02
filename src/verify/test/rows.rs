//! What a down did not bring back.

use crate::base::words::words;
use crate::engine::Snapshot;
use crate::schema::Ident;

/// Rows or values that are not what they were.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lost {
    /// The table.
    pub table: Ident,
    /// The column; `None` when whole rows are meant.
    pub column: Option<Ident>,
    /// What became of them.
    pub loss: Loss,
    /// How many rows.
    pub rows: u64,
}

words! {
    /// What became of rows.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Loss {
        /// The column has another value.
        Changed = "changed",
        /// The row is gone.
        Missing = "missing",
        /// The row was not there before.
        Extra = "extra",
    }
}

/// Compares the rows of the tables that both have, row by row of the same key.
pub(crate) fn lost(before: &Snapshot, after: &Snapshot) -> Vec<Lost> {
    let mut found = Vec::new();
    for (table, old) in &before.tables {
        let Some(new) = after.tables.get(table) else { continue };
        let mut add = |column: Option<&Ident>, loss, rows: usize| {
            if rows > 0 {
                let rows = u64::try_from(rows).unwrap_or(u64::MAX);
                found.push(Lost { table: table.clone(), column: column.cloned(), loss, rows });
            }
        };
        add(None, Loss::Missing, old.rows.keys().filter(|key| !new.rows.contains_key(*key)).count());
        add(None, Loss::Extra, new.rows.keys().filter(|key| !old.rows.contains_key(*key)).count());
        for (at, column) in old.columns.iter().enumerate() {
            let Some(now) = new.columns.iter().position(|name| name == column) else { continue };
            let changed = old
                .rows
                .iter()
                .filter(|(key, row)| new.rows.get(*key).is_some_and(|other| row.get(at) != other.get(now)));
            add(Some(column), Loss::Changed, changed.count());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::engine::contract::scratch::TableRows;
    use crate::migrations::testing::Value;

    fn snapshot(columns: &[&str], rows: &[(i64, &[i64])]) -> Snapshot {
        let rows = rows.iter().map(|(key, row)| {
            (vec![Value::Integer(*key)], row.iter().map(|n| Value::Integer(*n)).collect::<Vec<_>>())
        });
        let table = TableRows {
            columns: columns.iter().map(|name| Ident::from(*name)).collect(),
            key: Vec::new(),
            rows: rows.collect(),
        };
        Snapshot { tables: BTreeMap::from([(Ident::from("t"), table)]) }
    }

    #[test]
    fn rows_are_known_by_their_key_and_columns_by_their_name() {
        let before = snapshot(&["a", "b"], &[(1, &[10, 20]), (2, &[11, 21]), (3, &[12, 22])]);
        let after = snapshot(&["B", "a"], &[(1, &[20, 10]), (2, &[99, 11]), (4, &[0, 0])]);
        let said: Vec<String> = lost(&before, &after)
            .iter()
            .map(|lost| {
                let column = lost.column.as_ref().map_or("rows", Ident::as_str);
                format!("{column} {} {}", lost.rows, lost.loss.as_str())
            })
            .collect();
        assert_eq!(said, ["rows 1 missing", "rows 1 extra", "b 1 changed"]);
        assert!(lost(&before, &before).is_empty());
    }
}
