use crate::base::severity::Severity;
use crate::ddl::{self, Kind as Made};
use crate::migrations::lint::rule::{Check, Rule};
use crate::migrations::lint::shape::{Shape, Stmt};
use crate::sql::{Kind, Target, Token, in_parentheses};

/// Tried on a cluster of rqlite 8.26: random() is a number when the statement reaches the nodes, but for subqueries and ORDER
/// BY; all others come to them as they are.
pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a statement that gives each node of an rqlite cluster other rows",
    explanation: "rqlite replicates statements, not rows: each node runs them itself. With randomblob(), with the \
                  current time, and with random() in a subquery or in ORDER BY, each node stores another value. \
                  Elsewhere rqlite puts one number in the place of random(), the same for all rows, and stores \
                  that number in a trigger or a view; it fails on random() in a DEFAULT. Have the application \
                  give the values. Only found for the target rqlite.",
    check: Check::Text(|view, context, sink| {
        if context.options.target != Target::Rqlite {
            return;
        }
        for stmt in &view.stmts {
            let made = ddl::kind(stmt.statement.text);
            let writes = matches!(
                stmt.shape,
                Shape::Insert { .. } | Shape::Update { .. } | Shape::Delete { .. } | Shape::AlterTable(..)
            );
            if !writes && !matches!(made, Some(Made::Table | Made::Trigger | Made::View)) {
                continue;
            }
            // A view has no rows: the time is that of whoever reads it.
            let stores = made != Some(Made::View);
            for (n, token) in stmt.tokens.iter().enumerate() {
                if let Some(message) = verdict(stmt, n, stores) {
                    sink.report(
                        token.start,
                        message,
                        "give the value itself, or have the application write it",
                    );
                }
            }
        }
    }),
};

/// What is wrong with token `n`, if it is a source of values that nobody can tell.
fn verdict(stmt: &Stmt<'_>, n: usize, stores: bool) -> Option<String> {
    let token = stmt.tokens.get(n)?;
    if token.kind != Kind::Word
        || n.checked_sub(1).and_then(|n| stmt.tokens.get(n)).is_some_and(|t| t.is_punct("."))
    {
        return None;
    }
    let is_any = |words: &[&str]| words.iter().any(|word| token.is_word(word));
    let differs = |what: &str| format!("each node of an rqlite cluster has a value of its own for {what}");
    if is_any(&["CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"]) {
        return stores.then(|| differs(&token.text.to_ascii_uppercase()));
    }
    let arguments = stmt.tokens.get(n + 1..).and_then(in_parentheses)?;
    if token.is_word("random") {
        return Some(
            "rqlite puts one number in the place of random(), or each node has one of its own".to_owned(),
        );
    }
    if token.is_word("randomblob") {
        return stores.then(|| differs("randomblob()"));
    }
    let of_time = is_any(&["date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff"]);
    (stores && of_time && says_now(token, arguments)).then(|| differs(&format!("{}() of now", token.text)))
}

/// Whether a function of time is asked for the current one: by its name, or because no time is said.
fn says_now(function: &Token<'_>, arguments: &[Token<'_>]) -> bool {
    let now = |token: &Token<'_>| {
        matches!(token.kind, Kind::String | Kind::Quoted) && token.unquoted().eq_ignore_ascii_case("now")
    };
    let format_alone = function.is_word("strftime") && arguments.len() == 1;
    arguments.is_empty() || format_alone || arguments.iter().any(now)
}
