//! A squashed migration, recorded in the place of those that it stands for.

use ulid::Ulid;

use super::history::verify_clean;
use super::records::{backfilled_json, record_of, tokens_literal};
use crate::base::error::Result;
use crate::engine::catalog::inspect::has_table;
use crate::engine::connection::Sqlite;
use crate::engine::contract::history::History;
use crate::engine::contract::squash::{Followed, merged, to_record};
use crate::migrations::{MigrationSet, Replaced, Squash, VersionWidth};
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

/// What records it in a database that a script may find, where its history has all that the squashed one stands for.
/// `down` is its way back and the checksum of that, as literals; temp.planctl_width says which checksums are recorded.
pub(crate) fn statements_where_whole(squash: &Squash<'_>, [down, down_sum]: [&str; 2]) -> Vec<String> {
    const ALL_THERE: &str = "EXISTS (SELECT 1 FROM temp.planctl_squashed)";
    let file = squash.file;
    let (version, name) = (file.version, quote_string(&file.name));
    let count = format!("(SELECT count(*) FROM main.{HISTORY} WHERE version <= {version})");
    let tokens = tokens_literal(file);
    let [narrow, wide] = [VersionWidth::Int4, VersionWidth::Int8].map(|width| file.checksum(width));
    let checksum =
        format!("(SELECT CASE WHEN wide THEN '{wide}' ELSE '{narrow}' END FROM temp.planctl_width)");
    let ways = squash.ways();
    let row = |length: usize, one: &Replaced| {
        let narrow = one.int4.map_or("NULL".to_owned(), |sum| format!("'{sum}'"));
        format!("({length}, {}, {}, {narrow}, '{}')", one.version, quote_string(&one.name), one.int8)
    };
    // No two ways are of the same length: each later one begins with what stands for more.
    let rows = ways.iter().flat_map(|way| way.iter().map(|one| row(way.len(), one)));
    let rows: Vec<String> = rows.collect();
    // A record counts while its checksum is that of its history row.
    let counts = format!(
        "main.{RECORDS} r JOIN main.{HISTORY} h ON h.version = r.version AND h.checksum = r.checksum"
    );
    // The lists of all of them as one, with no need of SQLite's JSON functions.
    let backfilled = format!(
        "(SELECT '[' || group_concat(list, ',') || ']' FROM (SELECT substr(r.backfilled, 2, length(r.backfilled) - 2) AS list \
         FROM {counts} WHERE r.version <= {version} AND r.backfilled LIKE '[{{%}}]' ORDER BY r.version))"
    );
    vec![
        format!(
            "CREATE TEMP TABLE planctl_squashed AS\n\
             WITH planctl_files(way, version, name, narrow, wide) AS (VALUES\n  {}\n)\n\
             SELECT 1 AS is_there FROM planctl_files f JOIN main.{HISTORY} h\n\
             ON h.version = f.version AND h.name = f.name AND h.checksum IN (f.narrow, f.wide)\n\
             GROUP BY f.way HAVING count(*) = f.way AND count(*) = {count}",
            rows.join(",\n  ")
        ),
        // It ran here when all of them did.
        format!(
            "INSERT OR REPLACE INTO main.{RECORDS}(version, applied_on, checksum, run_id, took_ms, rows_backfilled, \
             backfilled, tokens_checksum, down_sql, down_checksum, schema_before, schema_after)\n\
             SELECT {version}, r.applied_on, {checksum}, r.run_id, a.took, a.rows, {backfilled}, {tokens},\n{down}, {down_sum}, \
             a.before, r.schema_after\n\
             FROM {counts} JOIN temp.planctl_squashed JOIN (SELECT \
             CASE WHEN min(r.took_ms) < 0 THEN -1 ELSE sum(r.took_ms) END AS took, sum(r.rows_backfilled) AS rows, \
             CASE WHEN count(*) = {count} AND min(r.schema_before <> '') THEN (SELECT o.schema_before FROM \
             main.{RECORDS} o ORDER BY o.version LIMIT 1) ELSE '' END AS before\n\
             FROM {counts} WHERE r.version <= {version}) a WHERE r.version = {version}"
        ),
        format!("DELETE FROM main.{RECORDS} WHERE version < {version} AND {ALL_THERE}"),
        format!(
            "UPDATE main.{HISTORY} SET name = {name}, checksum = {checksum} WHERE version = {version} AND {ALL_THERE}"
        ),
        format!("DELETE FROM main.{HISTORY} WHERE version < {version} AND {ALL_THERE}"),
        "DROP TABLE temp.planctl_squashed".to_owned(),
    ]
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
    Ok(Some(Followed::of(&squash, &known)))
}
