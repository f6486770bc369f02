//! The one place that reads what SQLite says. Its codes come first; where they tell too little, which is most of the time,
//! its text does.

use rusqlite::{Error, ffi};

use super::errors;
use crate::diff::ObjectKind;
use crate::engine::{Columns, Fault, Thing, Within};
use crate::schema::Ident;
use crate::sql::unquote;

/// What an error is about.
pub(crate) fn of(error: &Error) -> Fault {
    let said = errors::whole_message(error);
    let columns = |text: &str| Columns(text.split_once(FAILED).map_or("", |(_, columns)| columns).to_owned());
    match error.sqlite_error().map_or(ffi::SQLITE_ERROR, |error| error.extended_code) {
        ffi::SQLITE_CONSTRAINT_NOTNULL => Fault::NotNull(columns(&said)),
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            Fault::Unique(columns(&said))
        }
        ffi::SQLITE_CONSTRAINT_CHECK => Fault::Check(Some(columns(&said).0)),
        ffi::SQLITE_CONSTRAINT_DATATYPE => {
            Fault::Type(Columns(said.split_once(" column ").map_or("", |(_, column)| column).to_owned()))
        }
        ffi::SQLITE_MISMATCH => Fault::Type(Columns::default()),
        // What RAISE says is anybody's.
        ffi::SQLITE_CONSTRAINT_TRIGGER => Fault::Other,
        ffi::SQLITE_CONSTRAINT if said == "constraint failed" => Fault::Check(None),
        code if code & 0xff == ffi::SQLITE_CONSTRAINT => Fault::Constraint,
        _ => of_text(&said),
    }
}

/// What SQLite said of some columns, with other names for them.
pub(crate) fn renamed(said: &str, columns: &Columns, to: &Columns) -> String {
    match said.strip_suffix(&columns.0) {
        Some(what) if !columns.0.is_empty() => format!("{what}{}", to.0),
        _ => said.to_owned(),
    }
}

/// What stands between the kind of a constraint and what it is about.
const FAILED: &str = " constraint failed: ";

/// How SQLite says that something is not there. The kinds that are not listed are nobody's matter.
const THINGS: [(&str, Thing); 9] = [
    ("table", Thing::Table),
    ("column", Thing::Column),
    ("index", Thing::Index),
    ("view", Thing::View),
    ("trigger", Thing::Trigger),
    ("function", Thing::Function),
    ("collation sequence", Thing::Collation),
    ("module", Thing::Module),
    ("tokenizer", Thing::Module),
];

/// What SQLite would say of a column where it does not look whether it is there.
pub(crate) fn no_such_column(name: &Ident) -> String {
    format!("no such column: {name}")
}

fn of_text(said: &str) -> Fault {
    if let Some((what, name)) = said.strip_prefix("no such ").and_then(|rest| rest.split_once(": ")) {
        return no_such(what, name);
    }
    if let Some(within) = within(said) {
        return within;
    }
    let between = |before, after| said.strip_prefix(before)?.strip_suffix(after);
    let of_table = |words| said.strip_prefix("table ").and_then(|rest| rest.split_once(words));
    if let Some(name) = between("unknown function: ", "()") {
        Fault::NoSuch(Thing::Function, name.to_owned())
    } else if let Some((table, column)) = of_table(" has no column named ") {
        Fault::NoSuch(Thing::Column, format!("{table}.{column}"))
    } else if let Some((table, _)) = of_table(" columns but ") {
        Fault::Width(table.rsplit_once(" has ").map_or(table, |(table, _)| table).to_owned())
    } else if let Some(view) = between("cannot modify ", " because it is a view") {
        Fault::View(view.to_owned())
    } else if let Some((_, fault)) = WHOLE.into_iter().find(|(whole, _)| said == *whole) {
        fault
    } else if let Some((_, fault)) = FIRST_WORDS.into_iter().find(|(words, _)| said.starts_with(words)) {
        fault
    } else if let Some(name) = misused(said) {
        Fault::Misused(Some(name.to_owned()))
    } else if said.contains("syntax error") {
        Fault::Syntax
    } else if let Some((_, fault)) = LAST_WORDS.into_iter().find(|(words, _)| said.ends_with(words)) {
        fault
    } else {
        Fault::Other
    }
}

/// What a whole message says.
const WHOLE: [(&str, Fault); 3] = [
    ("CHECK constraint failed", Fault::Check(None)),
    ("type mismatch on DEFAULT", Fault::Type(Columns(String::new()))),
    ("HAVING clause on a non-aggregate query", Fault::Misused(None)),
];

/// How messages begin that say all there is to know by that.
const FIRST_WORDS: [(&str, Fault); 11] = [
    ("duplicate column name", Fault::DuplicateColumn),
    ("unknown tokenizer", Fault::NoSuch(Thing::Module, String::new())),
    ("error in tokenizer", Fault::NoSuch(Thing::Module, String::new())),
    ("foreign key mismatch", Fault::KeyMismatch),
    ("object name reserved for internal use", Fault::Reserved),
    ("vtable constructor failed", Fault::Constructor),
    ("Cannot add a NOT NULL column", Fault::AddsNotNull),
    ("Cannot add a column with non-constant default", Fault::AddsNonConstant),
    ("cannot VACUUM", Fault::Vacuum),
    ("near ", Fault::Syntax),
    ("unrecognized token", Fault::Syntax),
];

/// How they end.
const LAST_WORDS: [(&str, Fault); 2] =
    [("constraint failed", Fault::Constraint), (" already exists", Fault::Exists)];

fn no_such(what: &str, name: &str) -> Fault {
    let thing = THINGS.into_iter().find(|(known, _)| *known == what).map_or(Thing::Other, |(_, thing)| thing);
    if thing == Thing::Column {
        let quoted = name.strip_suffix(" - should this be a string literal in single-quotes?");
        let bare =
            |name: &str| name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).map(str::to_owned);
        if let Some(name) = quoted.and_then(bare) {
            return Fault::StringInQuotes(name);
        }
        // ALTER TABLE has it as the statement writes it.
        return Fault::NoSuch(thing, bare(name).map_or_else(|| name.to_owned(), |name| unquote(&name)));
    }
    Fault::NoSuch(thing, name.to_owned())
}

/// `error in view NAME after rename: …`, and the same of a schema that cannot be read.
fn within(said: &str) -> Option<Fault> {
    let kinds = [
        ("table ", ObjectKind::Table),
        ("index ", ObjectKind::Index),
        ("view ", ObjectKind::View),
        ("trigger ", ObjectKind::Trigger),
    ];
    let rest = said.strip_prefix("error in ")?;
    let (kind, text) = kinds.into_iter().find_map(|(word, kind)| Some((kind, rest.strip_prefix(word)?)))?;
    let causes = text.match_indices(": ").map(|(at, _)| of_text(text.get(at + 2..).unwrap_or_default()));
    let cause = causes.into_iter().find(|cause| *cause != Fault::Other).unwrap_or(Fault::Other);
    Some(Fault::Within(Within { kind, text: text.to_owned(), cause: Box::new(cause) }))
}

/// The function in `FILTER may not be used with non-aggregate f()` and its like.
fn misused(said: &str) -> Option<&str> {
    const BEFORE: [&str; 7] = [
        "misuse of aggregate function ",
        "misuse of window function ",
        "misuse of aggregate: ",
        "wrong number of arguments to function ",
        "FILTER may not be used with non-aggregate ",
        "ORDER BY may not be used with non-aggregate ",
        "unsafe use of ",
    ];
    let before = BEFORE.into_iter().find_map(|before| said.strip_prefix(before)?.strip_suffix("()"));
    before.or_else(|| said.strip_suffix("() may not be used as a window function"))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::sql::quote;

    /// A name that holds what a message puts between names, or that is a part of a message itself, or of SQL.
    const NAMES: [&str; 9] = [
        "ch:ild",
        "a(b",
        "x.y",
        "q\"\"uote",
        "it's",
        "no such column",
        "v after rename: no such function: f",
        "t has no column named c",
        "a, b",
    ];

    fn refused(before: &str, statement: &str) -> Fault {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(before).unwrap();
        of(&conn.execute_batch(statement).expect_err(statement))
    }

    #[test]
    fn whatever_a_name_holds_it_is_told_as_it_is() {
        for name in NAMES {
            let n = quote(name);
            let own = |name: &str| name.to_owned();
            assert_eq!(refused("", &format!("DELETE FROM {n}")), Fault::NoSuch(Thing::Table, own(name)));
            assert_eq!(refused("", &format!("DROP VIEW {n}")), Fault::NoSuch(Thing::View, own(name)));
            assert_eq!(refused("", &format!("DROP INDEX {n}")), Fault::NoSuch(Thing::Index, own(name)));
            assert_eq!(refused("", &format!("SELECT {n}()")), Fault::NoSuch(Thing::Function, own(name)));
            assert_eq!(
                refused("", &format!("SELECT 1 ORDER BY 1 COLLATE {n}")),
                Fault::NoSuch(Thing::Collation, own(name))
            );
            let table =
                format!("CREATE TABLE {n} (id INTEGER PRIMARY KEY, {n} NOT NULL, b, UNIQUE ({n}, b));");
            assert_eq!(
                refused(
                    &table,
                    &format!("ALTER TABLE {n} DROP COLUMN \"{name}x\"", name = name.replace('"', "\"\""))
                ),
                Fault::NoSuch(Thing::Column, format!("{name}x"))
            );
            let insert = |values: &str| format!("INSERT INTO {n} ({n}, b) VALUES {values}");
            let (table_of, known) = (Ident::from(name), [own("id"), own(name), own("b")]);
            match refused(&table, &insert("(1, 2), (1, 2)")) {
                Fault::Unique(columns) => {
                    assert_eq!(columns.of(name, &known), Some(vec![name, "b"]), "{name}");
                    assert!(
                        columns.have(&table_of, &table_of) && columns.have(&table_of, &"B".into()),
                        "{name}"
                    );
                    assert!(!columns.have(&table_of, &"id".into()), "{name}");
                    assert!(!columns.have(&"other".into(), &"b".into()), "{name}");
                }
                other => panic!("{other:?}"),
            }
            match refused(&table, &insert("(NULL, 2)")) {
                Fault::NotNull(columns) => assert!(columns.have(&table_of, &table_of), "{name}"),
                other => panic!("{other:?}"),
            }
            assert_eq!(
                refused(&format!("CREATE VIEW {n} AS SELECT 1 AS a"), &format!("INSERT INTO {n} VALUES (1)")),
                Fault::View(own(name))
            );
            for (kind, create) in [
                (ObjectKind::View, format!("CREATE VIEW {n} AS SELECT * FROM gone")),
                (
                    ObjectKind::Trigger,
                    format!("CREATE TRIGGER {n} AFTER INSERT ON t BEGIN DELETE FROM gone; END"),
                ),
            ] {
                let fault = refused(&format!("CREATE TABLE t (a); {create}"), "ALTER TABLE t RENAME TO u");
                let all = [&name[..1], name, "other"].map(Ident::from);
                let known =
                    all.iter().flat_map(|name| [(ObjectKind::View, name), (ObjectKind::Trigger, name)]);
                assert_eq!(fault.blamed(known), Some((kind, &table_of)), "{name}");
            }
        }
    }

    #[test]
    fn what_sqlite_refuses_is_known_by_its_kind() {
        let strict = "CREATE TABLE s (n INTEGER, CHECK (n > 0)) STRICT;
                      CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, NULL);
                      CREATE TRIGGER r BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'no such table: t'); END;
                      CREATE VIEW v AS SELECT 1 AS a;";
        let columns = |name: &str| Columns(name.to_owned());
        for (statement, fault) in [
            ("INSERT INTO s VALUES ('x')", Fault::Type(columns("s.n"))),
            ("INSERT INTO t (id) VALUES ('x')", Fault::Type(columns(""))),
            ("INSERT INTO t (id) VALUES (1)", Fault::Unique(columns("t.id"))),
            ("INSERT INTO s VALUES (0)", Fault::Check(Some("n > 0".to_owned()))),
            ("ALTER TABLE t ALTER COLUMN a SET NOT NULL", Fault::Check(None)),
            ("ALTER TABLE t ADD CHECK (id > 1)", Fault::Check(None)),
            ("ALTER TABLE t ADD b CHECK (b IS NOT NULL)", Fault::Check(None)),
            ("ALTER TABLE t ADD b NOT NULL", Fault::AddsNotNull),
            ("ALTER TABLE t ADD b DEFAULT (random())", Fault::AddsNonConstant),
            ("DELETE FROM t", Fault::Other),
            ("BEGIN; VACUUM", Fault::Vacuum),
            ("ALTER TABLE t ADD COLUMN a", Fault::DuplicateColumn),
            ("CREATE TABLE sqlite_x (a)", Fault::Reserved),
            ("CREATE TABLE v (a)", Fault::Exists),
            ("SELEC 1", Fault::Syntax),
            ("SELECT 1 HAVING a", Fault::Misused(None)),
            ("SELECT abs(1) OVER ()", Fault::Misused(Some("abs".to_owned()))),
            ("SELECT abs(1) FILTER (WHERE 1)", Fault::Misused(Some("abs".to_owned()))),
            ("INSERT INTO t VALUES (1)", Fault::Width("t".to_owned())),
            ("INSERT INTO t (c) VALUES (1)", Fault::NoSuch(Thing::Column, "t.c".to_owned())),
            ("CREATE VIRTUAL TABLE m USING unheard (a)", Fault::NoSuch(Thing::Module, "unheard".to_owned())),
            ("SAVEPOINT a; RELEASE b", Fault::NoSuch(Thing::Other, "b".to_owned())),
        ] {
            assert_eq!(refused(strict, statement), fault, "{statement}");
        }
        let conn = Connection::open_in_memory().unwrap();
        conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DQS_DML, false).unwrap();
        let error = conn.prepare("SELECT \"it \"\"is\"\" no - column\"").unwrap_err();
        assert_eq!(of(&error), Fault::StringInQuotes("it \"is\" no - column".to_owned()));
    }
}
