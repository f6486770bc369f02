//! `planctl migrate down`: takes applied migrations back, newest first.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::loss::Words;
use super::rehearsal::{self, Rehearsal};
use super::{
    Mode, copies, drift, end, loss, of_a_copy, script, script_options, stands_at, table, trouble, wire,
};
use crate::audit::Others;
use crate::base::error::Result;
use crate::commands::Context;
use crate::commands::scratch::own_migrations;
use crate::engine::{self, Access, DatabaseName, DownOptions, DownStep, OnLoss, OpenOptions, Run, plan_down};
use crate::generate::Ask;
use crate::migrations::{MigrationSet, Version};
use crate::report::wire::run::{Applied, Down, Source, TakenBack};
use crate::report::{Block, Report};

/// What `migrate down` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DownRequest {
    /// The database file.
    pub db: DatabaseName,
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// How far down.
    pub target: DownTarget,
    /// For real, or how not.
    pub mode: Mode,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
    /// Run the down scripts of the files rather than those stored when the migrations were applied.
    pub from_files: bool,
    /// Go on where rows or values are destroyed.
    pub allow_destructive: bool,
    /// Whether the schema has to be what the last migration left; and which tables are somebody else's.
    pub clean: Option<Others>,
}

/// How far down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DownTarget {
    /// That many applied migrations.
    Steps(NonZeroU32),
    /// All applied migrations above this version; 0 reverts all.
    Version(Version),
}

const COMMAND: &str = "migrate down";

impl DownTarget {
    /// What to say when there were fewer applied migrations than steps.
    fn short_of(self, planned: usize) -> Option<String> {
        match self {
            DownTarget::Steps(steps) if planned > 0 && steps.get() as usize > planned => Some(format!(
                "{steps} asked for, but only {planned} {} applied",
                if planned == 1 { "was" } else { "were" }
            )),
            _ => None,
        }
    }
}

impl DownRequest {
    fn options(&self, on_loss: OnLoss) -> DownOptions<'static> {
        let target = match self.target {
            DownTarget::Steps(steps) => engine::DownTarget::Steps(steps.get()),
            DownTarget::Version(version) => engine::DownTarget::Above(version),
        };
        DownOptions { target, from_files: self.from_files, on_loss, backup: None }
    }
}

/// Takes migrations back. Where that destroys rows or values, it is asked for, and nothing is done unless it is allowed.
///
/// # Errors
/// What is wrong before anything is written. A run that stops midway gives a report that holds the error.
pub fn run(ctx: &mut Context<'_>, request: &DownRequest, ask: &mut Ask<'_>) -> Result<Report> {
    let set = own_migrations(&request.migrations)?;
    let open = OpenOptions { lock_timeout: request.lock_timeout };
    let options = request.options(loss::rule(request.allow_destructive));
    let dry_run = request.mode == Mode::DryRun;
    let (plan, run) = match &request.mode {
        Mode::DryRun => {
            let mut live = engine::open(&request.db, Access::ReadOnly, open, ctx.job)?;
            drift::require_clean(ctx, &set, &mut *live, (&request.db, request.clean.as_ref()))?;
            let mut copy = live.schema_copy()?;
            let plan = plan_down(&set, &copy.history()?, options.target, options.from_files)?;
            let options = request.options(OnLoss::Foresee);
            let mut run = copy.migrate_down(&set, &options, ctx.job.quietly());
            run.lost = live.count_losses(run.lost)?;
            (plan, run)
        }
        Mode::Rehearse { place } => return rehearse(ctx, request, &set, place.as_deref()),
        Mode::Sql { from, target } => {
            let sql = engine::script_down(
                &set,
                *from,
                options,
                script_options(ctx, request.lock_timeout, *target),
            )?;
            return Ok(script(COMMAND, sql));
        }
        Mode::Run { backup } => {
            copies::remove_unused_beside(&request.db);
            let mut engine = engine::open(&request.db, Access::ReadWrite { create: false }, open, ctx.job)?;
            let plan = plan_down(&set, &engine.history()?, options.target, options.from_files)?;
            drift::require_clean(ctx, &set, &mut *engine, (&request.db, request.clean.as_ref()))?;
            let run = loss::run(ctx, request.allow_destructive, Words::DOWN, ask, |ctx, on_loss| {
                let options = DownOptions { backup: backup.as_deref(), ..request.options(on_loss) };
                Ok(engine.migrate_down(&set, &options, ctx.job))
            })?;
            (plan, run)
        }
    };
    let mut report = report(&run, &plan, &request.db, dry_run, None);
    if dry_run && run.error.is_some() {
        // What fails on the copy would not be reverted: then only the error speaks.
        trouble(&mut report, run.error.map(of_a_copy));
    } else if dry_run {
        for step in &plan {
            report.document.heading(step.label());
            let text = step.script.text().trim_end().to_owned();
            report.document.blocks.push(Block::Code { language: "sql", text });
        }
        if let Some(short) = request.target.short_of(plan.len()) {
            report.document.line(short);
        }
        report.document.line(match plan.len() {
            0 => format!("nothing to revert: {}", stands_at(&request.db, run.before)),
            1 => "1 migration would be reverted; it ran on a copy of the schema without rows, nothing was written".into(),
            n => format!(
                "{n} migrations would be reverted; they ran on a copy of the schema without rows, nothing was written"
            ),
        });
        loss::show_what_it_needs(&mut report, &run.lost);
    } else {
        table(&mut report, &run.done, "reverted");
        if let Some(short) = request.target.short_of(plan.len()).filter(|_| run.error.is_none()) {
            report.document.line(short);
        }
        if !run.refused {
            loss::show(&mut report, &run.lost);
        }
        end(&mut report, run, &request.db, "nothing to revert");
    }
    Ok(report)
}

/// A report of what was done, by a plan.
fn report(
    run: &Run,
    plan: &[DownStep],
    db: &DatabaseName,
    dry_run: bool,
    rehearsal: Option<&Rehearsal>,
) -> Report {
    let run_on_wire = wire(run, db, dry_run, |done| {
        let step = plan.iter().find(|step| step.version == done.version);
        let sql = step.filter(|_| dry_run).map(|step| step.script.text().to_owned());
        let more = match rehearsal {
            Some(_) => rehearsal::of_migration(done),
            None => Applied { sql, ..Applied::default() },
        };
        let stored = step.is_some_and(|step| step.stored);
        TakenBack { script: if stored { Source::Stored } else { Source::File }, more }
    });
    let lost = loss::wire(&run.lost);
    let body = Down { run: run_on_wire, lost, rehearsal: rehearsal.map(Rehearsal::wire) };
    Report { body: Some(body.into()), ..Report::new(COMMAND) }
}

fn rehearse(
    ctx: &mut Context<'_>,
    request: &DownRequest,
    set: &MigrationSet,
    place: Option<&Path>,
) -> Result<Report> {
    let open = OpenOptions { lock_timeout: request.lock_timeout };
    let options = request.options(OnLoss::Allow);
    let mut live = engine::open(&request.db, Access::ReadOnly, open, ctx.job)?;
    let history = live.history()?;
    let plan = plan_down(set, &history, options.target, options.from_files)?;
    drift::require_clean(ctx, set, &mut *live, (&request.db, request.clean.as_ref()))?;
    drop(live);
    if plan.is_empty() {
        let run = Run { before: history.newest(), after: history.newest(), ..Run::default() };
        let mut report = report(&run, &plan, &request.db, false, None);
        end(&mut report, run, &request.db, "nothing to revert");
        return Ok(report);
    }
    let rehearsal = rehearsal::on_copy(ctx, &request.db, place, open, |ctx, engine| {
        engine.migrate_down(set, &options, ctx.job)
    })?;
    let mut report = report(&rehearsal.run, &plan, &request.db, false, Some(&rehearsal));
    table(&mut report, &rehearsal.run.done, "rehearsed");
    if let Some(short) = request.target.short_of(plan.len()) {
        report.document.line(short);
    }
    rehearsal.show(&mut report, &request.db);
    loss::show_what_it_needs(&mut report, &rehearsal.run.lost);
    trouble(&mut report, rehearsal.run.error);
    Ok(report)
}
