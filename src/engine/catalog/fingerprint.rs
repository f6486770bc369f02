//! A fingerprint of the schema as it is stored, and how it grows with what a migration creates.

use std::fmt;
use std::hash::Hasher as _;

use memchr::memchr;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};
use siphasher::sip::SipHasher13;

use crate::sql::{is_bookkeeping, no_bookkeeping};

/// What tells a schema from others where no fingerprint can be computed, as an expression: how many objects the fingerprint
/// counts, and how long their texts are. `also` narrows it further: ` AND …`.
pub(crate) fn schema_mark(also: &str) -> String {
    format!(
        "(SELECT count(*) || ':' || coalesce(sum(length(type) + length(name) + length(tbl_name) + \
         length(coalesce(sql, ''))), 0) FROM main.sqlite_master WHERE {}{also})",
        counted()
    )
}

/// What the fingerprint counts, as a condition on a row of the schema table.
pub(crate) fn counted() -> String {
    format!("{} AND {}", no_bookkeeping("name"), no_bookkeeping("tbl_name"))
}

/// The sum of a hash (SipHash-1-3) of each row of the schema table, over type, name, table and SQL of everything that is
/// neither SQLite's nor part of the history. The same schema gives the same in every release, in whatever order its
/// objects were made; and a new object needs no second look at the others.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Fingerprint {
    sum: u64,
    /// How many rows, and how long their texts are: what [`schema_mark`] finds where this is the schema.
    rows: u64,
    length: usize,
    /// The largest row id that was seen: new objects come behind it, unless it is the largest that there can be.
    last: i64,
}

impl Fingerprint {
    /// Reads the schema table.
    pub(crate) fn read(conn: &Connection) -> Result<Fingerprint> {
        let mut all = Fingerprint::default();
        all.add(conn, i64::MIN)?;
        Ok(all)
    }

    /// What it is now when since then objects were created, and nothing else happened to the schema.
    pub(crate) fn extended(mut self, conn: &Connection) -> Result<Fingerprint> {
        match self.last.checked_add(1) {
            Some(next) => self.add(conn, next).map(|()| self),
            None => Fingerprint::read(conn),
        }
    }

    /// What [`schema_mark`] finds of this schema.
    pub(crate) fn mark(&self) -> String {
        format!("{}:{}", self.rows, self.length)
    }

    /// Adds the rows whose ids are at least `from`.
    fn add(&mut self, conn: &Connection, from: i64) -> Result<()> {
        let mut statement = conn.prepare_cached(
            "SELECT rowid, type, name, tbl_name, sql FROM main.sqlite_schema WHERE rowid >= ?1",
        )?;
        let mut rows = statement.query([from])?;
        while let Some(row) = rows.next()? {
            self.last = row.get(0)?;
            let mut fields: [&[u8]; 4] = [&[]; 4];
            for (place, field) in (1..).zip(&mut fields) {
                if let ValueRef::Text(text) = row.get_ref(place)? {
                    *field = text;
                }
            }
            let [_, name, table, _] = fields;
            if !is_bookkeeping(name) && !is_bookkeeping(table) {
                let mut hash = SipHasher13::new();
                for field in fields {
                    hash.write(field);
                    // No UTF-8 text holds this byte: it ends a field.
                    hash.write_u8(0xff);
                }
                self.sum = self.sum.wrapping_add(hash.finish());
                self.rows += 1;
                self.length += fields.into_iter().map(length).sum::<usize>();
            }
        }
        Ok(())
    }
}

/// As SQLite's `length()` has it: the characters before the first NUL.
fn length(text: &[u8]) -> usize {
    let text = memchr(0, text).and_then(|nul| text.get(..nul)).unwrap_or(text);
    if text.is_ascii() {
        return text.len();
    }
    text.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Fingerprint) -> bool {
        self.sum == other.sum
    }
}

impl Eq for Fingerprint {}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.sum)
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;
    use crate::base::job::Job;
    use crate::engine::migrate::guard::Guard;

    /// What happens between two fingerprints; statements that SQLite refuses change nothing.
    pub(crate) fn statements() -> impl Strategy<Value = String> {
        let name = || prop::sample::select(vec!["a", "B", "b2", "é", "refinery_schema_history", "z"]);
        prop_oneof![
            4 => (name(), 0..9).prop_map(|(t, n)| format!("CREATE TABLE \"{t}{n}\" (x PRIMARY KEY, y)")),
            1 => (name(), 0..9).prop_map(|(t, n)| format!("CREATE TABLE \"{t}{n}\" AS SELECT 1 AS x, 2 AS y")),
            4 => (name(), name(), 0..9).prop_map(|(i, t, n)| format!("CREATE INDEX \"{i}_i{n}\" ON \"{t}{n}\" (y)")),
            1 => (name(), 0..9).prop_map(|(t, n)| format!("CREATE VIEW \"{t}_v{n}\" AS SELECT {n}")),
            1 => (name(), name(), 0..9).prop_map(|(i, t, n)| format!(
                "CREATE TRIGGER \"{i}_t{n}\" AFTER INSERT ON \"{t}{n}\" BEGIN SELECT 1; END"
            )),
            1 => (name(), 0..9).prop_map(|(t, n)| format!("CREATE VIRTUAL TABLE \"{t}{n}\" USING fts5(x, y)")),
            1 => (name(), 0..9).prop_map(|(t, n)| format!("DROP TABLE \"{t}{n}\"")),
            1 => (name(), 0..9).prop_map(|(i, n)| format!("DROP INDEX \"{i}_i{n}\"")),
            1 => (name(), 0..9).prop_map(|(i, n)| format!("DROP TRIGGER \"{i}_t{n}\"")),
            1 => (name(), 0..9).prop_map(|(t, n)| format!("DROP VIEW \"{t}_v{n}\"")),
            1 => (name(), name(), 0..9).prop_map(|(t, u, n)| format!("ALTER TABLE \"{t}{n}\" RENAME TO \"{u}{}\"", (n + 1) % 9)),
            1 => (name(), 0..9).prop_map(|(t, n)| format!("ALTER TABLE \"{t}{n}\" ADD COLUMN c{n}")),
            1 => (name(), 0..9).prop_map(|(t, n)| format!("INSERT INTO \"{t}{n}\" VALUES (1, 2); ANALYZE")),
            1 => (name(), 0..9).prop_map(|(t, n)| format!(
                "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql || ' -- edited' WHERE name = '{t}{n}';
                 PRAGMA writable_schema = RESET"
            )),
            1 => Just("CREATE TABLE gone (x); DROP TABLE gone".to_owned()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

        /// As the runs of migrations use it: whole again where the guard has seen more than new objects.
        #[test]
        fn what_grew_gives_the_same_as_a_new_look(
            encoding in prop::sample::select(vec!["UTF-8", "UTF-8", "UTF-16le"]),
            migrations in prop::collection::vec((prop::collection::vec(statements(), 0..4), any::<bool>()), 0..30),
        ) {
            let mut conn = Connection::open_in_memory().unwrap();
            conn.execute_batch(&format!("PRAGMA encoding = '{encoding}'; CREATE TABLE first (x)")).unwrap();
            let guard = Guard::install(&mut conn, Job::quiet()).unwrap();
            let mut known = Fingerprint::read(&conn).unwrap();
            for (statements, keep) in migrations {
                guard.clean(&conn).unwrap();
                conn.execute_batch("BEGIN").unwrap();
                for sql in &statements {
                    let _ = guard.run_batch(&conn, sql);
                }
                let expected = Fingerprint::read(&conn).unwrap();
                let now = guard.fingerprint(known, &conn).unwrap();
                prop_assert_eq!(now, expected, "after {:?}", statements);
                let mark: String = conn.query_row(&format!("SELECT {}", schema_mark("")), [], |row| row.get(0)).unwrap();
                prop_assert_eq!(now.mark(), mark, "after {:?}", statements);
                if keep {
                    known = now;
                }
                conn.execute_batch(if keep { "COMMIT" } else { "ROLLBACK" }).unwrap();
            }
            guard.clean(&conn).unwrap();
            prop_assert_eq!(known, Fingerprint::read(&conn).unwrap());
        }
    }

    #[test]
    fn the_order_in_which_objects_were_made_does_not_count_and_everything_else_does() {
        let of = |sql: &str| {
            let conn = Connection::open_in_memory().unwrap();
            conn.execute_batch(sql).unwrap();
            Fingerprint::read(&conn).unwrap().to_string()
        };
        let (a, b) = ("CREATE TABLE a (x);", "CREATE TABLE b (x);");
        assert_eq!(of(&[a, b].concat()), of(&[b, a].concat()));
        assert_eq!(of(""), "0000000000000000");
        assert_eq!(of(a), of(&format!("{a} CREATE TABLE planctl_migrations (x); ANALYZE")));
        assert_eq!(of(a), "212e3e790e8b8ede", "what is in the records of databases stays as it is");
        let different = [a, b, "CREATE TABLE a (y);", "CREATE VIEW a AS SELECT 1;", "CREATE TABLE A (x);"];
        for (one, other) in different.iter().flat_map(|one| different.iter().map(move |other| (one, other))) {
            assert_eq!(one == other, of(one) == of(other), "{one} and {other}");
        }
    }
}
