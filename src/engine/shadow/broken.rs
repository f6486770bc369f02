//! Views and triggers that do not compile: SQLite stores them as text, and looks at them when they are used.
//!
//! What [`ddl::plainly_compiles`] is sure of is not asked again: most views and triggers are plain, and compiling each would
//! cost an audit more than all else. The others are compiled on a shadow database that holds what they name.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Error, Result, ffi};

use super::equivalence::SqliteEquivalence;
use super::fast_load;
use super::spec::spec_database;
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::ddl;
use crate::diff::{Broken, ObjectKind};
use crate::engine::catalog::inspect::main_name;
use crate::engine::connection::stubs;
use crate::engine::diagnosis::{errors, fault};
use crate::engine::{Fault, Thing};
use crate::plan;
use crate::schema::{Ident, Schema, TableKind, Timing, Trigger, TriggerEvent, View};
use crate::sql::{is_bookkeeping, quote, tokens};

/// All of `schema`, in the order of their names, views first.
///
/// # Errors
/// `Interrupted`.
pub(crate) fn of(schema: &Schema, job: Job<'_>) -> crate::base::error::Result<Vec<Broken>> {
    let doubtful = Doubtful::of(schema);
    if doubtful.is_empty() {
        return Ok(Vec::new());
    }
    let named = doubtful.with_what_they_name();
    let source = SourceFile::new("(what views and triggers name)", plan::script(&named));
    match fast_load::load(&source, &named, job).map_or_else(|| spec_database(&source, job), Ok) {
        Ok(scratch) => doubtful.compile(scratch.connection(), job).map_err(errors::scratch),
        Err(error) if error.kind() == crate::base::error::ErrorKind::Interrupted => Err(error),
        // A schema that SQLite cannot make again (one that was written by hand, say) says nothing of its views.
        Err(_) => Ok(Vec::new()),
    }
}

/// All of a shadow database, whose schema is `schema`.
pub(crate) fn objects(conn: &Connection, schema: &Schema, job: Job<'_>) -> Result<Vec<Broken>> {
    Doubtful::of(schema).compile(conn, job)
}

/// The views and triggers of a schema that have to be compiled to know.
struct Doubtful<'a> {
    schema: &'a Schema,
    views: Vec<&'a View>,
    triggers: Vec<&'a Trigger>,
}

impl<'a> Doubtful<'a> {
    fn of(schema: &'a Schema) -> Doubtful<'a> {
        let views = schema.views.values().filter(|view| !ddl::plainly_compiles(schema, view));
        // Of a trigger that could not be read nothing is known.
        let triggers = schema.triggers.values().filter(|trigger| trigger.unread.is_none());
        let triggers = triggers.filter(|trigger| !ddl::plainly_fires(schema, trigger));
        Doubtful { schema, views: views.collect(), triggers: triggers.collect() }
    }

    fn is_empty(&self) -> bool {
        self.views.is_empty() && self.triggers.is_empty()
    }

    /// The part of the schema that they name, directly or through other views.
    fn with_what_they_name(&self) -> Schema {
        let mut named = Schema::default();
        let mut texts: Vec<&str> = self.triggers.iter().map(|trigger| trigger.sql.as_str()).collect();
        for view in &self.views {
            named.views.insert(view.name.clone(), (*view).clone());
            texts.push(&view.sql);
        }
        while let Some(text) = texts.pop() {
            for token in tokens(text).filter(|token| token.can_be_name()) {
                let name = token.unquoted();
                // A table in which a virtual table keeps its content is called after it.
                let owners = name.match_indices('_').map(|(at, _)| Ident::from(&name[..at]));
                for name in owners.chain([Ident::from(name.as_str())]) {
                    if let Some(table) = self.schema.tables.get(&name) {
                        if named.tables.insert(name, table.clone()).is_none() && table.is_virtual() {
                            texts.push(&table.sql);
                        }
                    } else if let Some(view) = self.schema.views.get(&name)
                        && named.views.insert(name, view.clone()).is_none()
                    {
                        texts.push(&view.sql);
                    }
                }
            }
        }
        named
    }

    /// # Errors
    /// When the work is stopped.
    fn compile(&self, conn: &Connection, job: Job<'_>) -> Result<Vec<Broken>> {
        let equivalence = SqliteEquivalence::new(conn, job);
        let compiler = Compiler { schema: self.schema, conn, equivalence, writable: RefCell::default() };
        let mut broken = Vec::new();
        let weights = Weights::of(self.schema);
        for view in self.views.iter().filter(|view| weights.of_view(view) <= HEAVY) {
            if let Err(error) = compiler.equivalence.compile_view(view)
                && let Some((message, about)) = compiler.reason(&view.sql, &error)?
            {
                broken.push(Broken { kind: ObjectKind::View, name: view.name.clone(), message, about });
            }
        }
        for trigger in &self.triggers {
            // A view that does not compile is told, and not the triggers on it.
            if broken.iter().any(|view| view.name == trigger.table) || weights.of_text(&trigger.sql) > HEAVY {
                continue;
            }
            if let Some((message, about)) = compiler.trigger(trigger)? {
                broken.push(Broken { kind: ObjectKind::Trigger, name: trigger.name.clone(), message, about });
            }
        }
        compiler.tidy()?;
        Ok(broken)
    }
}

/// What SQLite says, and the names of what it may be about.
type Reason = (String, Vec<Ident>);

struct Compiler<'a> {
    schema: &'a Schema,
    conn: &'a Connection,
    equivalence: SqliteEquivalence<'a>,
    /// Views that a stand-in lets triggers write to.
    writable: RefCell<BTreeSet<Ident>>,
}

impl Compiler<'_> {
    /// Why a trigger does not compile, if it does not.
    fn trigger(&self, trigger: &Trigger) -> Result<Option<Reason>> {
        if let Some(column) = self.unknown_column(trigger)? {
            let message = format!("{} (behind UPDATE OF)", fault::no_such_column(column));
            return Ok(Some((message, vec![column.clone()])));
        }
        loop {
            let Err(error) = self.equivalence.compile_trigger(trigger) else { return Ok(None) };
            // Only the trigger itself is compiled. Where it writes to a view, the view's own triggers make that possible.
            match self.unwritable_view(&fault::of(&error)) {
                Some(view) if self.writable.borrow_mut().insert(view.clone()) => self.let_write(view)?,
                _ => return self.reason(&trigger.sql, &error),
            }
        }
    }

    /// A column behind UPDATE OF that the table or view does not have. SQLite never looks whether it is there.
    fn unknown_column<'t>(&self, trigger: &'t Trigger) -> Result<Option<&'t Ident>> {
        let TriggerEvent::Update(columns) = &trigger.event else { return Ok(None) };
        if columns.is_empty() {
            return Ok(None);
        }
        let mut known = self.conn.prepare_cached("SELECT name FROM pragma_table_xinfo(?1, 'main')")?;
        let known = known.query_map([trigger.table.as_str()], |row| row.get(0))?;
        let known: Vec<Ident> = known.collect::<Result<_>>()?;
        Ok(columns.iter().find(|column| !known.is_empty() && !known.contains(column)))
    }

    /// The view that a trigger cannot write to because the triggers that let it are off.
    fn unwritable_view(&self, fault: &Fault) -> Option<&Ident> {
        let Fault::View(name) = fault else { return None };
        let instead = |trigger: &&Trigger| trigger.timing == Timing::InsteadOf && trigger.table == **name;
        self.schema.triggers.values().find(instead).map(|trigger| &trigger.table)
    }

    /// Stands in for the triggers that fire INSTEAD OF a write to `view`.
    fn let_write(&self, view: &Ident) -> Result<()> {
        let of_view = self.schema.triggers.values().filter(|trigger| trigger.table == *view);
        for trigger in of_view.filter(|trigger| trigger.timing == Timing::InsteadOf) {
            let event = match trigger.event {
                TriggerEvent::Insert => "INSERT",
                TriggerEvent::Delete => "DELETE",
                TriggerEvent::Update(_) => "UPDATE",
            };
            let (name, view) = (stand_in(view, event), main_name(view));
            self.conn.execute_batch(&format!(
                "CREATE TEMP TRIGGER IF NOT EXISTS {name} INSTEAD OF {event} ON {view} BEGIN SELECT 1; END"
            ))?;
        }
        Ok(())
    }

    /// Leaves the database as it was.
    fn tidy(self) -> Result<()> {
        for view in self.writable.take() {
            for event in ["INSERT", "DELETE", "UPDATE"] {
                let name = stand_in(&view, event);
                self.conn.execute_batch(&format!("DROP TRIGGER IF EXISTS temp.{name}"))?;
            }
        }
        Ok(())
    }

    /// What SQLite says, unless only the application can know whether it is right.
    fn reason(&self, text: &str, error: &Error) -> Result<Option<Reason>> {
        if errors::is_interrupt(error) {
            return Err(errors::interrupt());
        }
        let (message, fault) = (errors::message(error), fault::of(error));
        // Anything but SQLITE_ERROR is trouble of another kind.
        let is_refusal = error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_ERROR);
        let needs_application = match &fault {
            Fault::NoSuch(Thing::Module, _) | Fault::Constructor => true,
            Fault::NoSuch(Thing::Table, table) => {
                self.may_exist(table.strip_prefix("main.").unwrap_or(table), text)?
            }
            _ => stubs::is_about_stand_in(self.conn, &fault, text)?,
        };
        Ok((is_refusal && !needs_application).then(|| (message, fault.about())))
    }

    /// Whether a table that is not in the schema may be there all the same: SQLite's own, one of those that planctl leaves
    /// out, one in which a virtual table keeps its content, or a table that a module of the application answers for.
    fn may_exist(&self, table: &str, text: &str) -> Result<bool> {
        // `INSERT INTO t (…)` calls nothing.
        let is_called = || {
            let mut into = false;
            let mut all = tokens(text).zip(tokens(text).skip(1));
            all.any(|(name, next)| {
                let is_call = !into && next.is_punct("(") && name.unquoted().eq_ignore_ascii_case(table);
                into = name.is_word("INTO");
                is_call
            })
        };
        Ok(is_bookkeeping(table)
            || EPONYMOUS.iter().any(|known| known.eq_ignore_ascii_case(table))
            || is_called()
            || self.is_shadow_of_unknown_module(table)?)
    }

    /// What is kept where is known to the module alone.
    fn is_shadow_of_unknown_module(&self, table: &str) -> Result<bool> {
        let owners = table.match_indices('_').filter_map(|(at, _)| table.get(..at));
        for table in owners.filter_map(|owner| self.schema.tables.get(&Ident::from(owner))) {
            let TableKind::Virtual { module, .. } = &table.kind else { continue };
            let known = "SELECT count(*) FROM pragma_module_list WHERE name = ?1 COLLATE NOCASE";
            if self.conn.query_row(known, [module], |row| row.get::<_, i64>(0))? == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Tables without a CREATE statement, of modules that come with SQLite and are not part of every build.
const EPONYMOUS: [&str; 6] =
    ["bytecode", "completion", "dbstat", "generate_series", "tables_used", "wholenumber"];

fn stand_in(view: &Ident, event: &str) -> String {
    quote(&format!("planctl {event} {view}"))
}

/// How many SELECTs each view comes to once the views that it reads are put in place. SQLite needs more than twice the time
/// for twice as many, and views that read two others each can make it endless.
struct Weights(BTreeMap<Ident, u64>);

/// More than any schema is known to have.
const HEAVY: u64 = 250;

impl Weights {
    fn of(schema: &Schema) -> Weights {
        let mut weights = Weights(BTreeMap::new());
        for name in schema.views.keys() {
            weights.weigh(schema, name);
        }
        weights
    }

    /// Without recursion: views may be nested as deep as somebody likes.
    fn weigh(&mut self, schema: &Schema, name: &Ident) {
        let mut open: Vec<(&Ident, Vec<Ident>, u64)> = Vec::new();
        let begin = |weights: &mut Weights, name: &Ident| {
            let (name, view) = schema.views.get_key_value(name)?;
            // Of views that read each other in a circle SQLite says so at once.
            weights.0.insert(name.clone(), 1);
            let named = tokens(&view.select.text).filter(|token| token.can_be_name());
            let read = named.map(|token| Ident::from(token.unquoted()));
            Some((name, read.filter(|name| schema.views.contains_key(name)).collect(), 1))
        };
        if !self.0.contains_key(name) {
            open.extend(begin(self, name));
        }
        while let Some((view, read, weight)) = open.last_mut() {
            match read.pop() {
                Some(next) => match self.0.get(&next) {
                    Some(known) => *weight = weight.saturating_add(*known),
                    None => {
                        read.push(next.clone());
                        open.extend(begin(self, &next));
                    }
                },
                None => {
                    self.0.insert(view.clone(), *weight);
                    open.pop();
                }
            }
        }
    }

    fn of_view(&self, view: &View) -> u64 {
        self.0.get(&view.name).copied().unwrap_or(1)
    }

    fn of_text(&self, text: &str) -> u64 {
        let named = tokens(text).filter(|token| token.can_be_name());
        named.filter_map(|token| self.0.get(&Ident::from(token.unquoted()))).sum()
    }
}
