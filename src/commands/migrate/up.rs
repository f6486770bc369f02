//! `planctl migrate up`: applies what is pending, oldest first.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::loss::Words;
use super::{
    Mode, copies, drift, end, exists, loss, of_a_copy, rehearsal, script, script_options, stands_at, table,
    trouble, wire,
};
use crate::audit::Others;
use crate::base::error::Result;
use crate::base::job::answer;
use crate::commands::Context;
use crate::commands::scratch::own_migrations;
use crate::engine::{
    self, Access, ByHand, DatabaseName, Executed, Followed, History, OnLoss, OpenOptions, Run, UpOptions,
    plan_up, squash_to_record,
};
use crate::generate::Ask;
use crate::migrations::{Migration, MigrationSet, Version, label};
use crate::report::wire::run::{self as on_wire, Applied, Up};
use crate::report::{Block, Report, Span, Style};

/// What `migrate up` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpRequest {
    /// The database file; created when it does not exist.
    pub db: DatabaseName,
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// The newest version to apply; all when absent.
    pub to: Option<Version>,
    /// For real, or how not.
    pub mode: Mode,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
    /// Go on where what no migration made is taken along.
    pub allow_destructive: bool,
    /// Whether the schema has to be what the last migration left; and which tables are somebody else's.
    pub clean: Option<Others>,
}

const COMMAND: &str = "migrate up";

/// Applies what is pending. Where that takes along what no migration made, it is asked for, and nothing is done unless it is
/// allowed.
///
/// # Errors
/// What is wrong before anything is written. A run that stops midway gives a report that holds the error.
pub fn run(ctx: &mut Context<'_>, request: &UpRequest, ask: &mut Ask<'_>) -> Result<Report> {
    let set = own_migrations(&request.migrations)?;
    let backup = match &request.mode {
        Mode::DryRun => return dry_run(ctx, request, &set),
        Mode::Rehearse { place } => return rehearse(ctx, request, &set, place.as_deref()),
        Mode::Sql { from, target } => {
            let options = script_options(ctx, request.lock_timeout, *target);
            let sql =
                engine::script_up(&set, *from, request.to, loss::rule(request.allow_destructive), options)?;
            return Ok(script(COMMAND, sql));
        }
        Mode::Run { backup } => backup,
    };
    let run = match up_to_date(ctx, request, &set)? {
        Some(version) => Run { before: version, after: version, ..Run::default() },
        None => {
            copies::remove_unused_beside(&request.db);
            let access = Access::ReadWrite { create: true };
            let mut engine = engine::open(&request.db, access, options(request), ctx.job)?;
            drift::require_clean(ctx, &set, &mut *engine, (&request.db, request.clean.as_ref()))?;
            let options =
                UpOptions { to: request.to, backup: backup.as_deref(), ..UpOptions::of(ctx.run_id) };
            let by_hand = ByHand::default();
            loss::run(ctx, request.allow_destructive, Words::UP, ask, |ctx, on_loss| {
                Ok(engine::up(&mut *engine, &by_hand, &set, (&options, on_loss), ctx.job))
            })?
        }
    };
    let mut report = report(&run, wire(&run, &request.db, false, |_| Applied::default()), None);
    if set.migrations.is_empty() && run.error.is_none() && !exists(&request.db)? {
        report.document.line(format!(
            "nothing to apply: {} holds no migrations; {} was not created",
            request.migrations.display(),
            request.db.display()
        ));
        return Ok(report);
    }
    table(&mut report, &run.done, "applied");
    tell_squashed(&mut report, &run, "is");
    if !run.refused {
        loss::show(&mut report, &run.lost);
    }
    end(&mut report, run, &request.db, "nothing to apply");
    Ok(report)
}

/// Says that a squashed migration is recorded now in the place of those that it stands for.
fn tell_squashed(report: &mut Report, run: &Run, is: &str) {
    if let Some(Followed { version, name, replaced }) = &run.squashed {
        let label = label(*version, name);
        let line = format!("{label} {is} recorded in place of the {replaced} migrations that it replaces");
        report.document.line(Span::new(line, Style::Good));
    }
}

fn report(run: &Run, done: on_wire::Run<Applied>, rehearsal: Option<on_wire::Rehearsal>) -> Report {
    let squashed = run.squashed.as_ref().map(|Followed { version, name, replaced }| on_wire::Followed {
        version: *version,
        name: name.clone(),
        replaced: *replaced,
    });
    let lost = loss::wire(&run.lost);
    Report { body: Some(Up { run: done, squashed, lost, rehearsal }.into()), ..Report::new(COMMAND) }
}

fn options(request: &UpRequest) -> OpenOptions {
    OpenOptions { lock_timeout: request.lock_timeout }
}

/// The newest applied version, when there is nothing to apply: such a run takes no write lock, writes no byte and makes no
/// file. What is wrong with the files is found here, too; what is wrong with the database is left to the real run, which
/// can repair what a crash left behind.
fn up_to_date(
    ctx: &mut Context<'_>,
    request: &UpRequest,
    set: &MigrationSet,
) -> Result<Option<Option<Version>>> {
    let mut live = None;
    let history = if exists(&request.db)? {
        let read = engine::open(&request.db, Access::ReadOnly, options(request), ctx.job);
        let answered = match read.and_then(|mut db| Ok((db.history()?, db))) {
            // Who has waited for the lock as long as may be does not wait again; whoever wrote just now is done.
            Err(error) if error.has_waited() => return Err(error),
            read => answer(read)?,
        };
        let Some((history, db)) = answered else { return Ok(None) };
        live = Some(db);
        history
    } else {
        History::default()
    };
    let plan = plan_up(set, &history, request.to)?;
    let is_done = plan.is_empty() && squash_to_record(set, &history).is_none();
    if let Some(mut live) = live.filter(|_| is_done || !matches!(request.mode, Mode::Run { .. })) {
        drift::require_clean(ctx, set, &mut *live, (&request.db, request.clean.as_ref()))?;
    }
    Ok(is_done.then(|| history.newest()))
}

fn rehearse(
    ctx: &mut Context<'_>,
    request: &UpRequest,
    set: &MigrationSet,
    place: Option<&Path>,
) -> Result<Report> {
    if let Some(version) = up_to_date(ctx, request, set)? {
        let run = Run { before: version, after: version, ..Run::default() };
        let mut report = report(&run, wire(&run, &request.db, false, |_| Applied::default()), None);
        end(&mut report, run, &request.db, "nothing to apply");
        return Ok(report);
    }
    let up = UpOptions { to: request.to, ..UpOptions::of(ctx.run_id) };
    let rehearsal = rehearsal::on_copy(ctx, &request.db, place, options(request), |ctx, engine| {
        engine::up(engine, &ByHand::default(), set, (&up, OnLoss::Allow), ctx.job)
    })?;
    let run = wire(&rehearsal.run, &request.db, false, rehearsal::of_migration);
    let mut report = report(&rehearsal.run, run, Some(rehearsal.wire()));
    table(&mut report, &rehearsal.run.done, "rehearsed");
    tell_squashed(&mut report, &rehearsal.run, "would be");
    rehearsal.show(&mut report, &request.db);
    loss::show_what_it_needs(&mut report, &rehearsal.run.lost);
    trouble(&mut report, rehearsal.run.error);
    Ok(report)
}

fn dry_run(ctx: &mut Context<'_>, request: &UpRequest, set: &MigrationSet) -> Result<Report> {
    let up = UpOptions { to: request.to, ..UpOptions::of(ctx.run_id) };
    let mut lost = Vec::new();
    let mut copy = if exists(&request.db)? {
        let mut live = engine::open(&request.db, Access::ReadOnly, options(request), ctx.job)?;
        plan_up(set, &live.history()?, request.to)?;
        drift::require_clean(ctx, set, &mut *live, (&request.db, request.clean.as_ref()))?;
        lost = ByHand::default().lost(&mut *live, set, &up, ctx.job)?;
        live.schema_copy()?
    } else {
        engine::like_a_new_file(ctx.job)?
    };
    let history = copy.history()?;
    let plan: Vec<&Migration> = plan_up(set, &history, request.to)?;
    let run = Run { lost, ..copy.migrate_up(set, &up, ctx.job.quietly()) };
    let sql = |done: &Executed| set.get(done.version).map(|file| file.up.text().to_owned());
    let done = wire(&run, &request.db, true, |done| Applied { sql: sql(done), ..Applied::default() });
    let mut report = report(&run, done, None);
    // What fails on the copy would not be applied: then only the error speaks.
    if run.error.is_some() {
        trouble(&mut report, run.error.map(of_a_copy));
        return Ok(report);
    }
    tell_squashed(&mut report, &run, "would be");
    for file in &plan {
        report.document.heading(file.label());
        let text = file.up.text().trim_end().to_owned();
        report.document.blocks.push(Block::Code { language: "sql", text });
    }
    report.document.line(match plan.len() {
        0 => format!("nothing to apply: {}", stands_at(&request.db, history.newest())),
        1 => "1 migration would be applied; it ran on a copy of the schema without rows, nothing was written".into(),
        n => format!("{n} migrations would be applied; they ran on a copy of the schema without rows, nothing was written"),
    });
    loss::show_what_it_needs(&mut report, &run.lost);
    Ok(report)
}
