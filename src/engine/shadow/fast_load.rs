//! Makes the schema that a script states without running the script.
//!
//! Running a CREATE statement costs a pass over all that is in `sqlite_schema` already, so that a script costs the
//! square of its length. Here SQLite compiles each statement, which is how it refuses what is wrong; what running it
//! would store is entered into `sqlite_schema` for all of them at once; and SQLite then reads the whole schema, as it
//! does when it opens a file. What this way cannot say with certainty is left to running the script.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use rusqlite::{Connection, Result};

use super::spec::{SqliteSpec, finish, pragma_set, run, scratch};
use super::stored_rows::{INSERT, ROOM, SchemaRows, make_room, reread};
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::ddl;
use crate::ddl::Stored;
use crate::engine::catalog::inspect::main_name;
use crate::engine::connection::connect;
use crate::engine::connection::stubs;
use crate::schema::{Ident, Schema};
use crate::sql;
use crate::sql::{Kind, Pragma, Statement, is_internal};

/// The schema that `source` states. A statement whose tokens are those of an object of `accepted` has been accepted by
/// SQLite before, and is not compiled again. `None` when the script has to be run: to see what it does, or to say what is
/// wrong with it.
pub(crate) fn load(source: &SourceFile, accepted: &Schema, job: Job<'_>) -> Option<SqliteSpec> {
    let script = SpecScript::of(source.text(), accepted)?;
    let connection = scratch(job).ok()?;
    script.enter(&connection, job).ok()?;
    for statement in &script.others {
        run(&connection, source, statement, job).ok()?;
    }
    let pragmas = script.others.iter().filter_map(|statement| pragma_set(statement.text)).collect();
    finish(connection, pragmas, job).ok()
}

/// The pragmas that make no difference to what a CREATE statement does, wherever they stand.
const INDEPENDENT_PRAGMAS: [&str; 4] = ["application_id", "foreign_keys", "journal_mode", "user_version"];

struct SpecScript<'a> {
    /// In the order of the script.
    objects: Vec<Object<'a>>,
    /// Virtual tables and pragmas.
    others: Vec<Statement<'a>>,
}

struct Object<'a> {
    kind: ddl::Kind,
    name: Ident,
    statement: &'a str,
    /// The text for `sqlite_schema`.
    sql: String,
    /// The table of an index or trigger in the spelling that SQLite keeps; else the object's own name.
    table: String,
    words: TableWords,
    accepted: bool,
}

/// What the words of a table's statement tell; the tokens themselves would take more memory than all else.
#[derive(Default)]
struct TableWords {
    /// How many indexes its keys imply at the most.
    keys: usize,
    autoincrement: bool,
    without_rowid: bool,
    /// Whether it may have generated columns.
    generates: bool,
}

impl TableWords {
    fn of(kind: ddl::Kind, tokens: &[sql::Token<'_>]) -> TableWords {
        let mut words = TableWords::default();
        if kind != ddl::Kind::Table {
            return words;
        }
        for token in tokens.iter().filter(|token| token.kind == Kind::Word) {
            words.keys += usize::from(token.is_word("UNIQUE") || token.is_word("PRIMARY"));
            words.autoincrement |= token.is_word("AUTOINCREMENT");
            words.generates |= token.is_word("AS");
        }
        let mut options = tokens.iter().rev().take_while(|token| !token.is_punct(")"));
        words.without_rowid = options.any(|token| token.is_word("WITHOUT"));
        words
    }
}

impl<'a> SpecScript<'a> {
    /// `None` when it holds anything but CREATE statements whose outcome is known, each of a new object.
    fn of(text: &'a str, accepted: &Schema) -> Option<SpecScript<'a>> {
        let mut script = SpecScript { objects: Vec::new(), others: Vec::new() };
        let mut relations: HashSet<Ident> = HashSet::from([Ident::from(ROOM.to_owned())]);
        let mut triggers: HashSet<Ident> = HashSet::new();
        // What can have indexes and triggers, in the spelling of its own statement.
        let mut owners: HashSet<Ident> = HashSet::new();
        for statement in sql::statements_in_turn(text) {
            let Some(stored) = Stored::of(statement.text) else {
                script.others.push(is_independent_pragma(statement.text).then_some(statement)?);
                continue;
            };
            let is_odd = |token: &sql::Token<'_>| {
                // A parameter is refused in a new statement, and is NULL in a stored one.
                matches!(token.kind, Kind::Variable | Kind::Illegal) || token.is_word("load_extension")
            };
            if is_internal(&stored.name) || stored.tokens.iter().any(is_odd) {
                return None;
            }
            let names = if stored.kind == ddl::Kind::Trigger { &mut triggers } else { &mut relations };
            if !names.insert(stored.name.clone()) {
                return None;
            }
            let table = match (&stored.table, stored.kind) {
                (Some(table), ddl::Kind::Trigger) => owners.get(table).map(|_| table)?,
                (Some(table), _) => owners.get(table)?,
                (None, ddl::Kind::VirtualTable) => {
                    script.others.push(statement);
                    continue;
                }
                (None, _) => {
                    owners.insert(stored.name.clone());
                    &stored.name
                }
            };
            let (table, sql) = (table.as_str().to_owned(), stored.sql());
            let accepted = is_accepted(&stored, accepted);
            let (kind, name) = (stored.kind, stored.name);
            let words = TableWords::of(kind, &stored.tokens);
            script.objects.push(Object {
                kind,
                name,
                statement: statement.text,
                sql,
                table,
                words,
                accepted,
            });
        }
        Some(script)
    }

    /// # Errors
    /// When SQLite refuses a statement, or the schema that comes of all of them.
    fn enter(&self, connection: &Connection, job: Job<'_>) -> Result<()> {
        let is_relation = |object: &&Object<'_>| matches!(object.kind, ddl::Kind::Table | ddl::Kind::View);
        for object in self.objects.iter().filter(is_relation).filter(|object| !object.accepted) {
            compile(connection, object.statement, job)?;
        }
        // First what the statements to be compiled refer to, and tables, whose implied indexes only SQLite knows.
        let is_new_trigger = |object: &Object<'_>| object.kind == ddl::Kind::Trigger && !object.accepted;
        let views_too = self.objects.iter().any(is_new_trigger);
        let comes_first = |object: &&Object<'_>| match object.kind {
            ddl::Kind::Table => true,
            ddl::Kind::View => views_too,
            _ => false,
        };
        let pages = self.make_room(connection)?;
        connection.execute_batch("BEGIN; PRAGMA writable_schema = ON")?;
        connection.execute("DELETE FROM main.sqlite_schema WHERE name = ?1", [ROOM])?;
        let mut rows = SchemaRows { insert: connection.prepare(INSERT)?, pages };
        for object in self.objects.iter().filter(comes_first) {
            enter(&mut rows, object)?;
        }
        reread(connection)?;
        for object in self.objects.iter().filter(|object| !is_relation(object) && !object.accepted) {
            compile(connection, object.statement, job)?;
        }
        // The indexes of UNIQUE and PRIMARY KEY have rows without a statement.
        let mut implied = Vec::new();
        let mut indexes = connection.prepare("SELECT name, origin FROM pragma_index_list(?1, 'main')")?;
        for object in self.objects.iter().filter(|object| object.words.keys > 0) {
            let mut found = indexes.query([object.table.as_str()])?;
            while let Some(row) = found.next()? {
                // The primary key of a WITHOUT ROWID table is the table itself.
                if row.get_ref(1)?.as_str()? != "pk" || !object.words.without_rowid {
                    implied.push((row.get::<_, String>(0)?, object.table.as_str()));
                }
            }
        }
        connection.execute_batch("BEGIN; PRAGMA writable_schema = ON")?;
        for (index, table) in implied {
            rows.row("index", &index, table, None)?;
        }
        for object in self.objects.iter().filter(|object| !comes_first(object)) {
            enter(&mut rows, object)?;
        }
        reread(connection)?;
        // A new table is read once when it has generated columns, which finds loops among them.
        for object in self.objects.iter().filter(|object| object.words.generates && !object.accepted) {
            compile(connection, &format!("SELECT * FROM {}", main_name(&object.name)), job)?;
        }
        Ok(())
    }

    fn make_room(&self, connection: &Connection) -> Result<RangeInclusive<i64>> {
        let has_page = |object: &&Object<'_>| matches!(object.kind, ddl::Kind::Table | ddl::Kind::Index);
        let needed = self.objects.iter().filter(has_page).map(|object| 1 + object.words.keys).sum();
        make_room(connection, needed, self.objects.iter().any(|object| object.words.autoincrement))
    }
}

/// Writes the row of an object.
fn enter(rows: &mut SchemaRows<'_>, object: &Object<'_>) -> Result<()> {
    let kind = match object.kind {
        ddl::Kind::Table | ddl::Kind::VirtualTable => "table",
        ddl::Kind::Index => "index",
        ddl::Kind::View => "view",
        ddl::Kind::Trigger => "trigger",
    };
    rows.row(kind, object.name.as_str(), &object.table, Some(&object.sql))
}

/// Whether SQLite has accepted the same statement before: then it has an object of the same kind and of the same tokens.
fn is_accepted(stored: &Stored<'_>, accepted: &Schema) -> bool {
    let name = &stored.name;
    let known = match stored.kind {
        ddl::Kind::Table | ddl::Kind::VirtualTable => accepted.tables.get(name).map(|table| &table.sql),
        ddl::Kind::View => accepted.views.get(name).map(|view| &view.sql),
        ddl::Kind::Trigger => accepted.triggers.get(name).map(|trigger| &trigger.sql),
        ddl::Kind::Index => {
            let table = stored.table.as_ref().and_then(|table| accepted.tables.get(table));
            table.and_then(|table| table.indexes.get(name)).map(|index| &index.sql)
        }
    };
    known.is_some_and(|known| stored.has_tokens_of(known))
}

fn is_independent_pragma(statement: &str) -> bool {
    Pragma::read(sql::tokens(statement))
        .is_some_and(|set| set.schema.is_none() && INDEPENDENT_PRAGMAS.contains(&set.name.as_str()))
}

/// Lets SQLite compile a statement, with stand-ins for functions and collations that this build lacks.
fn compile(connection: &Connection, statement: &str, job: Job<'_>) -> Result<()> {
    connect::check(job)?;
    stubs::providing(connection, |connection| connection.prepare(statement).map(drop))
}
