//! Views and triggers that a rename does not concern, out of SQLite's sight while names change: each ALTER TABLE … RENAME has
//! SQLite compile every one of them several times over.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Result, params};

use super::aside::{Stored, stored};
use crate::diff::ObjectKind;
use crate::engine::Renaming;
use crate::schema::Ident;
use crate::sql::{Token, is_rowid_name, tokens};

/// What stepped back from a shadow database.
pub(crate) struct Bystanders(Vec<Stored>);

impl Bystanders {
    /// Takes what none of the renames concerns out of the schema.
    pub(crate) fn step_back(conn: &Connection, renamings: &[&Renaming]) -> Result<Bystanders> {
        let mut all = if renamings.is_empty() { Vec::new() } else { stored(conn)? };
        // What a virtual table reads is its module's affair.
        let has_virtual = "SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' AND rootpage = 0";
        if all.is_empty() || conn.query_row(has_virtual, [], |row| row.get(0))? {
            return Ok(Bystanders(Vec::new()));
        }
        let staying = staying(&all, renamings);
        all.retain(|object| !staying.contains(&object.rowid));
        edit(conn, &all, "DELETE FROM main.sqlite_schema WHERE rowid = ?1", |delete, object| {
            delete.execute([object.rowid])
        })?;
        Ok(Bystanders(all))
    }

    /// Puts everything back in its place.
    pub(crate) fn come_back(self, conn: &Connection) -> Result<()> {
        let insert = "INSERT INTO main.sqlite_schema(rowid, type, name, tbl_name, rootpage, sql) VALUES (?1, ?2, ?3, ?4, 0, ?5)";
        edit(conn, &self.0, insert, |insert, object| {
            let Stored { rowid, kind, name, table, sql } = object;
            let kind = if *kind == ObjectKind::View { "view" } else { "trigger" };
            insert.execute(params![rowid, kind, name.as_str(), table.as_str(), sql])
        })
    }
}

/// Edits the rows of `sqlite_schema`, and has SQLite read it anew.
fn edit(
    conn: &Connection,
    objects: &[Stored],
    sql: &str,
    mut row: impl FnMut(&mut rusqlite::Statement<'_>, &Stored) -> Result<usize>,
) -> Result<()> {
    if objects.is_empty() {
        return Ok(());
    }
    conn.execute_batch("BEGIN; PRAGMA main.writable_schema = ON")?;
    let mut statement = conn.prepare(sql)?;
    objects.iter().try_for_each(|object| row(&mut statement, object).map(drop))?;
    conn.execute_batch("COMMIT; PRAGMA main.writable_schema = RESET")
}

/// The rows of what SQLite has to see: what names something that gets a new name, the views that this names in turn, and the
/// triggers on those, which go where they go.
fn staying(all: &[Stored], renamings: &[&Renaming]) -> HashSet<i64> {
    let mut of_views: HashMap<&Ident, Vec<&Stored>> = all
        .iter()
        .filter(|object| object.kind == ObjectKind::View)
        .map(|view| (&view.name, vec![view]))
        .collect();
    for trigger in all.iter().filter(|object| object.kind == ObjectKind::Trigger) {
        if let Some(of_view) = of_views.get_mut(&trigger.table) {
            of_view.push(trigger);
        }
    }
    let concerned = Concerned::by(renamings);
    let mut todo: Vec<&Stored> = all.iter().filter(|object| concerned.has(object)).collect();
    let mut staying = HashSet::new();
    while let Some(object) = todo.pop() {
        if !staying.insert(object.rowid) {
            continue;
        }
        for name in names_in(&object.sql) {
            todo.extend(of_views.get(&name).into_iter().flatten());
        }
    }
    staying
}

/// What some renames concern.
struct Concerned<'a> {
    renamings: &'a [&'a Renaming],
    known: HashSet<&'a Ident>,
}

impl<'a> Concerned<'a> {
    fn by(renamings: &'a [&'a Renaming]) -> Concerned<'a> {
        let known = renamings.iter().flat_map(|renaming| [Some(&renaming.table), renaming.column.as_ref()]);
        Concerned { renamings, known: known.flatten().collect() }
    }

    /// Whether something names a table that gets another name, or that and a column of it that does; or has such a name
    /// itself, and is in the way of the rename.
    fn has(&self, object: &Stored) -> bool {
        // An INTEGER PRIMARY KEY goes by the names of the rowid as well, and SQLite gives those the new name, too.
        let (mut named, mut rowid) = (HashSet::new(), false);
        for name in names_in(&object.sql) {
            rowid |= is_rowid_name(name.as_str());
            if self.known.contains(&name) {
                named.insert(name);
            }
        }
        let names = |column: &Ident| rowid || named.contains(column);
        self.renamings.iter().any(|Renaming { table, column, to }| {
            named.contains(table) && column.as_ref().is_none_or(names)
                || object.kind == ObjectKind::View && [table, to].contains(&&object.name)
        })
    }
}

fn names_in(sql: &str) -> impl Iterator<Item = Ident> {
    tokens(sql).filter(Token::can_be_name).map(|token| Ident::from(token.unquoted()))
}
