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
    // Its own form is no other tool's, unless somebody says so.
    let said = stderr(&project.expect(2, &["--migrations", "x", "migrate", "import", "planctl"]));
    assert!(said.contains("--from"), "{said}");
    let said =
        stderr(&project.expect(2, &["--migrations", "x", "migrate", "import", "planctl", "--from", "goose"]));
    assert!(said.contains("--from names another tool"), "{said}");
    project.expect(0, &["--migrations", "x", "migrate", "import", "planctl", "--from", "flyway"]);
    let said = stderr(&project.expect(2, &["migrate", "import", "nowhere"]));
    assert!(said.contains("nowhere"), "{said}");
}
