//! What becomes of a setting that a migration changes.
//!
//! A rollback does not undo a PRAGMA, and the connection goes on to serve the next migration, planctl's own statements and,
//! when it was lent, the application. So each pragma of SQLite has its place here; one that has none is refused, and a
//! test holds the list against what the build knows (`PRAGMA pragma_list`).

use std::collections::BTreeSet;

use rusqlite::{Connection, Error, OptionalExtension, Result};

use crate::engine::catalog::rows::firsts;

/// What a migration's `PRAGMA name = value` comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// It is part of the database, or asks something, or does nothing inside a transaction: nothing is left to set back.
    Harmless,
    /// It tells what it is when it is asked, and takes that back.
    SetBack,
    /// Only VACUUM acts on it: what the database is counts again once that was said.
    ForVacuum,
    /// It is part of the database, and another setting of the connection follows it, which is set back.
    Leads,
    /// It says where temporary tables are kept, and SQLite refuses it once that place was looked at, as a run does: it
    /// changes nothing that a statement does, and is passed over.
    PassedOver,
    /// LIKE has no answer to what it is; it is tried.
    Like,
    /// A migration may not set it, and why: "would …".
    Refused(&'static str),
    /// Nothing is known of it here.
    Unknown,
}

const PROTECTION: Fate = Fate::Refused("would change how the transaction it runs in is protected");
const PROCESS: Fate = Fate::Refused("would affect the whole program, and could not be undone");

/// All pragmas that a value can be given to (<https://www.sqlite.org/pragma.html>), in the order of their names.
const PRAGMAS: [(&str, Fate); 73] = [
    ("activate_extensions", PROCESS),
    ("analysis_limit", Fate::SetBack),
    ("application_id", Fate::Harmless),
    ("auto_vacuum", Fate::ForVacuum),
    ("automatic_index", Fate::SetBack),
    ("busy_timeout", Fate::Refused("would overrule how long planctl waits for a lock")),
    ("cache_size", Fate::SetBack),
    ("cache_spill", Fate::SetBack),
    ("case_sensitive_like", Fate::Like),
    ("cell_size_check", Fate::SetBack),
    ("checkpoint_fullfsync", Fate::SetBack),
    ("collation_list", Fate::Harmless),
    ("compile_options", Fate::Harmless),
    ("count_changes", Fate::SetBack),
    ("data_store_directory", PROCESS),
    ("data_version", Fate::Harmless),
    ("database_list", Fate::Harmless),
    ("default_cache_size", Fate::Leads),
    ("defer_foreign_keys", Fate::SetBack),
    ("empty_result_callbacks", Fate::SetBack),
    ("encoding", Fate::Harmless),
    ("foreign_key_check", Fate::Harmless),
    ("foreign_key_list", Fate::Harmless),
    ("foreign_keys", Fate::Harmless),
    ("freelist_count", Fate::Harmless),
    ("full_column_names", Fate::SetBack),
    ("fullfsync", Fate::SetBack),
    ("function_list", Fate::Harmless),
    ("hard_heap_limit", PROCESS),
    ("ignore_check_constraints", Fate::SetBack),
    ("incremental_vacuum", Fate::Harmless),
    ("index_info", Fate::Harmless),
    ("index_list", Fate::Harmless),
    ("index_xinfo", Fate::Harmless),
    ("integrity_check", Fate::Harmless),
    ("journal_mode", PROTECTION),
    ("journal_size_limit", Fate::SetBack),
    ("legacy_alter_table", Fate::SetBack),
    ("legacy_file_format", Fate::Harmless),
    ("lock_proxy_file", PROCESS),
    ("lock_status", Fate::Harmless),
    ("locking_mode", PROTECTION),
    ("max_page_count", Fate::SetBack),
    ("mmap_size", Fate::SetBack),
    ("module_list", Fate::Harmless),
    ("optimize", Fate::Harmless),
    ("page_count", Fate::Harmless),
    ("page_size", Fate::ForVacuum),
    ("parser_trace", Fate::SetBack),
    ("pragma_list", Fate::Harmless),
    ("query_only", Fate::Refused("would keep the migration from being recorded")),
    ("quick_check", Fate::Harmless),
    ("read_uncommitted", Fate::SetBack),
    ("recursive_triggers", Fate::SetBack),
    ("reverse_unordered_selects", Fate::SetBack),
    ("schema_version", Fate::Harmless),
    ("secure_delete", Fate::SetBack),
    ("short_column_names", Fate::SetBack),
    ("shrink_memory", Fate::Harmless),
    ("soft_heap_limit", PROCESS),
    ("stats", Fate::Harmless),
    ("synchronous", PROTECTION),
    ("table_info", Fate::Harmless),
    ("table_list", Fate::Harmless),
    ("table_xinfo", Fate::Harmless),
    ("temp_store", Fate::PassedOver),
    ("temp_store_directory", PROCESS),
    ("threads", Fate::SetBack),
    ("trusted_schema", Fate::SetBack),
    ("user_version", Fate::Harmless),
    ("wal_autocheckpoint", Fate::SetBack),
    ("wal_checkpoint", Fate::Harmless),
    ("writable_schema", Fate::SetBack),
];

/// What becomes of the pragma of this name.
pub(crate) fn fate(name: &str) -> Fate {
    let name = name.to_ascii_lowercase();
    let at = PRAGMAS.binary_search_by_key(&name.as_str(), |(known, _)| known);
    at.ok().and_then(|at| PRAGMAS.get(at)).map_or(Fate::Unknown, |(_, fate)| *fate)
}

/// The settings of a connection at one moment.
#[derive(Debug)]
pub(crate) struct Settings {
    /// What tells what it is, as far as this build has it.
    values: Vec<(&'static str, i64)>,
    /// Whether LIKE tells `a` from `A`.
    case_sensitive_like: bool,
    /// Whether LIKE is the application's own, which that pragma would replace for good.
    pub(crate) own_like: bool,
    /// Every pragma that the build knows.
    known: BTreeSet<String>,
}

impl Settings {
    /// Reads them.
    pub(crate) fn read(conn: &Connection) -> Result<Settings> {
        let mut values = Vec::new();
        for (name, _) in PRAGMAS.iter().filter(|(_, fate)| *fate == Fate::SetBack) {
            if let Some(value) = value(conn, name)? {
                values.push((*name, value));
            }
        }
        let own_like =
            "SELECT EXISTS (SELECT 1 FROM pragma_function_list WHERE name = 'like' AND NOT builtin)";
        let own_like = conn.query_row(own_like, [], |row| row.get(0))?;
        let known = firsts(conn, "PRAGMA pragma_list", [])?;
        Ok(Settings { values, case_sensitive_like: is_case_sensitive(conn)?, own_like, known })
    }

    /// Whether the build has a pragma of this name.
    pub(crate) fn is_known(&self, name: &str) -> bool {
        self.known.contains(&name.to_ascii_lowercase())
    }

    /// Makes the connection's settings these again.
    pub(crate) fn apply(&self, conn: &Connection) -> Result<()> {
        for &(name, wanted) in &self.values {
            if value(conn, name)? == Some(wanted) {
                continue;
            }
            set(conn, name, wanted)?;
        }
        if is_case_sensitive(conn)? != self.case_sensitive_like {
            set(conn, "case_sensitive_like", i64::from(self.case_sensitive_like))?;
        }
        Ok(())
    }
}

/// Has VACUUM keep what the database is.
pub(crate) fn keep_for_vacuum(conn: &Connection) -> Result<()> {
    for (name, _) in PRAGMAS.iter().filter(|(_, fate)| *fate == Fate::ForVacuum) {
        if let Some(now) = value(conn, name)? {
            set(conn, name, now)?;
        }
    }
    Ok(())
}

fn value(conn: &Connection, name: &str) -> Result<Option<i64>> {
    conn.pragma_query_value(None, name, |row| row.get(0)).optional()
}

/// Some pragmas answer with a row.
fn set(conn: &Connection, name: &str, value: i64) -> Result<()> {
    match conn.pragma_update_and_check(None, name, value, |_| Ok(())) {
        Ok(()) | Err(Error::QueryReturnedNoRows) => Ok(()),
        Err(error) => Err(error),
    }
}

fn is_case_sensitive(conn: &Connection) -> Result<bool> {
    conn.query_row("SELECT 'a' NOT LIKE 'A'", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn every_pragma_of_this_build_has_its_place() {
        assert!(PRAGMAS.is_sorted_by_key(|(name, _)| *name));
        let conn = Connection::open_in_memory().unwrap();
        let settings = Settings::read(&conn).unwrap();
        let unknown: Vec<&String> =
            settings.known.iter().filter(|name| fate(name) == Fate::Unknown).collect();
        assert_eq!(unknown, [""; 0], "a migration that sets one of these is refused");
    }
}
