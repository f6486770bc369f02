//! How much of something SQLite takes.

/// The columns of a table, of an INSERT and of a result (<https://www.sqlite.org/limits.html#max_column>).
pub const MOST_COLUMNS: usize = 2_000;

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn so_many_columns_are_copied_at_once_and_not_one_more() {
        let conn = Connection::open_in_memory().unwrap();
        let columns = |count: usize| (1..count).map(|n| format!("c{n}")).collect::<Vec<_>>().join(", ");
        let table = |more: usize| format!("CREATE TABLE t{more} (c, {})", columns(MOST_COLUMNS + more));
        conn.execute_batch(&table(0)).unwrap();
        conn.execute_batch(&table(1)).unwrap_err();
        let copy = |first: &str| {
            let names = format!("{first}c, {}", columns(MOST_COLUMNS));
            conn.execute_batch(&format!("INSERT INTO t0 ({names}) SELECT {names} FROM t0"))
        };
        copy("").unwrap();
        copy("rowid, ").unwrap_err();
    }
}
