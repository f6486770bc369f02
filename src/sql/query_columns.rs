//! The names of a query's columns, for what is selected from it.

use std::borrow::Cow;

use super::{Kind, Token, quote, replaced, tokens};

/// The names that SQLite gives to no column of a query (`sqlite3ColumnsFromExprList` in its source): a common table
/// expression or a subquery that calls its first column `true` has a `column1`, and `"true"` is a string beside it.
const TAKEN: [&str; 2] = ["true", "false"];

/// The names that the columns of a query have, where the columns of a table may have any.
#[derive(Clone)]
pub struct QueryColumns {
    /// Which of the names there are, and what stands in for it.
    stand_ins: [(bool, String); 2],
}

impl QueryColumns {
    /// Of columns that are to have these names.
    pub fn called<'n>(names: impl Iterator<Item = &'n str> + Clone) -> QueryColumns {
        QueryColumns::some_of(names.clone(), names)
    }

    /// Of columns that are to have these names, in a query inside another one that has columns of the `others`.
    pub fn some_of<'n>(
        names: impl Iterator<Item = &'n str> + Clone,
        others: impl Iterator<Item = &'n str> + Clone,
    ) -> QueryColumns {
        let stand_ins = TAKEN.map(|taken| {
            let mut free = format!("planctl_{taken}");
            while names.clone().chain(others.clone()).any(|name| name.eq_ignore_ascii_case(&free)) {
                free.push('_');
            }
            (names.clone().any(|name| name.eq_ignore_ascii_case(taken)), free)
        });
        QueryColumns { stand_ins }
    }

    fn stand_in(&self, name: &str) -> Option<&(bool, String)> {
        let at = TAKEN.iter().position(|taken| name.eq_ignore_ascii_case(taken))?;
        self.stand_ins.get(at)
    }

    /// A column as SQL names it.
    pub fn name(&self, name: &str) -> String {
        quote(self.stand_in(name).map_or(name, |(_, free)| free))
    }

    /// An expression over a table as one over the query, which has the name `title`.
    pub fn in_text<'t>(&self, text: &'t str, title: &str) -> Cow<'t, str> {
        let all: Vec<Token<'_>> = tokens(text).collect();
        let before = |i: usize, n: usize| i.checked_sub(n).and_then(|at| all.get(at));
        let wanted = |token: &Token<'_>| match token.kind {
            Kind::Word | Kind::Quoted => self.stand_in(&token.unquoted()),
            _ => None,
        };
        let parts: Vec<_> = (all.iter().enumerate())
            .filter_map(|(i, token)| {
                let (is_there, free) = wanted(token)?;
                // A function, or a table.
                let is_other = all.get(i + 1).is_some_and(|next| next.is_punct("(") || next.is_punct("."));
                let is_qualified = before(i, 1).is_some_and(|dot| dot.is_punct("."));
                let is_elsewhere = is_qualified
                    && !before(i, 2).is_some_and(|owner| owner.unquoted().eq_ignore_ascii_case(title));
                (*is_there && !is_other && !is_elsewhere).then(|| (token.start..token.end(), quote(free)))
            })
            .collect();
        if parts.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(replaced(text, parts)) }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// Whatever name a table has for a column, its query has one, by which the same value is found.
    #[test]
    fn a_column_called_true_is_no_string_to_whoever_selects_from_a_query() {
        let conn = Connection::open_in_memory().unwrap();
        let names = [
            "true",
            "FALSE",
            "rowid",
            "oid",
            "_rowid_",
            "null",
            "current_date",
            "new",
            "excluded",
            "column1",
            "a:1",
            "",
            "planctl_true",
            "generated",
            "1",
            "\"",
            "'true'",
            "sqlite_x",
            "abort",
            "raise",
        ];
        let list: Vec<String> = names.iter().map(|name| quote(name)).collect();
        let values: Vec<String> = (0..names.len()).map(|n| n.to_string()).collect();
        let (list, values) = (list.join(", "), values.join(", "));
        conn.execute_batch(&format!("CREATE TABLE t({list}); INSERT INTO t VALUES ({values})")).unwrap();
        let columns = QueryColumns::called(names.iter().copied());
        let of_query: Vec<String> = names.iter().map(|name| columns.name(name)).collect();
        let with = format!("WITH t({}) AS (SELECT {list} FROM main.t)", of_query.join(", "));
        for (n, name) in (0_i64..).zip(names) {
            let quoted = quote(name);
            for text in
                [quoted.clone(), format!("t.{quoted}"), format!("(SELECT x FROM (SELECT {quoted} AS x))")]
            {
                let over_query = columns.in_text(&text, "T");
                let asked = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
                assert_eq!(asked(&format!("SELECT {text} FROM t")), Ok(n), "{text}");
                assert_eq!(asked(&format!("{with} SELECT {over_query} FROM t")), Ok(n), "{over_query}");
            }
        }
    }

    #[test]
    fn only_what_means_the_column_gets_another_name() {
        let columns = QueryColumns::called(["a", "True"].into_iter());
        for (text, wanted) in [
            (
                "a = true AND t.[true] IS NOT FALSE",
                "a = \"planctl_true\" AND t.\"planctl_true\" IS NOT FALSE",
            ),
            (
                "true(true) || 'true' || u.true || true.a",
                "true(\"planctl_true\") || 'true' || u.true || true.a",
            ),
            ("(SELECT 1 AS \"false\") WHERE \"false\" > 0", "(SELECT 1 AS \"false\") WHERE \"false\" > 0"),
            ("a > 0", "a > 0"),
        ] {
            assert_eq!(columns.in_text(text, "t"), wanted);
        }
        let none = QueryColumns::called(["a"].into_iter());
        assert_eq!(none.in_text("a = true", "t"), "a = true");
    }
}
