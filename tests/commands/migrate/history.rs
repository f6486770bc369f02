//! What the history says, where it differs from the files, and the ways out.

use serde_json::json;

use super::*;

/// What `status --check` and `up` say of the first migration.
fn difference(project: &Project) -> Value {
    project.json(1, &["migrate", "status", "--check"])["migrations"][0]["difference"].clone()
}

#[test]
fn white_space_that_changed_is_told_and_there_is_a_way_out() {
    let unix = "CREATE TABLE a(id INTEGER PRIMARY KEY,\n  x TEXT);\n";
    let windows = unix.replace('\n', "\r\n");
    let marked = format!("\u{feff}{unix}");
    for (applied, now, word, said) in [
        (windows.as_str(), unix, "line-endings", "had CRLF line endings, and has LF now"),
        (unix, &windows, "line-endings", "had LF line endings, and has CRLF now"),
        (
            unix,
            unix.trim_end(),
            "last-line-break",
            "ended with one line break, and ends with no line break now",
        ),
        (unix, &marked, "byte-order-mark", "began without the byte-order mark that it has now"),
        (&windows, unix.trim_end(), "white-space", "and ends with no line break now"),
    ] {
        let project = Project::two_tables();
        project.write("V1__a.sql", applied);
        project.expect(0, &["migrate", "up"]);
        project.write("V1__a.sql", now);
        assert_eq!(difference(&project), word);
        let error = stderr(&project.expect(2, &["migrate", "up"]));
        assert!(error.contains(said), "{error}");
        assert!(
            error.contains("migrate status --accept-whitespace` records the file as it is now"),
            "{error}"
        );
        let text = String::from_utf8(project.expect(0, &["migrate", "status"]).stdout).unwrap();
        assert!(text.contains(said) && text.contains("--accept-whitespace records it"), "{text}");

        let status = project.json(0, &["migrate", "status", "--accept-whitespace"]);
        assert_eq!((&status["accepted"], &status["problems"]), (&json!([1]), &0.into()));
        project.expect(0, &["migrate", "status", "--check"]);
        project.expect(0, &["migrate", "up"]);
        assert_eq!(project.json(0, &["migrate", "status", "--accept-whitespace"])["accepted"], json!([]));
        // Stock refinery agrees, and planctl's own record still counts.
        let files = refinery::load_sql_migrations(project.path("migrations")).unwrap();
        assert!(
            refinery::Runner::new(&files).run(&mut project.conn()).unwrap().applied_migrations().is_empty()
        );
        assert_eq!(project.json(0, &["migrate", "down", "--to", "0"])["migrations"][1]["script"], "stored");
    }
}

/// A formatter went over the file: no checksum that refinery keeps could show that it says the same.
#[test]
fn any_white_space_outside_of_literals_is_told_from_an_edit_where_planctl_has_a_record() {
    let applied = "-- The first one,\n--   in two lines\nCREATE TABLE a(id INTEGER PRIMARY KEY, x DEFAULT 'p  q', y);\n/* and\n * more */\nINSERT INTO a(id, y) VALUES (1, x'00');\n";
    let formatted = "\r\n-- The first one,\n--\tin two lines  \nCREATE TABLE a (\n\tid INTEGER PRIMARY KEY,\n\tx DEFAULT 'p  q',\n\ty\n);\n\n/* and\n   * more */\nINSERT INTO a (id, y)\n  VALUES (1,x'00')\n;";
    let said = "now has different spaces, tabs or line breaks outside of literals";
    // Each is a way to have a record: run here, run before there were such records, run by a script, recorded only.
    type Apply = fn(&Project);
    let ways: [(&str, Apply); 5] = [
        ("up", |project| drop(project.expect(0, &["migrate", "up"]))),
        ("an older planctl", |project| {
            project.expect(0, &["migrate", "up", "--to", "1"]);
            project.sql("ALTER TABLE planctl_migrations DROP COLUMN tokens_checksum");
            project.expect(0, &["migrate", "up"]);
        }),
        ("an older script", |project| {
            project.expect(0, &["migrate", "up", "--to", "1"]);
            project.sql("UPDATE planctl_migrations SET tokens_checksum = NULL");
            project.expect(0, &["migrate", "up"]);
        }),
        ("a script", |project| match offline::has_shell() {
            true => project.run_script(&["migrate", "up", "--sql"], false),
            false => drop(project.expect(0, &["migrate", "up"])),
        }),
        ("baseline", |project| {
            project.sql(&fs::read_to_string(project.path("migrations/V1__a.sql")).unwrap());
            project.sql(&fs::read_to_string(project.path("migrations/V2__b.sql")).unwrap());
            project.expect(0, &["migrate", "baseline", "--to", "2"]);
        }),
    ];
    for (way, apply) in ways {
        let project = Project::two_tables();
        project.write("V1__a.sql", applied);
        apply(&project);
        project.write("V1__a.sql", formatted);
        assert_eq!(difference(&project), "white-space", "{way}");
        let text = String::from_utf8(project.expect(0, &["migrate", "status"]).stdout).unwrap();
        assert!(text.contains(&format!("{said}; --accept-whitespace records it")), "{text}");
        for args in
            [&["migrate", "up"][..], &["migrate", "up", "--dry-run"], &["migrate", "baseline", "--to", "2"]]
        {
            let error = stderr(&project.expect(2, args));
            assert!(
                error.contains(said) && error.contains("status --accept-whitespace`"),
                "{args:?}: {error}"
            );
        }
        assert_eq!(
            project.json(0, &["migrate", "status", "--check", "--accept-whitespace"])["accepted"],
            json!([1])
        );
        project.expect(0, &["migrate", "up"]);
        // What is recorded now is the file as it is, and can be compared again.
        project.write("V1__a.sql", applied);
        assert_eq!(
            project.json(0, &["migrate", "status", "--check", "--accept-whitespace"])["accepted"],
            json!([1])
        );
        let files = refinery::load_sql_migrations(project.path("migrations")).unwrap();
        let report = refinery::Runner::new(&files).run(&mut project.conn()).unwrap();
        assert!(report.applied_migrations().is_empty(), "stock refinery agrees");
    }
}

/// Whatever the table of records lacks, and however many rows it has.
#[test]
fn every_command_ends_as_it_would_with_the_records_of_this_planctl() {
    let commands: [&[&str]; 10] = [
        &["migrate", "up"],
        &["migrate", "down", "--to", "0"],
        &["migrate", "redo"],
        &["migrate", "baseline", "--to", "2", "--force"],
        &["migrate", "status", "--accept-whitespace"],
        &["migrate", "squash", "--to", "2"],
        &["migrate", "adopt", "more"],
        &["fleet", "up", "planctl.db"],
        &["migrate", "up", "--sql"],
        &["migrate", "down", "--sql", "--to", "0"],
    ];
    for lacking in [&["backfilled"][..], &["tokens_checksum"], &["backfilled", "tokens_checksum"]] {
        for (version, command) in ["0", "1", "2"].into_iter().flat_map(|v| commands.map(|c| (v, c))) {
            let with_records = Project::two_tables();
            with_records.expect(0, &["migrate", "up"]);
            with_records.expect(0, &["migrate", "down", "--to", version]);
            let without = with_records.copy();
            for column in lacking {
                without.sql(&format!("ALTER TABLE planctl_migrations DROP COLUMN {column}"));
            }
            let [now, older] = [&with_records, &without].map(|project| {
                let ran = if command.contains(&"--sql") {
                    let from = ["--from", version];
                    let from = if version == "0" { &[][..] } else { &from };
                    let script = project.run(&[command, from].concat());
                    let text = String::from_utf8(script.stdout).unwrap();
                    let ran = offline::has_shell().then(|| offline::shell(&project.db(), &text, false).status);
                    [script.status.code(), ran.and_then(|ran| ran.code())]
                } else {
                    [project.run(command).status.code(), project.run(&["migrate", "up"]).status.code()]
                };
                // What nobody recorded then is not known now.
                let asked = [
                    "SELECT name || coalesce(sql, '') FROM sqlite_schema WHERE name <> 'planctl_migrations' ORDER BY name",
                    "SELECT version || name || checksum FROM refinery_schema_history ORDER BY version",
                    "SELECT version || checksum || quote(down_sql) || schema_after FROM planctl_migrations ORDER BY version",
                ];
                (ran, asked.map(|sql| project.column(sql)))
            });
            assert_eq!(older, now, "{lacking:?} {version} {command:?}");
        }
    }
}

#[test]
fn a_script_goes_through_where_an_older_planctl_made_the_records() {
    if !offline::has_shell() {
        return;
    }
    for lacking in ["backfilled", "tokens_checksum"] {
        let project = Project::two_tables();
        project.expect(0, &["migrate", "up", "--to", "1"]);
        let kept = "SELECT quote(backfilled) || quote(tokens_checksum) || quote(down_sql) FROM planctl_migrations WHERE version = 1";
        project.sql(&format!("UPDATE planctl_migrations SET backfilled = '[]'; ALTER TABLE planctl_migrations DROP COLUMN {lacking}; ALTER TABLE planctl_migrations ADD COLUMN {lacking} TEXT"));
        let was = project.column(kept);
        project.sql(&format!("ALTER TABLE planctl_migrations DROP COLUMN {lacking}"));
        project.run_script(&["migrate", "up", "--sql", "--from", "1"], false);
        assert_eq!(project.column(kept), was, "{lacking}");
        assert_eq!(project.json(0, &["migrate", "status", "--check"])["schema"], "as-left");
        assert_eq!(project.json(0, &["migrate", "down", "--to", "0"])["migrations"][0]["script"], "stored");
    }
}

#[test]
fn white_space_inside_of_a_literal_and_edits_are_not_accepted() {
    for (applied, now, word) in [
        (
            "CREATE TABLE a(id INTEGER PRIMARY KEY, x DEFAULT 'p  q');\n",
            "CREATE TABLE a(id INTEGER PRIMARY KEY, x DEFAULT 'p q');\n",
            "text",
        ),
        (
            "CREATE TABLE a(id INTEGER PRIMARY KEY, x); -- one\n",
            "CREATE TABLE a(id INTEGER PRIMARY KEY, x); -- two\n",
            "text",
        ),
        (
            "CREATE TABLE a(id INTEGER PRIMARY KEY, x DEFAULT 'p\r\nq');\r\n",
            "CREATE TABLE a(id INTEGER PRIMARY KEY, x DEFAULT 'p\nq');\n",
            "line-endings",
        ),
        (
            "CREATE TABLE a(id INTEGER PRIMARY KEY, x);\n",
            "CREATE TABLE a(id INTEGER PRIMARY KEY, y);\n",
            "text",
        ),
    ] {
        let project = Project::two_tables();
        project.write("V1__a.sql", applied);
        project.expect(0, &["migrate", "up"]);
        project.write("V1__a.sql", now);
        let status = project.json(1, &["migrate", "status", "--check", "--accept-whitespace"]);
        assert_eq!(status["accepted"], json!([]));
        assert_eq!(difference(&project), word);
        let error = stderr(&project.expect(2, &["migrate", "up"]));
        assert!(error.contains("restore the file as it was") && !error.contains("--accept"), "{error}");
    }
    // What refinery applied has no record: nothing shows that only white space differs.
    let project = Project::two_tables();
    let files = refinery::load_sql_migrations(project.path("migrations")).unwrap();
    let report = refinery::Runner::new(&files).run(&mut project.conn()).unwrap();
    assert_eq!(report.applied_migrations().len(), 2);
    let now = fs::read_to_string(project.path("migrations/V1__a.sql")).unwrap().replace(' ', "  ");
    project.write("V1__a.sql", &now);
    assert_eq!(
        project.json(1, &["migrate", "status", "--check", "--accept-whitespace"])["accepted"],
        json!([])
    );
    assert_eq!(difference(&project), "text");
}

#[test]
fn a_down_that_was_mended_is_told_from_the_stored_one() {
    let project = Project::two_tables();
    project.write("V2__b.down.sql", "DROP TABLE bee;\n");
    project.expect(0, &["migrate", "up"]);
    assert_eq!(project.json(0, &["migrate", "status"])["migrations"][1]["down_differs"], false);
    project.write("V2__b.down.sql", "DROP TABLE bee;\r\n");
    assert_eq!(project.json(0, &["migrate", "status"])["migrations"][1]["down_differs"], false);
    project.write("V2__b.down.sql", "DROP TABLE b;\n");
    let error = stderr(&project.expect(2, &["migrate", "down"]));
    assert!(error.contains("no such table: bee"), "{error}");
    assert!(error.contains("V2__b.down.sql differs from it"), "{error}");
    assert!(error.contains("use --from-files to run the file's own"), "{error}");
    assert_eq!(project.json(0, &["migrate", "status"])["migrations"][1]["down_differs"], true);
    let text = String::from_utf8(project.expect(0, &["migrate", "status"]).stdout).unwrap();
    assert!(text.contains("V2__b: its down file differs from the stored script"), "{text}");
    project.expect(0, &["migrate", "down", "--from-files"]);
}

#[test]
fn a_table_of_planctls_name_that_is_not_planctls_is_said() {
    for (taken, why) in [
        ("CREATE TABLE planctl_migrations(id INTEGER PRIMARY KEY, note TEXT)", "it has no column version"),
        ("CREATE VIEW planctl_migrations AS SELECT 1 AS version", "it is a view"),
        ("CREATE TABLE t(x); CREATE INDEX Planctl_Migrations ON t(x)", "it is an index"),
    ] {
        let project = Project::two_tables();
        project.sql(taken);
        for args in [
            &["migrate", "up"][..],
            &["migrate", "up", "--dry-run"],
            &["migrate", "status"],
            &["migrate", "down"],
            &["migrate", "baseline", "--to", "2", "--force"],
        ] {
            let before = project.files();
            let error = stderr(&project.expect(2, args));
            assert!(error.contains("planctl_migrations of") && error.contains(why), "{args:?}: {error}");
            assert!(error.contains("rename the other one"), "{args:?}: {error}");
            assert!(project.files() == before, "{args:?}");
        }
    }
}

#[test]
fn a_chain_that_begins_on_a_schema_of_somebody_else_can_be_recorded() {
    let project = Project::new();
    project.sql("CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT)");
    project.write("V1__email.sql", "ALTER TABLE users ADD COLUMN phone TEXT;");
    project.sql("ALTER TABLE users ADD COLUMN phone TEXT");
    let error = stderr(&project.expect(2, &["migrate", "baseline", "--to", "1"]));
    assert!(error.contains("no such table: users") && error.contains("--force records them"), "{error}");
    let report = project.json(0, &["migrate", "baseline", "--to", "1", "--force"]);
    assert_eq!((&report["forced"], &report["compared"]), (&true.into(), &false.into()));
    assert_eq!(report["recorded"][0]["name"], "email");
    project.write("V2__fax.sql", "ALTER TABLE users ADD COLUMN fax TEXT;");
    assert_eq!(project.json(0, &["migrate", "up"])["after"], 2);
}

#[cfg(unix)]
#[test]
fn what_a_killed_rehearsal_leaves_goes_with_the_next_run_and_one_that_is_used_stays() {
    let copies = |project: &Project| {
        let names = fs::read_dir(project.dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_str().unwrap().starts_with(".planctl-")).count()
    };
    let project = Project::two_tables();
    project.expect(0, &["migrate", "up", "--to", "1"]);
    let endless = "CREATE TABLE e(x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        INSERT INTO e SELECT i FROM n WHERE i < 0;";
    project.write("V2__b.sql", endless);
    let rehearse = || signals::start(&project, &["migrate", "up", "--rehearse"], "applying V2__b");
    let mut killed = rehearse();
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(copies(&project), 1);
    // The next rehearsal takes it away, and a run beside that one leaves it alone.
    let mut used = rehearse();
    assert_eq!(copies(&project), 1);
    project.write("V2__b.sql", "CREATE TABLE b(x);");
    project.expect(0, &["migrate", "up"]);
    assert_eq!(copies(&project), 1);
    used.kill().unwrap();
    used.wait().unwrap();
    project.write("V3__c.sql", "CREATE TABLE c(x);");
    project.expect(0, &["migrate", "up"]);
    assert_eq!(copies(&project), 0);
}

/// A history and a schema were read at two moments, and what nobody had changed was said to be changed; beside a writer that
/// opens and closes a database with a log, it was given up after three tries.
#[test]
fn status_beside_many_writers_is_of_one_moment_and_does_not_give_up() {
    for mode in ["WAL", "DELETE"] {
        let project = Project::two_tables();
        let states = ["1", "2"].map(|version| {
            project.expect(0, &["migrate", "up", "--to", version]);
            let state = project.path(&format!("at_{version}.db"));
            std::fs::copy(project.db(), &state).unwrap();
            state
        });
        project.conn().execute_batch(&format!("PRAGMA journal_mode = {mode}")).unwrap();
        let second = std::fs::read_to_string(project.path("migrations/V2__b.sql")).unwrap();
        let is_over = std::sync::atomic::AtomicBool::new(false);
        let order = std::sync::atomic::Ordering::Relaxed;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for (state, change) in states.iter().zip(["DROP TABLE b", &second]).cycle() {
                    if is_over.load(order) {
                        break;
                    }
                    let conn = project.conn();
                    conn.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
                    conn.execute("ATTACH ?1 AS state", [state.to_str().unwrap()]).unwrap();
                    let records = ["refinery_schema_history", "planctl_migrations"].map(|table| {
                        format!(
                            "DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM state.{table};"
                        )
                    });
                    conn.execute_batch(&format!("BEGIN IMMEDIATE; {change}; {} COMMIT", records.concat()))
                        .unwrap();
                }
            });
            for _ in 0..form(60, 400) {
                let ended = project.command(&["migrate", "status"]).output().unwrap();
                let said = String::from_utf8(ended.stdout).unwrap();
                let is_right = ended.status.code() == Some(0) && !said.contains("no longer what");
                is_over.fetch_or(!is_right, order);
                assert!(is_right, "{mode}: {said}{}", String::from_utf8_lossy(&ended.stderr));
            }
            is_over.store(true, order);
        });
    }
}
