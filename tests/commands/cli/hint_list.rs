//! What the source advises, each with the walk that takes it (see `hint_walk.rs`).
//!
//! A walk is one step a line, in a project whose version 1 makes `t` and version 2 an index and a view, as the spec has them:
//! `$ ARGS` runs planctl and expects 0 (`1$`, `2$`: that status), `? ARGS` (`1?`, `2?`) the same, and the hint has to be in
//! what it says, `! ARGS` that it is not there any more, `| ARGS` runs the SQL that it prints (`|?`: that fails with the
//! hint), and the others see to files and to the database. A no-break space is one inside an argument.

/// A hint, in words that its source and what is printed have in common, and a walk behind it.
pub(crate) type Walk = (&'static str, &'static str);

pub(crate) const WALKS: &[Walk] = &[
    (
        "`planctl schema models --lang LANGUAGE -o",
        "2? check --models m.py\n$ schema models --lang python -o m.py\n$ check --models m.py",
    ),
    (
        "--models takes what `planctl schema models` wrote, with its head",
        "write m.py x = 1\n2? check --models m.py\n$ schema models --lang python -o m.py\n$ check --models m.py",
    ),
    (
        "`planctl migrate up --require-clean=false` goes ahead anyway; after it, `planctl migrate adopt NAME` keeps this as a \
         migration, or ",
        "$ migrate up --to 1\nsql CREATE TABLE hot (a)\n2? migrate up --require-clean\n$ migrate up --require-clean=false\n
         $ migrate adopt hot\n$ migrate status --check",
    ),
    (
        "`planctl migrate adopt NAME` keeps this as a migration; ",
        "$ migrate up\nsql CREATE TABLE hot (a)\n2? migrate up --require-clean\n| audit --sql --allow-destructive\n
         $ migrate up --require-clean",
    ),
    (
        "`planctl migrate status` shows what is known; --require-clean=false goes ahead anyway",
        "$ migrate up\nsql CREATE TABLE hot (a)\nrm migrations/V2__i.sql\nrm migrations/V2__i.down.sql\n
         2? migrate down --require-clean\n$ migrate status\n$ migrate down --require-clean=false",
    ),
    (
        "`planctl migrate baseline --to V` records the versions that it has; --require-clean=false goes ahead anyway",
        "$ migrate up --to 1\nsql DROP TABLE refinery_schema_history; DROP TABLE planctl_migrations\n2? migrate up --require-clean\n
         $ migrate baseline --to 1\n$ migrate up --require-clean",
    ),
    (
        "add `db` to it, or name one with --db",
        "write planctl.toml databases.a.spec = 'spec/ddl.sql'\n2? -d a migrate up\n$ -d a --db x.db migrate up\n
         write planctl.toml databases.a.db = 'x.db'\n$ -d a migrate status --check",
    ),
    (
        "--database takes such a name; to name a file, write --db ",
        "$ migrate up\n2? -d planctl.db migrate status\n$ --db planctl.db migrate status",
    ),
    (
        "name a path with --db, or add a table [databases.NAME] with `db` in it",
        "2? -d a migrate up\n$ --db x.db migrate up\nwrite planctl.toml databases.a.db = 'x.db'\n$ -d a migrate status --check",
    ),
    (
        "fix or --exclude them, then run the same command again; raise --max-failures to go on despite failures",
        "$ migrate up --to 1\nwrite bad.db no database\n2? fleet up planctl.db bad.db\n
         2! fleet up planctl.db bad.db --max-failures 2\n$ fleet up planctl.db bad.db --exclude bad.db",
    ),
    (
        "name paths, URLs or quoted globs, a file with --from, or a SELECT with --registry and --query; or put them",
        "$ migrate up\n2? fleet status\n$ fleet status planctl.db\nwrite list planctl.db\n$ fleet status --from list\n
         write planctl.toml [fleet]\\ndatabases = ['*.db']\\n\n$ fleet status",
    ),
    (
        "--allow-destructive reverts anyway; with it, --rehearse tries it out on a copy of the canary first",
        "$ migrate up\nsql INSERT INTO t DEFAULT VALUES\n2? fleet down planctl.db --to 0\n
         $ fleet down planctl.db --to 0 --allow-destructive --rehearse",
    ),
    (
        "`planctl fleet status` shows how they differ; --require-clean=false goes ahead anyway",
        "$ migrate up --to 1\nsql CREATE TABLE mine (x)\n2? fleet up planctl.db --require-clean\n
         1! fleet status planctl.db\n$ fleet up planctl.db --require-clean=false",
    ),
    (
        "name its databases after the command, as in `planctl fleet status 'tenants/*.db'`",
        "$ migrate up\n2? --db planctl.db fleet status\n$ fleet status *.db",
    ),
    ("check --db, or create the folder", "2? --db no/x.db migrate up\nmkdir no\n$ --db no/x.db migrate up"),
    ("name a file: --db PATH", "2? --db sqlite: migrate up\n$ --db x.db migrate up"),
    (
        "name a file; `planctl audit --scratch` and `planctl check` need no database at all",
        "2? --db :memory: audit\n$ --db :memory: audit --scratch\n$ --db :memory: check",
    ),
    (
        "name the folder that holds the migration files with --migrations",
        "2? --migrations spec/ddl.sql migrate up\n$ --migrations migrations migrate up",
    ),
    (
        "`planctl migrate new NAME` writes the first; --migrations names another folder",
        "mkdir empty\n2? --migrations empty migrate test\n$ check\n
         $ --migrations empty migrate new t\nwrite empty/V1__t.sql CREATE TABLE t (a);\n
         write empty/V1__t.down.sql DROP TABLE t;\n$ --migrations empty migrate test",
    ),
    (
        "`planctl migrate generate NAME` writes the first from spec/ddl.sql; --migrations names another folder",
        "mkdir empty\n2? --migrations empty check\n$ --migrations empty migrate generate t\n
         ! --migrations empty check\n$ check",
    ),
    (
        "`planctl init --db shop.db` starts from it; `planctl init --db planctl.db` starts empty",
        "$ --db shop.db migrate up\n2? init --spec x.sql\n$ init --db shop.db --spec x.sql\n$ check\n$ migrate status --check",
    ),
    (
        "the folder has no migrations; `planctl migrate new NAME` writes one",
        "mkdir empty\n2? --migrations empty migrate up --to 3\n$ --migrations empty migrate new t\n
         write empty/V1__t.sql CREATE TABLE t (a);\n$ --migrations empty migrate up --to 1",
    ),
    (
        "nothing was written; move it away, or name another file with --spec",
        "2? init\n$ init --spec other.sql\n$ check",
    ),
    (
        "nothing was written; `planctl check` checks the project; start another one in a folder outside of it",
        "$ init --spec other.sql\n2? init\n$ check",
    ),
    (
        "nothing was written; name the folder that has them with --migrations",
        "mkdir empty\n$ migrate up\n2? --migrations empty --spec x.sql init\n$ --spec x.sql init --migrations migrations\n
         $ check\n$ migrate status --check",
    ),
    (
        "next: `planctl check`, and `planctl migrate status` for the database",
        "$ migrate up\n? init --spec x.sql\n$ check\n$ migrate status --check",
    ),
    ("next: `planctl check`", "? init --spec x.sql\n$ check"),
    (
        "`planctl migrate up` records the squashed one in their place, and runs none of it",
        "$ migrate up\n$ migrate squash --to 2\n2? migrate down\n$ migrate up\n$ migrate status --check",
    ),
    (
        "all of which are applied; `planctl migrate up` records it in their place, without running it",
        "$ migrate up\n$ migrate squash --to 2\n1? migrate status --check\n$ migrate up\n! migrate status --check",
    ),
    (
        "restore the file as `planctl migrate squash` wrote it, or remove it where the migrations are back that it names",
        "$ migrate squash --to 2\nwrite migrations/V1__t.sql CREATE TABLE t (a);\n2? migrate up\nrm migrations/V1__t.sql\n
         $ migrate up",
    ),
    (
        "a database that has all of them follows with `planctl migrate up`; one that has only some needs `planctl migrate up",
        "$ migrate up\n? migrate squash --to 2\n$ migrate up\n$ migrate status --check",
    ),
    (
        "a version is a whole number, such as 7; `planctl migrate status` lists them",
        "2? migrate up --to second\n$ migrate status\n$ migrate up --to 2",
    ),
    (
        "use --from-files to run the file's own",
        "$ migrate up\nsql UPDATE planctl_migrations SET down_sql = down_sql || ';'\n2? migrate down\n$ migrate down --from-files",
    ),
    (
        "restore the file as it was, or insist with --from-files",
        "$ migrate up\nsql UPDATE planctl_migrations SET down_sql = NULL\nwrite migrations/V2__i.sql SELECT 1;\n2? migrate down\n
         $ migrate down --from-files",
    ),
    (
        "--from-files runs the file",
        "$ migrate up\nwrite migrations/V2__i.down.sql DROP VIEW v; DROP INDEX i; SELECT 1;\n? migrate status\n
         $ migrate down --from-files\n$ migrate up\n$ migrate down --to 0",
    ),
    (
        "`planctl migrate status --accept-whitespace` records the file as it is now",
        "$ migrate up\nadd migrations/V2__i.sql \n2? migrate up\n$ migrate status --accept-whitespace\n$ migrate up",
    ),
    (
        "; --accept-whitespace records it as it is now",
        "$ migrate up\nadd migrations/V2__i.sql \n? migrate status\n$ migrate status --accept-whitespace\n$ migrate status --check",
    ),
    // Whoever recorded in 32 bits, and has time stamps now.
    (
        " and record what is applied again with `planctl migrate baseline --to 2`, which",
        "$ migrate up\nwrite migrations/V20260101000000__w.sql CREATE TABLE w (a);\n2? migrate up\n
         sql DROP TABLE refinery_schema_history\n$ migrate baseline --to 2\n$ migrate up\n$ migrate status --check",
    ),
    (
        "`planctl schema dump` shows the columns that there are",
        "write migrations/V3__x.sql UPDATE t SET zebra = 1;\n2? migrate up\n$ schema dump\n
         write migrations/V3__x.sql UPDATE t SET n = 1;\n$ migrate up",
    ),
    (
        "`planctl migrate baseline --to V` takes over a database that has it",
        "sql CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n INTEGER)\n2? migrate up\n$ migrate baseline --to 1\n
         $ migrate up\n$ audit",
    ),
    (
        "leave that table to planctl; `planctl migrate baseline --to V` records migrations as applied",
        "write migrations/V3__x.sql DELETE FROM refinery_schema_history;\n2? migrate up\nwrite migrations/V3__x.sql SELECT 1;\n
         $ migrate baseline --to 3\n$ migrate status --check",
    ),
    (
        "name it as a migration of that version, in place of the older ones; a database that has them gets it recorded by \
         `planctl migrate baseline --to V`",
        "$ migrate up\nsql DROP TABLE refinery_schema_history; DROP TABLE planctl_migrations\nmv migrations old\nmkdir migrations\n
         write migrations/B2__i.sql CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n INTEGER); CREATE INDEX i ON t (name); CREATE VIEW v AS SELECT name FROM t;\n
         2? migrate up\nmv migrations/B2__i.sql migrations/V2__i.sql\n$ migrate baseline --to 2\n$ migrate up\n$ audit",
    ),
    (
        "SQLite has one database a file, and a migration runs on that of --db: delete the statement",
        "write migrations/V3__x.sql USE app; SELECT 1;\n2? migrate up\nwrite migrations/V3__x.sql SELECT 1;\n$ migrate up",
    ),
    (
        "in SQLite a database is a file, which `planctl migrate up` creates: delete the statement",
        "write migrations/V1__t.sql CREATE DATABASE app; CREATE TABLE t (name);\n2? migrate up\n
         write migrations/V1__t.sql CREATE TABLE t (name);\n$ migrate up",
    ),
    (
        "`planctl migrate generate` reads it there; remove it from this file",
        "write migrations/V3__x.sql -- planctl:fill column=m value=1\\nALTER TABLE t ADD COLUMN m INT NOT NULL DEFAULT 1;\n2? migrate up\n
         rm migrations/V3__x.sql\n
         write spec/ddl.sql -- planctl:fill column=m value=1\\nCREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n INTEGER, m INT NOT NULL DEFAULT 2);\\nCREATE INDEX i ON t (name); CREATE VIEW v AS SELECT name FROM t;\n
         $ migrate generate m\n$ migrate up\n$ audit",
    ),
    ("`planctl --help` lists the commands", "2? man zzzzz\n$ --help"),
    ("`planctl --help` shows the commands, `planctl COMMAND --help` their options", "2? --format json zzzzz\n$ --help\n$ audit --help"),
    ("check the path that --config names", "2? --config no.toml audit --scratch\nwrite no.toml \n$ --config no.toml audit --scratch"),
    ("check the path that --spec names", "2? audit --scratch --spec no.sql\n$ audit --scratch --spec spec/ddl.sql"),
    (
        "name another with --spec, PLANCTL_SPEC or `spec` in planctl.toml",
        "mv spec/ddl.sql other.sql\n2? audit --scratch\n$ audit --scratch --spec other.sql\nwrite planctl.toml spec = 'other.sql'\n$ audit --scratch",
    ),
    ("`planctl audit --explain` lists the rules", "2? audit --explain zzz\n$ audit --explain"),
    ("`planctl audit --explain RULE` says why it matters", "? audit --explain\n$ audit --explain extra-table"),
    (
        "known drift is recorded by `planctl audit --write-baseline FILE`, not by hand",
        "$ migrate up\nwrite known.toml x = 1\n2? audit --baseline known.toml\nrm known.toml\n$ audit --write-baseline known.toml\n
         $ audit --baseline known.toml",
    ),
    (
        "; --write-baseline known.toml removes what was fixed",
        "$ migrate up\nsql CREATE TABLE u (a)\n$ audit --write-baseline known.toml\nsql DROP TABLE u\n? audit --baseline known.toml\n
         ? audit --baseline known.toml\n$ audit --write-baseline known.toml\n! audit --baseline known.toml",
    ),
    (
        " left out because the file only shrinks; --accept-new adds them",
        "$ migrate up\n$ audit --write-baseline known.toml\nsql CREATE TABLE u (a)\n1? audit --write-baseline known.toml\n
         $ audit --write-baseline known.toml --accept-new\n$ audit --baseline known.toml",
    ),
    (
        "if the migrations start from a schema that something else created, --force records them without comparing",
        "write migrations/V1__t.sql ALTER TABLE theirs ADD COLUMN x;\nsql CREATE TABLE theirs (a, x)\n2? migrate baseline --to 1\n
         $ migrate baseline --to 1 --force",
    ),
    (
        "produce; --force records them anyway",
        "sql CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)\n1? migrate baseline --to 1\n$ migrate baseline --to 1 --force",
    ),
    (
        "the spec has to say it, too: `planctl audit` shows how",
        "$ migrate up\nsql CREATE TABLE u (a)\n? migrate adopt u\n1$ audit\nadd spec/ddl.sql CREATE TABLE u (a);\n$ audit\n$ audit --scratch",
    ),
    (
        "` records what is found now",
        "$ migrate up\n2? audit --baseline known.toml\n$ audit --write-baseline known.toml\n$ audit --baseline known.toml",
    ),
    (
        "`planctl migrate up` applies them, and asks before it drops what was added by hand; what the database has of them \
         already, `planctl migrate baseline --to V` records, with --force whatever else differs; where no database has \
         them, --renumber-pending puts them behind what is adopted",
        "$ migrate up --to 1\nsql CREATE INDEX i ON t (name); CREATE VIEW v AS SELECT name FROM t; CREATE TABLE u (a)\n2? migrate adopt u\n
         $ migrate baseline --to 2 --force\n$ migrate adopt u\n$ migrate status --check",
    ),
    (
        "--allow-destructive reverts anyway, --backup FILE makes a copy first; --rehearse tries it out on a copy",
        "$ migrate up\nsql INSERT INTO t VALUES (1, 'a', 2)\n2? migrate down --to 0\n$ migrate down --to 0 --rehearse\n
         $ migrate down --to 0 --allow-destructive --backup before.db",
    ),
    (
        "`planctl migrate up --dry-run --db FILE` lists it; --allow-destructive applies anyway",
        "$ migrate up\nsql ALTER TABLE t ADD COLUMN nick\n
         write migrations/V3__x.sql DROP VIEW v; CREATE TABLE n AS SELECT id, name FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t;\n
         2? fleet up planctl.db\n$ migrate up --dry-run --db planctl.db\n$ fleet up planctl.db --allow-destructive",
    ),
    (
        "--allow-destructive applies anyway, --backup FILE makes a copy first; --rehearse tries it out on a copy",
        "$ migrate up\nsql ALTER TABLE t ADD COLUMN nick\n
         write migrations/V3__x.sql DROP VIEW v; CREATE TABLE n AS SELECT id, name FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t;\n
         2? migrate up\n$ migrate up --rehearse\n$ migrate up --allow-destructive --backup before.db",
    ),
    // What one database was changed by hand to, and another one made a migration of.
    (
        "was it created by an earlier version, or by hand? `planctl migrate baseline --to V` takes over a database that has it",
        "$ migrate up\nsql ALTER TABLE t ADD COLUMN nick\nwrite migrations/V3__n.sql ALTER TABLE t ADD COLUMN nick;\n2? migrate up\n
         $ migrate baseline --to 3\n$ migrate status --check",
    ),
    // `redo` has no rehearsal.
    (
        "`planctl migrate down --rehearse`",
        "write migrations/V3__x.sql CREATE TABLE x (a);\nwrite migrations/V3__x.down.sql DROP TABLE x;\n$ migrate up\n
         sql INSERT INTO x VALUES (1)\n2? migrate redo\n$ migrate down --rehearse\n$ migrate redo --allow-destructive --backup before.db",
    ),
    (
        "for real, this needs --allow-destructive",
        "$ migrate up\nsql INSERT INTO t VALUES (1, 'a', 2)\n? migrate down --to 0 --dry-run\n$ migrate down --to 0 --allow-destructive",
    ),
    (
        "--allow-destructive generates it, with a comment at each loss",
        "write spec/ddl.sql CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX i ON t (name); CREATE VIEW v AS SELECT name FROM t;\n
         2? migrate generate less\n$ migrate generate less --allow-destructive\n$ migrate up\n$ audit",
    ),
    // What is for a migration leads nowhere where a script was asked for.
    (
        "write this one by hand with `planctl migrate new NAME`",
        "exchange\n2? migrate generate x\nexchanged\n$ migrate new x\nwrite migrations/V3__x.sql BY HAND\n
         write migrations/V3__x.down.sql BY HAND\n$ check --fail-on never\n$ migrate up\n$ audit",
    ),
    (
        ", and record it with `planctl migrate baseline --to 3`",
        "$ migrate up\nexchange\nsql BY HAND\n2? migrate adopt x\nexchanged\n$ migrate new x\nwrite migrations/V3__x.sql BY HAND\n
         write migrations/V3__x.down.sql BY HAND\n$ migrate baseline --to 3\n$ migrate status --check\n$ audit",
    ),
    (
        "write the script by hand; `planctl audit` shows what it has to do",
        "$ migrate up\nexchange\n2? audit --sql\nexchanged\n1$ audit\nsql BY HAND\n$ audit",
    ),
    (
        "write the script by hand; `planctl schema diff planctl.db spec/ddl.sql` shows what it has to do",
        "$ migrate up\nexchange\n2? schema diff planctl.db spec/ddl.sql --sql\nexchanged\n1$ schema diff planctl.db spec/ddl.sql\nsql BY HAND\n
         $ schema diff planctl.db spec/ddl.sql",
    ),
    (
        "a report is a file NAME.sql in that folder; --reports names another",
        "$ migrate up\nmkdir spec/reports\n2? report run all\nwrite r/all.sql -- title: All\\nSELECT * FROM t\n$ --db planctl.db report run all --reports r",
    ),
    ("  --param n=INTEGER", "$ migrate up\nwrite spec/reports/r.sql -- title: R\\n-- param: n integer (what)\\nSELECT :n\n2? report run r\n$ report run r --param n=1"),
    (
        "`planctl migrate status` shows it",
        "$ migrate up --to 1\nwrite spec/reports/r.sql -- title: R\\nSELECT * FROM v\n2? report run r\n1$ migrate status --check\n$ migrate up\n$ report run r",
    ),
    (
        "first 1,000 of 1,001 rows; --format csv and --format json write them all",
        "$ migrate up\nwrite spec/reports/r.sql -- title: R\\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001) SELECT i FROM n\n
         ? report run r\n! report run r --format csv\n! report run r --format json",
    ),
    (
        "planctl writes a script that does so",
        "$ migrate up\nsql INSERT INTO t VALUES (1, 'a', 2)\n|? migrate down --to 0 --sql\n| migrate down --to 0 --sql --allow-destructive\n
         $ migrate up\n$ audit",
    ),
    (
        "tables and keys than Mermaid draws; `planctl schema docs --format html` draws them",
        "tables 520\n? schema docs planctl.db\n! schema docs planctl.db --format html",
    ),
    // The shipped project: what is generated is for its tables.
    (
        "`planctl migrate up` creates the example's schema; --plans works with no other: for your own tables, write a sample.sql",
        "shipped\n$ migrate up --to 1\n2? sample load --plans 5\n$ migrate status\n$ migrate up\n$ sample load --plans 5",
    ),
    (
        "the file needs the schema that the migrations produce: `planctl migrate up` first",
        "shipped\n$ migrate up --to 1\n2? sample load\n$ migrate up\n$ sample load",
    ),
    (
        "load into another database (--db FILE), or add to these rows with --append",
        "shipped\n$ migrate up\n$ sample load --plans 5\n2? sample load --plans 5 --seed 2\n$ sample load --plans 5 --seed 2 --append\n
         $ --db other.db migrate up\n$ --db other.db sample load --plans 5",
    ),
    (
        "the same plans are already there: choose another --seed",
        "shipped\n$ migrate up\n$ sample load --plans 5\n2? sample load --plans 5 --append\n$ sample load --plans 5 --append --seed 2",
    ),
    (
        "are these rows already there? Load them into another database with --db FILE",
        "shipped\n$ migrate up\n$ sample load\n2? sample load --append\n$ --db other.db migrate up\n$ --db other.db sample load",
    ),
    (
        "generated plans fit the schema of the spec: `planctl audit` shows how this one differs",
        "shipped\n$ migrate up\nsql ALTER TABLE v3_plans ADD COLUMN more TEXT CHECK (more IS NOT NULL)\n2? sample load --plans 5\n1$ audit\n
         | audit --sql --allow-destructive\n$ sample load --plans 5",
    ),
    (
        "`planctl migrate baseline --to V` records migrations as applied",
        "write spec/sample.sql DELETE FROM refinery_schema_history;\n$ migrate up --to 1\n2? sample load\n
         sql CREATE INDEX i ON t (name); CREATE VIEW v AS SELECT name FROM t\n$ migrate baseline --to 2",
    ),
    (
        "change the schema in a migration (`planctl migrate new NAME`), settings in the application",
        "write spec/sample.sql CREATE TABLE u (a); INSERT INTO u VALUES (1);\n$ migrate up\n2? sample load\n$ migrate new u\n
         write migrations/V3__u.sql CREATE TABLE u (a);\nwrite spec/sample.sql INSERT INTO u VALUES (1);\n$ migrate up\n$ sample load",
    ),
    (
        "write one with INSERT statements, or name the spec with --spec",
        "$ migrate up\n2? sample load\nwrite spec/sample.sql INSERT INTO t VALUES (1, 'a', 2);\n$ sample load",
    ),
    ("ask for --plans 10 or more", "shipped\n$ migrate up\n2? sample load --plans 9 --orphans 2 --cycles 4\n$ sample load --plans 10 --orphans 2 --cycles 4"),
    (
        " or more, or for less --depth",
        "shipped\n$ migrate up\n2? sample load --plans 3 --depth 9\n$ sample load --plans 3 --depth 2",
    ),
    (
        "orphans refer to a parent that does not exist: `planctl audit --data` names them",
        "shipped\n$ migrate up\n? sample load --plans 9 --orphans 2\n1$ audit --data\nsql DELETE FROM v3_plans\n$ audit --data",
    ),
    (
        "try `planctl backfill --table v3_plans --id plan_id --parent parent_plan_id --root root_plan_id --recompute --dry-run`",
        "shipped\n$ migrate up\n? sample load --plans 9 --roots none\n
         $ backfill --table v3_plans --id plan_id --parent parent_plan_id --root root_plan_id --recompute --dry-run\n
         $ backfill --table v3_plans --id plan_id --parent parent_plan_id --root root_plan_id --recompute",
    ),
    // Rows that are in the way of a backfill, in a table whose name a shell would take for two.
    (
        "`planctl backfill --table 'my t' --id id --parent p --root r --dry-run`",
        "write migrations/V3__m.sql CREATE TABLE \"my t\" (id INTEGER PRIMARY KEY, p, r);\nwrite migrations/V3__m.down.sql DROP TABLE \"my t\";\n$ migrate up\n
         sql INSERT INTO \"my t\" VALUES (1, 2, NULL), (2, 1, NULL), (3, 9, NULL)\n
         write migrations/V4__b.sql -- planctl:backfill root-ancestor table=\"my t\" id=id parent=p root=r\\n\n2? migrate up\n
         1$ backfill --table my\u{a0}t --id id --parent p --root r --dry-run\n
         write migrations/V4__b.sql -- planctl:backfill root-ancestor table=\"my t\" id=id parent=p root=r on-cycle=skip on-orphan=self\\n\n$ migrate up",
    ),
    (
        "repair the cycles, or leave their rows as they are with --on-cycle skip",
        "$ migrate up\nsql CREATE TABLE p (id INTEGER PRIMARY KEY, p, r); INSERT INTO p VALUES (1, 2, NULL), (2, 1, NULL)\n
         1? backfill --table p --id id --parent p --root r\n$ backfill --table p --id id --parent p --root r --on-cycle skip",
    ),
    (
        "repair the orphans, make them roots with --on-orphan self, or leave them with --on-orphan skip",
        "$ migrate up\nsql CREATE TABLE p (id INTEGER PRIMARY KEY, p, r); INSERT INTO p VALUES (1, 9, NULL)\n
         1? backfill --table p --id id --parent p --root r\n$ backfill --table p --id id --parent p --root r --on-orphan skip\n
         $ backfill --table p --id id --parent p --root r --on-orphan self",
    ),
    (
        "1 row holds a wrong root and was left: --recompute corrects it",
        "$ migrate up\nsql CREATE TABLE p (id INTEGER PRIMARY KEY, p, r); INSERT INTO p VALUES (1, NULL, 7)\n
         ? backfill --table p --id id --parent p --root r\n$ backfill --table p --id id --parent p --root r --recompute\n
         ! backfill --table p --id id --parent p --root r",
    ),
    (
        "hold a wrong root and were left: --recompute corrects them",
        "$ migrate up\nsql CREATE TABLE p (id INTEGER PRIMARY KEY, p, r); INSERT INTO p VALUES (1, NULL, 7), (2, NULL, 7)\n
         ? backfill --table p --id id --parent p --root r\n$ backfill --table p --id id --parent p --root r --recompute\n
         ! backfill --table p --id id --parent p --root r",
    ),
    (
        "if f() is the application's, write this one by hand with `planctl migrate new NAME`",
        "add spec/ddl.sql CREATE TABLE u (a CHECK (f(a)));\n2? migrate generate u\n$ migrate new u\n
         write migrations/V3__u.sql -- planctl:allow unknown-function f() is the application's\\nCREATE TABLE u (a CHECK (f(a)));\n
         write migrations/V3__u.down.sql DROP TABLE u;\n$ check",
    ),
];

/// Hints that other tests follow: they need another process, a disk that is full, a folder that cannot be written.
pub(crate) const ELSEWHERE: &[(&str, &str)] = &[
    ("name a branch, a tag or a commit; `git branch --all`", "what_git_cannot_tell_is_said"),
    ("fetch them first: `git fetch --unshallow`, or", "a_shallow_clone_is_told_what_it_lacks"),
    ("--since asks git what is new: run it in a clone", "what_git_cannot_tell_is_said"),
    ("--since needs git on the PATH; lint all files without it", "what_git_cannot_tell_is_said"),
    ("take a copy of it as a file, and name that with --db", "rows_of_a_database_in_utf_16_are_refused"),
    (
        "have planctl write it: `planctl migrate generate NAME --target {target}`",
        "every_row_of_a_family_is_there_when_its_top_was_rebuilt_on_d1",
    ),
    (
        "have planctl write the migration: `migrate generate --target {place}` keeps these rows",
        "every_row_of_a_family_is_there_when_its_top_was_rebuilt_on_d1",
    ),
    (
        "have planctl write the migration: `migrate generate --target rqlite` keeps these rows; or start rqlite without -fk",
        "every_row_of_a_family_is_there_when_its_top_was_rebuilt_on_a_server_that_enforces_keys",
    ),
    (
        "what was on its way to the server may still be done there",
        "ctrl_c_while_a_migration_is_on_its_way_says_where_to_look",
    ),
    (
        "name a new folder for planctl's: --migrations {}; then set it in planctl.toml",
        "nothing_is_written_where_anything_is_in_the_way_or_does_not_run",
    ),
    (
        "nothing is added to a folder that is in use: write that migration with `planctl migrate new`, or import \
         everything into a new folder with --migrations",
        "nothing_is_written_where_anything_is_in_the_way_or_does_not_run",
    ),
    (
        "nothing is written over: name a new folder with --migrations",
        "nothing_is_written_where_anything_is_in_the_way_or_does_not_run",
    ),
    (
        "it has one of {}: if the folder is, too, say so with --from {}",
        "a_database_is_touched_when_it_is_named_and_has_a_history_of_that_tool",
    ),
    (
        "finish by hand what it left, or undo it, and say so with `prisma migrate resolve --applied` or `--rolled-back`",
        "a_history_that_is_not_the_beginning_of_the_chain_is_refused_with_what_to_do",
    ),
    (
        "nothing was written: the schema is not what these migrations make; without --db the files are written, and \
         `planctl migrate baseline --to {newest} --force` records them anyway",
        "a_schema_that_differs_is_the_report_and_nothing_is_written",
    ),
    (
        "leave out --db to take over the files alone",
        "a_database_is_touched_when_it_is_named_and_has_a_history_of_that_tool",
    ),
    ("{}; --from names another tool", "nothing_is_written_where_anything_is_in_the_way_or_does_not_run"),
    (
        "`planctl init --db DB` starts from a database that they have made",
        "where_migrations_are_code_the_database_is_where_it_starts",
    ),
    ("name the tool with --from: {}", "nothing_is_written_where_anything_is_in_the_way_or_does_not_run"),
    (
        "name the tool that has such markers with --from, or write the two ways as two files in a copy of the folder, and \
         import that one",
        "markers_of_a_tool_that_is_not_known_are_refused_in_its_own_file",
    ),
    (
        "write its statements in lines that begin with `--rollback`, in a copy of the folder, and import that one",
        "changesets_are_known_as_liquibase_writes_and_reads_them",
    ),
    (
        "write it in lines that begin with `--rollback`, in a copy of the folder, and import that one",
        "what_cannot_be_taken_over_is_named_with_its_place",
    ),
    (
        "add --history-table {only}; else leave out --db",
        "a_history_table_of_another_name_is_taken_over_once_it_is_named",
    ),
    ("`planctl -d {} ", "what_is_advised_names_the_database_that_was_chosen"),
    ("leave out --history-table", "a_history_table_of_another_name_is_taken_over_once_it_is_named"),
    ("name the database with --db", "a_history_table_of_another_name_is_taken_over_once_it_is_named"),
    (
        "1 down does not lead back: `planctl migrate test` says why",
        "downs_that_come_along_are_tried_and_what_does_not_lead_back_is_told",
    ),
    (
        "{more} downs do not lead back: `planctl migrate test` says why",
        "downs_that_come_along_are_tried_and_what_does_not_lead_back_is_told",
    ),
    (
        "it needs `planctl migrate up --to {}` first, with the files as they were",
        "the_script_follows_a_squash_as_the_run_does",
    ),
    ("give --{name} at least 1", "what_was_advised_is_accepted"),
    (
        "try again when it is done, or wait longer with --lock-timeout",
        "a_lock_is_waited_for_as_long_as_the_help_says",
    ),
    (
        "check --db; `planctl migrate up` creates the database, if there are migrations",
        "the_helps_of_what_is_missing_make_it",
    ),
    (
        "create it with `planctl migrate new NAME`, or name the right one",
        "the_helps_of_what_is_missing_make_it",
    ),
    (
        "{help}; `planctl init` starts a project in this folder",
        "whoever_tries_a_command_in_an_empty_folder_is_told_how_to_start",
    ),
    ("or revert them with `planctl migrate down --to {known}`", "the_helps_of_what_is_missing_make_it"),
    ("did you mean `{near}`? `planctl report list` shows all", "the_helps_of_what_is_missing_make_it"),
    (
        "any program that opens it for writing repairs it: `planctl migrate up`",
        "a_hot_journal_is_explained_to_readers_and_rolled_back_by_writers",
    ),
    (
        "was left in the middle of `planctl {command}` by a process that was killed",
        "what_a_killed_run_had_begun_is_refused_by_others_and_finished_by_the_same",
    ),
    (
        "look at `planctl migrate status`, and decide again",
        "a_migration_that_another_process_applied_meanwhile_is_not_taken_back",
    ),
    ("name a folder on another disk: --rehearse=DIR", "a_rehearsal_that_has_no_room_names_the_way_out"),
    (
        "name a folder that can be written: --rehearse=DIR",
        "a_write_protected_database_is_read_and_named_when_it_is_to_be_written",
    ),
    (
        "`planctl migrate up` applies {migrations}: then look again",
        "pending_migrations_are_applied_before_anything_else_is_done",
    ),
    (
        "`planctl migrate generate NAME` writes the migration that closes this",
        "the_hints_of_an_audit_after_a_change_of_the_spec_end_it",
    ),
    (
        "`planctl migrate generate NAME --allow-destructive` writes the migration that closes this",
        "an_audit_advises_what_has_to_be_said_of_names_before_the_command_that_then_works",
    ),
    (
        "{file}: 1 entry is about rows; add --data to check it",
        "known_drift_of_rows_stays_while_nobody_looks_at_rows",
    ),
    (
        "{file}: {more} entries are about rows; add --data to check them",
        "known_drift_of_rows_stays_while_nobody_looks_at_rows",
    ),
    (
        "the migrations produce no {what} like this: remove the entry; what only a database has is known drift",
        "what_only_a_database_has_is_known_drift_and_no_deviation",
    ),
    (
        "`planctl audit --sql --allow-destructive` prints the script that closes this",
        "the_hints_of_an_audit_after_a_change_by_hand_end_it_and_keep_the_rows",
    ),
    (
        "`planctl audit --sql` prints the script that closes this",
        "the_hints_of_an_audit_after_a_change_by_hand_end_it_and_keep_the_rows",
    ),
    (
        "to keep a change, put it into the spec and run `planctl migrate adopt NAME`",
        "what_was_changed_by_hand_is_adopted_and_other_databases_follow",
    ),
    (
        "`planctl migrate adopt NAME` turns it into a migration; `planctl schema diff {} {} --sql{}` prints the script",
        "what_was_changed_by_hand_is_put_back_and_the_migrations_left_it_so",
    ),
    (
        "`planctl migrate baseline --to V --force` records the versions that it has, whatever differs; adopt after that",
        "nothing_is_adopted_halfway",
    ),
    (
        "keep the number of the one that was applied anywhere: `planctl migrate renumber {}` gives this one the next",
        "both_messages_about_two_branches_name_the_command_that_ends_them",
    ),
    (
        "`planctl migrate renumber {}` gives it the next version, with its down and its tests; or revert the newer ones",
        "both_messages_about_two_branches_name_the_command_that_ends_them",
    ),
    (
        "`planctl migrate renumber {}` renames the other one",
        "both_messages_about_two_branches_name_the_command_that_ends_them",
    ),
    (
        "it keeps its version; revert it first with `planctl migrate down`, if it is to come last",
        "what_is_applied_or_no_migration_keeps_its_name",
    ),
    (
        "{before}, run `planctl migrate up --to {version}` there, and come back",
        "a_database_that_has_only_some_of_it_is_told_what_to_do_first",
    ),
    (
        "{before}: `planctl migrate status` says there what to do about it",
        "a_database_that_has_only_some_of_it_is_told_what_to_do_first",
    ),
    (
        "{before}: `planctl migrate status` says there what differs",
        "a_database_that_has_only_some_of_it_is_told_what_to_do_first",
    ),
    (
        "next: write the schema in {}, then run `planctl migrate generate NAME` and `planctl migrate up`",
        "from_nothing_all_is_green_and_the_first_migration_can_be_generated",
    ),
    (
        "-- The schema as it should be, in CREATE statements. `planctl migrate generate NAME` writes the migration",
        "from_nothing_all_is_green_and_the_first_migration_can_be_generated",
    ),
    (
        "next: `planctl check`, and `planctl audit` for the database",
        "from_any_database_check_audit_and_status_are_green_at_once",
    ),
    (
        "next: `planctl migrate import {dir}{db}` converts the migrations of {title} and writes them to {}",
        "where_another_tool_has_its_migrations_the_next_command_takes_them_over",
    ),
];

/// What names an option and advises nothing: a message, a heading, what a file says of how it was made.
pub(crate) const NO_ADVICE: &[&str] = &[
    " --from {}",
    "no database was started: {} cannot be read or may not be migrated (--max-failures {failures})",
    "{others} (--max-failures {})",
    "--history-table is a table of a database, and none is named",
    "-- Written by `planctl migrate squash` in the place of {} migrations, and proven: the same schema, the same rows.",
    "Run it with wrangler: wrangler d1 execute DATABASE --file FILE",
    "D1 always enforces foreign keys, and libSQL and rqlite servers may, also while a migration runs.",
    "Databases to work on at the same time (flag: --jobs)",
    "Databases that go first, one by one (flag: --canary)",
    "How many may fail before no further one starts",
    "--db names one database, and a fleet is many",
    "# Settings of planctl. Paths start from this folder; `planctl --help` has all settings.",
    " --db {}",
    "Liquibase has files that begin with `--liquibase formatted sql`",
    "does not begin with `--liquibase formatted sql`",
    "names are those of the spec, with the renames of the ledger (--deviations)",
    "# Database schema",
    "--{name} is 0",
    "# Known drift: findings of `planctl audit`",
    "--escape-formulas is about --format csv",
    "{} (environment: {}, flag: --{})",
    "there is no command `planctl {}`",
    "Lowest severity that gives exit status 1 (flag: --fail-on)",
    "the default of --{name}",
    "the value of --{} is empty",
    "A page that `planctl schema docs` wrote is up to date",
    "A file that `planctl schema models` wrote is up to date",
    "{COMMAND}--lang {} --names {}",
    " --deviations {}",
    "-- planctl:allow destructive-statement generated with --allow-destructive",
];
