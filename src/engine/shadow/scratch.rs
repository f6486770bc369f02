//! A shadow database for tests.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::backup::Backup;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Statement};

use super::seed;
use super::seed::is_seedable;
use super::spec::spec_database;
use crate::base::error::Result;
use crate::engine::catalog::inspect;
use crate::engine::catalog::rows::beside_rowid;
use crate::engine::connection::stubs;
use crate::engine::connection::{Left, Sqlite, durable};
use crate::engine::contract::scratch::{
    Answer, Refused, Scratch, SeedOptions, SeededTable, Snapshot, TableRows,
};
use crate::engine::diagnosis::errors;
use crate::migrations::testing::{Real, Value};
use crate::schema::{Ident, Schema, Table};

impl Scratch for Sqlite {
    fn copy(&mut self) -> Result<Box<dyn Scratch>> {
        let mut copy = Sqlite::scratch_with_stand_ins(self.job())?;
        let backup = Backup::new(&self.conn, &mut copy.conn).and_then(|backup| backup.step(-1));
        backup.map_err(|error| self.trouble(error))?;
        for name in self.stood_in.iter().flat_map(|functions| functions.borrow().clone()) {
            stubs::give_null(&copy.conn, &name).map_err(|error| self.trouble(error))?;
        }
        copy.stood_in.clone_from(&self.stood_in);
        copy.left = self.left_for(&copy).map_err(|error| self.trouble(error))?;
        Ok(Box::new(copy))
    }

    fn begin_section(&mut self) -> Result<()> {
        if self.in_transaction() {
            self.conn.execute_batch("ROLLBACK").map_err(|error| self.trouble(error))?;
        }
        durable::switch_foreign_keys(&self.conn, true).map(drop).map_err(|error| self.trouble(error))
    }

    fn run(&mut self, sql: &str, keep: usize) -> Result<Answer, Refused> {
        // It may be anything.
        self.left = None;
        answer(&self.conn, sql, keep).map_err(|error| Refused {
            message: errors::message(&error),
            offset: errors::offset(&error).unwrap_or(0),
            interrupted: errors::is_interrupt(&error),
        })
    }

    fn delete(&mut self, statements: &mut dyn Iterator<Item = &str>) -> Result<()> {
        let trouble = |error| self.trouble(error);
        durable::switch_foreign_keys(&self.conn, false).map_err(trouble)?;
        let delete = || {
            for statement in statements {
                stubs::execute(&self.conn, statement)?;
            }
            Ok(())
        };
        seed::with_triggers_off(&self.conn, delete).map_err(trouble)
    }

    fn counters(&mut self) -> Result<BTreeMap<Ident, i64>> {
        inspect::counters(&self.conn).map_err(|error| self.trouble(error))
    }

    fn set_counter(&mut self, table: &Ident, to: i64) -> Result<()> {
        let set = || {
            let delete = "DELETE FROM main.sqlite_sequence WHERE name = ?1";
            self.conn.execute(delete, [table.as_str()])?;
            let insert = "INSERT INTO main.sqlite_sequence (name, seq) VALUES (?1, ?2)";
            self.conn.execute(insert, (table.as_str(), to)).map(drop)
        };
        set().map_err(|error| self.trouble(error))
    }

    fn in_transaction(&self) -> bool {
        !self.conn.is_autocommit()
    }

    fn seed(&mut self, options: &SeedOptions<'_>) -> Result<Vec<SeededTable>> {
        let schema = tables(&self.conn, options.only).map_err(|error| self.trouble(error))?;
        let switch = |on| durable::switch_foreign_keys(&self.conn, on).map_err(|error| self.trouble(error));
        let enforced = switch(false)?;
        let end = options.common.map(|common| spec_database(common.goal, self.job())).transpose()?;
        let goal = options.common.zip(end.as_ref());
        let goal = goal.map(|(common, end)| seed::Goal {
            conn: end.connection(),
            pairs: common.pairs,
            awkward: false,
            binding: common.binding,
            donor: None,
        });
        let seeded = seed::seed(&self.conn, &schema, options, goal.as_ref(), self.job());
        switch(enforced)?;
        seeded.map_err(|error| self.trouble(error))
    }

    fn rows(&mut self, only: Option<&BTreeSet<Ident>>) -> Result<Snapshot> {
        let schema = tables(&self.conn, only).map_err(|error| self.trouble(error))?;
        let mut tables = BTreeMap::new();
        for (name, table) in &schema.tables {
            if is_seedable(table) {
                let rows = table_rows(&self.conn, table).map_err(|error| self.trouble(error))?;
                tables.insert(name.clone(), rows);
            }
        }
        Ok(Snapshot { tables })
    }
}

fn tables(conn: &Connection, only: Option<&BTreeSet<Ident>>) -> rusqlite::Result<Schema> {
    only.map_or_else(|| inspect::inspect(conn), |only| inspect::inspect_tables(conn, only))
}

impl Sqlite {
    /// What the last run has left, as it is found in a copy, to whose schema SQLite gives another number.
    fn left_for(&self, copy: &Sqlite) -> rusqlite::Result<Option<Left>> {
        let Some(Left { history, schema }) = &self.left else { return Ok(None) };
        let schema = match schema {
            Some((version, schema)) if inspect::schema_version(&self.conn)? == *version => {
                Some((inspect::schema_version(&copy.conn)?, *schema))
            }
            _ => None,
        };
        Ok(Some(Left { history: history.clone(), schema }))
    }
}

/// Runs a statement; rows beyond the first `keep` are counted, and not looked at.
fn answer(conn: &Connection, sql: &str, keep: usize) -> rusqlite::Result<Answer> {
    let mut statement = conn.prepare(sql)?;
    let columns = statement.column_count();
    let mut printer = Printer::new(conn)?;
    let mut rows = statement.raw_query();
    let mut answer = Answer::default();
    while let Some(row) = rows.next()? {
        answer.count += 1;
        if answer.rows.len() < keep {
            let values = (0..columns).map(|column| printer.value(row.get_ref(column)?));
            answer.rows.push(values.collect::<rusqlite::Result<_>>()?);
        }
    }
    Ok(answer)
}

/// Reads values, and lets SQLite print the floating-point ones.
pub(crate) struct Printer<'c> {
    print: Statement<'c>,
}

impl<'c> Printer<'c> {
    pub(crate) fn new(conn: &'c Connection) -> rusqlite::Result<Printer<'c>> {
        Ok(Printer { print: conn.prepare("SELECT CAST(?1 AS TEXT)")? })
    }

    pub(crate) fn value(&mut self, value: ValueRef<'_>) -> rusqlite::Result<Value> {
        Ok(match value {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Real(number) => {
                let text = self.print.query_row([number], |row| row.get(0))?;
                Value::Real(Real { text, bits: number.to_bits() })
            }
            ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
            ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        })
    }

    fn values(
        &mut self,
        row: &Row<'_>,
        columns: impl Iterator<Item = usize>,
    ) -> rusqlite::Result<Vec<Value>> {
        columns.map(|column| self.value(row.get_ref(column)?)).collect()
    }
}

fn table_rows(conn: &Connection, table: &Table) -> rusqlite::Result<TableRows> {
    let columns: Vec<Ident> = table.columns.iter().map(|column| column.name.clone()).collect();
    let key: Vec<Ident> = match &table.primary_key {
        Some(key) => key.columns.iter().map(|column| column.name.clone()).collect(),
        None => Vec::new(),
    };
    let key_at: Vec<usize> =
        key.iter().filter_map(|part| columns.iter().position(|column| column == part)).collect();
    let mut printer = Printer::new(conn)?;
    let mut found = BTreeMap::new();
    let selected: Vec<&Ident> = columns.iter().collect();
    beside_rowid(conn, table, &selected, "", |rowid, row| {
        let mut known_by = printer.values(row, key_at.iter().copied())?;
        if key.is_empty() {
            known_by.extend(rowid.map(Value::Integer));
        }
        // A primary key may hold NULL, and several rows of it are no duplicates.
        while found.contains_key(&known_by) {
            known_by.push(Value::Null);
        }
        found.insert(known_by, printer.values(row, 0..columns.len())?);
        Ok(())
    })?;
    Ok(TableRows { columns, key, rows: found })
}
