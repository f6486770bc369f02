//! What ANALYZE found is there after a rebuild as it was before, however the migration is run.

use super::offline::{has_shell, shell};
use super::*;

const FIRST: &str = "CREATE TABLE t (a INT, b TEXT UNIQUE, c); CREATE INDEX i ON t (a); CREATE INDEX e ON t (lower(b)) WHERE a > 0;
    CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID; CREATE TABLE n (x); CREATE TABLE o (y, z UNIQUE); CREATE INDEX oi ON o (y);
    CREATE TABLE p (g INT, v); CREATE INDEX pi ON p (g) WHERE v > 50;";

/// A rebuild of a table of each kind by hand, in which a name differs in case, and a rename.
const SECOND: &str = "CREATE TABLE t_new (a INT, b TEXT UNIQUE, c NOT NULL); INSERT INTO t_new SELECT a, b, c FROM t; DROP TABLE t;
    ALTER TABLE t_new RENAME TO T; CREATE INDEX I ON T (a); CREATE INDEX e ON T (lower(b)) WHERE a > 0;
    CREATE TABLE w_new (k TEXT PRIMARY KEY, v NOT NULL) WITHOUT ROWID; INSERT INTO w_new SELECT k, v FROM w; DROP TABLE w;
    ALTER TABLE w_new RENAME TO w;
    CREATE TABLE n_new (x NOT NULL); INSERT INTO n_new SELECT x FROM n; DROP TABLE n; ALTER TABLE n_new RENAME TO n;
    CREATE TABLE p_new (g INT, v NOT NULL); INSERT INTO p_new SELECT g, v FROM p; DROP TABLE p;
    ALTER TABLE p_new RENAME TO p; CREATE INDEX pi ON p (g) WHERE v > 50;
    DROP INDEX oi; CREATE INDEX oi ON o (y); ALTER TABLE o RENAME TO o2;";

const BACK: &str = "CREATE TABLE t_new (a INT, b TEXT UNIQUE, c); INSERT INTO t_new SELECT a, b, c FROM t; DROP TABLE t;
    ALTER TABLE t_new RENAME TO t; CREATE INDEX i ON t (a); CREATE INDEX e ON t (lower(b)) WHERE a > 0;
    CREATE TABLE w_new (k TEXT PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO w_new SELECT k, v FROM w; DROP TABLE w;
    ALTER TABLE w_new RENAME TO w;
    CREATE TABLE n_new (x); INSERT INTO n_new SELECT x FROM n; DROP TABLE n; ALTER TABLE n_new RENAME TO n;
    CREATE TABLE p_new (g INT, v); INSERT INTO p_new SELECT g, v FROM p; DROP TABLE p;
    ALTER TABLE p_new RENAME TO p; CREATE INDEX pi ON p (g) WHERE v > 50;
    ALTER TABLE o2 RENAME TO o;";

const ROWS: &str = "WITH RECURSIVE s(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM s WHERE n < 100) INSERT INTO t SELECT n % 7, 'b' || n, n FROM s;
    INSERT INTO w SELECT b, c FROM t; INSERT INTO n SELECT a FROM t; INSERT INTO o SELECT a, b FROM t;
    INSERT INTO p SELECT a, c FROM t;";

fn project() -> Project {
    let project = Project::new();
    project.write("V1__first.sql", FIRST).write("V2__second.sql", SECOND).write("V2__second.down.sql", BACK);
    project.expect(0, &["migrate", "up", "--to", "1"]);
    project.sql(ROWS);
    project
}

/// All of it but what is about planctl's own tables; names in one case.
fn statistics(project: &Project, table: &str) -> Vec<String> {
    project.column(&format!(
        "SELECT lower(concat_ws('|', tbl, coalesce(idx, '-'), {})) FROM {table} WHERE tbl NOT LIKE '%history%' AND tbl NOT LIKE 'planctl%' ORDER BY 1",
        if table.ends_with('4') { "neq, nlt, ndlt, hex(sample)" } else { "stat" }
    ))
}

fn renamed(statistics: &[String]) -> Vec<String> {
    let mut all: Vec<String> = statistics
        .iter()
        .map(|line| line.replace("o|", "o2|").replace("autoindex_o_", "autoindex_o2_"))
        .collect();
    all.sort();
    all
}

#[test]
fn a_rebuild_up_down_and_again_keeps_what_analyze_found() {
    let project = project();
    project.sql("ANALYZE");
    let before = ["sqlite_stat1", "sqlite_stat4"].map(|table| statistics(&project, table));
    assert!(before[0].contains(&"p|-|100".to_owned()), "{before:?}");
    assert!(before[0].len() >= 9 && before[1].len() > 20, "{before:?}");
    for (command, there) in [("up", true), ("down", false), ("up", true), ("redo", true)] {
        project.expect(0, &["migrate", command]);
        for (table, before) in ["sqlite_stat1", "sqlite_stat4"].into_iter().zip(&before) {
            let expected = if there { renamed(before) } else { before.clone() };
            assert_eq!(statistics(&project, table), expected, "{command} {table}");
        }
    }
}

#[test]
fn a_script_keeps_what_analyze_found_and_leaves_nothing_where_there_was_nothing() {
    if !has_shell() {
        return;
    }
    for analyzed in [true, false] {
        let project = project();
        if analyzed {
            project.sql("ANALYZE");
        }
        let is_there = |project: &Project| {
            project.column("SELECT name FROM sqlite_schema WHERE name LIKE 'sqlite_stat%' ORDER BY 1")
        };
        let tables = is_there(&project);
        let before = if analyzed { statistics(&project, "sqlite_stat1") } else { Vec::new() };
        for (args, there) in [
            (&["migrate", "up", "--sql", "--from", "1"][..], true),
            (&["migrate", "down", "--sql", "--from", "2"], false),
        ] {
            let output = shell(&project.db(), &project.script(args), false);
            assert!(output.status.success() && output.stdout.is_empty(), "{}", stderr(&output));
            assert_eq!(is_there(&project), tables);
            if analyzed {
                let expected = if there { renamed(&before) } else { before.clone() };
                assert_eq!(statistics(&project, "sqlite_stat1"), expected, "{args:?}");
            }
        }
    }
}

#[test]
fn a_table_whose_indexes_are_other_ones_is_analyzed_anew_and_nobody_else_is() {
    let project = project();
    project.sql("ANALYZE; INSERT INTO n VALUES (1); INSERT INTO t VALUES (9, 'new', 0)");
    project.write(
        "V2__second.sql",
        "CREATE TABLE t_new (a TEXT, b TEXT UNIQUE, c); INSERT INTO t_new SELECT a, b, c FROM t; DROP TABLE t;
         ALTER TABLE t_new RENAME TO t; CREATE INDEX i ON t (a);",
    );
    let ran = project.expect(0, &["migrate", "up", "-v"]);
    assert!(stderr(&ran).contains("ANALYZE main.\"t\""), "{}", stderr(&ran));
    let now = statistics(&project, "sqlite_stat1");
    assert!(now.contains(&"t|i|101 13".to_owned()) && now.contains(&"n|-|100".to_owned()), "{now:?}");
    assert!(!now.iter().any(|line| line.starts_with("t|e|")), "{now:?}");

    // Where nobody has run ANALYZE, and where the migration does so itself.
    for (before, own) in [("", ""), ("ANALYZE;", "ANALYZE n;"), ("ANALYZE;", "DELETE FROM sqlite_stat1;")] {
        let project = self::project();
        project.sql(before);
        project.write("V2__second.sql", &format!("{SECOND}\n{own}"));
        let ran = project.expect(0, &["migrate", "up", "-v"]);
        assert!(!stderr(&ran).contains("ANALYZE main"), "{}", stderr(&ran));
        let tables = project.column("SELECT name FROM sqlite_schema WHERE name = 'sqlite_stat1'");
        assert_eq!(tables.is_empty(), before.is_empty());
        if own.starts_with("DELETE") {
            assert!(statistics(&project, "sqlite_stat1").is_empty());
        }
    }
}
