//! `planctl init`: from nothing, from a database, and where other migrations are already.

use serde_json::json;

use crate::harness::{self, Project, write};

/// Everything that says how a project stands.
fn all_green(project: &Project, db: bool) {
    project.ok(&["check"]);
    if db {
        project.ok(&["audit"]);
        project.ok(&["migrate", "status", "--check"]);
    }
}

#[test]
fn from_nothing_all_is_green_and_the_first_migration_can_be_generated() {
    let project = Project::empty();
    let (said, status) = project.json(&["init"]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(said["created"], json!(["planctl.toml", "spec/ddl.sql", "migrations/.gitkeep"]));
    all_green(&project, false);
    let before = project.picture();
    let again = project.run(&["init"]);
    assert_eq!(again.status, 2);
    assert!(again.stderr.contains("planctl.toml exists already"), "{}", again.stderr);
    before.assert_same(&project.picture(), "init once more");
    project.write("spec/ddl.sql", "CREATE TABLE plans (id INTEGER PRIMARY KEY, title TEXT NOT NULL);\n");
    project.ok(&["migrate", "generate", "plans"]);
    project.ok(&["migrate", "up"]);
    all_green(&project, true);
}

#[test]
fn beside_a_database_that_nobody_named_it_asks_which_one_is_meant() {
    let project = Project::empty();
    project.write("notes.db", "no database");
    project.ok(&["--db", "app.db", "init"]);
    assert!(project.path("planctl.toml").exists());

    let project = Project::empty();
    let app = rusqlite::Connection::open(project.path("app.db")).unwrap();
    app.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY)").unwrap();
    drop(app);
    project.write("notes.db", "no database");
    let before = project.picture();
    let run = project.run(&["init"]);
    assert_eq!(run.status, 2);
    assert_eq!(
        run.stderr,
        "error: app.db is here: which database is this project for?\n \
         = help: `planctl init --db app.db` starts from it; `planctl init --db planctl.db` starts empty\n"
    );
    before.assert_same(&project.picture(), "nobody said which one");
    project.ok(&["init", "--db", "app.db"]);
    all_green(&project, true);
}

#[test]
fn without_migrations_nothing_is_made_and_the_specification_is_read_first() {
    let project = Project::empty();
    project.ok(&["init"]);
    let run = project.ok(&["migrate", "up"]);
    assert_eq!(run.stdout, "nothing to apply: migrations holds no migrations; planctl.db was not created\n");
    assert!(!project.path("planctl.db").exists());
    project.write("spec/ddl.sql", "CREATE TABLE t (id INTEGER,);\n");
    let run = project.run(&["check"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("spec/ddl.sql:1:"), "{}", run.stderr);
    project.write("spec/ddl.sql", "CREATE TABLE t (id INTEGER);\n");
    let run = project.run(&["check"]);
    assert!(
        run.status == 2
            && run.stderr.contains("`planctl migrate generate NAME` writes the first from spec/ddl.sql"),
        "{}",
        run.stderr
    );
}

/// Law: a database of any application becomes a project in one command, and keeps its schema and its rows.
#[test]
fn from_any_database_check_audit_and_status_are_green_at_once() {
    let Some(schemas) = harness::shared("corpus/schemas") else { return };
    let mut count = 0;
    for file in harness::entries(&schemas).iter().filter(|file| file.extension().is_some_and(|e| e == "sql"))
    {
        let project = Project::empty();
        let conn = project.open();
        if conn.execute_batch(&std::fs::read_to_string(file).unwrap()).is_err() {
            continue;
        }
        let schema = || -> Vec<String> {
            let sql = "SELECT coalesce(sql, '') FROM sqlite_schema
                       WHERE tbl_name NOT IN ('refinery_schema_history', 'planctl_migrations') ORDER BY 1";
            conn.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let before = schema();
        project.ok(&["init"]);
        all_green(&project, true);
        assert_eq!(schema(), before, "{}", file.display());
        count += 1;
    }
    assert!(count > 15, "{count}");
}

#[test]
fn settings_of_the_file_and_numbers_of_the_application_are_taken_over() {
    let project = Project::empty();
    write(project.dir.path(), "sub/.keep", "");
    let conn = rusqlite::Connection::open(project.path("shop.db")).unwrap();
    conn.execute_batch(
        "PRAGMA encoding = 'UTF-16le'; PRAGMA auto_vacuum = 2; PRAGMA journal_mode = wal; PRAGMA user_version = 7;
         CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); INSERT INTO t VALUES (1, 'x');
         CREATE VIEW v AS SELECT low(b) FROM t",
    )
    .unwrap();
    let said = project.ok(&["init", "--db", "shop.db", "--migrations", "db/steps", "--spec", "db/ddl.sql"]);
    assert!(said.stdout.contains("recorded as applied: shop.db is at version 1"), "{}", said.stdout);
    all_green(&project, true);
    assert_eq!(conn.query_row("SELECT b FROM t", [], |row| row.get::<_, String>(0)).unwrap(), "x");
    // What it recorded takes the first migration back, once that is wanted.
    assert_eq!(project.run(&["migrate", "down"]).status, 2);
    project.ok(&["migrate", "down", "--allow-destructive"]);
    project.ok(&["migrate", "up"]);
    all_green(&project, true);
}

/// Law: where something is in the way, nothing is written, and no folder is left.
#[test]
fn whatever_is_in_the_way_is_named_and_then_nothing_is_written() {
    let table = "CREATE TABLE t (a);";
    let cases: [(&[&str], &str, &[&str], &str); 8] = [
        (&["spec/ddl.sql"], table, &[], "spec/ddl.sql exists already"),
        (
            &["migrations/1_a.up.sql"],
            table,
            &["--migrations", "migrations"],
            "holds migrations of golang-migrate",
        ),
        (&["migrations/V1__a.down.sql"], table, &[], "has no up file"),
        (&["migrations/V1_a.sql"], table, &[], "has no `__` between"),
        (
            &[],
            "CREATE TABLE t (a, CHECK (low(a) = a));",
            &[],
            "t calls low(), which is not a SQLite function",
        ),
        (&[], "CREATE TABLE t (a); CREATE VIEW v AS SELECT b FROM t;", &[], "view v does not compile"),
        // No migration that leaves it would be committed, whoever writes it: that advice led nowhere.
        (
            &[],
            "CREATE TABLE p (a); CREATE TABLE c (x REFERENCES p (a));",
            &[],
            "c: foreign key mismatch - \"c\" referencing \"p\"\n = help: the columns that a foreign key refers to need",
        ),
        (&[], table, &["--db", "sqlite:planctl.db?mode=ro"], "for reading only"),
    ];
    for (files, sql, args, message) in cases {
        let project = Project::empty();
        files.iter().for_each(|file| project.write(file, "CREATE TABLE t (a);\n"));
        let conn = project.open();
        conn.create_scalar_function(
            "low",
            1,
            rusqlite::functions::FunctionFlags::SQLITE_DETERMINISTIC,
            |_| Ok(1),
        )
        .unwrap();
        conn.execute_batch(sql).unwrap();
        drop(conn);
        let before = project.picture();
        let run = project.run(&[&["init"], args].concat());
        assert_eq!(run.status, 2, "{message}: {}", run.stdout);
        assert!(run.stderr.contains(message), "{message}: {}", run.stderr);
        before.assert_same(&project.picture(), message);
    }
    let project = Project::empty();
    project.write("planctl.toml", "");
    project.write("in/x", "");
    let run = harness::Run::of(&mut harness::planctl(&project.path("in"), &["init"]));
    assert!(run.stderr.contains("../planctl.toml exists already"), "{}", run.stderr);
}

/// Law: migrations that are there already stay what they are.
#[test]
fn migrations_that_are_there_are_kept_and_a_history_without_them_is_refused() {
    let project = Project::empty();
    project.write(
        "steps/V1__a.sql",
        "CREATE TABLE t (a);\nCREATE TABLE u (id INTEGER PRIMARY KEY, up REFERENCES u);\n",
    );
    project.ok(&["migrate", "up", "--migrations", "steps"]);
    let run = project.run(&["init"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("was migrated up to V1__a, and migrations has none of its migrations"));
    project.ok(&["init", "--migrations", "steps"]);
    all_green(&project, true);
}

/// Law: from the folder of another tool it is two commands to a green check, with its database or without.
#[test]
fn where_another_tool_has_its_migrations_the_next_command_takes_them_over() {
    let project = Project::empty();
    project.write(
        "db/migrations/20240101000000_t.sql",
        "-- migrate:up\nCREATE TABLE t (a);\n-- migrate:down\nDROP TABLE t;\n",
    );
    let said = project.ok(&["init"]);
    let next = "`planctl migrate import db/migrations` converts the migrations of dbmate and writes them to db/planctl";
    assert!(said.stdout.contains(next), "{}", said.stdout);
    project.ok(&["migrate", "import", "db/migrations"]);
    all_green(&project, false);

    let project = Project::empty();
    project.sql(
        "CREATE TABLE schema_migrations (version varchar(128) primary key); CREATE TABLE t (a);
         INSERT INTO schema_migrations VALUES ('20240101000000')",
    );
    project.write(
        "migrations/20240101000000_t.sql",
        "-- migrate:up\nCREATE TABLE t (a);\n-- migrate:down\nDROP TABLE t;\n",
    );
    project.write("migrations/20240102000000_u.sql", "-- migrate:up\nCREATE TABLE u (a);\n");
    let (said, _) = project.json(&["init"]);
    assert_eq!((&said["tool"], &said["ignored"]), (&json!("dbmate"), &json!(["schema_migrations"])));
    project.ok(&["migrate", "import", "migrations", "--db", "planctl.db"]);
    project.ok(&["check"]);
    // Not all of it was applied.
    assert_eq!(project.run(&["audit"]).status, 1);
    project.ok(&["migrate", "up"]);
    all_green(&project, true);
}

/// Law: where Flyway has them, or its history is there, files that could be planctl's are Flyway's.
/// sqlx passes over a file without a number; the folder was then nobody's, and its files were told to be renamed.
#[test]
fn a_folder_is_that_of_the_tool_whose_history_the_database_has_whatever_else_lies_in_it() {
    let project = Project::empty();
    project.write("migrations/1_a.up.sql", "CREATE TABLE a(x);");
    project.write("migrations/1_a.down.sql", "DROP TABLE a;");
    project.write("migrations/schema.sql", "CREATE TABLE other(x);");
    project.sql(
        "CREATE TABLE a(x);
         CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
         checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
         INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (1, 'a', TRUE, x'00', 7)",
    );
    let said = project.ok(&["init"]).stdout;
    assert!(said.contains("`planctl migrate import migrations --from sqlx --db planctl.db`"), "{said}");
    project.ok(&["migrate", "import", "migrations", "--from", "sqlx", "--db", "planctl.db"]);
    all_green(&project, true);
}

#[test]
fn whole_numbers_of_flyway_are_its_own_where_its_place_or_its_history_says_so() {
    let history = "CREATE TABLE t (a);
        CREATE TABLE flyway_schema_history (installed_rank INT NOT NULL PRIMARY KEY, version VARCHAR(50),
        description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, success BOOLEAN NOT NULL);
        INSERT INTO flyway_schema_history VALUES (1, '1', 't', 'SQL', 'V1__t.sql', 1)";
    let usual = "src/main/resources/db/migration";
    for (dir, file, with_database) in
        [(usual, "V1__t.sql", false), (usual, "2026/V1__t.sql", false), ("migrations", "V1__t.sql", true)]
    {
        let project = Project::empty();
        project.write(&format!("{dir}/{file}"), "CREATE TABLE t (a);\n");
        if with_database {
            project.sql(history);
        }
        let said = project.ok(&["init"]).stdout;
        let (_, next) = said.split_once("`planctl ").unwrap();
        let next: Vec<&str> = next.split('`').next().unwrap().split(' ').collect();
        assert!(next.starts_with(&["migrate", "import", dir, "--from", "flyway"]), "{said}");
        project.ok(&next);
        all_green(&project, with_database);
    }
    // Elsewhere, and without one, they are planctl's.
    let project = Project::empty();
    project.write("migrations/V1__t.sql", "CREATE TABLE t (a);\n");
    project.ok(&["init"]);
    all_green(&project, false);
}

/// The downs of applications that were taken over made `check` fail for good: nobody edits what is applied.
#[test]
fn a_project_that_was_taken_over_is_green_whatever_its_old_downs_leave() {
    let project = Project::empty();
    project.write("migrations/1_shops.up.sql", "CREATE TABLE shops (id INTEGER PRIMARY KEY);\n");
    project.write("migrations/1_shops.down.sql", "SELECT 1;\n");
    project.ok(&["init"]);
    project.ok(&["migrate", "import", "migrations"]);
    let run = project.ok(&["check"]);
    assert!(run.stdout.contains("0 migrations, 0 rows from version"), "{}", run.stdout);
    assert_eq!(project.run(&["migrate", "test"]).status, 1);
    // What comes now is tried.
    project.write("planctl/V2__name.sql", "ALTER TABLE shops ADD COLUMN name TEXT;\n");
    project.write("planctl/V2__name.down.sql", "UPDATE shops SET name = '' WHERE id = 0;\n");
    project.write("spec/ddl.sql", "CREATE TABLE shops (id INTEGER PRIMARY KEY, name TEXT);\n");
    let run = project.run(&["check"]);
    let said = run.stdout;
    assert_eq!(run.status, 1);
    assert!(
        said.contains("round-trip") && said.contains("V2__name") && !said.contains("V1__shops"),
        "{said}"
    );
}

/// Alembic, Knex, Rails and others have their migrations in code. planctl leaves their folder alone, takes the schema from
/// the database that they made, and does not take Rails for dbmate, whose table has the same name.
#[test]
fn where_migrations_are_code_the_database_is_where_it_starts() {
    for (file, history) in [
        ("migrations/env.py", "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);"),
        (
            "migrations/20240101_shops.js",
            "CREATE TABLE knex_migrations (id integer PRIMARY KEY, name, batch, migration_time);
             CREATE TABLE knex_migrations_lock (\"index\" integer PRIMARY KEY, is_locked integer);",
        ),
        (
            "db/migrate/20240101000000_shops.rb",
            "CREATE TABLE schema_migrations (version varchar NOT NULL PRIMARY KEY);
             CREATE TABLE ar_internal_metadata (key varchar NOT NULL PRIMARY KEY, value varchar);",
        ),
        (
            "priv/repo/migrations/20240101000000_shops.exs",
            "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, inserted_at TEXT);",
        ),
        (
            "migrations/1700000000000-shops.ts",
            "CREATE TABLE migrations (id integer PRIMARY KEY AUTOINCREMENT, timestamp bigint, name varchar);
             CREATE TABLE typeorm_metadata (type varchar NOT NULL, name varchar, value text);",
        ),
        (
            "migrations/2024_01_01_000000_shops.php",
            "CREATE TABLE migrations (id integer PRIMARY KEY AUTOINCREMENT, migration varchar, batch integer);",
        ),
        (
            "migrations/0001.shops.py",
            "CREATE TABLE _yoyo_migration (migration_hash VARCHAR(64) PRIMARY KEY, migration_id, applied_at_utc);
             CREATE TABLE _yoyo_log (id PRIMARY KEY); CREATE TABLE _yoyo_version (version INT PRIMARY KEY);
             CREATE TABLE yoyo_lock (locked INT DEFAULT 1, ctime, pid INT NOT NULL, PRIMARY KEY (locked));",
        ),
        (
            "Migrations/20240101000000_Shops.cs",
            "CREATE TABLE __EFMigrationsHistory (MigrationId TEXT PRIMARY KEY, ProductVersion TEXT NOT NULL);
             CREATE TABLE __EFMigrationsLock (Id INTEGER PRIMARY KEY, Timestamp TEXT NOT NULL);",
        ),
    ] {
        let project = Project::empty();
        let folder = project.path(file).parent().unwrap().to_owned();
        std::fs::create_dir_all(&folder).unwrap();
        project.write(file, "code");
        let app = rusqlite::Connection::open(project.path("app.db")).unwrap();
        app.execute_batch(history).unwrap();
        app.execute_batch("CREATE TABLE shops (id INTEGER PRIMARY KEY)").unwrap();
        drop(app);
        project.ok(&["init", "--db", "app.db"]);
        let spec = std::fs::read_to_string(project.path("spec/ddl.sql")).unwrap();
        assert_eq!(spec, "CREATE TABLE shops (\n    id INTEGER PRIMARY KEY\n);\n", "{file}");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "{file}: it stays as it was");
        all_green(&project, true);
        let folder = folder.to_str().unwrap();
        let run = project.run(&["migrate", "import", folder, "--migrations", "ours"]);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains(" are code: planctl converts only SQL"), "{}", run.stderr);
    }
}
