//! The tables that a script has for a while, and the schema without them.

use rusqlite::{Connection, Result};

use super::text::CHECK;
use crate::engine::catalog::fingerprint::Fingerprint;
use crate::engine::catalog::inspect::has_table;
use crate::migrations::Step;
use crate::sql::{Target, quote_string, tokens};

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

/// Whether a file's statements can only add objects to a schema, if they do anything to it.
pub(super) fn only_adds(steps: &[Step<'_>]) -> bool {
    const VERBS: [&str; 7] = ["CREATE", "INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "WITH"];
    steps.iter().all(|step| match step {
        Step::Sql { text, .. } => {
            tokens(text).next().is_some_and(|first| VERBS.iter().any(|verb| first.is_word(verb)))
        }
        Step::Assert { .. } | Step::Backfill { .. } => true,
    })
}

/// The fingerprint of a schema without these tables. `before`: what it was where nothing but new objects came since.
pub(super) fn fingerprint(
    conn: &Connection,
    place: Target,
    before: Option<Fingerprint>,
) -> Result<Fingerprint> {
    if place == Target::Sqlite {
        return before.map_or_else(|| Fingerprint::read(conn), |before| before.extended(conn));
    }
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
