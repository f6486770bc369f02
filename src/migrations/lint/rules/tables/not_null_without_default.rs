use crate::base::severity::Severity;
use crate::ddl::Alteration;
use crate::migrations::lint::rule::{Check, Rule};
use crate::migrations::lint::shape::Shape;
use crate::schema::Column;

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Error,
    summary: "ADD COLUMN … NOT NULL without a default",
    explanation: "If the table has rows, SQLite refuses it (<https://www.sqlite.org/lang_altertable.html>). On \
                  an empty table it accepts it, so tests on fresh databases pass and production fails. Give the \
                  column a constant default, or rebuild the table and fill the column as you copy the rows.",
    check: Check::Text(|view, _, sink| {
        for (n, stmt) in view.stmts.iter().enumerate() {
            let Shape::AlterTable(table, Alteration::AddColumn(added)) = &stmt.shape else { continue };
            for Column { name, start, .. } in added.columns.iter().filter(|column| needs_value(column)) {
                if view.is_new(n, table) {
                    continue;
                }
                sink.report(
                stmt.place_of("NOT NULL", *start),
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

#[cfg(test)]
pub(crate) const FIXTURES: &[crate::migrations::lint::fixture::Fixture] = {
    use crate::migrations::lint::fixture::Fixture;
    const RULE: &str = "not-null-without-default";
    &[
        Fixture::good(
            "ALTER TABLE t ADD COLUMN a INT NOT NULL DEFAULT 0; ALTER TABLE t ADD b CHECK(b NOT NULL);",
        ),
        Fixture::good(
            "CREATE TABLE u(x); ALTER TABLE u RENAME TO t; ALTER TABLE t ADD COLUMN a INT NOT NULL;",
        ),
        Fixture::good("ALTER TABLE t ADD COLUMN a INT NOT NULL AS (b + 1);"),
        Fixture::bad(
            "ALTER TABLE t\n  ADD a INT NOT NULL;\nALTER TABLE t ADD COLUMN a INT DEFAULT NULL NOT NULL;",
            &[(RULE, 2), (RULE, 3)],
        ),
        Fixture::good("SELECT 1;").down(Some("ALTER TABLE t ADD a NOT NULL")).bad_down(&[(RULE, 1)]),
    ]
};
