//! `planctl schema diff`: how two schemas differ.

use super::source::{Loaded, refuse_stray_bytes};
use crate::audit::others::{with, without};
use crate::audit::{self, Ledger, Others, Subject, audit};
use crate::base::error::{ByHand, Result};
use crate::base::job::Job;
use crate::base::rule::AuditRule;
use crate::commands::audit::{FailOn, fails};
use crate::commands::explain::rule_info;
use crate::commands::scripts::closing_script;
use crate::commands::{Context, database_word};
use crate::diff::{broken, diff};
use crate::engine;
use crate::engine::DatabaseName;
use crate::generate::{Ask, Spec, Terms, refuse_newly_broken, script_pair, standalone};
use crate::plan::Hints;
use crate::report::{Outcome, Report, Versus};
use crate::schema::Ident;
use crate::sql::{SqliteVersion, Target};

/// What `schema diff` is asked to do. Each side is a database, a DDL file or a migrations folder; what it is shows when
/// it is opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiffRequest {
    /// Where one starts.
    pub from: DatabaseName,
    /// Where one wants to be.
    pub to: DatabaseName,
    /// Which tables of the one, where the other does not have them, are somebody else's.
    pub others: Others,
    /// Write the script that leads there in place of the differences.
    pub script: Option<ScriptRequest>,
}

/// What a script must keep to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptRequest {
    /// The oldest SQLite that must be able to run it.
    pub sqlite_version: SqliteVersion,
    /// Where it must run.
    pub target: Target,
    /// Whether it may drop data.
    pub allow_destructive: bool,
}

/// Compares two schemas: what the second says is expected, what the first has is there.
///
/// # Errors
/// When a side cannot be read, or SQLite refuses it; for a script, also what [`close`] refuses.
pub fn run(ctx: &mut Context<'_>, request: &DiffRequest, ask: &mut Ask<'_>) -> Result<Report> {
    let mut from = Loaded::read(ctx, &request.from)?;
    let mut to = Loaded::read(ctx, &request.to)?;
    to.schema.pragmas = to.asks_of(&from);
    from.schema.pragmas = from.schema.pragmas.found_by(&to.schema.pragmas);
    let theirs = request.others.of(&from.schema, &to.schema);
    if let Some(terms) = &request.script {
        let shown_by =
            format!("planctl schema diff {} {}", database_word(&request.from), database_word(&request.to));
        let script = script(request, terms, &from, &to, &theirs, ctx.job, ask);
        return script.map_err(|error| error.by_hand(ByHand::Script { shown_by }));
    }
    let spec_database = to.spec_database(ctx.job)?;
    let ours = request.others.of(&to.schema, &from.schema);
    let (wanted, there) = (without(&to.schema, &ours), without(&from.schema, &theirs));
    let changes = diff(&wanted, &there, &mut *spec_database.equivalence())?;
    let (of_to, of_from) = (engine::broken(&to.schema, ctx.job)?, engine::broken(&from.schema, ctx.job)?);
    let broken = broken((&wanted, &of_to), (&there, &of_from));
    let (ledger, subject, today) = (Ledger::default(), Subject::Database, ctx.started.date());
    let terms =
        audit::Terms { broken: &broken, ledger: &ledger, applied: &[], subject, strict: false, today };
    let found = audit(&changes, &to.source, terms);
    let mut report = Report::new("schema diff");
    report.findings = found.findings;
    report.rules = Some(AuditRule::all().map(rule_info).collect());
    report.files = vec![(None, request.to.display().to_string())];
    report.is_about("From", &request.from);
    report.is_about("To", &request.to);
    report.document.findings_of(&report.findings, &found.tables, Versus::FromAndTo);
    if fails(&report.findings, FailOn::Warning) {
        report.outcome = Outcome::Findings;
    }
    Ok(report)
}

/// The script that takes the one to the other; nothing but a comment where they do not differ.
fn script(
    request: &DiffRequest,
    wanted: &ScriptRequest,
    from: &Loaded,
    to: &Loaded,
    theirs: &[Ident],
    job: Job<'_>,
    ask: &mut Ask<'_>,
) -> Result<Report> {
    let terms = Terms {
        sqlite: wanted.sqlite_version,
        target: wanted.target,
        allow_destructive: wanted.allow_destructive,
        hints: Hints::read(&to.source)?,
        spec: to.ddl().map(|file| Spec { file, has_ledger: false }),
        db: request.from.file().filter(|_| from.is_database),
        job,
    };
    refuse_stray_bytes(&from.schema, from.source.path())?;
    refuse_stray_bytes(&to.schema, to.source.path())?;
    refuse_newly_broken(&from.schema, (&to.schema, &to.source), &terms.hints, job)?;
    let (from_name, to_name) = (request.from.display().to_string(), request.to.display().to_string());
    let goal = with(to.schema.clone(), &from.schema, theirs);
    let scripts = script_pair(&from.schema, &goal, &terms, ask)?;
    let text = match &scripts {
        Some(scripts) => standalone(&from_name, &to_name, scripts, job)?,
        None => format!("-- Nothing to do: {from_name} and {to_name} do not differ.\n"),
    };
    Ok(closing_script("schema diff", text, scripts.as_ref()))
}
