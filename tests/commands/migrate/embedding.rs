//! The library as an application has it.

use std::ffi::OsString;
use std::fs;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use planctl::error::{Error, ErrorKind};
use planctl::migrate::DownTarget;
use planctl::migrate::Migrator;
use planctl::progress::{Event, Interrupt, Observer};
use planctl::roots::{BackfillSpec, OnCycle, OnOrphan};
use planctl::{Auditor, Backfiller};
use rusqlite::Connection;

use super::{Project, beside, column, stderr};

const CHAIN: [(&str, &str); 6] = [
    ("V1__plans.sql", "CREATE TABLE plans (id TEXT PRIMARY KEY, parent TEXT, root TEXT);"),
    ("V1__plans.down.sql", "DROP TABLE plans;"),
    ("V2__rows.sql", "INSERT INTO plans VALUES ('a', NULL, NULL), ('b', 'a', NULL);"),
    ("V2__rows.down.sql", "DELETE FROM plans;"),
    ("V3__tasks.sql", "CREATE TABLE tasks (id TEXT PRIMARY KEY, plan TEXT REFERENCES plans (id));"),
    ("V3__tasks.down.sql", "DROP TABLE tasks;"),
];

pub(crate) fn chain() -> Migrator {
    Migrator::from_texts(CHAIN).unwrap()
}

/// The guard of a pool.
struct Guard(Connection);

impl Deref for Guard {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Guard {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

#[derive(Default)]
pub(crate) struct Counts(pub(crate) usize);

impl Observer for Counts {
    fn event(&mut self, _: Event<'_>) {
        self.0 += 1;
    }
}

pub(crate) fn roots() -> Backfiller {
    Backfiller::new(BackfillSpec {
        table: "plans".into(),
        id: "id".into(),
        parent: "parent".into(),
        root: "root".into(),
        on_cycle: OnCycle::Abort,
        on_orphan: OnOrphan::Abort,
        recompute: false,
    })
}

#[test]
fn names_of_every_type_connections_and_guards_of_pools_are_databases() {
    let dir = tempfile::tempdir().unwrap();
    let migrator = chain();
    let path = |name: &str| dir.path().join(name);
    let text = |name: &str| path(name).to_str().unwrap().to_owned();
    let (string, path_buf) = (text("c"), path("f"));
    for run in [
        migrator.up(text("a").as_str()),
        migrator.up(text("b")),
        migrator.up(&string),
        migrator.up(OsString::from(text("d"))),
        migrator.up(path("e")),
        migrator.up(&path_buf),
        migrator.up(path("g").as_path()),
        migrator.up(&mut Connection::open(path("h")).unwrap()),
        migrator.up(&mut Guard(Connection::open(path("i")).unwrap())),
    ] {
        assert_eq!(run.unwrap().after, Some(3));
    }
    assert!(migrator.pending(string).unwrap().is_empty() && migrator.pending(path_buf).unwrap().is_empty());
    let mut conn = Connection::open(path("a")).unwrap();
    assert!(migrator.pending(&conn).unwrap().is_empty(), "reads take a shared reference");
    let transaction = conn.transaction().unwrap();
    assert_eq!(migrator.history(&transaction).unwrap().newest(), Some(3), "inside a transaction, too");
    let audit = planctl::audit(&transaction, "spec/ddl.sql", None).unwrap();
    assert!(!audit.findings.is_empty());
    drop(transaction);
    let mut guard = Guard(conn);
    assert!(migrator.pending(&guard).unwrap().is_empty());
    assert_eq!(roots().run(&mut guard).unwrap().filled, 2);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 9, "each name led to a file of that name");
}

/// `up`, `pending` and the command line read a name alike.
#[test]
fn a_name_means_the_same_to_the_library_and_the_command_line() {
    let project = Project::two_tables();
    let migrator = Migrator::from_dir(project.path("migrations")).unwrap();
    let file = project.path("of app.db");
    let shown = file.to_str().unwrap().to_owned();
    for name in [
        shown.clone(),
        format!("sqlite:{}?mode=rwc", shown.replace(' ', "%20")),
        format!("sqlite://{}", shown.replace(' ', "%20")),
        format!("file:{}?mode=rwc", shown.replace(' ', "%20")),
        format!("file://{}", shown.replace(' ', "%20")),
    ] {
        project.expect(0, &["migrate", "up", "--db", &name]);
        assert!(migrator.pending(&name).unwrap().is_empty(), "{name}");
        fs::remove_file(&file).unwrap();
        assert_eq!(migrator.up(&name).unwrap().after, Some(2));
        project.expect(0, &["migrate", "status", "--check", "--db", &name]);
        fs::remove_file(&file).unwrap();
        let missing = migrator.history(&name).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::File);
        // As `migrate status` says of a database that is not there yet.
        assert_eq!(migrator.pending(&name).unwrap(), [1, 2], "{name}");
    }
    let files = |project: &Project| project.files().into_keys().collect::<Vec<_>>();
    let before = files(&project);
    for name in [
        ":memory:",
        "sqlite::memory:",
        "file::memory:?cache=shared",
        "file:app.db?mode=memory",
        "sqlite:app.db?cache=shared",
        "jdbc:sqlite:app.db",
        "sqlite3:app.db",
        "postgres://localhost/app",
        "sqlite:app.db?mode=ro",
        "",
    ] {
        let refused = stderr(&project.expect(2, &["migrate", "up", "--db", name]));
        let error = migrator.up(name).unwrap_err().error;
        assert_eq!(error.kind(), ErrorKind::Usage, "{name}");
        // An empty flag is refused as such.
        assert!(name.is_empty() || refused.contains(error.message()), "{name}: {refused} {error}");
    }
    assert_eq!(files(&project), before, "no file was made");
    // `mode=rw` makes no file, `mode=ro` writes none.
    let error = migrator.up(format!("sqlite:{shown}?mode=rw")).unwrap_err().error;
    assert_eq!(
        (error.kind(), error.help_text()),
        (ErrorKind::File, Some("`mode=rw` makes no database, `mode=rwc` does"))
    );
    drop(migrator.up(&file).unwrap());
    let read_only = format!("sqlite:{}?mode=ro", shown.replace(' ', "%20"));
    assert!(migrator.pending(&read_only).unwrap().is_empty());
    let error = migrator.down(&read_only, DownTarget::Steps(1)).unwrap_err().error;
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[test]
fn a_failed_run_is_an_error_that_holds_what_was_done() {
    let texts = [CHAIN[0], ("V2__typo.sql", "CREATE TABLE t (id);\nINSERT INTO plns VALUES (1);")];
    let migrator = Migrator::from_texts(texts).unwrap();
    let mut conn = Connection::open_in_memory().unwrap();
    let failed = migrator.up(&mut conn).unwrap_err();
    assert_eq!((failed.run.done.len(), failed.run.before, failed.run.after), (1, None, Some(1)));
    assert_eq!(failed.error.kind(), ErrorKind::Sql);
    assert_eq!(
        failed.error.rendered().lines().take(5).collect::<Vec<_>>(),
        [
            "error: no such table: plns",
            " --> migrations/V2__typo.sql:2:13",
            "  |",
            "2 | INSERT INTO plns VALUES (1);",
            "  |             ^^^^"
        ]
    );
    let error: Error = failed.into();
    assert_eq!(error.message(), "no such table: plns");
}

#[test]
fn an_older_program_on_a_newer_database_is_told_so() {
    let mut conn = Connection::open_in_memory().unwrap();
    drop(chain().up(&mut conn).unwrap());
    let older = Migrator::from_texts(CHAIN.into_iter().take(2)).unwrap();
    for error in [older.up(&mut conn).unwrap_err().error, older.pending(&conn).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Newer);
        assert_eq!(
            error.message(),
            "the database is at V3__tasks, newer than V1__plans, the newest migration in migrations"
        );
    }
    // What it is told to do works.
    let refused = older.down(&mut conn, DownTarget::Above(1)).unwrap_err();
    assert_eq!(refused.run.lost[0].losses[0].count, Some(2));
    assert!(refused.error.help_text().is_some_and(|help| help.contains("Migrator::allow_destructive")));
    let older = older.allow_destructive(true);
    assert_eq!(older.down(&mut conn, DownTarget::Above(1)).unwrap().after, Some(1));
    assert!(older.pending(&conn).unwrap().is_empty());
    // A file that is missing in between is another matter.
    let gap = Migrator::from_texts([CHAIN[0], CHAIN[4]]).unwrap();
    drop(chain().up(&mut conn).unwrap());
    assert_eq!(gap.pending(&conn).unwrap_err().kind(), ErrorKind::Migration);
}

/// The library's texts name what an application can call, not flags.
#[test]
fn errors_of_the_library_speak_of_the_library() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let mut errors: Vec<Error> = Vec::new();
    let impatient = chain().lock_timeout(Duration::from_millis(1));
    errors.push(chain().history(path("missing.db")).unwrap_err());
    errors.push(chain().up(path("no/folder.db")).unwrap_err().error);
    errors.push(chain().up(dir.path()).unwrap_err().error);
    errors.push(chain().up("").unwrap_err().error);
    errors.push(chain().up(":memory:").unwrap_err().error);
    errors.push(Migrator::from_dir(path("no migrations")).unwrap_err());
    fs::write(path("a file"), "").unwrap();
    errors.push(Migrator::from_dir(path("a file")).unwrap_err());
    let file = path("held.db");
    let holder = Connection::open(&file).unwrap();
    drop(chain().to(2).up(&file).unwrap());
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    errors.push(impatient.up(&file).unwrap_err().error);
    errors.push(impatient.pending(&file).unwrap_err());
    errors.push(roots().lock_timeout(Duration::from_millis(1)).run(&file).unwrap_err());
    let auditor = Auditor::from_text("ddl.sql", "CREATE TABLE t (a);").lock_timeout(Duration::from_millis(1));
    errors.push(auditor.run(&file).unwrap_err());
    holder.execute_batch("COMMIT; BEGIN IMMEDIATE").unwrap();
    errors.push(impatient.up(&file).unwrap_err().error);
    errors.push(roots().lock_timeout(Duration::from_millis(1)).run(&file).unwrap_err());
    holder.execute_batch("COMMIT").unwrap();
    for (api, kind) in
        [("Migrator::lock_timeout", 3), ("Backfiller::lock_timeout", 2), ("Auditor::lock_timeout", 1)]
    {
        let about = errors.iter().filter(|error| error.help_text().is_some_and(|help| help.contains(api)));
        assert_eq!(about.count(), kind, "{api}");
    }
    errors.push(Migrator::from_texts([CHAIN[0]]).unwrap().up(&file).unwrap_err().error);
    let edited = Migrator::from_texts([CHAIN[0], CHAIN[1], ("V2__rows.sql", "SELECT 1;"), CHAIN[3]]).unwrap();
    errors.push(edited.up(&file).unwrap_err().error);
    holder.execute_batch("UPDATE planctl_migrations SET down_sql = 'SELECT 1'").unwrap();
    errors.push(chain().down(&file, DownTarget::Steps(1)).unwrap_err().error);
    assert!(errors.last().unwrap().help_text().unwrap().contains("Migrator::from_files"));
    let step = "-- planctl:backfill root-ancestor table=plans id=id parent=parent root=root";
    let orphan = format!("INSERT INTO plans VALUES ('x', 'nobody', NULL);\n{step}\n");
    let steps = Migrator::from_texts([CHAIN[0], CHAIN[2], ("V3__roots.sql", orphan.as_str())]).unwrap();
    errors.push(steps.up(&file).unwrap_err().error);
    for error in errors {
        let help = error.help_text().unwrap_or_default();
        let shown = format!("{error}\n{}\n{help}", error.notes().join("\n"));
        assert!(!shown.contains("--"), "{shown}");
        assert!(!shown.contains("planctl migrate up") && !shown.contains("status`"), "{shown}");
        assert!(!help.is_empty(), "{shown}");
    }
}

/// Each of them hears of the migration; none of a file that another one took away.
#[test]
fn first_starts_with_a_migration_that_fails_all_say_why() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.db");
    let migrator =
        Migrator::from_texts([("V1__a.sql", "CREATE TABLE a (x); INSERT INTO b VALUES (1);")]).unwrap();
    let barrier = Arc::new(Barrier::new(8));
    for _ in 0..20 {
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let (migrator, file, barrier) = (migrator.clone(), file.clone(), Arc::clone(&barrier));
                thread::spawn(move || {
                    barrier.wait();
                    migrator.up(&file).unwrap_err().error.to_string()
                })
            })
            .collect();
        for start in starts {
            let said = start.join().unwrap();
            assert!(said.ends_with("no such table: b"), "{said}");
        }
        assert!(!file.exists() && !beside(&file, "-journal").exists());
    }
}

#[test]
fn an_audit_takes_texts_options_and_a_shared_connection() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        "CREATE TABLE plans (id TEXT PRIMARY KEY, state TEXT); INSERT INTO plans VALUES ('a', NULL)",
    )
    .unwrap();
    let spec = "CREATE TABLE plans (id TEXT PRIMARY KEY, state TEXT NOT NULL);";
    let auditor = Auditor::from_text("spec/ddl.sql", spec);
    let rules = |auditor: &Auditor| {
        let audited = auditor.run(&conn).unwrap();
        let open = audited.audit.findings.into_iter().filter(|finding| finding.excuse.is_none());
        open.map(|finding| finding.rule.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(rules(&auditor), ["column-nullability"]);
    assert_eq!(rules(&auditor.clone().data(true)), ["column-nullability", "value-null"]);
    let ledger = "[[deviation]]\nrule = 'column-nullability'\ntable = 'plans'\nname = 'state'\n\
                  expected = 'NOT NULL'\nactual = 'NULL'\nreason = 'later'\n";
    let excused = auditor.clone().deviations_from_text("deviations.toml", ledger);
    assert!(rules(&excused).iter().all(|rule| *rule != "column-nullability"), "{:?}", rules(&excused));
    assert!(rules(&excused.strict(true)).contains(&"column-nullability"));
    let functions = column(&conn, "SELECT name FROM pragma_function_list WHERE name LIKE 'planctl%'");
    assert!(functions.is_empty(), "{functions:?}");
    conn.execute_batch("CREATE TABLE django_users (x); CREATE TABLE goose_db_version (x)").unwrap();
    assert_eq!(rules(&auditor), ["extra-table", "column-nullability"]);
    let ignored = auditor.clone().ignore(["django_*"]).run(&conn).unwrap();
    assert_eq!((ignored.audit.findings.len(), ignored.ignored.len()), (1, 2));
    let stop = Interrupt::new();
    stop.raise();
    for data in [false, true] {
        let error = auditor.clone().data(data).interrupt(stop.clone()).run(&conn).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted);
    }
    let wrong = Auditor::from_text("spec/ddl.sql", "CREATE TABLE t (a INTT,);");
    assert!(wrong.run(&conn).unwrap_err().rendered().contains(" --> spec/ddl.sql:1:"));
}

#[test]
fn a_backfill_can_be_tried_watched_and_stopped() {
    let mut conn = Connection::open_in_memory().unwrap();
    drop(chain().up(&mut conn).unwrap());
    let mut events = Counts::default();
    let tried = roots().dry_run(true).run_with(&mut conn, &mut events).unwrap();
    assert_eq!((tried.filled, tried.rows), (2, 2), "what it would do");
    assert!(events.0 > 0);
    let stop = Interrupt::new();
    stop.raise();
    let error = roots().interrupt(stop).run(&mut conn).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!(column(&conn, "SELECT DISTINCT quote(root) FROM plans"), ["NULL"]);
    assert_eq!(roots().run(&mut conn).unwrap().filled, 2);
    let missing = Path::new("there is no such.db");
    assert_eq!(roots().run(missing).unwrap_err().kind(), ErrorKind::File);
    assert!(!missing.exists());
}

/// These two blocks cannot be compiled where the page's others are: they are those of the application that is built with
/// planctl.
#[test]
fn the_page_shows_the_build_script_of_the_application_that_is_built() {
    let read = |name: &str| fs::read_to_string(crate::harness::repository(name)).unwrap();
    let page = read("docs/embedding.md");
    let blocks = page.split("```rust,ignore\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let application = read("planctl-build/example/build.rs") + &read("planctl-build/example/src/main.rs");
    let known = |line: &str| {
        let line = line.trim().replace("\"migrations\"", "\"../../migrations\"").replace("\"app.db\"", "db");
        application.lines().any(|known| known.trim() == line)
    };
    let unknown: Vec<&str> =
        blocks.flat_map(str::lines).filter(|line| !line.starts_with("// ") && !known(line)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// Cargo refuses another version beside it, and the page says which one is meant.
#[test]
fn the_page_names_the_rusqlite_that_planctl_is_built_with() {
    let file = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let manifest: toml::Table = file("Cargo.toml").parse().unwrap();
    let version = manifest["dependencies"]["rusqlite"]["version"].as_str().unwrap();
    assert!(file("docs/embedding.md").contains(&format!("rusqlite {version} ")), "{version}");
}

/// As an application that looks first and shows a page while it migrates would have it: the first start is no error.
#[test]
fn where_up_would_make_the_database_everything_is_pending() {
    let project = Project::new();
    let missing = project.path("new.db");
    assert_eq!(chain().pending(&missing).unwrap(), [1, 2, 3]);
    assert_eq!(chain().to(2).pending(&missing).unwrap(), [1, 2]);
    assert!(!missing.exists());
    // Where `up` would not make it, it is missing.
    for mode in ["ro", "rw"] {
        let name = format!("file:{}?mode={mode}", missing.display());
        assert_eq!(chain().pending(&name).unwrap_err().kind(), ErrorKind::File, "{name}");
    }
    let nowhere = project.path("no/folder/new.db");
    assert_eq!(chain().pending(&nowhere).unwrap_err().kind(), ErrorKind::File);
    assert_eq!(chain().history(&missing).unwrap_err().kind(), ErrorKind::File);
    let _ = chain().up(&missing).unwrap();
    assert!(chain().pending(&missing).unwrap().is_empty());
}

#[test]
fn what_applications_hold_and_get_can_go_to_another_thread() {
    fn is<T: Send + Sync + 'static>() {}
    is::<Migrator>();
    is::<planctl::fleet::Fleet>();
    is::<Auditor>();
    is::<Backfiller>();
    is::<Interrupt>();
    is::<planctl::migrate::Run>();
    is::<planctl::migrate::FailedRun>();
    is::<planctl::fleet::FleetRun>();
    is::<planctl::findings::Audited>();
    is::<planctl::roots::Outcome>();
    is::<Error>();
}
