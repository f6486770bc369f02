//! The answer to a query as values.

use rusqlite::types::{FromSql, FromSqlResult, ValueRef};
use rusqlite::{Connection, Params, Result, Row};

use crate::base::words::abridged;
use crate::schema::Ident;
use crate::sql::{quote, quote_string};

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

/// The longest piece of a value that is shown, in characters.
const SHOWN: usize = 120;

/// A value as SQL writes it; a very long one is cut.
pub(crate) fn literal(value: ValueRef<'_>) -> String {
    let cut = |text: String| abridged(&text, SHOWN).into_owned();
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(n) => n.to_string(),
        ValueRef::Real(x) => format!("{x:?}"),
        ValueRef::Text(text) => cut(quote_string(&String::from_utf8_lossy(text))),
        ValueRef::Blob(bytes) => {
            let hex: String = bytes.iter().take(SHOWN).map(|byte| format!("{byte:02X}")).collect();
            cut(format!("X'{hex}'"))
        }
    }
}

impl FromSql for Ident {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Ident> {
        value.as_str().map(Ident::from)
    }
}
