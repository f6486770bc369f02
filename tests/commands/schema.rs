//! `schema dump` and `schema diff` through the binary.
//!
//! Laws: dump, load, dump is a fixed point; a schema and its dump do not differ, in either direction.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use tempfile::TempDir;

use crate::harness::{self, form, repository, shared};

fn planctl(args: &[&str]) -> Output {
    harness::planctl(&repository(""), args).output().unwrap()
}

fn dump(of: &Path) -> String {
    let output = planctl(&["schema", "dump", of.to_str().unwrap()]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}: {}",
        of.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The findings of `schema diff`, and its exit status.
fn diff(from: &Path, to: &Path) -> (Option<i32>, serde_json::Value) {
    let output =
        planctl(&["schema", "diff", from.to_str().unwrap(), to.to_str().unwrap(), "--format", "json"]);
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

fn assert_dump_is_faithful(dir: &TempDir, of: &Path) {
    let copy = dir.path().join("dump.sql");
    let first = dump(of);
    fs::write(&copy, &first).unwrap();
    assert_eq!(dump(&copy), first, "{}: dump, load, dump", of.display());
    for (from, to) in [(of, copy.as_path()), (&copy, of)] {
        let (status, report) = diff(from, to);
        assert_eq!(status, Some(0), "{} → {}: {report:#}", from.display(), to.display());
    }
}

#[test]
fn the_dump_of_the_shipped_schema_is_a_fixed_point_and_differs_in_nothing() {
    let dir = tempfile::tempdir().unwrap();
    assert_dump_is_faithful(&dir, &repository("migrations"));
    assert_dump_is_faithful(&dir, &repository("spec/ddl.sql"));
}

#[test]
fn a_database_is_told_from_a_ddl_file_by_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("looks-like.sql");
    let connection = rusqlite::Connection::open(&db).unwrap();
    connection
        .execute_batch(
            "PRAGMA user_version = 7; PRAGMA application_id = 42;
             CREATE TABLE \"o'brien\"(a TEXT COLLATE NOCASE, -- ULID\n b INT AS (a || 'x') STORED);
             CREATE INDEX i ON \"o'brien\"(lower(a) DESC) WHERE b > 0;
             CREATE VIEW v(x) AS SELECT a FROM \"o'brien\";
             CREATE TRIGGER r INSTEAD OF INSERT ON v BEGIN SELECT 1; END;
             CREATE VIRTUAL TABLE f USING fts5(body, content='');",
        )
        .unwrap();
    drop(connection);
    assert_dump_is_faithful(&dir, &db);
    let text = dump(&db);
    for kept in ["user_version = 7", "application_id = 42", "-- ULID", "INSTEAD OF", "fts5"] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert!(!text.contains("f_data"), "shadow tables come with their virtual table: {text}");
}

#[test]
fn a_difference_is_found_in_both_directions() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a.sql"), dir.path().join("b.sql"));
    fs::write(&a, "CREATE TABLE t(a TEXT, b TEXT);").unwrap();
    fs::write(&b, "CREATE TABLE t(a TEXT);").unwrap();
    for (from, to, rule) in [(&a, &b, "extra-column"), (&b, &a, "missing-column")] {
        let (status, report) = diff(from, to);
        assert_eq!((status, report["findings"][0]["rule"].as_str()), (Some(1), Some(rule)));
        assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
    }
}

/// `schema diff` said nothing of a user_version that its own script set. Law: the findings and the script agree, whatever
/// the settings are, and whatever kind of source says them. In the short form every fifth pair, among them each two kinds.
#[test]
fn findings_and_script_agree_on_each_setting_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let settings = ["", "PRAGMA user_version = 7;", "PRAGMA user_version = 9;", "PRAGMA application_id = 5;"];
    let mut sources: Vec<(&str, PathBuf)> = Vec::new();
    for (nr, setting) in settings.into_iter().enumerate() {
        let sql = format!("{setting} CREATE TABLE t(a);");
        let (text, db, folder) = (format!("{nr}.sql"), format!("{nr}.db"), format!("{nr}"));
        let [text, db, folder] = [text, db, folder].map(|name| dir.path().join(name));
        fs::write(&text, &sql).unwrap();
        rusqlite::Connection::open(&db).unwrap().execute_batch(&sql).unwrap();
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("V1__t.sql"), &sql).unwrap();
        sources.extend([(setting, text), (setting, db), (setting, folder)]);
    }
    for (f, (of_from, from)) in sources.iter().enumerate() {
        for (t, (of_to, to)) in sources.iter().enumerate() {
            if !(f * sources.len() + t).is_multiple_of(form(5, 1)) {
                continue;
            }
            let (status, report) = diff(from, to);
            let script =
                planctl(&["schema", "diff", "--sql", from.to_str().unwrap(), to.to_str().unwrap()]).stdout;
            let both_databases =
                [from, to].iter().all(|path| path.extension().is_some_and(|end| end == "db"));
            let nothing = String::from_utf8(script).unwrap().contains("-- Nothing to do");
            let (from, to) = (from.display(), to.display());
            assert_eq!(status, Some(i32::from(!nothing)), "{from} → {to}: {report:#}");
            // What a new database has anyway, neither DDL nor a folder asks for.
            if of_from == of_to || !of_to.is_empty() || both_databases {
                assert_eq!(nothing, of_from == of_to, "{from} → {to}");
            }
        }
    }
}

#[test]
fn every_schema_of_the_corpus_has_a_faithful_dump() {
    let Some(schemas) = shared("corpus/schemas") else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut count = 0;
    for entry in fs::read_dir(schemas).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            assert_dump_is_faithful(&dir, &path);
            count += 1;
        }
    }
    assert!(count > 0);
}

/// What `.dump` and `.schema` of the sqlite3 shell (3.40) write of one database.
const SHELL: [&str; 2] = [
    "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n\
     CREATE TABLE docs(id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT);\nINSERT INTO docs VALUES(1,'hello');\n\
     PRAGMA writable_schema=ON;\n\
     INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','f','f',0,'CREATE VIRTUAL TABLE f USING fts5(body, content=''docs'', content_rowid=''id'')');\n\
     CREATE TABLE IF NOT EXISTS 'f_data'(id INTEGER PRIMARY KEY, block BLOB);\nINSERT INTO f_data VALUES(1,X'0202');\n\
     CREATE TABLE IF NOT EXISTS 'f_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;\n\
     CREATE TABLE IF NOT EXISTS 'f_docsize'(id INTEGER PRIMARY KEY, sz BLOB);\n\
     CREATE TABLE IF NOT EXISTS 'f_config'(k PRIMARY KEY, v) WITHOUT ROWID;\nINSERT INTO f_config VALUES('version',4);\n\
     INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','g','g',0,'CREATE VIRTUAL TABLE g USING fts4(content=v)');\n\
     CREATE TABLE IF NOT EXISTS 'g_segments'(blockid INTEGER PRIMARY KEY, block BLOB);\n\
     CREATE TABLE IF NOT EXISTS 'g_segdir'(level INTEGER,idx INTEGER,start_block INTEGER,leaves_end_block INTEGER,end_block INTEGER,root BLOB,PRIMARY KEY(level, idx));\n\
     CREATE TABLE IF NOT EXISTS 'g_docsize'(docid INTEGER PRIMARY KEY, size BLOB);\n\
     CREATE TABLE IF NOT EXISTS 'g_stat'(id INTEGER PRIMARY KEY, value BLOB);\n\
     INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','r','r',0,'CREATE VIRTUAL TABLE r USING rtree(id, x0, x1)');\n\
     CREATE TABLE IF NOT EXISTS \"r_rowid\"(rowid INTEGER PRIMARY KEY,nodeno);\n\
     CREATE TABLE IF NOT EXISTS \"r_node\"(nodeno INTEGER PRIMARY KEY,data);\n\
     CREATE TABLE IF NOT EXISTS \"r_parent\"(nodeno INTEGER PRIMARY KEY,parentnode);\n\
     INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','fv','fv',0,'CREATE VIRTUAL TABLE fv USING fts5vocab(f,row)');\n\
     ANALYZE sqlite_schema;\nINSERT INTO sqlite_stat1 VALUES('docs',NULL,'1');\n\
     DELETE FROM sqlite_sequence;\nINSERT INTO sqlite_sequence VALUES('docs',1);\n\
     CREATE VIEW v AS SELECT id AS ident, body FROM docs;\n\
     CREATE TRIGGER ai AFTER INSERT ON docs BEGIN INSERT INTO f(rowid, body) VALUES (new.id, new.body); END;\n\
     PRAGMA writable_schema=OFF;\nCOMMIT;\n",
    "CREATE TABLE docs(id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT);\nCREATE TABLE sqlite_sequence(name,seq);\n\
     CREATE VIEW v AS SELECT id AS ident, body FROM docs\n/* v(ident,body) */;\n\
     CREATE VIRTUAL TABLE f USING fts5(body, content='docs', content_rowid='id')\n/* f(body) */;\n\
     CREATE TABLE IF NOT EXISTS 'f_data'(id INTEGER PRIMARY KEY, block BLOB);\n\
     CREATE TABLE IF NOT EXISTS 'f_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;\n\
     CREATE TABLE IF NOT EXISTS 'f_docsize'(id INTEGER PRIMARY KEY, sz BLOB);\n\
     CREATE TABLE IF NOT EXISTS 'f_config'(k PRIMARY KEY, v) WITHOUT ROWID;\n\
     CREATE VIRTUAL TABLE g USING fts4(content=v)\n/* g(ident,body) */;\n\
     CREATE TABLE IF NOT EXISTS 'g_segments'(blockid INTEGER PRIMARY KEY, block BLOB);\n\
     CREATE TABLE IF NOT EXISTS 'g_segdir'(level INTEGER,idx INTEGER,start_block INTEGER,leaves_end_block INTEGER,end_block INTEGER,root BLOB,PRIMARY KEY(level, idx));\n\
     CREATE TABLE IF NOT EXISTS 'g_docsize'(docid INTEGER PRIMARY KEY, size BLOB);\n\
     CREATE TABLE IF NOT EXISTS 'g_stat'(id INTEGER PRIMARY KEY, value BLOB);\n\
     CREATE VIRTUAL TABLE r USING rtree(id, x0, x1)\n/* r(id,x0,x1) */;\n\
     CREATE TABLE IF NOT EXISTS \"r_rowid\"(rowid INTEGER PRIMARY KEY,nodeno);\n\
     CREATE TABLE IF NOT EXISTS \"r_node\"(nodeno INTEGER PRIMARY KEY,data);\n\
     CREATE TABLE IF NOT EXISTS \"r_parent\"(nodeno INTEGER PRIMARY KEY,parentnode);\n\
     CREATE VIRTUAL TABLE fv USING fts5vocab(f,row)\n/* fv(term,doc,cnt) */;\n\
     CREATE TRIGGER ai AFTER INSERT ON docs BEGIN INSERT INTO f(rowid, body) VALUES (new.id, new.body); END;\n\
     CREATE TABLE sqlite_stat1(tbl,idx,stat);\n",
];

#[test]
fn what_the_shell_writes_of_a_database_is_its_schema() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("app.db");
    let conn = rusqlite::Connection::open(&db).unwrap();
    conn.execute_batch(
        "CREATE TABLE docs(id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT);
         CREATE VIEW v AS SELECT id AS ident, body FROM docs;
         CREATE VIRTUAL TABLE f USING fts5(body, content='docs', content_rowid='id');
         CREATE VIRTUAL TABLE g USING fts4(content=v);
         CREATE VIRTUAL TABLE r USING rtree(id, x0, x1);
         CREATE VIRTUAL TABLE fv USING fts5vocab('f', \"row\");
         CREATE TRIGGER ai AFTER INSERT ON docs BEGIN INSERT INTO f(rowid, body) VALUES (new.id, new.body); END;
         INSERT INTO docs(body) VALUES ('hello'); ANALYZE;",
    )
    .unwrap();
    drop(conn);
    assert_dump_is_faithful(&dir, &db);
    for (i, text) in SHELL.iter().enumerate() {
        let spec = dir.path().join(format!("shell{i}.sql"));
        fs::write(&spec, text).unwrap();
        for (from, to) in [(&db, &spec), (&spec, &db)] {
            let (status, report) = diff(from, to);
            assert_eq!(status, Some(0), "{} → {}: {report:#}", from.display(), to.display());
        }
        assert_dump_is_faithful(&dir, &spec);
        // Twice the same table is still an error, and so is a table that only looks like one of SQLite's.
        fs::write(&spec, format!("{text}CREATE TABLE docs(a);")).unwrap();
        assert_eq!(planctl(&["schema", "dump", spec.to_str().unwrap()]).status.code(), Some(2));
        fs::write(&spec, format!("{text}CREATE TABLE sqlite_own(a);")).unwrap();
        assert_eq!(planctl(&["schema", "dump", spec.to_str().unwrap()]).status.code(), Some(2));
    }
}

/// A database with a byte that is no UTF-8 in each kind of statement.
fn with_byte(dir: &TempDir, name: &str, byte: &str) -> PathBuf {
    let file = dir.path().join(name);
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.execute_batch(&format!(
        "CREATE TABLE t(a TEXT DEFAULT '?' CHECK (a <> '?'), b); CREATE INDEX i ON t(b) WHERE b <> '?';
         CREATE VIEW v AS SELECT '?' AS z FROM t; CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET b = '?'; END;
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = CAST(replace(CAST(sql AS BLOB), x'3f', x'{byte}') AS TEXT);"
    ))
    .unwrap();
    file
}

#[test]
fn bytes_that_are_no_utf_8_are_never_equal_to_others_and_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (one, same, other) = (
        with_byte(&dir, "one.db", "e9"),
        with_byte(&dir, "same.db", "e9"),
        with_byte(&dir, "other.db", "e8"),
    );
    let replaced = dir.path().join("replaced.sql");
    fs::write(
        &replaced,
        "CREATE TABLE t(a TEXT DEFAULT '\u{FFFD}' CHECK (a <> '\u{FFFD}'), b); CREATE INDEX i ON t(b) WHERE b <> '\u{FFFD}';
         CREATE VIEW v AS SELECT '\u{FFFD}' AS z FROM t; CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET b = '\u{FFFD}'; END;",
    )
    .unwrap();
    assert_eq!(diff(&one, &same).0, Some(0), "a schema is itself");
    for (from, to) in [(&one, &other), (&other, &one), (&one, &replaced), (&replaced, &one)] {
        let (status, report) = diff(from, to);
        assert_eq!(status, Some(1), "{report:#}");
        let findings = report["findings"].as_array().unwrap();
        let rules: Vec<&str> = findings.iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
        assert_eq!(
            rules,
            ["column-default", "missing-check", "index-definition", "trigger-definition", "view-definition"]
        );
        assert!(report.to_string().contains("'\\\\xE9'"), "{report}");
    }
    // No text makes this schema again: nobody is given one.
    for args in [
        vec!["dump", one.to_str().unwrap()],
        vec!["diff", replaced.to_str().unwrap(), one.to_str().unwrap(), "--sql"],
    ] {
        let output = planctl(&[vec!["schema"], args].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{said}");
        assert!(said.contains("table t: \\xE9 behind `CREATE TABLE t(a TEXT DEFAULT '`"), "{said}");
        assert!(said.contains("note: view v: \\xE9"), "{said}");
    }
    let page = String::from_utf8(planctl(&["schema", "docs", one.to_str().unwrap()]).stdout).unwrap();
    assert!(page.contains("`'\\xE9'`") && !page.contains('\u{FFFD}'), "{page}");
}

/// What was broken before is not made broken by a script, whatever its table is called; what is new is refused.
#[test]
fn a_script_renames_a_table_under_what_was_broken_before() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from.sql"), dir.path().join("to.sql"));
    let broken = |table: &str| {
        format!(
            "CREATE TABLE {table}(id INTEGER PRIMARY KEY, a TEXT);
             CREATE TRIGGER r AFTER INSERT ON {table} BEGIN SELECT nope FROM gone; END;
             CREATE VIEW v AS SELECT nope FROM {table};"
        )
    };
    fs::write(&from, broken("old")).unwrap();
    let script = |goal: &str| {
        fs::write(&to, format!("-- planctl:renamed-from old\n{goal}")).unwrap();
        planctl(&["schema", "diff", from.to_str().unwrap(), to.to_str().unwrap(), "--sql"])
    };
    let output = script(&broken("new"));
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        said.contains("RENAME TO new") && said.contains("CREATE TRIGGER r AFTER INSERT ON new"),
        "{said}"
    );
    let output = script(&broken("new").replace("gone", "nowhere"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("trigger r on new does not compile"), "{said}");
    // Where there are several, each is named.
    let output = script(&broken("new").replace("nope", "nowhere"));
    let said = String::from_utf8_lossy(&output.stderr);
    for name in ["view v", "trigger r on new"] {
        assert!(said.contains(&format!("{name} does not compile")), "{said}");
    }
    // A string in double quotes, where SQLite renames nothing: the reason, and what to do.
    fs::write(&from, "CREATE TABLE t(a TEXT); CREATE INDEX i ON t(\"zebra\");").unwrap();
    let goal = "CREATE TABLE t(b TEXT); CREATE INDEX i ON t(\"zebra\");"
        .replace("b TEXT", "\n-- planctl:renamed-from a\nb TEXT");
    fs::write(&to, goal).unwrap();
    let output = planctl(&["schema", "diff", from.to_str().unwrap(), to.to_str().unwrap(), "--sql"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code() == Some(2) && said.contains("error in index i: no such column: zebra"),
        "{said}"
    );
    assert!(said.contains("write it as '…' in the spec"), "{said}");
}
