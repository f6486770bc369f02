//! The tables that a script has for a while, and the schema without them.

use rusqlite::{Connection, Result};

use super::text::CHECK;
use crate::engine::catalog::fingerprint::Fingerprint;
use crate::engine::catalog::inspect::has_table;
use crate::sql::{Target, no_bookkeeping, quote_string};

/// Temporary where the place has such; else they go before the transaction ends.
const PASSING: [&str; 12] = [
    CHECK,
    "planctl_backfilled",
    "planctl_due",
    "planctl_found",
    "planctl_links",
    "planctl_migration",
    "planctl_roots",
    "planctl_there",
    "planctl_violations",
    "planctl_violations_now",
    "planctl_wanted",
    "planctl_width",
];

/// What counts in the mark of the schema: neither bookkeeping, nor these tables, nor what D1 and wrangler keep for themselves.
pub(super) fn ours(place: Target) -> String {
    let ours = format!("{} AND {}", no_bookkeeping("name"), no_bookkeeping("tbl_name"));
    if place == Target::Sqlite {
        return ours;
    }
    let tables: Vec<String> = PASSING.iter().map(|name| quote_string(name)).collect();
    let tables = tables.join(", ");
    format!(
        "{ours} AND tbl_name NOT IN ({tables}, 'd1_migrations') AND substr(lower(tbl_name), 1, 4) <> '_cf_'"
    )
}

/// The fingerprint of a schema without these tables.
pub(super) fn fingerprint(conn: &Connection) -> Result<Fingerprint> {
    let mut drops = String::new();
    for name in PASSING {
        if has_table(conn, name)? {
            drops.push_str(&format!("DROP TABLE main.{name};"));
        }
    }
    if drops.is_empty() {
        return Fingerprint::read(conn);
    }
    conn.execute_batch(&format!("SAVEPOINT planctl_look; {drops}"))?;
    let found = Fingerprint::read(conn);
    conn.execute_batch("ROLLBACK TO planctl_look; RELEASE planctl_look")?;
    found
}
