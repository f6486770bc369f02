//! Indexes that a data step would keep up to date for nothing: the table goes a few statements later, and they with it,
//! before anything has read them. They are dropped before the step.
//!
//! A run with them and a run without end in the same schema and the same rows, and whatever fails between, fails in both.
//! Only what is known to be so counts: the statements up to `DROP TABLE` make new tables and fill them, and SQLite compiles
//! each query among them into the same program with the indexes and without. Where anything else stands there, they stay.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Result};

use crate::backfill::BackfillSpec;
use crate::ddl;
use crate::ddl::{Cursor, Kind};
use crate::engine::catalog::columns::{columns, named};
use crate::engine::catalog::rows::firsts;
use crate::engine::catalog::temporary;
use crate::engine::diagnosis::errors;
use crate::migrations::Step;
use crate::schema::Ident;
use crate::sql::quote;

/// Drops the indexes that the step, behind which `behind` runs, would keep up to date for nothing.
///
/// # Errors
/// An interrupt, and what SQLite cannot undo: the transaction has to be rolled back.
pub(crate) fn drop_unread(conn: &Connection, spec: &BackfillSpec, behind: &[Step<'_>]) -> Result<()> {
    let table = Ident::new(spec.table.as_str());
    let Some(copies) = Copies::until_dropped(&table, behind) else { return Ok(()) };
    let Some(indexes) = copies.droppable(conn, &table, spec)? else { return Ok(()) };
    let Some(before) = copies.programs(conn, &table)? else { return Ok(()) };
    conn.execute_batch("SAVEPOINT planctl_indexes")?;
    let drops: String =
        indexes.iter().map(|index| format!("DROP INDEX main.{};", quote(index.as_str()))).collect();
    let same = conn.execute_batch(&drops).and_then(|()| copies.programs(conn, &table));
    match same {
        Ok(after) if after.as_ref() == Some(&before) => conn.execute_batch("RELEASE planctl_indexes"),
        Err(error) if errors::is_interrupt(&error) => Err(error),
        _ => conn.execute_batch("ROLLBACK TO planctl_indexes; RELEASE planctl_indexes"),
    }
}

/// What is made of a table before it is dropped.
#[derive(Default)]
struct Copies<'a> {
    /// New tables.
    made: Vec<Ident>,
    /// The queries that fill them.
    queries: Vec<&'a str>,
}

impl<'a> Copies<'a> {
    /// What stands between a step and the statement that drops the table. `None` where it is not dropped, or something else
    /// than new tables and the rows for them stands there.
    fn until_dropped(table: &Ident, behind: &[Step<'a>]) -> Option<Copies<'a>> {
        let mut copies = Copies::default();
        for step in behind {
            let Step::Sql { text, .. } = step else { return None };
            let mut cursor = Cursor::new(text);
            if cursor.eat(&["DROP", "TABLE"]) {
                cursor.eat(&["IF", "EXISTS"]);
                return (name_in_main(&mut cursor)? == *table && cursor.at_end()).then_some(copies);
            }
            if cursor.eat(&["INSERT"]) {
                if cursor.eat(&["OR"]) {
                    cursor.next()?;
                }
                cursor.expect(&["INTO"]).ok()?;
                let into = name_in_main(&mut cursor)?;
                if cursor.at_punct("(") {
                    cursor.skip_to(|_, token| token.can_be_name());
                }
                let query = cursor.peek().filter(|first| first.is_word("SELECT"))?;
                if !copies.made.contains(&into) {
                    return None;
                }
                copies.queries.push(text.get(query.start..)?);
                continue;
            }
            match ddl::created(text)? {
                // `… AS SELECT` has no columns of its own.
                (Kind::Table, name) if !ddl::create_table(text).ok()?.columns.is_empty() => {
                    copies.made.push(name);
                }
                _ => return None,
            }
        }
        None
    }

    /// The indexes that go with the table, that the step keeps up to date, and whose upkeep cannot fail. `None` where there
    /// are none, or where the names in the statements mean something else than they seem to.
    fn droppable(&self, conn: &Connection, table: &Ident, spec: &BackfillSpec) -> Result<Option<Vec<Ident>>> {
        let taken: Vec<Ident> = firsts(conn, "SELECT name FROM main.sqlite_schema", [])?;
        let temporary = temporary::objects(conn)?;
        let is_elsewhere = |name: &Ident| temporary.iter().any(|(_, other)| *name == *other.as_str());
        let triggers = "SELECT EXISTS(SELECT 1 FROM main.sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE)";
        let has_triggers: bool = conn.query_row(triggers, [table.as_str()], |row| row.get(0))?;
        // Of a temporary trigger nobody says here which table it is on.
        let is_watched = has_triggers || temporary.iter().any(|(kind, _)| kind == "trigger");
        if is_watched
            || is_elsewhere(table)
            || self.made.iter().any(|made| taken.contains(made) || is_elsewhere(made))
        {
            return Ok(None);
        }
        let columns = columns(conn, "main", table.as_str())?;
        let is_plain = |name: &str| {
            let other = [&spec.id, &spec.parent].iter().any(|column| column.eq_ignore_ascii_case(name));
            !other && named(&columns, name).is_some_and(|column| column.is_ordinary())
        };
        let list = "SELECT name FROM pragma_index_list(?1, 'main') WHERE origin = 'c' AND NOT \"unique\" AND NOT partial";
        let keys = "SELECT cid, name, coll FROM pragma_index_xinfo(?1, 'main') WHERE key";
        let mut droppable = Vec::new();
        for index in firsts::<Ident, Vec<_>>(conn, list, [table.as_str()])? {
            let mut statement = conn.prepare_cached(keys)?;
            let mut rows = statement.query([index.as_str()])?;
            let (mut has_root, mut is_known) = (false, true);
            while let Some(row) = rows.next()? {
                // Neither an expression nor a collation of the application's, which may fail.
                let (name, collation): (Option<String>, String) = (row.get(1)?, row.get(2)?);
                let own = ["BINARY", "NOCASE", "RTRIM"].iter().any(|own| collation.eq_ignore_ascii_case(own));
                is_known &= own && name.as_deref().is_some_and(is_plain);
                has_root |= name.is_some_and(|name| name.eq_ignore_ascii_case(&spec.root));
            }
            if has_root && is_known && !self.made.contains(&index) {
                droppable.push(index);
            }
        }
        Ok((!droppable.is_empty()).then_some(droppable))
    }

    /// The programs of the queries, if they compile, and read nothing but the table itself.
    fn programs(&self, conn: &Connection, table: &Ident) -> Result<Option<Vec<Vec<u8>>>> {
        let root =
            "SELECT rootpage FROM main.sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE";
        let Some(root) = conn.query_row(root, [table.as_str()], |row| row.get(0)).optional()? else {
            return Ok(None);
        };
        let mut programs = Vec::new();
        let own = "SELECT lower(name) FROM pragma_function_list WHERE NOT builtin";
        let of_application: BTreeSet<String> = firsts(conn, own, [])?;
        for query in &self.queries {
            match program(conn, query, root, &of_application) {
                Ok(Some(program)) => programs.push(program),
                Err(error) if errors::is_interrupt(&error) => return Err(error),
                Ok(None) | Err(_) => return Ok(None),
            }
        }
        Ok(Some(programs))
    }
}

/// A name, if it is not said to be that of another database.
fn name_in_main(cursor: &mut Cursor<'_>) -> Option<Ident> {
    let name = cursor.name().ok()?;
    if !cursor.eat_punct(".") {
        return Some(name);
    }
    cursor.name().ok().filter(|_| name == *"main")
}

/// The program of a query that reads nothing but the b-tree that begins at page `root`, and calls no function of an
/// application, which could look at anything.
fn program(
    conn: &Connection,
    query: &str,
    root: i64,
    of_application: &BTreeSet<String>,
) -> Result<Option<Vec<u8>>> {
    let mut explained = conn.prepare(&format!("EXPLAIN {query}"))?;
    let mut rows = explained.query([])?;
    let mut program = Vec::new();
    while let Some(row) = rows.next()? {
        // addr, opcode, p1, p2, p3, p4, p5, comment.
        let (opcode, p4) = (row.get::<_, String>(1)?, row.get::<_, Option<String>>(5)?);
        match opcode.as_str() {
            // What is there for this query alone.
            "OpenEphemeral" | "OpenAutoindex" | "OpenPseudo" | "SorterOpen" => {}
            "OpenRead" if (row.get::<_, i64>(3)?, row.get::<_, i64>(4)?) == (root, 0) => {}
            other if other.contains("Open") => return Ok(None),
            "Function" | "PureFunc" | "AggStep" | "AggStep1" | "AggInverse" => {
                // "name(arguments)"
                let called = p4.as_deref().and_then(|p4| p4.split('(').next()).unwrap_or_default();
                if of_application.contains(&called.to_ascii_lowercase()) {
                    return Ok(None);
                }
            }
            // This one counts changes of the schema.
            "Transaction" => continue,
            _ => {}
        }
        program.extend_from_slice(opcode.as_bytes());
        for column in [2, 3, 4, 6] {
            program.extend_from_slice(&row.get::<_, i64>(column)?.to_le_bytes());
        }
        program.extend_from_slice(p4.unwrap_or_default().as_bytes());
        program.push(0);
    }
    Ok(Some(program))
}
