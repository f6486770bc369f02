//! Which tables a migration can reach: rows of any other table say nothing about it, and to make, copy and compare them for
//! each migration of a long chain would cost as much as the square of its length.
//!
//! A statement reaches a table by its name, through a view or a virtual table, through a trigger, or through a foreign key.
//! Names are looked for as bare words, wherever they stand, so that quotes, strings and directives need no reading: a word
//! that means something else adds a table, and never hides one.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::source::SourceFile;
use crate::migrations::Migration;
use crate::schema::{Ident, Schema, Table};
use crate::sql::{is_internal, is_word_byte};

/// What acts on tables that it does not name.
const WHOLE_DATABASE: [&str; 4] = ["analyze", "dbstat", "reindex", "vacuum"];

/// Settings that a migration's own transaction makes ineffective, or that no row depends on.
const WITHOUT_EFFECT: [&str; 4] =
    ["defer_foreign_keys", "foreign_keys", "legacy_alter_table", "user_version"];

/// The tables whose rows can have to do with a migration; `None`: all.
pub(crate) type Reach = Option<BTreeSet<Ident>>;

/// The tables of `before`, the schema before a migration, whose rows it can read, write or put in the way of a foreign key,
/// up or down, with those that their rows need.
pub(crate) fn reach(before: &Schema, migration: &Migration) -> Reach {
    let files = std::iter::once(&migration.up).chain(&migration.down);
    reach_of(before, files.map(SourceFile::text))
}

fn reach_of<'t>(before: &Schema, scripts: impl Iterator<Item = &'t str>) -> Reach {
    let mut reached = Reached { on: OnTables::of(before), before, names: BTreeSet::new(), open: Vec::new() };
    for script in scripts {
        if may_be_anything(script) {
            return None;
        }
        reached.add_words(script);
    }
    reached.follow(false);
    // A row without its parent stops a migration that does not name the child.
    let is_in_the_way = |table: &&Table| reached.refers_to(table) || !is_word(table.name.as_str());
    let in_the_way: Vec<&Table> = before.tables.values().filter(is_in_the_way).collect();
    in_the_way.into_iter().for_each(|table| reached.add(&table.name));
    reached.open.extend(reached.names.iter().cloned());
    reached.follow(true);
    let is_reached = |table: &&Ident| reached.names.contains(*table);
    Some(before.tables.keys().filter(is_reached).cloned().collect())
}

/// Whether a script does what no name tells the tables of.
fn may_be_anything(text: &str) -> bool {
    let mut all = words(text).peekable();
    while let Some(word) = all.next() {
        let is = |known: &&str| word.eq_ignore_ascii_case(known);
        let setting = |next: &&str| WITHOUT_EFFECT.iter().any(|known| next.eq_ignore_ascii_case(known));
        let pragma = word.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("pragma"));
        if is_internal(word)
            || WHOLE_DATABASE.iter().any(is)
            || (pragma && !(word.len() == 6 && all.peek().is_some_and(setting)))
        {
            return true;
        }
    }
    false
}

/// The runs of characters of which a name consists that needs no quotes.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_of_word(c)).filter(|word| !word.is_empty())
}

fn is_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_of_word)
}

fn is_of_word(c: char) -> bool {
    u8::try_from(c).map_or(true, is_word_byte)
}

/// Names, and what follows from them.
struct Reached<'s> {
    before: &'s Schema,
    on: OnTables<'s>,
    /// All names that were found, whether something is called so or not: what the migration creates has none before it.
    names: BTreeSet<Ident>,
    /// Those of them that were not followed yet.
    open: Vec<Ident>,
}

/// What stands by itself in a schema and belongs to a table.
struct OnTables<'s> {
    /// The statements of the triggers on a table or a view.
    triggers: BTreeMap<&'s Ident, Vec<&'s str>>,
    /// The tables of indexes and triggers.
    owners: BTreeMap<&'s Ident, &'s Ident>,
}

impl<'s> OnTables<'s> {
    fn of(schema: &'s Schema) -> OnTables<'s> {
        let mut triggers: BTreeMap<&Ident, Vec<&str>> = BTreeMap::new();
        for trigger in schema.triggers.values() {
            triggers.entry(&trigger.table).or_default().push(&trigger.sql);
        }
        let of_triggers = schema.triggers.values().map(|trigger| (&trigger.name, &trigger.table));
        let indexes = schema.tables.values().flat_map(|table| table.indexes.values());
        let owners = indexes.map(|index| (&index.name, &index.table)).chain(of_triggers).collect();
        OnTables { triggers, owners }
    }
}

impl Reached<'_> {
    fn add(&mut self, name: &Ident) {
        if self.names.insert(name.clone()) {
            self.open.push(name.clone());
        }
    }

    fn add_words(&mut self, text: &str) {
        words(text).for_each(|word| self.add(&word.into()));
    }

    /// Adds what the names lead to; for rows that are to be made, parents as well.
    fn follow(&mut self, with_parents: bool) {
        while let Some(name) = self.open.pop() {
            let before = self.before;
            if let Some(view) = before.views.get(&name) {
                self.add_words(&view.sql);
            }
            for trigger in self.on.triggers.get(&name).cloned().unwrap_or_default() {
                self.add_words(trigger);
            }
            if let Some(owner) = self.on.owners.get(&name).copied() {
                self.add(owner);
            }
            let Some(table) = before.tables.get(&name) else { continue };
            if table.is_virtual() || (with_parents && table.unread.is_some()) {
                self.add_words(&table.sql);
            }
            if with_parents {
                table.foreign_keys.iter().for_each(|key| self.add(&key.parent));
            }
        }
    }

    /// Whether rows of the table have parents in one of those found.
    fn refers_to(&self, table: &Table) -> bool {
        match &table.unread {
            Some(_) => words(&table.sql).any(|word| self.names.contains(&Ident::from(word))),
            None => table.foreign_keys.iter().any(|key| self.names.contains(&key.parent)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::base::job::Job;
    use crate::engine;

    /// The tables that a script can reach in a schema, `all` of them where it may be any.
    fn reached(schema: &str, script: &str) -> String {
        let mut scratch = engine::scratch(Job::quiet()).unwrap();
        for statement in crate::sql::statements(schema) {
            scratch.run(statement.text, 0).unwrap();
        }
        let before = scratch.inspect().unwrap();
        match reach_of(&before, std::iter::once(script)) {
            Some(tables) => tables.iter().map(Ident::as_str).collect::<Vec<_>>().join(" "),
            None => "all".to_owned(),
        }
    }

    #[test]
    fn a_script_reaches_tables_by_name_view_trigger_index_and_foreign_key() {
        let schema = "CREATE TABLE far(a); CREATE TABLE log(a); CREATE TABLE base(id INTEGER PRIMARY KEY, a);
            CREATE TABLE parent(id INTEGER PRIMARY KEY, base REFERENCES base);
            CREATE TABLE child(id INTEGER PRIMARY KEY, parent REFERENCES parent, gone REFERENCES to_come);
            CREATE TABLE grandchild(child REFERENCES child);
            CREATE VIEW inner_view AS SELECT a FROM log; CREATE VIEW outer_view AS SELECT a FROM \"Inner_View\";
            CREATE INDEX log_a ON log(a);
            CREATE TABLE noted(a); CREATE TRIGGER note AFTER INSERT ON noted BEGIN INSERT INTO log VALUES (new.a); END;
            CREATE VIRTUAL TABLE text USING fts5(a, content='far');
            CREATE TABLE \"odd name\"(a)";
        for (script, tables) in [
            ("CREATE TABLE new(a)", ""),
            ("ALTER TABLE FAR ADD COLUMN b", "far"),
            ("UPDATE [far] SET a = 1", "far"),
            ("-- planctl:backfill far.a from x", "far"),
            ("SELECT * FROM outer_view", "log"),
            ("DROP INDEX log_a", "log"),
            ("DROP TRIGGER note", "log noted"),
            ("INSERT INTO noted VALUES (1)", "log noted"),
            ("INSERT INTO text(text) VALUES ('rebuild')", "far text"),
            // Its child may lose a parent; what the child's rows need comes along, what needs the child does not.
            ("DELETE FROM parent", "base child parent"),
            ("DELETE FROM child", "base child grandchild parent"),
            ("CREATE TABLE to_come(id INTEGER PRIMARY KEY)", "base child parent"),
            ("PRAGMA foreign_keys = OFF; DELETE FROM far; PRAGMA foreign_keys = ON", "far"),
        ] {
            let expected: BTreeSet<&str> = tables.split(' ').filter(|name| !name.is_empty()).collect();
            let found = reached(schema, script);
            let found: BTreeSet<&str> = found.split(' ').filter(|name| !name.is_empty()).collect();
            // A name that needs quotes is not looked for.
            let odd = ["odd", "name"];
            assert_eq!(found, expected.into_iter().chain(odd).collect(), "{script}");
        }
    }

    #[test]
    fn what_acts_on_tables_that_it_does_not_name_reaches_all() {
        for script in [
            "ANALYZE",
            "REINDEX",
            "PRAGMA foreign_key_check",
            "SELECT * FROM pragma_table_list",
            "PRAGMA main.foreign_keys = ON",
            "UPDATE sqlite_sequence SET seq = 7",
            "SELECT sql FROM \"SQLITE_schema\"",
        ] {
            assert_eq!(reached("CREATE TABLE t(a); CREATE TABLE u(a)", script), "all", "{script}");
        }
    }
}
