//! `planctl migrate baseline`: takes over a database that has the schema already.

use std::path::PathBuf;
use std::time::Duration;

use super::drift::{self, Drift, Expected};
use super::stands_at;
use crate::audit::Others;
use crate::base::error::{ErrorKind, Result};
use crate::base::rule::AuditRule;
use crate::commands::Context;
use crate::commands::explain::rule_info;
use crate::commands::scratch::own_migrations;
use crate::engine::{self, Access, Baseline, DatabaseName, OpenOptions, plan_baseline};
use crate::migrations::Version;
use crate::report::wire::pair as wire;
use crate::report::{Outcome, Report, Span, Style, Versus};

/// What `migrate baseline` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BaselineRequest {
    /// The database file.
    pub db: DatabaseName,
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// The newest version that the database has already.
    pub to: Version,
    /// Record also when the schema is not what the versions produce.
    pub force: bool,
    /// Which tables are somebody else's.
    pub others: Others,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
}

const COMMAND: &str = "migrate baseline";

/// Records all versions up to `to` as applied, after comparing the live schema with what they produce on a shadow
/// database. Differences are findings, and then nothing is recorded unless it is forced.
///
/// # Errors
/// Unreadable files and databases; a history that does not fit the files; a migration that fails on a shadow database.
pub fn run(ctx: &mut Context<'_>, request: &BaselineRequest) -> Result<Report> {
    let set = own_migrations(&request.migrations)?;
    let open = OpenOptions { lock_timeout: request.lock_timeout };
    let (schema, leaves, compared, planned) = {
        let mut live = engine::open(&request.db, Access::ReadFirst, open, ctx.job)?;
        let planned = plan_baseline(&set, &live.history()?, request.to)?.len();
        // The fingerprint first: what changes while the schema is read is seen under the lock.
        let schema = live.schema_fingerprint()?;
        let mut leaves = None;
        let compared = Expected::at(&set, Some(request.to), ctx.run_id, ctx.job).and_then(|mut expected| {
            leaves = Some(expected.fingerprint()?);
            expected.differences(&live.inspect()?, &request.others)
        });
        (schema, leaves, compared, planned)
    };
    // A chain may begin on a schema that somebody else made: then it produces nothing that could be compared.
    let (Drift { changes, theirs }, incomparable) = match compared {
        Ok(drift) => (drift, None),
        Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
        Err(error) if request.force => (Drift::default(), Some(error)),
        Err(error) => {
            return Err(error.note(
                "if the migrations start from a schema that something else created, --force records them without comparing",
            ));
        }
    };
    let mut report = Report::new(COMMAND);
    report.rules = Some(AuditRule::all().map(rule_info).collect());
    report.is_about("Database", &request.db);
    report.is_about("Migrations", request.migrations.display());
    report.findings = changes.iter().map(drift::finding).collect();
    report.ignored = theirs.iter().map(|name| name.as_str().to_owned()).collect();
    let may = changes.is_empty() || request.force;
    let recorded = if may && planned > 0 {
        let mut engine = engine::open(&request.db, Access::ReadWrite { create: false }, open, ctx.job)?;
        // What the database has otherwise all the same, nobody left: it is told until one of the two follows.
        let leaves = leaves.as_deref().filter(|_| !changes.is_empty());
        let baseline = Baseline { to: request.to, run_id: ctx.run_id, schema: &schema, leaves };
        engine.record(&set, baseline, ctx.job)?
    } else {
        Vec::new()
    };
    let entry = |version: &Version| wire::Recorded {
        version: *version,
        name: set.get(*version).map(|file| file.name.clone()),
    };
    let body = wire::Baseline {
        ignored: report.ignored.clone(),
        database: request.db.display().to_string(),
        to: request.to,
        forced: request.force && (!changes.is_empty() || incomparable.is_some()),
        compared: incomparable.is_none(),
        recorded: recorded.iter().map(entry).collect(),
    };
    report.body = Some(body.into());
    if !report.findings.is_empty() {
        report.document.findings_of(&report.findings, &Default::default(), Versus::MigrationsAndDatabase);
    }
    if let Some(error) = &incomparable {
        let text = format!(
            "the schema was not compared, because the migrations do not run on an empty database: {error}"
        );
        report.document.line(Span::new(text, Style::Warning));
    }
    if !may {
        report.outcome = Outcome::Findings;
    }
    report.document.line(conclusion(request, may.then_some(recorded.len())));
    Ok(report)
}

/// What came of it: how many versions were recorded, if any could be.
fn conclusion(request: &BaselineRequest, recorded: Option<usize>) -> Span {
    let (db, to) = (request.db.display(), request.to);
    let standing = stands_at(&request.db, Some(to));
    match recorded {
        None => Span::new(
            format!(
                "nothing was recorded: the schema of {db} is not what versions up to {to} produce; --force records them anyway"
            ),
            Style::Bad,
        ),
        Some(0) => Span::new(format!("nothing to record: {standing}"), Style::Good),
        Some(1) => Span::new(format!("1 version recorded as applied: {standing}"), Style::Good),
        Some(n) => Span::new(format!("{n} versions recorded as applied: {standing}"), Style::Good),
    }
}
