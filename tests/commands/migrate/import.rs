//! Folders of other tools: taken over, read without being taken over, and never run as they are.

mod history;

use super::*;
use crate::harness::stdout;

/// Files of a folder: name, and text.
type Files = BTreeMap<String, String>;

/// The chains of the corpus whose original files a tool reads that `import` knows.
const CHAINS: [(&str, &str); 9] = [
    ("atuin-ai", "sqlx"),
    ("atuin-client", "sqlx"),
    ("atuin-records", "sqlx"),
    ("atuin-scripts", "sqlx"),
    ("flipt", "golang-migrate"),
    ("matrix-sdk-event-cache-store", "sqlx"),
    ("pingvin-share", "prisma"),
    ("pocket-id", "golang-migrate"),
    ("vaultwarden", "diesel"),
];

/// The original files of a chain, by the map in its SOURCE.md, and the names of those that lead there, in order.
fn original(chain: &Path) -> (Files, Vec<String>) {
    let source = fs::read_to_string(chain.join("SOURCE.md")).unwrap();
    let root = source.lines().find_map(|line| line.strip_prefix("- path: `")).unwrap().trim_end_matches('`');
    let names: Vec<String> = harness::entries(chain)
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    let (mut files, mut ups) = (Files::new(), Vec::new());
    for line in source.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches(['|', ' ']).split(" | ").collect();
        let &[version, up, down] = cells.as_slice() else { continue };
        for (name, is_down) in [(up, false), (down, true)] {
            let Some(name) = name.strip_prefix(root).map(|name| name.trim_start_matches('/')) else {
                continue;
            };
            let is_it = |ours: &&String| {
                ours.starts_with(&format!("V{version}__")) && ours.ends_with(".down.sql") == is_down
            };
            let ours = names.iter().find(is_it).unwrap();
            files.insert(name.to_owned(), fs::read_to_string(chain.join(ours)).unwrap());
            if !is_down {
                ups.push(name.to_owned());
            }
        }
    }
    (files, ups)
}

impl Project {
    fn theirs<'f>(&self, files: impl IntoIterator<Item = (&'f str, &'f str)>) -> &Project {
        for (name, text) in files {
            harness::write(&self.path("theirs"), name, text);
        }
        self
    }

    fn import(&self, more: &[&str]) -> Value {
        self.json(0, &[&["migrate", "import", "theirs"], more].concat())
    }
}

/// The schema, whoever made it.
fn schema(conn: &Connection) -> Vec<String> {
    column(
        conn,
        "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema
         WHERE tbl_name NOT IN ('refinery_schema_history', 'planctl_migrations') ORDER BY 1",
    )
}

/// Law: a real folder, as its tool has it, becomes a chain that goes up to the schema that the original files make.
#[test]
fn real_folders_of_other_tools_go_up_to_the_schema_that_their_own_files_make() {
    let Some(chains) = harness::shared("corpus/chains") else { return };
    for (name, tool) in CHAINS {
        let (files, ups) = original(&chains.join(name));
        let project = Project::new();
        project.theirs(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let report = project.import(&[]);
        let known = if name == "atuin-scripts" { "golang-migrate" } else { tool };
        assert_eq!(
            (report["tool"].as_str(), report["migrations"].as_array().unwrap().len()),
            (Some(known), ups.len())
        );
        project.expect(0, &["migrate", "up"]);
        let theirs = Connection::open_in_memory().unwrap();
        theirs.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        for up in &ups {
            theirs.execute_batch(&files[up]).unwrap();
        }
        assert_eq!(schema(&project.conn()), schema(&theirs), "{name}");
        // A source without being imported: the same schema.
        let dump = |from: &str| stdout(&project.expect(0, &["schema", "dump", from])).to_owned();
        assert_eq!(dump("theirs"), dump("migrations"), "{name}");
        // Once more, and nothing is written.
        let before = harness::entries(&project.path("migrations"));
        project.import(&["--from", tool]);
        assert_eq!(harness::entries(&project.path("migrations")), before, "{name}");
    }
}

#[test]
fn another_tools_folder_is_never_run_as_it_is_and_the_advice_takes_it_over() {
    let project = Project::new();
    project.theirs([
        ("1_a.up.sql", "CREATE TABLE a(x);\nINSERT INTO a VALUES(1);\n"),
        ("1_a.down.sql", "DROP TABLE a;\n"),
    ]);
    for command in ["up", "down", "redo", "status", "test"] {
        let said = stderr(&project.expect(2, &["--migrations", "theirs", "migrate", command]));
        assert!(said.contains("theirs holds migrations of golang-migrate, not planctl's"), "{said}");
        assert!(said.contains("`planctl migrate import theirs --migrations planctl`"), "{said}");
    }
    assert!(!project.db().exists());
    project.expect(0, &["migrate", "import", "theirs", "--migrations", "planctl"]);
    project.expect(0, &["--migrations", "planctl", "migrate", "up"]);
    project.expect(0, &["--migrations", "planctl", "migrate", "down", DESTROY]);
    assert_eq!(project.column(TABLES), [] as [&str; 0]);
}

#[test]
fn a_folder_of_theirs_is_a_source_for_what_only_reads() {
    let project = Project::new();
    project.theirs([
        ("1_a.sql", "-- migrate:up\nCREATE TABLE a(x);\nCREATE TABLE b(x);\n-- migrate:down\nDROP TABLE b;\nDROP TABLE a;\n"),
        ("2_b.sql", "-- migrate:up\nDROP TABLE a;\n-- migrate:down\nCREATE TABLE a(x);\n"),
    ]);
    harness::write(&project.path(""), "spec.sql", "CREATE TABLE b(x);\n");
    project.expect(0, &["schema", "diff", "theirs", "spec.sql"]);
    project.expect(0, &["--migrations", "theirs", "--spec", "spec.sql", "audit", "--scratch"]);
    let said = project.json(1, &["--migrations", "theirs", "migrate", "lint"]);
    let finding = &said["findings"][0];
    assert_eq!(finding["rule"], "destructive-statement", "{said}");
    let at = &finding["spec"];
    assert!(at["file"].as_str().is_some_and(|file| file.ends_with("2_b.sql")) && at["line"] == 2, "{said}");
    assert_eq!(harness::entries(&project.path("theirs")).len(), 2);
}

#[test]
fn nothing_is_written_where_anything_is_in_the_way_or_does_not_run() {
    let project = Project::new();
    project.theirs([
        ("1_a.sql", "CREATE TABLE a(x);\n"),
        ("2_b.sql", "CREATE TABLE b(x);\nCREATE INDEX i ON c(x);\n"),
    ]);
    let refused = |told: &str| {
        let before = harness::entries(&project.path("migrations"));
        let said = stderr(&project.expect(2, &["migrate", "import", "theirs"]));
        assert!(said.contains(told), "{said}");
        assert_eq!(harness::entries(&project.path("migrations")), before);
    };
    refused("theirs/2_b.sql:2:");
    project.theirs([("2_b.sql", "CREATE TABLE b(x);\n")]).write("V1__a.sql", "CREATE TABLE other(x);\n");
    refused("is not what the import would write");
    assert_eq!(fs::read_to_string(project.path("migrations/V1__a.sql")).unwrap(), "CREATE TABLE other(x);\n");
    let said = stderr(&project.expect(2, &["--migrations", "theirs", "migrate", "import", "theirs"]));
    assert!(said.contains("--migrations planctl"), "{said}");
    project.expect(0, &["--migrations", "planctl", "migrate", "import", "theirs"]);
    // What is new there since then is not called different.
    project.theirs([("3_c.sql", "CREATE TABLE c(x);\n")]);
    let said = stderr(&project.expect(2, &["--migrations", "planctl", "migrate", "import", "theirs"]));
    assert!(said.contains("lacks planctl/V3__c.sql") && said.contains("migrate new`"), "{said}");
    project.expect(0, &["--migrations", "whole", "migrate", "import", "theirs"]);
    // Its own form is no other tool's, unless somebody says so.
    let said = stderr(&project.expect(2, &["--migrations", "x", "migrate", "import", "planctl"]));
    assert!(said.contains("--from"), "{said}");
    let said =
        stderr(&project.expect(2, &["--migrations", "x", "migrate", "import", "planctl", "--from", "goose"]));
    assert!(said.contains("--from names another tool"), "{said}");
    project.expect(0, &["--migrations", "x", "migrate", "import", "planctl", "--from", "flyway"]);
    let said = stderr(&project.expect(2, &["migrate", "import", "nowhere"]));
    assert!(said.contains("nowhere"), "{said}");
    project.expect(0, &["--migrations", "planctl", "migrate", "new", "c"]);
}

/// A down that is never told would be found when it is needed.
#[test]
fn downs_that_come_along_are_tried_and_what_does_not_lead_back_is_told() {
    let project = Project::new();
    project.theirs([
        ("1_a.up.sql", "CREATE TABLE a(x);\n"),
        ("1_a.down.sql", "DROP TABLE a;\n"),
        ("2_b.up.sql", "CREATE TABLE b(x);\nCREATE INDEX i ON b(x);\n"),
        ("2_b.down.sql", "DROP INDEX i;\n"),
        ("3_c.up.sql", "CREATE TABLE c(x);\n"),
        ("3_c.down.sql", "DROP TABLE cc;\n"),
    ]);
    let report = project.import(&[]);
    let stuck: Vec<(i64, &str)> = report["no_way_back"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["version"].as_i64().unwrap(), one["message"].as_str().unwrap()))
        .collect();
    assert!(matches!(stuck[..], [(2, _), (3, why)] if why.contains("cc")), "{report}");
    assert_eq!((&report["outcome"], &report["written"]), (&"clean".into(), &true.into()));
    let said = stdout(&project.expect(0, &["migrate", "import", "theirs"])).to_owned();
    assert!(said.contains("V2__b      fails") && said.contains("V1__a      yes"), "{said}");
    assert!(said.contains("2 downs do not lead back: `planctl migrate test` says why"), "{said}");
    let why = project.json(1, &["migrate", "test"]);
    let found: Vec<&str> = why["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["object"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(found, ["V2__b", "V3__c"], "{why}");
}

#[test]
fn what_flyway_runs_again_runs_once_behind_the_others_and_its_history_is_known() {
    let project = Project::new();
    project.theirs([
        ("V1__a.sql", "CREATE TABLE a(x);\n"),
        ("2026/V2__b.sql", "CREATE TABLE b(x);\n"),
        (
            "views/R__all.sql",
            "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT x FROM a UNION SELECT x FROM b;\n",
        ),
    ]);
    let said = stderr(&project.expect(2, &["--migrations", "theirs", "migrate", "up"]));
    assert!(said.contains("theirs holds migrations of Flyway, not planctl's"), "{said}");
    project.sql(
        "CREATE TABLE a(x); CREATE TABLE b(x); CREATE VIEW v AS SELECT x FROM a UNION SELECT x FROM b;
         CREATE TABLE flyway_schema_history (installed_rank INT NOT NULL PRIMARY KEY, version VARCHAR(50),
         description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INT,
         installed_by VARCHAR(100) NOT NULL, installed_on TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')),
         execution_time INT NOT NULL, success BOOLEAN NOT NULL);
         INSERT INTO flyway_schema_history
         (installed_rank, version, description, type, script, installed_by, execution_time, success) VALUES
         (1, '1', 'a', 'SQL', 'V1__a.sql', '', 0, 1), (2, '2', 'b', 'SQL', '2026/V2__b.sql', '', 0, 1),
         (3, NULL, 'all', 'SQL', 'views/R__all.sql', '', 0, 1)",
    );
    let said = stdout(&project.expect(0, &["--db", "planctl.db", "migrate", "import", "theirs"])).to_owned();
    assert!(
        said.contains("1 migration that Flyway runs again after each change now runs once, after the others"),
        "{said}"
    );
    assert!(said.contains("3 versions recorded as applied: planctl.db is at version 3"), "{said}");
    project.expect(0, &["migrate", "status", "--check"]);
    assert!(project.path("migrations/V3__all.sql").exists());
}

#[test]
fn a_changelog_of_liquibase_is_a_source_and_never_run_as_it_is() {
    let project = Project::new();
    project.theirs([
        ("root.xml", "<databaseChangeLog><includeAll path=\"parts\" relativeToChangelogFile=\"true\"/></databaseChangeLog>"),
        ("parts/1.sql", "--liquibase formatted sql\n--changeset ada:1\nCREATE TABLE a(x);\n"),
        ("parts/2.sql", "--liquibase formatted sql\n--changeset ada:1\nCREATE TABLE b(x);\n--rollback DROP TABLE b;\n"),
    ]);
    let said = stderr(&project.expect(2, &["--migrations", "theirs", "migrate", "up"]));
    assert!(said.contains("theirs holds migrations of Liquibase, not planctl's"), "{said}");
    harness::write(&project.path(""), "spec.sql", "CREATE TABLE a(x);\nCREATE TABLE b(x);\n");
    project.expect(0, &["schema", "diff", "theirs", "spec.sql"]);
    let report = project.import(&[]);
    let ids: Vec<&str> =
        report["migrations"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["parts/1.sql::1::ada", "parts/2.sql::1::ada"]);
    assert!(project.path("migrations/V2__1.down.sql").exists());
}
