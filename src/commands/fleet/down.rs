//! `planctl fleet down`: reverts migrations in each database. What that destroys in all of them is asked for once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::FleetRequest;
use super::clean::Gate;
use super::crew::{Came, Crew};
use super::room::Room;
use super::rows::{Row, Rows};
use super::run::{Course, Writes};
use super::show::{Did, Early, report};
use super::totals::Totals;
use crate::audit::Others;
use crate::base::error::{ErrorKind, Result};
use crate::base::job::Job;
use crate::base::words::counted;
use crate::commands::Context;
use crate::commands::migrate::loss;
use crate::engine::{Access, DatabaseName, DownOptions, DownTarget, Engine, Lost, OnLoss, plan_down};
use crate::fleets::Standing;
use crate::generate::Ask;
use crate::migrations::Version;
use crate::migrations::lint::rebuilt;
use crate::report::Report;
use crate::schema::Ident;

/// What `fleet down` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DownRequest {
    /// What every command is asked.
    pub fleet: FleetRequest,
    /// The version that stays the newest; 0 reverts all.
    pub to: Version,
    /// Run the down scripts of the files rather than those stored when the migrations were applied.
    pub from_files: bool,
    /// Go on where rows or values are destroyed.
    pub allow_destructive: bool,
    /// How it goes about it.
    pub course: Course,
    /// Whether each schema has to be what the last migration left; and which tables are somebody else's.
    pub clean: Option<Others>,
}

impl DownRequest {
    fn options(&self, on_loss: OnLoss) -> DownOptions<'static> {
        DownOptions { target: DownTarget::Above(self.to), from_files: self.from_files, on_loss, backup: None }
    }
}

/// What reverting comes to, before rows are counted: the same for the same scripts on the same schema.
type Foreseen = Mutex<HashMap<(String, Vec<(Version, bool, String)>), Arc<Way>>>;

/// What a way back does.
struct Way {
    /// What it would destroy.
    lost: Vec<Lost>,
    /// For each script, the tables that it builds anew.
    rebuilt: Vec<Vec<Ident>>,
}

/// Reverts what is above a version. Where that destroys rows or values, it is asked for once, and nothing is done unless it
/// is allowed.
///
/// # Errors
/// What is wrong with the files; `Interrupted` while the databases are read. What fails in a database is part of the report.
pub fn run(ctx: &mut Context<'_>, request: &DownRequest, ask: &mut Ask<'_>) -> Result<Report> {
    let crew = Crew::of(ctx, &request.fleet, Access::ReadFirst, None)?;
    let gate = Gate::of(&crew, request.clean.as_ref(), ctx.run_id);
    let (foreseen, room) = (Foreseen::default(), Room::default());
    let mut rows = Rows::of(request.fleet.databases.len());
    let mut lost = Totals::default();
    let back = |engine: &mut dyn Engine, job: Job<'_>| way(&crew, request, &foreseen, engine, job);
    let look = |engine: &mut dyn Engine, name: &DatabaseName, job: Job<'_>| {
        if let Some(gate) = &gate {
            let glance = engine.glance(true)?;
            gate.look(engine, (name, &glance), job)?;
        }
        let (version, way) = back(engine, job)?;
        let losses = way.map(|way| {
            room.at_most(name, &way.rebuilt);
            engine.count_losses(way.lost.clone())
        });
        Ok((version, losses.transpose()?))
    };
    crew.each(ctx, &crew.all(), look, |number, came| {
        let row = Row::seen(came, |(version, losses)| {
            let standing = Standing { version, ..Standing::default() };
            let row = Row::to_do(losses.is_some(), &standing);
            lost.add(losses.unwrap_or_default());
            row
        });
        rows.put(number, row.of_run(None));
    })?;
    let rebuilt = |engine: &mut dyn Engine| {
        let (_, way) = back(engine, Job::stopped_by(&crew.stop))?;
        Ok(way.map(|way| way.rebuilt.clone()).unwrap_or_default())
    };
    let lack = room.verify(ctx, &crew, &rows, rebuilt)?;
    let totals: Vec<Lost> = lost.all().rev().collect();
    let on_loss = if request.allow_destructive || totals.is_empty() {
        loss::rule(request.allow_destructive)
    } else {
        let sentences: Vec<String> = totals.iter().flat_map(Lost::sentences).collect();
        let together = if lost.databases == 1 { "" } else { ", together" };
        let of = counted(lost.databases, "database");
        let question = format!("in {of}{together}:\n{}\nRevert anyway?", sentences.join("\n"));
        match ask(&question) {
            Some(true) => OnLoss::Allow,
            answer => {
                let refused = match answer {
                    // Whoever was asked has just read what would be lost.
                    Some(_) => Early {
                        losses_are_told: true,
                        ..Early::new(ErrorKind::Data, loss::NOT_REVERTED.to_owned(), None)
                    },
                    None => Early {
                        kind: ErrorKind::Data,
                        why: "reverting destroys data; nothing was changed".to_owned(),
                        notes: sentences,
                        losses_are_told: true,
                        help: Some(
                            "--allow-destructive reverts anyway; with it, --rehearse tries it out on a copy of the canary first"
                                .to_owned(),
                        ),
                    },
                };
                return Ok(report(COMMAND, Did::Down(totals), &request.fleet, rows, Some(refused)));
            }
        }
    };
    let options = request.options(on_loss);
    let writes = Writes {
        command: COMMAND,
        doing: "reverting",
        did: Did::Down(totals),
        course: &request.course,
        gate: gate.as_ref(),
        work: &|engine, job| engine.migrate_down(&crew.set, &options, job),
    };
    Ok(writes.run(ctx, &crew, rows, lack))
}

const COMMAND: &str = "fleet down";

/// The newest applied version, and what the way back does; `None` where nothing is to be reverted.
fn way(
    crew: &Crew<'_>,
    request: &DownRequest,
    foreseen: &Foreseen,
    engine: &mut dyn Engine,
    job: Job<'_>,
) -> Came<(Option<Version>, Option<Arc<Way>>)> {
    let history = engine.history()?;
    let options = request.options(OnLoss::Foresee);
    let plan = plan_down(&crew.set, &history, options.target, options.from_files)?;
    if plan.is_empty() {
        return Ok((history.newest(), None));
    }
    let scripts = plan.iter().map(|step| (step.version, step.recorded, step.script.text().to_owned()));
    let key = (engine.schema_fingerprint()?, scripts.collect());
    let known = || foreseen.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(way) = known().get(&key) {
        return Ok((history.newest(), Some(Arc::clone(way))));
    }
    let run = engine.schema_copy()?.migrate_down(&crew.set, &options, job.quietly());
    if let Some(error) = run.error {
        return Err(error.into());
    }
    let rebuilt = rebuilt(&plan.iter().map(|step| &step.script).collect::<Vec<_>>());
    let way = Arc::new(Way { lost: run.lost, rebuilt });
    Ok((history.newest(), Some(Arc::clone(known().entry(key).or_insert(way)))))
}
