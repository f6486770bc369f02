//! How much of something SQLite takes.

/// The columns of a table, of an INSERT and of a result (<https://www.sqlite.org/limits.html#max_column>).
pub const MOST_COLUMNS: usize = 2_000;

/// The bytes of a database's absolute path on Unix, where SQLite takes paths of 512 with what it appends for a journal.
pub const LONGEST_PATH: usize = 504;

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_database_opens_at_so_long_a_path_and_not_at_one_byte_more() {
        let folder = tempfile::tempdir().unwrap();
        let mut deep = folder.path().canonicalize().unwrap();
        while deep.as_os_str().len() < LONGEST_PATH - 200 {
            deep.push("d".repeat(100));
        }
        std::fs::create_dir_all(&deep).unwrap();
        let left = LONGEST_PATH - deep.as_os_str().len() - 1;
        Connection::open(deep.join("f".repeat(left))).unwrap();
        Connection::open(deep.join("f".repeat(left + 1))).unwrap_err();
    }

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
