//! The lint rules that need the schema: what breaks them, what does not, how they are silenced; and the defects of the
//! review rounds, which `check` must find when they are made again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use planctl::internals::base::job::Job;
use planctl::internals::base::rule::{LintRule, RuleCode};
use planctl::internals::base::source::SourceFile;
use planctl::internals::commands::Context;
use planctl::internals::migrations::lint::{LintOptions, rule};
use planctl::internals::migrations::{Migration, MigrationSet, refused_statement};
use planctl::internals::sql::{SqliteVersion, Target, statements};
use planctl::internals::verify::schema_lint::{Linted, lint_all};
use serde_json::Value as Json;

use crate::harness::{self, Run, entries, repository, shared};

const CASCADE: &str = "delete-without-cascade";
const KEY: &str = "foreign-key-without-index";
const FOR_NOTHING: &str = "index-updated-for-nothing";
const LOSES: &str = "rebuild-loses";
const SWEPT: &str = "rebuild-under-enforced-keys";
const BROKEN: &str = "view-left-broken";
const CALLS: &str = "unknown-function";

fn linted(set: &MigrationSet) -> Linted {
    linted_for(set, Target::Sqlite)
}

pub(crate) fn linted_for(set: &MigrationSet, target: Target) -> Linted {
    let ctx =
        Context { job: Job::quiet(), run_id: ulid::Ulid::nil(), started: time::OffsetDateTime::UNIX_EPOCH };
    let options = LintOptions { sqlite_version: SqliteVersion::new(35, 0), target, tested: BTreeSet::new() };
    lint_all(&ctx, set, &options, None).unwrap()
}

/// Up files, versions from 1; each down does nothing to speak of.
fn set(ups: &[&str]) -> MigrationSet {
    let migration = |(version, up): (i64, &&str)| Migration {
        version,
        name: "x".to_owned(),
        up: SourceFile::new(format!("V{version}__x.sql"), *up),
        down: Some(SourceFile::new(format!("V{version}__x.down.sql"), "SELECT 1;")),
    };
    MigrationSet { dir: PathBuf::new(), migrations: (1..).zip(ups).map(migration).collect() }
}

/// The rules of this page, and those about their directives.
fn is_ours(rule: RuleCode) -> bool {
    [KEY, FOR_NOTHING, LOSES, BROKEN, CALLS, CASCADE, "unused-allow", "allow-without-reason", "unknown-rule"]
        .contains(&rule.as_str())
}

/// `(rule, file, line)` and the messages, of the rules of this page.
fn found(ups: &[&str]) -> (Vec<(&'static str, String, usize)>, Vec<String>) {
    let linted = linted(&set(ups));
    assert!(linted.stopped.is_none(), "{ups:?}: {:?}", linted.stopped);
    linted
        .findings
        .into_iter()
        .filter(|finding| is_ours(finding.rule))
        .map(|finding| {
            let at = finding.location.unwrap();
            let place = (finding.rule.as_str(), at.file.to_string_lossy().into_owned(), at.line);
            (place, format!("{}; {}", finding.message, finding.help.unwrap()))
        })
        .unzip()
}

/// Rule, version, line, a part of the message.
type Expected<'a> = (&'a str, i32, usize, &'a str);

/// Each migration chain has exactly these findings.
fn check_all(cases: &[(&[&str], &[Expected])]) {
    for (ups, expected) in cases {
        let (places, messages) = found(ups);
        let wanted: Vec<_> = expected
            .iter()
            .map(|(rule, version, line, _)| (*rule, format!("V{version}__x.sql"), *line))
            .collect();
        assert_eq!(places, wanted, "{ups:#?}: {messages:#?}");
        for ((.., part), message) in expected.iter().zip(&messages) {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
}

/// Foreign keys are not enforced while a migration runs: what ON DELETE says has to be written out.
#[test]
fn a_rebuild_that_would_take_children_along_is_found_where_keys_are_enforced() {
    const FIRST: &str = "CREATE TABLE p(id INTEGER PRIMARY KEY, up REFERENCES p ON DELETE CASCADE);
CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p ON DELETE CASCADE);
CREATE INDEX c_p ON c(p);
CREATE INDEX p_up ON p(up);
CREATE TABLE d(p REFERENCES p);
CREATE INDEX d_p ON d(p);";
    const REBUILD: &str =
        "CREATE TABLE p_new(id INTEGER PRIMARY KEY, up REFERENCES p_new ON DELETE CASCADE, a);
INSERT INTO p_new(id, up) SELECT id, up FROM p;
DROP TABLE p;
ALTER TABLE p_new RENAME TO p;
CREATE INDEX p_up ON p(up);";
    let found = |second: &str, target| -> Vec<String> {
        let found = linted_for(&set(&[FIRST, second]), target).findings;
        let of_rule = found.iter().filter(|finding| finding.rule.as_str() == SWEPT);
        of_rule
            .map(|finding| format!("{} {}", finding.location.as_ref().unwrap().line, finding.message))
            .collect()
    };
    for target in [Target::Libsql, Target::Rqlite, Target::D1] {
        assert_eq!(
            found(REBUILD, target),
            [
                "3 where foreign keys are enforced, dropping p changes rows that refer to it: c(p), ON DELETE CASCADE"
            ]
        );
    }
    assert_eq!(found(REBUILD, Target::Sqlite), [""; 0]);
    // Rows that are set aside before do not go along; nor do those of a table that goes as well.
    let aside = format!(
        "CREATE TABLE kept AS SELECT * FROM c;\nDELETE FROM c;\n{REBUILD}\nINSERT INTO c SELECT * FROM kept;\nDROP TABLE kept;"
    );
    assert_eq!(found(&aside, Target::D1), [""; 0]);
    assert_eq!(found("DROP TABLE d;\nDROP TABLE p;\nDROP TABLE c;", Target::D1), [""; 0]);
    let used = "DROP TABLE d;\nDROP TABLE p;\nCREATE TABLE e AS SELECT * FROM c;\nDROP TABLE c;";
    assert_eq!(found(used, Target::D1).len(), 1);
    // A drop is one finding, and names each table with all of its keys.
    let more = format!(
        "{FIRST}\nCREATE TABLE e(a REFERENCES p, b REFERENCES p ON DELETE SET NULL, c REFERENCES p ON DELETE CASCADE);"
    );
    let found = linted_for(&set(&[&more, REBUILD]), Target::D1).findings;
    let of_rule: Vec<_> = found.iter().filter(|finding| finding.rule.as_str() == SWEPT).collect();
    let [only] = of_rule.as_slice() else { panic!("{of_rule:?}") };
    assert!(
        only.message.ends_with(": c(p), e(c), ON DELETE CASCADE; e(b), ON DELETE SET NULL"),
        "{}",
        only.message
    );
    // The way back runs on the schema behind the migration, and may allow it on its own.
    let back = |down: &str| -> Vec<String> {
        let mut set = set(&[FIRST, "ALTER TABLE d RENAME TO d2;"]);
        set.migrations[1].down = Some(SourceFile::new("V2__x.down.sql", down));
        let found = linted_for(&set, Target::D1).findings.into_iter();
        let of_rule = found.filter(|found| [SWEPT, "unused-allow"].contains(&found.rule.as_str()));
        of_rule.map(|found| format!("{} {}", found.location.unwrap(), found.message)).collect()
    };
    assert_eq!(
        back(REBUILD),
        [
            "V2__x.down.sql:3:1 where foreign keys are enforced, dropping p changes rows that refer to it: c(p), ON DELETE CASCADE"
        ]
    );
    let allow = "-- planctl:allow rebuild-under-enforced-keys no children are kept\n";
    assert_eq!(back(&format!("{allow}{REBUILD}")), [""; 0]);
    assert_eq!(back(&format!("{allow}SELECT 1;")).len(), 1);
}

#[test]
fn a_delete_does_not_cascade_while_a_migration_runs() {
    let tables = "CREATE TABLE p(id INTEGER PRIMARY KEY, up REFERENCES p ON DELETE SET NULL);
        CREATE INDEX up ON p(up);
        CREATE TABLE c(p PRIMARY KEY REFERENCES p ON DELETE CASCADE);
        CREATE TABLE d(p PRIMARY KEY REFERENCES p);
        CREATE TABLE e(p DEFAULT 0 REFERENCES \"P\" ON DELETE SET DEFAULT ON UPDATE CASCADE, q REFERENCES p ON DELETE SET NULL);
        CREATE INDEX e_p ON e(p); CREATE INDEX e_q ON e(q);";
    check_all(&[
        (
            &[tables, "SELECT 1;\nDELETE FROM P WHERE id = 3;"],
            &[
                (CASCADE, 2, 2, "ON DELETE CASCADE of c(p) does not act while a migration runs; `DELETE FROM c WHERE …`"),
                (CASCADE, 2, 2, "`UPDATE e SET p = … WHERE …`"),
                (CASCADE, 2, 2, "`UPDATE e SET q = NULL WHERE …`"),
                (CASCADE, 2, 2, "`UPDATE p SET up = NULL WHERE …`"),
            ],
        ),
        (
            &[
                tables,
                "DELETE FROM c WHERE p = 3; UPDATE e SET p = 0 WHERE p = 3; UPDATE p SET up = NULL WHERE up = 3;
                 DELETE FROM p WHERE id = 3;",
            ],
            &[],
        ),
        (&[tables, "DELETE FROM d; DELETE FROM c; DELETE FROM e;"], &[]),
        (&[tables, "-- planctl:allow delete-without-cascade no row refers to it\nDELETE FROM p WHERE id = -1;"], &[]),
        (&[tables, "CREATE TABLE n(id); INSERT INTO n VALUES(1); DELETE FROM n;"], &[]),
        (
            &[tables, "-- planctl:allow delete-without-cascade none\nDELETE FROM c;"],
            &[("unused-allow", 2, 1, "delete-without-cascade")],
        ),
    ]);
}

#[test]
fn a_foreign_key_needs_an_index_that_begins_with_its_columns() {
    check_all(&[
        (
            &["CREATE TABLE p(id INTEGER PRIMARY KEY);\nCREATE TABLE c(a,\n p REFERENCES p);"],
            &[(KEY, 1, 3, "no index on c begins with p")],
        ),
        // The index may come later, be the primary key, a UNIQUE, or in another order.
        (
            &[
                "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(a, p REFERENCES p);",
                "CREATE INDEX i ON c(p, a);",
            ],
            &[],
        ),
        (
            &["CREATE TABLE p(a, b, PRIMARY KEY(a, b));
               CREATE TABLE c(x, y, z, FOREIGN KEY(x, y) REFERENCES p, PRIMARY KEY(y, x, z)) WITHOUT ROWID;
               CREATE TABLE d(x, y, UNIQUE(x, y), FOREIGN KEY(x, y) REFERENCES p);
               CREATE TABLE e(id INTEGER PRIMARY KEY REFERENCES f); CREATE TABLE f(id INTEGER PRIMARY KEY);"],
            &[],
        ),
        // A partial index, one on an expression, one that begins with another column.
        (
            &[
                "CREATE TABLE p(id INTEGER PRIMARY KEY);\nCREATE TABLE c(a, p, q, r,\nFOREIGN KEY(p) REFERENCES p,\n\
               FOREIGN KEY(q) REFERENCES p,\nCONSTRAINT x FOREIGN KEY(r) REFERENCES p);",
                "CREATE INDEX i ON c(p) WHERE p IS NOT NULL; CREATE INDEX j ON c(a, q); CREATE INDEX k ON c(-r);",
            ],
            &[(KEY, 1, 3, "begins with p"), (KEY, 1, 4, "begins with q"), (KEY, 1, 5, "begins with r")],
        ),
        // Found where it came to be so: the new column; the index that was dropped.
        (
            &[
                "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(a);",
                "SELECT 1;\nALTER TABLE c ADD COLUMN p REFERENCES p;",
                "CREATE TABLE other(a);",
            ],
            &[(KEY, 2, 2, "begins with p")],
        ),
        (
            &[
                "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p); CREATE INDEX i ON c(p);",
                "SELECT 1;",
                "\nDROP INDEX i;",
            ],
            &[(KEY, 3, 2, "begins with p")],
        ),
        // What is gone at the end is nobody's trouble.
        (&["CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p);", "DROP TABLE c;"], &[]),
    ]);
}

/// A chain that an application runs was red for ever, and nothing behind its first call was looked at.
#[test]
fn a_function_that_sqlite_does_not_have_is_said_once_and_what_comes_behind_it_is_linted() {
    let table =
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a,\n b CHECK (slug(b) <> ''),\n c AS (slug(a)) STORED);";
    check_all(&[
        (
            &[
                table,
                "CREATE INDEX i ON t(slug(a)) WHERE slug(b) > 1;",
                "UPDATE t SET a = 1;\nUPDATE t SET a = other(a);\n\n-- the place is not counted twice\n",
            ],
            &[
                (CALLS, 1, 2, "slug() is not a SQLite function"),
                (
                    CALLS,
                    3,
                    2,
                    "if other() is the application's, write `-- planctl:allow unknown-function REASON`",
                ),
            ],
        ),
        (
            &["CREATE TABLE t(a, b CHECK (b REGEXP 'x'));"],
            &[(CALLS, 1, 1, "regexp() is not a SQLite function")],
        ),
        // A statement that lacks several; a trigger that is only compiled when it fires.
        (
            &[
                "CREATE TABLE t(a CHECK (one(a) AND two(a)));",
                "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT three(1); END; CREATE VIEW v AS SELECT four(a) FROM t;",
                "DROP VIEW v; SELECT four(1);",
                "INSERT INTO t VALUES (1);",
            ],
            &[
                (CALLS, 1, 1, "one() is"),
                (CALLS, 1, 1, "two() is"),
                (CALLS, 3, 1, "four() is"),
                (CALLS, 4, 1, "three() is"),
            ],
        ),
        (
            &[
                &format!("-- planctl:allow {CALLS} slug() makes the name of a page\n{table}"),
                "CREATE INDEX i ON t(slug(a));",
            ],
            &[],
        ),
        (
            &[&format!("-- planctl:allow {CALLS} slug()\n{table}"), "CREATE TABLE d(a REFERENCES t);"],
            &[(KEY, 2, 1, "no index on d begins with a")],
        ),
        (
            &[table, &format!("-- planctl:allow {CALLS} old\nSELECT slug(1);")],
            &[(CALLS, 1, 2, "slug"), ("unused-allow", 2, 1, CALLS)],
        ),
        (&["CREATE TABLE t(a CHECK (length(a) > upper(2)));", "SELECT date('now');"], &[]),
    ]);
}

/// A table with one of everything, and what belongs to it.
const FULL: &str = "CREATE TABLE p(id INTEGER PRIMARY KEY);
CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT COLLATE NOCASE, b INT NOT NULL ON CONFLICT IGNORE,
    p INT REFERENCES p ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED, gone TEXT CHECK(gone > ''),
    g INT AS (b + 1), u INT UNIQUE ON CONFLICT REPLACE, w INT UNIQUE, CHECK(b > 0), CHECK(a <> \"none\"));
CREATE INDEX t_p ON t(p); CREATE UNIQUE INDEX t_a ON t(a); CREATE INDEX t_gone ON t(gone);
CREATE TRIGGER t_new AFTER INSERT ON t BEGIN SELECT 1; END;";

const COLUMNS: &str =
    "id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT COLLATE NOCASE, b INT NOT NULL ON CONFLICT IGNORE,
    p INT REFERENCES p ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED, g INT AS (b + 1),
    u INT UNIQUE ON CONFLICT REPLACE, w INT UNIQUE, CHECK(b > 0), CHECK(a <> \"none\")";
const BELONGINGS: &str = "CREATE INDEX t_p ON t(p); CREATE UNIQUE INDEX t_a ON t(a);
    CREATE TRIGGER t_new AFTER INSERT ON t BEGIN SELECT 1; END;";

fn rebuild(columns: &str, belongings: &str) -> String {
    format!(
        "CREATE TABLE t_new({columns}); {CARRIED}\nDROP TABLE t; ALTER TABLE t_new RENAME TO t;\n{belongings}"
    )
}

/// The counter of AUTOINCREMENT, as the help of the rule says.
const CARRIED: &str = "DELETE FROM sqlite_sequence WHERE name = 't_new'; \
    INSERT INTO sqlite_sequence (name, seq) SELECT 't_new', seq FROM sqlite_sequence WHERE name = 't';";

/// Law: whatever one part of the table a rebuild leaves out, that part and nothing else is found.
#[test]
fn each_thing_that_a_rebuild_leaves_out_is_found_and_named() {
    let columns = COLUMNS.replace('\n', " ");
    let belongings = BELONGINGS.replace('\n', " ");
    let whole = rebuild(&columns, &belongings);
    check_all(&[(&[FULL, &whole], &[])]);
    for (from, to, part) in [
        ("AUTOINCREMENT", "", "AUTOINCREMENT"),
        (CARRIED, "", "the counter of AUTOINCREMENT"),
        (CARRIED, "INSERT INTO t_new (id, b) SELECT id, b FROM t;", "the counter of AUTOINCREMENT"),
        ("COLLATE NOCASE", "", "COLLATE NOCASE of a"),
        ("ON CONFLICT IGNORE", "", "NOT NULL ON CONFLICT IGNORE of b"),
        ("ON DELETE CASCADE", "", "ON DELETE CASCADE of p"),
        ("ON UPDATE SET NULL", "", "ON UPDATE SET NULL of p"),
        ("DEFERRABLE INITIALLY DEFERRED", "", "DEFERRED of p"),
        (
            "REFERENCES p ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED",
            "",
            "the foreign key `",
        ),
        ("AS (b + 1)", "", "GENERATED ALWAYS AS (b + 1) of g"),
        ("ON CONFLICT REPLACE", "", "ON CONFLICT REPLACE of UNIQUE (u)"),
        ("w INT UNIQUE", "w INT", "the constraint `UNIQUE (w)"),
        (", CHECK(b > 0)", "", "the constraint `CHECK (b > 0)"),
        (", CHECK(a <> \"none\")", "", "the constraint `CHECK (a <> \"none\")"),
        ("CREATE INDEX t_p ON t(p);", "CREATE INDEX later ON t(p, a);", "the index t_p"),
        ("CREATE UNIQUE INDEX t_a", "CREATE INDEX t_a", "UNIQUE of the index t_a"),
        ("CREATE TRIGGER t_new AFTER INSERT ON t BEGIN SELECT 1; END;", "", "the trigger t_new"),
    ] {
        assert!(whole.contains(from), "{from}");
        let up = whole.replacen(from, to, 1);
        check_all(&[(&[FULL, &up], &[(LOSES, 2, 2, part)])]);
    }
    // The counter may also be set where the copy has made one.
    let set = "INSERT INTO t_new (id, b) SELECT id, b FROM t; UPDATE sqlite_sequence SET seq = (SELECT seq FROM \
        sqlite_sequence WHERE name = 't') WHERE name = 't_new';";
    check_all(&[(&[FULL, &whole.replacen(CARRIED, set, 1)], &[])]);
}

#[test]
fn what_a_rebuild_changes_or_takes_away_on_purpose_is_no_loss() {
    let t = "CREATE TABLE p(id INTEGER PRIMARY KEY);
        CREATE TABLE t(a INT REFERENCES p ON DELETE SET NULL, s TEXT CHECK(s IN ('x')), o TEXT COLLATE NOCASE);
        CREATE INDEX i ON t(a); CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;";
    let rest = "CREATE INDEX i ON t(a); CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;";
    let with = |columns: &str, rest: &str| {
        format!("CREATE TABLE n({columns}); DROP TABLE t; ALTER TABLE n RENAME TO t; {rest}")
    };
    let key = "a INT REFERENCES p ON DELETE SET NULL";
    let good = [
        // SET NULL cannot stay under NOT NULL; a CHECK has one value more; a column went.
        with("a INT NOT NULL REFERENCES p, s TEXT CHECK(s IN ('x', 'y'))", rest),
        // Another action, another collation, a UNIQUE in the place of the index.
        with("a INT UNIQUE REFERENCES p ON DELETE CASCADE, s CHECK(s IN ('x')), o TEXT COLLATE RTRIM", rest),
        // Said to go.
        format!(
            "DROP INDEX i; DROP TRIGGER IF EXISTS main.r; {}",
            with(&format!("{key}, s CHECK(s IN ('x'))"), "CREATE INDEX j ON t(a);")
        ),
        // Another name.
        with(&format!("{key}, s CHECK(s IN ('x'))"), &rest.replace("INDEX i", "INDEX j")),
        // Nothing of the name is there afterwards, or another table was dropped, or a new one.
        "DROP TABLE t;".to_owned(),
        "CREATE TABLE x(a); DROP TABLE x; DROP TABLE IF EXISTS y;".to_owned(),
    ];
    for up in good {
        check_all(&[(&[t, &up], &[])]);
    }
    // A key with more columns takes the place of the old one.
    check_all(&[(
        &[
            "CREATE TABLE p(a UNIQUE, b, UNIQUE(a, b)); CREATE TABLE t(a UNIQUE REFERENCES p(a), b);",
            "CREATE TABLE n(a, b, UNIQUE(a, b), FOREIGN KEY(a, b) REFERENCES p(a, b)); DROP TABLE t;
             ALTER TABLE n RENAME TO t;",
        ],
        &[],
    )]);
    // The old table may go under another name, or be made anew under its own.
    check_all(&[
        (
            &[
                t,
                "ALTER TABLE t RENAME TO old;\nCREATE TABLE t(a INT);\nINSERT INTO t SELECT a FROM old; DROP INDEX i;\n\
                CREATE INDEX i ON t(a);\nDROP TABLE old;",
            ],
            &[(LOSES, 2, 5, "the foreign key"), (LOSES, 2, 5, "the trigger r")],
        ),
        (
            &[
                t,
                &format!(
                    "CREATE TABLE b AS SELECT * FROM t;\nDROP TABLE t; CREATE TABLE T({key}, s TEXT);\n{rest}"
                ),
            ],
            &[(LOSES, 2, 2, "CHECK")],
        ),
    ]);
}

#[test]
fn a_view_or_trigger_that_worked_must_work_afterwards() {
    let v = "CREATE TABLE t(a, b); CREATE TABLE u(a); CREATE VIEW v AS SELECT a, b FROM t;
        CREATE TRIGGER r AFTER INSERT ON u BEGIN INSERT INTO t(b) VALUES(new.a); END;";
    check_all(&[
        (
            &[v, "SELECT 1;\nDROP TABLE t;"],
            &[
                (BROKEN, 2, 2, "the view v does not compile after this migration: no such table: main.t"),
                (BROKEN, 2, 2, "the trigger r does not compile after this migration: no such table: t"),
            ],
        ),
        (
            &[v, "DROP TABLE t; CREATE TABLE t(a);"],
            &[
                (BROKEN, 2, 1, "the view v does not compile after this migration: no such column: b"),
                (
                    BROKEN,
                    2,
                    1,
                    "the trigger r does not compile after this migration: table t has no column named b",
                ),
            ],
        ),
        (&[v, "DROP VIEW v; DROP TRIGGER r; DROP TABLE t;"], &[]),
        (&[v, "DROP VIEW v; DROP TABLE t; CREATE TABLE t(c, b); CREATE VIEW v AS SELECT c FROM t;"], &[]),
        // It is told once, where it broke, and not where it never worked.
        (&["CREATE VIEW v AS SELECT a FROM later;", "CREATE TABLE x(a);", "DROP TABLE x;"], &[]),
        // A parent that is gone is the fault of the foreign key, not of the trigger.
        (
            &[
                "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE t(p PRIMARY KEY REFERENCES p, a);
                 CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = 1 WHERE p = new.p; END;",
                "DROP TABLE p;",
            ],
            &[],
        ),
        // What only the application has is not missed.
        (
            &[
                "CREATE TABLE t(a); CREATE VIEW v AS SELECT app_function(a) FROM t ORDER BY a COLLATE app_order;",
                "CREATE TABLE u(a); DROP TABLE u;",
            ],
            &[],
        ),
    ]);
}

#[test]
fn an_allow_with_a_reason_silences_the_rule_in_its_file() {
    let made = "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p);";
    let lost = "CREATE TABLE t(a, c); CREATE INDEX i ON t(a); CREATE VIEW v AS SELECT c FROM t;";
    let allowed = format!("-- planctl:allow {KEY} the parent is never deleted\n{made}");
    let bare = format!("{made}\n-- planctl:allow {KEY}");
    let both = format!(
        "-- planctl:allow {LOSES} nobody searches it\n-- planctl:allow {BROKEN} it goes in V3\n\
         DROP TABLE t; CREATE TABLE t(a);"
    );
    let unused = format!("SELECT 1;\n-- planctl:allow {BROKEN} old\n-- planctl:allow {LOSES} old");
    check_all(&[
        (&[&allowed], &[]),
        (&[&bare], &[("allow-without-reason", 1, 2, KEY)]),
        (&[lost, &both], &[]),
        (
            &[made, &format!("-- planctl:allow {KEY} wrong file\nSELECT 1;")],
            &[(KEY, 1, 1, "begins with p"), ("unused-allow", 2, 1, KEY)],
        ),
        (&[lost, &unused], &[("unused-allow", 2, 2, BROKEN), ("unused-allow", 2, 3, LOSES)]),
    ]);
}

/// Law: where a migration fails, nothing is said that a later one could refute.
#[test]
fn a_migration_that_fails_ends_the_walk_and_what_was_not_seen_is_not_judged() {
    let made = format!(
        "-- planctl:allow {LOSES} unused, and seen to be\n-- planctl:allow {KEY} not known\n\
         CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p);"
    );
    let wrong = format!("-- planctl:allow {LOSES} not reached\nDROP TABLE missing;");
    let linted = linted(&set(&[&made, &wrong]));
    let ours: Vec<_> = linted.findings.iter().filter(|finding| is_ours(finding.rule)).collect();
    let [unused] = ours.as_slice() else { panic!("{ours:?}") };
    assert_eq!((unused.rule, unused.location.as_ref().unwrap().line), (LintRule::UnusedAllow.into(), 1));
    assert!(linted.stopped.unwrap().message().contains("no such table: missing"));
}

#[test]
fn the_rules_that_need_the_schema_are_the_ones_of_this_page() {
    let ours: Vec<_> = LintRule::all().filter(|of| rule(*of).needs_schema()).map(LintRule::as_str).collect();
    assert_eq!(ours, [CASCADE, KEY, FOR_NOTHING, LOSES, SWEPT, CALLS, BROKEN]);
}

fn planctl(args: &[&str]) -> (Option<i32>, Json) {
    let run = Run::of(&mut harness::planctl(&repository(""), &[args, &["--format", "json"]].concat()));
    (Some(run.status), run.document())
}

#[test]
fn the_shipped_migrations_break_no_rule_and_a_broken_one_is_found_by_both_commands() {
    let (code, document) = planctl(&["migrate", "lint"]);
    assert_eq!(code, Some(0), "{document:#}");
    let dir = mutated(&[(UP, "CREATE INDEX idx_plans_root ON v3_plans (root_plan_id);", "")]);
    for command in [&["migrate", "lint"][..], &["check"]] {
        let folder = dir.path().to_str().unwrap();
        let (code, document) = planctl(&[command, &["--migrations", folder]].concat());
        assert_eq!(code, Some(1));
        let rules: Vec<_> =
            document["findings"].as_array().unwrap().iter().map(|f| f["rule"].clone()).collect();
        assert!(rules.contains(&LOSES.into()) && rules.contains(&KEY.into()), "{rules:?}");
    }
}

const UP: &str = "V7__align_plans_schema.sql";
const DOWN: &str = "V7__align_plans_schema.down.sql";

/// The shipped migrations, with texts replaced; each must be there.
fn mutated(changes: &[(&str, &str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(repository("migrations")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let mut text = fs::read_to_string(&path).unwrap();
        for (_, from, to) in changes.iter().filter(|(file, ..)| *file == name) {
            assert!(text.contains(from), "{name} has changed: {from}");
            text = text.replace(from, to);
        }
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

/// A second rebuild of the table in the same file.
const SECOND_REBUILD: &str = "ALTER TABLE v3_plans_new RENAME TO v3_plans;
CREATE TABLE v3_plans_again AS SELECT * FROM v3_plans;
DROP TABLE v3_plans;
ALTER TABLE v3_plans_again RENAME TO v3_plans;";

/// Law: each defect of the review rounds that concerns the repair fails the gate, with a message that names its cause.
#[test]
fn check_finds_each_defect_of_the_repair_and_names_its_cause() {
    let backfill =
        "-- planctl:backfill root-ancestor table=v3_plans id=plan_id parent=parent_plan_id root=root_plan_id";
    let own_id = "UPDATE v3_plans SET root_plan_id = plan_id WHERE coalesce(root_plan_id, '') = '';";
    let two_levels = "UPDATE v3_plans SET root_plan_id = coalesce((SELECT coalesce(p.root_plan_id, p.plan_id) \
        FROM v3_plans p WHERE p.plan_id = v3_plans.parent_plan_id), plan_id) WHERE root_plan_id IS NULL;";
    let orphans = format!("{backfill} on-orphan=self");
    let root = "root_plan_id TEXT NOT NULL REFERENCES v3_plans (plan_id)";
    let null_root = format!("{root} ON DELETE SET NULL");
    let restrict = format!("{root} ON DELETE RESTRICT");
    let profile = "automation_profile TEXT NOT NULL DEFAULT 'balanced'";
    let wraps = "ELSE json_object('profile_name', automation_profile, 'provenance', 'legacy-text')\n    END,\n    -- What";
    let summary = "validation_summary_json TEXT,";
    let blank = "automation_profile IS NULL OR trim(automation_profile) = ''";
    #[rustfmt::skip]
    let defects: [(&str, &str, &str, &str, &str, &str); 14] = [
        ("1: no snapshot", UP, "effective_profile_snapshot TEXT NOT NULL", "snapshot TEXT NOT NULL", "migration-failed", "effective_profile_snapshot"),
        ("2: the root may be NULL", UP, root, "root_plan_id TEXT REFERENCES v3_plans (plan_id)", "column-nullability", "root_plan_id"),
        ("2: the profile may be NULL", UP, profile, "automation_profile TEXT DEFAULT 'balanced'", "column-nullability", "automation_profile"),
        ("5: every root is the row itself", UP, backfill, own_id, "migration-test", "root"),
        ("6: two levels only", UP, backfill, two_levels, "migration-test", "root"),
        ("8: orphans become roots", UP, backfill, &orphans, "orphan-becomes-root", "v3_plans"),
        ("11: two rebuilds", UP, "ALTER TABLE v3_plans_new RENAME TO v3_plans;", SECOND_REBUILD, "rebuilt-twice", "v3_plans"),
        ("12: SET NULL under NOT NULL", UP, root, &null_root, "set-null-on-not-null", "SET NULL"),
        ("13: another foreign key than in the spec", UP, root, "root_plan_id TEXT NOT NULL", "rebuild-loses", "foreign key"),
        ("14: RESTRICT on itself", UP, root, &restrict, "self-restrict", "RESTRICT"),
        ("15: '' is not NULL", UP, blank, "automation_profile IS NULL", "migration-test", "balanced"),
        ("16: bare names are overwritten", UP, wraps, "ELSE 'balanced'\n    END,\n    -- What", "migration-test", "supervised"),
        ("18: the down forgets the policy", DOWN, " ON DELETE SET NULL", "", "round-trip", "schema"),
        ("22: a default that nobody asked for", UP, summary, "validation_summary_json TEXT DEFAULT '{}',", "column-default", "validation_summary_json"),
    ];
    for (defect, file, from, to, rule, word) in defects {
        let dir = mutated(&[(file, from, to)]);
        let (code, document) = planctl(&["check", "--migrations", dir.path().to_str().unwrap()]);
        assert_eq!(code, Some(1), "{defect}: {document:#}");
        let findings = document["findings"].as_array().unwrap();
        let named =
            findings.iter().any(|finding| finding["rule"] == rule && finding.to_string().contains(word));
        let all: Vec<_> = findings.iter().map(|f| format!("{} {}", f["rule"], f["message"])).collect();
        assert!(named, "{defect}: no {rule} that names {word}: {all:#?}");
    }
}

/// What the rules find in the real chains, to be read; the law is that each chain is walked to its end.
#[test]
fn real_chains_are_walked_to_their_end() {
    let Some(chains) = shared("corpus/chains") else { return };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for chain in entries(&chains) {
        let dir = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(&chain).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if name.ends_with(".sql") {
                fs::write(dir.path().join(name.replace('-', "_")), runnable(&entry.path())).unwrap();
            }
        }
        let set = MigrationSet::load(dir.path()).unwrap();
        let linted = linted(&set);
        let name = chain.file_name().unwrap().to_string_lossy();
        println!("{name}: {} migrations", set.migrations.len());
        assert!(linted.stopped.is_none(), "{name}: {:?}", linted.stopped);
        for finding in linted.findings.iter().filter(|finding| is_ours(finding.rule)) {
            let at = finding.location.as_ref().unwrap();
            let file = at.file.file_name().unwrap().to_string_lossy();
            println!("  {file}:{} {}: {}", at.line, finding.rule, finding.message);
            *counts.entry(finding.rule.as_str()).or_default() += 1;
        }
    }
    println!("{counts:?}");
}

/// The script without the statements that cannot be part of a migration.
fn runnable(path: &Path) -> String {
    let file = SourceFile::read(path).unwrap();
    let mut text = file.text().to_owned();
    for statement in statements(file.text()).iter().rev() {
        if refused_statement(&SourceFile::new("x.sql", statement.text)).is_some() {
            text.replace_range(statement.start..statement.end(), "");
        }
    }
    text
}
