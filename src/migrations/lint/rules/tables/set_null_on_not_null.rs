use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};
use crate::schema::{ForeignKeyAction, Ident};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Error,
    summary: "ON DELETE SET NULL on a column that is NOT NULL",
    explanation: "When the row that it refers to is deleted, SQLite tries to set the column to NULL, and a \
                  DELETE on another table fails with \"NOT NULL constraint failed\". Allow NULL, or choose \
                  RESTRICT or CASCADE.",
    check: Check::Text(|view, _, sink| {
        // A down restores what was there, right or wrong.
        if view.down {
            return;
        }
        for (stmt, table) in view.stmts.iter().filter_map(|stmt| Some((stmt, stmt.declares()?))) {
            let refuses_null =
                |name: &&Ident| table.column(name).is_some_and(|column| table.refuses_null(column));
            for key in &table.foreign_keys {
                let Some(column) = key.columns.iter().find(refuses_null) else { continue };
                for (event, action) in [("DELETE", key.on_delete), ("UPDATE", key.on_update)] {
                    if action == ForeignKeyAction::SetNull {
                        sink.report(
                            stmt.place_of(&format!("ON {event}"), key.start),
                            format!("ON {event} SET NULL cannot work: {column} is NOT NULL"),
                            format!("allow NULL in {column}, or choose RESTRICT, NO ACTION or CASCADE"),
                        );
                    }
                }
            }
        }
    }),
};

#[cfg(test)]
pub(crate) const FIXTURES: &[crate::migrations::lint::fixture::Fixture] = {
    use crate::migrations::lint::fixture::Fixture;
    const RULE: &str = "set-null-on-not-null";
    &[
        Fixture::good(
            "CREATE TABLE t(a REFERENCES p ON DELETE SET NULL, b NOT NULL REFERENCES p ON DELETE CASCADE, \
             c CHECK (c NOT NULL) REFERENCES p ON DELETE SET NULL);",
        ),
        Fixture::good("SELECT 1;").down(Some("CREATE TABLE t(a NOT NULL REFERENCES p ON DELETE SET NULL)")),
        Fixture::bad(
            "CREATE TABLE t(\n  a TEXT REFERENCES p(x)\n    ON DELETE SET NULL ON UPDATE CASCADE NOT NULL,\n  b NOT NULL,\n  \
             FOREIGN KEY (c, \"B\") REFERENCES q(c, b) ON UPDATE CASCADE\n    ON DELETE set null\n);",
            &[(RULE, 3), (RULE, 6)],
        ),
        Fixture::bad("ALTER TABLE t ADD a NOT NULL DEFAULT 1 REFERENCES p ON UPDATE SET NULL;", &[(RULE, 1)]),
        Fixture::bad(
            "CREATE TABLE t(a, PRIMARY KEY (a),\nFOREIGN KEY(a) REFERENCES p ON DELETE SET NULL) WITHOUT ROWID;",
            &[(RULE, 2)],
        ),
    ]
};
