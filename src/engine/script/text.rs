//! What planctl's own parts of a script are written into.

use crate::sql::quote;

/// A script in the making: for a shell, or for a server.
pub(crate) trait Script {
    /// A line that is no statement: a comment, or a command of the shell's.
    fn line(&mut self, line: &str);

    /// A statement of ours. Its own tables are in `temp`.
    fn statement(&mut self, sql: &str);

    /// A query whose rows say what the check behind it stumbles over.
    fn show(&mut self, query: &str) {
        self.statement(query);
    }

    /// Ends the script with `reason` unless `query` gives one row that is true.
    fn check(&mut self, reason: &str, query: &str) {
        check(reason, query).iter().for_each(|statement| self.statement(statement));
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
