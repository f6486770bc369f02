use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};
use crate::schema::Column;

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Error,
    summary: "ADD COLUMN … NOT NULL without a default",
    explanation: "If the table has rows, SQLite refuses it (<https://www.sqlite.org/lang_altertable.html>). On \
                  an empty table it accepts it, so tests on fresh databases pass and production fails. Give the \
                  column a constant default, or rebuild the table and fill the column as you copy the rows.",
    check: Check::Text(|view, _, sink| {
        for (n, stmt, table, column) in view.added_columns() {
            if needs_value(column) && !view.is_new(n, table) {
                let name = &column.name;
                sink.report(
                    stmt.place_of("NOT NULL", column.start),
                    format!("{table}.{name} is added as NOT NULL without a default, which fails on a table that has rows"),
                    "give it a constant default, or rebuild the table and fill the column in the copy",
                );
            }
        }
    }),
};

fn needs_value(column: &Column) -> bool {
    let has_default =
        column.default.as_ref().is_some_and(|default| !default.text.eq_ignore_ascii_case("NULL"));
    column.not_null.is_some() && column.generated.is_none() && !has_default
}
