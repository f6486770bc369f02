//! What planctl's own parts of a script are written into.

use crate::sql::{Target, Token, quote, tokens};

/// A script in the making: for a shell, or for a server.
pub(crate) trait Script {
    /// A line that is no statement: a comment, or a command of the shell's.
    fn line(&mut self, line: &str);

    /// A statement of ours. Its own tables are in `temp`.
    fn statement(&mut self, sql: &str);

    /// Where it runs.
    fn place(&self) -> Target;

    /// A query whose rows say what the check behind it stumbles over.
    fn show(&mut self, query: &str) {
        self.statement(query);
    }

    /// Ends the script with `reason` unless `query` gives one row that is true.
    fn check(&mut self, reason: &str, query: &str) {
        check(reason, query).iter().for_each(|statement| self.statement(statement));
    }
}

/// What to do with a script, a line each.
pub(crate) fn how_to_run(place: Target) -> [&'static str; 2] {
    match place {
        Target::Sqlite => [
            "Run it with the sqlite3 shell: sqlite3 -batch DATABASE < FILE",
            "It is one transaction: if a statement fails, nothing is changed.",
        ],
        Target::D1 => [
            "Run it with wrangler: wrangler d1 execute DATABASE --file FILE",
            "D1 runs a file as one transaction: if a statement fails, nothing is changed.",
        ],
        Target::Rqlite => [
            "Send its statements in one request to an rqlite node: POST /db/execute?transaction",
            "So it is one transaction: if a statement fails, nothing is changed.",
        ],
        Target::Libsql => [
            "Run it on the libSQL server, with a client that stops at the first error.",
            "It is one transaction: if a statement fails, nothing is changed.",
        ],
    }
}

/// The table of checks, which is there for the time of a check.
pub(crate) const CHECK: &str = "planctl_check";

/// The statements of a check: its table, the one that fails, and the end of its table.
pub(crate) fn check(reason: &str, query: &str) -> [String; 3] {
    [
        format!("CREATE TEMP TABLE {CHECK}(ok INTEGER NOT NULL CONSTRAINT {} CHECK (ok))", quote(reason)),
        format!("INSERT INTO temp.{CHECK}\n{query}"),
        format!("DROP TABLE temp.{CHECK}"),
    ]
}

/// A statement of ours with its own tables in main: not every server has temporary ones, and they are gone before the
/// request ends.
pub(crate) fn in_main(sql: &str) -> String {
    let all: Vec<Token<'_>> = tokens(sql).collect();
    let mut text = String::with_capacity(sql.len());
    let mut from = 0;
    for (at, token) in all.iter().enumerate() {
        let after_create = at.checked_sub(1).and_then(|at| all.get(at)).is_some_and(|t| t.is_word("CREATE"));
        let before_dot = all.get(at + 1).is_some_and(|next| next.is_punct("."));
        let put = match token {
            token if token.is_word("TEMP") && after_create => "",
            token if token.is_word("temp") && before_dot => "main",
            _ => continue,
        };
        text.push_str(sql.get(from..token.start).unwrap_or_default());
        text.push_str(put);
        from = token.end();
    }
    text.push_str(sql.get(from..).unwrap_or_default());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_ours_are_in_main_and_literals_stay() {
        assert_eq!(in_main("CREATE TEMP TABLE planctl_x(a)"), "CREATE  TABLE planctl_x(a)");
        assert_eq!(
            in_main("CREATE INDEX temp.planctl_i ON planctl_x(\"temp\")"),
            "CREATE INDEX main.planctl_i ON planctl_x(\"temp\")"
        );
        assert_eq!(
            in_main("SELECT 'CREATE TEMP TABLE temp.x' FROM temp.planctl_x"),
            "SELECT 'CREATE TEMP TABLE temp.x' FROM main.planctl_x"
        );
    }
}
