//! Looking at a schema again: only rows of the schema table that are new, or other than before, are read as statements.

use std::collections::BTreeMap;
use std::hash::Hasher as _;

use rusqlite::{Connection, Result, Row};
use siphasher::sip::SipHasher13;

use super::inspect::{
    FILE_PRAGMAS, Stored, inspect_since, pragmas, read_index, read_table, read_trigger, read_view,
};
use crate::schema::{Ident, Index, Pragmas, Schema, StoredRow, Table, Touched, Watched};
use crate::sql::is_bookkeeping;

/// Takes another look at the main schema of `connection`, as [`super::inspect::inspect`] sees it. `correct`: says what the
/// pragmas are where SQLite does not.
///
/// # Errors
/// As that.
pub(crate) fn look_again(
    connection: &Connection,
    watched: &mut Watched,
    correct: impl Fn(&mut Pragmas),
) -> Result<()> {
    let transaction = connection.is_autocommit().then(|| connection.unchecked_transaction()).transpose()?;
    // What could not be read to its end is read anew the next time.
    look(connection, watched).inspect_err(|_| watched.has_virtual = true)?;
    correct(&mut watched.now_mut().pragmas);
    transaction.map_or(Ok(()), rusqlite::Transaction::commit)
}

fn look(connection: &Connection, watched: &mut Watched) -> Result<()> {
    watched.begin_look();
    let Rows { all, new, gone } = Rows::read(connection, std::mem::take(&mut watched.rows))?;
    watched.rows = all;
    let is_whole = watched.has_virtual || new.iter().any(|row| row.is_virtual);
    let unread: Vec<Ident> = if is_whole {
        let now = inspect_since(connection, watched.before())?;
        watched.has_virtual = now.tables.values().any(Table::is_virtual);
        let unread = now.tables.values().filter(|table| table.unread.is_some());
        let unread = unread.map(|table| table.name.clone()).collect();
        *watched.now_mut() = now;
        unread
    } else {
        watched.touched = Some(touched(&new, &gone));
        let now = watched.now_mut();
        now.pragmas = pragmas(connection, &FILE_PRAGMAS)?;
        if new.is_empty() && gone.is_empty() { Vec::new() } else { enter(connection, now, new, gone)? }
    };
    // What could not be read may have been SQLite's: it is read again each time.
    if !unread.is_empty() {
        let rows = watched.rows.iter_mut();
        rows.filter(|row| unread.contains(&row.name)).for_each(|row| row.hash = None);
    }
    Ok(())
}

/// The rows of the schema table at one look.
struct Rows {
    all: Vec<StoredRow>,
    /// What was not there, or otherwise, at the look before.
    new: Vec<Stored>,
    /// What was there, or is otherwise now.
    gone: Vec<StoredRow>,
}

impl Rows {
    fn read(connection: &Connection, before: Vec<StoredRow>) -> Result<Rows> {
        let mut rows = Rows { all: Vec::with_capacity(before.len() + 2), new: Vec::new(), gone: Vec::new() };
        let mut before = before.into_iter().peekable();
        let mut statement = connection.prepare_cached(
            "SELECT type, name, tbl_name, sql, rowid FROM main.sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid",
        )?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let rowid: i64 = row.get(4)?;
            while let Some(gone) = before.next_if(|old| old.rowid < rowid) {
                rows.gone.push(gone);
            }
            let hash = Some(hash(row)?);
            match before.next_if(|old| old.rowid == rowid) {
                Some(same) if same.hash == hash => {
                    rows.all.push(same);
                    continue;
                }
                changed => rows.gone.extend(changed),
            }
            let stored = Stored::read(row, &Schema::default())?;
            let (kind, name, table) = (stored.kind.clone(), stored.name.clone(), stored.table.clone());
            rows.all.push(StoredRow { rowid, hash, kind, name, table });
            if !is_bookkeeping(&stored.name) && !is_bookkeeping(&stored.table) {
                rows.new.push(stored);
            }
        }
        rows.gone.extend(before);
        Ok(rows)
    }
}

fn hash(row: &Row<'_>) -> Result<u64> {
    let mut hash = SipHasher13::new();
    for field in 0..4 {
        hash.write(row.get_ref(field)?.as_bytes()?);
        hash.write_u8(0xff);
    }
    Ok(hash.finish())
}

fn touched(new: &[Stored], gone: &[StoredRow]) -> Touched {
    let mut touched = Touched::default();
    let new = new.iter().map(|row| (row.kind.as_str(), &row.name, &row.table));
    for (kind, name, table) in new.chain(gone.iter().map(|row| (row.kind.as_str(), &row.name, &row.table))) {
        match kind {
            "view" => touched.views.insert(name.clone()),
            "trigger" => touched.triggers.insert(name.clone()),
            _ => touched.tables.insert(table.clone()),
        };
    }
    touched
}

/// Takes out what is gone and enters what is new; gives the tables that could not be read.
fn enter(
    connection: &Connection,
    now: &mut Schema,
    new: Vec<Stored>,
    gone: Vec<StoredRow>,
) -> Result<Vec<Ident>> {
    // The indexes of a table that is stated otherwise now are still what they were.
    let mut kept: BTreeMap<Ident, BTreeMap<Ident, Index>> = BTreeMap::new();
    for StoredRow { kind, name, table, .. } in gone {
        match kind.as_str() {
            "table" => kept.extend(now.tables.remove(&name).map(|table| (name, table.indexes))),
            "index" => {
                let of_table = now.tables.get_mut(&table).map(|table| &mut table.indexes);
                if let Some(indexes) = of_table.or_else(|| kept.get_mut(&table)) {
                    indexes.remove(&name);
                }
            }
            "view" => drop(now.views.remove(&name)),
            _ => drop(now.triggers.remove(&name)),
        }
    }
    let (mut indexes, mut unread) = (Vec::new(), Vec::new());
    for Stored { kind, name, table, sql, is_virtual } in new {
        match kind.as_str() {
            "table" => {
                let mut read = read_table(&name, sql, is_virtual, connection)?;
                read.indexes = kept.remove(&name).unwrap_or_default();
                unread.extend(read.unread.is_some().then(|| name.clone()));
                now.tables.insert(name, read);
            }
            "index" => indexes.push(read_index(name, table, sql)),
            "view" => drop(now.views.insert(name.clone(), read_view(&name, sql))),
            "trigger" => drop(now.triggers.insert(name.clone(), read_trigger(&name, table, sql))),
            _ => {}
        }
    }
    for index in indexes {
        if let Some(table) = now.tables.get_mut(&index.table) {
            table.indexes.insert(index.name.clone(), index);
        }
    }
    Ok(unread)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;
    use crate::engine::catalog::fingerprint::tests::statements;
    use crate::engine::catalog::inspect::inspect;

    /// Whatever happens in between, what is known from before makes no difference to what is read.
    #[test]
    fn a_second_look_sees_what_a_first_one_sees() {
        let conn = Connection::open_in_memory().unwrap();
        let mut watched = Watched::default();
        let mut before = Schema::default();
        for statement in [
            "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT UNIQUE); CREATE INDEX i ON t(b); CREATE INDEX j ON t(a, b)",
            "CREATE TABLE u(a REFERENCES t, b); CREATE VIEW v AS SELECT * FROM u",
            "DROP INDEX j",
            "DROP INDEX i; CREATE INDEX i ON u(b)",
            "ALTER TABLE t RENAME COLUMN b TO c",
            "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END; DROP VIEW v; CREATE VIEW V AS SELECT 1",
            "ALTER TABLE u RENAME TO w; ALTER TABLE t RENAME TO u; ALTER TABLE w RENAME TO t",
            "DROP TABLE u; CREATE TABLE U(a INTEGER PRIMARY KEY, c TEXT UNIQUE)",
            "ALTER TABLE t ADD COLUMN d AS (a) VIRTUAL; CREATE TABLE x(\"odd\" \"ty/*c*/pe\", PRIMARY KEY(odd)) WITHOUT ROWID",
            "CREATE VIRTUAL TABLE f USING fts5(a); CREATE INDEX k ON f_content(c0)",
            "DROP TABLE f; CREATE TABLE f(a); CREATE TABLE f_content(c0)",
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE F(a)' WHERE name = 'f';
             PRAGMA writable_schema = RESET",
        ] {
            conn.execute_batch(statement).unwrap();
            look_again(&conn, &mut watched, |_| {}).unwrap();
            let anew = inspect(&conn).unwrap();
            // Names are equal whatever their case is.
            assert_eq!(format!("{:?}", watched.now()), format!("{anew:?}"), "{statement}");
            assert_eq!(format!("{:?}", watched.before()), format!("{before:?}"), "{statement}");
            assert_eq!(watched.has_changed(), anew != before, "{statement}");
            before = anew;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

        #[test]
        fn each_look_at_any_schema_sees_what_a_first_one_sees(
            looks in prop::collection::vec(prop::collection::vec(statements(), 0..4), 0..20),
        ) {
            let conn = Connection::open_in_memory().unwrap();
            let mut watched = Watched::default();
            let mut before = Schema::default();
            for statements in looks {
                for sql in &statements {
                    let _ = conn.execute_batch(sql);
                }
                look_again(&conn, &mut watched, |_| {}).unwrap();
                let anew = inspect(&conn).unwrap();
                prop_assert_eq!(format!("{:?}", watched.now()), format!("{anew:?}"), "{:?}", statements);
                prop_assert_eq!(format!("{:?}", watched.before()), format!("{before:?}"), "{:?}", statements);
                before = anew;
            }
        }
    }
}
