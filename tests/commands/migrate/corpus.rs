//! Chains of migrations of known applications: planctl ends where plain SQLite ends.

use planctl::internals::base::job::Job;
use planctl::internals::base::source::SourceFile;
use planctl::internals::engine;
use planctl::internals::engine::{Access, DownOptions, DownTarget, OnLoss, OpenOptions, UpOptions};
use planctl::internals::migrations::{Migration, MigrationSet, refused_statement};
use planctl::internals::sql::statements;

use super::*;
use crate::harness::{entries, shared};

/// The chains, or `None` (with a word about it) where they are not there.
pub(super) fn chains() -> Option<Vec<PathBuf>> {
    all_of("chains")
}

/// What a folder of the corpus holds.
pub(super) fn all_of(folder: &str) -> Option<Vec<PathBuf>> {
    shared(&format!("corpus/{folder}")).map(|folder| entries(&folder))
}

/// The chain's files under names that refinery reads: some of these projects use another tool, and hyphens.
pub(super) fn load(chain: &Path) -> (tempfile::TempDir, MigrationSet) {
    let dir = in_memory();
    for entry in fs::read_dir(chain).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if name.ends_with(".sql") {
            fs::copy(entry.path(), dir.path().join(name.replace('-', "_"))).unwrap();
        }
    }
    let set = MigrationSet::load(dir.path()).unwrap_or_else(|error| panic!("{error} {:?}", error.notes()));
    (dir, set)
}

/// The script without the statements that cannot be part of a migration.
fn without_own_transaction(file: &SourceFile) -> SourceFile {
    let mut text = file.text().to_owned();
    for statement in statements(file.text()).iter().rev() {
        if refused_statement(&SourceFile::new("x.sql", statement.text)).is_some() {
            text.replace_range(statement.start..statement.end(), "");
        }
    }
    SourceFile::new(file.path(), text)
}

pub(super) fn runnable(set: &MigrationSet) -> MigrationSet {
    let migrations = set.migrations.iter().map(|m| Migration {
        up: without_own_transaction(&m.up),
        down: m.down.as_ref().map(without_own_transaction),
        ..m.clone()
    });
    MigrationSet { dir: set.dir.clone(), migrations: migrations.collect() }
}

/// A folder in memory where there is one: the laws here are not about the disk.
pub(super) fn plain(db: &Path) -> Connection {
    let conn = Connection::open(db).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF").unwrap();
    conn
}

/// The schema without what belongs to the history.
fn schema(conn: &Connection) -> Vec<String> {
    column(
        conn,
        "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_schema
         WHERE tbl_name NOT IN ('refinery_schema_history', 'planctl_migrations') ORDER BY 1",
    )
}

pub(super) fn open(db: &Path) -> Box<dyn engine::Engine> {
    engine::open(db, Access::ReadWrite { create: true }, OpenOptions::default(), Job::quiet()).unwrap()
}

fn up(db: &Path, set: &MigrationSet, to: i64) -> engine::Run {
    let options = UpOptions { to: Some(to), ..UpOptions::of(ulid::Ulid::nil()) };
    open(db).migrate_up(set, &options, Job::quiet())
}

#[test]
fn real_chains_go_up_file_by_file_to_the_schema_that_plain_sqlite_reaches() {
    for chain in chains().unwrap_or_default() {
        let (_files, set) = load(&chain);
        let dir = in_memory();
        let (ours, theirs) = (dir.path().join("ours.db"), dir.path().join("theirs.db"));
        if let Some(refused) = set.migrations.iter().find(|m| refused_statement(&m.up).is_some()) {
            let last = set.migrations.last().unwrap().version;
            let error = up(&ours, &set, last).error.unwrap();
            assert_eq!(error.location().unwrap().file, refused.up.path());
            assert!(!ours.exists());
        }
        let set_to_run = runnable(&set);
        let reference = plain(&theirs);
        for (original, file) in set.migrations.iter().zip(&set_to_run.migrations) {
            let run = up(&ours, &set_to_run, file.version);
            assert!(run.error.is_none(), "{}: {:?}", file.up.path().display(), run.error);
            reference.execute_batch(original.up.text()).unwrap();
            assert_eq!(schema(&plain(&ours)), schema(&reference), "{}", file.up.path().display());
        }
    }
}

#[test]
fn each_down_of_a_real_chain_does_what_plain_sqlite_does_or_leaves_all_as_it_was() {
    let (mut tried, mut came_down) = (0, 0);
    for chain in chains().unwrap_or_default() {
        let (_files, set) = load(&chain);
        let set = runnable(&set);
        if set.migrations.iter().all(|m| m.down.is_none()) {
            continue;
        }
        let dir = in_memory();
        let db = dir.path().join("chain.db");
        let (ours, theirs) = (dir.path().join("ours.db"), dir.path().join("theirs.db"));
        for file in &set.migrations {
            assert!(up(&db, &set, file.version).error.is_none());
            let Some(down) = &file.down else { continue };
            fs::copy(&db, &ours).unwrap();
            fs::copy(&db, &theirs).unwrap();
            let before = schema(&plain(&theirs));
            let reference = plain(&theirs);
            let expected = reference
                .execute_batch(&format!("BEGIN; {}\n; COMMIT", down.text()))
                .map(|()| schema(&reference));
            let options = DownOptions {
                target: DownTarget::Steps(1),
                from_files: false,
                on_loss: OnLoss::Allow,
                backup: None,
            };
            let run = open(&ours).migrate_down(&set, &options, Job::quiet());
            let place = down.path().display();
            tried += 1;
            match (expected, run.error) {
                (Ok(expected), None) => {
                    assert_eq!(schema(&plain(&ours)), expected, "{place}");
                    came_down += 1;
                }
                (Err(_), Some(_)) => assert_eq!(schema(&plain(&ours)), before, "{place}"),
                (expected, error) => panic!("{place}: plain SQLite {expected:?}, planctl {error:?}"),
            }
        }
    }
    eprintln!("{came_down} of {tried} downs ran");
}

/// Schema and rows, without the times at which some chains insert rows: date and time as text, or seconds or
/// milliseconds since 1970.
fn settled(db: &Path) -> Vec<String> {
    let time = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?|\b\d{10}(\d{3})?\b";
    let time = regex::Regex::new(time).unwrap();
    let rows = super::production::dump(db);
    let mut lines: Vec<String> =
        rows.iter().map(|line| time.replace_all(line, "a time").into_owned()).collect();
    // The order of rows may have hung on the times.
    lines.sort();
    lines
}

/// Half of a chain for real; then the rest for real, on a copy as a rehearsal has it, and as a script in the shell.
#[test]
fn a_rehearsal_and_a_script_of_a_real_chain_end_where_the_run_ends() {
    let shell_is_there = super::offline::has_shell();
    let (mut scripts, mut files) = (0, 0);
    for chain in chains().unwrap_or_default() {
        let (_files, set) = load(&chain);
        let set = runnable(&set);
        let dir = in_memory();
        let db = |name: &str| dir.path().join(format!("{name}.db"));
        let place = chain.display();
        let middle = set.migrations[set.migrations.len() / 2].version;
        let last = set.migrations.last().unwrap().version;
        assert!(up(&db("real"), &set, middle).error.is_none(), "{place}");
        let mut source =
            engine::open(db("real"), Access::ReadOnly, OpenOptions::default(), Job::quiet()).unwrap();
        source.copy_to(&db("rehearsed"), Job::quiet()).unwrap();
        drop(source);
        fs::copy(db("real"), db("scripted")).unwrap();
        let real = up(&db("real"), &set, last);
        let rehearsed = up(&db("rehearsed"), &set, last);
        assert!(real.error.is_none() && rehearsed.error.is_none(), "{place}");
        let rows = |run: &engine::Run| -> Vec<(String, u64)> {
            let steps = run.done.iter().flat_map(|done| &done.steps);
            steps.map(|step| (step.what.clone(), step.rows)).collect()
        };
        assert!(rows(&real) == rows(&rehearsed), "{place}: rows of each step");
        let expected = settled(&db("real"));
        assert!(settled(&db("rehearsed")) == expected, "{place}");
        if !shell_is_there {
            continue;
        }
        let options = engine::ScriptOptions {
            place: planctl::internals::sql::Target::Sqlite,
            run_id: ulid::Ulid::nil(),
            lock_timeout: std::time::Duration::from_secs(1),
            job: Job::quiet(),
        };
        for (name, from, foreign_keys) in [("scripted", middle, true), ("whole", 0, false)] {
            let script = engine::script_up(&set, Some(from), None, OnLoss::Refuse, options).unwrap();
            let output = super::offline::shell(&db(name), &script, foreign_keys);
            assert!(output.status.success(), "{place}, {name}: {}", stderr(&output));
            let scripted = settled(&db(name));
            let differs = scripted.iter().zip(&expected).find(|(a, b)| a != b);
            assert!(scripted == expected, "{place}, {name}: {differs:?}");
            let mut engine = open(&db(name));
            assert!(engine.migrate_up(&set, &UpOptions::of(ulid::Ulid::nil()), Job::quiet()).done.is_empty());
            scripts += 1;
        }
        files += set.migrations.len();
    }
    eprintln!("{scripts} scripts of {files} files ran in the sqlite3 shell");
}
