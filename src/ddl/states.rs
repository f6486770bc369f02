//! Whether a script states a schema to the letter.

use std::collections::HashSet;

use super::{Kind, Stored, There};
use crate::schema::{Ident, Schema};
use crate::sql::{statements_in_turn, tokens};

/// Whether `script` consists of nothing but CREATE statements, and SQLite would store of them exactly what `schema`
/// holds: then the two are the same schema, and SQLite has accepted each statement already. This spares the clean case,
/// which is the usual one, from running the script at all.
pub fn states_exactly(script: &str, schema: &Schema) -> bool {
    let mut stated: HashSet<(bool, Ident)> = HashSet::new();
    for statement in statements_in_turn(script) {
        let Some(stored) = Stored::of(statement.text) else { return false };
        let (prefix, bare) = stored.parts();
        let known = stored.there(schema).map(There::sql);
        let same = known
            .is_some_and(|known| known.strip_prefix(prefix).is_some_and(|rest| to_last_token(rest) == bare));
        if !same || !stated.insert((stored.kind == Kind::Trigger, stored.name)) {
            return false;
        }
    }
    let indexes: usize = schema.tables.values().map(|table| table.indexes.len()).sum();
    stated.len() == schema.tables.len() + schema.views.len() + schema.triggers.len() + indexes
}

/// `sql` without the semicolon that ends it, and without what stands before that.
fn to_last_token(sql: &str) -> &str {
    let mut end = 0;
    let mut last = tokens(sql).peekable();
    while let Some(token) = last.next() {
        if !(token.is_punct(";") && last.peek().is_none()) {
            end = token.end();
        }
    }
    &sql[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::job::Job;
    use crate::base::source::SourceFile;
    use crate::engine::spec_database;

    fn schema(ddl: &str) -> Schema {
        let mut schema =
            spec_database(&SourceFile::new("t.sql", ddl), Job::quiet()).unwrap().schema().unwrap();
        schema.pragmas.values.clear();
        schema
    }

    const ALL: &str =
        "create table if not exists main.t (a TEXT, -- note\n b INT) ; CREATE UNIQUE  INDEX i ON t(a) ;
        CREATE VIEW v AS SELECT a FROM t; CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;
        CREATE VIRTUAL TABLE f USING fts5(a) ; CREATE TABLE \"x y\"(a PRIMARY KEY) WITHOUT ROWID -- last\n";

    #[test]
    fn a_script_states_what_sqlite_stores_of_it() {
        assert!(states_exactly(ALL, &schema(ALL)));
    }

    #[test]
    fn any_difference_and_any_other_statement_is_no() {
        let stored = schema(ALL);
        for other in [
            ALL.replace("a TEXT", "A TEXT"),
            ALL.replace("SELECT 1", "SELECT  1"),
            ALL.replace("CREATE VIEW v AS SELECT a FROM t;", ""),
            format!("{ALL}; CREATE TABLE u(a)"),
            format!("{ALL}; CREATE TABLE IF NOT EXISTS main.t (a TEXT, -- note\n b INT)"),
            format!("{ALL}; PRAGMA user_version = 1"),
            format!("{ALL}; CREATE TEMP TABLE u(a)"),
            format!("{ALL}; INSERT INTO t VALUES (1, 2)"),
        ] {
            assert!(!states_exactly(&other, &stored), "{other}");
        }
    }
}
