//! `planctl migrate adopt`: what was changed by hand becomes a migration that is applied here already.

use std::path::PathBuf;
use std::time::Duration;

use super::generate::{tell_files, tell_nothing_to_do, tell_resumed, written};
use super::renumber::{Renumbering, renumbered};
use super::{record_as_found, stands_at};
use crate::audit::comparison::Sides;
use crate::audit::ledger::read_ledger;
use crate::audit::others::{Others, without};
use crate::base::error::{ByHand, Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::commands::audit::of_schema;
use crate::commands::changing::{change, resume};
use crate::commands::scripts::{known, tell};
use crate::commands::{Context, counted, scratch};
use crate::ddl::stated_pragmas;
use crate::engine::{self, Access, DatabaseName, History, OpenOptions, plan_up};
use crate::generate::{self, Ask, Spec, Terms, script_pair};
use crate::migrations::change::Recorded;
use crate::migrations::{MigrationSet, Version, listed, new_pair, next_version};
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
    /// Whether pending migrations get the next versions, so that they come behind it.
    pub renumber_pending: bool,
    /// The folder of migration tests; it need not exist.
    pub tests: PathBuf,
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
    let folders = [request.migrations.as_path(), &request.tests];
    let open = OpenOptions { lock_timeout: request.lock_timeout };
    let is_recorded = |version: Version| {
        let history = engine::open(&request.db, Access::ReadFirst, open, ctx.job)?.history()?;
        Ok(history.get(version).is_some())
    };
    let resumed = resume(COMMAND, &folders, is_recorded)?;
    let mut set = scratch::some_migrations(&request.migrations)?;
    // A name that cannot be one is found before any work is done.
    new_pair(&set, &request.name, set.next_version(ctx.started)?)?;
    let (fingerprint, there, pending) = {
        let mut live = engine::open(&request.db, Access::ReadFirst, open, ctx.job)?;
        let pending = pending(&set, &live.history()?, request)?;
        // The fingerprint first: what changes while the schema is read is seen under the lock.
        (live.schema_fingerprint()?, live.inspect()?, pending)
    };
    set.migrations.retain(|file| !pending.contains(&file.version));
    let version = set.next_version(ctx.started)?;
    let [up, down] = new_pair(&set, &request.name, version)?;
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
    let later = behind(ctx, request, &pending, version)?;
    let (renamed, gone) = renumbered(&later)?;
    let files = std::iter::once(&up).chain(&down).chain(&renamed);
    let recorded = Recorded { version, waits: request.lock_timeout };
    let changed = change(COMMAND, &folders, files, &gone, Some(recorded))?;
    // A pair that is recorded nowhere would be run here, where its work is done.
    match record_as_found(ctx, &request.migrations, (&request.db, version, &fingerprint), open) {
        Ok(()) => changed.done(),
        Err(error) => return Err(changed.take_back(error)),
    }
    let pair = tell_files(&mut report, &up, down.as_ref(), &scripts);
    let renamed = later.iter().flat_map(|one| one.tell(&mut report)).collect();
    let written = Some(AdoptedPair { pair, known: known(&scripts), renamed });
    report.body = Some(Adopted { database, version: Some(version), written }.into());
    tell(&mut report, &scripts);
    let standing = stands_at(&request.db, Some(version));
    report.document.line(Span::new(format!("recorded as applied: {standing}"), Style::Good));
    report.document.line("the spec has to say it, too: `planctl audit` shows how");
    Ok(report)
}

/// The versions that are pending, where they may come behind it. The others have to be applied, as they are: what differs
/// then was changed by hand.
fn pending(set: &MigrationSet, history: &History, request: &AdoptRequest) -> Result<Vec<Version>> {
    let trouble = |message: String| request.db.about(Error::new(ErrorKind::Migration, message));
    let db = request.db.display();
    if history.applied.is_empty() {
        return Err(trouble(format!("no migration is applied to {db}")).help(
            "`planctl migrate baseline --to V --force` records the versions that it has, whatever differs; adopt after that",
        ));
    }
    let pending: Vec<Version> = plan_up(set, history, None)?.into_iter().map(|file| file.version).collect();
    if pending.is_empty() || request.renumber_pending {
        return Ok(pending);
    }
    let message = format!("{db} lacks {} of {}", counted(pending.len(), "migration"), set.dir.display());
    Err(trouble(message).help(
        "`planctl migrate up` applies them, and asks before it drops what was added by hand; what the database has of them \
         already, `planctl migrate baseline --to V` records, with --force whatever else differs; where no database has \
         them, --renumber-pending puts them behind what is adopted",
    ))
}

/// How pending migrations get the versions behind `version`, in their order.
fn behind(
    ctx: &Context<'_>,
    request: &AdoptRequest,
    pending: &[Version],
    version: Version,
) -> Result<Vec<Renumbering>> {
    let all = listed(&request.migrations)?;
    let mut last = all.iter().map(|file| file.version).fold(version, Version::max);
    let file_of = |version: &Version| all.iter().find(|file| !file.is_down && file.version == *version);
    let later = pending.iter().filter_map(file_of).map(|file| {
        last = next_version(last, ctx.started)?;
        Renumbering::of(file, &all, &request.tests, last)
    });
    later.collect()
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
