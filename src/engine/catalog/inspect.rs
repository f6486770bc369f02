//! Reads the schema of a connection into the model.
//!
//! The stored statements are read by [`crate::ddl`]; SQLite's own view of each table (`PRAGMA table_xinfo`) is held
//! against what was read. Where the two disagree the table is marked as unread, and is then compared by its tokens:
//! a gap in the reader can never make two different tables look alike.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Result, Row};

use super::rows::{firsts, rows};
use crate::ddl;
use crate::schema::{
    Expr, Ident, Index, Pragmas, Schema, Table, TableKind, Timing, Trigger, TriggerEvent, View,
};
use crate::sql::{Affinity, decoded, is_bookkeeping, quote};

/// The pragmas that live in the file and that a spec can set.
pub(crate) const FILE_PRAGMAS: [&str; 5] =
    ["application_id", "auto_vacuum", "encoding", "journal_mode", "user_version"];

/// Reads the main schema of `connection`. Temporary objects, what SQLite keeps for itself (`sqlite_%`, shadow tables)
/// and planctl's own tables are left out.
///
/// # Errors
/// When the database cannot be read (locked, damaged, not a database).
pub(crate) fn inspect(connection: &Connection) -> Result<Schema> {
    inspect_since(connection, &Schema::default())
}

/// The same, where `known` is how it was before: statements that are still there are not read once more.
pub(crate) fn inspect_since(connection: &Connection, known: &Schema) -> Result<Schema> {
    in_transaction(connection, &Wanted { known, pragmas: &FILE_PRAGMAS, only: None })
}

/// Of the same these tables alone, with all that is on them: statements of other tables are not read.
pub(crate) fn inspect_tables(connection: &Connection, only: &BTreeSet<Ident>) -> Result<Schema> {
    let known = &Schema::default();
    in_transaction(connection, &Wanted { known, pragmas: &FILE_PRAGMAS, only: Some(only) })
}

/// The same with these pragmas alone.
pub(crate) fn inspect_with(connection: &Connection, pragmas: &[&'static str]) -> Result<Schema> {
    in_transaction(connection, &Wanted { known: &Schema::default(), pragmas, only: None })
}

/// What is to be read of a schema.
struct Wanted<'a> {
    /// How it was before.
    known: &'a Schema,
    pragmas: &'a [&'static str],
    /// The tables, where not all.
    only: Option<&'a BTreeSet<Ident>>,
}

fn in_transaction(connection: &Connection, wanted: &Wanted<'_>) -> Result<Schema> {
    // One transaction: what is read belongs together, and the file is locked once and not for every table.
    if !connection.is_autocommit() {
        return read(connection, wanted);
    }
    let transaction = connection.unchecked_transaction()?;
    let schema = read(&transaction, wanted)?;
    transaction.commit()?;
    Ok(schema)
}

fn read(connection: &Connection, wanted: &Wanted<'_>) -> Result<Schema> {
    let Wanted { known, pragmas: names, only } = *wanted;
    let mut rows = Vec::new();
    let mut has_virtual = false;
    {
        let mut statement = connection
            .prepare("SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL")?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            if let Some(only) = only
                && !only.contains(&Ident::from(decoded(row.get_ref(2)?.as_bytes()?)))
            {
                continue;
            }
            let row = Stored::read(row, known)?;
            if !is_bookkeeping(&row.name) && !is_bookkeeping(&row.table) {
                has_virtual |= row.is_virtual;
                rows.push(row);
            }
        }
    }
    let shadows = if has_virtual { shadow_tables(connection, &rows)? } else { HashSet::new() };
    let mut schema = Schema { pragmas: pragmas(connection, names)?, ..Schema::default() };
    let mut indexes = Vec::new();
    for row in rows {
        let Stored { kind, name, table, sql, is_virtual } = row;
        if shadows.contains(&table) {
            continue;
        }
        match kind.as_str() {
            "table" => {
                let read = match known_table(known, &name, &sql) {
                    Some(table) => without_indexes(table),
                    None => read_table(&name, sql, is_virtual, connection)?,
                };
                schema.tables.insert(name, read);
            }
            "index" => {
                let before = known.tables.get(&table).and_then(|table| table.indexes.get(&name));
                let before = before.filter(|index| index.sql == sql && is_same(&index.name, &name));
                let before = before.filter(|index| is_same(&index.table, &table));
                indexes.push(before.cloned().unwrap_or_else(|| read_index(name, table, sql)));
            }
            "view" => {
                let view = read_view(&name, sql);
                schema.views.insert(name, view);
            }
            "trigger" => {
                let trigger = read_trigger(&name, table, sql);
                schema.triggers.insert(name, trigger);
            }
            _ => {}
        }
    }
    for index in indexes {
        if let Some(table) = schema.tables.get_mut(&index.table) {
            table.indexes.insert(index.name.clone(), index);
        }
    }
    Ok(schema)
}

pub(super) struct Stored {
    pub(super) kind: String,
    pub(super) name: Ident,
    pub(super) table: Ident,
    pub(super) sql: String,
    pub(super) is_virtual: bool,
}

impl Stored {
    pub(super) fn read(row: &Row<'_>, known: &Schema) -> Result<Stored> {
        let text = |i| row.get_ref(i)?.as_bytes().map(decoded).map_err(Into::into);
        let text: &dyn Fn(usize) -> Result<String> = &text;
        let (kind, name, sql) = (text(0)?, Ident::from(text(1)?), text(3)?);
        // SQLite begins the statement of a table in its own words, also where somebody else wrote the rest.
        let is_virtual = kind == "table"
            && !sql.starts_with("CREATE TABLE ")
            && known_table(known, &name, &sql).is_none()
            && matches!(ddl::created(&sql), Some((ddl::Kind::VirtualTable, _)));
        Ok(Stored { kind, name, table: text(2)?.into(), sql, is_virtual })
    }
}

/// The table as it was read before from the same statement. What a virtual table has is its module's affair, and what could
/// not be read may have been SQLite's.
fn known_table<'a>(known: &'a Schema, name: &Ident, sql: &str) -> Option<&'a Table> {
    let table = known.tables.get(name)?;
    let is_it =
        table.sql == sql && is_same(&table.name, name) && table.unread.is_none() && !table.is_virtual();
    is_it.then_some(table)
}

/// Whether they are spelled alike as well.
fn is_same(one: &Ident, other: &Ident) -> bool {
    one.as_str() == other.as_str()
}

fn without_indexes(table: &Table) -> Table {
    let mut table = table.clone();
    table.indexes.clear();
    table
}

/// The tables that virtual tables keep their content in. SQLite knows them by their module, also when it cannot open
/// the virtual table itself.
fn shadow_tables(connection: &Connection, stored: &[Stored]) -> Result<HashSet<Ident>> {
    let list = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'";
    let mut shadows: HashSet<Ident> = firsts(connection, list, [])?;
    for row in stored {
        let Ok(table) = ddl::create_virtual_table(&row.sql) else { continue };
        let TableKind::Virtual { module, .. } = table.kind else { continue };
        let known = FOREIGN_SHADOWS.iter().find(|(name, _)| name.eq_ignore_ascii_case(&module));
        let Some((_, suffixes)) = known else { continue };
        let prefix = format!("{}_", row.name.folded());
        shadows.extend(stored.iter().map(|other| &other.name).filter_map(|name| {
            let folded = name.folded();
            let suffix = folded.strip_prefix(&prefix)?.trim_end_matches(|c: char| c.is_ascii_digit());
            suffixes.contains(&suffix).then(|| name.clone())
        }));
    }
    Ok(shadows)
}

/// Modules that are not part of this build, and what they append to a virtual table's name for their shadow tables
/// (a number may follow). SQLite asks the module for these names, which works only where it is loaded.
const FOREIGN_SHADOWS: [(&str, &[&str]); 2] = [
    // https://alexgarcia.xyz/sqlite-vec
    ("vec0", &["chunks", "rowids", "info", "auxiliary", "vector_chunks", "metadatachunks", "metadatatext"]),
    // https://www.sqlite.org/spellfix1.html
    ("spellfix1", &["vocab"]),
];

pub(super) fn pragmas(connection: &Connection, wanted: &[&'static str]) -> Result<Pragmas> {
    let mut values = BTreeMap::new();
    for &name in wanted {
        let value = connection
            .query_row(&format!("PRAGMA main.{name}"), [], |row| row.get::<_, rusqlite::types::Value>(0))?;
        let value = match value {
            rusqlite::types::Value::Integer(n) => n.to_string(),
            rusqlite::types::Value::Text(text) => text,
            _ => continue,
        };
        values.insert(name, value);
    }
    Ok(Pragmas { values })
}

pub(super) fn read_table(
    name: &Ident,
    sql: String,
    is_virtual: bool,
    connection: &Connection,
) -> Result<Table> {
    let mut table = read_statement(name, sql, is_virtual);
    if !is_virtual && table.unread.is_none() {
        table.unread = disagreement(&mut table, connection)?;
    }
    Ok(table)
}

fn read_statement(name: &Ident, sql: String, is_virtual: bool) -> Table {
    let read = if is_virtual { ddl::create_virtual_table(&sql) } else { ddl::create_table(&sql) };
    match read {
        Ok(table) => Table { name: name.clone(), ..table },
        Err(unread) => {
            let unread = Some(unread.reason(&sql));
            Table { unread, ..Table::bare(name.clone(), &sql, TableKind::Ordinary) }
        }
    }
}

/// Where SQLite's own reading of the table differs from ours. A type that it keeps in another spelling is taken over:
/// even a comment inside it counts for the affinity (<https://www.sqlite.org/datatype3.html#determination_of_column_affinity>).
fn disagreement(table: &mut Table, connection: &Connection) -> Result<Option<String>> {
    // The table-valued function would compile the same, and copy what comes of it.
    let list = format!("PRAGMA main.table_xinfo({})", quote(table.name.as_str()));
    let mut columns = connection.prepare(&list)?;
    let mut rows = columns.query([])?;
    let key: Vec<Ident> =
        table.primary_key.iter().flat_map(|key| &key.columns).map(|column| column.name.clone()).collect();
    let key_is_not_null = table.key_is_not_null();
    let alias = table.rowid_alias().map(|column| column.name.clone());
    let strict = table.strict;
    let mut ours = table.columns.iter_mut();
    while let Some(row) = rows.next()? {
        // cid, name, type, notnull, dflt_value, pk, hidden.
        let name = Ident::from(decoded(row.get_ref(1)?.as_bytes()?));
        let Some(column) = ours.next() else { return Ok(Some(format!("SQLite has a column {name} more"))) };
        let position = key.iter().position(|name| *name == column.name);
        let implied = key_is_not_null && position.is_some() && alias.as_ref() != Some(&column.name);
        let not_null = column.not_null.is_some() || implied;
        let hidden = match &column.generated {
            Some(generated) if generated.stored => 3,
            Some(_) => 2,
            None => 0,
        };
        let agrees = (|| -> Result<bool> {
            Ok(name == column.name
                && row.get::<_, bool>(3)? == not_null
                && (row.get_ref(4)? != ValueRef::Null) == column.default.is_some()
                && row.get::<_, i64>(5)? == position.map_or(0, |p| p as i64 + 1)
                && row.get::<_, i64>(6)? == hidden)
        })()?;
        let kept = row.get_ref(2)?.as_bytes()?;
        if !kept.eq_ignore_ascii_case(column.declared_type.as_bytes()) {
            let kept = decoded(kept);
            let affinity = |declared: &str| Affinity::of(declared, strict);
            if affinity(&kept) != affinity(&column.declared_type) {
                column.declared_type = kept;
            }
        }
        if !agrees {
            return Ok(Some(format!("SQLite reads the column {name} differently")));
        }
    }
    Ok(ours.next().map(|column| format!("SQLite has no column {}", column.name)))
}

pub(super) fn read_index(name: Ident, table: Ident, sql: String) -> Index {
    match ddl::create_index(&sql) {
        Ok(index) => Index { name, table, ..index },
        Err(unread) => {
            let unread = Some(unread.reason(&sql));
            Index { name, table, unique: false, keys: Vec::new(), filter: None, sql, unread }
        }
    }
}

pub(super) fn read_view(name: &Ident, sql: String) -> View {
    match ddl::create_view(&sql) {
        Ok(view) => View { name: name.clone(), ..view },
        Err(unread) => {
            let unread = Some(unread.reason(&sql));
            let select = Expr { text: String::new(), start: 0 };
            View { name: name.clone(), columns: None, select, sql, unread }
        }
    }
}

pub(super) fn read_trigger(name: &Ident, table: Ident, sql: String) -> Trigger {
    match ddl::create_trigger(&sql) {
        Ok(trigger) => Trigger { name: name.clone(), table, ..trigger },
        Err(unread) => Trigger {
            name: name.clone(),
            table,
            timing: Timing::Before,
            event: TriggerEvent::Insert,
            when: None,
            body: Expr { text: String::new(), start: 0 },
            unread: Some(unread.reason(&sql)),
            sql,
        },
    }
}

/// Adds an object that is not there, and of which SQLite would not say more than its statement: one that was read of the same
/// tokens. The table of an index is there.
pub(crate) fn add(schema: &mut Schema, kind: ddl::Kind, name: Ident, table: &str, sql: String) {
    match kind {
        ddl::Kind::Table | ddl::Kind::VirtualTable => {
            let read = |name: &Ident| read_statement(name, sql, kind == ddl::Kind::VirtualTable);
            schema.tables.entry(name).or_insert_with_key(read);
        }
        ddl::Kind::Index => {
            let index = read_index(name.clone(), table.into(), sql);
            let table = schema.tables.get_mut(&index.table);
            table.map(|table| table.indexes.insert(name, index));
        }
        ddl::Kind::View => drop(schema.views.insert(name.clone(), read_view(&name, sql))),
        ddl::Kind::Trigger => {
            let trigger = read_trigger(&name, table.into(), sql);
            schema.triggers.insert(name, trigger);
        }
    }
}

/// Adds an object that is not there, as another schema has it.
pub(crate) fn add_again(schema: &mut Schema, there: ddl::There<'_>, name: &Ident, table: &str) {
    let name = name.clone();
    match there {
        ddl::There::Table(there) => {
            let again = |name: &Ident| Table { name: name.clone(), ..without_indexes(there) };
            schema.tables.entry(name).or_insert_with_key(again);
        }
        ddl::There::Index(there) => {
            let index = Index { name: name.clone(), table: table.into(), ..there.clone() };
            let table = schema.tables.get_mut(&index.table);
            table.map(|table| table.indexes.insert(name, index));
        }
        ddl::There::View(there) => {
            schema.views.insert(name.clone(), View { name, ..there.clone() });
        }
        ddl::There::Trigger(there) => {
            let trigger = Trigger { name: name.clone(), table: table.into(), ..there.clone() };
            schema.triggers.insert(name, trigger);
        }
    }
}

/// The statement that makes a virtual table known to a schema without running its module.
pub(crate) const INSERT_STORED: &str =
    "INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES ('table', ?1, ?1, 0, ?2)";

/// `name` for use inside a statement on the main schema.
pub(crate) fn main_name(name: &Ident) -> String {
    format!("main.{}", quote(name.as_str()))
}

/// What a row of the table is known by: its rowid, or its primary key.
pub(crate) fn known_by(table: &Table) -> Vec<String> {
    match table.rowid_name() {
        Some(rowid) => vec![rowid.to_owned()],
        None if table.without_rowid => {
            let key = table.primary_key.iter().flat_map(|key| &key.columns);
            key.map(|column| quote(column.name.as_str())).collect()
        }
        // Columns have taken all names of the rowid.
        None => table.columns.iter().map(|column| quote(column.name.as_str())).collect(),
    }
}

/// Whether the database has a table of that name.
pub(crate) fn has_table(conn: &Connection, table: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE";
    Ok(conn.prepare_cached(sql)?.query_row([table], |_| Ok(())).optional()?.is_some())
}

/// Whether there is anything of that name.
pub(crate) fn has_object(conn: &Connection, name: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM main.sqlite_schema WHERE name = ?1 COLLATE NOCASE";
    Ok(conn.prepare_cached(sql)?.query_row([name], |_| Ok(())).optional()?.is_some())
}

/// The indexes and triggers on a table or a view that statements have made: `index` or `trigger`, and the name.
pub(crate) fn made_on(conn: &Connection, table: &str) -> Result<Vec<(String, Ident)>> {
    let sql = "SELECT type, name FROM main.sqlite_schema
        WHERE tbl_name = ?1 COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL";
    let mut on_it = conn.prepare_cached(sql)?;
    let found = on_it.query_map([table], |row| Ok((row.get(0)?, row.get::<_, String>(1)?.into())))?;
    found.collect()
}

/// A number that SQLite changes with the schema (<https://www.sqlite.org/pragma.html#pragma_schema_version>).
pub(crate) fn schema_version(conn: &Connection) -> Result<i64> {
    conn.prepare_cached("PRAGMA main.schema_version")?.query_row([], |row| row.get(0))
}

/// The counters of AUTOINCREMENT tables that have one.
pub(crate) fn counters(conn: &Connection) -> Result<BTreeMap<Ident, i64>> {
    if !has_table(conn, "sqlite_sequence")? {
        return Ok(BTreeMap::new());
    }
    let counters = "SELECT lower(name), max(seq) FROM main.sqlite_sequence \
                    WHERE typeof(name) = 'text' AND typeof(seq) = 'integer' GROUP BY 1";
    rows(conn, counters, [], |row| Ok((row.get(0)?, row.get(1)?)))
}
