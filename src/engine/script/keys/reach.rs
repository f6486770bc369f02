//! What a file can have changed of the tables and their rows, by the names in it.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Result};

use crate::engine::catalog::rows::rows;
use crate::migrations::Step;
use crate::schema::{Ident, names_in};
use crate::sql::tokens;

/// The tables that statements can have changed: no statement changes one that neither it names nor a trigger that it fires,
/// unless it writes to the schema table itself. Foreign keys do nothing by themselves meanwhile: they are off.
pub(crate) enum Reach {
    /// All of them.
    Everything,
    /// Those that have one of these names; most of these are no tables.
    Named(BTreeSet<Ident>),
}

impl Reach {
    /// What a file's statements reach on a database as it is before them.
    pub(crate) fn of(steps: &[Step<'_>], conn: &Connection) -> Result<Reach> {
        let mut names = BTreeSet::new();
        let mut of_index = conn.prepare_cached(
            "SELECT tbl_name FROM main.sqlite_schema WHERE type = 'index' AND name = ?1 COLLATE NOCASE",
        )?;
        for step in steps {
            let text = match step {
                Step::Sql { text, .. } => *text,
                Step::Assert { .. } => continue,
                Step::Backfill { spec, .. } => {
                    names.insert(Ident::from(spec.table.as_str()));
                    continue;
                }
            };
            // An index goes without its table's name.
            if tokens(text).next().is_some_and(|first| first.is_word("DROP")) {
                for name in names_in(text) {
                    let table: Option<Ident> =
                        of_index.query_row([name.as_str()], |row| row.get(0)).optional()?;
                    names.extend(table);
                }
            }
            names.extend(names_in(text));
        }
        if ["sqlite_master", "sqlite_schema"].iter().any(|own| names.contains(&Ident::from(*own))) {
            return Ok(Reach::Everything);
        }
        Reach::Named(names).through_triggers(conn)
    }

    /// With what the triggers reach that a database has.
    pub(crate) fn through_triggers(self, conn: &Connection) -> Result<Reach> {
        let Reach::Named(mut names) = self else { return Ok(self) };
        let list = "SELECT tbl_name, sql, type = 'table' FROM main.sqlite_schema \
                    WHERE type = 'trigger' OR type = 'table' AND rootpage = 0";
        let mut triggers: Vec<(Ident, String, bool)> =
            rows(conn, list, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        loop {
            let (fired, rest): (Vec<_>, Vec<_>) =
                triggers.into_iter().partition(|(table, ..)| names.contains(table));
            if fired.is_empty() {
                return Ok(Reach::Named(names));
            }
            // What a virtual table's module writes to is its affair.
            if fired.iter().any(|(.., is_virtual)| *is_virtual) {
                return Ok(Reach::Everything);
            }
            names.extend(fired.iter().flat_map(|(_, sql, _)| names_in(sql)));
            triggers = rest;
        }
    }
}
