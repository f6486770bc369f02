//! By which name a statement reaches the rowid.

/// The names of the rowid that a table with a rowid has, as long as no column is called so
/// (<https://www.sqlite.org/lang_createtable.html#rowid>).
const NAMES: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// A name by which the rowid can be reached in a table that has one; `None` where columns have taken all of them.
/// `is_column` is asked with names in lower case.
pub fn rowid_name(is_column: impl Fn(&str) -> bool) -> Option<&'static str> {
    NAMES.into_iter().find(|name| !is_column(name))
}

/// Whether `name` means the rowid where it is no column's.
pub fn is_rowid_name(name: &str) -> bool {
    NAMES.iter().any(|rowid| rowid.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// SQLite itself is asked, about tables that have columns of these names, in any number and spelling.
    #[test]
    fn the_name_of_the_rowid_reaches_the_rowid_whatever_the_columns_are_called() {
        for taken in 0..8 {
            let columns = ["RowId", "_ROWID_", "oid"].into_iter().enumerate();
            let columns: Vec<&str> =
                columns.filter(|(i, _)| taken & (1 << i) != 0).map(|(_, name)| name).chain(["c"]).collect();
            let conn = Connection::open_in_memory().unwrap();
            conn.execute_batch(&format!("CREATE TABLE t ({})", columns.join(", "))).unwrap();
            conn.execute("INSERT INTO t (c) VALUES (1), (1), (1)", []).unwrap();
            let reaches = |name: &str| {
                let sql = format!("SELECT group_concat({name}) FROM t");
                conn.query_row(&sql, [], |row| row.get::<_, Option<String>>(0)).unwrap().as_deref()
                    == Some("1,2,3")
            };
            let name = rowid_name(|name| columns.iter().any(|column| column.eq_ignore_ascii_case(name)));
            match name {
                Some(name) => assert!(reaches(name) && is_rowid_name(name), "{name} of {columns:?}"),
                None => assert!(!["rowid", "_rowid_", "oid"].into_iter().any(reaches), "{columns:?}"),
            }
        }
        assert!(is_rowid_name("ROWID") && !is_rowid_name("row_id"));
    }
}
