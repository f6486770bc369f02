//! What a migration's own SQL may not do, and what it may not leave behind.
//!
//! SQLite's authorizer sees every statement as it is compiled, triggers and nested statements included, so that nothing
//! has to be parsed here (<https://www.sqlite.org/c3ref/set_authorizer.html>).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization, TransactionOperation};

use super::connect::OPERATIONS;
use super::fingerprint::Fingerprint;
use super::history::is_own_table;
use crate::progress::Interrupt;
use crate::sql::quote;

/// Connection settings that a migration may change for itself: a rollback does not undo them, so they are set back by
/// hand. All can be read as they are written (<https://www.sqlite.org/pragma.html>).
const SETTINGS: [&str; 22] = [
    "analysis_limit",
    "automatic_index",
    "cache_size",
    "cache_spill",
    "cell_size_check",
    "checkpoint_fullfsync",
    "count_changes",
    "empty_result_callbacks",
    "foreign_keys",
    "full_column_names",
    "fullfsync",
    "ignore_check_constraints",
    "journal_size_limit",
    "legacy_alter_table",
    "mmap_size",
    "recursive_triggers",
    "reverse_unordered_selects",
    "secure_delete",
    "short_column_names",
    "trusted_schema",
    "wal_autocheckpoint",
    "writable_schema",
];

/// Stands between a migration's SQL and the connection.
pub(super) struct Guard {
    shared: Arc<Shared>,
    /// The settings before any migration ran.
    settings: Vec<(&'static str, i64)>,
}

#[derive(Default)]
struct Shared {
    /// Whether the statements that are compiled now are a migration's own.
    armed: AtomicBool,
    /// Whether a migration touched a setting.
    settings: AtomicBool,
    /// Whether a migration made a temporary object.
    temporary: AtomicBool,
    /// Whether a migration did more to the schema than to create objects.
    rewritten: AtomicBool,
    /// Why the last statement was refused.
    refusal: Mutex<Option<Refusal>>,
}

/// Why a statement was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refusal {
    /// "COMMIT would end the transaction that the migration runs in"
    pub(super) message: String,
    /// What to do.
    pub(super) help: &'static str,
}

impl Guard {
    /// Watches over `conn` from now on. Raising `interrupt` stops whatever statement runs.
    pub(super) fn install(conn: &mut Connection, interrupt: &Interrupt) -> rusqlite::Result<Guard> {
        let mut settings = Vec::with_capacity(SETTINGS.len());
        for name in SETTINGS {
            // A build may lack one of them: then no migration can set it either.
            if let Ok(value) = conn.pragma_query_value(None, name, |row| row.get(0)) {
                settings.push((name, value));
            }
        }
        let journal: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        let shared = Arc::new(Shared::default());
        let watch = Arc::clone(&shared);
        conn.authorizer(Some(move |context: AuthContext<'_>| watch.judge(&context, &journal)))?;
        let interrupt = interrupt.clone();
        conn.progress_handler(OPERATIONS, Some(move || interrupt.is_raised()))?;
        Ok(Guard { shared, settings })
    }

    /// Stops watching.
    pub(super) fn remove(conn: &mut Connection) -> rusqlite::Result<()> {
        conn.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
        conn.progress_handler(0, None::<fn() -> bool>)
    }

    /// Whether what is compiled from now on is a migration's own.
    pub(super) fn arm(&self, armed: bool) {
        self.shared.armed.store(armed, Ordering::Relaxed);
    }

    /// Why the last statement was refused, if it was.
    pub(super) fn take_refusal(&self) -> Option<Refusal> {
        self.shared.refusal.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The fingerprint of the schema, when `known` was that of the schema with which the connection was last
    /// [cleaned](Self::clean). What nobody can have touched since is not read again.
    ///
    /// Objects that are created come behind all others in the schema table. What changes or removes a row of it is
    /// dropping, altering, or writing to the table itself, for which SQLite wants `writable_schema`.
    pub(super) fn fingerprint(&self, known: Fingerprint, conn: &Connection) -> rusqlite::Result<Fingerprint> {
        let writable = self.settings.iter().any(|&(name, value)| name == "writable_schema" && value != 0);
        if writable || self.shared.rewritten.load(Ordering::Relaxed) {
            return Fingerprint::read(conn);
        }
        known.extended(conn)
    }

    /// Sets back what a migration changed in the connection, and drops its temporary objects. To be called outside of
    /// a transaction.
    pub(super) fn clean(&self, conn: &Connection) -> rusqlite::Result<()> {
        self.arm(false);
        self.shared.rewritten.store(false, Ordering::Relaxed);
        if self.shared.settings.swap(false, Ordering::Relaxed) {
            for &(name, value) in &self.settings {
                // Some pragmas answer with a row.
                conn.pragma_update_and_check(None, name, value, |_| Ok(())).or_else(|error| match error {
                    rusqlite::Error::QueryReturnedNoRows => Ok(()),
                    error => Err(error),
                })?;
            }
            conn.execute_batch("PRAGMA case_sensitive_like = 0")?;
        }
        if self.shared.temporary.swap(false, Ordering::Relaxed) {
            drop_temporary_objects(conn)?;
        }
        Ok(())
    }
}

fn drop_temporary_objects(conn: &Connection) -> rusqlite::Result<()> {
    // Triggers and views first: what they refer to can then go in any order. Virtual tables take their shadow tables
    // along, so the list is read again after each.
    let next = "SELECT type, name FROM temp.sqlite_schema
                WHERE type IN ('trigger', 'view', 'table') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                ORDER BY type = 'table', type, sql NOT LIKE 'CREATE VIRTUAL%' LIMIT 1";
    loop {
        let found = conn.query_row(next, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)));
        match found {
            Ok((kind, name)) => conn.execute_batch(&format!("DROP {kind} temp.{}", quote(&name)))?,
            Err(rusqlite::Error::QueryReturnedNoRows) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

impl Shared {
    fn judge(&self, context: &AuthContext<'_>, journal: &str) -> Authorization {
        if !self.armed.load(Ordering::Relaxed) {
            return Authorization::Allow;
        }
        match self.refusal(context, journal) {
            None => Authorization::Allow,
            Some(refusal) => {
                *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
                Authorization::Deny
            }
        }
    }

    fn refusal(&self, context: &AuthContext<'_>, journal: &str) -> Option<Refusal> {
        if rewrites_schema(&context.action) {
            self.rewritten.store(true, Ordering::Relaxed);
        }
        let refuse = |message: String, help| Some(Refusal { message, help });
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
                    format!("{verb} is part of transaction control, which a migration has no part in"),
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
                self.settings.store(true, Ordering::Relaxed);
                pragma_refusal(pragma_name, value, journal)
            }
            AuthAction::CreateTempTable { .. }
            | AuthAction::CreateTempView { .. }
            | AuthAction::CreateTempIndex { .. }
            | AuthAction::CreateTempTrigger { .. } => {
                self.temporary.store(true, Ordering::Relaxed);
                None
            }
            AuthAction::CreateVtable { .. } if context.database_name == Some("temp") => {
                self.temporary.store(true, Ordering::Relaxed);
                None
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
                if is_own_table(table_name) =>
            {
                refuse(
                    format!("the migration writes to {table_name}, which records what was applied"),
                    "leave that table to planctl; `planctl migrate baseline` records migrations as applied",
                )
            }
            _ => None,
        }
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

/// `PRAGMA foreign_keys` is let through: inside a transaction it does nothing, and table rebuilds all over the world
/// have it. So are settings that [`Guard::clean`] sets back, and those that are part of the database and roll back with
/// it (`user_version`, `application_id`).
fn pragma_refusal(name: &str, value: &str, journal: &str) -> Option<Refusal> {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    if is("journal_mode") && value.eq_ignore_ascii_case(journal) {
        return None;
    }
    let why = if is("journal_mode") || is("synchronous") || is("locking_mode") {
        "would change how the transaction it runs in is protected"
    } else if is("query_only") {
        "would keep the migration from being recorded"
    } else if is("busy_timeout") {
        "would overrule how long planctl waits for a lock"
    } else {
        return None;
    };
    Some(Refusal {
        message: format!("PRAGMA {} {why}", name.to_ascii_lowercase()),
        help: "remove it; set it in the application that opens the database, or once by hand with sqlite3",
    })
}
