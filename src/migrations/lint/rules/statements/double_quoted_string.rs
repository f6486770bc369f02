use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Context, Rule, Sink};
use crate::migrations::lint::shape::{Shape, Stmt};
use crate::schema::{Ident, Table};
use crate::sql::{Kind, Target, Token, find_words, in_parentheses, is_rowid_name, quote_string};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a string in double quotes",
    explanation: "Double quotes are for names. SQLite takes \"x\" for a string only if there is no column x, and \
                  not at all if it was built without that leniency (<https://www.sqlite.org/quirks.html>). When \
                  somebody adds a column x, the statement changes its meaning or fails. Write 'x'.",
    check: Check::Text(|view, context, sink| {
        for stmt in &view.stmts {
            match stmt.declares() {
                Some(table) => check_declared(stmt, table, context, sink),
                None => check_rows(stmt, context, sink),
            }
        }
    }),
};

/// `DEFAULT "x"`, and `"x"` in a CHECK where it is no column.
fn check_declared(stmt: &Stmt<'_>, table: &Table, context: &Context<'_>, sink: &mut Sink<'_>) {
    let is_column = |name: &Ident| match stmt.shape {
        Shape::CreateTable(_) => table.column(name).is_some() || is_rowid_name(name.as_str()),
        _ => context.may_be_column(name, stmt),
    };
    for default in table.columns.iter().filter_map(|column| column.default.as_ref()) {
        let value = stmt.tokens_of(default).first();
        value
            .filter(|value| value.is_double_quoted())
            .into_iter()
            .for_each(|value| report(value, context, sink));
    }
    for check in &table.checks {
        let body = stmt.tokens_of(&check.expr);
        for (n, token) in body.iter().enumerate() {
            if token.is_double_quoted() && stands_alone(body, n) && !is_column(&Ident::new(token.unquoted()))
            {
                report(token, context, sink);
            }
        }
    }
}

/// Strings in `VALUES`, `IN (…)` and comparisons.
fn check_rows(stmt: &Stmt<'_>, context: &Context<'_>, sink: &mut Sink<'_>) {
    let tokens = stmt.tokens.as_slice();
    // `VALUES (…), (…)` of an INSERT: no column can be meant outside of a subquery.
    let insert = matches!(stmt.shape, Shape::Insert { .. });
    let values = if insert { find_words(tokens, "VALUES") } else { None };
    let mut behind = values.map_or(0, |n| n + 1);
    while let Some(row) = tokens.get(behind..).filter(|_| insert).and_then(in_parentheses) {
        if !row.iter().any(|token| token.is_word("SELECT")) {
            let strings =
                row.iter().enumerate().filter(|(n, t)| t.is_double_quoted() && stands_alone(row, *n));
            strings.for_each(|(_, token)| report(token, context, sink));
        }
        behind += row.len() + 2;
        behind += usize::from(tokens.get(behind).is_some_and(|token| token.is_punct(",")));
    }
    let selected = selected(tokens);
    for (n, token) in tokens.iter().enumerate().skip(behind) {
        if token.is_double_quoted()
            && stands_alone(tokens, n)
            && (is_compared(tokens, n) || is_in_list(tokens, n) || selected.contains(&n))
            && !context.may_be_column(&Ident::new(token.unquoted()), stmt)
        {
            report(token, context, sink);
        }
    }
}

fn report(token: &Token<'_>, context: &Context<'_>, sink: &mut Sink<'_>) {
    let string = quote_string(&token.unquoted());
    // A libSQL server takes it for a name, whatever there is.
    let severity = if context.options.target == Target::Libsql { Severity::Error } else { RULE.severity };
    sink.report_as(
        severity,
        token.start,
        format!("{} is a string in double quotes", token.text),
        format!("write {string}"),
    );
}

/// Whether token `n` is neither a part of `a.b`, nor a function's name, nor a type or a collation.
fn stands_alone(tokens: &[Token<'_>], n: usize) -> bool {
    let next = tokens.get(n + 1).is_some_and(|next| next.is_punct(".") || next.is_punct("("));
    let previous = n.checked_sub(1).and_then(|n| tokens.get(n)).is_some_and(|previous| {
        previous.is_punct(".") || previous.is_word("COLLATE") || previous.is_word("AS")
    });
    !next && !previous
}

/// Whether token `n` stands behind a comparison or assignment, or behind THEN or ELSE.
fn is_compared(tokens: &[Token<'_>], n: usize) -> bool {
    const OPERATORS: [&str; 8] = ["=", "==", "<>", "!=", "<", ">", "<=", ">="];
    n.checked_sub(1).and_then(|n| tokens.get(n)).is_some_and(|previous| {
        OPERATORS.iter().any(|operator| previous.is_punct(operator))
            || ["LIKE", "GLOB", "THEN", "ELSE"].iter().any(|word| previous.is_word(word))
    })
}

/// The tokens that begin an operand in what a SELECT gives: between SELECT and its FROM, not an alias behind an expression.
fn selected(tokens: &[Token<'_>]) -> Vec<usize> {
    const BEFORE: [&str; 7] = [",", "(", "||", "+", "-", "*", "/"];
    const END: [&str; 10] =
        ["FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "UNION", "EXCEPT", "INTERSECT"];
    // For each parenthesis that is open: whether a list of a SELECT goes on in it.
    let mut open = vec![false];
    let mut found = Vec::new();
    let mut previous: Option<&Token<'_>> = None;
    for (n, token) in tokens.iter().enumerate() {
        let inside = open.last().copied().unwrap_or(false);
        if token.is_punct("(") {
            open.push(inside);
        } else if token.is_punct(")") && open.len() > 1 {
            open.pop();
        } else if token.is_word("SELECT") || END.iter().any(|word| token.is_word(word)) {
            if let Some(inside) = open.last_mut() {
                *inside = token.is_word("SELECT");
            }
        } else if inside
            && previous.is_some_and(|previous| {
                BEFORE.iter().any(|punct| previous.is_punct(punct))
                    || ["SELECT", "DISTINCT", "ALL"].iter().any(|word| previous.is_word(word))
            })
        {
            found.push(n);
        }
        previous = Some(token);
    }
    found
}

/// Whether token `n` is an item of `IN ("a", "b")`.
fn is_in_list(tokens: &[Token<'_>], n: usize) -> bool {
    let mut before = tokens.get(..n).unwrap_or_default().iter().rev();
    let opening = before.by_ref().find(|token| {
        !matches!(token.kind, Kind::String | Kind::Quoted | Kind::Number) && !token.is_punct(",")
    });
    opening.is_some_and(|token| token.is_punct("(")) && before.next().is_some_and(|token| token.is_word("IN"))
}
