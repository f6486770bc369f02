//! The tables that a script has for a while, and the schema without them.

use rusqlite::{Connection, Result};

use super::text::CHECK;
use crate::engine::catalog::fingerprint::Fingerprint;
use crate::engine::catalog::inspect::has_table;
use crate::sql::{Target, quote_string};

/// Temporary where the place has such; else they go before the transaction ends.
const PASSING: [&str; 13] = [
    CHECK,
    "planctl_backfilled",
    "planctl_due",
    "planctl_found",
    "planctl_known",
    "planctl_links",
    "planctl_migration",
    "planctl_roots",
    "planctl_there",
    "planctl_violations",
    "planctl_violations_now",
    "planctl_wanted",
    "planctl_width",
];

/// What leaves these tables out of the schema, and what D1 and wrangler keep for themselves: ` AND …`.
pub(super) fn passing(place: Target) -> String {
    if place == Target::Sqlite {
        return String::new();
    }
    let tables: Vec<String> = PASSING.iter().map(|name| quote_string(name)).collect();
    let tables = tables.join(", ");
    format!(" AND tbl_name NOT IN ({tables}, 'd1_migrations') AND substr(lower(tbl_name), 1, 4) <> '_cf_'")
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
