//! Values that a STRICT table does not take (<https://www.sqlite.org/stricttables.html>).

/// Compared with a number, a text that looks like one is one; any other, and a blob, is greater than all numbers.
fn no_number(value: &str) -> String {
    format!("NOT ({value} <= CAST(9e999 AS REAL))")
}

/// A condition that is true for what a column of whole numbers cannot make one of.
pub fn no_integer(value: &str) -> String {
    let no_number = no_number(value);
    format!("{no_number} OR CAST({value} AS REAL) <> CAST(CAST({value} AS REAL) AS INTEGER)")
}

/// A condition that is true for values that a column of the declared type does not take; `None` where it takes all.
pub fn misfit(declared: &str, value: &str) -> Option<String> {
    match declared.to_ascii_uppercase().as_str() {
        "INT" | "INTEGER" => Some(no_integer(value)),
        "REAL" => Some(no_number(value)),
        "TEXT" => Some(format!("typeof({value}) = 'blob'")),
        "BLOB" => Some(format!("typeof({value}) NOT IN ('blob', 'null')")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// SQLite itself is asked, about values as they are and as a column of TEXT holds them.
    #[test]
    fn what_a_strict_table_does_not_take_is_what_sqlite_refuses() {
        let values = [
            "NULL", "5", "-5", "1.0", "1.5", "1e300", "9e999", "-9e999", "'5'", "' 5 '", "'007'", "'5.0'",
            "'5.5'", "'1e2'", "'5x'", "''", "'abc'", "x'35'", "x''",
        ];
        for declared in ["INT", "Integer", "REAL", "text", "BLOB", "ANY"] {
            for held in ["", "TEXT"] {
                let conn = Connection::open_in_memory().unwrap();
                let ddl = format!("CREATE TABLE t (c {declared}) STRICT; CREATE TABLE s (c {held});");
                conn.execute_batch(&ddl).unwrap();
                for value in values {
                    conn.execute_batch(&format!("DELETE FROM s; INSERT INTO s VALUES ({value})")).unwrap();
                    let refused = conn.execute_batch("INSERT INTO t SELECT c FROM s").is_err();
                    let is_bad = misfit(declared, "c").unwrap_or_else(|| "0".to_owned());
                    let sql = format!("SELECT coalesce({is_bad}, 0) FROM s");
                    let ours: bool = conn.query_row(&sql, [], |row| row.get(0)).unwrap();
                    assert_eq!(ours, refused, "{value} of {held} in {declared}");
                }
            }
        }
    }
}
