//! Migrations on a server: each is one request, all or nothing.
//!
//! A request says first what the database must be, so that it happens once at most, whoever else is at work and however
//! often it is sent. An answer that is lost is settled by reading the history.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::database::Remote;
use super::deliver::{Delivered, deliver};
use super::prepare::{Prepared, begin, foresee, prepare_down, prepare_up, row, verify_tables};
use super::request::{About, Request, refused_statement};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::base::source::SourceFile;
use crate::engine::connection::copy;
use crate::engine::contract::database_name::beside;
use crate::engine::contract::history::Record;
use crate::engine::contract::loss::refusal;
use crate::engine::contract::plan::{plan_baseline, plan_down, plan_up};
use crate::engine::contract::run::{rolled_back, stays_applied};
use crate::engine::contract::squash::{Followed, to_record};
use crate::engine::migrate::assertion;
use crate::engine::migrate::backup::{Backup, give_name};
use crate::engine::migrate::history::overtaken;
use crate::engine::migrate::{history, records, squash};
use crate::engine::{
    Baseline, DownOptions, DownStep, Engine as _, Executed, History, Lost, OnLoss, Run, UpOptions, compare,
};
use crate::migrations::{Migration, MigrationSet, Squash, Version};

/// What tells whether a migration has been applied.
const TELLS: &str = "planctl migrate status";

/// How it ended.
enum Ended {
    /// It is done, by this run.
    Done(Executed),
    /// Somebody else was at work meanwhile: what there is to do has to be found out anew.
    Overtaken,
}

/// Applies what is pending.
pub(super) fn up(remote: &mut Remote, set: &MigrationSet, options: &UpOptions<'_>, job: Job<'_>) -> Run {
    let mut run = Run::default();
    let run_id = options.run_id.to_string();
    let result = (|| {
        run.before = remote.shadow.plain_history()?.newest();
        plan_backup(options.backup)?;
        'plan: loop {
            let history = remote.shadow.plain_history()?;
            let planned = |history: &History| plan_up(set, history, options.to);
            let plan = planned(&history).map_err(|error| remote.shadow.told_by_records(error, planned))?;
            let squash = to_record(set, &history);
            if !(plan.is_empty() && squash.is_none()) && run.backup.is_none() {
                run.backup = back_up(remote, options.backup, job)?;
            }
            if let Some(squash) = squash {
                remote.verify_clean()?;
                follow(remote, &squash, job)?;
                run.squashed = Some(Followed::of(&squash, &history));
                continue 'plan;
            }
            let width = history.width_with(set);
            for file in plan {
                remote.verify_clean()?;
                let label = file.label();
                job.check()?;
                job.tell(Event::MigrationStarted { label: &label, down: false });
                let prepared = prepare_up(remote, set, file, (options, width), job)?;
                let wanted = |history: &History| recorded_by(history, file.version, &run_id);
                match send(remote, prepared, (file.version, &file.name), false, wanted, job)? {
                    Ended::Done(executed) => run.done.push(executed),
                    Ended::Overtaken => continue 'plan,
                }
            }
            return Ok(());
        }
    })();
    finish(remote, run, result)
}

/// Takes back what the target asks for.
pub(super) fn down(remote: &mut Remote, set: &MigrationSet, options: &DownOptions<'_>, job: Job<'_>) -> Run {
    let mut run = Run::default();
    let result = (|| {
        let history = remote.shadow.full_history()?;
        run.before = history.newest();
        plan_backup(options.backup)?;
        let plan = plan_down(set, &history, options.target, options.from_files)?;
        if plan.is_empty() {
            return Ok(());
        }
        // All of it is tried before the first request.
        let foreseen = foresee(remote, set, options, job)?;
        let lost = remote.counted(&foreseen, job)?;
        if options.on_loss == OnLoss::Refuse && lost.iter().any(is_certain) {
            let refusal = refusal(&lost);
            (run.lost, run.refused) = (lost, true);
            return Err(refusal);
        }
        run.lost = if options.on_loss == OnLoss::Allow { lost } else { Vec::new() };
        run.backup = back_up(remote, options.backup, job)?;
        for step in &plan {
            loop {
                let now = remote.shadow.full_history()?;
                if now.get(step.version).is_none() {
                    break;
                }
                remote.verify_clean()?;
                let label = step.label();
                job.check()?;
                job.tell(Event::MigrationStarted { label: &label, down: true });
                let losses = foreseen.iter().find(|lost| lost.version == step.version);
                let losses = losses.map_or(&[][..], |lost| lost.losses.as_slice());
                let prepared = prepare_down(remote, step, (options, losses), job)?;
                let wanted = |history: &History| history.get(step.version).is_none();
                match send(remote, prepared, (step.version, &step.name), true, wanted, job)? {
                    Ended::Done(executed) => {
                        run.done.push(executed);
                        break;
                    }
                    Ended::Overtaken => verify_newest(&remote.shadow.full_history()?, step)?,
                }
            }
        }
        Ok(())
    })();
    finish(remote, run, result)
}

/// Records migrations as applied.
pub(super) fn record(
    remote: &mut Remote,
    set: &MigrationSet,
    baseline: Baseline<'_>,
    job: Job<'_>,
) -> Result<Vec<Version>> {
    let known = remote.shadow.plain_history()?;
    let now = remote.shadow.schema_fingerprint()?;
    if now != baseline.schema {
        return Err(overtaken(&remote.shadow.name));
    }
    let planned = |known: &History| plan_baseline(set, known, baseline.to);
    let plan = planned(&known).map_err(|error| remote.shadow.told_by_records(error, planned))?;
    let width = known.width_with(set);
    verify_tables(remote, set, width)?;
    let mut request = begin(remote, width)?;
    for file in &plan {
        let schema_after = baseline.left_by(file.version);
        let record = Record { schema_after, ..records::record_of(file, baseline.run_id) };
        request.record(&row(file, width, &record), false);
    }
    let versions: Vec<Version> = plan.iter().map(|file| file.version).collect();
    let run_id = baseline.run_id.to_string();
    settle(remote, &request, job, |history| {
        versions.iter().all(|version| recorded_by(history, *version, &run_id))
    })?;
    Ok(versions)
}

/// Records files that differ in white space alone.
pub(super) fn accept(remote: &mut Remote, set: &MigrationSet, job: Job<'_>) -> Result<Vec<Version>> {
    let known = remote.shadow.full_history()?;
    let width = known.width_with(set);
    let entries = compare(set, &known);
    let files: Vec<&Migration> =
        entries.iter().filter(|entry| entry.is_acceptable()).filter_map(|entry| entry.file).collect();
    if files.is_empty() {
        return Ok(Vec::new());
    }
    verify_tables(remote, set, width)?;
    let mut request = begin(remote, width)?;
    for file in &files {
        history::replacing(file, width).iter().for_each(|statement| request.own(statement));
    }
    settle(remote, &request, job, |history| {
        files.iter().all(|file| history.get(file.version).is_some_and(|a| a.checksum == file.checksum(width)))
    })?;
    Ok(files.iter().map(|file| file.version).collect())
}

/// Records a squashed migration in the place of those that it stands for.
fn follow(remote: &mut Remote, squash: &Squash<'_>, job: Job<'_>) -> Result<()> {
    let known = remote.shadow.full_history()?;
    let mut request = begin(remote, known.width.unwrap_or_default())?;
    squash::statements(squash, &known, true).iter().for_each(|statement| request.own(statement));
    settle(remote, &request, job, |history| {
        let applied = history.get(squash.file.version);
        applied.is_some_and(|applied| applied.name == squash.file.name)
    })
}

/// Takes the backup that was asked for, before the first request.
fn back_up(remote: &Remote, target: Option<&Path>, job: Job<'_>) -> Result<Option<PathBuf>> {
    let Some(target) = target else { return Ok(None) };
    let partial = beside(target, ".partial");
    copy::remove_left(&partial);
    super::copy::copy(remote, &partial, job)?;
    give_name(&partial, target).inspect_err(|_| copy::remove(&partial))?;
    Ok(Some(target.to_path_buf()))
}

/// Refuses a backup where there is a file already, before anything is done.
fn plan_backup(target: Option<&Path>) -> Result<()> {
    target.map_or(Ok(()), |target| Backup::planned(target).map(drop))
}

fn finish(remote: &Remote, mut run: Run, result: Result<()>) -> Run {
    run.after = remote.shadow.plain_history().ok().and_then(|history| history.newest());
    run.error = result.err();
    // A run that has done nothing, for all that is known, leaves no backup.
    let is_settled = !run
        .error
        .as_ref()
        .is_some_and(|error| matches!(error.kind(), ErrorKind::Server | ErrorKind::Interrupted));
    if run.done.is_empty() && run.squashed.is_none() && is_settled {
        run.backup.take().iter().for_each(|backup| copy::remove(backup));
    }
    run
}

/// Whether something would certainly be lost; of rows that are deleted, and of values that are overwritten, the request
/// itself finds out.
fn is_certain(lost: &Lost) -> bool {
    lost.recorded || lost.losses.iter().any(|loss| loss.count.is_some() || loss.object.is_some())
}

fn verify_newest(history: &History, step: &DownStep) -> Result<()> {
    match history.newest() {
        Some(newest) if newest > step.version => Err(Error::new(
            ErrorKind::Migration,
            format!("version {newest} was applied by another process meanwhile"),
        )
        .help("run the command once more, and decide again")),
        _ => Ok(()),
    }
}

fn recorded_by(history: &History, version: Version, run_id: &str) -> bool {
    let record = history.get(version).and_then(|applied| applied.record.as_ref());
    record.is_some_and(|record| record.run_id == run_id)
}

/// Sends a migration, and finds out what became of it.
fn send(
    remote: &mut Remote,
    prepared: Prepared<'_>,
    (version, name): (Version, &str),
    down: bool,
    wanted: impl Fn(&History) -> bool,
    job: Job<'_>,
) -> Result<Ended> {
    let Prepared { label, file, request, after, statements } = prepared;
    let started = Instant::now();
    let rows_backfilled = match deliver(remote, (&request, TELLS), job, &mut |remote| {
        Ok(wanted(&remote.shadow.full_history()?))
    })? {
        Delivered::Done(counts) => {
            remote.shadow = after;
            backfilled(&request, &counts)
        }
        Delivered::Found => {
            let history = remote.shadow.full_history()?;
            let record = history.get(version).and_then(|applied| applied.record.as_ref());
            record.map_or(0, |record| record.rows_backfilled)
        }
        Delivered::Overtaken => return Ok(Ended::Overtaken),
        Delivered::Refused { at, said, shown } => {
            return Err(told(remote, &request, at, &said, shown, (file, &label, down)));
        }
    };
    let took = started.elapsed();
    job.tell(Event::MigrationFinished { label: &label, down, took });
    Ok(Ended::Done(Executed {
        version,
        name: name.to_owned(),
        took,
        statements,
        rows_backfilled,
        steps: Vec::new(),
        unchecked: Vec::new(),
    }))
}

/// What the server has to say, in the terms of the script.
fn told(
    remote: &Remote,
    request: &Request,
    at: Option<usize>,
    said: &str,
    shown: Vec<String>,
    (file, label, down): (&SourceFile, &str, bool),
) -> Error {
    let about = request.about(at);
    let error = match about {
        Some(About::Statement { start, end }) => refused_statement(file, (*start, *end), said),
        Some(About::Check { reason, start }) => {
            let place = start.map_or_else(|| file.whole(), |start| file.location(start));
            Error::new(ErrorKind::Data, reason.clone()).at(place)
        }
        Some(About::Assertion { reason, start, end }) => {
            Error::new(ErrorKind::Assertion, reason.clone()).at(file.span(*start, *end)).help(assertion::HELP)
        }
        Some(About::SameSchema) => Error::new(
            ErrorKind::Migration,
            format!("{label} makes another schema on the server than in memory"),
        )
        .at(file.whole()),
        _ => remote.server.trouble(said),
    };
    let shown =
        shown.into_iter().filter(|_| matches!(about, Some(About::Check { .. } | About::Assertion { .. })));
    let error = shown.fold(error, Error::note);
    if down { stays_applied(error, label) } else { rolled_back(error, label) }
}

fn backfilled(request: &Request, counts: &[u64]) -> u64 {
    let parts = request.parts.iter().zip(counts);
    parts.filter(|(part, _)| part.about == About::Backfilled).map(|(_, count)| count).sum()
}

/// Sends what is only recorded.
fn settle(
    remote: &mut Remote,
    request: &Request,
    job: Job<'_>,
    wanted: impl Fn(&History) -> bool,
) -> Result<()> {
    match deliver(remote, (request, TELLS), job, &mut |remote| Ok(wanted(&remote.shadow.full_history()?)))? {
        Delivered::Done(_) => remote.fetch(job),
        Delivered::Found => Ok(()),
        Delivered::Overtaken => Err(overtaken(&remote.shadow.name)),
        Delivered::Refused { said, .. } => Err(remote.server.trouble(&said)),
    }
}
