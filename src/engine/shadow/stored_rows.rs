//! Rows of `sqlite_schema` entered into a database in memory, without running the statements in them.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use rusqlite::types::Value;
use rusqlite::{Connection, Result, params};

use crate::ddl;
use crate::sql::is_internal;

/// What holds the place of root pages until the schema is read anew. No script may use the name.
pub(crate) const ROOM: &str = "planctl_room";

/// A row of `sqlite_schema`.
pub(crate) struct StoredObject {
    kind: String,
    name: String,
    table: String,
    sql: Option<String>,
}

impl StoredObject {
    /// Reads `type, name, tbl_name, sql`.
    pub(crate) fn of(row: Vec<Value>) -> Option<StoredObject> {
        let [Value::Text(kind), Value::Text(name), Value::Text(table), sql] =
            <[Value; 4]>::try_from(row).ok()?
        else {
            return None;
        };
        let sql = match sql {
            Value::Null => None,
            Value::Text(sql) => Some(sql),
            _ => return None,
        };
        Some(StoredObject { kind, name, table, sql })
    }

    /// Whether it is the table of this name.
    pub(crate) fn is_table(&self, name: &str) -> bool {
        self.kind == "table" && self.name.eq_ignore_ascii_case(name)
    }
}

/// Enters a schema; the tables that `with_rows` chooses are made, so that rows can be written to them, and so are virtual
/// tables, whose modules look at what they keep there. No other table can be read.
///
/// # Errors
/// When SQLite cannot read the schema.
pub(crate) fn enter(
    conn: &Connection,
    objects: &[StoredObject],
    with_rows: impl Fn(&StoredObject) -> bool,
) -> Result<()> {
    let has_page = |object: &&StoredObject| matches!(object.kind.as_str(), "table" | "index");
    let has_sequence = objects.iter().any(|object| object.is_table("sqlite_sequence"));
    let pages = make_room(conn, objects.iter().filter(has_page).count(), has_sequence)?;
    for object in objects {
        let Some(sql) = &object.sql else { continue };
        if with_rows(object) {
            conn.execute_batch(sql)?;
        } else if object.kind == "table" && matches!(ddl::created(sql), Some((ddl::Kind::VirtualTable, _))) {
            // One whose module is not here is entered as it stands.
            drop(conn.execute_batch(sql));
        }
    }
    let mut made = conn.prepare("SELECT lower(name) FROM main.sqlite_schema")?;
    let made: HashSet<String> = made.query_map([], |row| row.get(0))?.collect::<Result<_>>()?;
    conn.execute_batch("BEGIN; PRAGMA writable_schema = ON")?;
    conn.execute("DELETE FROM main.sqlite_schema WHERE name = ?1", [ROOM])?;
    let mut rows = SchemaRows { insert: conn.prepare(INSERT)?, pages };
    for object in objects {
        let is_made = object.kind != "trigger" && made.contains(&object.name.to_ascii_lowercase());
        let comes_by_itself = object.kind == "table" && is_internal(&object.name);
        if !(is_made || comes_by_itself) {
            rows.row(&object.kind, &object.name, &object.table, object.sql.as_deref())?;
        }
    }
    reread(conn)
}

/// Pages that no other object has, `needed` of them at least: by its page a compiled program names a table. They are
/// those of one large value, and are never read; whoever did would be told that they are no tree. With `has_sequence`
/// the table of sequences is there afterwards, as every AUTOINCREMENT leaves it.
pub(crate) fn make_room(conn: &Connection, needed: usize, has_sequence: bool) -> Result<RangeInclusive<i64>> {
    let autoincrement = if has_sequence { "AUTOINCREMENT" } else { "" };
    conn.execute_batch(&format!(
        "PRAGMA page_size = 1024; CREATE TABLE {ROOM}(id INTEGER PRIMARY KEY {autoincrement}, pages)"
    ))?;
    let count = || conn.query_row("SELECT page_count FROM pragma_page_count", [], |row| row.get::<_, i64>(0));
    let before = count()?;
    let insert = format!("INSERT INTO {ROOM}(pages) VALUES (zeroblob(?1))");
    conn.execute(&insert, [(needed as i64 + 2) * 1024])?;
    if has_sequence {
        conn.execute_batch("DELETE FROM sqlite_sequence")?;
    }
    Ok(before + 1..=count()?)
}

/// What goes into `sqlite_schema`.
pub(crate) struct SchemaRows<'c> {
    /// [`INSERT`].
    pub(crate) insert: rusqlite::Statement<'c>,
    /// Pages that nothing has yet.
    pub(crate) pages: RangeInclusive<i64>,
}

/// Writes a row of `sqlite_schema`.
pub(crate) const INSERT: &str =
    "INSERT INTO main.sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES (?1, ?2, ?3, ?4, ?5)";

impl SchemaRows<'_> {
    /// Writes a row, with a page where its kind has one.
    pub(crate) fn row(&mut self, kind: &str, name: &str, table: &str, sql: Option<&str>) -> Result<()> {
        let page = match kind {
            "view" | "trigger" => 0,
            _ => self.pages.next().ok_or(rusqlite::Error::QueryReturnedNoRows)?,
        };
        self.insert.execute(params![kind, name, table, page, sql]).map(drop)
    }
}

/// Has SQLite read the schema anew, and refuse it where it is wrong.
pub(crate) fn reread(conn: &Connection) -> Result<()> {
    conn.execute_batch("COMMIT; PRAGMA writable_schema = RESET")?;
    conn.query_row("SELECT count(*) FROM main.sqlite_schema", [], |_| Ok(()))
}
