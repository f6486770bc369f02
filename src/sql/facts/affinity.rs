//! What a declared type makes of values.

/// What SQLite makes of values on their way into a column
/// (<https://www.sqlite.org/datatype3.html#determination_of_column_affinity>).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Affinity {
    /// INTEGER
    Integer,
    /// TEXT
    Text,
    /// None: values stay what they are.
    Blob,
    /// REAL
    Real,
    /// NUMERIC
    Numeric,
}

impl Affinity {
    /// That of a column of the declared type, in a STRICT table or in another one.
    pub fn of(declared: &str, strict: bool) -> Affinity {
        Affinity::stated(declared, strict).unwrap_or(Affinity::Blob)
    }

    /// The one that the declared type states; `None` where it leaves everything open: no type at all, or ANY in a STRICT
    /// table (<https://www.sqlite.org/stricttables.html>; elsewhere ANY is NUMERIC).
    pub fn stated(declared: &str, strict: bool) -> Option<Affinity> {
        let declared = declared.to_ascii_uppercase();
        let has = |parts: &[&str]| parts.iter().any(|part| declared.contains(part));
        if declared.is_empty() || strict && declared == "ANY" {
            None
        } else if has(&["INT"]) {
            Some(Affinity::Integer)
        } else if has(&["CHAR", "CLOB", "TEXT"]) {
            Some(Affinity::Text)
        } else if has(&["BLOB"]) {
            Some(Affinity::Blob)
        } else if has(&["REAL", "FLOA", "DOUB"]) {
            Some(Affinity::Real)
        } else {
            Some(Affinity::Numeric)
        }
    }

    /// Its name, which is also a type that has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Affinity::Integer => "INTEGER",
            Affinity::Text => "TEXT",
            Affinity::Blob => "BLOB",
            Affinity::Real => "REAL",
            Affinity::Numeric => "NUMERIC",
        }
    }

    /// Whether it makes numbers of texts that are some.
    pub fn is_numeric(self) -> bool {
        matches!(self, Affinity::Integer | Affinity::Real | Affinity::Numeric)
    }

    /// Whether a value that was stored with this affinity may be stored otherwise with the other one. INTEGER and NUMERIC
    /// only differ in what CAST makes of a value.
    pub fn may_change_into(self, to: Affinity) -> bool {
        let exact = |affinity| if affinity == Affinity::Numeric { Affinity::Integer } else { affinity };
        to != Affinity::Blob && exact(self) != exact(to)
    }

    /// The value of `c` as a column of this affinity would store it
    /// (<https://www.sqlite.org/datatype3.html#type_affinity>): text becomes a number when it is one, spelt in any way.
    pub fn stored(self, c: &str) -> String {
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
    use rusqlite::Connection;

    use super::*;

    /// The affinity that a column really has: what becomes of an integer, of a text that is one, and what CAST to the
    /// same type makes of a fraction, which tells INTEGER from NUMERIC.
    fn of_sqlite(declared: &str, strict: bool) -> Affinity {
        let conn = Connection::open_in_memory().unwrap();
        let options = if strict { "STRICT" } else { "" };
        conn.execute_batch(&format!("CREATE TABLE t (c {declared}) {options}")).unwrap();
        let stored = |value: &str| {
            let sql = format!("INSERT INTO t VALUES ({value}) RETURNING typeof(c)");
            conn.query_row(&sql, [], |row| row.get::<_, String>(0)).unwrap_or_default()
        };
        match (stored("1").as_str(), stored("'1'").as_str()) {
            ("real", "real") => Affinity::Real,
            ("text", _) => Affinity::Text,
            ("integer", "integer") => {
                let sql = format!("SELECT typeof(CAST('1.5' AS \"{declared}\"))");
                let cast: String = conn.query_row(&sql, [], |row| row.get(0)).unwrap();
                if cast == "integer" { Affinity::Integer } else { Affinity::Numeric }
            }
            _ => Affinity::Blob,
        }
    }

    /// SQLite itself is asked, about all pairs of the words that decide and of some that do not.
    #[test]
    fn the_affinity_of_a_declared_type_is_that_of_sqlite() {
        let words = [
            "",
            "INT",
            "integer",
            "UNSIGNED",
            "CHAR",
            "varchar(26)",
            "nclob",
            "TEXT",
            "blob",
            "REAL",
            "FLOAT",
            "double",
            "FLO",
            "NUMERIC",
            "DECIMAL(10,5)",
            "BOOLEAN",
            "DATETIME",
            "STRING",
            "ULID",
            "ANY",
            "POINT",
            "ınt",
        ];
        for first in words {
            for second in words {
                let declared = format!("{first} {second}");
                let declared = declared.trim();
                if first.ends_with(')') && !second.is_empty() {
                    continue;
                }
                let ours = Affinity::of(declared, false);
                assert_eq!(ours, of_sqlite(declared, false), "{declared}");
            }
        }
        for declared in ["INT", "Integer", "REAL", "text", "BLOB", "any"] {
            assert_eq!(
                Affinity::of(declared, true),
                of_sqlite(declared, true),
                "{declared} in a STRICT table"
            );
        }
    }

    /// SQLite itself is asked: what a column of that type really stores.
    #[test]
    fn the_stored_value_is_that_of_sqlite() {
        let conn = Connection::open_in_memory().unwrap();
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
                    let stored = Affinity::of(declared, false).stored("c");
                    let sql =
                        format!("SELECT quote({stored}) || typeof({stored}), quote(a) || typeof(a) FROM t");
                    let (ours, theirs): (String, String) =
                        conn.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
                    assert_eq!(ours, theirs, "{value} in {declared} from a column {raw}");
                }
            }
        }
    }
}
