//! Up, down, up: each migration must give the same schema each time, and its down the schema before it.

use std::time::{Duration, Instant};

use super::Context;
use super::check::trouble_finding;
use crate::audit::rules::code_of;
use crate::audit::subject_of;
use crate::diff::{Change, diff};
use crate::engine::{self, DownOptions, DownTarget, Engine, Run, UpOptions};
use crate::error::{Error, Result};
use crate::migrations::{Migration, MigrationSet};
use crate::progress::Silent;
use crate::report::{Finding, Object, Place, RuleInfo, Severity};
use crate::schema::Schema;

/// What the round trips came to.
pub struct RoundTrips {
    /// The scratch database, at the newest version that could be reached.
    pub engine: Box<dyn Engine>,
    /// The migration that could not be applied at all.
    pub failed_up: Option<Error>,
    /// How long the first ups took, all together.
    pub took_up: Duration,
    /// How many migrations made the trip.
    pub trips: usize,
    /// What is wrong with the others.
    pub findings: Vec<Finding>,
}

/// The rules that findings of a round trip carry.
pub fn rules() -> Vec<RuleInfo> {
    vec![
        RuleInfo {
            code: "migration-failed",
            summary: "a migration fails on a scratch database",
            help: "A migration that fails without any rows fails on every database. The statement and SQLite's words say why.",
        },
        RuleInfo {
            code: "down-failed",
            summary: "a down script fails right after its up",
            help: "A deployment that has to be rolled back would stop half-way. Mend the down, or say `-- planctl:irreversible REASON` in the up.",
        },
        RuleInfo {
            code: "down-differs",
            summary: "the schema after up and down is not the one before",
            help: "What a down leaves behind, or forgets to bring back, is drift that the next up runs into.",
        },
        RuleInfo {
            code: "up-differs",
            summary: "the schema after up, down, up is not the one after the first up",
            help: "A database that was rolled back once would differ from all others.",
        },
    ]
}

/// Applies the migrations one by one on a scratch database; each that has a down is taken back and applied again.
/// Ends at the first that cannot be applied.
///
/// # Errors
/// When the scratch database cannot be made or read.
pub fn round_trips(set: &MigrationSet, ctx: &mut Context<'_>) -> Result<RoundTrips> {
    let mut trips = RoundTrips {
        engine: engine::scratch()?,
        failed_up: None,
        took_up: Duration::ZERO,
        trips: 0,
        findings: Vec::new(),
    };
    let mut before = trips.engine.inspect()?;
    for migration in &set.migrations {
        let started = Instant::now();
        let error = up(&mut *trips.engine, set, migration, ctx).error;
        trips.took_up += started.elapsed();
        if error.is_some() {
            trips.failed_up = error;
            return Ok(trips);
        }
        let after = trips.engine.inspect()?;
        if migration.down.is_some() && migration.irreversible().is_none() {
            trips.trips += 1;
            match one(&mut trips, set, migration, (&before, &after), ctx)? {
                Some(error) => {
                    trips.failed_up = Some(error);
                    return Ok(trips);
                }
                None => before = trips.engine.inspect()?,
            }
        } else {
            before = after;
        }
    }
    Ok(trips)
}

fn up(engine: &mut dyn Engine, set: &MigrationSet, migration: &Migration, ctx: &Context<'_>) -> Run {
    let options = UpOptions { to: Some(migration.version), run_id: ctx.run_id };
    engine.migrate_up(set, &options, &mut Silent, &ctx.interrupt)
}

/// Takes the newest migration back and applies it again. Gives the trouble after which the chain cannot go on.
fn one(
    trips: &mut RoundTrips,
    set: &MigrationSet,
    migration: &Migration,
    (before, after): (&Schema, &Schema),
    ctx: &Context<'_>,
) -> Result<Option<Error>> {
    let options = DownOptions { target: DownTarget::Steps(1), from_files: false };
    let run = trips.engine.migrate_down(set, &options, &mut Silent, &ctx.interrupt);
    if let Some(error) = run.error {
        trips.findings.push(trouble_finding("down-failed", &error));
        return Ok(None);
    }
    let there = trips.engine.inspect()?;
    let changes = diff(before, &there, &mut *trips.engine.meaning());
    trips.findings.extend(changes.iter().map(|change| {
        let what = format!("after down, {}", words(change, "before the up", "after the down"));
        differs("down-differs", migration, change, what)
    }));
    if let Some(error) = up(&mut *trips.engine, set, migration, ctx).error {
        return Ok(Some(
            error.note("this is the second up: the first one, and the down between them, went well"),
        ));
    }
    let again = trips.engine.inspect()?;
    let changes = diff(after, &again, &mut *trips.engine.meaning());
    trips.findings.extend(changes.iter().map(|change| {
        let what = format!("after up, down, up, {}", words(change, "the first time", "the second time"));
        differs("up-differs", migration, change, what)
    }));
    Ok(None)
}

fn words(change: &Change, expected: &str, actual: &str) -> String {
    let name = subject_of(change);
    let side = |side: &Option<String>| side.as_deref().unwrap_or("nothing").to_owned();
    format!(
        "{name} is not as it was ({}): {expected} {}, {actual} {}",
        code_of(change.difference),
        side(&change.expected),
        side(&change.actual)
    )
}

fn differs(rule: &str, migration: &Migration, change: &Change, message: String) -> Finding {
    let file = migration.down.as_ref().unwrap_or(&migration.up);
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Error,
        object: Object {
            kind: change.object.kind.as_str().to_owned(),
            table: change.object.table.as_ref().map(|table| table.as_str().to_owned()),
            name: Some(migration.label()),
        },
        live_object: None,
        expected: change.expected.clone(),
        actual: change.actual.clone(),
        message: format!("{}: {message}", migration.label()),
        spec: Some(Place { file: file.path().display().to_string(), line: 1, column: 1 }),
        deviation: None,
        baseline: false,
    }
}
