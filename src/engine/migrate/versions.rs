//! What a run of migrations does under the lock: applying one, taking one back.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::sync::OnceLock;
use std::time::Instant;

use time::OffsetDateTime;

use super::backup::Backup;
use super::loss::Tracer;
use super::runner::{Locked, Runner, Work};
use super::session::Session;
use super::statements::MigrationScript;
use super::{history, records, squash};
use crate::base::error::{Advice, Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::engine::catalog::fingerprint::Fingerprint;
use crate::engine::catalog::inspect;
use crate::engine::connection::{Left, Sqlite};
use crate::engine::contract::history::{Applied, History, Record};
use crate::engine::contract::loss::refusal;
use crate::engine::contract::plan::{plan_down, plan_up};
use crate::engine::contract::run::{rolled_back, stays_applied};
use crate::engine::contract::squash::to_record;
use crate::engine::{DownOptions, DownStep, DownTarget, Executed, Lost, OnLoss, Run, UpOptions};
use crate::migrations::{Migration, MigrationSet, Version, steps};

/// Applies what is pending. Where somebody else made the file at the same time, and took it away again because nothing
/// could be put into it, that starts over with a file of our own.
pub(crate) fn up(sqlite: &mut Sqlite, set: &MigrationSet, options: &UpOptions<'_>, job: Job<'_>) -> Run {
    loop {
        let run = up_here(sqlite, set, options, job);
        // SQLite has many words for a file that is gone below it, and we have one of our own.
        let about_the_file = run.error.as_ref().is_some_and(|error| error.kind() == ErrorKind::Database);
        if !about_the_file || sqlite.is_same_file() {
            sqlite.remove_unused();
            return run;
        }
        match sqlite.follow_path() {
            Ok(true) => {}
            Ok(false) => return run,
            Err(error) => return Run { error: Some(error), ..run },
        }
    }
}

fn up_here(sqlite: &mut Sqlite, set: &MigrationSet, options: &UpOptions<'_>, job: Job<'_>) -> Run {
    let mut run = Run::default();
    let (mut backup, mut after) = (None, None);
    let result = (|| {
        let left = sqlite.left.take();
        let (compared, history, schema, seen) = match left {
            Some(Left { history, schema }) => (true, history, schema, None),
            None => {
                let (history, seen) = sqlite.counted_history()?;
                (false, history, None, Some(seen))
            }
        };
        run.before = history.newest();
        let planned = |history: &History| plan_up(set, history, options.to);
        let plan = planned(&history).map_err(|error| sqlite.told_by_records(error, planned))?;
        let squashed = to_record(set, &history).is_some();
        if plan.is_empty() && !squashed {
            return Ok(());
        }
        let work = Up { set, options, files: vec![OnceCell::new(); set.migrations.len()] };
        backup = options.backup.map(Backup::planned).transpose()?;
        let schema = match schema {
            Some((version, schema)) => {
                let now = inspect::schema_version(&sqlite.conn).map_err(|error| sqlite.trouble(error))?;
                (version == now).then_some(schema)
            }
            None => None,
        };
        // What a squashed migration is recorded for, the history is read again for.
        let seen = seen.filter(|_| !squashed);
        let mut known = Known { seen, history, compared: compared && !squashed, schema };
        Runner::run(sqlite, backup.as_mut(), job, |runner| {
            if squashed {
                run.squashed = runner.record(|sqlite| squash::record(sqlite, set))?;
            }
            if plan.is_empty() { Ok(()) } else { work.run(runner, &mut known, plan, &mut run.done) }
        })?;
        // What was committed last is what is there.
        after = (!run.done.is_empty()).then(|| known.history.newest());
        if sqlite.is_scratch && known.compared {
            let now = inspect::schema_version(&sqlite.conn).map_err(|error| sqlite.trouble(error))?;
            let schema = known.schema.map(|schema| (now, schema));
            sqlite.left = Some(Left { history: known.history, schema });
        }
        Ok(())
    })();
    finish(sqlite, run, result, (backup, after))
}

/// Takes back what the target asks for.
pub(crate) fn down(sqlite: &mut Sqlite, set: &MigrationSet, options: &DownOptions<'_>, job: Job<'_>) -> Run {
    let mut run = Run::default();
    let mut backup = None;
    let result = (|| {
        let history = sqlite.full_history()?;
        run.before = history.newest();
        let plan = plan_down(set, &history, options.target, options.from_files)?;
        if plan.is_empty() {
            return Ok(());
        }
        let work = Down { set, plan, from_files: options.from_files, on_loss: options.on_loss };
        backup = options.backup.map(Backup::planned).transpose()?;
        Runner::run(sqlite, backup.as_mut(), job, |runner| work.run(runner, &mut run))
    })();
    finish(sqlite, run, result, (backup, None))
}

/// `after`: the version that the database is at, where that is known.
fn finish(
    sqlite: &Sqlite,
    mut run: Run,
    result: Result<()>,
    (backup, after): (Option<Backup>, Option<Option<Version>>),
) -> Run {
    let done = run.done.len() + usize::from(run.squashed.is_some());
    run.backup = backup.and_then(|backup| backup.settle(done, result.as_ref().err()));
    run.after = match (&sqlite.left, after) {
        (_, Some(after)) => after,
        // Nobody else writes to a shadow database.
        (Some(left), None) => left.history.newest(),
        (None, None) => sqlite.plain_history().ok().and_then(|history| history.newest()),
    };
    run.error = result.err();
    run
}

/// A migration as refinery is told of it: with its place in the folder for its version, which this build of refinery may be
/// too narrow for. Its order is the same, and so is whether it may come late.
fn for_refinery(file: &Migration, place: i32) -> Result<refinery::Migration> {
    let prefix = if file.is_unordered() { 'U' } else { 'V' };
    let label = format!("{prefix}{place}__{}", file.name);
    let known = file.up.known::<ForRefinery>();
    if let Some((_, made)) = known.0.get().filter(|(of, _)| *of == label) {
        return Ok(made.clone());
    }
    let made = refinery::Migration::unapplied(&label, file.up.text()).map_err(|error| {
        Error::new(ErrorKind::Migration, format!("{}: {error}", file.up.path().display()))
            .help("name it V<number>__<letters, digits and _>.sql")
    })?;
    if file.up.text().len() <= SHORT {
        known.0.get_or_init(|| (label, made.clone()));
    }
    Ok(made)
}

/// What refinery was told of a file, and as what. It copies the text and sums it up, which is done once.
#[derive(Default)]
struct ForRefinery(OnceLock<(String, refinery::Migration)>);

/// How long a text may be of which a second copy is kept.
const SHORT: usize = 1 << 20;

struct Up<'a> {
    set: &'a MigrationSet,
    options: &'a UpOptions<'a>,
    /// All of `set`, in the same order, those that refinery is told of.
    files: Vec<OnceCell<refinery::Migration>>,
}

/// What is known of the database between two migrations, as long as nobody else writes to it.
struct Known {
    /// What SQLite counted of the commits of others when this was read.
    seen: Option<i64>,
    history: History,
    /// Whether refinery has made its table and compared all of the history with the files; then what comes next is enough.
    compared: bool,
    /// The fingerprint of the schema.
    schema: Option<Fingerprint>,
}

impl<'a> Up<'a> {
    fn run(
        &self,
        runner: &mut Runner<'_>,
        known: &mut Known,
        plan: Vec<&'a Migration>,
        done: &mut Vec<Executed>,
    ) -> Result<()> {
        let mut plan = VecDeque::from(plan);
        loop {
            let mut schema_after = None;
            let executed = runner.transaction(|runner| {
                let sqlite = runner.sqlite;
                let seen = history::commits_of_others(&sqlite.conn).map_err(|error| sqlite.trouble(error))?;
                // To a shadow database that was compared before nobody else has come since.
                if known.seen.is_none() && known.compared {
                    known.seen = Some(seen);
                }
                if known.seen != Some(seen) {
                    let now = sqlite.plain_history()?;
                    // Somebody else was at it: then everything that was checked before has to be checked again.
                    if key(&now) != key(&known.history) {
                        let planned = |history: &History| plan_up(self.set, history, self.options.to);
                        let told = |error| sqlite.told_by_records(error, planned);
                        plan = planned(&now).map_err(told)?.into();
                    }
                    *known = Known { seen: Some(seen), history: now, compared: false, schema: None };
                }
                match plan.front() {
                    Some(file) => {
                        let (locked, schema) = self.apply(runner, file, known)?;
                        schema_after = Some(schema);
                        Ok(locked)
                    }
                    None => Ok(Locked::Nothing),
                }
            })?;
            let (Some(executed), Some(file)) = (executed, plan.pop_front()) else { return Ok(()) };
            done.push(executed);
            known.schema = schema_after;
            known.compared = true;
            let width = known.history.width_with(self.set);
            let applied = Applied {
                version: file.version,
                name: file.name.clone(),
                applied_on: OffsetDateTime::now_utc(),
                checksum: file.checksum(width),
                record: None,
            };
            // Mostly at the end; one that came late has its place before others.
            let place = known.history.applied.partition_point(|other| other.version < file.version);
            known.history.applied.insert(place, applied);
            known.history.width = Some(width);
            if plan.is_empty() {
                return Ok(());
            }
        }
    }

    /// Applies one migration inside the open transaction. With what came of it the fingerprint of the schema.
    fn apply(
        &self,
        runner: &mut Runner<'_>,
        file: &Migration,
        known: &Known,
    ) -> Result<(Locked, Fingerprint)> {
        runner.back_up()?;
        let started = Instant::now();
        let sqlite = runner.sqlite;
        let trouble = |error| sqlite.trouble(error);
        let conn = &sqlite.conn;
        let history = &known.history;
        let label = file.label();
        let steps = file.up_steps()?;
        let before = runner.violations_before()?;
        let schema_before = match known.schema {
            Some(schema) => schema,
            None => {
                history::verify_clean(sqlite, sqlite.clean.as_ref())?;
                Fingerprint::read(conn).map_err(trouble)?
            }
        };
        runner.announce(&label, false);

        let width = history.width_with(self.set);
        if !known.compared {
            // Before the script: then no migration can have the name.
            history::ensure_records(conn, &sqlite.name, self.set, width)?;
        }
        let (applied, files) = self.for_refinery_to_see(known, file)?;
        let script =
            MigrationScript { stood_in: sqlite.stood_in.as_ref(), ..runner.script(&file.up, &steps) };
        // Where a table was read, one is there.
        let has_table = known.compared || history.width.is_some();
        let session =
            Session::new(script, self.as_refinery_sees(applied), (file, width), has_table, runner.job);
        let ran =
            session.apply(&files, self.refinerys(file.version)?).map_err(|error| match error.kind() {
                ErrorKind::Interrupted => error,
                _ => rolled_back(error, &label),
            })?;

        let schema_after = runner.guard.fingerprint(schema_before, conn).map_err(trouble)?;
        let Some(unchecked) = runner.foreign_keys_hold(&label, &file.up, before)? else {
            return Ok((Locked::Suspect, schema_after));
        };
        let took = started.elapsed();
        let record = Record {
            took: Some(took),
            rows_backfilled: ran.rows_backfilled,
            backfilled: ran.backfilled.clone(),
            schema_before: schema_before.to_string(),
            schema_after: schema_after.to_string(),
            ..records::record_of(file, self.options.run_id)
        };
        history::insert_record(conn, file.version, &record).map_err(trouble)?;
        let work = Work { version: file.version, name: file.name.clone(), down: false, took, ran, unchecked };
        Ok((Locked::Done(work), schema_after))
    }

    /// The part of the history and of the files that refinery is to look at: it copies and compares all that it gets.
    /// Once it has seen everything, the newest applied one and the one to come are enough.
    fn for_refinery_to_see<'s>(
        &self,
        known: &'s Known,
        file: &Migration,
    ) -> Result<(&'s [Applied], Vec<refinery::Migration>)> {
        let end = known.history.newest().map_or(file.version, |newest| newest.max(file.version));
        let upto = self.set.migrations.partition_point(|known| known.version <= end);
        let (mut from, mut applied) = (0, known.history.applied.as_slice());
        if known.compared
            && end == file.version
            && let [.., last] = applied
            && let [newest, _] = self.set.migrations.get(upto.saturating_sub(2)..upto).unwrap_or_default()
            && newest.version == last.version
        {
            (from, applied) = (upto.saturating_sub(2), std::slice::from_ref(last));
        }
        let files = self.set.migrations.get(from..upto).unwrap_or_default();
        let files = files.iter().map(|file| self.refinerys(file.version).cloned());
        Ok((applied, files.collect::<Result<_>>()?))
    }

    /// refinery's own of the file with that version.
    fn refinerys(&self, version: Version) -> Result<&refinery::Migration> {
        let unknown = || {
            let message = format!("version {version} is not in {}", self.set.dir.display());
            Error::new(ErrorKind::Migration, message)
        };
        let place = self.set.migrations.binary_search_by_key(&version, |file| file.version);
        let place = place.map_err(|_| unknown())?;
        let (file, cell) = self.set.migrations.get(place).zip(self.files.get(place)).ok_or_else(unknown)?;
        if let Some(known) = cell.get() {
            return Ok(known);
        }
        let number = i32::try_from(place + 1).map_err(|_| unknown())?;
        let made = for_refinery(file, number)?;
        Ok(cell.get_or_init(|| made))
    }

    /// The history in refinery's terms. It is checked already, with the checksums that the database has.
    fn as_refinery_sees(&self, applied: &[Applied]) -> Vec<refinery::Migration> {
        let seen = |applied: &Applied| {
            let file = self.refinerys(applied.version).ok()?;
            let (name, sum) = (applied.name.clone(), file.checksum());
            Some(refinery::Migration::applied(file.version(), name, applied.applied_on, sum))
        };
        applied.iter().filter_map(seen).collect()
    }
}

/// What tells one history from another.
fn key(history: &History) -> Vec<(Version, u64)> {
    history.applied.iter().map(|applied| (applied.version, applied.checksum)).collect()
}

struct Down<'a> {
    set: &'a MigrationSet,
    /// As it was settled by the first look: what another process applies later is not reverted.
    plan: Vec<DownStep>,
    from_files: bool,
    on_loss: OnLoss,
}

impl Down<'_> {
    fn run(&self, runner: &mut Runner<'_>, run: &mut Run) -> Result<()> {
        // Where more than one transaction follows, or a copy of the whole database, all of it is tried first.
        let recorded = self.plan.iter().any(|step| step.recorded);
        if self.on_loss == OnLoss::Refuse && (recorded || self.plan.len() > 1 || runner.backs_up()) {
            let lost = self.trial(runner)?;
            self.allow(run, lost)?;
        }
        loop {
            let mut lost = None;
            let executed = runner.transaction(|runner| {
                let Some(step) = self.next(runner)? else { return Ok(Locked::Nothing) };
                let (locked, found) = self.take_back(runner, &step)?;
                if self.on_loss == OnLoss::Refuse {
                    self.allow(run, Vec::from_iter(found.filter(|found| !found.losses.is_empty())))?;
                } else {
                    lost = found;
                }
                Ok(locked)
            })?;
            let Some(executed) = executed else { return Ok(()) };
            run.lost.extend(lost);
            run.done.push(executed);
        }
    }

    /// The newest migration that is still to be reverted.
    fn next(&self, runner: &Runner<'_>) -> Result<Option<DownStep>> {
        let now = runner.sqlite.full_history()?;
        let is_planned = |applied: &&Applied| self.plan.iter().any(|step| step.version == applied.version);
        let count = now.applied.iter().filter(is_planned).count();
        if count == 0 {
            return Ok(None);
        }
        let target = DownTarget::Steps(u32::try_from(count).unwrap_or(u32::MAX));
        let plan = plan_down(self.set, &now, target, self.from_files)?;
        if let Some(other) =
            plan.iter().find(|step| self.plan.iter().all(|known| known.version != step.version))
        {
            return Err(Error::new(
                ErrorKind::Migration,
                format!("{} was applied by another process in the meantime", other.label()),
            )
            .help(Advice::DecideAgain));
        }
        Ok(plan.into_iter().next())
    }

    /// Ends the run where something is lost.
    fn allow(&self, run: &mut Run, lost: Vec<Lost>) -> Result<()> {
        if lost.is_empty() {
            return Ok(());
        }
        let refusal = refusal(&lost);
        run.lost = lost;
        run.refused = true;
        Err(refusal)
    }

    /// What all of it would destroy: the scripts run in one transaction, which is rolled back. Where one of them fails, the
    /// run will fail there by itself, and destroys what was found until then.
    fn trial(&self, runner: &mut Runner<'_>) -> Result<Vec<Lost>> {
        runner.begin()?;
        let mut tracer = Tracer::counting();
        let mut lost = Vec::new();
        let result = self.plan.iter().try_for_each(|step| {
            let steps = steps(&step.script)?;
            runner.job.tell(Event::TriedBack { label: &step.label() });
            let ran = runner.script(&step.script, &steps).run(runner.job, Some(&mut tracer));
            lost.extend(found(step, &mut tracer));
            ran.map(drop)
        });
        runner.roll_back();
        match result {
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            _ => Ok(lost),
        }
    }

    fn take_back(&self, runner: &mut Runner<'_>, step: &DownStep) -> Result<(Locked, Option<Lost>)> {
        history::verify_clean(runner.sqlite, runner.sqlite.clean.as_ref())?;
        runner.back_up()?;
        let started = Instant::now();
        let sqlite = runner.sqlite;
        let trouble = |error| sqlite.trouble(error);
        let label = step.label();
        let before = runner.violations_before()?;
        runner.announce(&label, true);
        let steps = steps(&step.script)?;
        let mut tracer = match self.on_loss {
            OnLoss::Refuse | OnLoss::Allow => Tracer::counting(),
            OnLoss::Foresee => Tracer::foreseeing(),
        };
        let script = runner.script(&step.script, &steps);
        let ran = script.run(runner.job, Some(&mut tracer)).map_err(|error| {
            let error = match &step.other {
                Some(file) => {
                    let error = match error.help_text().map(str::to_owned) {
                        Some(help) => error.note(help),
                        None => error,
                    };
                    error
                        .note(format!(
                            "what ran is the script that was stored when {label} was applied; {} differs from it",
                            file.display()
                        ))
                        .help(Advice::UseFiles)
                }
                None => error,
            };
            match error.kind() {
                ErrorKind::Interrupted => error,
                _ => stays_applied(error, &label),
            }
        })?;
        let lost = found(step, &mut tracer);
        history::delete(&sqlite.conn, step.version).map_err(trouble)?;
        history::note_schema(&sqlite.conn).map_err(trouble)?;
        let Some(unchecked) = runner.foreign_keys_hold(&label, &step.script, before)? else {
            return Ok((Locked::Suspect, lost));
        };
        let took = started.elapsed();
        let work = Work { version: step.version, name: step.name.clone(), down: true, took, ran, unchecked };
        Ok((Locked::Done(work), lost))
    }
}

/// What the step destroys, if it is anything.
fn found(step: &DownStep, tracer: &mut Tracer) -> Option<Lost> {
    let losses = tracer.take();
    let lost = Lost { version: step.version, name: step.name.clone(), recorded: step.recorded, losses };
    (!lost.is_harmless()).then_some(lost)
}
