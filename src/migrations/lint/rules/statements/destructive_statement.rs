use crate::base::severity::Severity;
use crate::ddl::{Alteration, Kind};
use crate::migrations::lint::rule::{Check, Rule};
use crate::migrations::lint::shape::{Shape, Stmt};
use crate::migrations::lint::view::View;
use crate::schema::Ident;
use crate::sql::is_internal;

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a statement that deletes rows or columns for good",
    explanation: "DROP TABLE, DROP COLUMN and DELETE without WHERE lose data that no down can bring back. \
                  Dropping a table whose rows were copied before, as in a rebuild, is fine. Copy what you need \
                  first. If the data is to go, say why with `-- planctl:allow destructive-statement REASON`.",
    check: Check::Text(|view, _, sink| {
        // Taking back a CREATE TABLE is dropping it.
        if view.down {
            return;
        }
        for (n, stmt) in view.stmts.iter().enumerate() {
            let message = match &stmt.shape {
                Shape::Drop { kind: Kind::Table, name: table, if_exists } => {
                    if is_safe(view, n, table) || (*if_exists && view.is_passing_name(n, table)) {
                        continue;
                    }
                    format!("the rows of {table} are deleted with the table")
                }
                Shape::Delete { table, all: true } => {
                    if is_safe(view, n, table) {
                        continue;
                    }
                    format!("all rows of {table} are deleted")
                }
                Shape::AlterTable(table, Alteration::DropColumn(column)) => {
                    if view.is_new(n, table) || column_is_new_or_read(view, n, table, column) {
                        continue;
                    }
                    format!("the values of {table}.{column} are deleted with the column")
                }
                _ => continue,
            };
            sink.report(
                stmt.statement.start,
                message,
                "copy what is needed first, or say why it can go: `-- planctl:allow destructive-statement REASON`",
            );
        }
    }),
};

/// Whether nothing is lost when the rows of `table` go: it was made here, its rows were carried over or deleted (which is
/// a finding of its own), or it is SQLite's.
fn is_safe(view: &View<'_>, n: usize, table: &Ident) -> bool {
    let internal = is_internal(table.as_str());
    let emptied =
        |stmt: &Stmt<'_>| matches!(&stmt.shape, Shape::Delete { table: of, all: true } if of == table);
    internal || view.is_new(n, table) || view.was_copied(n, table) || view.stmts.iter().take(n).any(emptied)
}

/// Whether an earlier statement of the script added the column, or read it to carry its values elsewhere.
fn column_is_new_or_read(view: &View<'_>, n: usize, table: &Ident, column: &Ident) -> bool {
    view.stmts.iter().take(n).any(|stmt| match &stmt.shape {
        Shape::AlterTable(to, Alteration::AddColumn(added)) => to == table && added.column(column).is_some(),
        Shape::Update { table: to } if to == table => reads_column(stmt, column),
        _ => stmt.copies_from(table) && reads_column(stmt, column),
    })
}

/// Whether `column` stands anywhere but as the target of an assignment.
fn reads_column(stmt: &Stmt<'_>, column: &Ident) -> bool {
    stmt.tokens.iter().enumerate().any(|(n, token)| {
        let previous = n.checked_sub(1).and_then(|n| stmt.tokens.get(n));
        let next = stmt.tokens.get(n + 1);
        let assigned = next.is_some_and(|next| next.is_punct("="))
            && previous.is_some_and(|previous| previous.is_word("SET") || previous.is_punct(","));
        token.can_be_name() && Ident::new(token.unquoted()) == *column && !assigned
    })
}
