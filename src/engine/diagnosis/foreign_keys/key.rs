//! One foreign key, checked by itself: its rows without a parent, and what tells them apart.

use rusqlite::{Connection, OptionalExtension, Result};

use crate::engine::catalog::columns::{columns, free_rowid_name, key_of, named};
use crate::engine::catalog::inspect::has_table;
use crate::engine::diagnosis::errors;
use crate::sql::{display_name, quote};

/// A foreign key of a table in the main database.
pub(crate) struct ForeignKey {
    table: String,
    columns: Vec<String>,
    parent: String,
    /// The columns that it refers to; none where the parent is not there, or has no such columns.
    parent_columns: Vec<String>,
    /// Whether there is a table of that name, which is no view.
    has_parent: bool,
    /// The columns of the table's primary key, unless that is the rowid.
    identified_by: Vec<String>,
    /// A name of the rowid that no column has taken.
    rowid: Option<&'static str>,
}

/// A row without its parent.
#[derive(Debug)]
pub(crate) struct Orphan {
    /// The values of its primary key as SQL literals; empty where that is the rowid, or there is none.
    pub(crate) identity: String,
    /// The values that have no parent.
    pub(crate) values: String,
    /// As a message names it: `rowid 7`, `id = 'x'`.
    pub(crate) name: String,
}

impl ForeignKey {
    /// All of a table.
    pub(crate) fn all_of(conn: &Connection, table: &str) -> Result<Vec<ForeignKey>> {
        let mut list = conn.prepare(&format!("PRAGMA main.foreign_key_list({})", quote(table)))?;
        let mut rows = list.query([])?;
        let mut found: Vec<(i64, ForeignKey)> = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, parent, from, to): (i64, String, String, Option<String>) =
                (row.get(0)?, row.get(2)?, row.get(3)?, row.get(4)?);
            if found.last().is_none_or(|(last, _)| *last != id) {
                let key = ForeignKey {
                    table: table.to_owned(),
                    columns: Vec::new(),
                    parent,
                    parent_columns: Vec::new(),
                    has_parent: false,
                    identified_by: Vec::new(),
                    rowid: None,
                };
                found.push((id, key));
            }
            if let Some((_, key)) = found.last_mut() {
                key.columns.push(from);
                key.parent_columns.extend(to);
            }
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let own = columns(conn, "main", table)?;
        // A column may be called like the rowid, also where there is none.
        let sql = "SELECT NOT wr FROM pragma_table_list(?1) WHERE schema = 'main'";
        let has_rowid =
            conn.query_row(sql, [table], |row| row.get::<_, bool>(0)).optional()?.unwrap_or(false);
        let rowid = free_rowid_name(&own).filter(|_| has_rowid);
        let key = key_of(&own);
        // Where the one column of the key is the rowid, it has no index of its own.
        let is_rowid = has_rowid && !has_key_index(conn, table)?;
        let identified_by = if is_rowid { Vec::new() } else { key };
        let mut keys = Vec::with_capacity(found.len());
        for (_, mut key) in found {
            key.complete(conn)?;
            keys.push(ForeignKey { identified_by: identified_by.clone(), rowid, ..key });
        }
        Ok(keys)
    }

    /// Looks up the parent.
    fn complete(&mut self, conn: &Connection) -> Result<()> {
        self.has_parent = has_table(conn, &self.parent)?;
        let there = if self.has_parent { columns(conn, "main", &self.parent)? } else { Vec::new() };
        if self.parent_columns.is_empty() {
            self.parent_columns = key_of(&there);
        }
        let exists = |name: &String| named(&there, name).is_some();
        if self.parent_columns.len() != self.columns.len() || !self.parent_columns.iter().all(exists) {
            self.parent_columns.clear();
        }
        Ok(())
    }

    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(crate) fn parent(&self) -> &str {
        &self.parent
    }

    pub(crate) fn identified_by(&self) -> &[String] {
        &self.identified_by
    }

    /// Whether its rows can be looked up: a parent that is there has the columns. A missing one has no row at all.
    pub(crate) fn can_be_asked(&self) -> bool {
        !self.has_parent || !self.parent_columns.is_empty()
    }

    /// Gives each row without a parent to `take`. Where the values cannot be compared as the parent's column has it, those
    /// rows are given that have no parent with the very same values, and why: they may have one.
    pub(crate) fn orphans(&self, conn: &Connection, mut take: impl FnMut(Orphan)) -> Result<Option<String>> {
        let statement = |collate: &str| self.sql(collate);
        let (mut select, why) = match conn.prepare(&statement("")) {
            Ok(select) => (select, None),
            Err(error) if errors::is_interrupt(&error) => return Err(error),
            Err(error) => (conn.prepare(&statement(" COLLATE BINARY"))?, Some(errors::message(&error))),
        };
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (rowid, identity, values): (Option<i64>, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let name = match rowid {
                Some(rowid) => format!("rowid {rowid}"),
                None => format!("{} = {identity}", shown(&self.identified_by)),
            };
            take(Orphan { identity, values, name });
        }
        Ok(why)
    }

    fn sql(&self, collate: &str) -> String {
        // Not `IS NOT NULL`: that is nothing to SQLite where the column is declared so.
        let there: Vec<String> =
            self.columns.iter().map(|column| format!("typeof(c.{}) <> 'null'", quote(column))).collect();
        format!(
            "SELECT {}, {}, {} FROM main.{} AS c WHERE {}{}",
            self.rowid.map_or("NULL".to_owned(), |rowid| format!("c.{rowid}")),
            quoted_values(&self.identified_by),
            quoted_values(&self.columns),
            quote(&self.table),
            there.join(" AND "),
            self.has_no_parent(collate)
        )
    }

    /// The condition that a row `c` has no parent, behind others; nothing where there is no parent table. The comparison is
    /// that of a foreign key: with affinity and collation of the parent's column
    /// (<https://www.sqlite.org/foreignkeys.html#fk_basics>); `+` takes away the child's own.
    pub(crate) fn has_no_parent(&self, collate: &str) -> String {
        if self.parent_columns.is_empty() {
            return String::new();
        }
        let pairs = self.columns.iter().zip(&self.parent_columns);
        let same = pairs.map(|(child, parent)| format!("p.{} = +c.{}{collate}", quote(parent), quote(child)));
        let (parent, same) = (quote(&self.parent), same.collect::<Vec<_>>().join(" AND "));
        format!(" AND NOT EXISTS (SELECT 1 FROM main.{parent} p WHERE {same})")
    }
}

/// An expression for the values of these columns of a row `c` as SQL writes them.
pub(crate) fn quoted_values(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| format!("quote(c.{})", quote(column))).collect();
    if quoted.is_empty() { "''".to_owned() } else { quoted.join(" || ', ' || ") }
}

fn shown(columns: &[String]) -> String {
    columns.iter().map(|column| display_name(column)).collect::<Vec<_>>().join(", ")
}

/// Whether the primary key of a table has an index.
fn has_key_index(conn: &Connection, table: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pragma_index_list(?1, 'main') WHERE origin = 'pk')";
    conn.query_row(sql, [table], |row| row.get(0))
}
