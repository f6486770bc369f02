//! What a migration's own SQL may not do, and what it may not leave behind.
//!
//! SQLite's authorizer sees every statement as it is compiled, triggers and nested statements included, so that nothing
//! has to be parsed here (<https://www.sqlite.org/c3ref/set_authorizer.html>).

mod seen;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization, TransactionOperation};
use rusqlite::types::Value;
use rusqlite::{Connection, Statement};

use super::history;
use super::settings::{Fate, Settings, fate, keep_for_vacuum};
use crate::base::job::Job;
use crate::engine::catalog::fingerprint::Fingerprint;
use crate::engine::catalog::temporary;
use crate::engine::connection::{connect, stubs};
use crate::engine::diagnosis::errors;
use crate::sql::is_own_table;

pub(crate) use self::seen::{Place, Seen};

/// Stands between a migration's SQL and the connection.
pub(crate) struct Guard {
    shared: Arc<Shared>,
    /// Whether the schema table could be written before any migration ran.
    writable: bool,
}

#[derive(Default)]
struct Shared {
    /// Whether the statements that are compiled now are a migration's own.
    armed: AtomicBool,
    /// Whether a migration touched a setting.
    settings: AtomicBool,
    /// Whether a migration touched one that VACUUM acts on.
    for_vacuum: AtomicBool,
    /// Whether a migration made a temporary object.
    temporary: AtomicBool,
    /// Whether a migration did more to the schema than to create objects.
    rewritten: AtomicBool,
    /// Whether a statement was refused only because what it changes has to be remembered first.
    wants: AtomicBool,
    /// What the connection was before any migration touched it.
    before: OnceLock<Before>,
    /// What the schema table and the history said before the migration could write to the schema table.
    history: Mutex<Option<Vec<Vec<Value>>>>,
    /// What the statement that was compiled last does to rows and tables, where somebody wants to know.
    seen: Mutex<Option<Vec<Seen>>>,
    /// Why the last statement was refused.
    refusal: Mutex<Option<Refusal>>,
}

/// What a connection was before any migration touched it.
struct Before {
    settings: Settings,
    journal_mode: String,
    /// Kinds and names of the temporary objects of whoever lent the connection.
    temporary: BTreeSet<(String, String)>,
}

/// Why a statement was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refusal {
    /// "COMMIT would end the transaction that the migration runs in"
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: &'static str,
}

impl Guard {
    /// Watches over `conn` from now on. The end of the `job` stops whatever statement runs.
    pub(crate) fn install(conn: &mut Connection, job: Job<'_>) -> rusqlite::Result<Guard> {
        let writable = conn.db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA)?;
        let shared = Arc::new(Shared::default());
        let watch = Arc::clone(&shared);
        conn.authorizer(Some(move |context: AuthContext<'_>| watch.judge(&context)))?;
        connect::watch(conn, job)?;
        Ok(Guard { shared, writable })
    }

    /// Stops watching.
    pub(crate) fn remove(conn: &mut Connection) -> rusqlite::Result<()> {
        conn.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
        connect::unwatch(conn)
    }

    /// Whether what is compiled from now on is a migration's own.
    pub(crate) fn arm(&self, armed: bool) {
        self.shared.armed.store(armed, Ordering::Relaxed);
    }

    /// Compiles a statement of a migration's own.
    pub(crate) fn prepare<'c>(&self, conn: &'c Connection, text: &str) -> rusqlite::Result<Statement<'c>> {
        self.remembering(conn, || conn.prepare(text))
    }

    /// As [`Guard::prepare`], with what the statement does to rows and tables.
    ///
    /// A module that SQLite connects for a virtual table of the statement may compile statements of its own for the shadow
    /// tables, in the midst of this one. Once it is connected, the statement is seen alone.
    pub(crate) fn prepare_seeing<'c>(
        &self,
        conn: &'c Connection,
        text: &str,
    ) -> rusqlite::Result<(Statement<'c>, BTreeSet<Seen>)> {
        let (prepared, seen) = self.seeing(conn, text)?;
        if !seen::may_hold_a_shadow_table(&seen) {
            return Ok((prepared, seen));
        }
        drop(prepared);
        self.seeing(conn, text)
    }

    fn seeing<'c>(
        &self,
        conn: &'c Connection,
        text: &str,
    ) -> rusqlite::Result<(Statement<'c>, BTreeSet<Seen>)> {
        *locked(&self.shared.seen) = Some(Vec::new());
        let prepared = self.prepare(conn, text);
        let seen = locked(&self.shared.seen).take().unwrap_or_default();
        Ok((prepared?, seen.into_iter().collect()))
    }

    /// Runs a compiled statement of a migration's own to its end; rows that it gives are not looked at.
    pub(crate) fn run(&self, statement: &mut Statement<'_>) -> rusqlite::Result<()> {
        self.armed(|| stubs::to_its_end(statement))
    }

    /// Does what runs statements of a migration's own.
    pub(crate) fn armed<T>(&self, run: impl FnOnce() -> T) -> T {
        self.arm(true);
        let result = run();
        self.arm(false);
        result
    }

    /// Runs statements of a migration's own.
    pub(crate) fn run_batch(&self, conn: &Connection, text: &str) -> rusqlite::Result<()> {
        self.remember(conn)?;
        self.remembering(conn, || conn.execute_batch(text))
    }

    /// Does what compiles a statement of a migration's own. Some pragmas act while they are compiled, and what they change
    /// cannot be read in the middle of that: the statement is refused then, and compiled again.
    fn remembering<T>(
        &self,
        conn: &Connection,
        compile: impl Fn() -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let armed = || self.armed(&compile);
        let result = armed();
        if !self.shared.wants.swap(false, Ordering::Relaxed) {
            return result;
        }
        self.remember(conn)?;
        armed()
    }

    fn remember(&self, conn: &Connection) -> rusqlite::Result<()> {
        if self.shared.before.get().is_none() {
            let before = Before {
                settings: Settings::read(conn)?,
                journal_mode: conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?,
                temporary: temporary::objects(conn)?,
            };
            // Nobody else sets it.
            let _ = self.shared.before.set(before);
        }
        let mut known = locked(&self.shared.history);
        if known.is_none() {
            *known = Some(history::in_schema(conn)?);
        }
        Ok(())
    }

    /// Does work of ours in the middle of a migration's script, with the settings that were there before it.
    pub(crate) fn undisturbed<T>(&self, conn: &Connection, work: impl FnOnce() -> T) -> rusqlite::Result<T> {
        let Some(before) = self.shared.before.get().filter(|_| self.touched()) else { return Ok(work()) };
        let theirs = Settings::read(conn)?;
        before.settings.apply(conn)?;
        let done = work();
        theirs.apply(conn)?;
        Ok(done)
    }

    /// Whether a migration has touched a setting.
    pub(crate) fn touched(&self) -> bool {
        self.shared.settings.load(Ordering::Relaxed)
    }

    /// Why the last statement was refused, if it was.
    pub(crate) fn take_refusal(&self) -> Option<Refusal> {
        locked(&self.shared.refusal).take()
    }

    /// The fingerprint of the schema, when `known` was that of the schema with which the connection was last
    /// [cleaned](Self::clean). What nobody can have touched since is not read again.
    ///
    /// Objects that are created come behind all others in the schema table. What changes or removes a row of it is
    /// dropping, altering, or writing to the table itself, for which SQLite wants `writable_schema`.
    pub(crate) fn fingerprint(&self, known: Fingerprint, conn: &Connection) -> rusqlite::Result<Fingerprint> {
        if self.writable || self.shared.rewritten.load(Ordering::Relaxed) {
            return Fingerprint::read(conn);
        }
        known.extended(conn)
    }

    /// Sets back what a migration's script changed in the connection, and drops its temporary objects, inside its
    /// transaction: what we do there next is to run as ever.
    pub(crate) fn settle(&self, conn: &Connection) -> rusqlite::Result<()> {
        let Some(before) = self.shared.before.get() else { return Ok(()) };
        if self.touched() {
            before.settings.apply(conn)?;
        }
        if self.shared.temporary.load(Ordering::Relaxed) {
            temporary::drop_objects(conn, &before.temporary)?;
        }
        Ok(())
    }

    /// What is wrong with a schema that the migration may have written by itself: it has to be one that a connection can
    /// read that sees it for the first time, and the history's part of it is not the migration's. Behind
    /// [`Guard::settle`].
    pub(crate) fn verify_schema(&self, conn: &Connection) -> rusqlite::Result<Option<Refusal>> {
        let known = locked(&self.shared.history).take();
        let Some(known) = known.filter(|_| self.shared.rewritten.load(Ordering::Relaxed)) else {
            return Ok(None);
        };
        // This makes SQLite forget the schema, so that the next statement reads it as a new connection does.
        conn.execute_batch("PRAGMA writable_schema = RESET")?;
        if self.writable {
            conn.execute_batch("PRAGMA writable_schema = ON")?;
        }
        let refusal = match conn.query_row("SELECT count(*) FROM main.sqlite_schema", [], |_| Ok(())) {
            Ok(()) => None,
            Err(error) if errors::is_interrupt(&error) => return Err(error),
            Err(error) => Some(Refusal {
                message: format!(
                    "no connection could open the database after it: {}",
                    errors::message(&error)
                ),
                help: "correct what the migration writes to sqlite_schema",
            }),
        };
        if refusal.is_some() {
            return Ok(refusal);
        }
        let now = match history::in_schema(conn) {
            Ok(now) => now,
            Err(error) if errors::is_interrupt(&error) => return Err(error),
            Err(_) => Vec::new(),
        };
        Ok((now != known).then(|| Refusal {
            message: "the migration changes planctl's history tables in sqlite_schema".to_owned(),
            help: "leave these tables to planctl, and their rows in sqlite_schema",
        }))
    }

    /// Sets back what a migration changed in the connection, and drops its temporary objects. To be called outside of
    /// a transaction.
    pub(crate) fn clean(&self, conn: &Connection) -> rusqlite::Result<()> {
        self.arm(false);
        self.shared.rewritten.store(false, Ordering::Relaxed);
        *locked(&self.shared.history) = None;
        self.settle(conn)?;
        if self.shared.for_vacuum.swap(false, Ordering::Relaxed) {
            keep_for_vacuum(conn)?;
        }
        self.shared.settings.store(false, Ordering::Relaxed);
        self.shared.temporary.store(false, Ordering::Relaxed);
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn judge(&self, context: &AuthContext<'_>) -> Authorization {
        if !self.armed.load(Ordering::Relaxed) {
            return Authorization::Allow;
        }
        if let AuthAction::Pragma { pragma_name, pragma_value: Some(_) } = context.action
            && fate(pragma_name) == Fate::PassedOver
        {
            return Authorization::Ignore;
        }
        if self.must_remember(context) {
            self.wants.store(true, Ordering::Relaxed);
            return Authorization::Deny;
        }
        match self.refusal(context) {
            None => {
                self.see(context);
                Authorization::Allow
            }
            Some(refusal) => {
                *locked(&self.refusal) = Some(refusal);
                Authorization::Deny
            }
        }
    }

    /// Whether a statement changes what was not remembered yet.
    fn must_remember(&self, context: &AuthContext<'_>) -> bool {
        match context.action {
            AuthAction::Pragma { pragma_name, pragma_value: Some(_) } => {
                let writes_schema = pragma_name.eq_ignore_ascii_case("writable_schema");
                fate(pragma_name) != Fate::Harmless
                    && (self.before.get().is_none() || writes_schema && locked(&self.history).is_none())
            }
            _ if self.before.get().is_some() => false,
            _ => temporary::is_made(context) || temporary::dropped(context).is_some(),
        }
    }

    fn see(&self, context: &AuthContext<'_>) {
        if let Some(seen) = locked(&self.seen).as_mut() {
            seen.extend(Seen::of(context));
        }
    }

    fn refusal(&self, context: &AuthContext<'_>) -> Option<Refusal> {
        if rewrites_schema(&context.action) {
            self.rewritten.store(true, Ordering::Relaxed);
        }
        if temporary::is_made(context) {
            self.temporary.store(true, Ordering::Relaxed);
        }
        let refuse = |message: String, help| Some(Refusal { message, help });
        if let (Some(name), Some(before)) = (temporary::dropped(context), self.before.get())
            && before.temporary.iter().any(|(_, known)| known.eq_ignore_ascii_case(name))
        {
            return refuse(
                format!("the migration drops or alters temp.{name}, which is the application's"),
                "name the object of the database: main.…",
            );
        }
        match context.action {
            AuthAction::Transaction { operation } => refuse(
                format!("{} would end or nest the transaction that the migration runs in", verb(operation)),
                "remove it: planctl begins and commits for each migration",
            ),
            AuthAction::Savepoint { operation, .. } => {
                let verb = match operation {
                    TransactionOperation::Begin => "SAVEPOINT",
                    TransactionOperation::Release => "RELEASE",
                    _ => "ROLLBACK TO",
                };
                refuse(
                    format!("{verb} controls transactions, which a migration may not do"),
                    "remove it: planctl begins and commits for each migration",
                )
            }
            AuthAction::Attach { .. } => refuse(
                "ATTACH would bring another database into the migration, which its transaction does not protect"
                    .to_owned(),
                "remove it, and move data between databases outside of migrations",
            ),
            AuthAction::Detach { .. } => refuse(
                "DETACH has no place in a migration".to_owned(),
                "remove it: a migration works on one database",
            ),
            AuthAction::Pragma { pragma_name, pragma_value: Some(value) } => {
                self.pragma_refusal(pragma_name, value)
            }
            AuthAction::Insert { table_name }
            | AuthAction::Update { table_name, .. }
            | AuthAction::Delete { table_name }
            | AuthAction::CreateTable { table_name }
            | AuthAction::DropTable { table_name }
            | AuthAction::AlterTable { table_name, .. }
            | AuthAction::CreateIndex { table_name, .. }
            | AuthAction::DropIndex { table_name, .. }
            | AuthAction::CreateTrigger { table_name, .. }
            | AuthAction::CreateTempTrigger { table_name, .. }
                if is_own_table(table_name) =>
            {
                refuse(
                    format!("the migration writes to {table_name}, which records what was applied"),
                    "leave that table to planctl; `planctl migrate baseline --to V` records migrations as applied",
                )
            }
            AuthAction::CreateTempTable { table_name: name }
            | AuthAction::CreateVtable { table_name: name, .. }
            | AuthAction::CreateView { view_name: name }
            | AuthAction::CreateTempView { view_name: name }
                if is_own_table(name) =>
            {
                refuse(
                    format!("the migration takes the name {name}, under which planctl records what was applied"),
                    "give it another name",
                )
            }
            _ => None,
        }
    }

    /// `PRAGMA foreign_keys` is let through: inside a transaction it does nothing, and table rebuilds all over the world
    /// have it. So is what is part of the database and rolls back with it, and what can be set back.
    fn pragma_refusal(&self, name: &str, value: &str) -> Option<Refusal> {
        let before = self.before.get();
        if name.eq_ignore_ascii_case("journal_mode")
            && before.is_some_and(|before| value.eq_ignore_ascii_case(&before.journal_mode))
        {
            return None;
        }
        let why = match fate(name) {
            Fate::Harmless | Fate::PassedOver => return None,
            Fate::Refused(why) => why,
            Fate::Unknown if before.is_some_and(|before| before.settings.is_known(name)) => {
                "would change the connection in a way that planctl cannot undo"
            }
            Fate::Like if before.is_some_and(|before| before.settings.own_like) => {
                "would replace the application's own LIKE for good"
            }
            // What SQLite does not know does nothing.
            Fate::Unknown => return None,
            Fate::SetBack | Fate::Like | Fate::Leads | Fate::ForVacuum => {
                self.settings.store(true, Ordering::Relaxed);
                if fate(name) == Fate::ForVacuum {
                    self.for_vacuum.store(true, Ordering::Relaxed);
                }
                return None;
            }
        };
        Some(Refusal {
            message: format!("PRAGMA {} {why}", name.to_ascii_lowercase()),
            help: "remove it; set it in the application that opens the database, or once by hand with sqlite3",
        })
    }
}

/// Whether an action changes or removes what the schema table holds, or could. A virtual table's module may do anything
/// when one is made.
fn rewrites_schema(action: &AuthAction<'_>) -> bool {
    match action {
        AuthAction::AlterTable { .. }
        | AuthAction::DropTable { .. }
        | AuthAction::DropIndex { .. }
        | AuthAction::DropTrigger { .. }
        | AuthAction::DropView { .. }
        | AuthAction::CreateVtable { .. }
        | AuthAction::DropVtable { .. }
        | AuthAction::Unknown { .. } => true,
        AuthAction::Pragma { pragma_name, pragma_value: Some(_) } => {
            pragma_name.eq_ignore_ascii_case("writable_schema")
        }
        _ => false,
    }
}

fn verb(operation: TransactionOperation) -> &'static str {
    match operation {
        TransactionOperation::Begin => "BEGIN",
        TransactionOperation::Rollback => "ROLLBACK",
        _ => "COMMIT",
    }
}
