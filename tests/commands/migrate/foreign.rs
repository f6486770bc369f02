//! Folders of other tools: refused before anything runs, with advice that leads to a folder that runs.

use super::*;

/// A file of the folder, and its text.
type File = (&'static str, &'static str);

const UP: &str = "CREATE TABLE a(x);\n";
const DOWN: &str = "DROP TABLE a;\n";

impl Project {
    fn folder(&self, files: &[File]) -> &Project {
        for (name, text) in files {
            harness::write(&self.path("migrations"), name, text);
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
    let drizzle: &[File] = &[
        ("0000_odd_name.sql", UP),
        ("meta/_journal.json", r#"{"entries": [{"when": 7, "tag": "0000_odd_name"}]}"#),
    ];
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
        let help = error["help"].as_str().unwrap_or_default();
        if let Some((_, command)) = help.split_once("`planctl ") {
            // The way for a folder that is another tool's as a whole.
            let (command, _) = command.split_once('`').unwrap();
            project.expect(0, &command.split(' ').collect::<Vec<_>>());
            fs::remove_dir_all(project.path("migrations")).unwrap();
            fs::rename(project.path("planctl"), project.path("migrations")).unwrap();
        }
        let mut problems: Vec<&Value> =
            error["parts"].as_array().map(|all| all.iter().collect()).unwrap_or_default();
        if problems.is_empty() && !help.contains("`planctl ") {
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
    assert!(said.contains("applying U2__b"), "{said}");
    project.expect(0, &["migrate", "status", "--check"]);

    let files = refinery::load_sql_migrations(copy.path("migrations")).unwrap();
    refinery::Runner::new(&files).run(&mut copy.conn()).unwrap();
    let history = "SELECT version || name || checksum FROM refinery_schema_history ORDER BY rowid";
    assert_eq!(project.column(history), copy.column(history), "the same, in the same order");
    copy.expect(0, &["migrate", "status", "--check"]);
    let report = refinery::Runner::new(&files).run(&mut project.conn()).unwrap();
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
    for part in ["Flyway", "if it reverts a, rename", "V1__a.down.sql", "if it is a migration of its own"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    fs::rename(project.path("migrations/U1__a.sql"), project.path("migrations/V1__a.down.sql")).unwrap();
    project.expect(0, &["migrate", "up"]);
    project.expect(0, &["migrate", "down"]);
}

/// Each was told as a syntax error and no more. What the help says was done, and the file then runs.
#[test]
fn commands_of_other_programs_get_a_sentence_of_help() {
    let trigger = "CREATE TRIGGER r AFTER INSERT ON a BEGIN SELECT 1; END;";
    for (text, help, mended) in [
        ("DELIMITER //\nCREATE TABLE a(x);".to_owned(), "mysql", UP.to_owned()),
        (format!("{UP}delimiter ;;\n{trigger};"), "END;", format!("{UP}{trigger}")),
        (format!("{UP}TRUNCATE TABLE a;"), "DELETE FROM t", format!("{UP}DELETE FROM a;")),
        (format!("USE shop;\n{UP}"), "--db", UP.to_owned()),
        (format!(".mode csv\n{UP}"), "`.mode` is a command of the sqlite3 shell", UP.to_owned()),
        (format!("{UP}GO\nSELECT 1;"), "SQL Server", format!("{UP}SELECT 1;")),
        (format!("\\c shop\n{UP}"), "psql", UP.to_owned()),
        (format!("SET NAMES utf8;\n{UP}"), "delete it", UP.to_owned()),
        (format!("# a table\n{UP}"), "write `--`", format!("-- a table\n{UP}")),
        (format!("CREATE DATABASE shop;\n{UP}"), "a database is a file", UP.to_owned()),
        (format!("{UP}GRANT ALL ON a TO b;"), "no users", UP.to_owned()),
    ] {
        let project = Project::new();
        project.write("V1__a.sql", &text);
        let said = stderr(&project.expect(2, &["migrate", "up"]));
        assert!(said.contains(help) && said.contains("V1__a.sql:"), "{text}: {said}");
        project.write("V1__a.sql", &mended);
        project.expect(0, &["migrate", "up"]);
    }
}

/// SQLite takes a parameter that nobody binds for NULL, and CR for no line break: both without a word.
#[test]
fn what_sqlite_takes_without_a_word_is_refused_before_anything_runs() {
    for (text, place, says) in [
        ("CREATE TABLE a(x);\nINSERT INTO a VALUES('?', ?);", "V1__a.sql:2:27", "`?` is a parameter"),
        ("CREATE TABLE a(x);\nUPDATE a SET x = :x;", "V1__a.sql:2:18", "':x'"),
        ("CREATE TABLE a(x);\r-- two\rCREATE TABLE b(x);\r", "V1__a.sql:2:1", "CR alone"),
    ] {
        let project = Project::new();
        project.write("V1__a.sql", text);
        for command in [&["migrate", "up"][..], &["migrate", "up", "--dry-run"], &["migrate", "up", "--sql"]]
        {
            let said = stderr(&project.expect(2, command));
            assert!(said.contains(place) && said.contains(says), "{text}: {said}");
        }
        assert!(!project.db().exists(), "{text}");
        // As a down, too.
        project.write("V1__a.sql", "CREATE TABLE a(x);").write("V1__a.down.sql", text);
        if !text.contains('\r') {
            project.expect(0, &["migrate", "up"]);
        }
        let said = stderr(&project.expect(2, &["migrate", "down"]));
        assert!(said.contains(says), "{text}: {said}");
    }
}

/// A function is what an application may have brought along: a warning, and a way to say so.
#[test]
fn a_function_of_the_applications_own_is_a_warning_that_can_be_allowed() {
    let project = Project::new();
    let text = "CREATE TABLE a(x);\nCREATE VIEW v AS SELECT concat(x, 'y') FROM a;";
    project.write("V1__a.sql", text).write("V1__a.down.sql", "DROP VIEW v; DROP TABLE a;");
    let report = project.json(1, &["migrate", "lint"]);
    let finding = &report["findings"][0];
    assert_eq!(
        (finding["rule"].as_str(), finding["severity"].as_str()),
        (Some("newer-sqlite"), Some("warning"))
    );
    let allow = "-- planctl:allow newer-sqlite REASON";
    let said = serde_json::to_string(finding).unwrap();
    assert!(said.contains(allow), "{said}");
    project.write(
        "V1__a.sql",
        &text.replace("CREATE VIEW", &format!("{}\nCREATE VIEW", allow.replace("REASON", "ours"))),
    );
    project.expect(0, &["migrate", "lint"]);
    project.write("V1__a.sql", "CREATE TABLE a(x) STRICT;").write("V1__a.down.sql", "DROP TABLE a;");
    assert_eq!(project.json(1, &["migrate", "lint"])["findings"][0]["severity"], "error");
}

/// A script for a history that is not there yet makes it as wide as the files need it, and stops at one that is too narrow.
#[test]
fn a_script_knows_time_stamps_as_versions() {
    if !super::offline::has_shell() {
        return;
    }
    let project = Project::new();
    project.write("V20260131093000__a.sql", UP).write("V20260131093000__a.down.sql", DOWN);
    let copy = Project::new();
    copy.write("V20260131093000__a.sql", UP).write("V20260131093000__a.down.sql", DOWN);
    project.expect(0, &["migrate", "up"]);
    copy.run_script(&["migrate", "up", "--sql"], true);
    assert_eq!(project.state(), copy.state());
    copy.expect(0, &["migrate", "status", "--check"]);
    copy.run_script(&["migrate", "down", "--sql"], true);
    assert_eq!(copy.column(TABLES), [] as [&str; 0]);

    let narrow = Project::two_tables();
    narrow.expect(0, &["migrate", "up"]);
    narrow.write("V20260131093000__c.sql", "CREATE TABLE c(x);");
    let script = narrow.script(&["migrate", "up", "--sql", "--from", "2"]);
    let output = super::offline::shell(&narrow.db(), &script, false);
    assert!(
        !output.status.success() && stderr(&output).contains("versions up to 2147483647"),
        "{}",
        stderr(&output)
    );
    let said = stderr(&narrow.expect(2, &["migrate", "up"]));
    assert!(said.contains("rename it to V3__c.sql") && said.contains("migrate baseline --to 2"), "{said}");
    // The second way of the help, to the letter.
    narrow.sql("DROP TABLE refinery_schema_history");
    narrow.expect(0, &["migrate", "baseline", "--to", "2"]);
    narrow.expect(0, &["migrate", "up"]);
    narrow.expect(0, &["migrate", "status", "--check"]);
    let width = "SELECT type FROM pragma_table_info('refinery_schema_history') WHERE name = 'version'";
    assert_eq!(narrow.column(width), ["int8"]);
}
