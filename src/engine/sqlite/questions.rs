//! Counts of rows that stand in the way of a plan.

use super::Sqlite;
use super::inspect::main_name;
use crate::engine::{Question, Standing};
use crate::sql::quote;

/// How many rows are named.
const SHOWN: usize = 5;

impl Sqlite {
    /// The answer, where the question makes sense in this database.
    pub(crate) fn ask_rows(&self, question: &Question) -> Option<Standing> {
        let table = main_name(&question.table);
        let (old, new): (Vec<_>, Vec<_>) =
            question.columns.iter().map(|(old, new)| (quote(old.as_str()), quote(new.as_str()))).unzip();
        if old.is_empty() {
            return None;
        }
        let title = quote(question.title.as_str());
        // The table under the names of the condition.
        let view = format!("WITH {title}({}) AS (SELECT {} FROM {table})", new.join(", "), old.join(", "));
        let count = |sql: &str| {
            self.conn.query_row(sql, [], |row| row.get::<_, i64>(0)).ok().and_then(|n| u64::try_from(n).ok())
        };
        let Some(condition) = &question.condition else {
            let bad = count(&format!("SELECT count(*) FROM {table}"))?;
            return Some(Standing { bad, first: Vec::new() });
        };
        let (counted, listed) = match &condition.is_bad {
            Some(is_bad) => {
                let shown: Vec<String> = new
                    .iter()
                    .take(1)
                    .map(|name| {
                        format!("{} || quote({name})", crate::sql::quote_string(&format!("{name} = ")))
                    })
                    .collect();
                (
                    format!("{view} SELECT count(*) FROM {title} WHERE {is_bad}"),
                    format!("{view} SELECT {} FROM {title} WHERE {is_bad} LIMIT {SHOWN}", shown.join(", ")),
                )
            }
            None => {
                let names: Vec<String> = condition.unique.iter().map(|name| quote(name.as_str())).collect();
                let set: Vec<String> = names.iter().map(|name| format!("{name} IS NOT NULL")).collect();
                let values: Vec<String> = names.iter().map(|name| format!("quote({name})")).collect();
                let grouped = format!(
                    "SELECT {} AS shown, count(*) AS n FROM {title} WHERE {} GROUP BY {} HAVING count(*) > 1",
                    values.join(" || ', ' || "),
                    set.join(" AND "),
                    names.join(", ")
                );
                (
                    format!("{view} SELECT coalesce(sum(n), 0) FROM ({grouped})"),
                    format!("{view} SELECT shown FROM ({grouped}) LIMIT {SHOWN}"),
                )
            }
        };
        let bad = count(&counted)?;
        let first = self.conn.prepare(&listed).ok().and_then(|mut statement| {
            statement.query_map([], |row| row.get::<_, String>(0)).ok()?.collect::<rusqlite::Result<_>>().ok()
        });
        Some(Standing { bad, first: first.unwrap_or_default() })
    }
}
