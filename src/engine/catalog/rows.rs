//! The answer to a query as values.

use rusqlite::types::{FromSql, FromSqlResult, ValueRef};
use rusqlite::{Connection, Params, Result, Row};

use crate::schema::Ident;
use crate::sql::quote;

/// The rows of a query, each as `read` takes it.
pub(crate) fn rows<T, C: FromIterator<T>>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<C> {
    conn.prepare(sql)?.query_map(params, read)?.collect()
}

/// The query for these columns of a table, each value as text.
pub(crate) fn texts(table: &str, columns: &[&str]) -> String {
    let columns: Vec<String> =
        columns.iter().map(|column| format!("CAST({} AS TEXT)", quote(column))).collect();
    format!("SELECT {} FROM main.{}", columns.join(", "), quote(table))
}

/// The first column of each row.
pub(crate) fn firsts<T: FromSql, C: FromIterator<T>>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<C> {
    rows(conn, sql, params, |row| row.get(0))
}

/// The columns of a row from `first` on.
pub(crate) fn values<T: FromSql, C: FromIterator<T>>(row: &Row<'_>, first: usize) -> Result<C> {
    (first..row.as_ref().column_count()).map(|column| row.get(column)).collect()
}

impl FromSql for Ident {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Ident> {
        value.as_str().map(Ident::from)
    }
}
