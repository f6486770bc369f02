//! `planctl fleet down`: reverts migrations in each database. What that destroys in all of them is asked for once.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use super::FleetRequest;
use super::crew::{All, Came, Crew};
use super::run::{Course, Done, Writes, came_to};
use super::show::{Did, Early};
use crate::base::error::{ErrorKind, Result};
use crate::base::job::Job;
use crate::base::words::thousands;
use crate::commands::Context;
use crate::commands::migrate::loss;
use crate::engine::{DownOptions, DownTarget, Engine, Loss, Lost, OnLoss, plan_down};
use crate::generate::Ask;
use crate::migrations::Version;
use crate::report::Report;

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
}

impl DownRequest {
    fn options(&self, on_loss: OnLoss) -> DownOptions<'static> {
        DownOptions { target: DownTarget::Above(self.to), from_files: self.from_files, on_loss, backup: None }
    }
}

/// What reverting would destroy, before rows are counted: the same for the same scripts on the same schema.
type Foreseen = Mutex<HashMap<(String, Vec<(Version, bool, String)>), Vec<Lost>>>;

/// Reverts what is above a version. Where that destroys rows or values, it is asked for once, and nothing is done unless it
/// is allowed.
///
/// # Errors
/// What is wrong with the files; `Interrupted` while the databases are read. What fails in a database is part of the report.
pub fn run(ctx: &mut Context<'_>, request: &DownRequest, ask: &mut Ask<'_>) -> Result<Report> {
    let crew = Crew::of(ctx, &request.fleet, None)?;
    let foreseen = Foreseen::default();
    let seen = crew.each(ctx, |engine, job| look(&crew, request, &foreseen, engine, job))?;
    let mut lost = Totals::default();
    let before: Vec<Option<Version>> =
        seen.iter().map(|came| came.as_ref()?.as_ref().ok()?.version).collect();
    let all: All<Done> = seen
        .into_iter()
        .map(|came| match came? {
            Ok(Seen { version, reverts: None }) => Some(Ok(Done { version, migrations: Vec::new() })),
            Ok(Seen { reverts: Some(losses), .. }) => {
                lost.add(losses);
                None
            }
            Err(failure) => Some(Err(failure)),
        })
        .collect();
    let totals = lost.all();
    let on_loss = if request.allow_destructive || totals.is_empty() {
        loss::rule(request.allow_destructive)
    } else {
        let sentences: Vec<String> = totals.iter().flat_map(Lost::sentences).collect();
        let of = thousands(lost.databases);
        let question =
            format!("in {of} of the databases together:\n{}\nRevert anyway?", sentences.join("\n"));
        match ask(&question) {
            Some(true) => OnLoss::Allow,
            answer => {
                let help = match answer {
                    Some(_) => "nothing was changed",
                    None => {
                        "--allow-destructive reverts anyway; with it, --rehearse tries it out on a copy of the canary first"
                    }
                };
                let refused = Early {
                    kind: ErrorKind::Data,
                    why: "reverting destroys data; nothing was changed".to_owned(),
                    notes: sentences,
                    help: Some(help.to_owned()),
                };
                return Ok(came_to(
                    COMMAND,
                    Did::Down(totals),
                    &request.fleet,
                    (all, &before),
                    Some(refused),
                ));
            }
        }
    };
    let options = request.options(on_loss);
    let writes = Writes {
        command: COMMAND,
        doing: "reverting",
        did: Did::Down(totals),
        course: &request.course,
        before: &before,
        work: &|engine, job| engine.migrate_down(&crew.set, &options, job),
    };
    Ok(writes.run(ctx, &crew, all))
}

const COMMAND: &str = "fleet down";

/// What a look at a database tells.
struct Seen {
    version: Option<Version>,
    /// What is destroyed; `None` where nothing is to be reverted.
    reverts: Option<Vec<Lost>>,
}

fn look(
    crew: &Crew<'_>,
    request: &DownRequest,
    foreseen: &Foreseen,
    engine: &mut dyn Engine,
    job: Job<'_>,
) -> Came<Seen> {
    let history = engine.history()?;
    let options = request.options(OnLoss::Foresee);
    let plan = plan_down(&crew.set, &history, options.target, options.from_files)?;
    if plan.is_empty() {
        return Ok(Seen { version: history.newest(), reverts: None });
    }
    let scripts = plan.iter().map(|step| (step.version, step.recorded, step.script.text().to_owned()));
    let key = (engine.schema_fingerprint()?, scripts.collect());
    let known = foreseen.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    let lost = match known {
        Some(lost) => lost,
        None => {
            let run = engine.schema_copy()?.migrate_down(&crew.set, &options, job.quietly());
            if let Some(error) = run.error {
                return Err(error.into());
            }
            foreseen.lock().unwrap_or_else(PoisonError::into_inner).insert(key, run.lost.clone());
            run.lost
        }
    };
    Ok(Seen { version: history.newest(), reverts: Some(engine.count_losses(lost)?) })
}

/// What all databases lose together.
#[derive(Default)]
struct Totals {
    /// How many lose something.
    databases: usize,
    /// By version.
    lost: BTreeMap<Version, Lost>,
}

impl Totals {
    fn add(&mut self, lost: Vec<Lost>) {
        let lost: Vec<Lost> = lost.into_iter().filter(|lost| !lost.is_harmless()).collect();
        self.databases += usize::from(!lost.is_empty());
        for one in lost {
            let Some(total) = self.lost.get_mut(&one.version) else {
                self.lost.insert(one.version, one);
                continue;
            };
            total.recorded |= one.recorded;
            for loss in one.losses {
                let is_same = |known: &&mut Loss| {
                    (known.kind, &known.table, &known.column) == (loss.kind, &loss.table, &loss.column)
                };
                match total.losses.iter_mut().find(is_same) {
                    // What only its rows could tell stays unknown.
                    Some(known) => {
                        known.count = known.count.zip(loss.count).map(|(a, b)| a.saturating_add(b))
                    }
                    None => total.losses.push(loss),
                }
            }
        }
    }

    /// Newest first, as they are reverted.
    fn all(&self) -> Vec<Lost> {
        self.lost.values().rev().cloned().collect()
    }
}
