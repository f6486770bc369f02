//! Databases that mean harm, or were harmed. Each is made by SQLite itself, with what it lets one do to a file.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::harness::form;

/// A hostile database: its name, and what makes it at a path.
pub(crate) struct Database {
    pub(crate) name: &'static str,
    pub(crate) make: fn(&Path),
}

/// What would forge output if it were written as it stands: new lines, workflow commands, terminal sequences,
/// right-to-left overrides, marks without width, HTML, a table's bars.
pub(crate) const FORGERIES: [&str; 18] = [
    "x\n::error file=forged::forged",
    "x\r\nerror: forged",
    "x\u{1b}[2J\u{1b}]0;forged\u{7}",
    "x\u{9b}31m",
    "\u{202e}esrever",
    "\u{2066}isolate\u{2069}",
    "z\u{200b}w\u{200d}j\u{feff}",
    "<script>alert(1)</script>",
    "p|pe`tick`*b*_i_[l](javascript:x)",
    "--><!--",
    "]]>",
    "a\u{8}\u{8}\u{7f}b",
    "o'brien\"; DROP TABLE t; --",
    "\u{2028}line\u{2029}",
    "&amp;%0A%25",
    "\t",
    "x\n```\n::error file=forged::forged\n````\n~~~",
    "x\n  ##[error]forged",
];

pub(crate) const DATABASES: [Database; 41] = [
    Database { name: "forgeries", make: forgeries },
    Database { name: "columns", make: columns },
    Database { name: "tables", make: tables },
    Database { name: "keys in a circle", make: keys_in_a_circle },
    Database { name: "calls", make: calls },
    Database { name: "missing functions", make: missing_functions },
    Database { name: "deep expressions", make: deep_expressions },
    Database { name: "deep parentheses", make: deep_parentheses },
    Database { name: "views on views", make: |file| views_on_views(file, 60) },
    Database { name: "many views on views", make: |file| views_on_views(file, number(250, 1_000, 20_000)) },
    Database { name: "views that double", make: views_that_double },
    Database { name: "views in a circle", make: views_in_a_circle },
    Database { name: "a long union", make: long_union },
    Database { name: "a statement of a million bytes", make: long_statement },
    Database { name: "an endless view", make: endless_view },
    Database { name: "triggers in a circle", make: triggers_in_a_circle },
    Database { name: "a virtual table with a file", make: virtual_table_with_a_file },
    Database {
        name: "no SQL in the schema",
        make: |file| damage(file, "UPDATE sqlite_schema SET sql = 'this is no SQL'"),
    },
    Database {
        name: "half a statement",
        make: |file| damage(file, "UPDATE sqlite_schema SET sql = substr(sql, 1, length(sql) / 2)"),
    },
    Database {
        name: "an open comment",
        make: |file| damage(file, "UPDATE sqlite_schema SET sql = sql || ' /* '"),
    },
    Database {
        name: "an open string",
        make: |file| damage(file, "UPDATE sqlite_schema SET sql = replace(sql, '(', '(''')"),
    },
    Database {
        name: "an index for a table",
        make: |file| damage(file, "UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON t(a)' WHERE name = 't'"),
    },
    Database {
        name: "a view for a table",
        make: |file| {
            damage(file, "UPDATE sqlite_schema SET sql = 'CREATE VIEW t AS SELECT 1' WHERE name = 't'")
        },
    },
    Database {
        name: "a table for a trigger",
        make: |file| {
            damage(file, "UPDATE sqlite_schema SET sql = 'CREATE TABLE r(a)' WHERE type = 'trigger'")
        },
    },
    Database {
        name: "a table for a view",
        make: |file| damage(file, "UPDATE sqlite_schema SET type = 'table' WHERE type = 'view'"),
    },
    Database { name: "no SQL at all", make: |file| damage(file, "UPDATE sqlite_schema SET sql = NULL") },
    Database {
        name: "a BLOB for SQL",
        make: |file| damage(file, "UPDATE sqlite_schema SET sql = x'fffe00' WHERE name = 't'"),
    },
    Database {
        name: "no UTF-8",
        make: |file| {
            damage(
                file,
                "UPDATE sqlite_schema SET sql = CAST(x'435245415445205441424c4520740ac3282880ff2c206129' AS TEXT) WHERE name = 't'",
            )
        },
    },
    Database {
        name: "names that are no UTF-8",
        make: |file| {
            damage(
                file,
                "UPDATE sqlite_schema SET name = CAST(x'80ff' AS TEXT), tbl_name = CAST(x'80ff' AS TEXT)",
            )
        },
    },
    Database {
        name: "names of other types",
        make: |file| damage(file, "UPDATE sqlite_schema SET type = 5, name = 1.5, tbl_name = x'00'"),
    },
    Database {
        name: "a wrong root page",
        make: |file| damage(file, "UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 't'"),
    },
    Database {
        name: "the schema as a table's root",
        make: |file| damage(file, "UPDATE sqlite_schema SET rootpage = 1 WHERE rootpage > 1"),
    },
    Database {
        name: "a negative root page",
        make: |file| damage(file, "UPDATE sqlite_schema SET rootpage = -5"),
    },
    Database {
        name: "the same name twice",
        make: |file| damage(file, "INSERT INTO sqlite_schema SELECT * FROM sqlite_schema"),
    },
    Database {
        name: "a name that is another",
        make: |file| damage(file, "UPDATE sqlite_schema SET name = 'other' WHERE name = 't'"),
    },
    Database {
        name: "names that are reserved",
        make: |file| {
            damage(file, "UPDATE sqlite_schema SET name = 'sqlite_x' || rowid, tbl_name = 'sqlite_x'")
        },
    },
    Database { name: "a sequence that is none", make: sequence },
    Database { name: "a history that is none", make: history },
    Database { name: "cut off", make: |file| bytes(file, |bytes| bytes.truncate(bytes.len() - 5_000)) },
    Database { name: "pages overwritten", make: |file| bytes(file, |bytes| bytes[5_000..9_000].fill(0xff)) },
    Database {
        name: "an odd page size",
        make: |file| bytes(file, |bytes| bytes[16..18].copy_from_slice(&[0, 3])),
    },
];

fn build(file: &Path, sql: &str) {
    let conn = Connection::open(file).unwrap();
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).unwrap();
    conn.execute_batch(&format!("BEGIN;{sql};COMMIT")).unwrap();
}

/// What a damaged database was before.
const SOUND: &str = "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, parent TEXT, root TEXT, b TEXT NOT NULL DEFAULT 'x' CHECK (b <> ''), UNIQUE (b, a));\
    CREATE TABLE u(a REFERENCES t(a), b, c AS (a || b)) ;\
    CREATE INDEX i ON t(b) WHERE b > 'a';\
    CREATE VIEW v AS SELECT a, b FROM t;\
    CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM u; END;\
    INSERT INTO t(b) SELECT value FROM json_each('[1,2,3]');\
    INSERT INTO u(a, b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT 1, i FROM n";

fn damage(file: &Path, sql: &str) {
    build(file, SOUND);
    let conn = Connection::open(file).unwrap();
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).unwrap();
    conn.execute_batch(&format!("PRAGMA writable_schema = ON; {sql};")).unwrap();
}

fn bytes(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    build(file, SOUND);
    let mut bytes = fs::read(file).unwrap();
    change(&mut bytes);
    fs::write(file, bytes).unwrap();
}

/// How many objects there are: in the short form, in the long one, and with `PLANCTL_HOSTILE`.
fn number(short: usize, long: usize, most: usize) -> usize {
    if std::env::var_os("PLANCTL_HOSTILE").is_some() { most } else { form(short, long) }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn forgeries(file: &Path) {
    let mut sql = String::new();
    for (i, name) in FORGERIES.iter().enumerate() {
        let (name, text) = (quote(name), name.replace('\'', "''"));
        sql.push_str(&format!(
            "CREATE TABLE {name}({name} TEXT DEFAULT '{text}' CONSTRAINT {name} CHECK ({name} <> '{text}') REFERENCES {name}({name}), b {name}, UNIQUE ({name}));\
             CREATE INDEX {index} ON {name}({name}) WHERE {name} > '{text}';\
             CREATE VIEW {view} AS SELECT {name} AS {name} FROM {name} WHERE {name} = '{text}';\
             CREATE TRIGGER {trigger} AFTER INSERT ON {name} BEGIN SELECT RAISE(ABORT, '{text}'); END;\
             INSERT INTO sqlite_schema SELECT NULL, NULL, NULL, NULL, NULL WHERE 0;",
            index = quote(&format!("{i}{}", FORGERIES[i])),
            view = quote(&format!("v{}", FORGERIES[i])),
            trigger = quote(&format!("r{}", FORGERIES[i])),
        ));
    }
    let sql = sql.replace("INSERT INTO sqlite_schema SELECT NULL, NULL, NULL, NULL, NULL WHERE 0;", "");
    build(file, &sql);
}

fn columns(file: &Path) {
    let columns: Vec<String> =
        (0..number(400, 2_000, 2_000)).map(|i| format!("c{i} TEXT NOT NULL DEFAULT '{i}'")).collect();
    build(file, &format!("CREATE TABLE t({}); INSERT INTO t DEFAULT VALUES", columns.join(", ")));
}

fn tables(file: &Path) {
    let many = number(100, 400, 10_000);
    let tables: Vec<String> =
        (0..many).map(|i| format!("CREATE TABLE t{i}(a, b REFERENCES t{i}(a))")).collect();
    build(file, &tables.join(";"));
}

/// Each table refers to the next one, the last one to the first.
fn keys_in_a_circle(file: &Path) {
    let many = number(100, 400, 3_000);
    let table =
        |i: usize| format!("CREATE TABLE t{i}(a INTEGER PRIMARY KEY, b REFERENCES t{}(a))", (i + 1) % many);
    build(file, &(0..many).map(table).collect::<Vec<_>>().join(";"));
}

/// What would run code or read a file if it were called.
fn calls(file: &Path) {
    let mut sql = "CREATE TABLE t(a, b);".to_owned();
    for (i, call) in [
        "load_extension('evil')",
        "readfile('evil')",
        "writefile('written', 'x')",
        "edit('x')",
        "fts3_tokenizer('simple', x'0000000000000000')",
        "sqlar_uncompress(x'00', 99999999)",
        "zipfile('evil')",
        "lsmode('evil')",
        "printf('%.*c', 2000000000, 'x')",
        "hex(zeroblob(1000000000))",
    ]
    .into_iter()
    .enumerate()
    {
        sql.push_str(&format!(
            "CREATE VIEW v{i} AS SELECT {call} AS x FROM t;\
             CREATE TRIGGER r{i} AFTER INSERT ON t BEGIN SELECT {call}; END;"
        ));
    }
    // What SQLite would not let one write, a file may hold all the same.
    sql.push_str(
        "CREATE TABLE g(a, b); CREATE TABLE d(a); CREATE TABLE c(a); CREATE INDEX gi ON g(a);\
         PRAGMA writable_schema = ON;\
         UPDATE sqlite_schema SET sql = 'CREATE TABLE g(a, b AS (load_extension(a)) STORED)' WHERE name = 'g';\
         UPDATE sqlite_schema SET sql = 'CREATE TABLE d(a DEFAULT (load_extension(''evil'')))' WHERE name = 'd';\
         UPDATE sqlite_schema SET sql = 'CREATE TABLE c(a CHECK (readfile(''evil'') > a))' WHERE name = 'c';\
         UPDATE sqlite_schema SET sql = 'CREATE INDEX gi ON g(load_extension(''evil''))' WHERE name = 'gi'",
    );
    build(file, &sql);
}

fn missing_functions(file: &Path) {
    damage(
        file,
        "UPDATE sqlite_schema SET sql = replace(replace(sql, 'b <> ''''', 'nothing_of_the_kind(b)'), 'b > ''a''', 'no_such(b) COLLATE nowhere')",
    );
}

fn deep_expressions(file: &Path) {
    let sum = vec!["a"; 990].join("+");
    let either = (0..990).map(|i| format!("a={i}")).collect::<Vec<_>>().join(" OR ");
    let nots = "NOT ".repeat(900);
    build(
        file,
        &format!(
            "CREATE TABLE t(a, b AS ({sum}), CHECK ({either}), CHECK ({nots} a));\
             CREATE INDEX i ON t({sum}); CREATE VIEW v AS SELECT {sum} AS x FROM t WHERE {either};\
             CREATE TRIGGER r AFTER INSERT ON t WHEN {nots} new.a BEGIN SELECT 1; END"
        ),
    );
}

/// Parentheses cost SQLite's parser memory, and no depth.
fn deep_parentheses(file: &Path) {
    let (open, close) = ("(".repeat(20_000), ")".repeat(20_000));
    damage(
        file,
        &format!(
            "UPDATE sqlite_schema SET sql = 'CREATE TABLE t(a CHECK ({open}1{close}), b DEFAULT ({open}1{close}))' WHERE name = 't';\
             UPDATE sqlite_schema SET sql = 'CREATE VIEW v AS SELECT {open}1{close}' WHERE name = 'v';\
             UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON t({open}b{close})' WHERE name = 'i'"
        ),
    );
}

fn views_on_views(file: &Path, many: usize) {
    let views: Vec<String> =
        (1..many).map(|i| format!("CREATE VIEW v{i} AS SELECT * FROM v{}", i - 1)).collect();
    build(file, &format!("CREATE TABLE t(a); CREATE VIEW v0 AS SELECT a FROM t; {}", views.join(";")));
}

fn views_that_double(file: &Path) {
    // In the long form 4,096 times the table. SQLite writes every one of them out before it runs anything; with 40 views
    // it never ends, here as in any other program.
    let views: Vec<String> = (1..number(10, 12, 12))
        .map(|i| format!("CREATE VIEW v{i} AS SELECT x.a FROM v{0} x JOIN v{0} y ON x.a = y.a", i - 1))
        .collect();
    build(file, &format!("CREATE TABLE t(a); CREATE VIEW v0 AS SELECT a FROM t; {}", views.join(";")));
}

fn views_in_a_circle(file: &Path) {
    build(
        file,
        "CREATE VIEW a AS SELECT * FROM b; CREATE VIEW b AS SELECT * FROM c; CREATE VIEW c AS SELECT * FROM a; CREATE VIEW d AS SELECT * FROM d",
    );
}

fn long_union(file: &Path) {
    let parts = vec!["SELECT a FROM t"; 499].join(" UNION ALL ");
    build(file, &format!("CREATE TABLE t(a); CREATE VIEW v AS {parts}"));
}

fn long_statement(file: &Path) {
    let (text, list) = ("x".repeat(500_000), vec!["12345"; 80_000].join(","));
    build(
        file,
        &format!(
            "CREATE TABLE t(a DEFAULT '{text}', b CHECK (b IN ({list})) /* {text} */); CREATE VIEW v AS SELECT '{text}' AS x"
        ),
    );
}

fn endless_view(file: &Path) {
    build(
        file,
        "CREATE TABLE t(a); CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS c FROM n;\
         CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO t SELECT i FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n); END",
    );
}

fn triggers_in_a_circle(file: &Path) {
    let triggers: Vec<String> =
        (0..50).map(|i| format!("CREATE TRIGGER r{i} AFTER INSERT ON t{i} BEGIN INSERT INTO t{} VALUES (1); INSERT INTO t{} VALUES (1); END", (i + 1) % 50, (i + 7) % 50)).collect();
    let tables: Vec<String> = (0..50).map(|i| format!("CREATE TABLE t{i}(a)")).collect();
    build(file, &format!("{};{}", tables.join(";"), triggers.join(";")));
}

fn virtual_table_with_a_file(file: &Path) {
    damage(
        file,
        "UPDATE sqlite_schema SET rootpage = 0, sql = 'CREATE VIRTUAL TABLE t USING csv(filename=''evil'')' WHERE name = 't';\
         UPDATE sqlite_schema SET rootpage = 0, sql = 'CREATE VIRTUAL TABLE u USING fts5(a, content=''evil'', tokenize=''load_extension evil'')' WHERE name = 'u'",
    );
}

fn sequence(file: &Path) {
    damage(
        file,
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE sqlite_sequence(name PRIMARY KEY, seq AS (1), x CHECK (x))' WHERE name = 'sqlite_sequence'",
    );
}

fn history(file: &Path) {
    build(
        file,
        "CREATE VIEW refinery_schema_history AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000)\
         SELECT i AS version, 'x' || char(27) || '[2J' AS name, 'now' AS applied_on, x'00' AS checksum FROM n;\
         CREATE TABLE planctl_migrations(a AS (1), b); INSERT INTO planctl_migrations VALUES (2)",
    );
}
