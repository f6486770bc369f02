//! What a migration asserts, as plain SQL: its query runs once, and what it finds stands in a table of ours.

use super::text::Script;
use crate::engine::migrate::assertion::SHOWN;

const FOUND: &str = "planctl_found";

/// The statement that runs the query, which is the user's to the letter. `place`: `TEMP TABLE ` or `TABLE main.`.
pub(crate) fn find(place: &str, query: &str) -> String {
    format!("CREATE {place}{FOUND} AS\n{}", query.trim_end_matches(';'))
}

/// Empties the table, where what it found does not count.
pub(crate) const NOTHING_FOUND: &str = "DELETE FROM temp.planctl_found";

/// Shows the rows, and ends the script if there are any.
pub(crate) fn judge(sql: &mut impl Script, reason: &str) {
    sql.show(&format!(
        "SELECT 'row ' || row_number() OVER () || ' of ' || (SELECT count(*) FROM temp.{FOUND}), * \
         FROM temp.{FOUND} LIMIT {SHOWN}"
    ));
    sql.check(reason, &format!("SELECT NOT EXISTS (SELECT 1 FROM temp.{FOUND})"));
    sql.statement(&format!("DROP TABLE temp.{FOUND}"));
}
