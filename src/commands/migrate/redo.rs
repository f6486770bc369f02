//! `planctl migrate redo`: down and up again of the newest migration.

use std::path::PathBuf;
use std::time::Duration;

use super::loss::Words;
use super::{drift, end, loss, stands_at, table, wire};
use crate::audit::Others;
use crate::base::error::{Error, ErrorKind, Result};
use crate::commands::scratch::own_migrations;
use crate::commands::{Context, word};
use crate::engine::{
    self, Access, ByHand, Clean, DatabaseName, DownOptions, DownTarget, Engine, Executed, OnLoss,
    OpenOptions, Run, State, UpOptions, compare, verify_recorded,
};
use crate::generate::Ask;
use crate::migrations::{MigrationSet, Version, refused_statement};
use crate::report::wire::run::{self as on_wire, Direction, Redone};
use crate::report::{Report, Span, Style};

/// What `migrate redo` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RedoRequest {
    /// The database file.
    pub db: DatabaseName,
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
    /// Run the down script of the file rather than the one that was stored when the migration was applied.
    pub from_files: bool,
    /// Where to leave a copy of the database as it was before.
    pub backup: Option<PathBuf>,
    /// Go on where rows or values are destroyed.
    pub allow_destructive: bool,
    /// Whether the schema has to be what the last migration left; and which tables are somebody else's.
    pub clean: Option<Others>,
}

const COMMAND: &str = "migrate redo";

/// Takes the newest migration back and applies its file as it is now, in two transactions; a file that was edited is what
/// one redoes for. Both run on a copy of the schema first, so that what fails there changes nothing.
///
/// Where the way back destroys rows or values, it is asked for, and nothing is done unless it is allowed: what was there does
/// not come again with the up.
///
/// # Errors
/// What is wrong before anything is written. A run that stops midway gives a report that holds the error.
pub fn run(ctx: &mut Context<'_>, request: &RedoRequest, ask: &mut Ask<'_>) -> Result<Report> {
    let set = own_migrations(&request.migrations)?;
    let open = OpenOptions { lock_timeout: request.lock_timeout };
    let mut reader = engine::open(&request.db, Access::ReadFirst, open, ctx.job)?;
    let history = reader.history()?;
    verify_recorded(&set, &history)?;
    let Some(newest) = history.newest() else {
        let mut report = report(&Run::default(), 0, &request.db);
        let standing = stands_at(&request.db, None);
        report.document.line(Span::new(format!("nothing to redo: {standing}"), Style::Good));
        return Ok(report);
    };
    let Some(file) = set.get(newest) else {
        return Err(Error::new(
            ErrorKind::Migration,
            format!("version {newest} cannot be redone: its file is missing from {}", set.dir.display()),
        )
        .help("check out a version of the project that has it"));
    };
    // Going up again to this version would apply these as well.
    if let Some(late) = compare(&set, &history).iter().find(|entry| entry.state == State::OutOfOrder) {
        return Err(Error::new(
            ErrorKind::Migration,
            format!("{} was never applied, but newer migrations were", late.label()),
        )
        .help(format!(
            "`planctl migrate renumber {}` gives it the next version, with its down and its tests; or revert the newer ones \
             first",
            late.file.map_or("FILE".to_owned(), |file| word(file.up.path()))
        )));
    }
    if let Some(error) = refused_statement(&file.up) {
        return Err(error);
    }
    drift::require_clean(ctx, &set, &mut *reader, (&request.db, request.clean.as_ref()))?;
    let redo = Redo { set: &set, request, newest, by_hand: ByHand::default() };
    let mut copy = reader.schema_copy()?;
    let (down, up, error) = redo.run(ctx, &mut *copy, OnLoss::Foresee);
    if let Some(error) = error {
        return Err(error.note("it ran on a copy of the schema without rows; the database was not touched"));
    }
    // What goes with the up is known before the down.
    let mut foreseen = reader.count_losses(up.lost)?;
    if !foreseen.is_empty() {
        foreseen.splice(0..0, reader.count_losses(down.lost)?);
    }
    drop(reader);
    let mut engine = engine::open(&request.db, Access::ReadWrite { create: false }, open, ctx.job)?;
    drift::require_clean(ctx, &set, &mut *engine, (&request.db, request.clean.as_ref()))?;
    let mut downs = 0;
    let words = Words { rehearsed_by: "`planctl migrate down --rehearse`", ..Words::DOWN };
    let run = loss::run(ctx, request.allow_destructive, words, ask, |ctx, on_loss| {
        if on_loss == OnLoss::Refuse && !foreseen.is_empty() {
            return Ok(engine::refused(foreseen.clone(), Some(newest)));
        }
        let (down, up, error) = redo.run(ctx, &mut *engine, on_loss);
        downs = down.done.len();
        Ok(Run {
            done: down.done.into_iter().chain(up.done).collect(),
            lost: down.lost.into_iter().chain(up.lost).collect(),
            error,
            before: Some(newest),
            after: engine.history().ok().and_then(|history| history.newest()),
            ..down
        })
    })?;
    let mut report = report(&run, downs, &request.db);
    let (back, again) = run.done.split_at(downs);
    table(&mut report, back, "reverted");
    table(&mut report, again, "applied");
    if !run.refused {
        loss::show(&mut report, &run.lost);
    }
    end(&mut report, run, &request.db, "nothing to redo");
    Ok(report)
}

/// A report of what was done; the first `downs` of it were reverted.
fn report(run: &Run, downs: usize, db: &DatabaseName) -> Report {
    let is_down = |done: &Executed| run.done.iter().take(downs).any(|other| std::ptr::eq(other, done));
    let done = wire(run, db, false, |done| Redone {
        direction: if is_down(done) { Direction::Down } else { Direction::Up },
    });
    let body = on_wire::Redo { run: done, lost: loss::wire(&run.lost) };
    Report { body: Some(body.into()), ..Report::new(COMMAND) }
}

struct Redo<'a> {
    set: &'a MigrationSet,
    request: &'a RedoRequest,
    newest: Version,
    by_hand: ByHand,
}

impl Redo<'_> {
    /// Behind the down of the very first one, no record says what it left.
    fn left_by_down(&self, engine: &mut dyn Engine) -> Result<()> {
        if self.request.clean.is_some() && engine.history()?.applied.is_empty() {
            let schema = engine.schema_fingerprint()?;
            engine.require_clean(Clean { newest: None, schema });
        }
        Ok(())
    }

    /// Down, then up; the error of whichever failed.
    fn run(
        &self,
        ctx: &mut Context<'_>,
        engine: &mut dyn Engine,
        on_loss: OnLoss,
    ) -> (Run, Run, Option<Error>) {
        let job = if on_loss == OnLoss::Foresee { ctx.job.quietly() } else { ctx.job };
        let from_files = self.request.from_files;
        // One for both ways, and none of a copy without rows.
        let backup = self.request.backup.as_deref().filter(|_| on_loss != OnLoss::Foresee);
        let down = DownOptions { target: DownTarget::Steps(1), from_files, on_loss, backup };
        let mut down = engine.migrate_down(self.set, &down, job);
        if let Some(error) = down.error.take() {
            return (down, Run::default(), Some(error));
        }
        if let Err(error) = self.left_by_down(engine) {
            return (down, Run::default(), Some(error));
        }
        let up = UpOptions { to: Some(self.newest), ..UpOptions::of(ctx.run_id) };
        let mut up = if on_loss == OnLoss::Foresee {
            match self.by_hand.foreseen(engine, self.set, &up, job) {
                Ok(lost) => Run { lost: lost.as_ref().clone(), ..engine.migrate_up(self.set, &up, job) },
                Err(error) => Run { error: Some(error), ..Run::default() },
            }
        } else {
            engine::up(engine, &self.by_hand, self.set, (&up, OnLoss::Allow), job)
        };
        let error = up.error.take();
        (down, up, error)
    }
}
