//! `planctl migrate import`: takes over the folder of another tool.

mod downs;
pub(in crate::commands) mod history;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use history::TakenOver;

use self::history::Standing;
use super::generate::tell_resumed;
use super::{drift, stands_at};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::rule::AuditRule;
use crate::base::words::counted;
use crate::commands::changing::{change, resume};
use crate::commands::explain::rule_info;
use crate::commands::scratch::own_migrations;
use crate::commands::{Context, word};
use crate::engine::{self, Scratch, UpOptions};
use crate::import::{Chain, Imported, LeftOut, Script, Tool, Why};
use crate::migrations::{MigrationSet, NewFile, Version, label};
use crate::report::wire::pair as wire;
use crate::report::{Cell, Outcome, Report, Span, Style, Versus};
use crate::sql::statements;
use crate::verify::test::trip::RoundTrip;

/// What `migrate import` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportRequest {
    /// The other tool's folder.
    pub from: PathBuf,
    /// Whose it is, when that is said.
    pub tool: Option<Tool>,
    /// The folder of migration files, which must not hold any yet.
    pub migrations: PathBuf,
    /// The database whose history is taken over, too.
    pub db: Option<TakenOver>,
}

/// What came of an import.
struct Done<'a> {
    chain: &'a Chain,
    to: &'a Path,
    files: &'a [NewFile],
    /// The folder as it is then.
    set: &'a MigrationSet,
    /// Whether the files were there already.
    is_there: bool,
    /// The downs that do not lead back.
    stuck: Vec<RoundTrip>,
    /// The database, and what it has of the chain.
    database: Option<(&'a TakenOver, Standing)>,
    recorded: Vec<Version>,
}

impl Done<'_> {
    fn agrees(&self) -> bool {
        self.database.as_ref().is_none_or(|(_, standing)| standing.drift.changes.is_empty())
    }
}

const COMMAND: &str = "migrate import";

/// Writes the other tool's migrations as planctl's, after running both on shadow databases; with a database, records there
/// what the tool's own history says is applied, after comparing the schema with what these migrations make. Differences are
/// findings, and then nothing is written.
///
/// # Errors
/// Those of [`Chain::read`]; `Migration` when a migration fails on a shadow database or makes another schema than the tool's
/// file, and when the history is not the beginning of the chain; `File` when a file is in the way; those of the database.
/// Nothing is written then.
pub fn run(ctx: &mut Context<'_>, request: &ImportRequest) -> Result<Report> {
    let to = request.migrations.as_path();
    let chain = Chain::read(&request.from, request.tool)?;
    let files = chain.files(to);
    let resumed = resume(COMMAND, &[to], |_| Ok(true))?;
    let is_there = must_be_free(&chain, to, &files)?;
    let texts = files.iter().filter_map(|file| Some((file.path.file_name()?.to_str()?, file.text.as_str())));
    let mut set = MigrationSet::from_texts(to, texts)?;
    if let Some(from) = &request.db {
        history::must_open(ctx, from)?;
    }
    prove(ctx, &chain)?;
    let stuck = downs::that_fail(ctx, &set)?;
    if is_there {
        // More may have come since.
        set = own_migrations(to)?;
    }
    let database = match &request.db {
        Some(from) => Some((from, history::standing(ctx, &chain, &set, from)?)),
        None => None,
    };
    let (chain, files) = (&chain, files.as_slice());
    let mut done = Done { chain, to, files, set: &set, is_there, stuck, database, recorded: Vec::new() };
    if done.agrees() {
        let made = if is_there { None } else { Some(change(COMMAND, &[to], files, &[], None)?) };
        if let Some((from, standing)) = &done.database {
            let taken_back = |error| match made {
                Some(made) => made.take_back(error),
                None => error,
            };
            done.recorded = history::record(ctx, &set, from, standing).map_err(taken_back)?;
        }
    }
    let mut report = Report::new(COMMAND);
    tell_resumed(&mut report, &resumed);
    fill(&mut report, &done);
    tell(&mut report, &done);
    Ok(report)
}

/// Whether the folder holds already what would be written, and perhaps more that came later. Anything else is in the way.
fn must_be_free(chain: &Chain, to: &Path, files: &[NewFile]) -> Result<bool> {
    let same = |a: &Path, b: &Path| matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b);
    if same(&chain.dir, to) {
        let message = format!("{} is the folder to import from, and the one to import into", to.display());
        let beside = to.with_file_name("planctl");
        return Err(Error::new(ErrorKind::Usage, message).about(to).help(format!(
            "name a new folder for planctl's: --migrations {}; then set it in planctl.toml",
            word(&beside)
        )));
    }
    if !to.exists() {
        return Ok(false);
    }
    let set = own_migrations(to)?;
    if set.migrations.is_empty() {
        return Ok(false);
    }
    let holds = |file: &NewFile| std::fs::read_to_string(&file.path).is_ok_and(|text| text == file.text);
    match files.iter().find(|file| !holds(file)) {
        None => Ok(true),
        Some(other) => {
            let (folder, file) = (to.display(), other.path.display());
            let (message, help) = if other.path.exists() {
                (
                    format!(
                        "{folder} holds migrations already, and {file} is not what the import would write"
                    ),
                    "nothing is written over: name a new folder with --migrations",
                )
            } else {
                (
                    format!(
                        "{folder} holds migrations already, and lacks {file}, which the import would write"
                    ),
                    "nothing is added to a folder that is in use: write that migration with `planctl migrate new`, or import \
                     everything into a new folder with --migrations",
                )
            };
            Err(Error::new(ErrorKind::Migration, message).about(to).help(help))
        }
    }
}

/// Runs both texts of each migration on shadow databases, and compares what they make.
fn prove(ctx: &mut Context<'_>, chain: &Chain) -> Result<()> {
    let set = chain.as_set();
    let mut theirs = engine::scratch(ctx.job)?;
    let mut ours = engine::scratch(ctx.job)?;
    // Foreign keys are enforced, unless a script switches them off itself: the strictest that a tool runs them.
    theirs.begin_section()?;
    for imported in &chain.migrations {
        let options = UpOptions { to: Some(imported.version), ..UpOptions::of(ctx.run_id) };
        if let Some(error) = ours.migrate_up(&set, &options, ctx.job.quietly()).error {
            return Err(error.note("it ran on a shadow database; nothing was written"));
        }
        run_as_they_do(&mut *theirs, &imported.up)?;
        if theirs.schema_fingerprint()? != ours.schema_fingerprint()? {
            let path = imported.up.file().path().display();
            let message = format!("{path} makes another schema in a transaction, with foreign keys off");
            return Err(Error::new(ErrorKind::Migration, message)
                .about(imported.up.file().path())
                .help("write it so that it does not depend on PRAGMAs, in a copy of the folder, and import that one"));
        }
    }
    Ok(())
}

fn run_as_they_do(theirs: &mut dyn Scratch, script: &Script) -> Result<()> {
    let file = script.original();
    for statement in statements(file.text()) {
        theirs.run(statement.text, 0).map_err(|refused| {
            if refused.interrupted {
                return Error::new(ErrorKind::Interrupted, refused.message);
            }
            Error::new(ErrorKind::Sql, refused.message)
                .at(file.location(statement.start + refused.offset))
                .note("it ran on a shadow database as the other tool runs it; nothing was written")
        })?;
    }
    Ok(())
}

fn scripts(imported: &Imported) -> impl Iterator<Item = &Script> {
    std::iter::once(&imported.up).chain(&imported.down)
}

fn left_out(chain: &Chain) -> impl Iterator<Item = &LeftOut> {
    chain.migrations.iter().flat_map(scripts).flat_map(|script| &script.left_out)
}

fn fill(report: &mut Report, done: &Done<'_>) {
    let Done { chain, to, files, .. } = done;
    let path = |stem: &str, ending: &str| {
        let wanted = to.join(format!("{stem}{ending}"));
        files.iter().find(|file| file.path == wanted).map(|file| file.path.display().to_string())
    };
    let entry = |imported: &Imported| {
        let stem = label(imported.version, &imported.name);
        wire::ImportedMigration {
            version: imported.version,
            name: imported.name.clone(),
            id: imported.id.clone(),
            from: imported.up.file().path().display().to_string(),
            up: path(&stem, ".sql"),
            down: path(&stem, ".down.sql"),
            repeated: chain.repeated().any(|one| one.version == imported.version),
        }
    };
    let wire_left_out = |left: &LeftOut| wire::LeftOut {
        statement: left.statement.clone(),
        why: left.why.sentence().to_string(),
        file: left.location.file.display().to_string(),
        line: left.location.line,
        column: left.location.column,
    };
    let recorded = |version: &Version| wire::Recorded {
        version: *version,
        name: done.set.get(*version).map(|file| file.name.clone()),
    };
    if let Some((from, standing)) = &done.database {
        report.rules = Some(AuditRule::all().map(rule_info).collect());
        report.is_about("Database", &from.db);
        report.is_about("Migrations", to.display());
        report.findings = standing.drift.changes.iter().map(drift::finding).collect();
        report.ignored = standing.drift.theirs.iter().map(|name| name.as_str().to_owned()).collect();
    }
    let body = wire::Imported {
        tool: chain.tool.name(),
        from: chain.dir.display().to_string(),
        to: to.display().to_string(),
        keeps_versions: chain.keeps_versions,
        migrations: chain.migrations.iter().map(entry).collect(),
        left_out: left_out(chain).map(wire_left_out).collect(),
        no_way_back: downs::on_wire(&done.stuck, done.set),
        database: done.database.as_ref().map(|(from, _)| from.db.display().to_string()),
        applied: done.database.as_ref().and_then(|(_, standing)| standing.newest),
        ignored: report.ignored.clone(),
        recorded: done.recorded.iter().map(recorded).collect(),
        written: done.agrees(),
    };
    report.body = Some(body.into());
}

fn tell(report: &mut Report, done: &Done<'_>) {
    let Done { chain, to, .. } = done;
    if let Some((from, standing)) = done.database.as_ref().filter(|_| !done.agrees()) {
        report.outcome = Outcome::Findings;
        report.document.findings_of(&report.findings, &Default::default(), Versus::MigrationsAndDatabase);
        report.document.line(history::sentence(chain, standing, &from.db));
        let newest = standing.newest.unwrap_or_default();
        let line = format!(
            "nothing was written: the schema is not what these migrations make; without --db the files are written, and \
             `planctl migrate baseline --to {newest} --force` records them anyway"
        );
        report.document.line(Span::new(line, Style::Bad));
        return;
    }
    let rows = chain.migrations.iter().map(|imported| {
        let from = imported.up.file().path();
        let mut row = vec![Span::new(label(imported.version, &imported.name), Style::Strong).into()];
        // Else the name says it.
        row.extend(
            (!chain.keeps_versions)
                .then(|| Cell::from(from.strip_prefix(&chain.dir).unwrap_or(from).display().to_string())),
        );
        let down = match &imported.down {
            None => "no",
            Some(_) if downs::fails(&done.stuck, imported.version) => "fails",
            Some(_) => "yes",
        };
        row.push(Cell::from(down));
        row
    });
    let titles: &[&str] =
        if chain.keeps_versions { &["migration", "down"] } else { &["migration", "from", "down"] };
    report.document.table(titles, rows.collect());
    let mut whys: BTreeMap<Why, usize> = BTreeMap::new();
    for left in left_out(chain) {
        *whys.entry(left.why).or_default() += 1;
    }
    for (why, count) in whys {
        let statements = counted(count, "statement");
        report.document.line(format!("{statements} became comments, since {}", why.sentence()));
    }
    remarks(report, done);
    if !chain.keeps_versions {
        let tool = chain.tool.title();
        report.document.line(format!(
            "versions are counted from 1: those of {tool} are not increasing whole numbers above 0"
        ));
    }
    let migrations = counted(chain.migrations.len(), "migration");
    let how = match (done.is_there, chain.migrations.len()) {
        (false, _) => "written to",
        (true, 1) => "is already, word for word, in",
        (true, _) => "are already, word for word, in",
    };
    let line = format!("{migrations} of {} {how} {}", chain.tool.title(), to.display());
    report.document.line(Span::new(line, Style::Good));
    let Some((from, standing)) = &done.database else { return };
    report.document.line(history::sentence(chain, standing, &from.db));
    if let Some(name) = from.history.as_ref().filter(|name| !from.others.are(&name.as_str().into())) {
        let name = toml::Value::String(name.clone());
        report.document.line(format!(
            "for the audit to leave that table alone, write `ignore = [{name}]` under [audit] in planctl.toml"
        ));
    }
    let Some(newest) = standing.newest else { return };
    let line = match done.recorded.len() {
        0 => "nothing to record: that is known already".to_owned(),
        count => {
            let versions = counted(count, "version");
            format!("{versions} recorded as applied: {}", stands_at(&from.db, Some(newest)))
        }
    };
    report.document.line(Span::new(line, Style::Good));
}

/// What an importer has to know of what comes along.
fn remarks(report: &mut Report, done: &Done<'_>) {
    let title = done.chain.tool.title();
    let repeated = done.chain.repeated().count();
    if repeated > 0 {
        let (migrations, run) = (counted(repeated, "migration"), if repeated == 1 { "runs" } else { "run" });
        report.document.line(format!(
            "{migrations} that {title} runs again after each change now {run} once, after the others: make each change in a \
             new migration"
        ));
    }
    let line = match done.stuck.len() {
        0 => return,
        1 => "1 down does not lead back: `planctl migrate test` says why".to_owned(),
        more => format!("{more} downs do not lead back: `planctl migrate test` says why"),
    };
    report.document.line(Span::new(line, Style::Bad));
}
