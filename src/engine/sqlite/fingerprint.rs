//! The fingerprint of a schema that is asked for again and again, as between the migrations of one run.
//!
//! What the schema table holds is read anew each time, and nothing is taken on trust; but rows that are the same as before
//! are neither sorted nor hashed again, as long as they come before the first that is new.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

use super::history::{self, Hash, is_left_out};

/// The schema table as it was read last.
#[derive(Default)]
pub(super) struct Remembered {
    /// In the order of the table.
    rows: Vec<Row>,
    /// Places in `rows`, in the order in which they are hashed.
    order: Vec<usize>,
    /// The hash of all before each place in `order`, as far as that is known.
    before: Vec<Hash>,
}

/// One row: type, name, tbl_name and sql, as far as they are text.
struct Row {
    fields: [Vec<u8>; 4],
    left_out: bool,
}

impl Remembered {
    /// The same as [`history::fingerprint`].
    pub(super) fn fingerprint(&mut self, conn: &Connection) -> Result<String> {
        // Once there is a row, the encoding is settled. In another one, SQLite sorts texts by their bytes in that.
        let first = self.rows.is_empty();
        if (first && !is_utf8(conn)?) || !self.read(conn)? {
            *self = Remembered::default();
            return history::fingerprint(conn);
        }
        let from = self.before.len().saturating_sub(1);
        let mut hash = self.before.pop().unwrap_or_default();
        for &place in self.order.iter().skip(from) {
            self.before.push(hash);
            if let Some(row) = self.rows.get(place)
                && !row.left_out
            {
                row.fields.iter().for_each(|field| hash.eat(field));
            }
        }
        self.before.push(hash);
        Ok(hash.to_string())
    }

    /// Reads the table, and brings the order up to date. `false` where a name is no text, so that it sorts in another way.
    fn read(&mut self, conn: &Connection) -> Result<bool> {
        let mut statement =
            conn.prepare_cached("SELECT type, name, tbl_name, sql FROM main.sqlite_schema")?;
        let mut rows = statement.query([])?;
        let (mut count, known) = (0, self.rows.len());
        let mut replaced = false;
        while let Some(row) = rows.next()? {
            let mut fields: [&[u8]; 4] = [&[]; 4];
            for (i, field) in fields.iter_mut().enumerate() {
                match row.get_ref(i)? {
                    ValueRef::Text(text) => *field = text,
                    _ if i < 3 => return Ok(false),
                    _ => {}
                }
            }
            match self.rows.get_mut(count) {
                Some(same) if same.fields == fields => {}
                Some(other) => {
                    *other = Row::new(fields);
                    replaced = true;
                }
                None => self.rows.push(Row::new(fields)),
            }
            count += 1;
        }
        if replaced || count < known {
            self.rows.truncate(count);
            self.order.clear();
            self.before.clear();
        }
        for place in self.order.len()..count {
            let rows = &self.rows;
            let Some(new) = rows.get(place) else { break };
            let at = self
                .order
                .partition_point(|&other| rows.get(other).is_some_and(|other| other.key() <= new.key()));
            self.order.insert(at, place);
            self.before.truncate(at + 1);
        }
        Ok(true)
    }
}

impl Row {
    fn new(fields: [&[u8]; 4]) -> Row {
        let left_out = is_left_out(fields[1]) || is_left_out(fields[2]);
        Row { fields: fields.map(<[u8]>::to_vec), left_out }
    }

    fn key(&self) -> &[Vec<u8>] {
        let [key @ .., _] = &self.fields;
        key
    }
}

fn is_utf8(conn: &Connection) -> Result<bool> {
    conn.pragma_query_value(None, "encoding", |row| Ok(row.get_ref(0)? == ValueRef::Text(b"UTF-8")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    /// What happens between two fingerprints; statements that SQLite refuses change nothing.
    fn statements() -> impl Strategy<Value = String> {
        let name = || prop::sample::select(vec!["a", "B", "b2", "é", "refinery_schema_history", "z"]);
        prop_oneof![
            4 => (name(), 0..9).prop_map(|(t, n)| format!("CREATE TABLE \"{t}{n}\" (x PRIMARY KEY, y)")),
            4 => (name(), name(), 0..9).prop_map(|(i, t, n)| format!("CREATE INDEX \"{i}_i{n}\" ON \"{t}{n}\" (y)")),
            1 => (name(), 0..9).prop_map(|(t, n)| format!("CREATE VIEW \"{t}_v{n}\" AS SELECT {n}")),
            1 => (name(), 0..9).prop_map(|(t, n)| format!("DROP TABLE \"{t}{n}\"")),
            1 => (name(), name(), 0..9).prop_map(|(t, u, n)| format!("ALTER TABLE \"{t}{n}\" RENAME TO \"{u}{}\"", (n + 1) % 9)),
            1 => (name(), 0..9).prop_map(|(t, n)| format!("ALTER TABLE \"{t}{n}\" ADD COLUMN c{n}")),
            1 => (name(), 0..9).prop_map(|(t, n)| format!("INSERT INTO \"{t}{n}\" VALUES (1, 2); ANALYZE")),
            1 => (name(), 0..9).prop_map(|(t, n)| format!(
                "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql || ' -- edited' WHERE name = '{t}{n}';
                 PRAGMA writable_schema = RESET"
            )),
            1 => Just("VACUUM".to_owned()),
            1 => Just("BEGIN; CREATE TABLE gone (x); DROP TABLE gone; ROLLBACK".to_owned()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

        #[test]
        fn what_is_remembered_gives_the_same_as_a_new_look(
            encoding in prop::sample::select(vec!["UTF-8", "UTF-8", "UTF-16le"]),
            statements in prop::collection::vec((statements(), any::<bool>()), 0..60),
        ) {
            let conn = Connection::open_in_memory().unwrap();
            let mut remembered = Remembered::default();
            prop_assert_eq!(remembered.fingerprint(&conn).unwrap(), history::fingerprint(&conn).unwrap());
            conn.execute_batch(&format!("PRAGMA encoding = '{encoding}'")).unwrap();
            for (sql, look) in statements {
                let _ = conn.execute_batch(&sql);
                if look {
                    let expected = history::fingerprint(&conn).unwrap();
                    prop_assert_eq!(remembered.fingerprint(&conn).unwrap(), expected, "after {}", sql);
                }
            }
            prop_assert_eq!(remembered.fingerprint(&conn).unwrap(), history::fingerprint(&conn).unwrap());
        }
    }
}
