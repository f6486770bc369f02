//! The texts of a squashed migration.

use std::collections::BTreeMap;

use crate::ddl;
use crate::engine::{Snapshot, TableRows};
use crate::generate::{ScriptPair, down_text};
use crate::migrations::Replaced;
use crate::migrations::testing::Value;
use crate::schema::{Ident, Schema, Table};
use crate::sql::{on_one_line, quote, quote_string, rowid_name};

/// What the migrations make of an empty database.
pub(super) struct Made {
    pub(super) schema: Schema,
    pub(super) rows: Snapshot,
    pub(super) counters: BTreeMap<Ident, i64>,
}

/// What stands for a byte that is not UTF-8.
const REPLACED: char = '\u{fffd}';

/// The first table with a value that no file can hold.
pub(super) fn no_value(made: &Made) -> Option<String> {
    let is_lost = |value: &Value| matches!(value, Value::Text(text) if text.contains(REPLACED));
    let holds = |rows: &TableRows| rows.rows.values().flatten().any(is_lost);
    made.rows.tables.iter().find(|(_, rows)| holds(rows)).map(|(name, _)| name.shown().to_string())
}

/// Up and down. Tables, indexes and views come first, then the rows, then the triggers, which are to see none of that.
pub(super) fn written(label: &str, replaced: &[Replaced], scripts: &ScriptPair, made: &Made) -> [String; 2] {
    let mut up = format!(
        "-- {label}\n-- Written by `planctl migrate squash` in the place of {} migrations, and proven: the same schema, the same rows.\n",
        replaced.len()
    );
    replaced.iter().for_each(|one| up.push_str(&format!("{one}\n")));
    let is_trigger = |statement: &str| ddl::kind(statement) == Some(ddl::Kind::Trigger);
    let (triggers, others): (Vec<_>, Vec<_>) =
        scripts.up.iter().partition(|step| step.statements.iter().any(|statement| is_trigger(statement)));
    let steps = |steps: Vec<&crate::engine::Rendered>, up: &mut String| {
        for step in steps {
            up.push('\n');
            for statement in &step.statements {
                up.push_str(statement);
                up.push('\n');
            }
        }
    };
    steps(others, &mut up);
    for (name, rows) in made.rows.tables.iter().filter(|(_, rows)| !rows.rows.is_empty()) {
        if let Some(table) = made.schema.tables.get(name) {
            up.push_str(&inserts(table, rows));
        }
    }
    for (name, seq) in &made.counters {
        up.push_str(&counter(name, *seq));
    }
    steps(triggers, &mut up);
    [up, down_text(label, scripts)]
}

/// The rows of a table, in its order. Where only the rowid tells them apart, they keep it.
fn inserts(table: &Table, rows: &TableRows) -> String {
    let is_column = |name: &str| rows.columns.iter().any(|column| column.as_str().eq_ignore_ascii_case(name));
    let rowid = if rows.key.is_empty() { rowid_name(is_column) } else { None };
    let is_stored = |name: &Ident| {
        table
            .columns
            .iter()
            .find(|column| column.name == *name)
            .is_none_or(|column| column.generated.is_none())
    };
    let stored: Vec<bool> = rows.columns.iter().map(is_stored).collect();
    let kept = |at: usize| stored.get(at).copied().unwrap_or(true);
    let names =
        rows.columns.iter().enumerate().filter(|(at, _)| kept(*at)).map(|(_, name)| quote(name.as_str()));
    let names: Vec<String> = rowid.map(str::to_owned).into_iter().chain(names).collect();
    let mut text = String::from("\n");
    for (key, row) in &rows.rows {
        let values = row.iter().enumerate().filter(|(at, _)| kept(*at)).map(|(_, value)| value.literal());
        let rowid = rowid.and_then(|_| key.first()).map(Value::literal);
        let values: Vec<String> = rowid.into_iter().chain(values).collect();
        text.push_str(&format!(
            "INSERT INTO {} ({}) VALUES ({});\n",
            quote(table.name.as_str()),
            names.join(", "),
            values.join(", ")
        ));
    }
    text
}

fn counter(table: &Ident, seq: i64) -> String {
    let name = quote_string(table.as_str());
    on_one_line(&format!(
        "DELETE FROM sqlite_sequence WHERE name = {name}; INSERT INTO sqlite_sequence (name, seq) VALUES ({name}, {seq});"
    )) + "\n"
}
