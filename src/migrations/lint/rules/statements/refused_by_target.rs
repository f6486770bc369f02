use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};
use crate::sql::{Taken, taken};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Error,
    summary: "a statement that the target does not take",
    explanation: "Servers and D1 take less than SQLite does. D1 refuses most pragmas, temporary objects, modules other \
                  than fts5 and some functions; libSQL refuses temporary objects and ANALYZE; a server's settings \
                  belong to all of its connections. planctl sends none of these. Write the migration without them. \
                  Only found for the targets libsql, rqlite and d1.",
    check: Check::Text(|view, context, sink| {
        for stmt in &view.stmts {
            if let Taken::Refused { why, help } = taken(&stmt.tokens, context.options.target) {
                sink.report(stmt.statement.start, why, help);
            }
        }
    }),
};
