//! What one wants of a production file: a backup, a rehearsal, a way to take a database over, and to see what changed.

use super::*;

/// Schema and rows of everything, for comparing two databases.
pub(crate) fn dump(db: &Path) -> Vec<String> {
    let conn = Connection::open(db).unwrap();
    let mut all = column(
        &conn,
        "SELECT type || name || tbl_name || coalesce(sql, '') FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY 1",
    );
    let tables = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')
                  AND name NOT IN ('sqlite_schema', 'planctl_migrations', 'refinery_schema_history') ORDER BY 1";
    for table in column(&conn, tables) {
        let columns = column(
            &conn,
            &format!(
                "SELECT group_concat('quote(\"' || replace(name, '\"', '\"\"') || '\")', ' || '','' || ')
                 FROM pragma_table_xinfo('{table}') WHERE hidden <> 1"
            ),
        );
        let rows = format!("SELECT '{table}: ' || {} FROM \"{table}\"", columns[0]);
        let mut rows = column(&conn, &rows);
        rows.sort();
        all.extend(rows);
    }
    all
}

/// The project's own chain, with `plans` plans in trees at version 6, their roots not filled in.
pub(crate) fn shipped(plans: u32) -> Project {
    let project = Project::new();
    for entry in fs::read_dir(harness::repository("migrations")).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), project.path("migrations").join(entry.file_name())).unwrap();
    }
    project.expect(0, &["migrate", "up", "--to", "6"]);
    project.sql(&format!(
        "PRAGMA foreign_keys = OFF;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {plans})
         INSERT INTO v3_plans(plan_id, parent_plan_id, root_plan_id, namespaced_name, namespace, processing_state,
             automation_profile, created_at, updated_at)
         SELECT printf('01%024d', i), CASE WHEN i % 7 > 1 THEN printf('01%024d', i - 1) WHEN i % 7 = 1 THEN '' END, NULL,
             'ns/' || i, 'ns', 'queued', CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'supervised' ELSE '' END,
             '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z' FROM n"
    ));
    project
}

/// A database file without the fields of its header that count changes of the file and of the schema.
fn pages(file: &Path) -> Vec<u8> {
    let mut bytes = fs::read(file).unwrap();
    for counter in [24..28, 40..44, 92..100] {
        bytes[counter].fill(0);
    }
    bytes
}

#[test]
fn a_backup_is_the_state_before_the_first_migration_page_for_page() {
    for mode in ["DELETE", "WAL"] {
        let project = shipped(500);
        project.sql(&format!("PRAGMA journal_mode = {mode}"));
        let before = (pages(&project.db()), dump(&project.db()));
        let report = project.json(0, &["migrate", "up", "--backup", "before.db"]);
        assert_eq!(report["backup"], "before.db");
        assert!(pages(&project.path("before.db")) == before.0, "{mode}");
        let left: Vec<String> = project.files().into_keys().collect();
        assert_eq!(left, ["before.db", "planctl.db"], "{mode}");
        project.expect(0, &["migrate", "down", "--backup", "newest.db"]);
        assert_eq!(project.json(0, &["migrate", "status", "--db", "newest.db"])["version"], 9, "{mode}");
        assert!(dump(&project.path("before.db")) == before.1);
    }
}

#[test]
fn a_backup_overwrites_nothing_and_a_run_that_does_nothing_leaves_none() {
    let project = Project::two_tables();
    let report = project.json(0, &["migrate", "up", "--to", "1", "--backup", "none.db"]);
    assert_eq!(report.get("backup"), None, "there was no database before");
    fs::write(project.path("taken.db"), "precious").unwrap();
    let said = stderr(&project.expect(2, &["migrate", "up", "--backup", "taken.db"]));
    assert!(said.contains("taken.db already exists"), "{said}");
    assert_eq!(fs::read(project.path("taken.db")).unwrap(), b"precious");
    project.expect(2, &["migrate", "up", "--backup", "planctl.db"]);
    project.expect(2, &["migrate", "up", "--backup", "nowhere/b.db"]);
    assert_eq!(project.column(TABLES), ["a"]);

    project.write("V2__b.sql", "CREATE TABLE b(x); oops;");
    let before = project.files();
    project.expect(2, &["migrate", "up", "--backup", "b.db"]);
    assert_eq!(
        project.files().into_keys().collect::<Vec<_>>(),
        before.into_keys().collect::<Vec<_>>(),
        "nothing was done: the same command must work again"
    );
    project.write("V2__b.sql", "CREATE TABLE b(x);").write("V3__c.sql", "oops;");
    let report = project.json(2, &["migrate", "up", "--backup", "b.db"]);
    assert_eq!(report["backup"], "b.db", "V2 stays, so that there is something to go back to");
    assert_eq!(column(&Connection::open(project.path("b.db")).unwrap(), TABLES), ["a"]);
}

#[test]
#[cfg(unix)]
fn a_backup_can_be_read_by_those_who_can_read_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::two_tables();
    project.expect(0, &["migrate", "up", "--to", "1"]);
    for mode in [0o600, 0o640] {
        fs::set_permissions(project.db(), fs::Permissions::from_mode(mode)).unwrap();
        project.expect(0, &["migrate", "redo", "--backup", "b.db"]);
        let is = fs::metadata(project.path("b.db")).unwrap().permissions().mode() & 0o777;
        assert_eq!(is, mode);
        fs::remove_file(project.path("b.db")).unwrap();
    }
}

#[test]
fn a_violation_that_makes_a_migration_start_over_still_leaves_the_state_before() {
    let project = Project::two_tables();
    project.expect(0, &["migrate", "up"]);
    project.sql("PRAGMA foreign_keys = OFF; INSERT INTO b VALUES(1, 99)");
    let before = pages(&project.db());
    project.write("V3__c.sql", "CREATE TABLE c(x);");
    project.expect(0, &["migrate", "up", "--backup", "b.db"]);
    assert!(pages(&project.path("b.db")) == before);
}

#[test]
fn a_rehearsal_runs_on_the_real_rows_and_touches_nothing() {
    for mode in ["DELETE", "WAL"] {
        let project = shipped(700);
        project.sql(&format!("PRAGMA journal_mode = {mode}"));
        let before = project.files();
        let up = project.json(0, &["migrate", "up", "--rehearse"]);
        assert!(project.files() == before, "{mode}");
        assert_eq!((&up["before"], &up["after"]), (&6.into(), &9.into()));
        let sizes = &up["rehearsal"];
        assert_eq!(sizes["size_before"], before["planctl.db"].0.len());
        assert!(sizes["size_after"].as_u64() > sizes["size_before"].as_u64());
        assert!(!Path::new(sizes["folder"].as_str().unwrap()).exists());
        let steps = up["migrations"][0]["steps"].as_array().unwrap();
        let rows = |what: &str| {
            let step = steps.iter().find(|step| step["sql"].as_str().unwrap().starts_with(what));
            step.unwrap()["rows"].as_u64().unwrap()
        };
        assert_eq!((rows("backfill root-ancestor"), rows("INSERT INTO v3_plans_new")), (700, 700));
        assert_eq!(rows("ALTER TABLE"), 0);
        // The real run does the same.
        project.expect(0, &["migrate", "up"]);
        let down = project.json(0, &["migrate", "down", "--to", "6", "--rehearse"]);
        assert_eq!((&down["before"], &down["after"]), (&9.into(), &6.into()));
        assert_eq!(project.json(0, &["migrate", "status"])["version"], 9);
        assert_eq!(project.files().len(), 1);
    }
}

#[test]
fn a_rehearsal_says_what_the_real_run_would_trip_over_and_leaves_nothing_behind() {
    let project = shipped(50);
    project.sql("UPDATE v3_plans SET parent_plan_id = plan_id WHERE rowid = 20");
    let before = project.files();
    project.expect(0, &["migrate", "up", "--dry-run"]);
    let said = stderr(&project.expect(2, &["migrate", "up", "--rehearse"]));
    assert!(said.contains("1 row of v3_plans is on 1 cycle"), "{said}");
    assert!(project.files() == before);
    assert_eq!(
        fs::read_dir(project.dir.path()).unwrap().count(),
        2,
        "the folder of migrations and the database"
    );
    fs::create_dir(project.path("elsewhere")).unwrap();
    project.sql("UPDATE v3_plans SET parent_plan_id = NULL WHERE rowid = 20");
    let report = project.json(0, &["migrate", "up", "--rehearse=elsewhere"]);
    assert!(report["rehearsal"]["folder"].as_str().unwrap().contains("elsewhere"));
    assert_eq!(fs::read_dir(project.path("elsewhere")).unwrap().count(), 0);
    project.expect(2, &["migrate", "up", "--rehearse=nowhere"]);
    let empty = Project::two_tables();
    assert_eq!(empty.json(0, &["migrate", "up", "--rehearse"])["after"], 2);
    assert!(!empty.db().exists());
}

#[test]
fn a_rehearsal_waits_for_no_writer_and_sees_one_moment() {
    let project = shipped(10);
    project.sql("PRAGMA journal_mode = WAL");
    let writer = project.conn();
    writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM v3_plans").unwrap();
    let report = project.json(0, &["migrate", "up", "--rehearse", "--lock-timeout", "50ms"]);
    assert_eq!(report["migrations"][0]["rows_backfilled"], 10);
    writer.execute_batch("ROLLBACK").unwrap();
}

#[test]
fn redo_takes_the_newest_back_and_applies_its_file_as_it_is_now() {
    let project = Project::two_tables();
    assert_eq!(project.json(0, &["migrate", "up", "--to", "1"])["after"], 1);
    project.expect(0, &["migrate", "down"]);
    let report = project.json(0, &["migrate", "redo"]);
    assert_eq!((&report["after"], report["migrations"].as_array().unwrap().len()), (&Value::Null, 0));
    project.expect(0, &["migrate", "up"]);
    project.write("V2__b.sql", "CREATE TABLE b(id INTEGER PRIMARY KEY, other);");
    project.expect(2, &["migrate", "up"]);
    let report = project.json(0, &["migrate", "redo"]);
    let steps: Vec<(&str, &Value)> = report["migrations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| (m["direction"].as_str().unwrap(), &m["version"]))
        .collect();
    assert_eq!(steps, [("down", &2.into()), ("up", &2.into())]);
    assert_eq!((&report["before"], &report["after"]), (&2.into(), &2.into()));
    assert_eq!(project.column("SELECT name FROM pragma_table_info('b')"), ["id", "other"]);
    project.expect(0, &["migrate", "status", "--check"]);
    // What fails on a copy of the schema changes nothing.
    project.write("V2__b.sql", "CREATE TABLE b(id INTEGER PRIMARY KEY, more); oops;");
    let before = project.files();
    project.expect(2, &["migrate", "redo"]);
    assert!(project.files() == before);
}

#[test]
fn a_baseline_records_what_the_schema_proves() {
    let project = Project::two_tables();
    project.sql("CREATE TABLE b(id INTEGER PRIMARY KEY, a REFERENCES a(id)); CREATE TABLE a(id integer primary key autoincrement, x TEXT)");
    project.write("V3__c.sql", "CREATE TABLE c(x);");
    project.expect(2, &["migrate", "up"]);
    let before = project.files();
    let report = project.json(1, &["migrate", "baseline", "--to", "3"]);
    assert_eq!(report["findings"][0]["rule"], "missing-table");
    assert_eq!((&report["recorded"], &report["outcome"]), (&Value::Array(vec![]), &"findings".into()));
    assert!(project.files() == before, "nothing is written");
    let report = project.json(0, &["migrate", "baseline", "--to", "2"]);
    assert_eq!(report["recorded"][1]["name"], "b");
    assert_eq!(project.json(0, &["migrate", "baseline", "--to", "2"])["recorded"], Value::Array(vec![]));
    assert_eq!(project.json(0, &["migrate", "status"])["schema"], "as-left");
    assert_eq!(project.json(0, &["migrate", "up"])["migrations"][0]["version"], 3);
    let said = stderr(&project.expect(2, &["migrate", "baseline", "--to", "1"]));
    assert!(said.contains("V3__c is applied already"), "{said}");
    // Stock refinery agrees, and the downs are stored.
    let files = refinery::load_sql_migrations(project.path("migrations")).unwrap();
    let report = refinery::Runner::new(&files).run(&mut project.conn()).unwrap();
    assert!(report.applied_migrations().is_empty());
    project.write("V3__c.down.sql", "DROP TABLE c;");
    project.expect(0, &["migrate", "down", "--to", "2"]);
    // What planctl did not apply it does not take back without being told to, even where that loses no row.
    let said = stderr(&project.expect(2, &["migrate", "down", "--to", "0"]));
    assert!(said.contains("V2__b was recorded as applied and never ran here"), "{said}");
    project.expect(0, &["migrate", "down", "--to", "0", DESTROY]);
    assert_eq!(project.column(TABLES), [] as [&str; 0]);
}

#[test]
fn a_forced_baseline_records_whatever_the_schema_is() {
    let project = Project::two_tables();
    project.sql("CREATE TABLE seed(x)");
    project.expect(1, &["migrate", "baseline", "--to", "2"]);
    let report = project.json(0, &["migrate", "baseline", "--to", "2", "--force"]);
    assert_eq!((&report["forced"], report["recorded"].as_array().unwrap().len()), (&true.into(), 2));
    assert_eq!(project.json(0, &["migrate", "up"])["migrations"], Value::Array(vec![]));
    // What differs was left by no migration: it is told until the database has what they leave, or they leave what it has.
    let status = project.json(1, &["migrate", "status", "--check"]);
    assert_eq!((&status["schema"], status["drift"].as_array().unwrap().len()), (&"changed".into(), 3));
    let text = String::from_utf8(project.expect(0, &["migrate", "status"]).stdout).unwrap();
    assert!(
        text.contains("V2__b was recorded without being run, and the live schema is not what it leaves:"),
        "{text}"
    );
    let said = stderr(&project.expect(2, &["migrate", "up", "--require-clean"]));
    assert!(said.contains("not what V2__b left: 3 differences"), "{said}");
    let adopted = project.copy();
    adopted.expect(0, &["migrate", "adopt", "seed"]);
    assert_eq!(adopted.json(0, &["migrate", "status", "--check"])["schema"], "as-left");
    // A record that is wrong altogether is one row.
    let mistaken = project.copy();
    let said = stderr(&mistaken.expect(2, &["migrate", "down", DESTROY]));
    let way =
        said.split('`').find(|text| text.starts_with("DELETE FROM ")).unwrap_or_else(|| panic!("{said}"));
    mistaken.sql(way);
    assert_eq!(mistaken.json(1, &["migrate", "status", "--check"])["version"], 1);
    let file = fs::read_to_string(mistaken.path("migrations/V1__a.sql")).unwrap();
    mistaken.sql(&file);
    mistaken.expect(0, &["migrate", "up"]);
    let [a, b] = ["V1__a.sql", "V2__b.sql"]
        .map(|name| fs::read_to_string(project.path("migrations").join(name)).unwrap());
    project.sql(&format!("DROP TABLE seed; {a}; {b}"));
    assert_eq!(project.json(0, &["migrate", "status", "--check"])["schema"], "as-left");
    project.expect(2, &["migrate", "baseline", "--to", "7", "--force"]);
    let missing = Project::two_tables();
    missing.expect(2, &["migrate", "baseline", "--to", "2", "--force"]);
    assert!(!missing.db().exists());
}

#[test]
fn status_says_what_somebody_changed_by_hand() {
    let project = Project::two_tables();
    project.expect(0, &["migrate", "up"]);
    project.sql("ALTER TABLE b ADD COLUMN by_hand INTEGER; CREATE TABLE extra(x); DROP TABLE a");
    let status = project.json(1, &["migrate", "status", "--check"]);
    assert_eq!(status["schema"], "changed");
    let messages: Vec<&str> =
        status["drift"].as_array().unwrap().iter().map(|d| d["message"].as_str().unwrap()).collect();
    assert_eq!(messages.len(), 3, "{messages:?}");
    assert!(messages.iter().any(|m| m.starts_with("column b.by_hand was added")), "{messages:?}");
    let text = String::from_utf8(project.expect(0, &["migrate", "status"]).stdout).unwrap();
    assert!(text.contains("the live schema is no longer what V2__b left:"), "{text}");
    assert!(text.contains("missing-table a: (id, x)"), "{text}");
}

#[test]
fn the_history_keeps_which_rows_a_data_step_wrote() {
    let project = shipped(120);
    project.expect(0, &["migrate", "up"]);
    let status = project.json(0, &["migrate", "status"]);
    let step = &status["migrations"][6]["backfilled"][0];
    assert_eq!((&step["table"], &step["rows"]), (&"v3_plans".into(), &120.into()));
    let first = step["first"].as_array().unwrap();
    assert_eq!((first.len(), &first[0]), (50, &format!("01{:024}", 1).into()));
    assert_eq!(status["migrations"][0]["backfilled"], Value::Array(vec![]));
}

#[test]
fn a_history_table_that_an_older_planctl_made_is_extended() {
    let project = Project::two_tables();
    project.expect(0, &["migrate", "up", "--to", "1"]);
    project.sql("ALTER TABLE planctl_migrations DROP COLUMN backfilled");
    assert_eq!(project.json(0, &["migrate", "status"])["schema"], "as-left");
    project.expect(0, &["migrate", "up"]);
    assert_eq!(project.json(0, &["migrate", "down", "--to", "0"])["migrations"][1]["script"], "stored");
}
