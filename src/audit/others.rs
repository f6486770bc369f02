//! Tables that are somebody else's: no drift, as long as the spec does not speak of them.

use std::borrow::Cow;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::pattern::{CLOSE_IT, NotClosed, Pattern};
use crate::schema::{Ident, Schema};
use crate::sql::others;

/// Which tables and views are somebody else's: the history tables of other tools, and what the project says.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Others {
    patterns: Vec<Pattern>,
    /// One more table, by its name.
    table: Option<Ident>,
}

impl Others {
    /// Those, and this table.
    #[must_use]
    pub fn and(self, table: Ident) -> Others {
        Others { table: Some(table), ..self }
    }

    /// Those whose names match one of these patterns, too: `*` is any number of characters, `?` is one, `[a-z]` one of
    /// these, `[!a-z]` one of all others. Case does not count, as in names.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when a pattern matches nothing because it is empty, or has a `[` that is not closed.
    pub fn matching<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Others> {
        let patterns = patterns.into_iter().map(pattern).collect::<Result<_>>()?;
        Ok(Others { patterns, table: None })
    }

    /// Whether a table or view of this name is theirs, whatever is in it.
    pub fn are(&self, name: &Ident) -> bool {
        self.table.as_ref() == Some(name) || others::ALL.iter().any(|known| *name == **known) || {
            let name = name.as_str().to_lowercase();
            self.patterns.iter().any(|pattern| pattern.matches(&name))
        }
    }

    /// The tables and views of `live` that are theirs and not of `expected`.
    pub fn of(&self, live: &Schema, expected: &Schema) -> Vec<Ident> {
        let ours = |name: &&Ident| expected.tables.contains_key(*name) || expected.views.contains_key(*name);
        let names = live.tables.keys().chain(live.views.keys());
        names.filter(|name| !ours(name) && (self.are(name) || is_of_a_tool(live, name))).cloned().collect()
    }
}

/// Whether it is a table that a tool made, under a name that says too little by itself.
fn is_of_a_tool(live: &Schema, name: &Ident) -> bool {
    live.tables.get(name).is_some_and(|table| {
        let columns = table.columns.iter().map(|column| column.name.as_str());
        others::has_columns_of_a_tool(name.as_str(), columns)
    })
}

/// `live` without these tables and views, and what hangs on them.
pub fn without<'s>(live: &'s Schema, theirs: &[Ident]) -> Cow<'s, Schema> {
    if theirs.is_empty() {
        return Cow::Borrowed(live);
    }
    let mut left = live.clone();
    left.tables.retain(|name, _| !theirs.contains(name));
    left.views.retain(|name, _| !theirs.contains(name));
    left.triggers.retain(|_, trigger| !theirs.contains(&trigger.table));
    Cow::Owned(left)
}

/// `goal` with these tables and views as `live` has them, and what hangs on them.
pub fn with(mut goal: Schema, live: &Schema, theirs: &[Ident]) -> Schema {
    for name in theirs {
        if let Some(table) = live.tables.get(name) {
            goal.tables.insert(name.clone(), table.clone());
        }
        if let Some(view) = live.views.get(name) {
            goal.views.insert(name.clone(), view.clone());
        }
        let triggers = live.triggers.values().filter(|trigger| trigger.table == *name);
        goal.triggers.extend(triggers.map(|trigger| (trigger.name.clone(), trigger.clone())));
    }
    goal
}

fn pattern(text: &str) -> Result<Pattern> {
    let wrong = |what: &str| Error::new(ErrorKind::Config, format!("the pattern `{text}` {what}"));
    if text.is_empty() {
        return Err(wrong("is empty").help("name a table, or use * for any number of characters"));
    }
    Pattern::read(&text.to_lowercase())
        .map_err(|NotClosed| wrong("has a [ that is not closed").help(CLOSE_IT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::job::Job;
    use crate::base::source::SourceFile;
    use crate::engine::spec_database;

    fn are(patterns: &[&str], name: &str) -> bool {
        Others::matching(patterns.iter().copied()).unwrap().are(&Ident::from(name))
    }

    #[test]
    fn a_pattern_is_one_as_shells_have_it_and_case_does_not_count() {
        for (pattern, names, not) in [
            ("django_*", &["django_", "Django_Admin_Log"][..], &["xdjango_a", "django"][..]),
            ("a?c", &["abc", "A*c"], &["ac", "abbc"]),
            ("*_m*_x", &["a_m_x", "a_mm_x_x", "_m_m_x"], &["a_m_y", "m_x"]),
            ("[a-c]1", &["a1", "C1"], &["d1", "1"]),
            ("[!a-c]1", &["d1", "-1"], &["a1"]),
            ("[]x]", &["]", "x"], &["[", "]x"]),
            ("[[]1", &["[1"], &["1"]),
            ("***", &["", "anything"], &[]),
            ("é*", &["École"], &["e"]),
        ] {
            assert!(names.iter().all(|name| are(&[pattern], name)), "{pattern} {names:?}");
            assert!(!not.iter().any(|name| are(&[pattern], name)), "{pattern} {not:?}");
        }
        for wrong in ["", "a[b", "[]", "x[!"] {
            assert!(Others::matching([wrong]).is_err(), "{wrong}");
        }
        // No pattern takes longer than its length times that of the name.
        assert!(!are(&[&"*a".repeat(500)], &"b".repeat(5000)));
    }

    #[test]
    fn the_history_tables_of_other_tools_are_theirs_without_a_word() {
        for name in others::ALL {
            assert!(are(&[], name) && are(&[], &name.to_lowercase()), "{name}");
        }
        assert!(!are(&[], "migrations"));
    }

    #[test]
    fn a_table_of_a_common_name_is_theirs_when_it_has_the_columns_that_a_tool_gives_it() {
        let theirs = |sql: &str| {
            let file = SourceFile::new("live.sql", sql);
            let live = spec_database(&file, Job::quiet()).unwrap().schema().unwrap();
            Others::default().of(&live, &Schema::default()).len()
        };
        for made in [
            "CREATE TABLE migrations (id INTEGER PRIMARY KEY, timestamp bigint NOT NULL, name varchar NOT NULL)",
            "CREATE TABLE Migrations (ID integer PRIMARY KEY, migration varchar, batch integer)",
            "CREATE TABLE migrations (id INTEGER PRIMARY KEY, name VARCHAR(255), run_on datetime)",
            "CREATE TABLE schema_info (version integer DEFAULT (0) NOT NULL)",
            "CREATE TABLE \"migration\" (id INTEGER PRIMARY KEY, name VARCHAR(200), app_name VARCHAR(200), ran_on TIMESTAMP)",
            "CREATE TABLE schemaversion (version INTEGER PRIMARY KEY, name TEXT, md5 TEXT, run_at TIMESTAMP)",
            "CREATE TABLE aerich (id INTEGER PRIMARY KEY, version, app, content JSON)",
        ] {
            assert_eq!(theirs(made), 1, "{made}");
        }
        // Birds have migrations, too.
        for own in [
            "CREATE TABLE migrations (id INTEGER PRIMARY KEY, name, timestamp)",
            "CREATE TABLE migrations (id INTEGER PRIMARY KEY, timestamp, name, species)",
            "CREATE TABLE migrations (id INTEGER PRIMARY KEY)",
            "CREATE VIEW migrations (id, timestamp, name) AS SELECT 1, 2, 3",
            "CREATE TABLE schema_info (version, note)",
            "CREATE TABLE migration (id INTEGER PRIMARY KEY, name, species, ran_on)",
            "CREATE TABLE schemaversion (version INTEGER PRIMARY KEY)",
            "CREATE TABLE birds (id, migration, batch)",
        ] {
            assert_eq!(theirs(own), 0, "{own}");
        }
    }
}
