//! Makes the schema that a script states without running the script.
//!
//! Running a CREATE statement costs a pass over all that is in `sqlite_schema` already, so that a script costs the
//! square of its length. Here SQLite compiles each statement, which is how it refuses what is wrong; what running it
//! would store is entered into `sqlite_schema` for all of them at once; and SQLite then reads the whole schema, as it
//! does when it opens a file. What this way cannot say with certainty is left to running the script.
//!
//! Who does not need the database at once has it made by [`super::stated`].

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::{Range, RangeInclusive};

use rusqlite::{Connection, Result};

use super::spec::{SqliteSpec, finish, pragma_set, run, scratch};
use super::stored_rows::{INSERT, ROOM, SchemaRows, make_room, reread};
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::ddl;
use crate::ddl::Stored;
use crate::engine::catalog::inspect;
use crate::engine::catalog::inspect::main_name;
use crate::engine::connection::connect;
use crate::engine::connection::stubs;
use crate::schema::{Ident, Schema, Table};
use crate::sql;
use crate::sql::{Kind, Pragma, Statement, is_internal};

/// A database with the schema that `source` states. A statement whose tokens are those of an object of `accepted` has been
/// accepted by SQLite before, and is not compiled again. `None` when the script has to be run: to see what it does, or to
/// say what is wrong with it.
pub(crate) fn load(source: &SourceFile, accepted: &Schema, job: Job<'_>) -> Option<SqliteSpec> {
    SpecScript::of(source, accepted)?.make_all(source, Object::is_new, job)
}

/// The pragmas that make no difference to what a CREATE statement does, wherever they stand.
const INDEPENDENT_PRAGMAS: [&str; 4] = ["application_id", "foreign_keys", "journal_mode", "user_version"];

/// A script of CREATE statements whose outcome is known, each of a new object.
pub(super) struct SpecScript {
    /// In the order of the script.
    pub(super) objects: Vec<Object>,
    /// Where virtual tables and pragmas are made and set.
    others: Vec<Range<usize>>,
    has_virtual: bool,
}

/// What a statement creates.
pub(super) struct Object {
    pub(super) kind: ddl::Kind,
    pub(super) name: Ident,
    /// Where the statement is in the script.
    statement: Range<usize>,
    /// The text for `sqlite_schema`.
    pub(super) sql: String,
    /// The table of an index or trigger in the spelling that SQLite keeps; else the object's own name.
    pub(super) table: String,
    words: TableWords,
    is_accepted: bool,
    /// Whether what the database has under this name is the same, down to the affinity of each column.
    is_twin: bool,
}

impl Object {
    /// Whether SQLite has not accepted it before, on a table that it has accepted before.
    pub(super) fn is_new(&self) -> bool {
        !self.is_accepted
    }

    /// Adds it to a schema that does not have it, unless SQLite has to be asked about it: what `accepted` has in its place, or
    /// what our reader says.
    pub(super) fn add_to(&self, schema: &mut Schema, accepted: &Schema) {
        let Object { kind, name, table, sql, .. } = self;
        let twin = || ddl::There::find(accepted, *kind, name, Some(&Ident::new(table.as_str())));
        match if self.is_twin { twin() } else { None } {
            Some(there) => inspect::add_again(schema, there, name, table),
            None => inspect::add(schema, *kind, name.clone(), table, sql.clone()),
        }
    }

    /// How `sqlite_schema` calls its kind.
    pub(super) fn kind_in_schema(&self) -> &'static str {
        match self.kind {
            ddl::Kind::Table | ddl::Kind::VirtualTable => "table",
            ddl::Kind::Index => "index",
            ddl::Kind::View => "view",
            ddl::Kind::Trigger => "trigger",
        }
    }

    fn statement<'s>(&self, source: &'s SourceFile) -> &'s str {
        source.text().get(self.statement.clone()).unwrap_or_default()
    }
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

impl SpecScript {
    /// `None` when the script holds anything else.
    pub(super) fn of(source: &SourceFile, accepted: &Schema) -> Option<SpecScript> {
        let mut script = SpecScript { objects: Vec::new(), others: Vec::new(), has_virtual: false };
        let mut relations: HashSet<Ident> = HashSet::from([Ident::from(ROOM.to_owned())]);
        let mut triggers: HashSet<Ident> = HashSet::new();
        // What can have indexes and triggers, in the spelling of its own statement.
        let mut owners: HashMap<Ident, Owner> = HashMap::new();
        for statement in source.statements() {
            let place = statement.start..statement.end();
            let Some(stored) = Stored::of(statement.text) else {
                script.others.push(is_independent_pragma(statement.text).then_some(place)?);
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
            let there = stored.there(accepted).filter(|there| is_same(&stored, *there));
            let mut is_accepted = there.is_some();
            let table = match (&stored.table, stored.kind) {
                (Some(table), kind) => {
                    let owner = owners.get(table)?;
                    let object = script.objects.get(owner.at)?;
                    is_accepted &= owner.takes(kind, object, accepted);
                    // SQLite keeps a trigger's table as the trigger has it.
                    if kind == ddl::Kind::Trigger { table } else { &object.name }
                }
                (None, ddl::Kind::VirtualTable) => {
                    script.others.push(place);
                    script.has_virtual = true;
                    continue;
                }
                (None, _) => {
                    let owner = Owner { at: script.objects.len(), takes_indexes: OnceCell::new() };
                    owners.insert(stored.name.clone(), owner);
                    &stored.name
                }
            };
            let (table, sql) = (table.as_str().to_owned(), stored.sql());
            let is_twin = is_accepted
                && there.is_some_and(|there| !stored.may_have_comment_in_type(statement.text, there.sql()));
            let words = TableWords::of(stored.kind, &stored.tokens);
            let (kind, name) = (stored.kind, stored.name);
            script.objects.push(Object {
                kind,
                name,
                statement: place,
                sql,
                table,
                words,
                is_accepted,
                is_twin,
            });
        }
        Some(script)
    }

    /// The pragmas of the script `text`, as they stand; `None` where there are virtual tables as well.
    pub(super) fn others<'s>(&'s self, text: &'s str) -> Option<impl Iterator<Item = &'s str>> {
        (!self.has_virtual).then(|| self.others.iter().filter_map(|place| text.get(place.clone())))
    }

    /// Whether a part of it can be made without the rest, and is not most of it, which would soon be made twice: a module may
    /// look at whatever there is.
    pub(super) fn has_parts(&self) -> bool {
        let new = self.objects.iter().filter(|object| object.is_new()).count();
        !self.has_virtual && 2 * new < self.objects.len()
    }

    /// Whether a database has anything to say that is not known without it.
    pub(super) fn has_news(&self) -> bool {
        !self.others.is_empty() || self.objects.iter().any(Object::is_new)
    }

    /// Whether [`make_news`](Self::make_news) has it: it is new, or something new is on it.
    pub(super) fn is_among_news(&self, relation: &Ident) -> bool {
        self.objects.iter().any(|object| object.is_new() && *relation == *object.table)
    }

    /// A database with what SQLite has not accepted before, and what that is on. `None` when SQLite refuses something.
    pub(super) fn make_news(&self, source: &SourceFile, job: Job<'_>) -> Option<SqliteSpec> {
        let new = self.objects.iter().filter(|object| object.is_new());
        let owners: HashSet<Ident> = new.map(|object| Ident::new(object.table.as_str())).collect();
        let is_owner = |object: &Object| object.kind.is_relation() && owners.contains(&object.name);
        let news: Vec<&Object> =
            self.objects.iter().filter(|object| object.is_new() || is_owner(object)).collect();
        if news.len() > FEW {
            return self.make(source, &news, Object::is_new, job);
        }
        self.made_by(source, job, |connection| {
            news.iter().try_for_each(|object| {
                connect::check(job)?;
                stubs::execute(connection, object.statement(source))
            })
        })
    }

    /// A database with everything. Those objects are compiled that are `new`. `None` when SQLite refuses something.
    pub(super) fn make_all(
        &self,
        source: &SourceFile,
        new: fn(&Object) -> bool,
        job: Job<'_>,
    ) -> Option<SqliteSpec> {
        self.make(source, &self.objects.iter().collect::<Vec<_>>(), new, job)
    }

    fn make(
        &self,
        source: &SourceFile,
        objects: &[&Object],
        new: fn(&Object) -> bool,
        job: Job<'_>,
    ) -> Option<SqliteSpec> {
        self.made_by(source, job, |connection| Part { source, objects, new, job }.enter(connection))
    }

    /// A database that has its objects by `enter`, and whatever else the script says.
    fn made_by(
        &self,
        source: &SourceFile,
        job: Job<'_>,
        enter: impl FnOnce(&Connection) -> Result<()>,
    ) -> Option<SqliteSpec> {
        let connection = scratch(job).ok()?;
        enter(&connection).ok()?;
        let mut pragmas = BTreeMap::new();
        for place in &self.others {
            let statement = Statement { text: source.text().get(place.clone())?, start: place.start };
            run(&connection, source, &statement, job).ok()?;
            pragmas.extend(pragma_set(statement.text));
        }
        finish(connection, pragmas, job).ok()
    }
}

/// So many statements cost less to run than to enter.
const FEW: usize = 8;

/// Objects to enter into a database.
struct Part<'a> {
    source: &'a SourceFile,
    objects: &'a [&'a Object],
    new: fn(&Object) -> bool,
    job: Job<'a>,
}

impl Part<'_> {
    /// # Errors
    /// When SQLite refuses a statement, or the schema that comes of all of them.
    fn enter(&self, connection: &Connection) -> Result<()> {
        if self.objects.is_empty() {
            return Ok(());
        }
        for object in self.news().filter(|object| object.kind.is_relation()) {
            self.compile(connection, object)?;
        }
        // First what the statements to be compiled refer to, and tables, whose implied indexes only SQLite knows.
        let views_too = self.news().any(|object| object.kind == ddl::Kind::Trigger);
        let comes_first = |object: &Object| match object.kind {
            ddl::Kind::Table => true,
            ddl::Kind::View => views_too,
            _ => false,
        };
        let pages = self.make_room(connection)?;
        connection.execute_batch("BEGIN; PRAGMA writable_schema = ON")?;
        connection.execute("DELETE FROM main.sqlite_schema WHERE name = ?1", [ROOM])?;
        let mut rows = SchemaRows { insert: connection.prepare(INSERT)?, pages };
        for object in self.objects.iter().filter(|object| comes_first(object)) {
            enter(&mut rows, object)?;
        }
        reread(connection)?;
        for object in self.news().filter(|object| !object.kind.is_relation()) {
            self.compile(connection, object)?;
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
        for object in self.news().filter(|object| object.words.generates) {
            compile(connection, &format!("SELECT * FROM {}", main_name(&object.name)), self.job)?;
        }
        Ok(())
    }

    /// What SQLite has to accept yet.
    fn news(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter().copied().filter(|object| (self.new)(object))
    }

    fn compile(&self, connection: &Connection, object: &Object) -> Result<()> {
        compile(connection, object.statement(self.source), self.job)
    }

    fn make_room(&self, connection: &Connection) -> Result<RangeInclusive<i64>> {
        let has_page = |object: &&&Object| matches!(object.kind, ddl::Kind::Table | ddl::Kind::Index);
        let needed = self.objects.iter().filter(has_page).map(|object| 1 + object.words.keys).sum();
        make_room(connection, needed, self.objects.iter().any(|object| object.words.autoincrement))
    }
}

/// Writes the row of an object.
fn enter(rows: &mut SchemaRows<'_>, object: &Object) -> Result<()> {
    rows.row(object.kind_in_schema(), object.name.as_str(), &object.table, Some(&object.sql))
}

/// Whether SQLite has accepted the same statement before: then what it has made of it has the same tokens.
fn is_same(stored: &Stored<'_>, there: ddl::There<'_>) -> bool {
    // Of what SQLite reads otherwise than we do it has to be asked again.
    let is_read = !matches!(there, ddl::There::Table(table) if table.unread.is_some());
    is_read && stored.has_tokens_of(there.sql())
}

/// What can have indexes and triggers.
struct Owner {
    /// Its place among the objects.
    at: usize,
    takes_indexes: OnceCell<bool>,
}

impl Owner {
    /// Whether SQLite accepts an index or trigger on it that it has accepted on what has its name in `accepted`.
    fn takes(&self, kind: ddl::Kind, object: &Object, accepted: &Schema) -> bool {
        let there = || {
            let table = accepted.tables.get(&object.name).filter(|table| !table.is_virtual());
            table.filter(|table| object.kind == ddl::Kind::Table && table.unread.is_none())
        };
        // A trigger is compiled when it fires, and an index names columns of its table.
        let takes_index = |there: &Table| {
            let table = ddl::create_table(&object.sql);
            table.is_ok_and(|table| {
                let mut columns = there.columns.iter();
                there.without_rowid == table.without_rowid
                    && columns.all(|column| table.column(&column.name).is_some())
            })
        };
        object.is_accepted
            || match kind {
                ddl::Kind::Trigger => there().is_some(),
                _ => *self.takes_indexes.get_or_init(|| there().is_some_and(takes_index)),
            }
    }
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
