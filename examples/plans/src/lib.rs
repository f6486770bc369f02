//! The plan database behind repositories: what an application keeps, with the rows that belong together read and written
//! together.
//!
//! ```
//! use plans::{Action, NewActions, actions, id, open, utc};
//!
//! # fn main() -> plans::Result<()> {
//! # let folder = tempfile::tempdir().expect("a folder");
//! # let file = folder.path().join("plans.db");
//! let mut db = open(&file)?;
//! let new = NewActions {
//!     namespaced_name: "docs/review".to_owned(),
//!     namespace: "docs".to_owned(),
//!     name: "review".to_owned(),
//!     created_at: utc(),
//!     updated_at: utc(),
//! };
//! let action = actions::create(&mut db, Action::from(new))?;
//! assert_eq!(actions::get(&mut db, "docs/review")?, action);
//! # Ok(())
//! # }
//! ```
//!
//! `models` is generated: `planctl schema models --lang rust -o src/models.rs` writes it from the spec, and `planctl check`
//! fails when it is out of date. Everything else is written by hand, by these rules:
//!
//! - One call is one transaction. One that writes begins IMMEDIATE: it waits for another writer before it reads, and
//!   nothing changes between what it read and what it writes. One that reads several tables reads them as they were at one
//!   moment.
//! - A list takes as many statements as it has kinds of rows, however long it is.
//! - Statements are prepared once for each connection.
//! - What can be expected to fail is a variant of [`Error`].

#![forbid(unsafe_code)]

pub mod actions;
pub mod corrections;
pub mod decisions;
mod error;
#[allow(
    missing_docs,
    reason = "generated: the columns have the names that the spec explains"
)]
pub mod models;
pub mod plans;

use std::collections::HashMap;
use std::hash::Hash;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use time::OffsetDateTime;

pub use self::actions::Action;
pub use self::error::{Error, Kind, Result};
pub use self::models::*;
pub use self::plans::{Branch, Plan};

/// More statements than the repositories have, so that each of them stays prepared.
const STATEMENTS: usize = 100;

/// Opens the database and brings it up to date; the file is made where there is none.
pub fn open(file: &Path) -> Result<Connection> {
    migrate(file)?;
    let db = Connection::open(file)?;
    // These three are settings of the connection, not of the file.
    db.pragma_update(None, "foreign_keys", true)?;
    db.busy_timeout(Duration::from_secs(10))?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(db)
}

fn migrate(file: &Path) -> planctl::error::Result<()> {
    let _ = planctl::embedded!()?.up(file)?;
    Ok(())
}

/// A new key. Later keys sort behind earlier ones, but for those of the same millisecond.
pub fn id() -> UlidText {
    UlidText(ulid::Ulid::generate())
}

/// The time, as the database has times: ISO-8601 UTC to the millisecond, which sorts as text.
pub fn utc() -> String {
    let now = OffsetDateTime::now_utc();
    let (hour, minute, second, milli) = now.to_hms_milli();
    format!(
        "{}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z",
        now.date()
    )
}

/// Runs `work` in a transaction that may write: all of it is done, or nothing is.
fn writing<T>(db: &mut Connection, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

/// Runs `work` in a transaction that reads: what it finds belongs together.
fn reading<T>(db: &mut Connection, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
    let transaction = db.transaction()?;
    let found = work(&transaction)?;
    transaction.commit()?;
    Ok(found)
}

/// Rows by the key of what they belong to, in their order.
fn by_owner<K: Hash + Eq, T>(rows: Vec<T>, owner: impl Fn(&T) -> K) -> HashMap<K, Vec<T>> {
    let mut found = HashMap::<K, Vec<T>>::new();
    for row in rows {
        found.entry(owner(&row)).or_default().push(row);
    }
    found
}
