//! What keeps a script from destroying what nobody allowed it to destroy: rows and values on the way back, and what no
//! migration made on the way up.

use std::collections::BTreeSet;

use rusqlite::{Connection, Result};

use super::text::Script;
use crate::engine::catalog::columns::columns;
use crate::engine::catalog::inspect::{has_table, made_on};
use crate::engine::catalog::rows::firsts;
use crate::engine::{Loss, LossKind};
use crate::migrations::lint::{DroppedTable, dropped};
use crate::migrations::{Migration, Version};
use crate::schema::Ident;
use crate::sql::{quote, quote_string};

/// Ends the script where the way back of `version` destroys something: before it, where rows and values can be counted, else
/// in the middle of it. Gives what takes these watches away again. Nothing can watch the rows of `virtual_tables`: whatever
/// they hold is taken for what goes.
pub(crate) fn refuse(
    sql: &mut impl Script,
    (version, label): (Version, &str),
    losses: &[Loss],
    virtual_tables: &BTreeSet<Ident>,
) -> Vec<String> {
    let reason = |what: &str| {
        format!("{label}, down: {what}; with --allow-destructive, planctl writes a script that does so")
    };
    sql.check(
        &reason("it was recorded as applied and never ran here"),
        &format!(
            "SELECT NOT EXISTS (SELECT 1 FROM main.planctl_migrations WHERE version = {version} \
             AND schema_before = '')"
        ),
    );
    let goes = |table, column| {
        let whole = |loss: &Loss| loss.kind == LossKind::Rows && loss.table == table;
        let values =
            |loss: &Loss| loss.kind == LossKind::Values && loss.table == table && loss.column == column;
        losses.iter().any(|loss| whole(loss) || values(loss))
    };
    let mut undo = Vec::new();
    // What was added by hand, only the database can tell.
    for loss in losses.iter().filter(|loss| loss.object.is_none()) {
        let table = format!("main.{}", quote(loss.table.as_str()));
        let column = loss.column.as_ref().map(|column| quote(column.as_str()));
        let as_a_whole =
            matches!(loss.kind, LossKind::Rows | LossKind::Values) || virtual_tables.contains(&loss.table);
        let (event, when) = match column {
            column if as_a_whole => {
                let lost = column.map_or(String::new(), |column| format!(" WHERE {column} IS NOT NULL"));
                sql.check(
                    &reason(&loss.sentence()),
                    &format!("SELECT NOT EXISTS (SELECT 1 FROM {table}{lost})"),
                );
                continue;
            }
            // What goes is counted as a whole.
            _ if goes(loss.table.clone(), loss.column.clone()) => continue,
            Some(column) => (
                format!("UPDATE OF {column}"),
                format!("WHEN old.{column} IS NOT NULL AND old.{column} IS NOT new.{column} COLLATE BINARY "),
            ),
            None => ("DELETE".to_owned(), String::new()),
        };
        let name = format!("planctl_keep_{}", undo.len());
        let message = quote_string(&reason(&loss.sentence()));
        sql.statement(&format!(
            "CREATE TEMP TRIGGER {name} AFTER {event} ON {table} {when}BEGIN SELECT RAISE(ABORT, {message}); END"
        ));
        undo.push(format!("DROP TRIGGER IF EXISTS temp.{name}"));
    }
    undo
}

/// The virtual tables of a database.
pub(crate) fn virtual_tables(conn: &Connection) -> Result<BTreeSet<Ident>> {
    let list = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'virtual'";
    firsts(conn, list, [])
}

/// The tables that a migration drops, as the migrations before it made them.
pub(super) struct Known(Vec<Table>);

struct Table {
    name: Ident,
    /// Whether its rows are in another one then, whatever that is called.
    moved: bool,
    columns: BTreeSet<Ident>,
    /// Indexes and triggers, and those that the migration drops by their names.
    objects: BTreeSet<Ident>,
}

impl Known {
    /// On the database `before` the migration; nothing where nobody `asks`.
    pub(super) fn read(asks: bool, before: &Connection, file: &Migration) -> Result<Known> {
        if !asks {
            return Ok(Known(Vec::new()));
        }
        let dropped = dropped(&file.up);
        let mut tables = Vec::new();
        for DroppedTable { name, moved, .. } in dropped.tables {
            if !has_table(before, name.as_str())? {
                continue;
            }
            let columns = columns(before, "main", name.as_str())?;
            let mut objects = objects_on(before, &name)?;
            objects.extend(dropped.others.iter().cloned());
            tables.push(Table {
                moved,
                columns: columns.into_iter().map(|column| column.name.into()).collect(),
                objects,
                name,
            });
        }
        Ok(Known(tables))
    }

    /// Ends the script where such a table has more than that. What is there again `after` the migration is not gone, and a
    /// table that goes for good goes with all that is on it.
    pub(super) fn refuse(self, sql: &mut impl Script, after: &Connection, file: &Migration) -> Result<()> {
        for Table { name, moved, columns, mut objects } in self.0 {
            if !moved && !has_table(after, name.as_str())? {
                continue;
            }
            objects.extend(objects_on(after, &name)?);
            let reason = |what: &str| {
                let (label, table) = (file.label(), name.shown());
                format!(
                    "{label} drops {what} of {table} that no migration made; with --allow-destructive, planctl writes a \
                     script that does so"
                )
            };
            let table = quote_string(name.as_str());
            let list = |names: &BTreeSet<Ident>| {
                names.iter().map(|name| quote_string(&name.folded())).collect::<Vec<_>>().join(", ")
            };
            sql.check(
                &reason("a column"),
                &format!(
                    "SELECT NOT EXISTS (SELECT 1 FROM pragma_table_info({table}) WHERE lower(name) NOT IN ({}))",
                    list(&columns)
                ),
            );
            sql.check(
                &reason("an index or a trigger"),
                &format!(
                    "SELECT NOT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE tbl_name = {table} COLLATE NOCASE \
                     AND type IN ('index', 'trigger') AND sql IS NOT NULL AND lower(name) NOT IN ({}))",
                    list(&objects)
                ),
            );
        }
        Ok(())
    }
}

fn objects_on(conn: &Connection, table: &Ident) -> Result<BTreeSet<Ident>> {
    Ok(made_on(conn, table.as_str())?.into_iter().map(|(_, name)| name).collect())
}
