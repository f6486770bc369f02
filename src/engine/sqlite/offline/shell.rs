//! Text for the `sqlite3` shell, and what of a migration has to be undone by hand behind it.

use std::collections::BTreeSet;

use crate::migrations::Step;
use crate::sql::{Token, display_name, quote, quote_string, tokens};

/// A setting that a migration may change and that would reach the next one: the shell's connection is the same.
pub(super) struct Setting {
    name: &'static str,
    pub(super) reset: &'static str,
}

/// Those that change what statements do, with what planctl's own connections have. The others change how fast they are.
pub(super) const SETTINGS: [Setting; 6] = [
    Setting { name: "case_sensitive_like", reset: "PRAGMA case_sensitive_like = OFF" },
    Setting { name: "ignore_check_constraints", reset: "PRAGMA ignore_check_constraints = OFF" },
    Setting { name: "legacy_alter_table", reset: "PRAGMA legacy_alter_table = OFF" },
    Setting { name: "recursive_triggers", reset: "PRAGMA recursive_triggers = OFF" },
    Setting { name: "reverse_unordered_selects", reset: "PRAGMA reverse_unordered_selects = OFF" },
    Setting { name: "writable_schema", reset: "PRAGMA writable_schema = RESET" },
];

/// A script in the making.
#[derive(Default)]
pub(super) struct Shell {
    text: String,
}

impl Shell {
    /// A line that is no statement: a comment or a dot command.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A statement of ours.
    pub(super) fn statement(&mut self, sql: &str) {
        self.text.push_str(sql.trim_end_matches(';'));
        self.text.push_str(";\n");
    }

    /// A statement of the user's, to the letter. The shell takes one CR away from the end of each line, so that there has
    /// to be one more. A line that holds nothing but `/` or `go` would be the shell's own way to end a
    /// statement, where that is complete so far; an empty comment in front keeps it from being seen.
    pub(super) fn verbatim(&mut self, sql: &str) {
        let sql = &sql.replace("\r\n", "\r\r\n");
        let mut written = 0;
        for token in tokens(sql).filter(|token| token.is_punct("/") || token.is_word("go")) {
            let before = sql.get(written..token.start).unwrap_or_default();
            let line = before.rsplit('\n').next().unwrap_or_default();
            if line.len() < before.len() && line.trim().is_empty() {
                self.text.push_str(before);
                self.text.push_str("/**/ ");
                written = token.start;
            }
        }
        self.text.push_str(sql.get(written..).unwrap_or_default());
        self.text.push_str(if sql.ends_with(';') { "\n" } else { ";\n" });
    }

    /// Ends the script with `reason` unless `query` gives one row that is true.
    pub(super) fn check(&mut self, reason: &str, query: &str) {
        self.statement(&format!(
            "CREATE TEMP TABLE planctl_check(ok INTEGER NOT NULL CONSTRAINT {} CHECK (ok))",
            quote(reason)
        ));
        self.statement(&format!("INSERT INTO temp.planctl_check\n{query}"));
        self.statement("DROP TABLE temp.planctl_check");
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// A string literal in which no line ends with CR, which the shell would swallow.
pub(super) fn literal(text: &str) -> String {
    let parts: Vec<String> = text.split('\r').map(quote_string).collect();
    parts.join(" || char(13) || ")
}

/// What takes back the settings that these steps change, and their temporary objects.
pub(super) fn cleaning(steps: &[Step<'_>]) -> Vec<String> {
    let mut settings = BTreeSet::new();
    let mut objects = Vec::new();
    for step in steps {
        let Step::Sql { text, .. } = step else { continue };
        let words: Vec<Token<'_>> = tokens(text).collect();
        settings.extend(setting(&words));
        objects.extend(temporary(&words));
    }
    // Triggers and views before the tables that they are on.
    objects.reverse();
    let drop = |(kind, name): (&str, String)| format!("DROP {kind} IF EXISTS temp.{}", display_name(&name));
    settings.into_iter().map(str::to_owned).chain(objects.into_iter().map(drop)).collect()
}

/// What sets back the setting that a statement changes.
fn setting(words: &[Token<'_>]) -> Option<&'static str> {
    let (first, mut rest) = words.split_first()?;
    if !first.is_word("PRAGMA") {
        return None;
    }
    if rest.get(1)?.is_punct(".") {
        rest = rest.get(2..)?;
    }
    let [name, assignment, ..] = rest else { return None };
    let sets = assignment.is_punct("=") || assignment.is_punct("(");
    let name = name.unquoted();
    let known = SETTINGS.iter().find(|setting| sets && setting.name.eq_ignore_ascii_case(&name));
    known.map(|setting| setting.reset)
}

/// Kind and name of the temporary object that a statement makes. An index goes with its table.
fn temporary(words: &[Token<'_>]) -> Option<(&'static str, String)> {
    let (first, mut rest) = words.split_first()?;
    if !first.is_word("CREATE") {
        return None;
    }
    let mut temp = false;
    while rest.first()?.is_word("TEMP")
        || rest.first()?.is_word("TEMPORARY")
        || rest.first()?.is_word("VIRTUAL")
    {
        temp |= !rest.first()?.is_word("VIRTUAL");
        rest = rest.get(1..)?;
    }
    let kind = ["TABLE", "VIEW", "TRIGGER"]
        .into_iter()
        .find(|kind| rest.first().is_some_and(|w| w.is_word(kind)))?;
    rest = rest.get(1..)?;
    if rest.first()?.is_word("IF") {
        rest = rest.get(3..)?;
    }
    if rest.get(1)?.is_punct(".") {
        temp |= rest.first()?.unquoted().eq_ignore_ascii_case("temp");
        rest = rest.get(2..)?;
    }
    temp.then(|| rest.first().map(|name| (kind, name.unquoted()))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(sql: &[&str]) -> Vec<String> {
        let steps: Vec<Step<'_>> = sql.iter().map(|text| Step::Sql { text, start: 0 }).collect();
        cleaning(&steps)
    }

    #[test]
    fn what_a_migration_leaves_in_the_connection_is_taken_back() {
        assert_eq!(
            cleaned(&[
                "PRAGMA main.legacy_alter_table=1;",
                "CREATE TEMP TABLE IF NOT EXISTS t(x);",
                "CREATE TABLE temp.\"a b\"(x);",
                "CREATE TEMPORARY TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;",
                "CREATE VIRTUAL TABLE temp.f USING fts5(x);",
                "CREATE TABLE kept(x);",
                "PRAGMA foreign_keys = OFF;",
                "PRAGMA legacy_alter_table;",
            ]),
            [
                "PRAGMA legacy_alter_table = OFF",
                "DROP TABLE IF EXISTS temp.f",
                "DROP TRIGGER IF EXISTS temp.g",
                "DROP TABLE IF EXISTS temp.\"a b\"",
                "DROP TABLE IF EXISTS temp.t",
            ]
        );
    }

    #[test]
    fn nothing_in_a_statement_ends_it_for_the_shell() {
        let mut shell = Shell::default();
        shell.verbatim("SELECT 6\n/\n2, '\ngo\n'");
        assert_eq!(shell.into_text(), "SELECT 6\n/**/ /\n2, '\ngo\n';\n");
        let mut shell = Shell::default();
        shell.verbatim("SELECT '\r\n';");
        assert_eq!(shell.into_text(), "SELECT '\r\r\n';\n");
        assert_eq!(literal("a\r\n'b'"), "'a' || char(13) || '\n''b'''");
    }
}
