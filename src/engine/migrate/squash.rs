//! A squashed migration, recorded in the place of those that it stands for.

use ulid::Ulid;

use super::history::{backfilled_json, verify_clean};
use super::records::record_of;
use crate::base::error::Result;
use crate::engine::catalog::inspect::has_table;
use crate::engine::connection::Sqlite;
use crate::engine::contract::history::History;
use crate::engine::contract::squash::{Followed, merged, to_record};
use crate::migrations::{MigrationSet, Squash};
use crate::sql::{HISTORY, RECORDS, quote_string};

/// What records it: the row of the newest becomes its own, with the time at which that one was applied, and the others go.
/// `records` is whether planctl's own table is there.
pub(crate) fn statements(squash: &Squash<'_>, history: &History, records: bool) -> Vec<String> {
    let (file, width) = (squash.file, history.width.unwrap_or_default());
    let (version, checksum) = (file.version, file.checksum(width));
    let text = |text: Option<&str>| text.map_or("NULL".to_owned(), quote_string);
    let number = |number: Option<u64>| number.map_or("NULL".to_owned(), |number| format!("'{number}'"));
    let mut all = Vec::new();
    // A record counts while its checksum is that of its history row: it goes first.
    let record = merged(squash, history, record_of(file, Ulid::nil())).filter(|_| records);
    if let Some(record) = record {
        all.push(format!(
            "UPDATE main.{RECORDS} SET checksum = '{checksum}', took_ms = {}, rows_backfilled = {}, backfilled = {}, \
             tokens_checksum = {}, down_sql = {}, down_checksum = {}, schema_before = {} WHERE version = {version} \
             AND checksum = (SELECT checksum FROM main.{HISTORY} WHERE version = {version})",
            record.took.map_or(-1, |took| i64::try_from(took.as_millis()).unwrap_or(i64::MAX)),
            record.rows_backfilled,
            text(backfilled_json(&record.backfilled).as_deref()),
            number(record.tokens),
            text(record.down.as_ref().map(|down| down.sql.as_str())),
            number(record.down.as_ref().map(|down| down.checksum)),
            quote_string(&record.schema_before),
        ));
    }
    if records {
        all.push(format!("DELETE FROM main.{RECORDS} WHERE version < {version}"));
    }
    all.push(format!(
        "UPDATE main.{HISTORY} SET name = {}, checksum = '{checksum}' WHERE version = {version}",
        quote_string(&file.name)
    ));
    all.push(format!("DELETE FROM main.{HISTORY} WHERE version < {version}"));
    all
}

/// Records it inside the open transaction; `None` where somebody else has done it meanwhile.
pub(crate) fn record(sqlite: &Sqlite, set: &MigrationSet) -> Result<Option<Followed>> {
    let known = sqlite.full_history()?;
    let Some(squash) = to_record(set, &known) else { return Ok(None) };
    verify_clean(sqlite, sqlite.clean.as_ref())?;
    let write = || {
        let records = has_table(&sqlite.conn, RECORDS)?;
        if records {
            super::records::extend_records(&sqlite.conn)?;
        }
        let statements = statements(&squash, &known, records);
        statements.iter().try_for_each(|statement| sqlite.conn.execute(statement, []).map(drop))
    };
    write().map_err(|error: rusqlite::Error| sqlite.trouble(error))?;
    Ok(Some(Followed::of(&squash)))
}
