//! `index-updated-for-nothing`: what breaks it, what does not, and that its advice is good. The advice is taken, and the
//! migration has to lead to the same schema and the same rows.

use std::fs;

use planctl::internals::base::rule::LintRule;
use planctl::internals::migrations::MigrationSet;
use planctl::internals::sql::Target;
use planctl::internals::verify::schema_lint::Linted;

use crate::harness::{Project, column};
use crate::schema_lint::linted_for;

const FIRST: &str = "CREATE TABLE t(id INTEGER PRIMARY KEY, p INTEGER REFERENCES t, r INTEGER, a TEXT, b TEXT, g AS (upper(a)));
CREATE TABLE u(id INTEGER PRIMARY KEY, r INTEGER, a TEXT);
CREATE INDEX t_p ON t(p);
CREATE INDEX u_a ON u(a);
";

/// Rows of the first schema.
const ROWS: &str = "INSERT INTO t(id, p, r, a, b) VALUES(1, NULL, NULL, 'x', 'b1'), (2, 1, NULL, 'y', 'b2'), (3, 2, NULL, 'z', 'b3');
    INSERT INTO u VALUES(1, 7, 'u1'), (2, 8, 'u2');";

const BACKFILL: &str = "-- planctl:backfill root-ancestor table=t id=id parent=p root=r\n";

/// A rebuild of `t` that keeps it as it is, but for its indexes, which stand behind it.
const REBUILD: &str = "CREATE TABLE t_new(id INTEGER PRIMARY KEY, p INTEGER REFERENCES t, r INTEGER, a TEXT, b TEXT, g AS (upper(a)));
INSERT INTO t_new(id, p, r, a, b) SELECT id, p, r, a, b FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
CREATE INDEX t_p ON t(p);
";

/// A project with two migrations; `index` is one more statement of the first.
fn project(index: &str, second: &str) -> Project {
    let project = Project::empty();
    project.write("migrations/V1__first.sql", format!("{FIRST}{index}"));
    project.write("migrations/V1__first.down.sql", "DROP TABLE u;\nDROP TABLE t;\n");
    project.write("migrations/V2__second.sql", second);
    project.write("migrations/V2__second.down.sql", "SELECT 1;\n");
    project
}

/// The lines in which the second migration breaks the rule, with what is said and the statement that closes it.
fn found(project: &Project) -> Vec<(usize, String, Option<String>)> {
    found_for(project, Target::Sqlite)
}

fn found_for(project: &Project, target: Target) -> Vec<(usize, String, Option<String>)> {
    let set = MigrationSet::load(&project.path("migrations")).unwrap();
    let Linted { findings, stopped, .. } = linted_for(&set, target);
    assert!(stopped.is_none(), "{stopped:?}");
    let ours = findings.into_iter().filter(|finding| finding.rule == LintRule::IndexUpdatedForNothing.into());
    ours.map(|finding| {
        let said = format!("{}: {}", finding.message, finding.help.unwrap());
        (finding.location.unwrap().line, said, finding.fix.first().cloned())
    })
    .collect()
}

/// What the migrations make of the rows: the schema, and all rows.
fn applied(project: &Project) -> (String, Vec<String>) {
    project.ok(&["migrate", "up", "--to", "1"]);
    project.sql(ROWS);
    project.ok(&["migrate", "up"]);
    let dump = project.ok(&["schema", "dump"]).stdout;
    let rows = [
        "SELECT format('%d %s %s %s %s', id, p, r, a, b) FROM t ORDER BY id",
        "SELECT format('%d %s %s', id, r, a) FROM u",
    ];
    let rows = rows.iter().flat_map(|sql| column(&project.open(), sql)).collect();
    (dump, rows)
}

/// Fills of a column that an index depends on, before a rebuild: the index, the fill, and the index again.
fn rebuilt(index: &str, fill: &str) -> (Project, String) {
    let second = format!("{fill}{REBUILD}{index}\n");
    (project(index, &second), second)
}

#[test]
fn an_index_is_dropped_before_the_fill_and_made_again_by_the_rebuild_to_the_same_end() {
    for (index, fill) in [
        ("CREATE INDEX i ON t(r);", BACKFILL),
        ("CREATE INDEX i ON t(b, r DESC);", BACKFILL),
        ("CREATE INDEX i ON t(b) WHERE r IS NOT NULL;", BACKFILL),
        ("CREATE INDEX i ON t(abs(r));", BACKFILL),
        ("CREATE INDEX i ON t(a);", "UPDATE t SET b = 'c', a = lower(b);\n"),
        ("CREATE INDEX i ON t(a);", "UPDATE OR ABORT main.t AS t SET (b, a) = (a, b) RETURNING id;\n"),
        ("CREATE INDEX i ON t(g);", "UPDATE t SET a = b;\n"),
        ("CREATE INDEX i ON t(a);", "UPDATE t SET a = (SELECT u.a FROM u WHERE u.id = t.id);\n"),
        // The other table's fill comes first, and is none of it.
        (
            "CREATE INDEX i ON t(r);",
            "UPDATE u SET r = 1;\n-- planctl:backfill root-ancestor table=T id=ID parent=P root=R\n",
        ),
        // What stands in between reads the table by other columns, or from the first row to the last.
        (
            "CREATE INDEX i ON t(r);",
            "UPDATE t SET r = id;\nUPDATE t SET b = 'c' WHERE p IS NULL;\nDELETE FROM t WHERE b = 'd';\n\
             INSERT INTO u SELECT id, r, a FROM t WHERE id > 100;\nPRAGMA cache_size = 100;\n\
             -- planctl:assert no row is left out\nSELECT id FROM t WHERE b IS NULL;\n",
        ),
    ] {
        let (before, second) = rebuilt(index, fill);
        let findings = found(&before);
        let [(line, said, Some(fix))] = findings.as_slice() else { panic!("{index} {fill}: {findings:?}") };
        assert_eq!(fix, "DROP INDEX i;", "{index} {fill}");
        assert!(said.contains("updates the index i") && said.contains("with its table in line"), "{said}");

        let mut lines: Vec<&str> = second.lines().collect();
        lines.insert(line - 1, fix);
        let after = project(index, &format!("{}\n", lines.join("\n")));
        assert_eq!(found(&after), [], "{index} {fill}");
        assert_eq!(applied(&after), applied(&before), "{index} {fill}");
    }
}

#[test]
fn a_drop_index_moves_above_the_fill_to_the_same_end() {
    let index = "CREATE INDEX i ON t(a);\n";
    let fill = "UPDATE t SET a = lower(a);\n";
    let drop = "DROP INDEX i;\n";
    let new = "CREATE INDEX i ON t(a, b);\n";
    let before = project(index, &format!("SELECT 1;\n{fill}{drop}{new}"));
    let said = "filling t.a updates the index i, which is dropped in line 3: move `DROP INDEX i;` from line 3 above this step";
    assert_eq!(found(&before), [(2, said.to_owned(), None)]);
    let after = project(index, &format!("SELECT 1;\n{drop}{fill}{new}"));
    assert_eq!(found(&after), []);
    assert_eq!(applied(&after), applied(&before));
}

/// Law: where the index is needed, or may be, or where it is not known to go, nothing is said.
#[test]
fn an_index_that_is_needed_or_that_stays_is_left_alone() {
    let on_r = "CREATE INDEX i ON t(r);";
    let on_a = "CREATE INDEX i ON t(a);";
    let update = "UPDATE t SET a = lower(a);\n";
    let between = |statement: &str| format!("{update}{statement}\n");
    let view = "CREATE INDEX i ON t(a);\nCREATE VIEW v AS SELECT a FROM t WHERE a > '';";
    for (index, fill) in [
        // It guards the rows, and a fill that breaks it has to fail.
        ("CREATE UNIQUE INDEX i ON t(r, b);", BACKFILL.to_owned()),
        (
            "CREATE UNIQUE INDEX i ON t(a);",
            between("INSERT INTO t(id, a) VALUES(9, 'x') ON CONFLICT(a) DO NOTHING;"),
        ),
        // Another column.
        ("CREATE INDEX i ON t(b);", BACKFILL.to_owned()),
        // The step, or a script that does the same elsewhere, finds its rows by these.
        ("CREATE INDEX i ON t(p, r);", BACKFILL.to_owned()),
        (on_a, "UPDATE t SET a = 'n' WHERE a IS NULL;\n".to_owned()),
        (on_a, "UPDATE t SET a = 'n' WHERE id = 1;\n".to_owned()),
        (on_a, "UPDATE t SET a = u.a FROM u WHERE u.id = t.id;\n".to_owned()),
        (on_a, "UPDATE t SET a = (SELECT max(x.a) FROM t x WHERE x.a < t.a);\n".to_owned()),
        // What stands in between may read it.
        (on_a, between("DELETE FROM t WHERE a = 'n';")),
        (on_a, between("UPDATE u SET a = (SELECT id FROM t WHERE t.a = u.a);")),
        (on_a, between("INSERT INTO u(r, a) SELECT r, a FROM t ORDER BY a;")),
        (on_a, between("INSERT INTO u(a) SELECT max(a) FROM t;")),
        (on_a, between("INSERT INTO u(a) SELECT u.a FROM u JOIN t ON t.a = u.a;")),
        (on_a, between("INSERT INTO u(a) SELECT 'x' WHERE 'x' IN (SELECT a FROM t);")),
        (on_a, between("INSERT INTO u(a) WITH x AS (SELECT a FROM t) SELECT a FROM x;")),
        (on_a, between("-- planctl:assert all have one\nSELECT a FROM t WHERE a IS NULL;")),
        (on_a, between("-- planctl:assert one each\nSELECT count(*) FROM t HAVING count(a) <> count(*);")),
        (on_a, between("ANALYZE;")),
        (view, between("INSERT INTO u(a) SELECT a FROM v;\nDROP VIEW v;")),
        // A trigger does with it what it wants.
        (
            "CREATE INDEX i ON t(a);\nCREATE TRIGGER x AFTER UPDATE ON t BEGIN DELETE FROM u WHERE a = (SELECT min(a) FROM t); END;",
            update.to_owned(),
        ),
        (
            "CREATE INDEX i ON t(a);\nCREATE TRIGGER x AFTER DELETE ON u BEGIN UPDATE t SET b = 'n' WHERE a = 'n'; END;",
            between("DELETE FROM u;\nDROP TRIGGER x;"),
        ),
    ] {
        let (project, second) = rebuilt(index, &fill);
        assert_eq!(found(&project), [], "{index}\n{second}");
    }
    // It stays.
    assert_eq!(found(&project(on_r, BACKFILL)), []);
    assert_eq!(found(&project(on_a, &format!("{update}DROP INDEX u_a;\nDROP TABLE u;\n"))), []);
    // It is there no more, or not yet.
    assert_eq!(found(&project(on_a, &format!("DROP INDEX i;\n{update}{REBUILD}{on_a}"))), []);
    assert_eq!(found(&project("", &format!("{on_a}\n{update}{REBUILD}{on_a}"))), []);
    assert_eq!(found(&project(on_a, &format!("{REBUILD}{on_a}\n{update}"))), []);
}

#[test]
fn names_are_followed_and_the_first_fill_is_the_one() {
    let index = "CREATE INDEX i ON t(a);";
    let renamed = "ALTER TABLE t RENAME COLUMN a TO c;\nALTER TABLE t RENAME TO w;\nUPDATE w SET c = 'x';\nUPDATE w SET c = 'y';\nDROP TABLE w;\n";
    let found = found(&project(index, renamed));
    assert_eq!(found.iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [3]);
    assert!(
        found[0].1.starts_with("filling w.c updates the index i, which goes with its table in line 5"),
        "{found:?}"
    );
}

/// To drop an index says that it is to go: so what the rebuild has lost is said first, and alone.
#[test]
fn what_a_rebuild_loses_is_said_before() {
    let index = "CREATE INDEX i ON t(a);";
    let project = project(index, &format!("UPDATE t SET a = 'x';\n{REBUILD}"));
    assert_eq!(found(&project), []);
    assert!(project.run(&["migrate", "lint"]).stdout.contains("loses the index i"));
    // Where the spec does not have it, it was meant to go.
    project.write("spec/ddl.sql", FIRST);
    let (document, _) = project.json(&["migrate", "lint"]);
    let rules: Vec<&str> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["rule"].as_str())
        .collect();
    assert!(rules.contains(&"index-updated-for-nothing") && !rules.contains(&"rebuild-loses"), "{rules:?}");
}

#[test]
fn the_way_back_is_looked_at_as_well_and_may_allow_it() {
    let index = "CREATE INDEX i ON t(r);";
    let project = project(index, "SELECT 1;\n");
    let down = format!("{BACKFILL}{REBUILD}{index}\n");
    project.write("migrations/V2__second.down.sql", &down);
    assert_eq!(found(&project).len(), 1);
    project.write(
        "migrations/V2__second.down.sql",
        format!("-- planctl:allow index-updated-for-nothing there are three rows\n{down}"),
    );
    assert_eq!(found(&project), []);
}

/// There, dropping the table looks for rows that refer to it, by the index.
#[test]
fn an_index_of_a_foreign_key_is_needed_where_keys_are_enforced() {
    let on_p = FIRST.replace("CREATE INDEX u_a ON u(a);\n", "");
    let project = project("", "");
    project.write("migrations/V1__first.sql", on_p);
    project.write("migrations/V2__second.sql", format!("UPDATE t SET p = NULL;\n{REBUILD}"));
    assert_eq!(found(&project).len(), 1);
    for target in [Target::D1, Target::Libsql, Target::Rqlite] {
        assert_eq!(found_for(&project, target), [], "{target}");
    }
}

/// Every UPDATE that `migrate generate` writes is one of these: a value for a new column, one in place of NULL, and rows of
/// a table about to go that let go of each other (by an index that dropping the table then reads). Where it rebuilds a
/// table, values are filled in the copy.
#[test]
fn what_is_generated_updates_no_index_for_nothing() {
    const TABLES: &str =
        "CREATE TABLE p (id INTEGER PRIMARY KEY, up INTEGER REFERENCES p ON DELETE CASCADE, a TEXT);
CREATE INDEX p_up ON p (up);
CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE CASCADE, a TEXT);
CREATE INDEX c_p ON c (p);
CREATE INDEX c_a ON c (a);
";
    let filled = |column: &str| format!("-- planctl:fill column={column} value='x'\nCREATE TABLE c (");
    let not_null: &[(&str, &str)] = &[
        ("CREATE TABLE c (", &filled("a")),
        (", a TEXT);\nCREATE INDEX c_p", ", a TEXT NOT NULL);\nCREATE INDEX c_p"),
    ];
    let new: &[(&str, &str)] = &[
        ("CREATE TABLE c (", &filled("n")),
        (", a TEXT);\nCREATE INDEX c_p", ", a TEXT, n TEXT);\nCREATE INDEX c_n ON c (n);\nCREATE INDEX c_p"),
    ];
    let redefined: &[(&str, &str)] = &[not_null[0], not_null[1], ("ON c (a)", "ON c (a, id)")];
    let checked: &[(&str, &str)] =
        &[("a TEXT);\nCREATE INDEX p_up", "a TEXT CHECK (a <> ''));\nCREATE INDEX p_up")];
    for (changes, version, target, written) in [
        (new, "3.35", Target::Sqlite, "UPDATE c SET n = 'x';"),
        (not_null, "3.53", Target::Sqlite, "UPDATE c SET a = 'x' WHERE a IS NULL;"),
        (redefined, "3.53", Target::Sqlite, "DROP INDEX c_a;"),
        (not_null, "3.35", Target::Sqlite, "coalesce(a, 'x')"),
        (checked, "3.35", Target::D1, "UPDATE p SET up = NULL;"),
    ] {
        let project = Project::empty();
        project.write("spec/ddl.sql", TABLES);
        std::fs::create_dir(project.path("migrations")).unwrap();
        project.ok(&["migrate", "generate", "first"]);
        let spec = changes.iter().fold(TABLES.to_owned(), |spec, (from, to)| {
            assert!(spec.contains(from), "{from}");
            spec.replacen(from, to, 1)
        });
        project.write("spec/ddl.sql", spec);
        project.ok(&[
            "migrate",
            "generate",
            "second",
            "--sqlite-version",
            version,
            "--target",
            &target.to_string(),
        ]);
        let text = fs::read_to_string(project.path("migrations/V2__second.sql")).unwrap();
        assert!(text.contains(written), "{text}");
        assert_eq!(found_for(&project, target), [], "{text}");
    }
}

/// The migration that ships breaks the rule: it was released before, and its settings say so. With the advice taken it is
/// the same migration.
#[test]
fn the_shipped_repair_would_be_the_same_without_its_index_on_the_roots() {
    let project = Project::shipped();
    assert_eq!(project.ok(&["migrate", "lint"]).stdout, "nothing found\n");
    let before = found(&project);
    let [(line, _, Some(fix))] = before.as_slice() else { panic!("{before:?}") };
    let file = project.path("migrations/V7__align_plans_schema.sql");
    let text = fs::read_to_string(&file).unwrap();
    let dump = |project: &Project| {
        project.ok(&["sample", "load", "--plans", "50", "--seed", "1"]);
        project.ok(&["migrate", "up"]);
        let roots =
            column(&project.open(), "SELECT plan_id || ' ' || root_plan_id FROM v3_plans ORDER BY rowid");
        assert!(!roots.is_empty());
        (project.ok(&["schema", "dump"]).stdout, roots)
    };
    let first = Project::shipped();
    first.ok(&["migrate", "up", "--to", "6"]);
    project.ok(&["migrate", "up", "--to", "6"]);
    let mut lines: Vec<&str> = text.lines().collect();
    lines.insert(line - 1, fix);
    fs::write(&file, format!("{}\n", lines.join("\n"))).unwrap();
    assert_eq!(found(&project), []);
    assert_eq!(dump(&project), dump(&first));
}
