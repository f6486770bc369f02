//! The new names of tables and columns in a text that SQLite cannot compile, and so does not rename anything in.

use crate::schema::Ident;
use crate::sql::{Token, display_name, replaced, tokens};

/// The statement of a view or trigger with the new name of a table, or of one of its columns, where its text alone says
/// that it means that: a table behind FROM, JOIN, INTO, UPDATE or in front of a dot; a column where the table is named, too.
pub fn renamed_in(statement: &str, table: &Ident, column: Option<&Ident>, to: &str) -> String {
    let all: Vec<Token<'_>> = tokens(statement).collect();
    let is_table = |i: usize| {
        let word = |n: usize| i.checked_sub(n).and_then(|at| all.get(at));
        let token = all.get(i).filter(|token| token.can_be_name() && *table == *token.unquoted());
        let qualified = word(1).is_some_and(|dot| dot.is_punct("."));
        // `main.t`
        let before = if qualified { word(3) } else { word(1) };
        let is_named = before.is_some_and(|before| {
            ["FROM", "JOIN", "INTO", "UPDATE"].iter().any(|known| before.is_word(known))
                || before.is_punct(",") && is_listed(&all, i)
        });
        let owns = !qualified && all.get(i + 1).is_some_and(|dot| dot.is_punct("."));
        token.is_some() && (is_named || owns)
    };
    let tables: Vec<usize> = (0..all.len()).filter(|i| is_table(*i)).collect();
    let is_column = |i: usize, column: &Ident| {
        let token = all.get(i).filter(|token| token.can_be_name() && *column == *token.unquoted());
        let is_alias = i.checked_sub(1).and_then(|at| all.get(at)).is_some_and(|before| before.is_word("AS"));
        let is_called = all.get(i + 1).is_some_and(|next| next.is_punct("(") || next.is_punct("."));
        token.is_some() && !is_alias && !is_called && !tables.contains(&i)
    };
    let places: Vec<usize> = match column {
        None => tables.clone(),
        Some(_) if tables.is_empty() => Vec::new(),
        Some(column) => (0..all.len()).filter(|i| is_column(*i, column)).collect(),
    };
    let named = places.into_iter().filter_map(|i| all.get(i));
    replaced(statement, named.map(|token| (token.start..token.end(), display_name(to))))
}

/// Whether a comma separates tables: the last clause that began is FROM.
fn is_listed(all: &[Token<'_>], at: usize) -> bool {
    const CLAUSES: [&str; 9] =
        ["SELECT", "FROM", "WHERE", "GROUP", "ORDER", "HAVING", "SET", "VALUES", "USING"];
    let before = all.iter().take(at).rev();
    let clause = before.into_iter().find(|token| CLAUSES.iter().any(|known| token.is_word(known)));
    clause.is_some_and(|token| token.is_word("FROM"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_changed_where_it_means_what_was_renamed() {
        let of = |text: &str, column: Option<&str>| {
            renamed_in(text, &"t".into(), column.map(Ident::from).as_ref(), "new t")
        };
        for (text, wanted) in [
            ("SELECT t.a AS t FROM T", "SELECT \"new t\".a AS t FROM \"new t\""),
            (
                "SELECT t, x.t FROM x, main.t, [t] y JOIN t",
                "SELECT t, x.t FROM x, main.\"new t\", \"new t\" y JOIN \"new t\"",
            ),
            (
                "INSERT INTO t SELECT 't'; UPDATE t SET t = t; DELETE FROM t",
                "INSERT INTO \"new t\" SELECT 't'; UPDATE \"new t\" SET t = t; DELETE FROM \"new t\"",
            ),
        ] {
            assert_eq!(of(text, None), wanted);
        }
        assert_eq!(
            of("SELECT a, t.a AS a, a(1) FROM t", Some("a")),
            "SELECT \"new t\", t.\"new t\" AS a, a(1) FROM t"
        );
        assert_eq!(of("SELECT a FROM x", Some("a")), "SELECT a FROM x");
    }
}
