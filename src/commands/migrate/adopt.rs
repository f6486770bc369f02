//! `planctl migrate adopt`: what was changed by hand becomes a migration that is applied here already.

use std::path::PathBuf;
use std::time::Duration;

use super::generate::{tell_files, tell_nothing_to_do, tell_resumed, written};
use super::stands_at;
use crate::audit::comparison::Sides;
use crate::audit::ledger::read_ledger;
use crate::audit::others::{Others, without};
use crate::base::error::{ByHand, Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::commands::audit::of_schema;
use crate::commands::changing::{create_as_one, resume};
use crate::commands::scripts::{known, tell};
use crate::commands::{Context, counted, scratch};
use crate::ddl::stated_pragmas;
use crate::engine::{self, Access, Baseline, DatabaseName, History, OpenOptions, plan_up};
use crate::generate::{self, Ask, Spec, Terms, script_pair};
use crate::migrations::{MigrationSet, Version, new_pair};
use crate::plan::Hints;
use crate::report::wire::pair::{Adopted, AdoptedPair};
use crate::report::{Report, Span, Style};
use crate::schema::{Pragmas, Schema};
use crate::sql::{SqliteVersion, Target};

/// What `migrate adopt` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdoptRequest {
    /// The database that was changed.
    pub db: DatabaseName,
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// The name between `V<n>__` and `.sql`, as it was typed.
    pub name: String,
    /// The spec, when there is one: what it says of values and old names counts.
    pub spec: Option<SpecOfAdopt>,
    /// The oldest SQLite that must be able to run the pair.
    pub sqlite_version: SqliteVersion,
    /// Where the migration must run.
    pub target: Target,
    /// Which tables are somebody else's.
    pub others: Others,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
}

/// A spec and its ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpecOfAdopt {
    /// The spec's DDL file.
    pub file: PathBuf,
    /// The ledger, when there is one.
    pub deviations: Option<PathBuf>,
}

const COMMAND: &str = "migrate adopt";

/// Writes the pair that leads from what the migrations produce to what is there, and records it as applied here.
///
/// # Errors
/// `Migration` when migrations are pending or changed, when nothing is applied at all, and when the way could not be
/// proven. There are no files then, and nothing is recorded.
pub fn run(ctx: &mut Context<'_>, request: &AdoptRequest, ask: &mut Ask<'_>) -> Result<Report> {
    let dir = request.migrations.as_path();
    let open = OpenOptions { lock_timeout: request.lock_timeout };
    let is_recorded = |version: Version| {
        let history = engine::open(&request.db, Access::ReadFirst, open, ctx.job)?.history()?;
        Ok(history.get(version).is_some())
    };
    let resumed = resume(COMMAND, &[dir], is_recorded)?;
    let set = scratch::some_migrations(dir)?;
    // A name that cannot be one is found before any work is done.
    let version = set.next_version(ctx.started)?;
    let [up, down] = new_pair(&set, &request.name, version)?;
    let (fingerprint, there) = {
        let mut live = engine::open(&request.db, Access::ReadFirst, open, ctx.job)?;
        must_be_applied(&set, &live.history()?, &request.db)?;
        // The fingerprint first: what changes while the schema is read is seen under the lock.
        (live.schema_fingerprint()?, live.inspect()?)
    };
    let from = scratch::all_applied(ctx, &set)?.inspect()?;
    let goal = goal(&from, &there, &request.others);
    let (spec, hints) = hints(request, &from, ctx.job)?;
    // What is gone is gone: the way back says what it cannot bring back.
    let terms = Terms {
        sqlite: request.sqlite_version,
        target: request.target,
        allow_destructive: true,
        hints,
        spec: spec.as_ref().map(|file| Spec { file, has_ledger: true }),
        db: None,
        job: ctx.job,
    };
    let scripts = script_pair(&of_schema(&from), &goal, &terms, ask);
    let mut report = Report::new(COMMAND);
    tell_resumed(&mut report, &resumed);
    let database = request.db.display().to_string();
    let by_hand = ByHand::Adopted { version: version.to_string() };
    let Some(scripts) = scripts.map_err(|error| error.by_hand(by_hand))? else {
        report.body = Some(Adopted { database, version: None, written: None }.into());
        tell_nothing_to_do(&mut report, format_args!("what is in {}", request.db.display()));
        return Ok(report);
    };
    let (up, down) = written(up, down, &scripts);
    let files = std::iter::once(&up).chain(&down).collect();
    let (changing, made) = create_as_one(COMMAND, &[dir], files, Some(version))?;
    if let Err(error) = record(ctx, request, open, version, &fingerprint) {
        // A pair that is recorded nowhere would be run here, where its work is done.
        return Err(made.take_back(error));
    }
    drop(changing);
    let pair = tell_files(&mut report, &up, down.as_ref(), &scripts);
    let written = Some(AdoptedPair { pair, known: known(&scripts) });
    report.body = Some(Adopted { database, version: Some(version), written }.into());
    tell(&mut report, &scripts);
    let standing = stands_at(&request.db, Some(version));
    report.document.line(Span::new(format!("recorded as applied: {standing}"), Style::Good));
    report.document.line("the spec has to say it, too: `planctl audit` shows how");
    Ok(report)
}

/// All migrations have to be applied, as they are: what differs then was changed by hand.
fn must_be_applied(set: &MigrationSet, history: &History, db: &DatabaseName) -> Result<()> {
    let name = db;
    let trouble = |message: String| name.about(Error::new(ErrorKind::Migration, message));
    let db = db.display();
    if history.applied.is_empty() {
        return Err(trouble(format!("no migration is applied to {db}")).help(
            "`planctl migrate baseline --to V --force` records the versions that it has, whatever differs; adopt after that",
        ));
    }
    let pending = plan_up(set, history, None)?.len();
    if pending > 0 {
        let pending = counted(pending, "migration");
        let message = format!("{db} lacks {pending} of {}", set.dir.display());
        return Err(trouble(message).help(
            "`planctl migrate up` applies them, and asks before it drops what was added by hand; what the database has of them \
             already, `planctl migrate baseline --to V` records, with --force whatever else differs",
        ));
    }
    Ok(())
}

/// What is there, without what is somebody else's; of the settings, those that the migrations state.
fn goal(from: &Schema, there: &Schema, others: &Others) -> Schema {
    let theirs = others.of(there, from);
    let stated = stated_pragmas(&of_schema(from).pragmas).values;
    let values = stated.into_keys().filter_map(|name| Some((name, there.pragmas.values.get(name)?.clone())));
    Schema { pragmas: Pragmas { values: values.collect() }, ..without(there, &theirs).into_owned() }
}

/// The spec, and what it says of values and of names that are old ones.
fn hints(request: &AdoptRequest, from: &Schema, job: Job<'_>) -> Result<(Option<SourceFile>, Hints)> {
    let Some(spec) = &request.spec else { return Ok((None, Hints::default())) };
    let (file, ledger) = (SourceFile::read(&spec.file)?, read_ledger(spec.deviations.as_deref())?);
    let hints = generate::hints(&file, &ledger, &Sides::of(&file, &ledger, from, job)?)?;
    Ok((Some(file), hints))
}

/// Records the new version, in one transaction, if the schema is still the one that was read.
fn record(
    ctx: &mut Context<'_>,
    request: &AdoptRequest,
    open: OpenOptions,
    version: Version,
    schema: &str,
) -> Result<()> {
    let set = MigrationSet::load_while_changing(&request.migrations)?;
    let mut engine = engine::open(&request.db, Access::ReadWrite { create: false }, open, ctx.job)?;
    let baseline = Baseline { to: version, run_id: ctx.run_id, schema };
    engine.record(&set, baseline, ctx.job).map(drop)
}
