//! The columns of a table as SQLite lists them, whatever its statement says.

use rusqlite::{Connection, Result};

use crate::sql::{quote, rowid_name};

/// A column as `PRAGMA table_xinfo` has it.
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) declared: String,
    pub(crate) not_null: bool,
    /// Its place in the primary key, from 1; 0 when it is not in it.
    pub(crate) key: i64,
    /// Whether it has a DEFAULT.
    pub(crate) has_default: bool,
    /// 0: an ordinary one. 1: one that only its virtual table knows. 2 and 3: a generated one.
    hidden: i64,
}

impl Column {
    pub(crate) fn is_ordinary(&self) -> bool {
        self.hidden == 0
    }

    pub(crate) fn is_generated(&self) -> bool {
        matches!(self.hidden, 2 | 3)
    }
}

/// The columns of a table or view of `schema`; none where there is none of that name.
pub(crate) fn columns(conn: &Connection, schema: &str, table: &str) -> Result<Vec<Column>> {
    // Compiled much faster than the table-valued function, and asked of the same tables again and again.
    let mut list = conn.prepare_cached(&format!("PRAGMA {schema}.table_xinfo({})", quote(table)))?;
    let columns = list.query_map([], |row| {
        let (name, declared) = (row.get(1)?, row.get(2)?);
        let has_default = row.get_ref(4)? != rusqlite::types::ValueRef::Null;
        Ok(Column {
            name,
            declared,
            not_null: row.get(3)?,
            key: row.get(5)?,
            has_default,
            hidden: row.get(6)?,
        })
    })?;
    columns.collect()
}

/// The names of the primary key's columns, in its order.
pub(crate) fn key_of(columns: &[Column]) -> Vec<String> {
    let mut key: Vec<&Column> = columns.iter().filter(|column| column.key > 0).collect();
    key.sort_by_key(|column| column.key);
    key.into_iter().map(|column| column.name.clone()).collect()
}

/// The column of this name, in whatever case.
pub(crate) fn named<'c>(columns: &'c [Column], name: &str) -> Option<&'c Column> {
    columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
}

/// A name of the rowid that no column has taken; whether the table has one is another question.
pub(crate) fn free_rowid_name(columns: &[Column]) -> Option<&'static str> {
    rowid_name(|name| named(columns, name).is_some())
}
