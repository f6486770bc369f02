//! What a rename does not concern, out of SQLite's sight while names change: each ALTER TABLE … RENAME has SQLite read the whole
//! schema and compile every statement in it several times over.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Result, params};

use crate::ddl::NewName;
use crate::engine::Renaming;
use crate::engine::catalog::rows::rows;
use crate::schema::{Ident, names_in};
use crate::sql::{Kind, Token, is_internal, is_rowid_name, tokens};

/// What stepped back from a shadow database.
pub(crate) struct Bystanders(Vec<Entry>);

/// A row of `sqlite_schema`.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) rowid: i64,
    pub(super) kind: String,
    pub(super) name: Ident,
    /// What an index or a trigger is on; else its own name.
    pub(super) table: Ident,
    /// Its tree stays where it is. That of a virtual table is 0.
    pub(super) page: i64,
    /// Indexes of constraints have none.
    pub(super) sql: Option<String>,
}

impl Entry {
    /// Whether it stays and goes with its table.
    fn is_index(&self) -> bool {
        self.kind == "index"
    }

    /// Gives new names to what it names; `None` where only SQLite can.
    fn rename(&mut self, renamings: &[&Renaming]) -> Option<()> {
        for Renaming { table, column, to } in renamings {
            let name = NewName { table, column: column.as_ref(), to: to.as_str() };
            if let Some(sql) = &mut self.sql {
                *sql = name.in_statement(sql)?;
            }
            if column.is_some() || self.table != *table {
                continue;
            }
            if !self.is_index() {
                self.name = to.clone();
            } else if self.sql.is_none() {
                let number = self.name.as_str().rsplit_once('_')?.1;
                self.name = Ident::from(format!("sqlite_autoindex_{to}_{number}"));
            }
            self.table = to.clone();
        }
        Some(())
    }

    /// Whether it can only be compiled beside what it names.
    fn is_compiled(&self) -> bool {
        matches!(self.kind.as_str(), "view" | "trigger")
    }
}

impl Bystanders {
    /// Takes what none of the renames concerns out of the schema.
    pub(crate) fn step_back(conn: &Connection, renamings: &[&Renaming]) -> Result<Bystanders> {
        let mut all = if renamings.is_empty() { Vec::new() } else { entries(conn)? };
        // What a virtual table reads is its module's affair.
        if all.iter().any(|entry| entry.kind == "table" && entry.page == 0) {
            all.clear();
        }
        let staying = staying(&all, renamings);
        all.retain(|entry| !staying.contains(&entry.rowid));
        edit(conn, &all, "DELETE FROM main.sqlite_schema WHERE rowid = ?1", |delete, entry| {
            delete.execute([entry.rowid])
        })?;
        Ok(Bystanders(all))
    }

    /// Puts everything back in its place.
    pub(crate) fn come_back(self, conn: &Connection) -> Result<()> {
        let insert = "INSERT INTO main.sqlite_schema(rowid, type, name, tbl_name, rootpage, sql) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        edit(conn, &self.0, insert, |insert, entry| {
            let Entry { rowid, kind, name, table, page, sql } = entry;
            insert.execute(params![rowid, kind, name.as_str(), table.as_str(), page, sql])
        })
    }
}

/// Gives the new names to columns, or to tables, in the statements themselves, where nothing is concerned but tables and their
/// indexes; `false` where SQLite has to do it.
pub(crate) fn rename_in_statements(conn: &Connection, renamings: &[&Renaming]) -> Result<bool> {
    if renamings.is_empty() {
        return Ok(true);
    }
    let Some(renamed) = renamed(entries(conn)?, renamings) else { return Ok(false) };
    let update = "UPDATE main.sqlite_schema SET name = ?2, tbl_name = ?3, sql = ?4 WHERE rowid = ?1";
    edit(conn, &renamed, update, |update, Entry { rowid, name, table, sql, .. }| {
        update.execute(params![rowid, name.as_str(), table.as_str(), sql])
    })?;
    Ok(true)
}

/// Those of `all` that new names of columns, or of tables, concern, with the new names; `None` where SQLite has to do it.
pub(super) fn renamed(mut all: Vec<Entry>, renamings: &[&Renaming]) -> Option<Vec<Entry>> {
    if all.iter().any(|entry| entry.kind == "table" && entry.page == 0) {
        return None;
    }
    let staying = staying(&all, renamings);
    all.retain(|entry| staying.contains(&entry.rowid));
    if all.iter().any(Entry::is_compiled) || !renamings.iter().all(|renaming| is_plain(renaming, &all)) {
        return None;
    }
    all.iter_mut().try_for_each(|entry| entry.rename(renamings))?;
    Some(all)
}

/// Whether a rename is nothing that SQLite refuses, and changes nothing but statements.
fn is_plain(renaming: &Renaming, all: &[Entry]) -> bool {
    let table = all.iter().find(|entry| entry.kind == "table" && entry.name == renaming.table);
    let counts = |sql: &String| tokens(sql).any(|token| token.is_word("AUTOINCREMENT"));
    table.is_some_and(|table| renaming.column.is_some() || !table.sql.as_ref().is_some_and(counts))
        && !is_internal(renaming.to.as_str())
}

/// All of a schema but SQLite's own tables.
fn entries(conn: &Connection) -> Result<Vec<Entry>> {
    let list = "SELECT rowid, type, name, tbl_name, rootpage, sql FROM main.sqlite_schema";
    let mut all: Vec<Entry> = rows(conn, list, [], |row| {
        let (rowid, kind, name) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Entry { rowid, kind, name, table: row.get(3)?, page: row.get(4)?, sql: row.get(5)? })
    })?;
    all.retain(|entry| !is_internal(entry.table.as_str()));
    Ok(all)
}

/// Edits the rows of `sqlite_schema`, and has SQLite read it anew.
fn edit(
    conn: &Connection,
    entries: &[Entry],
    sql: &str,
    mut row: impl FnMut(&mut rusqlite::Statement<'_>, &Entry) -> Result<usize>,
) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    conn.execute_batch("BEGIN; PRAGMA main.writable_schema = ON")?;
    let mut statement = conn.prepare(sql)?;
    entries.iter().try_for_each(|entry| row(&mut statement, entry).map(drop))?;
    conn.execute_batch("COMMIT; PRAGMA main.writable_schema = RESET")
}

/// The rows of what SQLite has to see: what names something that gets a new name; what views and triggers among this name in
/// turn, with the triggers on such views, which go where they go; and the indexes of the tables.
fn staying(all: &[Entry], renamings: &[&Renaming]) -> HashSet<i64> {
    let mut named_by: HashMap<&Ident, Vec<&Entry>> = HashMap::new();
    let mut views = HashSet::new();
    for entry in all.iter().filter(|entry| matches!(entry.kind.as_str(), "table" | "view")) {
        named_by.entry(&entry.name).or_default().push(entry);
        if entry.kind == "view" {
            views.insert(&entry.name);
        }
    }
    for trigger in all.iter().filter(|entry| entry.kind == "trigger" && views.contains(&entry.table)) {
        named_by.entry(&trigger.table).or_default().push(trigger);
    }
    let concerned = Concerned::by(renamings);
    let mut todo: Vec<&Entry> =
        all.iter().filter(|entry| !entry.is_index() && concerned.has(entry)).collect();
    // An index may have the name already that a table is to get.
    let in_the_way = all.iter().filter(|entry| entry.is_index() && concerned.is_wanted(&entry.name));
    todo.extend(in_the_way.filter_map(|index| named_by.get(&index.table)).flatten());
    let mut staying = HashSet::new();
    let mut tables = HashSet::new();
    while let Some(entry) = todo.pop() {
        if !staying.insert(entry.rowid) {
            continue;
        }
        if entry.is_compiled() {
            let names = names_in(entry.sql.as_deref().unwrap_or_default());
            todo.extend(names.filter_map(|name| named_by.get(&name)).flatten());
        } else {
            tables.insert(&entry.name);
        }
    }
    let indexes = all.iter().filter(|entry| entry.is_index() && tables.contains(&entry.table));
    staying.extend(indexes.map(|index| index.rowid));
    staying
}

/// What some renames concern.
struct Concerned<'a> {
    renamings: &'a [&'a Renaming],
    known: HashSet<&'a Ident>,
    /// What can be seen of these at once: most names are none of them.
    shapes: HashSet<(usize, u8)>,
}

/// The length of a name, and its first letter.
fn shape(name: &str) -> (usize, u8) {
    (name.len(), name.bytes().next().unwrap_or_default().to_ascii_lowercase())
}

impl<'a> Concerned<'a> {
    fn by(renamings: &'a [&'a Renaming]) -> Concerned<'a> {
        let known = renamings.iter().flat_map(|renaming| [Some(&renaming.table), renaming.column.as_ref()]);
        let known: HashSet<&Ident> = known.flatten().collect();
        let shapes = known.iter().map(|name| shape(name.as_str())).collect();
        Concerned { renamings, known, shapes }
    }

    /// Whether something names a table that gets another name, or that and a column of it that does; or has such a name
    /// itself, and is in the way of the rename.
    fn has(&self, entry: &Entry) -> bool {
        // An INTEGER PRIMARY KEY goes by the names of the rowid as well, and SQLite gives those the new name, too.
        let (mut named, mut rowid) = (HashSet::new(), false);
        for token in tokens(entry.sql.as_deref().unwrap_or_default()).filter(Token::can_be_name) {
            let name = match token.kind {
                Kind::Word => Cow::Borrowed(token.text),
                _ => Cow::Owned(token.unquoted()),
            };
            rowid |= is_rowid_name(&name);
            if self.shapes.contains(&shape(&name)) {
                named.extend(self.known.get(&Ident::new(&*name)).copied());
            }
        }
        let names = |column: &Ident| rowid || named.contains(column);
        self.renamings.iter().any(|Renaming { table, column, to }| {
            named.contains(table) && column.as_ref().is_none_or(names)
                || entry.kind != "trigger" && [table, to].contains(&&entry.name)
        })
    }

    /// Whether something is to have this name.
    fn is_wanted(&self, name: &Ident) -> bool {
        self.renamings.iter().any(|renaming| renaming.to == *name)
    }
}
