//! The backfill as plain SQL: one pass down from the roots, whatever the depth.
//!
//! Every row is linked with its parent's row once, by SQLite's own `=`, so that the id's type and collation count. From
//! then on ids are those of rows, to the letter. Walking down from the rows without a parent reaches each row of a tree
//! once and no row of a cycle; what is not reached lies on a cycle or below one.

use super::text::Script;
use crate::backfill::{BackfillSpec, LISTED, OnCycle, OnOrphan};
use crate::sql::{on_one_line, quote, quote_string};

/// Makes the table in which a step notes what it did.
pub(crate) const NOTES: &str = "CREATE TEMP TABLE planctl_backfilled(name TEXT, rows INTEGER, first TEXT)";

/// Ends that table.
pub(crate) const NO_NOTES: &str = "DROP TABLE temp.planctl_backfilled";

/// How many rows the steps wrote, by that table.
pub(crate) const NOTED_ROWS: &str = "(SELECT coalesce(sum(rows), 0) FROM temp.planctl_backfilled)";

/// The steps that wrote any, as they are recorded. Needs SQLite's JSON functions.
pub(crate) const NOTED_STEPS: &str = "(SELECT nullif(json_group_array(json_object('table', name, 'rows', rows, 'first', json(first))), '[]') \
     FROM temp.planctl_backfilled WHERE rows > 0)";

/// Writes the step.
pub(crate) fn write(sql: &mut impl Script, spec: &BackfillSpec) {
    let table = format!("main.{}", quote(&spec.table));
    let (id, parent, root) = (quote(&spec.id), quote(&spec.parent), quote(&spec.root));
    // Not `= ''`: a collation could find more to be equal.
    let empty = |column: &str| {
        format!("({column} IS NULL OR typeof({column}) = 'text' AND length(CAST({column} AS BLOB)) = 0)")
    };
    sql.line(&format!("-- backfill root-ancestor of {}", on_one_line(&spec.table)));
    sql.check(
        &format!("{}.{} is not unique, or NULL", spec.table, spec.id),
        &format!("SELECT count(*) = count(DISTINCT {id}) FROM {table}"),
    );
    sql.statement(
        "CREATE TEMP TABLE planctl_links(n INTEGER PRIMARY KEY, id UNIQUE, parent, is_root INTEGER)",
    );
    let no_parent = empty(&format!("c.{parent}"));
    sql.statement(&format!(
        "INSERT INTO temp.planctl_links(id, parent, is_root)\n\
         SELECT c.{id}, p.{id}, {no_parent}\n\
         FROM {table} c NOT INDEXED LEFT JOIN {table} p ON p.{id} = c.{parent} AND NOT {no_parent}"
    ));
    sql.statement("CREATE INDEX temp.planctl_children ON planctl_links(parent)");
    sql.statement("CREATE TEMP TABLE planctl_roots(id PRIMARY KEY, root, orphaned INTEGER)");
    sql.statement(
        "WITH RECURSIVE tree(id, root, orphaned) AS (\n\
         SELECT id, id, NOT is_root FROM temp.planctl_links WHERE is_root OR parent IS NULL\n\
         UNION ALL\n\
         SELECT l.id, tree.root, tree.orphaned FROM tree JOIN temp.planctl_links l ON l.parent = tree.id\n\
         )\n\
         INSERT INTO temp.planctl_roots SELECT id, root, orphaned FROM tree",
    );
    let orphans = "FROM temp.planctl_links WHERE NOT is_root AND parent IS NULL";
    let cycles =
        "FROM temp.planctl_links l WHERE NOT EXISTS (SELECT 1 FROM temp.planctl_roots r WHERE r.id = l.id)";
    if spec.on_cycle == OnCycle::Abort {
        refuse(sql, spec, "on a cycle of parents, or below one: ", "rows are on a cycle of parents", cycles);
    }
    match spec.on_orphan {
        OnOrphan::Abort => {
            refuse(
                sql,
                spec,
                "its parent does not exist: ",
                "rows name a parent that does not exist",
                orphans,
            );
        }
        OnOrphan::Skip => sql.statement("DELETE FROM temp.planctl_roots WHERE orphaned"),
        OnOrphan::SelfRoot => {}
    }
    write_roots(sql, spec, empty(&format!("t.{root}")));
    for table in ["planctl_due", "planctl_roots", "planctl_links"] {
        sql.statement(&format!("DROP TABLE temp.{table}"));
    }
}

/// Writes the roots into the rows that are due, and counts them. `due`: the condition on a row `t`.
fn write_roots(sql: &mut impl Script, spec: &BackfillSpec, mut due: String) {
    let (name, id, root) = (quote(&spec.table), quote(&spec.id), quote(&spec.root));
    let table = format!("main.{name}");
    if spec.recompute {
        due = format!("({due} OR NOT (SELECT q.{id} = t.{root} FROM {table} q WHERE q.{id} = r.root))");
    }
    sql.statement("CREATE TEMP TABLE planctl_due(n INTEGER PRIMARY KEY, id UNIQUE, root)");
    // `+` takes the column's affinity away: both sides are the same value, and the index can be used.
    sql.statement(&format!(
        "INSERT INTO temp.planctl_due\n\
         SELECT l.n, l.id, r.root FROM {table} t JOIN temp.planctl_links l ON l.id = +t.{id} \
         JOIN temp.planctl_roots r ON r.id = l.id WHERE {due}"
    ));
    let same = format!("temp.planctl_due planctl_d WHERE planctl_d.id = +{name}.{id}");
    sql.statement(&format!(
        "UPDATE {table} SET {root} = (SELECT planctl_d.root FROM {same}) WHERE EXISTS (SELECT 1 FROM {same})"
    ));
    sql.statement(&format!(
        "INSERT INTO temp.planctl_backfilled SELECT {}, changes(), (SELECT json_group_array(shown) FROM (\n\
         SELECT CASE typeof(id) WHEN 'blob' THEN 'x''' || lower(hex(id)) || '''' ELSE CAST(id AS TEXT) END AS shown \
         FROM temp.planctl_due ORDER BY n LIMIT {LISTED}))",
        quote_string(&spec.table)
    ));
    sql.check(
        &format!("{}: a trigger skipped rows", spec.table),
        "SELECT (SELECT rows FROM temp.planctl_backfilled ORDER BY rowid DESC LIMIT 1) = \
         (SELECT count(*) FROM temp.planctl_due)",
    );
}

/// Shows the rows, and ends the script if there are any.
fn refuse(sql: &mut impl Script, spec: &BackfillSpec, shown: &str, reason: &str, rows: &str) {
    sql.show(&format!("SELECT {} || id {rows} LIMIT {LISTED}", quote_string(shown)));
    sql.check(&format!("{}: {reason}", spec.table), &format!("SELECT NOT EXISTS (SELECT 1 {rows})"));
}
