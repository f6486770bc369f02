//! The history that another tool keeps in a database, taken over with its folder.

use super::*;

/// A tool, the files of three migrations, and its table in its own form, with the first two of them applied.
struct Theirs {
    tool: &'static str,
    files: &'static [(&'static str, &'static str)],
    history: &'static str,
    /// What makes of the history one of a migration that broke off, or has a gap, and what is told then.
    broken: &'static [(&'static str, &'static str)],
    versions: [i64; 3],
}

const A: &str = "CREATE TABLE a(id INTEGER PRIMARY KEY, x TEXT)";
const B: &str = "CREATE TABLE b(x)";

const THEIRS: [Theirs; 14] = [
    Theirs {
        tool: "sqlx",
        files: &[("1_a.sql", "A;"), ("20_b.sql", "B;"), ("300_c.sql", "C;")],
        history: "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
             installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
             checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
             INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (1, 'a', TRUE, x'00', 7), (20, 'b', TRUE, x'01', -1)",
        broken: &[
            ("UPDATE _sqlx_migrations SET success = FALSE WHERE version = 20", "migration 20 did not come to its end"),
            ("DELETE FROM _sqlx_migrations WHERE version = 1", "has migration 20, but not 1"),
            ("UPDATE _sqlx_migrations SET version = 21 WHERE version = 20", "has migration 21, which is not in the folder"),
        ],
        versions: [1, 20, 300],
    },
    Theirs {
        tool: "diesel",
        files: &[
            ("2024-01-01-000000_a/up.sql", "A;"),
            ("2024-01-01-000000_a/down.sql", "DROP TABLE a;"),
            ("2024-01-02-000000_b/up.sql", "B;"),
            ("2024-01-02-000000_b/down.sql", "DROP TABLE b;"),
            ("2024-01-03-000000_c/up.sql", "C;"),
            ("2024-01-03-000000_c/down.sql", "DROP TABLE c;"),
        ],
        history: "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
             INSERT INTO __diesel_schema_migrations (version) VALUES ('20240102000000'), ('20240101000000')",
        broken: &[(
            "DELETE FROM __diesel_schema_migrations WHERE version = '20240101000000'",
            "has migration 20240102000000, but not 20240101000000",
        )],
        versions: [20_240_101_000_000, 20_240_102_000_000, 20_240_103_000_000],
    },
    Theirs {
        tool: "golang-migrate",
        files: &[
            ("0001_a.up.sql", "A;"),
            ("0001_a.down.sql", "DROP TABLE a;"),
            ("0002_b.up.sql", "B;"),
            ("0002_b.down.sql", "DROP TABLE b;"),
            ("0003_c.up.sql", "C;"),
            ("0003_c.down.sql", "DROP TABLE c;"),
        ],
        history: "CREATE TABLE schema_migrations (version uint64,dirty bool);
             CREATE UNIQUE INDEX version_unique ON schema_migrations (version);
             INSERT INTO schema_migrations (version, dirty) VALUES (2, 0)",
        broken: &[
            ("UPDATE schema_migrations SET dirty = 1", "the up of migration 2 did not come to its end, or the down of 3"),
            ("UPDATE schema_migrations SET dirty = 1", "with `migrate force V`; import after that"),
            (
                "UPDATE schema_migrations SET dirty = 1, version = 3",
                "says that migration 3 did not come to its end",
            ),
            (
                "UPDATE schema_migrations SET dirty = 1, version = -1",
                "the down of migration 1, the first, did not come to its end",
            ),
            ("UPDATE schema_migrations SET version = 9", "has migration 9, which is not in the folder"),
        ],
        versions: [1, 2, 3],
    },
    Theirs {
        tool: "goose",
        files: &[
            ("00001_a.sql", "-- +goose Up\nA;\n-- +goose Down\nDROP TABLE a;"),
            ("00002_b.sql", "-- +goose Up\nB;\n-- +goose Down\nDROP TABLE b;"),
            ("00003_c.sql", "-- +goose Up\nC;\n-- +goose Down\nDROP TABLE c;"),
        ],
        // The third was applied and taken back.
        history: "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
             is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')));
             INSERT INTO goose_db_version (version_id, is_applied)
             VALUES (0, 1), (1, 1), (2, 1), (3, 1), (3, 0)",
        broken: &[("INSERT INTO goose_db_version (version_id, is_applied) VALUES (1, 0)", "has migration 2, but not 1")],
        versions: [1, 2, 3],
    },
    Theirs {
        tool: "dbmate",
        files: &[
            ("20240101000000_a.sql", "-- migrate:up\nA;\n-- migrate:down\nDROP TABLE a;"),
            ("20240102000000_b.sql", "-- migrate:up\nB;\n-- migrate:down\nDROP TABLE b;"),
            ("20240103000000_c.sql", "-- migrate:up\nC;\n-- migrate:down\nDROP TABLE c;"),
        ],
        history: "CREATE TABLE \"schema_migrations\" (version varchar(128) primary key);
             INSERT INTO \"schema_migrations\" (version) VALUES ('20240101000000'), ('20240102000000')",
        broken: &[(
            "UPDATE schema_migrations SET version = '20240103000000' WHERE version = '20240102000000'",
            "apply 20240102000000 with dbmate, or give it a number after the others",
        )],
        versions: [20_240_101_000_000, 20_240_102_000_000, 20_240_103_000_000],
    },
    Theirs {
        tool: "drizzle",
        files: &[
            (
                "meta/_journal.json",
                r#"{"version":"7","dialect":"sqlite","entries":[
                    {"idx":0,"version":"6","when":1704067200000,"tag":"0000_a","breakpoints":true},
                    {"idx":1,"version":"6","when":1704153600000,"tag":"0001_b","breakpoints":true},
                    {"idx":2,"version":"6","when":1704240000000,"tag":"0002_c","breakpoints":true}]}"#,
            ),
            ("0000_a.sql", "A;"),
            ("0001_b.sql", "B;"),
            ("0002_c.sql", "C;"),
        ],
        history: "CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);
             INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 1704067200000), ('y', 1704153600000)",
        broken: &[("DELETE FROM __drizzle_migrations WHERE hash = 'x'", "but not 1704067200000")],
        versions: [1, 2, 3],
    },
    Theirs {
        tool: "drizzle",
        files: &[
            ("20240101000000_a/migration.sql", "A;"),
            ("20240101000000_a/snapshot.json", "{}"),
            ("20240102000000_b/migration.sql", "B;"),
            ("20240102000000_b/snapshot.json", "{}"),
            ("20240103000000_c/migration.sql", "C;"),
            ("20240103000000_c/snapshot.json", "{}"),
        ],
        history: "CREATE TABLE __drizzle_migrations (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric,
             name text, applied_at TEXT);
             INSERT INTO __drizzle_migrations (hash, created_at, name)
             VALUES ('x', 1704067200000, '20240101000000_a'), ('y', 1704153600000, '20240102000000_b')",
        broken: &[("DELETE FROM __drizzle_migrations WHERE hash = 'x'", "but not 20240101000000_a")],
        versions: [20_240_101_000_000, 20_240_102_000_000, 20_240_103_000_000],
    },
    Theirs {
        tool: "prisma",
        files: &[
            ("20240101000000_a/migration.sql", "A;"),
            ("20240102000000_b/migration.sql", "B;"),
            ("20240103000000_c/migration.sql", "C;"),
            ("migration_lock.toml", "provider = \"sqlite\"\n"),
        ],
        // The second broke off once, and was resolved as rolled back.
        history: "CREATE TABLE \"_prisma_migrations\" (\"id\" TEXT PRIMARY KEY NOT NULL, \"checksum\" TEXT NOT NULL,
             \"finished_at\" DATETIME, \"migration_name\" TEXT NOT NULL, \"logs\" TEXT, \"rolled_back_at\" DATETIME,
             \"started_at\" DATETIME NOT NULL DEFAULT current_timestamp,
             \"applied_steps_count\" INTEGER UNSIGNED NOT NULL DEFAULT 0);
             INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, rolled_back_at) VALUES
             ('1', 'x', 1704067200000, '20240101000000_a', NULL), ('2', 'y', NULL, '20240102000000_b', 1704067200001),
             ('3', 'y', '2024-01-01T00:00:00.002+00:00', '20240102000000_b', NULL)",
        broken: &[(
            "UPDATE _prisma_migrations SET finished_at = NULL WHERE id = '3'",
            "`prisma migrate resolve --applied` or `--rolled-back`; import after that",
        )],
        versions: [20_240_101_000_000, 20_240_102_000_000, 20_240_103_000_000],
    },
    Theirs {
        tool: "flyway",
        files: &[("V1.0__a.sql", "A;"), ("V1_1__b.sql", "B;"), ("V1.10__c.sql", "C;")],
        // What was there at first is a baseline; the third was applied and undone.
        history: "CREATE TABLE \"flyway_schema_history\" (\"installed_rank\" INT NOT NULL PRIMARY KEY,
             \"version\" VARCHAR(50), \"description\" VARCHAR(200) NOT NULL, \"type\" VARCHAR(20) NOT NULL,
             \"script\" VARCHAR(1000) NOT NULL, \"checksum\" INT, \"installed_by\" VARCHAR(100) NOT NULL,
             \"installed_on\" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')),
             \"execution_time\" INT NOT NULL, \"success\" BOOLEAN NOT NULL);
             CREATE INDEX \"flyway_schema_history_s_idx\" ON \"flyway_schema_history\" (\"success\");
             INSERT INTO flyway_schema_history
             (installed_rank, version, description, type, script, installed_by, execution_time, success) VALUES
             (1, '1', '<< Flyway Baseline >>', 'BASELINE', '', 'me', 0, 1), (2, '1.1', 'b', 'SQL', '', 'me', 1, 1),
             (3, '1.10', 'c', 'SQL', '', 'me', 1, 1), (4, '1.10', 'c', 'UNDO_SQL', '', 'me', 1, 1)",
        broken: &[("UPDATE flyway_schema_history SET success = 0 WHERE installed_rank = 2", "`flyway repair`")],
        versions: [1, 2, 3],
    },
    Theirs {
        tool: "atlas",
        files: &[
            ("20240101000000_a.sql", "A;"),
            ("20240102000000_b.sql", "B;"),
            ("20240103000000_c.sql", "C;"),
            ("atlas.sum", "h1:x\n"),
        ],
        history: "CREATE TABLE `atlas_schema_revisions` (`version` text NOT NULL, `description` text NOT NULL,
             `type` integer NOT NULL DEFAULT 2, `applied` integer NOT NULL DEFAULT 0,
             `total` integer NOT NULL DEFAULT 0, `executed_at` datetime NOT NULL, `execution_time` integer NOT NULL,
             `error` text NULL, `error_stmt` text NULL, `hash` text NOT NULL, `partial_hashes` json NULL,
             `operator_version` text NOT NULL, PRIMARY KEY (`version`));
             INSERT INTO atlas_schema_revisions
             (version, description, type, applied, total, executed_at, execution_time, hash, operator_version) VALUES
             ('.atlas_cloud_identifier', 'x', 0, 0, 0, '', 0, '', ''), ('20240101000000', 'a', 1, 0, 0, '', 0, '', ''),
             ('20240102000000', 'b', 2, 1, 1, '', 0, '', '')",
        broken: &[(
            "UPDATE atlas_schema_revisions SET applied = 0, error = 'no' WHERE type = 2",
            "migration 20240102000000 did not come to its end",
        )],
        versions: [20_240_101_000_000, 20_240_102_000_000, 20_240_103_000_000],
    },
    Theirs {
        tool: "liquibase",
        files: &[(
            "changelog.sql",
            "--liquibase formatted sql\n--changeset me:1\nA;\n--changeset me:2\nB;\n--changeset me:3\nC;",
        )],
        history: "CREATE TABLE DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL,
             FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED TEXT NOT NULL, ORDEREXECUTED INTEGER NOT NULL,
             EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35), DESCRIPTION VARCHAR(255), COMMENTS VARCHAR(255),
             TAG VARCHAR(255), LIQUIBASE VARCHAR(20), CONTEXTS VARCHAR(255), LABELS VARCHAR(255),
             DEPLOYMENT_ID VARCHAR(10));
             CREATE TABLE DATABASECHANGELOGLOCK (ID INTEGER NOT NULL, LOCKED BOOLEAN NOT NULL, LOCKGRANTED TEXT,
             LOCKEDBY VARCHAR(255), CONSTRAINT PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID));
             INSERT INTO DATABASECHANGELOGLOCK VALUES (1, 0, NULL, NULL);
             INSERT INTO DATABASECHANGELOG (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, EXECTYPE) VALUES
             ('1', 'me', 'db/changelog.sql', '', 1, 'MARK_RAN'), ('2', 'me', 'db/changelog.sql', '', 2, 'EXECUTED')",
        broken: &[("UPDATE DATABASECHANGELOG SET EXECTYPE = 'FAILED' WHERE ID = 2", "migration db/changelog.sql::2::me did not come to its end")],
        versions: [1, 2, 3],
    },
    Theirs {
        tool: "rusqlite-migration",
        files: &[("1-a/up.sql", "A;"), ("2-b/up.sql", "B;"), ("3-c/up.sql", "C;")],
        history: "PRAGMA user_version = 2",
        broken: &[("PRAGMA user_version = 4", "has migration 4, which is not in the folder")],
        versions: [1, 2, 3],
    },
    Theirs {
        tool: "sql-migrate",
        files: &[
            ("1-a.sql", "-- +migrate Up\nA;\n-- +migrate Down\nDROP TABLE a;\n"),
            ("2-b.sql", "-- +migrate Down\nDROP TABLE b;\n-- +migrate Up\nB;\n"),
            ("10-c.sql", "-- +migrate Up notransaction\nC;\n"),
        ],
        history: "CREATE TABLE \"gorp_migrations\" (\"id\" varchar(255) not null primary key, \"applied_at\" datetime);
             INSERT INTO gorp_migrations VALUES ('1-a.sql', '2026-01-01 00:00:00+00:00'), ('2-b.sql', NULL)",
        broken: &[
            ("DELETE FROM gorp_migrations WHERE id = '1-a.sql'", "has migration 2-b.sql, but not 1-a.sql"),
            ("INSERT INTO gorp_migrations VALUES ('3.sql', NULL)", "has migration 3.sql, which is not in the folder"),
        ],
        versions: [1, 2, 10],
    },
    Theirs {
        tool: "wrangler",
        files: &[("0001_a.sql", "A;"), ("0002_b.sql", "B;"), ("0003_c.sql", "C;")],
        history: "CREATE TABLE d1_migrations(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,
             applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL);
             CREATE TABLE _cf_METADATA (key INTEGER PRIMARY KEY, value BLOB);
             INSERT INTO d1_migrations (name) VALUES ('0001_a.sql'), ('0002_b.sql')",
        broken: &[("DELETE FROM d1_migrations WHERE id = 1", "has migration 0002_b.sql, but not 0001_a.sql")],
        versions: [1, 2, 3],
    },
];

impl Theirs {
    /// The folder, and the database as the tool left it.
    fn project(&self) -> Project {
        let project = Project::new();
        for (name, text) in self.files {
            let text = text.replace("A;", &format!("{A};")).replace("B;", &format!("{B};"));
            let text = text.replace("C;", "CREATE TABLE c(x);");
            project.theirs([(*name, text.as_str())]);
        }
        project.sql(&format!("{A}; {B}; INSERT INTO a VALUES (1, 'kept'); {}", self.history));
        project
    }

    fn args(&self, more: &[&'static str]) -> Vec<&'static str> {
        [&["--db", "planctl.db", "migrate", "import", "theirs", "--from", self.tool], more].concat()
    }
}

/// That nothing was written, neither files nor rows.
fn untouched(project: &Project) {
    assert!(harness::entries(&project.path("migrations")).is_empty());
    assert_eq!(project.column("SELECT name FROM sqlite_schema WHERE name LIKE 'refinery%'"), [] as [&str; 0]);
}

#[test]
fn the_history_of_a_tool_is_taken_over_and_up_applies_just_the_rest() {
    for theirs in &THEIRS {
        let (project, [first, second, third]) = (theirs.project(), theirs.versions);
        let before = schema(&project.conn());
        let report = project.json(0, &theirs.args(&[]));
        let recorded: Vec<i64> = report["recorded"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["version"].as_i64().unwrap())
            .collect();
        assert_eq!(recorded, [first, second], "{}", theirs.tool);
        assert_eq!((&report["applied"], &report["written"]), (&second.into(), &true.into()), "{report}");
        assert_eq!(schema(&project.conn()), before, "nothing of {} is changed", theirs.tool);
        // Once more, and on a database that has gone on: nothing.
        let again = stdout(&project.expect(0, &theirs.args(&[]))).to_owned();
        assert!(again.contains("nothing to record"), "{again}");
        let up = project.json(0, &["migrate", "up"]);
        let done = up["migrations"].as_array().unwrap();
        assert_eq!(done.iter().map(|one| &one["version"]).collect::<Vec<_>>(), [third], "{}", theirs.tool);
        project.expect(0, &["migrate", "status", "--check"]);
        project.expect(0, &theirs.args(&[]));
        assert_eq!(project.column("SELECT x FROM a"), ["kept"]);
        // What was taken over is compared again, as it is now.
        project.sql("CREATE TABLE by_hand(x)");
        project.expect(1, &[&["--migrations", "other"][..], &theirs.args(&[])].concat());
        assert!(!project.path("other").exists());
    }
}

#[test]
fn a_history_that_is_not_the_beginning_of_the_chain_is_refused_with_what_to_do() {
    for theirs in &THEIRS {
        for (breaks, told) in theirs.broken {
            let project = theirs.project();
            project.sql(breaks);
            let said = stderr(&project.expect(2, &theirs.args(&[])));
            assert!(said.contains(told) && said.contains("help: "), "{}: {said}", theirs.tool);
            untouched(&project);
        }
    }
}

#[test]
fn a_schema_that_differs_is_the_report_and_nothing_is_written() {
    for theirs in &THEIRS {
        let project = theirs.project();
        project.sql("ALTER TABLE a ADD COLUMN by_hand INTEGER; CREATE INDEX b_x ON b(x)");
        let report = project.json(1, &theirs.args(&[]));
        let rules: Vec<&str> =
            report["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
        assert_eq!(rules, ["extra-column", "extra-index"], "{}: {report}", theirs.tool);
        assert_eq!((&report["written"], &report["recorded"]), (&false.into(), &serde_json::json!([])));
        untouched(&project);
        let said = stdout(&project.expect(1, &theirs.args(&[]))).to_owned();
        assert!(said.contains("nothing was written"), "{said}");
        // What it advises.
        let baseline = format!("migrate baseline --to {} --force", theirs.versions[1]);
        assert!(said.contains(&format!("`planctl --db planctl.db {baseline}`")), "{said}");
        project.import(&["--from", theirs.tool]);
        project.expect(0, &baseline.split(' ').collect::<Vec<_>>());
        assert_eq!(project.json(0, &["migrate", "up"])["after"], theirs.versions[2]);
    }
}

#[test]
fn a_database_is_touched_when_it_is_named_and_has_a_history_of_that_tool() {
    let [sqlx, _, migrate, ..] = &THEIRS;
    // Without --db, a database that lies where one is looked for is left alone.
    let project = sqlx.project();
    let report = project.import(&[]);
    assert_eq!((&report["database"], &report["applied"]), (&Value::Null, &Value::Null));
    assert_eq!(project.column("SELECT name FROM sqlite_schema WHERE name LIKE 'refinery%'"), [] as [&str; 0]);
    // A folder that looks like golang-migrate's, and a history of sqlx.
    let project = migrate.project();
    project.sql(&format!("DROP TABLE schema_migrations; {}", sqlx.history.replace("20", "2")));
    let said = stderr(&project.expect(2, &migrate.args(&[])));
    assert!(
        said.contains("no history of golang-migrate") && said.contains("say so with --from sqlx"),
        "{said}"
    );
    untouched(&project);
    project.expect(0, &sqlx.args(&[]));
    // No history at all; one that is empty.
    let project = sqlx.project();
    project.sql("DROP TABLE _sqlx_migrations");
    let said = stderr(&project.expect(2, &sqlx.args(&[])));
    assert!(said.contains("leave out --db"), "{said}");
    let project = sqlx.project();
    project.sql("DELETE FROM _sqlx_migrations");
    let said = stdout(&project.expect(0, &sqlx.args(&[]))).to_owned();
    assert!(said.contains("the history of sqlx in planctl.db has no migration"), "{said}");
    assert_eq!(project.column("SELECT name FROM sqlite_schema WHERE name LIKE 'refinery%'"), [] as [&str; 0]);
    let said = stderr(&project.expect(2, &["--db", "nowhere.db", "migrate", "import", "theirs"]));
    assert!(said.contains("nowhere.db"), "{said}");
}

#[test]
fn files_whose_versions_cannot_be_recorded_are_not_left() {
    let project = THEIRS[0].project();
    let other = project.conn();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let said = stderr(&project.expect(2, &THEIRS[0].args(&["--lock-timeout", "100ms"])));
    assert!(said.contains("lock"), "{said}");
    other.execute_batch("ROLLBACK").unwrap();
    untouched(&project);
    project.expect(0, &THEIRS[0].args(&[]));
}

#[test]
fn a_history_table_of_another_name_is_taken_over_once_it_is_named() {
    let [.., golang_migrate, goose] = &THEIRS[..4] else { unreachable!() };
    for (theirs, table) in [(golang_migrate, "schema_migrations"), (goose, "goose_db_version")] {
        let project = theirs.project();
        project.sql(&format!("ALTER TABLE {table} RENAME TO \"their versions\""));
        let said = stderr(&project.expect(2, &theirs.args(&[])));
        assert!(said.contains("add --history-table 'their versions'"), "{said}");
        untouched(&project);
        let said = stderr(&project.expect(2, &theirs.args(&["--history-table", "a"])));
        assert!(
            said.contains("there is no table a as") && said.contains("has the columns version"),
            "{said}"
        );
        let named = theirs.args(&["--history-table", "their versions"]);
        let said = stdout(&project.expect(0, &named)).to_owned();
        let ignore = "ignore = [\"their versions\"]";
        assert!(said.contains("2 versions recorded") && said.contains(ignore), "{said}");
        // What it advises.
        harness::write(&project.path(""), "planctl.toml", format!("[audit]\n{ignore}\n"));
        let again = stdout(&project.expect(0, &named)).to_owned();
        assert!(!again.contains("ignore ="), "{again}");
        project.expect(0, &["migrate", "up"]);
        project.expect(0, &["migrate", "status", "--check"]);
        assert_eq!(project.column("SELECT x FROM a"), ["kept"]);
    }
    let counts = THEIRS.iter().find(|theirs| theirs.tool == "rusqlite-migration").unwrap();
    let project = counts.project();
    let said = stderr(&project.expect(2, &counts.args(&["--history-table", "x"])));
    assert!(said.contains("PRAGMA user_version") && said.contains("leave out --history-table"), "{said}");
    let said = stderr(&project.expect(2, &["migrate", "import", "theirs", "--history-table", "x"]));
    assert!(said.contains("name the database with --db"), "{said}");
}
