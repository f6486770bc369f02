//! Every command that writes: where it begins, how it runs, and the states that it may leave.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use planctl::internals::base::job::Job;
use planctl::internals::commands;
use planctl::internals::commands::Context;
use planctl::internals::engine;
use planctl::internals::engine::{Access, DownOptions, DownTarget, OnLoss, OpenOptions, Run, UpOptions};
use planctl::internals::migrations::MigrationSet;
use planctl::internals::report::Report;
use planctl::internals::sample::Asked;
use planctl::migrate::Migrator;
use planctl::progress::{Event, Interrupt, Observer};
use planctl::roots::{BackfillSpec, OnCycle, OnOrphan};
use rusqlite::Connection;

use crate::{Direction, chain, column, migrate, repository, vfs};

const LOCK: Duration = Duration::from_millis(50);

/// A command under a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Command {
    Up,
    Down,
    /// On a file that is not there.
    UpNew,
    /// Of a database that refinery migrated.
    TakeOver,
    UpBackup,
    /// On a connection of the application's, which has `synchronous` as SQLite has it.
    UpLent,
    /// The same with `synchronous = NORMAL`, which promises no durability.
    UpNormal,
    Redo,
    Baseline,
    /// Of a database that has all of what was squashed: beside it lies the squashed file.
    Follow,
    Backfill,
    Recompute,
    SampleFile,
    SamplePlans,
}

pub(crate) const COMMANDS: [Command; 14] = [
    Command::Up,
    Command::Down,
    Command::UpNew,
    Command::TakeOver,
    Command::UpBackup,
    Command::UpLent,
    Command::UpNormal,
    Command::Redo,
    Command::Baseline,
    Command::Follow,
    Command::Backfill,
    Command::Recompute,
    Command::SampleFile,
    Command::SamplePlans,
];

thread_local! {
    /// Steps that the command has told the user are done: migrations, or the whole of it.
    pub(crate) static REPORTED: Cell<usize> = const { Cell::new(0) };
}

struct Reporter;

impl Observer for Reporter {
    fn event(&mut self, event: Event<'_>) {
        if matches!(event, Event::MigrationFinished { .. }) {
            report(1);
        }
    }
}

/// What is said without power is not heard.
fn report(steps: usize) {
    if vfs::is_powered() {
        REPORTED.set(REPORTED.get() + steps);
    }
}

fn with_context(run: impl FnOnce(&mut Context<'_>) -> planctl::error::Result<Report>) -> Result<(), String> {
    let (told, interrupt) = (RefCell::new(Reporter), Interrupt::new());
    let report = run(&mut Context {
        job: Job::new(&told, &interrupt),
        run_id: ulid::Ulid::nil(),
        started: time::OffsetDateTime::UNIX_EPOCH,
    });
    match report {
        Ok(Report { error: None, .. }) => Ok(()),
        Ok(Report { error: Some(error), .. }) => Err(text(&error)),
        Err(error) => Err(text(&error)),
    }
}

fn text(error: &dyn Debug) -> String {
    format!("{error:?}")
}

fn settled(run: Run) -> Result<(), String> {
    run.error.map_or(Ok(()), |error| Err(text(&error)))
}

pub(crate) fn backup_of(db: &Path) -> PathBuf {
    db.with_file_name("backup.db")
}

impl Command {
    /// The version of the database where it begins, and whether there are rows.
    fn begins(self) -> (i64, bool) {
        match self {
            Command::UpNew => (0, false),
            Command::Up
            | Command::TakeOver
            | Command::UpBackup
            | Command::UpLent
            | Command::UpNormal
            | Command::Follow
            | Command::Backfill => (6, true),
            Command::Down | Command::Redo | Command::Baseline | Command::Recompute => (9, true),
            Command::SampleFile | Command::SamplePlans => (9, false),
        }
    }

    /// Whether power failures are all that it is here for: `faults.rs` tries the other faults on these.
    pub(crate) fn is_for_power_alone(self) -> bool {
        matches!(self, Command::Up | Command::Down | Command::UpLent | Command::UpNormal)
    }

    /// Whether it makes sense in this journal mode.
    pub(crate) fn has_mode(self, mode: &str) -> bool {
        match self {
            Command::UpNew => mode == "DELETE",
            Command::UpNormal => mode == "WAL",
            _ => true,
        }
    }

    /// Whether what is reported as done has to be there after a power failure.
    pub(crate) fn is_durable(self) -> bool {
        self != Command::UpNormal
    }

    /// Makes the database where it begins.
    pub(crate) fn prepare(self, db: &Path, mode: &str, cache: u32) {
        let (version, rows) = self.begins();
        if version == 0 {
            return;
        }
        assert!(migrate(db, Direction::Up, Some(6)).error.is_none());
        let conn = Connection::open(db).unwrap();
        conn.execute_batch(&format!("PRAGMA journal_mode = {mode}; PRAGMA default_cache_size = {cache};"))
            .unwrap();
        if rows {
            conn.execute_batch(crate::ROWS).unwrap();
        }
        drop(conn);
        if version > 6 {
            assert!(migrate(db, Direction::Up, Some(version)).error.is_none());
        }
        let conn = Connection::open(db).unwrap();
        let more = match self {
            Command::TakeOver => "DROP TABLE planctl_migrations",
            Command::Baseline => "DROP TABLE planctl_migrations; DROP TABLE refinery_schema_history",
            Command::Recompute => "UPDATE v3_plans SET root_plan_id = plan_id",
            // Taking the newest migration back loses this row: so each state of a redo is another one.
            Command::Redo => {
                "INSERT INTO tasks(task_id, request_text) VALUES('00000000-0000-0000-0000-000000000000', 'r')"
            }
            _ => "",
        };
        conn.execute_batch(more).unwrap();
        if self == Command::Follow {
            squash(db.parent().unwrap(), 6);
        }
    }

    /// Runs it as the command line does.
    pub(crate) fn run(self, db: &Path) -> Result<(), String> {
        REPORTED.set(0);
        let folder = repository("migrations");
        let result = match self {
            Command::Up
            | Command::UpNew
            | Command::TakeOver
            | Command::Down
            | Command::UpBackup
            | Command::Follow => self.run_engine(db),
            Command::UpLent | Command::UpNormal => lent(db, self == Command::UpNormal),
            Command::Redo => with_context(|ctx| {
                let request = commands::migrate::redo::RedoRequest {
                    db: db.to_path_buf().into(),
                    migrations: folder,
                    lock_timeout: LOCK,
                    clean: None,
                    from_files: false,
                    backup: None,
                    allow_destructive: true,
                };
                commands::migrate::redo::run(ctx, &request, &mut |_| None)
            }),
            Command::Baseline => with_context(|ctx| {
                let request = commands::migrate::baseline::BaselineRequest {
                    db: db.to_path_buf().into(),
                    migrations: folder,
                    to: 9,
                    others: Default::default(),
                    force: false,
                    lock_timeout: LOCK,
                };
                commands::migrate::baseline::run(ctx, &request)
            }),
            Command::Backfill | Command::Recompute => with_context(|ctx| {
                let request = commands::backfill::BackfillRequest {
                    db: db.to_path_buf().into(),
                    spec: BackfillSpec {
                        table: "v3_plans".into(),
                        id: "plan_id".into(),
                        parent: "parent_plan_id".into(),
                        root: "root_plan_id".into(),
                        on_cycle: OnCycle::Abort,
                        on_orphan: OnOrphan::Abort,
                        recompute: self == Command::Recompute,
                    },
                    dry_run: false,
                    lock_timeout: LOCK,
                };
                commands::backfill::run(ctx, &request)
            }),
            Command::SampleFile | Command::SamplePlans => with_context(|ctx| {
                let from = if self == Command::SampleFile {
                    commands::sample::SampleFrom::Spec(repository("spec/ddl.sql"))
                } else {
                    commands::sample::SampleFrom::Plans {
                        asked: Asked { plans: 200, ..Asked::default() },
                        deviations: Some(repository("spec/deviations.toml")),
                    }
                };
                let request = commands::sample::SampleRequest {
                    db: db.to_path_buf().into(),
                    from,
                    append: false,
                    dry_run: false,
                    lock_timeout: LOCK,
                };
                commands::sample::run(ctx, &request)
            }),
        };
        if result.is_ok() && !self.is_of_migrations() {
            report(1);
        }
        result
    }

    /// Whether each step is reported by itself.
    fn is_of_migrations(self) -> bool {
        !matches!(
            self,
            Command::Baseline
                | Command::Follow
                | Command::Backfill
                | Command::Recompute
                | Command::SampleFile
                | Command::SamplePlans
        )
    }

    fn run_engine(self, db: &Path) -> Result<(), String> {
        let open = OpenOptions { lock_timeout: LOCK };
        let create = self == Command::UpNew;
        let mut engine = engine::open(db, Access::ReadWrite { create }, open, Job::quiet())
            .map_err(|error| text(&error))?;
        let set = match self {
            Command::Follow => MigrationSet::load(db.parent().unwrap()).unwrap(),
            _ => chain(),
        };
        let (told, interrupt) = (RefCell::new(Reporter), Interrupt::new());
        let job = Job::new(&told, &interrupt);
        let backup = (self == Command::UpBackup).then(|| backup_of(db));
        settled(if self == Command::Down {
            let options = DownOptions {
                target: DownTarget::Above(0),
                from_files: false,
                on_loss: OnLoss::Allow,
                backup: None,
            };
            engine.migrate_down(&set, &options, job)
        } else {
            let options = UpOptions { backup: backup.as_deref(), ..UpOptions::of(ulid::Ulid::nil()) };
            engine.migrate_up(&set, &options, job)
        })
    }

    /// All that it can leave, in order, the state where it begins included.
    pub(crate) fn states(self, db: &Path) -> Vec<State> {
        let mut states = vec![state(db)];
        let mut step = |direction, to| {
            let run = migrate(db, direction, Some(to));
            assert!(run.error.is_none(), "{:?}", run.error);
            states.push(state(db));
        };
        match self {
            Command::Down => (0..9).rev().for_each(|to| step(Direction::Down, to)),
            Command::Redo => {
                step(Direction::Down, 8);
                step(Direction::Up, 9);
            }
            _ if self.is_of_migrations() => {
                (self.begins().0 + 1..=9).for_each(|to| step(Direction::Up, to));
            }
            _ => {
                self.run(db).unwrap();
                states.push(state(db));
            }
        }
        let all: std::collections::BTreeSet<_> = states.iter().collect();
        assert_eq!(all.len(), states.len(), "{self:?}: two states cannot be told apart");
        states
    }

    /// Runs what a user runs next where the state with the number `left` was found, so that it comes to the last one.
    pub(crate) fn run_again(self, db: &Path, left: usize, last: usize) -> Result<(), String> {
        match self {
            // Samples that are loaded already are refused; a redo that is complete need not be done twice.
            Command::SampleFile | Command::SamplePlans | Command::Redo if left == last => Ok(()),
            // What was reverted is applied again.
            Command::Redo if left == 1 => Command::Up.run(db),
            // A backup that is there already is not overwritten.
            Command::UpBackup => Command::Up.run(db),
            _ => self.run(db),
        }
    }
}

/// Writes the migrations up to a version into a folder, and squashes them.
fn squash(dir: &Path, to: i64) {
    for migration in chain().migrations.iter().filter(|one| one.version <= to) {
        let path = migration.up.path();
        fs::copy(path, dir.join(path.file_name().unwrap())).unwrap();
    }
    let args = ["migrate", "squash", "--to", &to.to_string(), "--migrations", "."];
    assert!(crate::harness::planctl(dir, &args).output().unwrap().status.success());
}

fn lent(db: &Path, normal: bool) -> Result<(), String> {
    let mut conn = Connection::open(db).map_err(|error| text(&error))?;
    let level = if normal { 1 } else { 2 };
    conn.execute_batch(&format!("PRAGMA synchronous = {level}")).map_err(|error| text(&error))?;
    let migrator = Migrator::new(chain()).lock_timeout(LOCK);
    drop(migrator.run_up(&mut conn, &mut Reporter).map_err(|failed| text(&failed.error))?);
    let after = conn.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0));
    assert_eq!(after, Ok(level), "the application's setting");
    Ok(())
}

/// All that a database holds, times and run ids of the history excepted. Nothing where there is no file.
pub(crate) type State = Vec<String>;

pub(crate) fn state(db: &Path) -> State {
    if fs::metadata(db).is_err() {
        return Vec::new();
    }
    let conn = Connection::open(db).unwrap();
    assert_eq!(column(&conn, "PRAGMA integrity_check"), ["ok"]);
    let mut all = column(&conn, "SELECT name || coalesce(sql, '') FROM sqlite_schema ORDER BY 1");
    for table in column(&conn, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1") {
        let columns = column(
            &conn,
            &format!(
                "SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}')
                 WHERE name NOT IN ('applied_on', 'took_ms', 'run_id')"
            ),
        );
        let rows = format!("SELECT '{table}' || {} FROM \"{table}\" ORDER BY 1", columns.join("||"));
        all.extend(column(&conn, &rows));
    }
    all
}
