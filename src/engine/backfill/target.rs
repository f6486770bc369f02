//! The table and its three columns, as the database has them.

use rusqlite::{Connection, OptionalExtension};

use super::trouble::{sql_error, trouble};
use super::value::{Collation, Rule};
use crate::backfill::BackfillSpec;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::nearest::did_you_mean;
use crate::engine::catalog::columns::{Column, columns, free_rowid_name, named};
use crate::engine::catalog::registered::has_collation;
use crate::engine::catalog::rows::firsts;
use crate::sql::{Affinity, is_bookkeeping, quote};

/// What is to be filled, with names that the database knows, quoted.
pub(crate) struct Target {
    /// The table's name, for messages.
    pub(crate) name: String,
    /// `main."plans"`
    pub(crate) table: String,
    pub(crate) id: String,
    pub(crate) parent: String,
    pub(crate) root: String,
    /// A name under which the rowid can be reached; none in a table WITHOUT ROWID, or when columns have all its names.
    pub(crate) rowid: Option<&'static str>,
    /// How a parent is compared with an id.
    pub(crate) parent_rule: Rule,
    /// How a root is compared with an id.
    pub(crate) root_rule: Rule,
    /// Whether the ids have a collation that is registered on the connection, of which only SQLite can say what it takes for
    /// equal. The rules then compare byte by byte.
    pub(crate) of_application: bool,
    /// Whether the id is one of several columns of the primary key.
    pub(crate) composite: bool,
    /// The id column's name, for messages.
    pub(crate) id_name: String,
    /// Whether SQLite has to watch the foreign keys of what is written. It need not for a root that refers to the id
    /// of its own table, and must not: it would take the broken reference of an orphan for one that the backfill
    /// breaks, since updating a row of a table that refers to itself checks all its references again.
    pub(crate) watch_foreign_keys: bool,
    /// Whether a trigger of the table can change rows while the backfill writes.
    pub(crate) has_triggers: bool,
    /// Whether a root that is written can move its row, or take another row's place.
    pub(crate) root_is_unique: bool,
}

impl Target {
    /// Looks the names up, and refuses what cannot be filled.
    pub(crate) fn examine(conn: &Connection, spec: &BackfillSpec) -> Result<Target> {
        let (name, strict, without_rowid) = find_table(conn, &spec.table)?;
        let columns = columns(conn, "main", &name)
            .map_err(|e| sql_error(e, &format!("the columns of {name} cannot be read")))?;
        let id = find_column(&columns, &name, &spec.id)?;
        let parent = find_column(&columns, &name, &spec.parent)?;
        let root = find_column(&columns, &name, &spec.root)?;
        for (a, b, what) in
            [(id, parent, "id and parent"), (id, root, "id and root"), (parent, root, "parent and root")]
        {
            if a.name == b.name {
                return Err(Error::new(
                    ErrorKind::Usage,
                    format!("{what} are the same column, {}.{}", name, a.name),
                )
                .help("name three different columns"));
            }
        }
        if root.is_generated() {
            let message = format!("{name}.{} is a generated column and cannot be filled", root.name);
            return Err(trouble(message).help("name an ordinary column as root"));
        }
        let (collation, of_application) = id_collation(conn, &name, &id.name)?;
        let numeric = |column: &Column| Affinity::of(&column.declared, strict).is_numeric();
        let rule = |other: &Column| Rule { collation, numeric: numeric(id) || numeric(other) };
        let rowid = free_rowid_name(&columns).filter(|_| !without_rowid);
        let around = Around::read(conn, &name)?;
        Ok(Target {
            table: format!("main.{}", quote(&name)),
            id: quote(&id.name),
            parent: quote(&parent.name),
            root: quote(&root.name),
            rowid,
            parent_rule: rule(parent),
            root_rule: rule(root),
            of_application,
            id_name: id.name.clone(),
            watch_foreign_keys: around.may_refer && has_foreign_keys(conn, &name, &columns, id, root)?,
            composite: id.key > 0 && !is_key(id, &columns),
            has_triggers: around.has_triggers,
            root_is_unique: root.key > 0 || around.may_be_unique && is_unique(conn, &name, root)?,
            name,
        })
    }
}

/// Whether `column` alone is the primary key.
fn is_key(column: &Column, columns: &[Column]) -> bool {
    column.key > 0 && columns.iter().filter(|c| c.key > 0).count() == 1
}

/// The table's own spelling of its name, whether it is STRICT, whether it is WITHOUT ROWID.
fn find_table(conn: &Connection, wanted: &str) -> Result<(String, bool, bool)> {
    let unread = |e| sql_error(e, "the list of tables cannot be read");
    let list = "SELECT name, type, strict, wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE";
    let found: Option<(String, String, bool, bool)> =
        conn.query_row(list, [wanted], |row| row.try_into()).optional().map_err(unread)?;
    let Some((name, kind, strict, without_rowid)) = found else {
        let all = "SELECT name FROM main.sqlite_schema WHERE type = 'table'";
        let mut names: Vec<String> = firsts(conn, all, []).map_err(unread)?;
        // Nobody means the bookkeeping of SQLite or of the migrations.
        names.retain(|name| !is_bookkeeping(name));
        return Err(missing(format!("there is no table {wanted}"), wanted, &names));
    };
    match kind.as_str() {
        "table" => Ok((name, strict, without_rowid)),
        _ => {
            let kind =
                if kind == "shadow" { "part of a virtual table".to_owned() } else { format!("a {kind}") };
            let kind = if kind == "a virtual" { "a virtual table".to_owned() } else { kind };
            Err(trouble(format!("{name} is {kind}, and only ordinary tables can be filled"))
                .help("name the table that holds the rows"))
        }
    }
}

fn find_column<'a>(columns: &'a [Column], table: &str, wanted: &str) -> Result<&'a Column> {
    if let Some(column) = named(columns, wanted) {
        return Ok(column);
    }
    if wanted.contains(',') && wanted.split(',').all(|part| named(columns, part.trim()).is_some()) {
        return Err(composite(table));
    }
    let names: Vec<String> = columns.iter().map(|c| c.name.clone()).collect();
    Err(missing(format!("table {table} has no column {wanted}"), wanted, &names))
}

/// The refusal of keys of more than one column.
pub(crate) fn composite(table: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("{table}: keys of more than one column cannot be backfilled"))
        .help("name one column that is unique by itself")
}

/// What is missing, and the name that was perhaps meant.
fn missing(message: String, wanted: &str, names: &[String]) -> Error {
    let error = Error::new(ErrorKind::Usage, message);
    if names.is_empty() {
        return error.help("the database has no tables");
    }
    // A help may have several lines; a name is always on one.
    let names: Vec<String> =
        names.iter().map(|name| name.replace('\r', "\\r").replace('\n', "\\n")).collect();
    error.help(did_you_mean(wanted, names.iter().map(String::as_str)))
}

/// Whether the root takes part in a foreign key, other than one to the id of the same table and of the same type:
/// a root that is written is the id of a row.
fn has_foreign_keys(
    conn: &Connection,
    table: &str,
    columns: &[Column],
    id: &Column,
    root: &Column,
) -> Result<bool> {
    let message = format!("the foreign keys of {table} cannot be read");
    let key_is_id = is_key(id, columns);
    let key_has_root = root.key > 0;
    let same_type = id.declared.eq_ignore_ascii_case(&root.declared);
    let as_child = "SELECT EXISTS(SELECT 1 FROM pragma_foreign_key_list(?1, 'main') f WHERE f.\"from\" = ?2 COLLATE NOCASE
         AND NOT (?5 AND f.\"table\" = ?1 COLLATE NOCASE AND coalesce(f.\"to\" = ?3 COLLATE NOCASE, ?4)
             AND (SELECT count(*) FROM pragma_foreign_key_list(?1, 'main') g WHERE g.id = f.id) = 1))";
    let as_parent = "SELECT EXISTS(SELECT 1 FROM main.sqlite_schema l, pragma_foreign_key_list(l.name, 'main') f
         WHERE l.type = 'table' AND f.\"table\" = ?1 COLLATE NOCASE AND coalesce(f.\"to\" = ?2 COLLATE NOCASE, ?3))";
    let child: bool = conn
        .query_row(as_child, (table, &root.name, &id.name, key_is_id, same_type), |row| row.get(0))
        .map_err(|e| sql_error(e, &message))?;
    let parent: bool = conn
        .query_row(as_parent, (table, &root.name, key_has_root), |row| row.get(0))
        .map_err(|e| sql_error(e, &message))?;
    Ok(child || parent)
}

/// What the schema's statements say of a table at first sight. SQLite's own lists take far longer to ask than most tables
/// have reason for.
#[derive(Default)]
struct Around {
    /// Whether a table may have a foreign key.
    may_refer: bool,
    /// Whether this table may have a unique index beside that of its primary key.
    may_be_unique: bool,
    /// Whether it has triggers, those of the connection among them.
    has_triggers: bool,
}

impl Around {
    fn read(conn: &Connection, table: &str) -> Result<Around> {
        let unread = |e| sql_error(e, "the schema cannot be read");
        let all = "SELECT type, tbl_name, coalesce(sql, '') FROM main.sqlite_schema
             UNION ALL SELECT type, tbl_name, '' FROM temp.sqlite_schema";
        let mut statement = conn.prepare(all).map_err(unread)?;
        let mut rows = statement.query([]).map_err(unread)?;
        let mut around = Around::default();
        while let Some(row) = rows.next().map_err(unread)? {
            let bytes =
                |column| row.get_ref(column).map_err(unread).map(|value| value.as_bytes().unwrap_or(b""));
            let (kind, of, sql) = (bytes(0)?, bytes(1)?, bytes(2)?);
            let is_its = of.eq_ignore_ascii_case(table.as_bytes());
            around.has_triggers |= is_its && kind == b"trigger";
            around.may_be_unique |= is_its && says(sql, b"UNIQUE");
            around.may_refer |= kind == b"table" && says(sql, b"REFERENCES");
        }
        Ok(around)
    }
}

/// Whether a word stands in a statement, be it in a comment.
fn says(sql: &[u8], word: &[u8]) -> bool {
    sql.windows(word.len()).any(|bytes| bytes.eq_ignore_ascii_case(word))
}

/// Whether the column is part of a unique index, or may be: an expression can be about it.
fn is_unique(conn: &Connection, table: &str, column: &Column) -> Result<bool> {
    let sql =
        "SELECT EXISTS(SELECT 1 FROM pragma_index_list(?1, 'main') l, pragma_index_info(l.name, 'main') i
         WHERE l.\"unique\" AND (i.cid < 0 OR i.name = ?2 COLLATE NOCASE))";
    conn.query_row(sql, [table, &column.name], |row| row.get(0))
        .map_err(|e| sql_error(e, &format!("the indexes of {table} cannot be read")))
}

fn id_collation(conn: &Connection, table: &str, column: &str) -> Result<(Collation, bool)> {
    let failed = |e| sql_error(e, &format!("the collation of {table}.{column} cannot be read"));
    let (_, collation, ..) = conn.column_metadata(Some("main"), table, column).map_err(failed)?;
    let name = collation.map_or("BINARY".into(), |name| name.to_string_lossy());
    if let Some(own) = Collation::from_name(&name) {
        return Ok((own, false));
    }
    if has_collation(conn, &name) {
        return Ok((Collation::Binary, true));
    }
    Err(trouble(format!("{table}.{column} has the collation {name}, which only the application knows")).help(
        "run the backfill where that collation is defined, or name a column with a collation of SQLite's own",
    ))
}
