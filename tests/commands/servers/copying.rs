//! Copies of a server's database: `--backup` and `--rehearse`.

use std::path::Path;

use rusqlite::Connection;

use super::pair::Pair;
use super::server::KINDS;
use super::{file, run};

/// Whatever SQLite stores, on whatever kind of table.
const ALL: &str = "CREATE TABLE v (c);
    INSERT INTO v VALUES (5), (5.0), (0.1 + 0.2), (1e300), (9223372036854775807), (-9223372036854775808), (x'00ff'), (x''), (NULL),
     ('a' || char(0) || 'b'), (CAST(x'ff61' AS TEXT)), ('é'), (9e999), (-9e999), (''), (9007199254740993), ('t5'), (zeroblob(100000));
    DELETE FROM v WHERE c = 5.0;
    CREATE TABLE seq (id INTEGER PRIMARY KEY AUTOINCREMENT, n TEXT UNIQUE COLLATE NOCASE);
    INSERT INTO seq (n) VALUES ('a'), ('b'), ('c'); DELETE FROM seq WHERE id = 3;
    CREATE TABLE w (a TEXT, b INT, PRIMARY KEY (b DESC, a)) WITHOUT ROWID; INSERT INTO w VALUES ('x', 1), ('y', 2);
    CREATE TABLE s (i INTEGER, a ANY) STRICT; INSERT INTO s VALUES (1, x'01'), (2, '2');
    CREATE TABLE g (a INT, b INT AS (a + 1), c INT AS (a * 2) STORED); INSERT INTO g (a) VALUES (1), (2);
    CREATE TABLE r (rowid TEXT, oid TEXT, _rowid_ TEXT); INSERT INTO r VALUES ('a', 'b', 'c');
    CREATE TABLE names (\"a \"\"b\" TEXT, [select] INT); INSERT INTO names VALUES ('x', 1);
    CREATE VIRTUAL TABLE f USING fts5(t); INSERT INTO f VALUES ('hello world'), ('other words');
    CREATE INDEX i ON v (c) WHERE c IS NOT NULL; CREATE UNIQUE INDEX u ON seq (lower(n));
    CREATE VIEW all_v AS SELECT c FROM v; CREATE VIEW broken AS SELECT gone FROM nowhere;
    CREATE TRIGGER tr AFTER INSERT ON v BEGIN DELETE FROM w; END; PRAGMA user_version = 7;";

/// All rows of all tables, with their rowids where they have one, and the whole schema.
fn content(file: &Path) -> String {
    let conn = Connection::open(file).unwrap();
    let strings = |sql: &str| -> Vec<String> {
        let mut statement = conn.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let mut all =
        strings("SELECT type || name || tbl_name || coalesce(sql, '') FROM sqlite_schema ORDER BY 1");
    all.extend(strings("SELECT user_version || '' FROM pragma_user_version"));
    let tables = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow') AND name <> 'sqlite_schema' \
                  AND name NOT LIKE 'planctl%' AND name NOT LIKE 'refinery%' ORDER BY name";
    for table in strings(tables) {
        let columns = strings(&format!("SELECT name FROM pragma_table_xinfo('{table}')"));
        let exact: Vec<String> = columns
            .iter()
            .map(|column| format!("\"{}\"", column.replace('"', "\"\"")))
            .map(|c| {
                let digits = format!("iif(typeof({c}) = 'real', printf('%!.17g', {c}), '')");
                format!("typeof({c}) || quote(CAST({c} AS BLOB)) || {digits}")
            })
            .collect();
        let rowid = if conn.prepare(&format!("SELECT rowid FROM \"{table}\"")).is_ok() {
            "rowid || ' '"
        } else {
            "''"
        };
        all.extend(strings(&format!(
            "SELECT '{table} ' || {rowid} || {} FROM \"{table}\" ORDER BY 1",
            exact.join(" || '|' || ")
        )));
    }
    all.join("\n")
}

/// Law: the copy has what a file has on which the same statements ran, to the last bit; and the migration runs on it.
#[test]
fn a_copy_of_a_server_is_what_a_file_would_be() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("m");
    std::fs::create_dir(&folder).unwrap();
    file(&folder, "V1__more.sql", "CREATE TABLE more (a); INSERT INTO more SELECT count(*) FROM v;");
    for kind in KINDS {
        let Some(pair) = Pair::with(kind, dir.path(), ALL) else { continue };
        let (url, backup) = (pair.server.url(), dir.path().join(format!("{kind:?}-copy.db")));
        let backup_name = backup.display().to_string();
        let with = |more: &[&str]| {
            run(dir.path(), &[&["--db", &url, "migrate", "up", "--migrations", "m"][..], more].concat())
        };
        let rehearsed = with(&["--rehearse"]);
        assert_eq!(rehearsed.status, 0, "{kind:?}: {}", rehearsed.stderr);
        assert!(rehearsed.stdout.contains("rehearsed on a copy"), "{kind:?}: {}", rehearsed.stdout);
        assert_eq!(
            pair.server.text("SELECT count(*) FROM sqlite_schema WHERE name = 'more'"),
            "0",
            "{kind:?}"
        );
        let backed = with(&["--backup", &backup_name]);
        assert_eq!(backed.status, 0, "{kind:?}: {}", backed.stderr);
        assert_eq!(pair.server.text("SELECT a FROM more"), "16", "{kind:?}");
        let (there, here) = (content(&backup), content(&pair.file));
        let differs = there.lines().zip(here.lines()).find(|(there, here)| there != here);
        assert_eq!((differs, there.lines().count()), (None, here.lines().count()), "{kind:?}");
        let conn = Connection::open(&backup).unwrap();
        let found = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(found("SELECT t FROM f WHERE f MATCH 'hello'"), "hello world", "{kind:?}");
        assert_eq!(found("PRAGMA integrity_check"), "ok", "{kind:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600, "{kind:?}");
        }
    }
}
