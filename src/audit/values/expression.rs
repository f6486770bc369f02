//! Expressions of the spec, made ready to be evaluated on the database's table.

use crate::schema::{Column, Ident, Table};
use crate::sql::{Kind, Token, is_rowid_name, quote, quote_string, replaced, tokens};

/// The columns of the table that an expression names, sorted.
pub(super) fn columns_of(table: &Table, expression: &str) -> Vec<Ident> {
    let mut found: Vec<Ident> = names(expression)
        .filter_map(|name| column(table, name.token).map(|column| column.name.clone()))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// An expression in which what SQLite would take for a string although it stands in double quotes
/// (<https://www.sqlite.org/quirks.html#dblquote>) is written as one: on another table the same text could be a column.
pub(super) fn with_string_literals(table: &Table, expression: &str) -> String {
    replace(expression, |name| {
        let text = name.token.unquoted();
        let known = column(table, name.token).is_some() || is_rowid_name(&text);
        (name.token.text.starts_with('"') && !name.qualified && !known).then(|| quote_string(&text))
    })
}

/// An expression in which columns that have another affinity in the database stand for what the spec's would store. (A
/// comparison with a literal of another kind, `a TEXT CHECK (a IN (1, 2))`, has no affinity then.)
pub(super) fn as_stored(expression: &str, table: &Table, there: &Table) -> String {
    replace(expression, |name| {
        let wanted = column(table, name.token)?;
        let found = there.column(&wanted.name)?;
        let affinity = table.affinity(wanted);
        if affinity == there.affinity(found) {
            return None;
        }
        let collate = wanted.collation.as_ref().map(|name| format!(" COLLATE {}", quote(name)));
        let stored = affinity.stored(&wanted.name.quoted());
        Some(format!("({stored}){}", collate.unwrap_or_default()))
    })
}

/// A token that names a column, if such a column exists.
struct Name<'a> {
    token: Token<'a>,
    /// Where the name begins, the table's name before it included.
    start: usize,
    qualified: bool,
}

fn column<'t>(table: &'t Table, token: Token<'_>) -> Option<&'t Column> {
    table.column(&Ident::from(token.unquoted()))
}

fn names(expression: &str) -> impl Iterator<Item = Name<'_>> {
    let all: Vec<Token<'_>> = tokens(expression).collect();
    (0..all.len()).filter_map(move |i| {
        let token = *all.get(i)?;
        let before = i.checked_sub(1).and_then(|before| all.get(before));
        let is_other = before.is_some_and(|before| before.is_word("COLLATE") || before.is_word("AS"))
            || all.get(i + 1).is_some_and(|next| next.is_punct("(") || next.is_punct("."));
        if is_other || !matches!(token.kind, Kind::Word | Kind::Quoted) {
            return None;
        }
        let qualified = before.is_some_and(|before| before.is_punct("."));
        let start =
            i.checked_sub(2).filter(|_| qualified).and_then(|table| all.get(table)).unwrap_or(&token).start;
        Some(Name { token, start, qualified })
    })
}

fn replace(expression: &str, with: impl Fn(&Name<'_>) -> Option<String>) -> String {
    replaced(
        expression,
        names(expression).filter_map(|name| Some((name.start..name.token.end(), with(&name)?))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_in_double_quotes_is_written_as_one_and_a_column_stays() {
        let table = crate::ddl::create_table("CREATE TABLE t (state TEXT, \"a b\" TEXT)").unwrap();
        let written = |expression| with_string_literals(&table, expression);
        assert_eq!(written("\"state\" = \"don't\""), "\"state\" = 'don''t'");
        assert_eq!(
            written("t.\"x\" > \"abs\"(\"a b\") AND \"ROWID\" > 0"),
            "t.\"x\" > \"abs\"(\"a b\") AND \"ROWID\" > 0"
        );
    }

    #[test]
    fn a_column_of_another_affinity_stands_for_what_would_be_stored() {
        let table = |sql| crate::ddl::create_table(sql).unwrap();
        let spec = table("CREATE TABLE t (a BLOB, b TEXT COLLATE NOCASE, c INT)");
        let there = table("CREATE TABLE t (a TEXT, b INT, c INTEGER)");
        assert_eq!(
            as_stored("t.a > c AND \"B\" <> 'b'", &spec, &there),
            "(\"a\") > c AND (CASE WHEN typeof(\"b\") IN ('integer', 'real') THEN CAST(\"b\" AS TEXT) ELSE \"b\" END) \
             COLLATE \"NOCASE\" <> 'b'"
        );
    }
}
