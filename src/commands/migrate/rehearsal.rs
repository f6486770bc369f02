//! A run for real, data and all, on a temporary copy of the whole database.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{copies, millis};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::{Event, Observer, bytes, human};
use crate::base::words::abridged;
use crate::commands::{Context, disk};
use crate::engine::{self, Access, DatabaseName, Engine, OpenOptions, Run};
use crate::report::wire::run as wire;
use crate::report::{Cell, Report, Span, Style};

/// A step that takes less time is quick; and so is one that takes less than a hundredth of its run.
const SLOW: Duration = Duration::from_millis(1);
/// Characters of a statement that are enough to know it by.
const SHOWN: usize = 44;

/// What a rehearsal came to, besides its run.
pub(in crate::commands) struct Rehearsal {
    pub(in crate::commands) run: Run,
    /// The folder in which the copy was, which is gone.
    folder: PathBuf,
    /// How long the copy took.
    copied_in: Duration,
    /// Bytes of the copy before and after.
    size: (u64, u64),
}

/// Copies `db`, gives the copy to `run`, removes it.
///
/// The copy lies in a folder of its own beside the database, or in `place`: on the same disk, times are those of the real
/// run, and a temporary folder is often small, or in memory. It is only begun where the disk has room for it and for as
/// much again that the migrations may write, so that a rehearsal does not fill the disk of a database in use.
///
/// # Errors
/// No room, no permission; what [`Engine::copy_to`] says. What goes wrong in the run is part of the run.
pub(in crate::commands) fn on_copy(
    ctx: &mut Context<'_>,
    db: &DatabaseName,
    place: Option<&Path>,
    open: OpenOptions,
    run: impl FnOnce(&mut Context<'_>, &mut dyn Engine) -> Run,
) -> Result<Rehearsal> {
    let file = db.file();
    let beside =
        file.and_then(|file| fs::canonicalize(file).ok()).and_then(|db| db.parent().map(Path::to_path_buf));
    let parent = place.map(Path::to_path_buf).or(beside).unwrap_or_else(|| ".".into());
    let started = Instant::now();
    let mut source = if super::exists(db)? {
        verify_room(&parent, file.map_or(0, size_with_log))?;
        Some(engine::open(db, Access::ReadOnly, open, ctx.job)?)
    } else {
        None
    };
    copies::remove_unused(&parent);
    copies::within(&parent, ctx.run_id, |folder| {
        let copy = folder.join(file.and_then(Path::file_name).unwrap_or("planctl.db".as_ref()));
        if let Some(source) = &mut source {
            source.copy_to(&copy, ctx.job)?;
        }
        drop(source);
        let (copied_in, before) = (started.elapsed(), size(&copy));
        let mut engine = engine::open(&copy, Access::ReadWrite { create: true }, open, ctx.job)?;
        let (observer, interrupt) = (RefCell::new(OnTheCopy(ctx.job)), ctx.job.interrupt());
        let mut ctx = Context { job: Job::new(&observer, &interrupt), ..*ctx };
        let run = run(&mut ctx, &mut *engine);
        // Closing moves the log into the file.
        drop(engine);
        let size = (before, size(&copy));
        Ok(Rehearsal { run, folder: folder.to_path_buf(), copied_in, size })
    })
}

impl Rehearsal {
    /// The copy, on the wire.
    pub(in crate::commands) fn wire(&self) -> wire::Rehearsal {
        wire::Rehearsal {
            folder: self.folder.display().to_string(),
            copy_ms: millis(self.copied_in),
            size_before: self.size.0,
            size_after: self.size.1,
        }
    }

    /// What a person reads: the steps that take their time, with rows and time, and the file's size.
    pub(in crate::commands) fn show(&self, report: &mut Report, db: &DatabaseName) {
        let total: Duration = self.run.done.iter().map(|done| done.took).sum();
        let is_slow = |took: Duration| took >= SLOW.max(total / 100);
        let steps = self.run.done.iter().flat_map(|done| done.steps.iter().map(move |step| (done, step)));
        let (slow, quick): (Vec<_>, Vec<_>) = steps.partition(|(_, step)| is_slow(step.took));
        let document = &mut report.document;
        if !slow.is_empty() {
            let (heads, rows) = steps_table("slow step", &slow);
            document.table(&heads, rows);
        }
        let (heads, rows) = steps_table("step", &quick);
        document.folded("Quick steps", &heads, rows);
        if self.run.error.as_ref().is_some_and(|error| error.kind() == ErrorKind::Interrupted) {
            document
                .line(format!("rehearsal interrupted; the copy is removed, {} is unchanged", db.display()));
            return;
        }
        let (before, after) = (bytes(self.size.0), bytes(self.size.1));
        report.document.line(format!(
            "rehearsed on a copy, which was made in {} and removed: {before} before, {after} after; {} was not touched",
            human(self.copied_in),
            db.display()
        ));
    }
}

/// The steps of migrations, as a table; with their rows, where any has some.
fn steps_table(
    first: &'static str,
    steps: &[(&engine::Executed, &engine::StepDone)],
) -> (Vec<&'static str>, Vec<Vec<Cell>>) {
    let with_rows = steps.iter().any(|(_, step)| step.rows > 0);
    let row = |(done, step): &(&engine::Executed, &engine::StepDone)| {
        let mut row: Vec<Cell> = vec![
            format!("{}:{}", done.label(), step.line).into(),
            Span::new(abridged(&step.what, SHOWN).into_owned(), Style::Code).into(),
        ];
        row.extend(with_rows.then(|| Cell::count(step.rows)));
        row.push(Cell::number(human(step.took)));
        row
    };
    let heads = [Some(first), Some("statement"), with_rows.then_some("rows"), Some("took")];
    (heads.into_iter().flatten().collect(), steps.iter().map(row).collect())
}

/// What each step of a migration did, on the wire.
pub(in crate::commands) fn of_migration(done: &engine::Executed) -> wire::Applied {
    let step = |step: &engine::StepDone| wire::Step {
        line: step.line,
        sql: step.what.clone(),
        rows: step.rows,
        took_ms: millis(step.took),
    };
    wire::Applied { sql: None, steps: Some(done.steps.iter().map(step).collect()) }
}

fn size(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |meta| meta.len())
}

fn size_with_log(db: &Path) -> u64 {
    let mut log = db.as_os_str().to_owned();
    log.push("-wal");
    size(db) + size(Path::new(&log))
}

fn verify_room(folder: &Path, size: u64) -> Result<()> {
    let wanted = size.saturating_mul(2);
    match disk::free(folder).map_err(|error| Error::file(folder, error))? {
        Some(free) if free < wanted => {
            let message = format!(
                "{} has {} free, and a rehearsal needs {}: a copy of the database, and as much again for what the migrations write",
                folder.display(),
                bytes(free),
                bytes(wanted)
            );
            Err(Error::new(ErrorKind::File, message).help("name a folder on another disk: --rehearse=DIR"))
        }
        _ => Ok(()),
    }
}

/// Says of each migration that it is not the real one that runs.
struct OnTheCopy<'a>(Job<'a>);

impl Observer for OnTheCopy<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::MigrationStarted { label, down } => {
                let label = &format!("{label} on the copy");
                self.0.tell(Event::MigrationStarted { label, down });
            }
            Event::MigrationFinished { label, down, took } => {
                let label = &format!("{label} on the copy");
                self.0.tell(Event::MigrationFinished { label, down, took });
            }
            other => self.0.tell(other),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_rehearsal_that_has_no_room_names_the_way_out() {
        let folder = std::env::temp_dir();
        let error = verify_room(&folder, u64::MAX).unwrap_err();
        assert_eq!(error.help_text(), Some("name a folder on another disk: --rehearse=DIR"));
        verify_room(&folder, 0).unwrap();
    }
}
