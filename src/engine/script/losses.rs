//! What keeps a script from destroying rows and values that nobody allowed it to destroy.

use super::text::Script;
use crate::engine::{Loss, LossKind};
use crate::migrations::Version;
use crate::sql::{quote, quote_string};

/// Ends the script where the way back of `version` destroys something: before it, where rows and values can be counted, else
/// in the middle of it. Gives what takes these watches away again.
pub(crate) fn refuse(sql: &mut impl Script, version: Version, label: &str, losses: &[Loss]) -> Vec<String> {
    let reason = |what: &str| {
        format!("{label}, down: {what}; with --allow-destructive, planctl writes a script that goes on")
    };
    sql.check(
        &reason("it was recorded as applied and never ran here"),
        &format!(
            "SELECT NOT EXISTS (SELECT 1 FROM main.planctl_migrations WHERE version = {version} \
             AND schema_before = '')"
        ),
    );
    let goes = |table, column| {
        let whole = |loss: &Loss| loss.kind == LossKind::Rows && loss.table == table;
        let values =
            |loss: &Loss| loss.kind == LossKind::Values && loss.table == table && loss.column == column;
        losses.iter().any(|loss| whole(loss) || values(loss))
    };
    let mut undo = Vec::new();
    for loss in losses {
        let table = format!("main.{}", quote(loss.table.as_str()));
        let column = loss.column.as_ref().map(|column| quote(column.as_str()));
        let (event, when) = match (loss.kind, column) {
            (LossKind::Rows | LossKind::Values, column) => {
                let lost = column.map_or(String::new(), |column| format!(" WHERE {column} IS NOT NULL"));
                sql.check(
                    &reason(&loss.sentence()),
                    &format!("SELECT NOT EXISTS (SELECT 1 FROM {table}{lost})"),
                );
                continue;
            }
            // What goes is counted as a whole.
            _ if goes(loss.table.clone(), loss.column.clone()) => continue,
            (_, Some(column)) => (
                format!("UPDATE OF {column}"),
                format!("WHEN old.{column} IS NOT NULL AND old.{column} IS NOT new.{column} COLLATE BINARY "),
            ),
            (_, None) => ("DELETE".to_owned(), String::new()),
        };
        let name = format!("planctl_keep_{}", undo.len());
        let message = quote_string(&reason(&loss.sentence()));
        sql.statement(&format!(
            "CREATE TEMP TRIGGER {name} AFTER {event} ON {table} {when}BEGIN SELECT RAISE(ABORT, {message}); END"
        ));
        undo.push(format!("DROP TRIGGER IF EXISTS temp.{name}"));
    }
    undo
}
