//! Text for the `sqlite3` shell, or for a place that runs a text as one transaction, tried as it is written.

use super::batch;
use super::reader;
use super::text::{Script, in_main};
use super::trial::Trial;
use crate::base::error::Result;
use crate::sql::{Target, quote_string};

/// Settings that change what statements do, and that the user's own start file may have changed; with the values that
/// planctl's connections have.
const SETTINGS: [&str; 6] = [
    "PRAGMA case_sensitive_like = OFF",
    "PRAGMA ignore_check_constraints = OFF",
    "PRAGMA legacy_alter_table = OFF",
    "PRAGMA recursive_triggers = OFF",
    "PRAGMA reverse_unordered_selects = OFF",
    "PRAGMA writable_schema = RESET",
];

/// A script in the making.
pub(crate) struct Shell {
    text: String,
    /// How much of it the trial has read.
    tried: usize,
    trial: Trial,
    /// Whether a statement had to be written with a comment that its author did not write.
    pub(crate) shielded: bool,
}

impl Shell {
    pub(crate) fn new(trial: Trial) -> Shell {
        Shell { text: String::new(), tried: 0, trial, shielded: false }
    }

    /// The lines before the transaction, and its beginning. `dqs`: whether double-quoted strings have to be allowed.
    pub(crate) fn begin(
        &mut self,
        about: &[String],
        timeout_ms: Option<u128>,
        dqs: bool,
        keeps_statistics: bool,
    ) {
        for line in about {
            self.line(&format!("-- {line}"));
        }
        match self.place() {
            Target::Sqlite => {}
            Target::Libsql => return self.statement("BEGIN IMMEDIATE"),
            Target::Rqlite | Target::D1 => return,
        }
        self.line(".bail on");
        if let Some(timeout) = timeout_ms {
            self.line(&format!(".timeout {timeout}"));
        }
        if dqs {
            self.line("-- The shell of SQLite 3.41 and newer reads a string in double quotes as a name. It echoes the setting.");
            self.line(".dbconfig dqs_dml on");
            self.line(".dbconfig dqs_ddl on");
        }
        self.line("-- A rebuilt table is gone for a moment: with foreign keys on, dropping it would delete rows that refer to it.");
        self.statement("PRAGMA foreign_keys = OFF");
        for setting in SETTINGS {
            self.statement(setting);
        }
        if keeps_statistics {
            self.attach_memory();
        }
        self.statement("BEGIN IMMEDIATE");
    }

    /// Ends the transaction.
    pub(crate) fn commit(&mut self) {
        self.line("");
        if matches!(self.place(), Target::Sqlite | Target::Libsql) {
            self.statement("COMMIT");
        }
    }

    /// Before BEGIN, where any of the files drops or renames a table: where what ANALYZE found is kept meanwhile.
    fn attach_memory(&mut self) {
        self.line(
            "-- The statistics of a rebuilt table are kept where they are still true: all of sqlite_stat1.",
        );
        self.line("-- Where the database has sqlite_stat4, run ANALYZE afterwards.");
        self.statement("ATTACH ':memory:' AS planctl_memory");
        self.statement("ANALYZE planctl_memory.sqlite_master");
    }

    /// A statement of somebody else's, so that what SQLite gets is that statement to the letter, but for the comments of
    /// [`reader::shielded`].
    ///
    /// # Errors
    /// Where the place would take something else for that statement.
    pub(crate) fn verbatim(&mut self, sql: &str) -> Result<()> {
        if self.place() != Target::Sqlite {
            let text = batch::written(sql).ok_or_else(|| batch::taken_apart(sql))?;
            self.shielded |= text != sql.trim_end_matches(';');
            self.text.push_str(&text);
            self.text.push_str(";\n");
            return Ok(());
        }
        match reader::shielded(sql) {
            Some(text) => {
                self.shielded |= text.contains(reader::SHIELD);
                self.text.push_str(&text);
            }
            None => self.text.push_str(sql),
        }
        self.text.push_str(if sql.ends_with(';') { "\n" } else { ";\n" });
        Ok(())
    }

    /// Has the trial read what was written since the last time.
    ///
    /// # Errors
    /// Where the shell would stop.
    pub(crate) fn prove(&mut self) -> Result<&Trial> {
        let new = self.text.get(self.tried..).unwrap_or_default();
        self.tried = self.text.len();
        self.trial.feed(new)?;
        Ok(&self.trial)
    }

    /// The text, once all of it is tried.
    ///
    /// # Errors
    /// As [`prove`](Self::prove).
    pub(crate) fn end(mut self) -> Result<(String, Trial)> {
        self.prove()?;
        self.trial.verify_ended()?;
        Ok((self.text, self.trial))
    }
}

impl Script for Shell {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn statement(&mut self, sql: &str) {
        let sql = sql.trim_end_matches(';');
        match self.place() {
            Target::Sqlite => self.text.push_str(sql),
            Target::Libsql | Target::Rqlite | Target::D1 => {
                let sql = in_main(sql);
                self.text.push_str(&batch::written(&sql).unwrap_or(sql));
            }
        }
        self.text.push_str(";\n");
    }

    fn place(&self) -> Target {
        self.trial.place()
    }

    fn show(&mut self, query: &str) {
        // Of a batch that fails, nothing is shown.
        if self.place() == Target::Sqlite {
            self.statement(query);
        }
    }
}

/// A string literal in which no line ends with CR, which the shell would swallow.
pub(crate) fn literal(text: &str) -> String {
    let parts: Vec<String> = text.split('\r').map(quote_string).collect();
    parts.join(" || char(13) || ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_literal_ends_with_a_carriage_return() {
        assert_eq!(literal("a\r\n'b'"), "'a' || char(13) || '\n''b'''");
    }
}
