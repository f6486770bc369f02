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
        self.statement(&format!(
            "CREATE TEMP TABLE planctl_check(ok INTEGER NOT NULL CONSTRAINT {} CHECK (ok))",
            quote(reason)
        ));
        self.statement(&format!("INSERT INTO temp.planctl_check\n{query}"));
        self.statement("DROP TABLE temp.planctl_check");
    }
}
