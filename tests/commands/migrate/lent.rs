//! A connection of the application's own, lent for a while.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use planctl::Auditor;
use planctl::error::ErrorKind;
use planctl::internals::base::job::Job;
use planctl::internals::engine::file::lend;
use planctl::internals::engine::{DownTarget, OpenOptions, UpOptions};
use planctl::internals::migrations::MigrationSet;
use planctl::migrate::Migrator;
use planctl::progress::{Event, Observer};
use planctl::roots::{BackfillSpec, OnCycle, OnOrphan};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};

use super::embedding::{Counts, chain, roots};
use super::{Project, column, stderr};

fn setting(conn: &Connection, name: &str) -> i64 {
    conn.pragma_query_value(None, name, |row| row.get(0)).unwrap()
}

/// Panics at an event, counted from 0.
struct PanicsAt(usize);

impl Observer for PanicsAt {
    fn event(&mut self, _: Event<'_>) {
        match self.0.checked_sub(1) {
            Some(left) => self.0 = left,
            None => panic!("a program's own trouble"),
        }
    }
}

/// At whichever event: no transaction stays open, the settings are the application's, and the same call works afterwards.
#[test]
fn an_observer_that_panics_leaves_the_connection_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let works: [fn(&mut Connection, &mut dyn Observer); 3] = [
        |conn, observer| drop(chain().run_up(conn, observer).unwrap()),
        |conn, observer| {
            let chain = chain().allow_destructive(true);
            drop(chain.run_down(conn, DownTarget::Steps(1), observer).unwrap());
        },
        |conn, observer| drop(roots().run_with(conn, observer).unwrap()),
    ];
    for (number, work) in works.into_iter().enumerate() {
        let fresh = |name: &str| {
            let mut conn = Connection::open(dir.path().join(name)).unwrap();
            if number > 0 {
                drop(chain().up(&mut conn).unwrap());
            }
            conn.execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL").unwrap();
            conn
        };
        let mut events = Counts::default();
        work(&mut fresh(&format!("{number}.db")), &mut events);
        assert!(events.0 > 2, "{number}");
        for event in 0..events.0 {
            let mut conn = fresh(&format!("{number}-{event}.db"));
            let panicked = catch_unwind(AssertUnwindSafe(|| work(&mut conn, &mut PanicsAt(event))));
            assert!(panicked.is_err());
            assert!(conn.is_autocommit(), "{number}, event {event}");
            assert_eq!((setting(&conn, "foreign_keys"), setting(&conn, "synchronous")), (1, 2));
            conn.execute_batch("BEGIN; CREATE TABLE mine (x); COMMIT").unwrap();
            work(&mut conn, &mut Counts::default());
        }
    }
}

fn shared(name: &str) -> Connection {
    let flags = OpenFlags::default() | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{name}?mode=memory&cache=shared"), flags).unwrap()
}

/// SQLite's own handler does not wait for the locks of a shared cache.
#[test]
fn a_lock_in_a_shared_cache_is_waited_for_and_is_this_process_s() {
    for (number, hold) in
        ["BEGIN; SELECT * FROM keep", "BEGIN IMMEDIATE; INSERT INTO keep VALUES (1); CREATE TABLE x(y)"]
            .into_iter()
            .enumerate()
    {
        let name = format!("planctl-embedding-{number}");
        let mut conn = shared(&name);
        conn.execute_batch("CREATE TABLE keep (x); INSERT INTO keep VALUES (0)").unwrap();
        let other = shared(&name);
        other.execute_batch(hold).unwrap();
        let impatient = chain().lock_timeout(Duration::from_millis(20));
        let error = impatient.up(&mut conn).unwrap_err().error;
        assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
        assert!(error.message().contains("another connection of this process"), "{error}");
        assert!(conn.is_autocommit());
        if number == 1 {
            let error = impatient.pending(&conn).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
            let auditor = Auditor::from_text("ddl.sql", "CREATE TABLE t (a);").lock_timeout(Duration::ZERO);
            assert_eq!(auditor.run(&conn).unwrap_err().kind(), ErrorKind::Locked);
        }
        // Now whoever holds it lets go as soon as somebody waits.
        let (waits, waiting) = mpsc::channel();
        struct Tells(mpsc::Sender<()>);
        impl Observer for Tells {
            fn event(&mut self, event: Event<'_>) {
                if matches!(event, Event::WaitingForLock { .. }) {
                    let _ = self.0.send(());
                }
            }
        }
        let release = thread::spawn(move || {
            // Reads wait without a word.
            let _ = waiting.recv_timeout(Duration::from_millis(200));
            other.execute_batch("COMMIT").unwrap();
            other
        });
        let patient = chain().lock_timeout(Duration::from_secs(60));
        assert_eq!(patient.run_up(&mut conn, &mut Tells(waits)).unwrap().done.len(), 3);
        drop(release.join().unwrap());
    }
}

/// Letters count the same with and without a diaeresis.
fn plain(text: &str) -> String {
    text.to_lowercase().replace('ä', "a").replace('ö', "o")
}

#[test]
fn a_backfill_compares_keys_by_a_collation_of_the_connection() {
    let mut conn = Connection::open_in_memory().unwrap();
    let ddl = "CREATE TABLE plans (id TEXT COLLATE plain PRIMARY KEY, parent TEXT, root TEXT COLLATE NOCASE)";
    conn.create_collation("plain", |a, b| plain(a).cmp(&plain(b))).unwrap();
    conn.execute_batch(ddl).unwrap();
    conn.execute_batch(
        "INSERT INTO plans VALUES ('Ära', NULL, 'ARA'), ('Bär', 'ara', NULL), ('Cör', 'BAR', 'arä'), ('d', 'COR', 'x')",
    )
    .unwrap();
    let outcome = roots().run(&mut conn).unwrap();
    assert_eq!((outcome.roots, outcome.filled, outcome.wrong, outcome.max_depth), (1, 1, 1, 3));
    let stored = "SELECT id || ' ' || root FROM plans ORDER BY rowid";
    assert_eq!(column(&conn, stored), ["Ära ARA", "Bär Ära", "Cör arä", "d x"]);
    // In a migration, too.
    let step = "-- planctl:backfill root-ancestor table=plans id=id parent=parent root=root\n";
    let migrator = Migrator::from_texts(
        [("V1__roots.sql", format!("UPDATE plans SET root = '';\n{step}"))]
            .iter()
            .map(|(name, text)| (*name, text.as_str())),
    )
    .unwrap();
    drop(migrator.up(&mut conn).unwrap());
    assert_eq!(column(&conn, "SELECT DISTINCT root FROM plans"), ["Ära"]);
    // Where ids are not unique by it, that is said.
    conn.execute_batch("CREATE TABLE loose (id TEXT COLLATE plain, parent TEXT, root TEXT)").unwrap();
    conn.execute_batch("INSERT INTO loose VALUES ('ä', NULL, NULL), ('A', NULL, NULL), ('b', 'a', NULL)")
        .unwrap();
    let spec = BackfillSpec {
        table: "loose".into(),
        id: "id".into(),
        parent: "parent".into(),
        root: "root".into(),
        on_cycle: OnCycle::Abort,
        on_orphan: OnOrphan::Abort,
        recompute: false,
    };
    let error = planctl::backfill(&mut conn, &spec).unwrap_err();
    assert_eq!(error.message(), "loose.id is not unique: 1 row has the id of an earlier row");
    // Elsewhere nobody knows the collation.
    let file = tempfile::NamedTempFile::new().unwrap();
    let other = Connection::open(file.path()).unwrap();
    other.create_collation("plain", |a, b| a.cmp(b)).unwrap();
    other.execute_batch(ddl).unwrap();
    let error = roots().run(file.path()).unwrap_err();
    assert!(error.message().contains("only the application knows"), "{error}");
}

/// Functions of each kind, and a collation, as an application registers them.
fn register(conn: &Connection) {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("slug", 1, flags, |context| {
        Ok(context.get::<Option<String>>(0)?.map(|text| text.to_lowercase()))
    })
    .unwrap();
    conn.create_scalar_function("regexp", 2, flags, |_| Ok(true)).unwrap();
    conn.create_collation("plain", |a, b| plain(a).cmp(&plain(b))).unwrap();
}

const OF_APPLICATION: &str = "
    CREATE TABLE pages (
      id TEXT COLLATE plain PRIMARY KEY,
      title TEXT CHECK (slug(title) <> '' AND title REGEXP 'x'),
      slug TEXT AS (slug(title)) STORED
    );
    CREATE UNIQUE INDEX pages_title ON pages (title COLLATE plain);
    CREATE INDEX pages_slug ON pages (slug(title)) WHERE slug(title) <> 'x';
    CREATE VIEW slugs AS SELECT slug(title) AS slug FROM pages ORDER BY title COLLATE plain;
    CREATE TRIGGER pages_trigger AFTER INSERT ON pages BEGIN SELECT slug(new.title); END;
    INSERT INTO pages (id, title) VALUES ('a', 'B')";

/// `redo` and the dry runs work on a copy of the schema, and end as the runs do.
#[test]
fn a_schema_with_functions_and_collations_of_the_application_can_be_copied() {
    let project = Project::two_tables();
    let conn = Connection::open(project.db()).unwrap();
    register(&conn);
    conn.execute_batch(OF_APPLICATION).unwrap();
    drop(conn);
    project.expect(0, &["migrate", "up", "--dry-run"]);
    project.expect(0, &["migrate", "up"]);
    project.expect(0, &["migrate", "redo"]);
    project.expect(0, &["migrate", "down", "--dry-run"]);
    // What fails on the database fails on the copy, by the same words.
    for (sql, said) in [
        ("INSERT INTO pages (id, title) VALUES ('c', 'd');", "unknown function: slug()"),
        ("CREATE TABLE more (a CHECK (slug(a) <> ''));", "no such function: slug"),
        ("CREATE INDEX more ON pages (id COLLATE plain);", "no such collation sequence: plain"),
    ] {
        project.write("V3__more.sql", sql);
        for args in [&["migrate", "up", "--dry-run"][..], &["migrate", "up"]] {
            let shown = stderr(&project.expect(2, args));
            assert!(shown.contains(said), "{args:?}: {shown}");
        }
    }
    // On the application's own connection they are there, for the copy as well.
    let texts = [
        ("V1__a.sql", "CREATE TABLE more (a CHECK (slug(a) <> ''), b COLLATE plain UNIQUE);"),
        ("V1__a.down.sql", "DROP TABLE more;"),
    ];
    let set = MigrationSet::from_texts(Path::new("migrations"), texts).unwrap();
    let mut conn = Connection::open_in_memory().unwrap();
    register(&conn);
    conn.execute_batch(OF_APPLICATION).unwrap();
    let options = UpOptions::of(Default::default());
    let done = lend(&mut conn, OpenOptions::default(), Job::quiet(), |engine| {
        let mut copy = engine.schema_copy().unwrap();
        let tried = copy.migrate_up(&set, &options, Job::quiet());
        let run = engine.migrate_up(&set, &options, Job::quiet());
        [tried, run].map(|run| (run.done.len(), run.error.map(|error| error.to_string())))
    });
    assert_eq!(done.unwrap(), [(1, None), (1, None)]);
}

/// Of settings and temporary objects, those of the application are there afterwards, and no others.
#[test]
fn a_migration_changes_nothing_that_is_the_application_s_own() {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        "PRAGMA case_sensitive_like = ON; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;
         PRAGMA cache_size = 123; PRAGMA temp_store = MEMORY; PRAGMA synchronous = NORMAL;
         CREATE TABLE mine (x); CREATE TEMP TABLE drafts (x); INSERT INTO drafts VALUES (1);
         CREATE TEMP VIEW sight AS SELECT * FROM drafts;
         CREATE TEMP TRIGGER watch AFTER INSERT ON main.mine BEGIN INSERT INTO drafts VALUES (new.x); END",
    )
    .unwrap();
    conn.busy_timeout(Duration::from_millis(1234)).unwrap();
    let picture = |conn: &Connection| {
        let names = ["case_sensitive_like", "foreign_keys", "recursive_triggers", "cache_size", "temp_store"];
        let more = ["synchronous", "busy_timeout", "count_changes", "max_page_count", "legacy_alter_table"];
        let mut all: Vec<String> = names[1..]
            .iter()
            .chain(&more)
            .map(|name| format!("{name} {}", setting(conn, name)))
            .chain(column(conn, "SELECT 'like ' || ('a' LIKE 'A')"))
            .chain(column(conn, "SELECT type || ' ' || name FROM temp.sqlite_schema ORDER BY 1"))
            .collect();
        all.extend(column(conn, "SELECT 'row ' || x FROM drafts"));
        all
    };
    let before = picture(&conn);
    assert!(before.contains(&"like 0".to_owned()) && before.contains(&"trigger watch".to_owned()));
    let migrator = Migrator::from_texts([
        ("V1__a.sql", "PRAGMA foreign_keys = OFF; CREATE TEMP TABLE work (x); CREATE TABLE a (x); DROP TABLE work;"),
        ("V1__a.down.sql", "PRAGMA foreign_keys = OFF; CREATE TEMP TABLE work (x); DROP TABLE a;"),
        (
            "V2__b.sql",
            "PRAGMA reverse_unordered_selects = ON; PRAGMA count_changes = ON; PRAGMA cache_size = 7; PRAGMA max_page_count = 999;
             PRAGMA recursive_triggers = OFF; PRAGMA legacy_alter_table = ON; CREATE TEMP VIEW left AS SELECT 1;
             CREATE TEMP TABLE stays (x); CREATE INDEX temp.late ON drafts (x); CREATE TABLE b (x);",
        ),
        ("V2__b.down.sql", "DROP TABLE b; CREATE TEMP TABLE other (x);"),
        ("V3__c.sql", "PRAGMA secure_delete = ON; CREATE TEMP TABLE work (x); SELECT * FROM nowhere;"),
    ])
    .unwrap();
    assert_eq!(migrator.clone().to(2).up(&mut conn).unwrap().done.len(), 2);
    assert_eq!(picture(&conn), before);
    assert_eq!(migrator.up(&mut conn).unwrap_err().error.message(), "no such table: nowhere");
    assert_eq!(picture(&conn), before, "after a failure");
    assert_eq!(migrator.down(&mut conn, DownTarget::Above(0)).unwrap().done.len(), 2);
    assert_eq!(picture(&conn), before, "after a down");
    // What takes an object of the application's for one of the database is refused.
    for sql in
        ["DROP TABLE drafts;", "DROP VIEW sight;", "DROP TRIGGER watch;", "ALTER TABLE drafts ADD COLUMN y;"]
    {
        let error = Migrator::from_texts([("V1__a.sql", sql)]).unwrap().up(&mut conn).unwrap_err().error;
        assert_eq!(error.kind(), ErrorKind::Migration, "{sql}: {error}");
        assert!(error.message().ends_with("which is the application's"), "{error}");
        assert_eq!(picture(&conn), before, "{sql}");
    }
    // LIKE as SQLite has it is set back when a migration changes it.
    let mut conn = Connection::open_in_memory().unwrap();
    let like = [("V1__like.sql", "PRAGMA case_sensitive_like = ON; CREATE TABLE a (x CHECK (x LIKE 'A%'));")];
    drop(Migrator::from_texts(like).unwrap().up(&mut conn).unwrap());
    assert_eq!(column(&conn, "SELECT 'like ' || ('a' LIKE 'A')"), ["like 1"]);
}

/// Applies what a newer program has, as soon as something was reverted.
struct Faster<'a>(&'a Path, Option<Migrator>);

impl Observer for Faster<'_> {
    fn event(&mut self, event: Event<'_>) {
        if matches!(event, Event::MigrationFinished { down: true, .. })
            && let Some(newer) = self.1.take()
        {
            drop(newer.up(self.0).unwrap());
        }
    }
}

#[test]
fn a_migration_that_another_process_applied_meanwhile_is_not_taken_back() {
    const TEXTS: [(&str, &str); 6] = [
        ("V1__t.sql", "CREATE TABLE t (a);"),
        ("V1__t.down.sql", "DROP TABLE t;"),
        ("V2__u.sql", "CREATE TABLE u (a);"),
        ("V2__u.down.sql", "DROP TABLE u;"),
        ("V3__v.sql", "CREATE TABLE v (a);"),
        ("V3__v.down.sql", "DROP TABLE v;"),
    ];
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("x.db");
    let migrator = Migrator::from_texts(TEXTS.into_iter().take(4)).unwrap();
    drop(migrator.up(&db).unwrap());
    let newer = Migrator::from_texts(TEXTS).unwrap();
    let failed = migrator.run_down(&db, DownTarget::Above(0), &mut Faster(&db, Some(newer))).unwrap_err();
    assert!(
        failed.error.message().contains("V3__v was applied by another process in the meantime"),
        "{}",
        failed.error
    );
    assert_eq!(failed.error.help_text(), Some("look at `Migrator::history`, and decide again"));
    // Who looks sees version 3, which is the newer program's to take back.
    let applied: Vec<_> = migrator.history(&db).unwrap().applied.iter().map(|row| row.version).collect();
    assert_eq!(applied, [1, 2, 3]);
    drop(Migrator::from_texts(TEXTS).unwrap().down(&db, DownTarget::Above(0)).unwrap());
}
