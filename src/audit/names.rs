//! The database's names and the spec's, where the ledger says that they differ.

use std::collections::HashMap;

use super::Rename;
use crate::schema::Ident;

/// Translates the database's names to the spec's.
#[derive(Clone, Default, Debug)]
pub struct Names {
    tables: HashMap<Ident, Ident>,
    columns: HashMap<(Ident, Ident), Ident>,
}

impl Names {
    /// The names that these renames lead to.
    pub fn of<'a>(renames: impl Iterator<Item = &'a Rename> + Clone) -> Names {
        let mut names = Names::default();
        let live_tables: HashMap<Ident, Ident> = renames
            .clone()
            .filter(|rename| rename.column.is_none())
            .map(|rename| (rename.table.clone(), rename.live.clone()))
            .collect();
        for rename in renames {
            let live_table = live_tables.get(&rename.table).unwrap_or(&rename.table).clone();
            match &rename.column {
                None => names.tables.insert(live_table, rename.table.clone()),
                Some(column) => names.columns.insert((live_table, rename.live.clone()), column.clone()),
            };
        }
        names
    }

    /// The spec's name of a table.
    pub fn table(&self, live: &Ident) -> Ident {
        self.tables.get(live).unwrap_or(live).clone()
    }

    /// The spec's name of a column.
    pub fn column(&self, live_table: &Ident, live: &Ident) -> Ident {
        self.columns.get(&(live_table.clone(), live.clone())).unwrap_or(live).clone()
    }
}
