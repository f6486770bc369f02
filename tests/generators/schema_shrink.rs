//! Random schemas for proptest, which shrink: part after part is taken away as long as what is left is valid and still
//! fails.

use std::fmt;

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::schema_gen::schema;
use super::schema_model::{Expr, Schema, Shape};

/// Any valid schema.
pub fn any_schema() -> AnySchema {
    AnySchema
}

#[derive(Debug)]
pub struct AnySchema;

impl Strategy for AnySchema {
    type Tree = Shrinking;
    type Value = Schema;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let seed = proptest::num::u64::ANY.new_tree(runner)?.current();
        Ok(Shrinking { current: schema(seed), before: None, next: 0 })
    }
}

/// A schema and the next part that may go.
pub struct Shrinking {
    current: Schema,
    /// What it was before the last part went.
    before: Option<Schema>,
    next: usize,
}

impl fmt::Debug for Shrinking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.current.write(None))
    }
}

impl ValueTree for Shrinking {
    type Value = Schema;

    fn current(&self) -> Schema {
        self.current.clone()
    }

    fn simplify(&mut self) -> bool {
        let all = reductions(&self.current);
        while let Some(reduction) = all.get(self.next) {
            let mut smaller = self.current.clone();
            reduction(&mut smaller);
            if is_valid(&smaller.write(None)) {
                self.before = Some(std::mem::replace(&mut self.current, smaller));
                return true;
            }
            self.next += 1;
        }
        false
    }

    fn complicate(&mut self) -> bool {
        let Some(before) = self.before.take() else { return false };
        self.current = before;
        self.next += 1;
        true
    }
}

type Reduction = Box<dyn Fn(&mut Schema)>;

/// Everything that can be taken away, the larger parts first.
fn reductions(schema: &Schema) -> Vec<Reduction> {
    let mut all: Vec<Reduction> = Vec::new();
    let mut add = |reduction: Reduction| all.push(reduction);
    for i in 0..schema.triggers.len() {
        add(Box::new(move |schema| drop(schema.triggers.remove(i))));
    }
    for i in (0..schema.views.len()).rev() {
        add(Box::new(move |schema| drop(schema.views.remove(i))));
    }
    for i in 0..schema.virtuals.len() {
        add(Box::new(move |schema| drop(schema.virtuals.remove(i))));
    }
    if schema.tables.len() > 1 {
        for i in (0..schema.tables.len()).rev() {
            add(Box::new(move |schema| drop(schema.tables.remove(i))));
        }
    }
    for (t, table) in schema.tables.iter().enumerate() {
        for i in 0..table.indexes.len() {
            add(Box::new(move |schema| drop(schema.tables[t].indexes.remove(i))));
        }
        for i in 0..table.foreign_keys.len() {
            add(Box::new(move |schema| drop(schema.tables[t].foreign_keys.remove(i))));
        }
        for i in 0..table.checks.len() {
            add(Box::new(move |schema| drop(schema.tables[t].checks.remove(i))));
        }
        for i in 0..table.uniques.len() {
            add(Box::new(move |schema| drop(schema.tables[t].uniques.remove(i))));
        }
        if table.without_rowid {
            add(Box::new(move |schema| schema.tables[t].without_rowid = false));
        }
        if table.strict {
            add(Box::new(move |schema| schema.tables[t].strict = false));
        }
        if table.key.is_some() {
            add(Box::new(move |schema| schema.tables[t].key = None));
        }
        if table.columns.len() > 1 {
            for c in (0..table.columns.len()).rev() {
                add(Box::new(move |schema| remove_column(schema, t, c)));
            }
        }
        for (c, column) in table.columns.iter().enumerate() {
            if column.generated.is_some() {
                add(Box::new(move |schema| schema.tables[t].columns[c].generated = None));
            }
            if column.default.is_some() {
                add(Box::new(move |schema| schema.tables[t].columns[c].default = None));
            }
            if column.not_null.is_some() {
                add(Box::new(move |schema| schema.tables[t].columns[c].not_null = None));
            }
            if column.collation.is_some() {
                add(Box::new(move |schema| schema.tables[t].columns[c].collation = None));
            }
            if !column.declared.is_empty() && !table.strict {
                add(Box::new(move |schema| schema.tables[t].columns[c].declared = ""));
            }
        }
        for (i, index) in table.indexes.iter().enumerate() {
            if index.filter.is_some() {
                add(Box::new(move |schema| schema.tables[t].indexes[i].filter = None));
            }
            if index.keys.len() > 1 {
                add(Box::new(move |schema| drop(schema.tables[t].indexes[i].keys.pop())));
            }
        }
    }
    for (v, view) in schema.views.iter().enumerate() {
        if view.shape != Shape::Plain {
            add(Box::new(move |schema| schema.views[v].shape = Shape::Plain));
        }
        if view.columns.len() > 1 {
            add(Box::new(move |schema| drop(schema.views[v].columns.pop())));
        }
        let plain = Expr::IsNull(Box::new(view.columns[0].0.clone()), false);
        if view.filter != plain {
            add(Box::new(move |schema| schema.views[v].filter = plain.clone()));
        }
        if view.order.is_some() {
            add(Box::new(move |schema| (schema.views[v].order, schema.views[v].limit) = (None, None)));
        }
    }
    for (r, trigger) in schema.triggers.iter().enumerate() {
        if trigger.when.is_some() {
            add(Box::new(move |schema| schema.triggers[r].when = None));
        }
        if trigger.body.len() > 1 {
            add(Box::new(move |schema| drop(schema.triggers[r].body.pop())));
        }
    }
    all
}

/// Takes a column away, and the keys that it is part of.
fn remove_column(schema: &mut Schema, t: usize, c: usize) {
    let table = &mut schema.tables[t];
    table.columns.remove(c);
    table.key = table.key.take().filter(|key| key.parts.iter().all(|part| part.column != c));
    table.uniques.retain(|unique| unique.parts.iter().all(|part| part.column != c));
    table.foreign_keys.retain(|key| !key.columns.contains(&c));
    let parts = table.key.iter_mut().flat_map(|key| &mut key.parts);
    let parts = parts.chain(table.uniques.iter_mut().flat_map(|unique| &mut unique.parts));
    let columns = parts.map(|part| &mut part.column);
    let columns = columns.chain(table.foreign_keys.iter_mut().flat_map(|key| &mut key.columns));
    columns.filter(|column| **column > c).for_each(|column| *column -= 1);
}

/// Whether SQLite takes the schema, and can read and write everything in it.
pub fn is_valid(sql: &str) -> bool {
    compiles(sql).is_ok()
}

/// Runs a schema and compiles reading every table and view, and writing wherever that is possible.
pub fn compiles(sql: &str) -> rusqlite::Result<()> {
    let conn = Connection::open_in_memory()?;
    // A name that nothing has is no string.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    conn.execute_batch(sql)?;
    let mut statement = conn.prepare(
        "SELECT name, type = 'table' OR EXISTS (SELECT 1 FROM sqlite_schema t WHERE t.type = 'trigger' AND t.tbl_name = s.name) \
         FROM sqlite_schema s WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )?;
    let names: Vec<(String, bool)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    for (plain, is_table) in names {
        let name = planctl::internals::sql::quote(&plain);
        conn.prepare(&format!("SELECT * FROM main.{name}"))?;
        if is_table && !name.contains("vt0") {
            let mut columns =
                conn.prepare("SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE hidden NOT IN (2, 3)")?;
            let columns = columns.query_map([&plain], |row| row.get::<_, String>(0))?;
            let sets: Vec<String> = columns
                .map(|column| {
                    column.map(|column| format!("{0} = {0}", planctl::internals::sql::quote(&column)))
                })
                .collect::<rusqlite::Result<_>>()?;
            let update = format!("UPDATE main.{name} SET {}", sets.join(", "));
            let (insert, delete) =
                (format!("INSERT INTO main.{name} DEFAULT VALUES"), format!("DELETE FROM main.{name}"));
            for statement in [insert, update, delete] {
                match conn.prepare(&statement) {
                    Err(error) if !error.to_string().contains("cannot modify") => return Err(error),
                    _ => {}
                }
            }
        }
    }
    Ok(())
}
