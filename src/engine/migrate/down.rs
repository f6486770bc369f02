//! Taking one migration back under the lock.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;
use std::time::Instant;

use rusqlite::Connection;

use super::history;
use super::loss::Tracer;
use super::runner::{Locked, Runner, Work};
use crate::base::error::{Advice, Error, ErrorKind, Result};
use crate::base::progress::Event;
use crate::ddl::created;
use crate::engine::catalog::inspect::has_object;
use crate::engine::contract::history::{Applied, History};
use crate::engine::contract::loss::refusal;
use crate::engine::contract::plan::plan_down;
use crate::engine::contract::run::stays_applied;
use crate::engine::{DownStep, DownTarget, Lost, OnLoss, Run};
use crate::migrations::{MigrationSet, Script, steps};
use crate::schema::Ident;
use crate::sql::HISTORY;

/// What takes migrations back.
pub(super) struct Down<'a> {
    set: &'a MigrationSet,
    /// As it was settled by the first look: what another process applies later is not reverted.
    plan: Vec<DownStep>,
    /// What SQLite had counted of the commits of others at that look, as long as nobody else has written since.
    seen: Cell<Option<i64>>,
    from_files: bool,
    on_loss: OnLoss,
    /// What the files create; nothing where some of what is applied has no file.
    created: Option<OnceCell<BTreeSet<Ident>>>,
}

impl<'a> Down<'a> {
    pub(super) fn new(
        set: &'a MigrationSet,
        (history, seen): (&History, i64),
        plan: Vec<DownStep>,
        (from_files, on_loss): (bool, OnLoss),
    ) -> Down<'a> {
        let has_all = history.applied.iter().all(|applied| set.get(applied.version).is_some());
        // How a squashed migration stands depends on all that is applied.
        let seen = Cell::new(Some(seen).filter(|_| set.squash().is_none()));
        Down { set, plan, seen, from_files, on_loss, created: has_all.then(OnceCell::new) }
    }

    pub(super) fn run(&self, runner: &mut Runner<'_>, run: &mut Run) -> Result<()> {
        // Where more than one transaction follows, or a copy of the whole database, all of it is tried first.
        let recorded = self.plan.iter().any(|step| step.recorded);
        if self.on_loss == OnLoss::Refuse && (recorded || self.plan.len() > 1 || runner.backs_up()) {
            let lost = self.trial(runner)?;
            self.allow(run, lost)?;
        }
        while run.done.len() < self.plan.len() {
            let mut lost = None;
            let executed = runner.transaction(|runner| {
                let Some(step) = self.next(runner, run.done.len())? else { return Ok(Locked::Nothing) };
                let (locked, found) = self.take_back(runner, &step)?;
                if self.on_loss == OnLoss::Refuse {
                    self.allow(run, Vec::from_iter(found.filter(|found| !found.losses.is_empty())))?;
                } else {
                    lost = found;
                }
                Ok(locked)
            })?;
            let Some(executed) = executed else { break };
            run.lost.extend(lost);
            run.done.push(executed);
        }
        Ok(())
    }

    /// The newest migration that is still to be reverted, once `done` are. Unless somebody else was at it, that is the next of
    /// the plan: to read and check all of the history again for each would cost as much as the square of its length.
    fn next(&self, runner: &Runner<'_>, done: usize) -> Result<Option<Cow<'_, DownStep>>> {
        let sqlite = runner.sqlite;
        let seen = history::commits_of_others(&sqlite.conn).map_err(|error| sqlite.trouble(error))?;
        if self.seen.get() == Some(seen) {
            return Ok(self.plan.get(done).map(Cow::Borrowed));
        }
        self.seen.set(None);
        let now = sqlite.full_history()?;
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
        Ok(plan.into_iter().next().map(Cow::Owned))
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
            let conn = &runner.sqlite.conn;
            lost.extend(self.found(conn, step, &mut tracer).map_err(|error| runner.sqlite.trouble(error))?);
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
                _ if step.recorded => stays_applied(error, &label).note(format!(
                    "{label} was recorded as applied and never ran here: where nothing of it is in the database, \
                     `DELETE FROM {HISTORY} WHERE version = {}` takes the record back",
                    step.version
                )),
                _ => stays_applied(error, &label),
            }
        })?;
        let lost = self.found(&sqlite.conn, step, &mut tracer).map_err(trouble)?;
        history::delete(&sqlite.conn, step.version).map_err(trouble)?;
        history::note_schema(&sqlite.conn).map_err(trouble)?;
        let Some(unchecked) = runner.foreign_keys_hold(&label, &step.script, before)? else {
            return Ok((Locked::Suspect, lost));
        };
        let took = started.elapsed();
        let work = Work { version: step.version, name: step.name.clone(), down: true, took, ran, unchecked };
        Ok((Locked::Done(work), lost))
    }

    /// What the step has destroyed, if it is anything. What goes with a table that stays, and that no file creates, somebody
    /// has added by hand.
    fn found(
        &self,
        conn: &Connection,
        step: &DownStep,
        tracer: &mut Tracer,
    ) -> rusqlite::Result<Option<Lost>> {
        let mut losses = Vec::new();
        for loss in tracer.take() {
            let is_lost = match &loss.object {
                None => true,
                Some(object) => {
                    // What the files create is the dearest to know.
                    !has_object(conn, object.as_str())?
                        && has_object(conn, loss.table.as_str())?
                        && self.is_by_hand(object)
                }
            };
            losses.extend(is_lost.then_some(loss));
        }
        let lost = Lost { version: step.version, name: step.name.clone(), recorded: step.recorded, losses };
        Ok((!lost.is_harmless()).then_some(lost))
    }

    fn is_by_hand(&self, object: &Ident) -> bool {
        let of_files = || {
            let files = self.set.migrations.iter().flat_map(|file| [Some(&file.up), file.down.as_ref()]);
            let statements = files.flatten().flat_map(|file| Script::read(file).statements);
            statements.filter_map(|statement| Some(created(statement.text)?.1)).collect()
        };
        self.created.as_ref().is_some_and(|created| !created.get_or_init(of_files).contains(object))
    }
}
