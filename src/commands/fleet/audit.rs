//! `planctl fleet audit`: each database against the spec, those that are behind against their own version.

use std::path::PathBuf;
use std::sync::Arc;

use super::FleetRequest;
use super::crew::Crew;
use super::judge::{Judge, Spec};
use super::show::{Row, report};
use crate::audit::Others;
use crate::audit::comparison::Sides;
use crate::audit::ledger::read_ledger;
use crate::base::error::Result;
use crate::base::finding::Finding;
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::commands::Context;
use crate::commands::audit::{FailOn, fails};
use crate::engine::Engine;
use crate::report::Report;
use crate::report::wire::fleet::State;

/// What `fleet audit` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRequest {
    /// What every command is asked.
    pub fleet: FleetRequest,
    /// The spec's DDL file.
    pub spec: PathBuf,
    /// The ledger of documented deviations, when there is one.
    pub deviations: Option<PathBuf>,
    /// Whether the ledger excuses nothing.
    pub strict: bool,
    /// Whether a database may be behind, as long as it has the schema of its own version.
    pub at_applied: bool,
    /// Whether the rows are checked as well.
    pub data: bool,
    /// Which findings give exit status 1.
    pub fail_on: FailOn,
    /// Which tables are somebody else's.
    pub others: Others,
}

/// Audits the databases. One that is behind is held against what the migrations produce up to its own version.
///
/// # Errors
/// What is wrong with the files, the spec or the ledger. A database that cannot be read is part of the report.
pub fn run(ctx: &mut Context<'_>, request: &AuditRequest) -> Result<Report> {
    let crew = Crew::of(ctx, &request.fleet, None)?;
    let spec = Spec {
        source: SourceFile::read(&request.spec)?,
        ledger: read_ledger(request.deviations.as_deref())?,
        strict: request.strict,
        fail_on: request.fail_on,
        today: ctx.started.date(),
    };
    let judge = Judge::of(&crew, &request.others, ctx.run_id, Some(&spec));
    let all = crew.look(ctx, true, |engine, glance, standing, job| {
        let variant = judge.judge(engine, &glance, &standing, job)?;
        let spec = judge.spec_of(&standing).filter(|_| request.data);
        let values = spec.map(|spec| values(engine, spec, job)).transpose()?;
        Ok((standing, variant, values))
    })?;
    let rows = all.into_iter().map(|came| {
        Row::seen(came, |(standing, variant, values)| {
            let broken = values.as_ref().is_some_and(|found: &Vec<Finding>| fails(found, request.fail_on));
            Row {
                state: match (variant.is_other || broken, standing.pending.is_empty() || request.at_applied) {
                    (true, _) => State::Drifted,
                    (false, false) => State::Behind,
                    (false, true) => State::Current,
                },
                variant: Some(Arc::clone(&variant)),
                values,
                ..Row::at(&standing)
            }
        })
    });
    Ok(report("fleet audit", &request.fleet, rows.collect()))
}

/// What the rows break of what the spec states of them.
fn values(engine: &mut dyn Engine, spec: &Spec, job: Job<'_>) -> Result<Vec<Finding>> {
    let live = engine.inspect()?;
    let sides = Sides::of(&spec.source, &spec.ledger, &live, job)?;
    let (found, _) = sides.values(spec.strict, spec.today, |plan| engine.check_values(plan, job))?;
    Ok(found)
}
