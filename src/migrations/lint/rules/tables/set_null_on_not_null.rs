use crate::base::severity::Severity;
use crate::migrations::lint::cursor::{find, starts_with};
use crate::migrations::lint::references::{names_in_parenthesis, references};
use crate::migrations::lint::rule::{Check, Rule};
use crate::migrations::lint::shape::{Definition, Shape, Stmt, Table};
use crate::schema::Ident;

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
        for stmt in &view.stmts {
            for reference in references(stmt) {
                let Some(column) = reference.columns.iter().find(|column| refuses_null(stmt, column)) else {
                    continue;
                };
                for action in reference.actions.iter().filter(|action| action.action == "SET NULL") {
                    sink.report(
                        action.at,
                        format!("ON {} SET NULL cannot work: {column} is NOT NULL", action.event),
                        format!("allow NULL in {column}, or choose RESTRICT, NO ACTION or CASCADE"),
                    );
                }
            }
        }
    }),
};

fn refuses_null(stmt: &Stmt<'_>, column: &Ident) -> bool {
    let declared = |definition: &Definition| {
        definition.column.as_ref() == Some(column) && find(stmt.part(&definition.range), "NOT NULL").is_some()
    };
    match &stmt.shape {
        Shape::CreateTable(table) => {
            table.definitions.iter().any(declared)
                || (find(stmt.part(&table.options), "WITHOUT ROWID").is_some() && is_key(stmt, table, column))
        }
        Shape::AddColumn { column: definition, .. } => declared(definition),
        _ => false,
    }
}

/// Whether a column is a part of the primary key, which a WITHOUT ROWID table keeps free of NULL.
fn is_key(stmt: &Stmt<'_>, table: &Table, column: &Ident) -> bool {
    table.definitions.iter().any(|definition| {
        let tokens = stmt.part(&definition.range);
        let Some(key) = find(tokens, "PRIMARY KEY") else { return false };
        match &definition.column {
            Some(name) => name == column,
            None => {
                let behind = tokens.get(key + 2..).unwrap_or_default();
                !starts_with(tokens, "FOREIGN") && names_in_parenthesis(behind).contains(column)
            }
        }
    })
}

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
