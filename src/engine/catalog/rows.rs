//! The answer to a query as values.

use rusqlite::types::{FromSql, FromSqlResult, ValueRef};
use rusqlite::{Connection, Params, Result, Row};

use crate::base::words::abridged;
use crate::schema::{Ident, Table};
use crate::sql::{MOST_COLUMNS, quote, quote_string};

/// The rows of a query, each as `read` takes it.
pub(crate) fn rows<T, C: FromIterator<T>>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<C> {
    conn.prepare(sql)?.query_map(params, read)?.collect()
}

/// These columns of the rows of a table, and the rowid of each where the table has one. The rowid is no column more where
/// one of them is it, or where they are as many as a result set may have: then it is read by a query of its own.
pub(crate) fn beside_rowid<T>(
    conn: &Connection,
    table: &Table,
    columns: &[&Ident],
    condition: &str,
    mut read: impl FnMut(Option<i64>, &Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let names: Vec<String> = columns.iter().map(|name| quote(name.as_str())).collect();
    // A row of a table WITHOUT ROWID of which nothing is asked is a row all the same.
    let shown = if names.is_empty() { "NULL".to_owned() } else { names.join(", ") };
    let name = quote(table.name.as_str());
    let from = format!("FROM main.{name}{condition}");
    let alias = table.rowid_alias().and_then(|alias| columns.iter().position(|name| **name == alias.name));
    let mut all = |sql: &str, rowid: &mut dyn FnMut(&Row<'_>) -> Result<Option<i64>>| {
        conn.prepare_cached(sql)?.query_map([], |row| read(rowid(row)?, row))?.collect()
    };
    match (table.rowid_name(), alias) {
        (_, Some(at)) => all(&format!("SELECT {shown} {from}"), &mut |row| row.get(at)),
        (None, None) => all(&format!("SELECT {shown} {from}"), &mut |_| Ok(None)),
        (Some(rowid), None) if names.len() < MOST_COLUMNS => {
            let shown = names.iter().map(String::as_str).chain([rowid]).collect::<Vec<_>>().join(", ");
            all(&format!("SELECT {shown} {from}"), &mut |row| row.get(names.len()))
        }
        (Some(rowid), None) => {
            let order = format!("{from} ORDER BY {rowid}");
            let rowids: Vec<i64> = firsts(conn, &format!("SELECT {rowid} {order}"), [])?;
            let mut rowids = rowids.into_iter();
            all(&format!("SELECT {shown} {order}"), &mut |_| Ok(rowids.next()))
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::catalog::inspect::inspect;

    /// Also rows of which no column is asked, as of a table that has none in common with another.
    #[test]
    fn each_row_comes_once_with_its_rowid_if_it_has_one() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE TABLE plain(a); INSERT INTO plain(rowid, a) VALUES (3, 'x'), (5, 'y');
             CREATE TABLE aliased(id INTEGER PRIMARY KEY, a); INSERT INTO aliased VALUES (3, 'x'), (5, 'y');
             CREATE TABLE keyed(k TEXT PRIMARY KEY, a) WITHOUT ROWID; INSERT INTO keyed VALUES (3, 'x'), (5, 'y')",
        )
        .unwrap();
        let schema = inspect(&conn).unwrap();
        let found = |table: &str, columns: &[&str]| {
            let columns: Vec<Ident> = columns.iter().map(|name| Ident::from(*name)).collect();
            let columns: Vec<&Ident> = columns.iter().collect();
            let table = &schema.tables[&Ident::from(table)];
            beside_rowid(&conn, table, &columns, "", |rowid, row| {
                let first = columns.first().map(|_| row.get_ref(0).map(literal)).transpose()?;
                Ok((rowid, first))
            })
            .unwrap()
        };
        let text = |value: &str| Some(format!("'{value}'"));
        for (table, rowids) in
            [("plain", [Some(3), Some(5)]), ("aliased", [Some(3), Some(5)]), ("keyed", [None, None])]
        {
            let [first, second] = rowids;
            assert_eq!(found(table, &[]), [(first, None), (second, None)], "{table}");
            assert_eq!(found(table, &["a"]), [(first, text("x")), (second, text("y"))], "{table}");
        }
        let id = |id: i64| (Some(id), Some(id.to_string()));
        assert_eq!(found("aliased", &["id", "a"]), [id(3), id(5)]);
    }
}
