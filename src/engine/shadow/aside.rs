//! Views and triggers that do not compile, out of the way of a rename: SQLite looks at all of them, and renames nothing where
//! it fails at one, whether or not it names what is renamed.

use rusqlite::{Connection, Result};

use crate::ddl;
use crate::diff::ObjectKind;
use crate::engine::Fault;
use crate::engine::catalog::inspect::main_name;
use crate::engine::catalog::rows::rows;
use crate::schema::Ident;

/// What stepped aside on a shadow database, in the order in which it was made.
#[derive(Default)]
pub(crate) struct Aside(Vec<Stored>);

/// A view or a trigger, as `sqlite_schema` has it.
struct Stored {
    /// The order in which things were made.
    rowid: i64,
    kind: ObjectKind,
    name: Ident,
    /// Of a trigger, what it is on; of a view, its own name.
    table: Ident,
    sql: String,
}

/// All views and triggers.
fn stored(conn: &Connection) -> Result<Vec<Stored>> {
    let list = "SELECT rowid, type = 'view', name, tbl_name, sql FROM main.sqlite_schema WHERE type IN ('view', 'trigger')";
    rows(conn, list, [], |row| {
        let kind = if row.get(1)? { ObjectKind::View } else { ObjectKind::Trigger };
        Ok(Stored { rowid: row.get(0)?, kind, name: row.get(2)?, table: row.get(3)?, sql: row.get(4)? })
    })
}

impl Aside {
    /// Takes what a refused ALTER TABLE blames out of the database; `false` when it blames nothing that is there.
    pub(crate) fn take(&mut self, conn: &Connection, fault: &Fault) -> Result<bool> {
        let stored = stored(conn)?;
        let known = stored.iter().map(|object| (object.kind, &object.name));
        let Some((kind, name)) = fault.blamed(known).map(|(kind, name)| (kind, name.clone())) else {
            return Ok(false);
        };
        let is_view = kind == ObjectKind::View;
        conn.execute_batch(&format!(
            "DROP {} {}",
            if is_view { "VIEW" } else { "TRIGGER" },
            main_name(&name)
        ))?;
        // A view takes the triggers on it along.
        let goes = |object: &Stored| {
            (object.kind == kind && object.name == name)
                || (is_view && object.kind == ObjectKind::Trigger && object.table == name)
        };
        self.0.extend(stored.into_iter().filter(goes));
        Ok(true)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Heeds that a table, or one of its columns, has another name now. What names mean in a text that does not compile, only
    /// the text can say.
    pub(crate) fn renamed(&mut self, table: &Ident, column: Option<&Ident>, to: &str) {
        for object in &mut self.0 {
            object.sql = ddl::renamed_in(&object.sql, table, column, to);
            if column.is_none() && object.kind == ObjectKind::Trigger && object.table == *table {
                object.table = Ident::from(to);
                let moved = ddl::trigger_on(&object.sql, &object.table);
                object.sql = moved.unwrap_or_else(|| std::mem::take(&mut object.sql));
            }
        }
    }

    /// Puts everything back.
    pub(crate) fn put_back(mut self, conn: &Connection) -> Result<()> {
        // What triggers are on comes first.
        self.0.sort_by_key(|object| (object.kind != ObjectKind::View, object.rowid));
        for object in self.0 {
            conn.execute_batch(&object.sql)?;
        }
        Ok(())
    }
}
