//! Runs of migrations: lock, look again, work, check, commit; then the next.

use std::collections::VecDeque;
use std::time::Instant;

use super::foreign_keys::Violations;
use super::guard::Guard;
use super::history;
use super::script::{Ran, Script};
use super::session::Session;
use super::{Sqlite, errors, lock};
use crate::engine::history::{Applied, History, Record, StoredDown};
use crate::engine::plan::{checksum_of_down, plan_down, plan_up};
use crate::engine::{DownOptions, DownStep, DownTarget, Executed, Run, UpOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::migrations::{Migration, MigrationSet, Version, VersionWidth, steps};
use crate::progress::{Event, Interrupt, Observer};

/// Applies what is pending.
pub(super) fn up(
    sqlite: &mut Sqlite,
    set: &MigrationSet,
    options: &UpOptions,
    observer: &mut dyn Observer,
    interrupt: &Interrupt,
) -> Run {
    let mut run = Run::default();
    let result = (|| {
        let history = sqlite.plain_history()?;
        run.before = history.newest();
        let plan = plan_up(set, &history, options.to)?;
        if plan.is_empty() {
            return Ok(());
        }
        let files = set.migrations.iter().map(for_refinery).collect::<Result<Vec<_>>>()?;
        let work = Up { set, options, files };
        Runner::run(sqlite, observer, interrupt, |runner| work.run(runner, &history, plan, &mut run.done))
    })();
    finish(sqlite, run, result)
}

/// Takes back what the target asks for.
pub(super) fn down(
    sqlite: &mut Sqlite,
    set: &MigrationSet,
    options: &DownOptions,
    observer: &mut dyn Observer,
    interrupt: &Interrupt,
) -> Run {
    let mut run = Run::default();
    let result = (|| {
        let history = sqlite.full_history()?;
        run.before = history.newest();
        let plan = plan_down(set, &history, options.target, options.from_files)?;
        if plan.is_empty() {
            return Ok(());
        }
        let work = Down { set, plan, from_files: options.from_files };
        Runner::run(sqlite, observer, interrupt, |runner| work.run(runner, &mut run.done))
    })();
    finish(sqlite, run, result)
}

fn finish(sqlite: &Sqlite, mut run: Run, result: Result<()>) -> Run {
    run.after = sqlite.plain_history().ok().and_then(|history| history.newest());
    run.error = result.err();
    run
}

fn for_refinery(file: &Migration) -> Result<refinery_core::Migration> {
    refinery_core::Migration::unapplied(&file.label(), file.up.text()).map_err(|error| {
        Error::new(ErrorKind::Migration, format!("{}: {error}", file.up.path().display()))
            .help("name it V<number>__<letters, digits and _>.sql")
    })
}

/// What one locked look at the database led to.
enum Locked {
    /// There is nothing left to do.
    Nothing,
    /// All is written, and may be committed.
    Done(Work),
    /// There are foreign-key violations, and no list of those that were there before: it has to be done again.
    Suspect,
}

/// A migration whose work is written, but not committed.
struct Work {
    version: Version,
    name: String,
    down: bool,
    ran: Ran,
}

/// One run on one connection, whose foreign keys are off and whose statements are watched meanwhile.
struct Runner<'a> {
    sqlite: &'a Sqlite,
    guard: &'a Guard,
    observer: &'a mut dyn Observer,
    interrupt: &'a Interrupt,
    /// Whether violations are listed before each migration as well: only once there are any.
    violations_known: bool,
    /// The migration that the observer has been told of.
    announced: Option<Version>,
}

impl Runner<'_> {
    fn run(
        sqlite: &mut Sqlite,
        observer: &mut dyn Observer,
        interrupt: &Interrupt,
        work: impl FnOnce(&mut Runner<'_>) -> Result<()>,
    ) -> Result<()> {
        let enforced = sqlite.switch_foreign_keys(false)?;
        let guard = Guard::install(&mut sqlite.conn, interrupt).map_err(|error| sqlite.trouble(error))?;
        let mut runner =
            Runner { sqlite, guard: &guard, observer, interrupt, violations_known: false, announced: None };
        let result = work(&mut runner);
        let clean = guard.clean(&sqlite.conn).and_then(|()| Guard::remove(&mut sqlite.conn));
        let clean = clean.map_err(|error| sqlite.trouble(error));
        sqlite.switch_foreign_keys(enforced)?;
        result.and(clean)
    }

    /// One transaction: `body` under the write lock, then COMMIT. `None` when there was nothing left to do.
    fn transaction(&mut self, mut body: impl FnMut(&mut Self) -> Result<Locked>) -> Result<Option<Executed>> {
        loop {
            self.begin()?;
            let started = Instant::now();
            match body(self) {
                Ok(Locked::Done(work)) => return self.commit(work, started).map(Some),
                Ok(Locked::Nothing) => {
                    self.roll_back();
                    return Ok(None);
                }
                Ok(Locked::Suspect) => {
                    self.roll_back();
                    self.violations_known = true;
                }
                Err(error) => {
                    self.roll_back();
                    return Err(error);
                }
            }
        }
    }

    fn begin(&mut self) -> Result<()> {
        if self.interrupt.is_raised() {
            return Err(errors::interrupted());
        }
        let conn = &self.sqlite.conn;
        self.guard.clean(conn).map_err(|error| self.sqlite.trouble(error))?;
        // IMMEDIATE: a transaction that begins with reading could not go on to write once another one has written.
        lock::patiently(conn, "BEGIN IMMEDIATE", self.sqlite.lock_timeout, self.observer, self.interrupt)
            .map_err(|error| self.lock_error(error))?;
        self.sqlite.verify_same_file().inspect_err(|_| self.roll_back())
    }

    fn lock_error(&self, error: rusqlite::Error) -> Error {
        if self.interrupt.is_raised() {
            return errors::interrupted();
        }
        if !errors::is_busy(&error) {
            return self.sqlite.trouble(error);
        }
        let (db, timeout) = (&self.sqlite.name, self.sqlite.lock_timeout);
        Error::new(ErrorKind::Locked, format!("the write lock of {db} could not be had within {timeout:?}"))
            .help("another process holds it: try again when it is done, or wait longer with --lock-timeout")
            .caused_by(error)
    }

    /// Rolls back what is open. Where SQLite cannot even do that, the journal stays, and whoever opens the database
    /// next rolls it back.
    fn roll_back(&self) {
        if !self.sqlite.conn.is_autocommit() {
            drop(self.sqlite.conn.execute_batch("ROLLBACK"));
        }
    }

    /// A reader can hold up a commit in rollback mode; the transaction stays open then, and trying again helps.
    fn commit(&mut self, work: Work, started: Instant) -> Result<Executed> {
        let conn = &self.sqlite.conn;
        let timeout = self.sqlite.lock_timeout;
        let result = lock::patiently(conn, "COMMIT", timeout, self.observer, self.interrupt);
        if let Err(error) = result {
            self.roll_back();
            // What counts is what is in the database, not what COMMIT answered.
            let committed =
                matches!(self.sqlite.plain_history(), Ok(history) if self.is_as_done(&history, &work));
            if !committed {
                return Err(self.lock_error(error));
            }
        }
        let label = format!("V{}__{}", work.version, work.name);
        let took = started.elapsed();
        self.observer.event(Event::MigrationFinished { label: &label, down: work.down, took });
        Ok(Executed {
            version: work.version,
            name: work.name,
            took,
            statements: work.ran.statements,
            rows_backfilled: work.ran.rows_backfilled,
        })
    }

    fn is_as_done(&self, history: &History, work: &Work) -> bool {
        history.get(work.version).is_some() != work.down
    }

    fn announce(&mut self, version: Version, label: &str, down: bool) {
        if self.announced.replace(version) != Some(version) {
            self.observer.event(Event::MigrationStarted { label, down });
        }
    }

    /// The violations before a migration, when they are to be known.
    fn violations_before(&self) -> Result<Option<Violations>> {
        if !self.violations_known {
            return Ok(None);
        }
        Violations::find(&self.sqlite.conn).map(Some).map_err(|error| self.sqlite.trouble(error))
    }

    /// Whether the migration may be committed as far as foreign keys go; `false` when that cannot be told yet.
    fn foreign_keys_hold(&self, label: &str, before: Option<Violations>) -> Result<bool> {
        let after = Violations::find(&self.sqlite.conn).map_err(|error| self.sqlite.trouble(error))?;
        if after.is_empty() {
            return Ok(true);
        }
        let Some(before) = before else { return Ok(false) };
        let new = after.new_since(before);
        if new.is_empty() {
            return Ok(true);
        }
        let what = match new.count() {
            0 => "leaves a foreign key that SQLite cannot check".to_owned(),
            1 => "leaves 1 row without its parent".to_owned(),
            count => format!("leaves {count} rows without their parents"),
        };
        let mut error = Error::new(ErrorKind::Data, format!("{label} {what}"));
        for sentence in new.sentences() {
            error = error.note(sentence);
        }
        Err(error.help(if new.has_unusable() {
            "the columns that a foreign key refers to need a PRIMARY KEY or a UNIQUE index of just these columns"
        } else {
            "foreign keys are checked before the commit: in the migration, delete these rows, correct them or add their parents"
        }))
    }
}

struct Up<'a> {
    set: &'a MigrationSet,
    options: &'a UpOptions,
    files: Vec<refinery_core::Migration>,
}

impl<'a> Up<'a> {
    fn run(
        &self,
        runner: &mut Runner<'_>,
        history: &History,
        plan: Vec<&'a Migration>,
        done: &mut Vec<Executed>,
    ) -> Result<()> {
        let mut plan = VecDeque::from(plan);
        let mut known = key(history);
        loop {
            let executed = runner.transaction(|runner| {
                let now = runner.sqlite.plain_history()?;
                let found = key(&now);
                // Somebody else was at it: then everything that was checked before has to be checked again.
                if found != known {
                    plan = plan_up(self.set, &now, self.options.to)?.into();
                    known = found;
                }
                match plan.front() {
                    Some(file) => self.apply(runner, file, &now),
                    None => Ok(Locked::Nothing),
                }
            })?;
            let (Some(executed), Some(file)) = (executed, plan.pop_front()) else { return Ok(()) };
            done.push(executed);
            if plan.is_empty() {
                return Ok(());
            }
            known.push((file.version, file.checksum(history.width)));
        }
    }

    /// Applies one migration inside the open transaction.
    fn apply(&self, runner: &mut Runner<'_>, file: &Migration, history: &History) -> Result<Locked> {
        let started = Instant::now();
        let sqlite = runner.sqlite;
        let trouble = |error| sqlite.trouble(error);
        let conn = &sqlite.conn;
        let label = file.label();
        let steps = file.up_steps()?;
        let before = runner.violations_before()?;
        let schema_before = history::fingerprint(conn).map_err(trouble)?;
        runner.announce(file.version, &label, false);

        let upto = self.files.partition_point(|known| known.version() <= file.version);
        let files = self.files.get(..upto).unwrap_or_default();
        let script = Script { conn, guard: runner.guard, file: &file.up, steps: &steps };
        let session = Session::new(
            script,
            &sqlite.name,
            as_refinery_sees(history, files),
            runner.observer,
            runner.interrupt,
        );
        let ran = session.apply(files).map_err(|error| during(error, &label))?;
        if history.width == VersionWidth::Int8 {
            history::set_checksum(conn, file.version, file.checksum(VersionWidth::Int8)).map_err(trouble)?;
        }

        let down = file.down.as_ref().map(|down| StoredDown {
            sql: down.text().to_owned(),
            checksum: checksum_of_down(file.version, &file.name, down),
        });
        let record = Record {
            run_id: self.options.run_id.to_string(),
            took: started.elapsed(),
            rows_backfilled: ran.rows_backfilled,
            down,
            schema_before,
            schema_after: history::fingerprint(conn).map_err(trouble)?,
        };
        history::ensure_records(conn).map_err(trouble)?;
        history::insert_record(conn, file.version, &record).map_err(trouble)?;
        if !runner.foreign_keys_hold(&label, before)? {
            return Ok(Locked::Suspect);
        }
        Ok(Locked::Done(Work { version: file.version, name: file.name.clone(), down: false, ran }))
    }
}

/// What tells one history from another.
fn key(history: &History) -> Vec<(Version, u64)> {
    history.applied.iter().map(|applied| (applied.version, applied.checksum)).collect()
}

/// The history in refinery's terms. It is checked already; what refinery compares it with are its own checksums, which are
/// those of 32-bit versions, whatever the table has.
fn as_refinery_sees(history: &History, files: &[refinery_core::Migration]) -> Vec<refinery_core::Migration> {
    let checksum = |applied: &Applied| match history.width {
        VersionWidth::Int4 => applied.checksum,
        VersionWidth::Int8 => {
            let file = files.iter().find(|file| file.version() == applied.version);
            file.map_or(applied.checksum, |file| file.checksum())
        }
    };
    history
        .applied
        .iter()
        .map(|applied| {
            let name = applied.name.clone();
            refinery_core::Migration::applied(applied.version, name, applied.applied_on, checksum(applied))
        })
        .collect()
}

struct Down<'a> {
    set: &'a MigrationSet,
    /// As it was settled by the first look: what another process applies later is not taken back.
    plan: Vec<DownStep>,
    from_files: bool,
}

impl Down<'_> {
    fn run(&self, runner: &mut Runner<'_>, done: &mut Vec<Executed>) -> Result<()> {
        while let Some(executed) = runner.transaction(|runner| {
            let now = runner.sqlite.full_history()?;
            let is_planned =
                |applied: &&Applied| self.plan.iter().any(|step| step.version == applied.version);
            let count = now.applied.iter().filter(is_planned).count();
            if count == 0 {
                return Ok(Locked::Nothing);
            }
            let target = DownTarget::Steps(u32::try_from(count).unwrap_or(u32::MAX));
            let plan = plan_down(self.set, &now, target, self.from_files)?;
            if let Some(other) =
                plan.iter().find(|step| self.plan.iter().all(|known| known.version != step.version))
            {
                return Err(Error::new(
                    ErrorKind::Migration,
                    format!("{} was applied by another process meanwhile", other.label()),
                )
                .help("look at `planctl migrate status`, and decide again"));
            }
            match plan.first() {
                Some(step) => self.take_back(runner, step),
                None => Ok(Locked::Nothing),
            }
        })? {
            done.push(executed);
        }
        Ok(())
    }

    fn take_back(&self, runner: &mut Runner<'_>, step: &DownStep) -> Result<Locked> {
        let sqlite = runner.sqlite;
        let trouble = |error| sqlite.trouble(error);
        let label = step.label();
        let before = runner.violations_before()?;
        runner.announce(step.version, &label, true);
        let steps = steps(&step.script)?;
        let script = Script { conn: &sqlite.conn, guard: runner.guard, file: &step.script, steps: &steps };
        let ran = script.run(runner.observer, runner.interrupt).map_err(|error| during(error, &label))?;
        history::delete(&sqlite.conn, step.version).map_err(trouble)?;
        history::note_schema(&sqlite.conn).map_err(trouble)?;
        if !runner.foreign_keys_hold(&label, before)? {
            return Ok(Locked::Suspect);
        }
        Ok(Locked::Done(Work { version: step.version, name: step.name.clone(), down: true, ran }))
    }
}

/// Says what became of the migration, where the error alone does not.
fn during(error: Error, label: &str) -> Error {
    match error.kind() {
        ErrorKind::Interrupted => error,
        _ => error.note(format!("{label} was rolled back: nothing of it is in the database")),
    }
}
