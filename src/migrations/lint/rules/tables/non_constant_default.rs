use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};
use crate::sql::{Kind, Token, in_parentheses};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Error,
    summary: "ADD COLUMN with a default that is not constant",
    explanation: "If the table has rows, SQLite refuses to add a column whose default is CURRENT_TIMESTAMP or an \
                  expression (<https://www.sqlite.org/lang_altertable.html>). On an empty table it accepts it, \
                  so tests on fresh databases pass and production fails. Use a constant, or rebuild the table.",
    check: Check::Text(|view, _, sink| {
        for (n, stmt, table, column) in view.added_columns() {
            let Some(default) = &column.default else { continue };
            if !is_constant(stmt.tokens_of(default)) && !view.is_new(n, table) {
                let name = &column.name;
                sink.report(
                    stmt.statement.start + default.start,
                    format!(
                        "the default of {table}.{name} is not constant, which fails on a table that has rows"
                    ),
                    "use a constant default, or rebuild the table with this one",
                );
            }
        }
    }),
};

fn is_constant(value: &[Token<'_>]) -> bool {
    let moment = ["CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"];
    let Some(inner) = in_parentheses(value) else {
        return !value.first().is_some_and(|token| moment.iter().any(|word| token.is_word(word)));
    };
    // `(1)` and `(-1)` are constants, `(1 + 1)` is none to ALTER TABLE.
    let bare = |token: &&Token<'_>| !["(", ")", "+", "-"].iter().any(|punct| token.is_punct(punct));
    let mut operands = inner.iter().skip_while(|token| !bare(token));
    operands.next().is_some_and(is_literal) && operands.all(|token| token.is_punct(")"))
}

/// Whether a token is a literal value: a string, a blob, a number, or the word for one.
fn is_literal(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::String | Kind::Blob | Kind::Number)
        || ["NULL", "TRUE", "FALSE"].iter().any(|word| token.is_word(word))
}
