//! Runs of migrations: applying what is pending, taking back what is applied.

use super::backup::Backup;
use super::down::Down;
use super::runner::Runner;
use super::squash;
use super::up::{Known, Up};
use crate::base::error::{ErrorKind, Result};
use crate::base::job::Job;
use crate::engine::catalog::inspect;
use crate::engine::connection::{Left, Sqlite};
use crate::engine::contract::history::History;
use crate::engine::contract::plan::{plan_down, plan_up};
use crate::engine::contract::squash::to_record;
use crate::engine::{DownOptions, Run, UpOptions};
use crate::migrations::{MigrationSet, Version};

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
        // What somebody moved away, or put in the place of a database that was not empty, is for them to sort out.
        if !sqlite.is_empty() {
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
        let work = Up::new(set, options);
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
            if plan.is_empty() { Ok(()) } else { work.run(runner, &mut known, plan, &mut run) }
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
        let (history, seen) = sqlite.counted_full_history()?;
        run.before = history.newest();
        let plan = plan_down(set, &history, options.target, options.from_files)?;
        if plan.is_empty() {
            return Ok(());
        }
        let left = sqlite.left.take();
        let work = Down::new(set, (&history, seen), plan, (options.from_files, options.on_loss));
        backup = options.backup.map(Backup::planned).transpose()?;
        Runner::run(sqlite, backup.as_mut(), job, |runner| work.run(runner, &mut run))?;
        // What refinery has compared with the files stays compared without the newest of it.
        sqlite.left = left.map(|Left { mut history, .. }| {
            history.applied.retain(|applied| run.done.iter().all(|done| done.version != applied.version));
            Left { history, schema: None }
        });
        Ok(())
    })();
    finish(sqlite, run, result, (backup, None))
}

fn is_locked(result: &Result<()>) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Locked)
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
        // To ask again would be to wait again.
        (None, None) if done == 0 && is_locked(&result) => run.before,
        (None, None) => sqlite.plain_history().ok().and_then(|history| history.newest()),
    };
    run.error = result.err();
    run
}
