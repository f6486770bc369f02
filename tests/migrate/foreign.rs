//! Folders of other tools: refused before anything runs, with advice that leads to a folder that runs.

use super::*;

/// A file of the folder, and its text.
type File = (&'static str, &'static str);

const UP: &str = "CREATE TABLE a(x);\n";
const DOWN: &str = "DROP TABLE a;\n";

impl Project {
    fn folder(&self, files: &[File]) -> &Project {
        for (name, text) in files {
            let path = self.path("migrations").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self
    }

    /// Does what the help says: renames and moves.
    fn obey(&self, said: &str) {
        let said = said.replace('\n', " ");
        let words: Vec<&str> = said.split_whitespace().collect();
        let mut file = None;
        for (n, word) in words.iter().enumerate() {
            let word = word.trim_end_matches([',', ':']);
            if word.starts_with("migrations/") && words.get(n.wrapping_sub(1)) != Some(&"to") {
                file = Some(word.to_owned());
            }
            let is_advice =
                matches!(word, "rename" | "move") && words.get(n + 1..n + 3) == Some(&["it", "to"]);
            if let Some(to) = words.get(n + 3).filter(|_| is_advice) {
                let to = to.trim_end_matches([',', ';']);
                let folder =
                    if to.starts_with("migrations/") { self.path("") } else { self.path("migrations") };
                fs::rename(self.path(&file.take().unwrap()), folder.join(to)).unwrap();
            }
        }
    }
}

/// Law: the advice about the names of each tool, followed to the letter, gives a folder that goes up and down again.
#[test]
fn the_advice_about_another_tools_names_leads_to_a_chain_that_runs() {
    let golang: &[File] = &[("000001_a.up.sql", UP), ("000001_a.down.sql", DOWN)];
    let sqlx: &[File] = &[("20260131093000_a.up.sql", UP), ("20260131093000_a.down.sql", DOWN)];
    let diesel: &[File] = &[
        ("00000000000001_diesel_initial_setup/up.sql", "CREATE TABLE b(x);"),
        ("00000000000001_diesel_initial_setup/down.sql", "DROP TABLE b;"),
        ("2026-01-31-093000_a/up.sql", UP),
        ("2026-01-31-093000_a/down.sql", DOWN),
    ];
    let rusqlite: &[File] = &[("01-a-table/up.sql", UP), ("01-a-table/down.sql", DOWN)];
    let prisma: &[File] =
        &[("20260131093000_a/migration.sql", UP), ("migration_lock.toml", "provider = \"sqlite\"\n")];
    let drizzle: &[File] = &[("0000_odd_name.sql", UP), ("meta/_journal.json", "{}")];
    let atlas: &[File] = &[("20260131093000_a.sql", UP), ("atlas.sum", "h1:x=\n")];
    let yoyo: &[File] = &[("0001.a.sql", UP), ("0001.a.rollback.sql", DOWN)];
    for (tool, files, has_down) in [
        ("golang-migrate", golang, true),
        ("sqlx", sqlx, true),
        ("diesel", diesel, true),
        ("rusqlite_migration", rusqlite, true),
        ("prisma", prisma, false),
        ("drizzle", drizzle, false),
        ("atlas", atlas, false),
        ("yoyo", yoyo, true),
    ] {
        let project = Project::new();
        let report = project.folder(files).json(2, &["migrate", "up"]);
        assert!(!project.db().exists(), "{tool}");
        let error = &report["error"];
        let mut problems: Vec<&Value> =
            error["parts"].as_array().map(|all| all.iter().collect()).unwrap_or_default();
        if problems.is_empty() {
            problems.push(error);
        }
        for problem in problems {
            project.obey(&format!(
                "{} {}",
                problem["message"].as_str().unwrap(),
                problem["help"].as_str().unwrap()
            ));
        }
        project.expect(0, &["migrate", "up"]);
        assert!(project.column(TABLES).contains(&"a".to_owned()), "{tool}");
        if has_down {
            project.expect(0, &["migrate", "down", "--to", "0"]);
            assert_eq!(project.column(TABLES), [] as [&str; 0], "{tool}");
        }
    }
}

#[test]
fn a_file_with_both_ways_is_refused_and_runs_once_it_is_split() {
    for (first, second) in [("-- +goose Up", "-- +goose Down"), ("-- migrate:up", "-- migrate:down")] {
        let project = Project::new();
        let text = format!("{first}\n{UP}\n{second}\n{DOWN}");
        project.write("V1__a.sql", &text);
        for command in [["migrate", "up"], ["migrate", "status"], ["migrate", "lint"]] {
            let said = stderr(&project.expect(2, &command));
            assert!(
                said.contains(second) && said.contains("V1__a.sql:4:1") && said.contains("V1__a.down.sql"),
                "{said}"
            );
        }
        assert!(!project.db().exists());
        project.write("V1__a.sql", UP).write("V1__a.down.sql", DOWN);
        project.expect(0, &["migrate", "up"]);
        assert_eq!(project.column(TABLES), ["a"]);
    }
}

/// A `U` file is refinery's, and is run as refinery runs it: also when newer ones were applied before it.
#[test]
fn a_u_file_of_refinery_comes_late_and_both_agree_on_what_is_applied() {
    let project = Project::new();
    project.write("V1__a.sql", UP).write("V3__c.sql", "CREATE TABLE c(x);");
    project.expect(0, &["migrate", "up"]);
    project
        .write("U2__b.sql", "CREATE TABLE b(x);")
        .write("U2__b.down.sql", "DROP TABLE b;")
        .write("V4__d.sql", "CREATE TABLE d(x);");
    let copy = Project::new();
    for entry in fs::read_dir(project.path("migrations")).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), copy.path("migrations").join(entry.file_name())).unwrap();
    }
    fs::copy(project.db(), copy.db()).unwrap();
    let status = project.json(1, &["migrate", "status", "--check"]);
    assert_eq!(status["migrations"][1]["state"], "pending", "{status}");
    let said = stderr(&project.expect(0, &["migrate", "up"]));
    assert!(said.contains("applied U2__b"), "{said}");
    project.expect(0, &["migrate", "status", "--check"]);

    let files = refinery_core::load_sql_migrations(copy.path("migrations")).unwrap();
    refinery_core::Runner::new(&files).run(&mut copy.conn()).unwrap();
    let history = "SELECT version || name || checksum FROM refinery_schema_history ORDER BY rowid";
    assert_eq!(project.column(history), copy.column(history), "the same, in the same order");
    copy.expect(0, &["migrate", "status", "--check"]);
    let report = refinery_core::Runner::new(&files).run(&mut project.conn()).unwrap();
    assert!(report.applied_migrations().is_empty());

    // Its down is stored, and taken in its turn.
    project.write("V3__c.down.sql", "DROP TABLE c;").write("V4__d.down.sql", "DROP TABLE d;");
    project.expect(0, &["migrate", "down", "--to", "1"]);
    assert_eq!(project.column(TABLES), ["a"]);
    project.expect(0, &["migrate", "up"]);
    assert_eq!(project.column(TABLES), ["a", "b", "c", "d"]);
}

#[test]
fn a_u_file_beside_a_v_file_of_its_version_is_told_for_what_it_is_to_both_tools() {
    let project = Project::new();
    project.folder(&[("V1__a.sql", UP), ("U1__a.sql", DOWN)]);
    let said = stderr(&project.expect(2, &["migrate", "up"]));
    for part in ["Flyway", "if it takes a back, rename", "V1__a.down.sql", "if it is a migration of its own"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    fs::rename(project.path("migrations/U1__a.sql"), project.path("migrations/V1__a.down.sql")).unwrap();
    project.expect(0, &["migrate", "up"]);
    project.expect(0, &["migrate", "down"]);
}
