//! What of a migration has to be undone by hand behind it in the shell: the connection is the same for all of them.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::shell::Shell;
use super::text::Script as _;
use crate::base::error::Result;
use crate::base::job::Job;
use crate::engine::connection::connect;
use crate::engine::migrate::settings::{Fate, fate};
use crate::sql::{Token, display_name, one_line, quote_string, temporary, tokens};

/// What a migration has changed in the connection so far.
pub(crate) struct Leftovers {
    /// A connection that gets the same settings, and shows what they change.
    twin: Connection,
    /// Each setting with the value that it had before.
    settings: BTreeMap<String, String>,
    /// Kind and name of temporary objects.
    objects: Vec<(&'static str, String)>,
}

impl Leftovers {
    pub(crate) fn none(job: Job<'_>) -> Result<Leftovers> {
        Ok(Leftovers { twin: connect::scratch(job)?, settings: BTreeMap::new(), objects: Vec::new() })
    }

    /// Writes a statement of the migration, and notes what it leaves in the connection.
    pub(crate) fn write(&mut self, sql: &mut Shell, statement: &str) -> Result<()> {
        let words: Vec<Token<'_>> = tokens(statement).collect();
        self.objects.extend(temporary(&words));
        let Some(name) = setting(&words) else { return sql.verbatim(statement) };
        if name.starts_with("temp_store") {
            // It says where temporary tables are kept, and cannot be changed once there is one: the script has some.
            sql.line(&format!("-- left out: {}", one_line(statement)));
            return Ok(());
        }
        sql.verbatim(statement)?;
        let value = match fate(&name) {
            // This one cannot be read.
            Fate::Like => Some("OFF".to_owned()),
            Fate::SetBack => self.value(&name),
            _ => None,
        };
        if let Some(value) = value {
            self.settings.entry(name).or_insert(value);
            // What the twin refuses, the run on the shadow database has refused.
            drop(self.twin.execute_batch(statement));
        }
        Ok(())
    }

    /// Sets back the settings, as they have to be for what is not the migration's own.
    pub(crate) fn set_back(&self, sql: &mut Shell) {
        for (name, value) in &self.settings {
            match name.as_str() {
                "writable_schema" => sql.statement("PRAGMA writable_schema = RESET"),
                _ if self.value(name).as_ref() != Some(value) => {
                    sql.statement(&format!("PRAGMA {name} = {value}"));
                }
                _ => {}
            }
        }
    }

    /// Gives the settings the values again that the migration gave them.
    pub(crate) fn set_again(&self, sql: &mut Shell) {
        for (name, before) in &self.settings {
            let like = || {
                let like: rusqlite::Result<bool> =
                    self.twin.query_row("SELECT 'a' NOT LIKE 'A'", [], |row| row.get(0));
                i64::from(like.unwrap_or(false)).to_string()
            };
            let now = if name == "case_sensitive_like" { Some(like()) } else { self.value(name) };
            if let Some(now) = now.filter(|now| now != before) {
                sql.statement(&format!("PRAGMA {name} = {now}"));
            }
        }
    }

    /// Sets back the settings, and drops the temporary objects.
    pub(crate) fn end(mut self, sql: &mut Shell) {
        self.set_back(sql);
        // Triggers and views before the tables that they are on.
        self.objects.reverse();
        for (kind, name) in &self.objects {
            sql.statement(&format!("DROP {kind} IF EXISTS temp.{}", display_name(name)));
        }
    }

    /// What the setting is now, as it is written.
    fn value(&self, name: &str) -> Option<String> {
        let value = self.twin.pragma_query_value(None, name, |row| {
            Ok(match row.get_ref(0)? {
                ValueRef::Integer(number) => Some(number.to_string()),
                ValueRef::Text(text) => Some(quote_string(&String::from_utf8_lossy(text))),
                _ => None,
            })
        });
        value.ok().flatten()
    }
}

/// The name of the setting that a statement changes, in lower case.
fn setting(words: &[Token<'_>]) -> Option<String> {
    let (first, mut rest) = words.split_first()?;
    if !first.is_word("PRAGMA") {
        return None;
    }
    if rest.get(1)?.is_punct(".") {
        rest = rest.get(2..)?;
    }
    let [name, assignment, ..] = rest else { return None };
    let sets = assignment.is_punct("=") || assignment.is_punct("(");
    sets.then(|| name.unquoted().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::script::trial::Trial;
    use crate::sql::Target;

    fn left_by(statements: &[&str]) -> Vec<String> {
        let mut leftovers = Leftovers::none(Job::quiet()).unwrap();
        let mut shell = Shell::new(
            Trial::on_copy_of(&Connection::open_in_memory().unwrap(), Target::Sqlite, Job::quiet()).unwrap(),
        );
        statements.iter().for_each(|statement| leftovers.write(&mut shell, statement).unwrap());
        let (before, _) = shell.end().unwrap();
        let mut shell = Shell::new(
            Trial::on_copy_of(&Connection::open_in_memory().unwrap(), Target::Sqlite, Job::quiet()).unwrap(),
        );
        leftovers.end(&mut shell);
        let (after, _) = shell.end().unwrap();
        before.lines().filter(|line| line.starts_with("--")).chain(after.lines()).map(str::to_owned).collect()
    }

    #[test]
    fn what_a_migration_leaves_in_the_connection_is_taken_back() {
        assert_eq!(
            left_by(&[
                "PRAGMA main.legacy_alter_table=1;",
                "CREATE TEMP TABLE IF NOT EXISTS t(x);",
                "CREATE TABLE temp.\"a b\"(x);",
                "CREATE TEMPORARY TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;",
                "CREATE VIRTUAL TABLE temp.f USING fts5(x);",
                "CREATE TABLE kept(x);",
                "PRAGMA foreign_keys = OFF;",
                "PRAGMA recursive_triggers;",
            ]),
            [
                "PRAGMA legacy_alter_table = 0;",
                "DROP TABLE IF EXISTS temp.f;",
                "DROP TRIGGER IF EXISTS temp.g;",
                "DROP TABLE IF EXISTS temp.\"a b\";",
                "DROP TABLE IF EXISTS temp.t;",
            ]
        );
    }

    /// No list of names says what a setting is: what it changes is seen.
    #[test]
    fn any_setting_is_set_back_and_what_belongs_to_the_database_stays() {
        assert_eq!(
            left_by(&[
                "PRAGMA max_page_count = 4000;",
                "PRAGMA analysis_limit(7);",
                "PRAGMA count_changes = ON;",
                "PRAGMA case_sensitive_like = ON;",
                "PRAGMA trusted_schema = OFF;",
                "PRAGMA integrity_check(3);",
                "PRAGMA table_info(sqlite_schema);",
                "PRAGMA user_version = 3;",
                "PRAGMA application_id = 4;",
                "PRAGMA cache_spill = OFF;",
                "PRAGMA cache_spill = ON;",
            ]),
            [
                "PRAGMA analysis_limit = 0;",
                "PRAGMA case_sensitive_like = OFF;",
                "PRAGMA count_changes = 0;",
                "PRAGMA max_page_count = 4294967294;",
                "PRAGMA trusted_schema = 1;",
            ]
        );
    }

    #[test]
    fn where_temporary_tables_are_kept_is_left_out() {
        assert_eq!(
            left_by(&["PRAGMA temp_store /* x */ = 2;", "PRAGMA Temp_Store_Directory = '/nowhere';"]),
            ["-- left out: PRAGMA temp_store = 2;", "-- left out: PRAGMA Temp_Store_Directory = '/nowhere';"]
        );
    }
}
