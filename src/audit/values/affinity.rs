//! What a declared type makes of values.

use crate::values::Storage;

/// What SQLite makes of a value before it stores it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Affinity {
    Integer,
    Text,
    Blob,
    Real,
    Numeric,
}

/// <https://www.sqlite.org/datatype3.html#determination_of_column_affinity>
pub(super) fn affinity(declared: &str) -> Affinity {
    let declared = declared.to_ascii_uppercase();
    let has = |parts: &[&str]| parts.iter().any(|part| declared.contains(part));
    if has(&["INT"]) {
        Affinity::Integer
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        Affinity::Text
    } else if declared.is_empty() || has(&["BLOB"]) {
        Affinity::Blob
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        Affinity::Real
    } else {
        Affinity::Numeric
    }
}

/// The storage class that values take on in a column of that type; `None` where they stay what they are. Of NUMERIC affinity
/// (BOOLEAN, DATE, DECIMAL) it is that of INTEGER: both make numbers of texts that are some.
pub(super) fn storage(declared: &str, strict: bool) -> Option<Storage> {
    match affinity(declared) {
        Affinity::Integer => Some(Storage::Integer),
        Affinity::Real => Some(Storage::Real),
        Affinity::Text => Some(Storage::Text),
        Affinity::Blob => strict.then_some(Storage::Blob),
        Affinity::Numeric => (!strict).then_some(Storage::Integer),
    }
}

impl Affinity {
    /// The value of `c` as a column of this affinity would store it
    /// (<https://www.sqlite.org/datatype3.html#type_affinity>): text becomes a number when it is one, spelt in any way.
    pub(super) fn stored(self, c: &str) -> String {
        match self {
            Affinity::Blob => c.to_owned(),
            Affinity::Text => {
                format!("CASE WHEN typeof({c}) IN ('integer', 'real') THEN CAST({c} AS TEXT) ELSE {c} END")
            }
            Affinity::Real => format!(
                "CASE typeof({c}) WHEN 'integer' THEN CAST({c} AS REAL) \
                 WHEN 'text' THEN iif(CAST({c} AS NUMERIC) = {c}, CAST({c} AS REAL), {c}) ELSE {c} END"
            ),
            Affinity::Integer | Affinity::Numeric => format!(
                "CASE typeof({c}) WHEN 'real' THEN iif(CAST({c} AS INTEGER) = {c}, CAST({c} AS INTEGER), {c}) \
                 WHEN 'text' THEN iif(CAST({c} AS NUMERIC) = {c}, CAST({c} AS NUMERIC), {c}) ELSE {c} END"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SQLite itself is asked: what a column of that type really stores.
    #[test]
    fn the_stored_value_is_that_of_sqlite() {
        let conn = rusqlite::Connection::open_in_memory().unwrap();
        let values = [
            "NULL",
            "5",
            "-5",
            "0",
            "9223372036854775807",
            "1.0",
            "1.5",
            "1e300",
            "-0.0",
            "'5'",
            "' 5 '",
            "'007'",
            "'5.0'",
            "'1e2'",
            "'0x10'",
            "'5x'",
            "''",
            "'abc'",
            "'1.5'",
            "'+7'",
            "x'35'",
            "x''",
        ];
        for declared in ["INTEGER", "REAL", "TEXT", "BLOB", "NUMERIC", "BOOLEAN"] {
            for raw in ["", "TEXT"] {
                let ddl = format!("DROP TABLE IF EXISTS t; CREATE TABLE t (a {declared}, c {raw});");
                conn.execute_batch(&ddl).unwrap();
                for value in values {
                    let insert =
                        format!("DELETE FROM t; INSERT INTO t (c) VALUES ({value}); UPDATE t SET a = c;");
                    conn.execute_batch(&insert).unwrap();
                    let stored = affinity(declared).stored("c");
                    let sql =
                        format!("SELECT quote({stored}) || typeof({stored}), quote(a) || typeof(a) FROM t");
                    let (ours, theirs): (String, String) =
                        conn.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
                    assert_eq!(ours, theirs, "{value} in {declared} from a column {raw}");
                }
            }
        }
    }

    #[test]
    fn a_type_asks_for_the_class_that_its_name_says() {
        for (declared, wanted) in [
            ("BIGINT", Some(Storage::Integer)),
            ("VARCHAR(20)", Some(Storage::Text)),
            ("double precision", Some(Storage::Real)),
            ("FLOATING POINT", Some(Storage::Integer)),
            ("BOOLEAN", Some(Storage::Integer)),
            ("DATETIME", Some(Storage::Integer)),
            ("BLOB", None),
            ("", None),
        ] {
            assert_eq!(storage(declared, false), wanted, "{declared}");
        }
        assert_eq!(storage("BLOB", true), Some(Storage::Blob));
        assert_eq!(storage("ANY", true), None);
    }
}
