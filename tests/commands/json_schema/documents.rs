//! Every command with each of its outcomes: the documents that are held against their schema.

use serde_json::Value;

use crate::harness::Project;

/// A document, and the command that printed it.
pub(super) struct Printed {
    pub(super) line: String,
    pub(super) document: Value,
}

/// Every kind of document that there is.
pub(super) fn documents() -> Vec<Printed> {
    let mut printed = Vec::new();
    shipped(&mut printed);
    audits(&mut printed);
    checks(&mut printed);
    backfills(&mut printed);
    migrations(&mut printed);
    states(&mut printed);
    taken_over(&mut printed);
    squashed(&mut printed);
    written(&mut printed);
    tests(&mut printed);
    schemas(&mut printed);
    reports(&mut printed);
    fleets(&mut printed);
    misused(&mut printed);
    printed
}

/// Runs a command in a project, with an exit status that is the only right one.
struct Runs<'a> {
    project: Project,
    printed: &'a mut Vec<Printed>,
}

impl Runs<'_> {
    fn of(project: Project, printed: &mut Vec<Printed>) -> Runs<'_> {
        Runs { project, printed }
    }

    fn all<'l>(&mut self, lines: impl IntoIterator<Item = (i32, &'l str)>) {
        for (status, line) in lines {
            self.run(status, line);
        }
    }

    fn run(&mut self, status: i32, line: &str) -> &Value {
        let (document, got) = self.project.json(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(got, status, "{line}: {document:#}");
        self.printed.push(Printed { line: line.to_owned(), document });
        &self.printed.last().unwrap().document
    }
}

const BACKFILL: &str =
    "backfill --table v3_plans --id plan_id --parent parent_plan_id --root root_plan_id --recompute";

/// The project that ships, from nothing to all of it and back.
fn shipped(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::shipped(), printed);
    p.all([
        (2, "audit"),
        (2, BACKFILL),
        (2, "migrate down"),
        (0, "migrate status"),
        (0, "migrate up --dry-run"),
        (0, "migrate up --sql"),
        (0, "migrate up --rehearse --to 6"),
        (0, "migrate up --to 6"),
        (1, "migrate status --check"),
        (1, "audit"),
        (0, "migrate up --backup before.db"),
        (0, "migrate up"),
        (0, "migrate up --rehearse"),
        (0, "audit"),
        (1, "audit --strict"),
        (0, "audit --data"),
        (0, "audit --scratch"),
        (0, "check"),
        (0, "migrate lint"),
        (0, "migrate test"),
        (0, "report run failed-tasks"),
        (0, "migrate down --dry-run"),
        (0, "migrate down --sql"),
        (0, "sample load --dry-run"),
        (0, "sample load"),
        (2, "sample load"),
        (0, "sample load --append --plans 40 --orphans 2 --cycles 1 --roots none"),
        (1, "audit --data"),
        (1, &format!("{BACKFILL} --dry-run")),
        (1, BACKFILL),
        (0, &format!("{BACKFILL} --on-cycle skip --on-orphan skip")),
        (0, "migrate status"),
        (2, "migrate down"),
        (0, "migrate down --rehearse"),
        (0, "migrate redo --allow-destructive --from-files"),
        (0, "migrate down --allow-destructive --from-files"),
        (0, "schema dump"),
        (0, "schema models --lang python"),
        (0, "schema docs"),
        (0, "schema docs migrations"),
        (0, "report list"),
        (0, "report show task-timeline"),
        (2, "report show nothing"),
        (0, "report run plans-per-phase"),
        (2, "report run task-timeline"),
    ]);
}

fn audits(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::empty(), printed);
    p.project.write(
        "spec/ddl.sql",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x');\nCREATE INDEX i ON t (a);\n",
    );
    p.project.write(
        "spec/deviations.toml",
        "[[rename]]\ntable = 't'\nlive = 'u'\nreason = 'old'\n\
         [[deviation]]\nrule = 'column-default'\ntable = 't'\nname = 'a'\nexpected = \"'x'\"\nactual = \"'y'\"\n\
         reason = 'meant'\nlink = 'https://example.com'\n",
    );
    p.project.write("planctl.toml", "[audit]\nignore = ['theirs']\n");
    p.project.sql(
        "CREATE TABLE u (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'y', b);
         CREATE TABLE theirs (x); INSERT INTO u (b) VALUES (1)",
    );
    p.all([
        (1, "audit"),
        (2, "audit --sql"),
        (2, "audit --sql --allow-destructive"),
        (0, "audit --write-baseline known.json"),
        (0, "audit --baseline known.json"),
        (0, "audit --explain"),
        (0, "audit --explain stale-deviation"),
        (0, "audit --explain value-null"),
        (0, "audit --explain missing-down"),
        (0, "audit --explain round-trip"),
        (0, "migrate lint --explain"),
        (0, "migrate lint --explain missing-down"),
        (2, "migrate lint --explain nonsense"),
        (2, "audit --explain nonsense"),
    ]);
    p.run(1, "audit --write-deviations");
    p.project.write("spec/deviations.toml", "oops");
    p.run(2, "audit");
    std::fs::remove_file(p.project.path("spec/deviations.toml")).unwrap();
    p.project
        .write("spec/ddl.sql", "CREATE TABLE u (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'y');\n");
    p.run(0, "audit --sql --allow-destructive");
    p.project
        .write("spec/ddl.sql", "CREATE TABLE u (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'y', b);\n");
    p.run(0, "audit --sql");
}

fn checks(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::empty(), printed);
    p.run(2, "check");
    p.project.write("migrations/V1__a.sql", "CREATE TABLE t (a);\nCREATE TABLE u (f CHECK (mine(f)));\n");
    p.project.write("tests/migrations/V9__a.test.sql", "-- then\nSELECT 1;\n");
    p.run(2, "check");
    p.project.write("spec/ddl.sql", "CREATE TABLE t (a);\nCREATE TABLE u (f CHECK (mine(f)));\n");
    std::fs::remove_file(p.project.path("tests/migrations/V9__a.test.sql")).unwrap();
    p.run(1, "check");
    p.project.write("planctl.toml", "[audit]\nignore = ['u']\n");
    p.project.write("spec/ddl.sql", "CREATE TABLE t (a);\n");
    p.run(1, "check");
    p.project.write("planctl.toml", "[databases.a]\ndb = 'a.db'\n");
    p.run(1, "check");
}

fn backfills(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::empty(), printed);
    p.project.sql(
        "CREATE TABLE t (id, parent, root);
         INSERT INTO t VALUES (1, 2, NULL), (2, 1, NULL), (2.5, 9, NULL), (x'00ff', 1, NULL), ('r', '', NULL)",
    );
    let line = "backfill --table t --id id --parent parent --root root";
    for (status, more) in [(1, ""), (1, " --on-cycle skip"), (0, " --on-cycle skip --on-orphan self")] {
        p.run(status, &format!("{line}{more}"));
    }
}

fn migrations(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::empty(), printed);
    p.run(2, "migrate up");
    p.project.write("migrations/V1__a.sql", "CREATE TABLE t (a);\nCREATE TABLE gone (x, y);\n");
    p.project.write("migrations/V1__a.down.sql", "-- Hazard: loses rows\nDROP TABLE t;\nDROP TABLE gone;\n");
    p.project.write("migrations/V2__b.sql", "CREATE TABLE b (x);\nINSERT INTO nowhere VALUES (1);\n");
    p.project.sql("SELECT 1; PRAGMA user_version = 1");
    for (status, line) in
        [(0, "migrate redo"), (2, "migrate up --dry-run"), (2, "migrate up --rehearse"), (2, "migrate up")]
    {
        p.run(status, line);
    }
    p.project.write("migrations/V2__b.sql", "-- planctl:irreversible it is so\nCREATE TABLE b (x);\n");
    p.run(0, "migrate up");
    p.project.sql("INSERT INTO t VALUES (1); INSERT INTO gone VALUES (1, 2)");
    p.run(2, "migrate down");
    std::fs::remove_file(p.project.path("migrations/V2__b.sql")).unwrap();
    p.run(2, "migrate redo");
    p.run(0, "migrate status");

    // A data step that writes rows.
    let mut p = Runs::of(Project::empty(), p.printed);
    p.project.write(
        "migrations/V1__a.sql",
        "CREATE TABLE t (id, parent, root);\nINSERT INTO t VALUES (1, NULL, NULL);\n",
    );
    p.project.write(
        "migrations/V2__roots.sql",
        "-- planctl:backfill root-ancestor table=t id=id parent=parent root=root\n",
    );
    p.run(0, "migrate up");
    p.run(0, "migrate status");

    // What was added by hand goes with its table.
    let mut p = Runs::of(Project::empty(), p.printed);
    p.project.write("migrations/V1__t.sql", "CREATE TABLE t (a);\n");
    p.project.ok(&["migrate", "up"]);
    p.project.sql("ALTER TABLE t ADD COLUMN b; CREATE INDEX i ON t (a); CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 1; END");
    let rebuild =
        "CREATE TABLE n (a);\nINSERT INTO n SELECT a FROM t;\nDROP TABLE t;\nALTER TABLE n RENAME TO t;\n";
    p.project.write("migrations/V2__t.sql", rebuild);
    p.all([(2, "migrate up"), (2, "fleet up planctl.db"), (0, "migrate up --rehearse")]);
    std::fs::copy(p.project.path("planctl.db"), p.project.path("other.db")).unwrap();
    p.all([(0, "migrate up --allow-destructive"), (0, "fleet up other.db --allow-destructive")]);

    // Whether a row of q has a parent, only the application can tell.
    let mut p = Runs::of(Project::empty(), p.printed);
    let conn = p.project.open();
    conn.create_collation("german", |a, b| a.to_lowercase().cmp(&b.to_lowercase())).unwrap();
    conn.execute_batch(
        "CREATE TABLE p (name TEXT COLLATE german PRIMARY KEY); INSERT INTO p VALUES ('Ä');
         CREATE TABLE q (id INTEGER PRIMARY KEY, p REFERENCES p (name))",
    )
    .unwrap();
    drop(conn);
    p.project.write("migrations/V1__q.sql", "DELETE FROM q;\nINSERT INTO q VALUES (3, 'ä');\n");
    p.project.write("migrations/V1__q.down.sql", "DELETE FROM q;\nINSERT INTO q VALUES (4, 'ä');\n");
    p.run(0, "migrate up");
    p.run(0, "migrate redo --allow-destructive --backup before_redo.db");
    p.run(0, "migrate down --allow-destructive --backup before_down.db");
}

fn states(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::empty(), printed);
    p.project.write("migrations/V2__a.sql", "CREATE TABLE t (a);\n");
    p.project.write("migrations/V2__a.down.sql", "DROP TABLE t;\n");
    p.project.write("migrations/V3__b.sql", "CREATE TABLE b (x);\n");
    p.project.write("migrations/V4__c.sql", "CREATE TABLE c (x);\n");
    p.project.ok(&["migrate", "up"]);
    p.project.sql("CREATE TABLE by_hand (x, y TEXT); DROP TABLE b");
    p.run(1, "migrate status --check");
    p.project.write("old/1_a.up.sql", "BEGIN;\nCREATE TABLE t (a);\nCOMMIT;\n");
    p.project.write("old/1_a.down.sql", "DROP TABLE t;\n");
    p.project.write("old/2_b.up.sql", "CREATE TABLE u (a);\n");
    p.project.write("old/2_b.down.sql", "DROP TABLE v;\n");
    p.run(0, "migrate import old --migrations imported");
    p.run(0, "migrate adopt by_hand");
    p.run(0, "migrate adopt again");
    p.project.write("migrations/V2__a.sql", "CREATE TABLE t (a);");
    p.run(0, "migrate status");
    p.run(0, "migrate status --accept-whitespace");
    p.project.write("migrations/V1__late.sql", "CREATE TABLE late (x);\n");
    p.project.write("migrations/V2__a.sql", "CREATE TABLE t (a, b);\n");
    std::fs::remove_file(p.project.path("migrations/V3__b.sql")).unwrap();
    std::fs::rename(p.project.path("migrations/V4__c.sql"), p.project.path("migrations/V4__d.sql")).unwrap();
    p.project.write("migrations/V9__e.sql", "CREATE TABLE e (x);\n");
    p.run(0, "migrate status");
    p.run(2, "migrate up");

    let mut p = Runs::of(Project::empty(), p.printed);
    p.project.write("migrations/V1__a.sql", "CREATE TABLE t (a);\n");
    p.project.sql("CREATE TABLE t (b); CREATE TABLE u (c)");
    p.run(2, "migrate adopt x");
    p.run(1, "migrate baseline --to 1");
    p.run(0, "migrate baseline --to 1 --force");
    p.run(0, "migrate baseline --to 1 --force");
    p.run(2, "migrate baseline --to 7");
    let mut p = Runs::of(Project::empty(), p.printed);
    p.project.write("migrations/V1__a.sql", "ALTER TABLE t ADD COLUMN b;\n");
    p.project.sql("CREATE TABLE t (a, b)");
    p.run(2, "migrate baseline --to 1");
    p.run(0, "migrate baseline --to 1 --force");
}

fn taken_over(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::empty(), printed);
    p.project.write("old/1_a.up.sql", "CREATE TABLE t (a);\n");
    p.project.sql(
        "CREATE TABLE schema_migrations (version uint64,dirty bool); INSERT INTO schema_migrations VALUES (1, 0);
         CREATE TABLE t (b)",
    );
    p.run(1, "--db planctl.db migrate import old");
    p.project.sql("ALTER TABLE t RENAME b TO a");
    p.run(0, "--db planctl.db migrate import old");
    p.project.sql("UPDATE schema_migrations SET dirty = 1");
    p.run(2, "--db planctl.db migrate import old");
}

fn squashed(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::empty(), printed);
    for (name, table) in [("V1__a", "a"), ("V2__b", "b"), ("V3__c", "c")] {
        p.project.write(&format!("migrations/{name}.sql"), format!("CREATE TABLE {table} (x);\n"));
    }
    p.project.ok(&["migrate", "up", "--to", "2"]);
    p.run(0, "migrate squash --to 1");
    p.run(0, "migrate squash --to 2");
    p.run(0, "migrate status");
    p.run(0, "migrate up");
    p.run(2, "migrate squash --to 7");
    p.project.write("migrations/V3__d.sql", "CREATE TABLE d (x);\n");
    p.project.write("tests/migrations/V3__x.test.sql", "-- then\n");
    p.run(0, "migrate renumber V3__d.sql");
    p.run(0, "migrate renumber V4__d.sql");
    p.run(2, "migrate renumber V9__d.sql");
}

fn written(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::empty(), printed);
    p.run(0, "init");
    p.run(2, "init");
    p.run(0, "migrate new first");
    p.run(2, "migrate new wh:at");
    let mut p = Runs::of(Project::empty(), p.printed);
    let never = "CREATE TABLE never (a CHECK (a IS 'it' AND a IS 'that')";
    p.project.write(
        "migrations/V1__a.sql",
        format!("CREATE TABLE t (a TEXT NOT NULL, b TEXT, c INT NOT NULL UNIQUE);\n{never});\n"),
    );
    p.project
        .write("spec/ddl.sql", format!("CREATE TABLE t (a TEXT, b TEXT);\n{never}, b CHECK (a > 0));\n"));
    p.run(2, "migrate generate next");
    p.run(0, "migrate generate next --allow-destructive");
    p.run(0, "migrate generate again");
}

fn tests(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::empty(), printed);
    p.project.write("migrations/V1__a.sql", "CREATE TABLE t (a, b CHECK (b IS 'it' AND b IS 'that'));\n");
    p.project.write("migrations/V1__a.down.sql", "DROP TABLE t;\n");
    p.project.write("migrations/V2__b.sql", "CREATE TABLE b (x);\nUPDATE t SET a = 1;\n");
    p.project.write("migrations/V2__b.down.sql", "DROP TABLE b;\n");
    p.project.write("migrations/V3__c.sql", "CREATE TABLE c (x);\n");
    p.project.write("migrations/V3__c.down.sql", "SELECT 1;\n");
    p.project.write("migrations/V4__d.sql", "-- planctl:irreversible it is so\nCREATE TABLE d (x);\n");
    p.project.write(
        "tests/migrations/V2__b.test.sql",
        "-- given\nINSERT INTO t (a, b) VALUES (1, 2);\n-- then\n-- expect: 0 rows\nSELECT 1;\n-- expect: 2\nSELECT 1;\n",
    );
    p.project.write("tests/migrations/V3__c.test.sql", "-- then\n-- expect: 2\nSELECT 1;\n");
    p.run(1, "migrate test");
    p.run(0, "migrate lint");
    p.run(2, "check");
    p.project.write("tests/migrations/V9__c.test.sql", "-- then\n-- expect: 2\nSELECT 1;\n");
    p.run(2, "migrate test");
    p.project.write("migrations/V5__e.sql", "DROP TABLE nowhere;\n");
    p.project.write("migrations/V6__f.sql", "SELECT 1;\n");
    std::fs::remove_file(p.project.path("tests/migrations/V9__c.test.sql")).unwrap();
    p.run(1, "migrate test");
    p.run(1, "migrate lint");
}

fn schemas(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::empty(), printed);
    p.project.write(
        "a.sql",
        "-- What it is.\nPRAGMA user_version = 3;\n\
         CREATE TABLE p (a TEXT COLLATE NOCASE PRIMARY KEY, b TEXT UNIQUE, g TEXT AS (a || b)) STRICT;\n\
         CREATE TABLE t (\n  a TEXT REFERENCES p (a) ON DELETE CASCADE, -- said of a\n\
         \x20 CONSTRAINT named CHECK (a <> '')\n);\n\
         CREATE INDEX i ON t (a) WHERE a > 'b';\nCREATE VIRTUAL TABLE f USING fts5 (x);\n\
         CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;\nCREATE VIEW v AS SELECT 1 AS x;\n\
         CREATE TRIGGER w INSTEAD OF INSERT ON v BEGIN SELECT 1; END;\n",
    );
    p.project.write("b.sql", "CREATE TABLE p (a TEXT PRIMARY KEY);\n");
    p.all([
        (1, "schema diff a.sql b.sql"),
        (0, "schema diff b.sql b.sql"),
        (2, "schema diff a.sql b.sql --sql"),
        (0, "schema diff b.sql a.sql --sql"),
        (0, "schema diff b.sql b.sql --sql"),
        (2, "schema diff b.sql nowhere.sql"),
        (0, "schema docs a.sql"),
        (0, "schema dump a.sql"),
        (2, "schema dump nowhere.sql"),
        (2, "schema docs nowhere.sql"),
    ]);
}

/// Many databases: one that fails, one that is behind, one with another schema, one with rows that the spec forbids.
fn fleets(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::empty(), printed);
    p.project.write("migrations/V1__t.sql", "CREATE TABLE t (a TEXT);\n");
    p.project.write("migrations/V2__u.sql", "CREATE TABLE u (b TEXT);\n");
    p.project.write("migrations/V1__t.down.sql", "DROP TABLE t;\n");
    p.project.write("migrations/V2__u.down.sql", "DROP TABLE u;\n");
    p.project
        .write("spec/ddl.sql", "CREATE TABLE t (a TEXT); -- 'x' | 'y'\nCREATE TABLE u (b TEXT NOT NULL);\n");
    for (file, to) in [("1.db", "1"), ("2.db", "1"), ("3.db", "2")] {
        p.project.ok(&["-q", "migrate", "up", "--to", to, "--db", file]);
    }
    p.project.write("bad.db", "this is no database");
    p.all([
        (0, "fleet up 1.db --rehearse"),
        (1, "fleet status 1.db 2.db 3.db"),
        (2, "fleet status 1.db bad.db"),
        (1, "fleet audit 1.db 2.db --data"),
        (2, "fleet up 1.db 2.db bad.db"),
        (0, "fleet up 2.db 3.db"),
        (2, "fleet up none.db 2.db"),
    ]);
    let conn = rusqlite::Connection::open(p.project.path("3.db")).unwrap();
    conn.execute_batch("INSERT INTO u VALUES ('z')").unwrap();
    p.project
        .write("spec/ddl.sql", "CREATE TABLE t (a TEXT -- 'x' | 'y' or 'z'\n);\nCREATE TABLE u (b TEXT);\n");
    p.run(0, "fleet audit 3.db --data");
    p.all([(2, "fleet down 2.db 3.db --to 1"), (0, "fleet down 2.db 3.db --to 1 --allow-destructive")]);
}

fn reports(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::empty(), printed);
    p.run(2, "report list");
    p.project.sql("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2.5), ('x'), (x'00ff'), (NULL), (9e999)");
    p.project.write("spec/reports/all.sql", "-- title: All\nSELECT a FROM t;\n");
    p.project.write(
        "spec/reports/given.sql",
        "-- title: Given\n-- description: What it says\n-- param: word text (what is meant)\n\
         -- param: n integer = 1\n-- param: r real = 0.5\nSELECT :word AS w, :n AS n, :r AS r;\n",
    );
    p.project
        .write("spec/reports/fails.sql", "-- title: Fails\nSELECT abs(a - 9223372036854775809) FROM t;\n");
    p.project.write(
        "spec/reports/stops.sql",
        "-- title: Stops\nSELECT iif(rowid > 2, json(a), a) AS a FROM t ORDER BY rowid;\n",
    );
    p.run(0, "report list");
    p.run(0, "report run all");
    p.run(0, "report run given --param word=x");
    p.run(2, "report run stops");
    p.run(2, "report run given");
    p.run(0, "report show given");
    p.project.write("spec/reports/broken.sql", "-- titel: Broken\nSELECT 1;\n");
    p.run(2, "report list");
}

/// What is no command that could run.
fn misused(printed: &mut Vec<Printed>) {
    let mut p = Runs::of(Project::empty(), printed);
    for line in [
        "migrate up --nonsense",
        "migrate",
        "nonsense",
        "--nonsense",
        "schema docs --nonsense",
        "man --nonsense",
    ] {
        p.run(2, line);
    }
    p.project.write("planctl.toml", "nonsense = 1\n");
    p.run(2, "audit");
}
