//! `planctl init`: the settings, the spec and the migrations of a project that has none yet.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::changing::{Resumed, change, resume};
use super::migrate::generate::written;
use super::migrate::import::history::theirs;
use super::migrate::{exists, record_as_found, stands_at};
use super::schema::source::{Loaded, is_database, refuse_stray_bytes};
use super::scratch::{self, own_migrations};
use super::{Context, database_word, word};
use crate::audit::Others;
use crate::audit::others::without;
use crate::base::error::{Advice, ByHand, Error, ErrorKind, Result};
use crate::engine::{self, Access, DatabaseName, History, OpenOptions};
use crate::generate::{Ask, Terms, refuse_newly_broken, script_pair};
use crate::import::{Chain, Tool, is_code};
use crate::migrations::change::{Recorded, mark_of};
use crate::migrations::{MigrationSet, NewFile, Version, new_pair};
use crate::plan::Hints;
use crate::report::wire::pair as wire;
use crate::report::{Report, Span, Style};
use crate::schema::{Ident, Schema};
use crate::sql::{SqliteVersion, Target};

/// What `init` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InitRequest {
    /// The settings file to write.
    pub file: PathBuf,
    /// The settings file that holds already, if there is one.
    pub found: Option<PathBuf>,
    /// What it is to say: keys and values, in order.
    pub settings: Vec<(&'static str, String)>,
    /// The database; it need not exist.
    pub db: DatabaseName,
    /// Whether somebody has said that it is this one.
    pub db_is_named: bool,
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// Whether somebody has said that it is this one.
    pub migrations_are_named: bool,
    /// The spec's DDL file.
    pub spec: PathBuf,
    /// The oldest SQLite that must be able to run the first migration.
    pub sqlite_version: SqliteVersion,
    /// Where the first migration must run.
    pub target: Target,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
}

/// The database as it was found.
struct Live {
    fingerprint: String,
    history: History,
    /// Its schema, without what is somebody else's.
    loaded: Loaded,
    others: Vec<Ident>,
    /// The tool whose history it has.
    tool: Option<Tool>,
}

/// What a project begins with.
enum Start {
    /// Nothing is there.
    Nothing,
    /// Migrations are there, planctl's or refinery's.
    Own(MigrationSet),
    /// Another tool's are there, or its history.
    Theirs { tool: Tool, chain: Option<Chain> },
    /// A database that nobody migrates.
    Database,
}

impl Start {
    /// The newest of the migrations that were written before planctl came.
    fn newest(&self) -> Option<Version> {
        let set = match self {
            Start::Nothing => return None,
            Start::Database => return Some(FIRST),
            Start::Own(set) => set,
            Start::Theirs { chain, .. } => &chain.as_ref()?.as_set(),
        };
        set.migrations.last().map(|newest| newest.version)
    }
}

const COMMAND: &str = "init";
const FIRST: Version = 1;

/// Writes the settings, the spec and, where a database begins it, the first migration, which is recorded there.
///
/// # Errors
/// `File` when a file is in the way; `Migration` when the migrations of the database are not there, or no first migration
/// could be proven; those of the database. Nothing is written then.
pub fn run(ctx: &mut Context<'_>, request: &InitRequest, ask: &mut Ask<'_>) -> Result<Report> {
    let root = request.file.parent().unwrap_or(Path::new(""));
    let is_half_done = mark_of(root).exists();
    if !is_half_done {
        must_be_free(request)?;
    }
    must_be_meant(request)?;
    let live = look_at(ctx, request)?;
    let theirs = their_folder(request, live.as_ref().and_then(|live| live.tool));
    let migrations = migrations_of(request, theirs.as_ref().map(|(dir, _)| dir.as_path()))?;
    let spec = request.spec.parent().unwrap_or(Path::new(""));
    let folders = [root, spec, migrations.as_path()];
    if is_half_done {
        let history = live.as_ref().map(|live| &live.history);
        let is_recorded = |version| Ok(history.is_some_and(|history| history.get(version).is_some()));
        let Resumed { new, .. } = resume(COMMAND, &folders, is_recorded)?;
        if !new.is_empty() {
            let recorded = history.and_then(History::newest);
            let next = "next: `planctl check`".to_owned();
            return Ok(report(request, live.as_ref(), &new, recorded, None, next));
        }
        must_be_free(request)?;
    }
    let start = start(request, live.as_ref(), theirs, &migrations)?;
    let mut files = vec![
        settings_file(request, &migrations, start.newest()),
        NewFile { path: request.spec.clone(), text: spec_text(ctx, &start, live.as_ref())? },
    ];
    match (&start, &live) {
        (Start::Own(_), _) => {}
        (Start::Database, Some(live)) => files.extend(first_pair(ctx, request, live, &migrations, ask)?),
        // Version control keeps no empty folder, and without the folder nothing can be checked.
        _ => files.push(NewFile { path: migrations.join(".gitkeep"), text: String::new() }),
    }
    files.retain(|file| !file.path.ends_with(".gitkeep") || !file.path.exists());
    let of_database = live.as_ref().filter(|_| matches!(start, Start::Database));
    let recorded = of_database.map(|_| FIRST);
    let waits = recorded.map(|version| Recorded { version, waits: request.lock_timeout });
    let changed = change(COMMAND, &folders, &files, &[], waits)?;
    if let Some(live) = of_database
        && let Err(error) =
            record_as_found(ctx, &migrations, (&request.db, FIRST, &live.fingerprint), open(request))
    {
        return Err(changed.take_back(error));
    }
    changed.done();
    let next = next(request, &start, live.is_some(), &migrations);
    let tool = if let Start::Theirs { tool, .. } = &start { Some(tool.name()) } else { None };
    let created: Vec<PathBuf> = files.into_iter().map(|file| file.path).collect();
    Ok(report(request, live.as_ref(), &created, recorded, tool, next))
}

fn report(
    request: &InitRequest,
    live: Option<&Live>,
    created: &[PathBuf],
    recorded: Option<Version>,
    tool: Option<&'static str>,
    next: String,
) -> Report {
    let mut report = Report::new(COMMAND);
    report.ignored = live.iter().flat_map(|live| &live.others).map(|name| name.as_str().to_owned()).collect();
    let created: Vec<String> = created.iter().map(|path| path.display().to_string()).collect();
    let body = wire::Init {
        created: created.clone(),
        database: live.is_some().then(|| request.db.display().to_string()),
        recorded,
        tool,
        ignored: report.ignored.clone(),
    };
    report.body = Some(body.into());
    for path in created {
        report.document.spans(vec!["created ".into(), Span::new(path, Style::Code)]);
    }
    report.document.left_out(&report.ignored);
    if recorded.is_some() {
        let line = format!("recorded as applied: {}", stands_at(&request.db, recorded));
        report.document.line(Span::new(line, Style::Good));
    }
    report.document.line(next);
    report
}

/// Refuses what is in the way. Whoever has settings has a project.
fn must_be_free(request: &InitRequest) -> Result<()> {
    if let Some(found) = request.found.as_ref().filter(|found| found.exists()) {
        let message = format!("{} exists already: this is a project", found.display());
        return Err(Error::new(ErrorKind::File, message)
            .about(found)
            .help("nothing was written; `planctl check` checks the project; start another one in a folder outside of it"));
    }
    if request.spec.exists() {
        let message = format!("{} exists already", request.spec.display());
        return Err(Error::new(ErrorKind::File, message)
            .about(&request.spec)
            .help("nothing was written; move it away, or name another file with --spec"));
    }
    Ok(())
}

/// Refuses to take a database for granted that is not there, beside one that is.
fn must_be_meant(request: &InitRequest) -> Result<()> {
    if request.db_is_named || exists(&request.db)? {
        return Ok(());
    }
    let names: Vec<String> = databases_in(Path::new(".")).iter().map(|name| word(name)).collect();
    let Some(first) = names.first() else { return Ok(()) };
    let are = if names.len() == 1 { "is" } else { "are" };
    let message = format!("{} {are} here: which database is this project for?", names.join(", "));
    Err(Error::new(ErrorKind::Usage, message).help(format!(
        "`planctl init --db {first}` starts from it; `planctl init --db {}` starts empty",
        database_word(&request.db)
    )))
}

/// The names of the files in a folder that are SQLite's, in order. What cannot be read is left to who names it.
fn databases_in(folder: &Path) -> Vec<PathBuf> {
    let is_one = |path: &PathBuf| {
        let ends = |end| path.extension().is_some_and(|extension| extension == end);
        ["db", "sqlite", "sqlite3"].into_iter().any(ends) && is_database(path).unwrap_or(false)
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let found = entries.map(|entry| entry.path()).filter(is_one);
    let mut names: Vec<PathBuf> = found.filter_map(|path| path.file_name().map(PathBuf::from)).collect();
    names.sort();
    names
}

fn open(request: &InitRequest) -> OpenOptions {
    OpenOptions { lock_timeout: request.lock_timeout }
}

fn look_at(ctx: &mut Context<'_>, request: &InitRequest) -> Result<Option<Live>> {
    if !exists(&request.db)? {
        return Ok(None);
    }
    let mut engine = engine::open(&request.db, Access::ReadFirst, open(request), ctx.job)?;
    // The fingerprint first: what changes while the schema is read is seen under the lock.
    let (history, fingerprint) = engine.history_and_schema()?;
    let there = engine.inspect()?;
    let others = Others::default().of(&there, &Schema::default());
    let path = PathBuf::from(request.db.display().to_string());
    let loaded = Loaded::dumped(&path, without(&there, &others).into_owned());
    refuse_stray_bytes(&loaded.schema, loaded.source.path())?;
    Ok(Some(Live { fingerprint, history, loaded, others, tool: theirs(&there) }))
}

/// The folder of another tool, and whose it is: the one that is named, else one where tools have theirs. The history of the
/// database, where it has one of a tool, knows that best.
fn their_folder(request: &InitRequest, history: Option<Tool>) -> Option<(PathBuf, Tool)> {
    let named = std::iter::once(request.migrations.as_path());
    let usual = Tool::USUAL_FOLDERS.iter().filter(|_| !request.migrations_are_named).map(Path::new);
    named.chain(usual).filter(|dir| dir.is_dir()).find_map(|dir| {
        // Flyway's look like planctl's where each version is a whole number: its history tells, and its place.
        let is_flyways = history == Some(Tool::Flyway) || dir == Path::new(Tool::FLYWAYS_FOLDER);
        let own = MigrationSet::load(dir);
        let tool = if own.as_ref().is_ok_and(|set| !set.migrations.is_empty()) {
            (is_flyways && !request.migrations_are_named).then_some(Tool::Flyway)
        } else {
            let flyway = (is_flyways && own.is_err()).then_some(Tool::Flyway);
            let known = history.filter(|tool| Chain::read(dir, Some(*tool)).is_ok());
            known.or_else(|| Tool::of(dir)).or(flyway)
        };
        Some((dir.to_owned(), tool?))
    })
}

/// The folder for migrations: beside another tool's, which stays as it is.
fn migrations_of(request: &InitRequest, theirs: Option<&Path>) -> Result<PathBuf> {
    let of_code = (!request.migrations_are_named && is_code(&request.migrations))
        .then_some(request.migrations.as_path());
    let Some(theirs) = theirs.or(of_code) else { return Ok(request.migrations.clone()) };
    if request.migrations_are_named {
        // Says whose it is, and what to do.
        return own_migrations(theirs).map(|set| set.dir);
    }
    Ok(theirs.with_file_name("planctl"))
}

fn start(
    request: &InitRequest,
    live: Option<&Live>,
    theirs: Option<(PathBuf, Tool)>,
    migrations: &Path,
) -> Result<Start> {
    let set = if migrations.exists() { own_migrations(migrations)?.migrations } else { Vec::new() };
    if !set.is_empty() {
        return Ok(Start::Own(MigrationSet { dir: migrations.to_owned(), migrations: set }));
    }
    if let Some(newest) = live.and_then(|live| live.history.applied.last()) {
        let db = request.db.display();
        let message = format!(
            "{db} was migrated up to {}, and {} has none of its migrations",
            newest.label(),
            migrations.display()
        );
        return Err(request
            .db
            .about(Error::new(ErrorKind::Migration, message))
            .help("nothing was written; name the folder that has them with --migrations"));
    }
    if let Some((dir, tool)) = theirs {
        return Ok(Start::Theirs { tool, chain: Some(Chain::read(&dir, Some(tool))?) });
    }
    Ok(match (live.and_then(|live| live.tool), live) {
        (Some(tool), _) => Start::Theirs { tool, chain: None },
        (None, Some(live)) if !live.loaded.source.text().is_empty() => Start::Database,
        _ => Start::Nothing,
    })
}

/// The settings file. What the environment says is left to it, and so is what lets one into a database.
fn settings_file(request: &InitRequest, migrations: &Path, newest: Option<Version>) -> NewFile {
    let mut text =
        "# Settings of planctl. Paths start from this folder; `planctl --help` has all settings.\n"
            .to_owned();
    for (key, value) in &request.settings {
        let value = match *key {
            "migrations" => migrations.display().to_string(),
            _ => value.clone(),
        };
        text.push_str(&format!("{key} = {}\n", toml::Value::String(value)));
    }
    if let Some(from) = newest.and_then(|newest| newest.checked_add(1)) {
        text.push_str(&format!(
            "\n[lint]\nfrom = {from}  # older migrations are already applied and are not linted\n"
        ));
    }
    NewFile { path: request.file.clone(), text }
}

/// The schema as it is, where one is known.
fn spec_text(ctx: &mut Context<'_>, start: &Start, live: Option<&Live>) -> Result<String> {
    let made_by = |ctx: &mut Context<'_>, set: &MigrationSet| {
        let schema = scratch::all_applied(ctx, set)?.inspect()?;
        Ok(Loaded::dumped(&set.dir, schema).source.text().to_owned())
    };
    match (start, live) {
        (Start::Own(set), _) => made_by(ctx, set),
        // Not all of them need be applied to the database.
        (Start::Theirs { chain: Some(chain), .. }, _) => made_by(ctx, &chain.as_set()),
        (Start::Theirs { .. } | Start::Database, Some(live)) => Ok(live.loaded.source.text().to_owned()),
        _ => Ok("\
-- The schema as it should be, in CREATE statements. `planctl migrate generate NAME` writes the migration that makes it so.
"
        .to_owned()),
    }
}

/// The migration that makes what is there, and its way back.
fn first_pair(
    ctx: &mut Context<'_>,
    request: &InitRequest,
    live: &Live,
    migrations: &Path,
    ask: &mut Ask<'_>,
) -> Result<Vec<NewFile>> {
    let nothing = MigrationSet { dir: migrations.to_owned(), migrations: Vec::new() };
    let [up, down] = new_pair(&nothing, "initial_schema", FIRST)?;
    let by_hand = |error: Error| error.by_hand(ByHand::Adopted { version: FIRST.to_string() });
    let loaded = &live.loaded;
    let hints = Hints::default();
    refuse_newly_broken(&Schema::default(), (&loaded.schema, &loaded.source), &hints, ctx.job)?;
    let mut goal = loaded.schema.clone();
    goal.pragmas.take_out_those_of_the_file();
    let of_application = engine::needs_of_application(&goal, ctx.job)?;
    if let Some(call) = of_application.functions.first() {
        let message = format!(
            "{} calls {}(), which is not a SQLite function: no first migration can be proven without it",
            call.object.shown(),
            call.function
        );
        let what = ByHand::Adopted { version: FIRST.to_string() };
        return Err(Error::new(ErrorKind::Migration, message).help(Advice::WriteByHand {
            what,
            first: None,
            or: None,
        }));
    }
    let terms = Terms {
        sqlite: request.sqlite_version,
        target: request.target,
        allow_destructive: true,
        hints,
        spec: None,
        db: None,
        job: ctx.job,
    };
    let Some(scripts) = script_pair(&Schema::default(), &goal, &terms, ask).map_err(by_hand)? else {
        return Ok(Vec::new());
    };
    let (up, down) = written(up, down, &scripts);
    Ok(std::iter::once(up).chain(down).collect())
}

/// What to do now, to end without a full stop.
fn next(request: &InitRequest, start: &Start, is_there: bool, migrations: &Path) -> String {
    match start {
        Start::Nothing => {
            let makes =
                if is_there { String::new() } else { format!(", which creates {}", request.db.display()) };
            format!(
                "next: write the schema in {}, then run `planctl migrate generate NAME` and `planctl migrate up`{makes}",
                request.spec.display()
            )
        }
        Start::Database => "next: `planctl check`, and `planctl audit` for the database".to_owned(),
        Start::Own(_) if is_there => {
            "next: `planctl check`, and `planctl migrate status` for the database".to_owned()
        }
        Start::Own(_) => "next: `planctl check`".to_owned(),
        Start::Theirs { tool, chain } => {
            let dir = chain.as_ref().map_or("DIR".to_owned(), |chain| word(&chain.dir));
            let db = if is_there { format!(" --db {}", database_word(&request.db)) } else { String::new() };
            let is_plain = chain.as_ref().is_none_or(|chain| Tool::of(&chain.dir) == Some(*tool));
            let from = if is_plain { String::new() } else { format!(" --from {}", tool.name()) };
            let title = tool.title();
            format!(
                "next: `planctl migrate import {dir}{from}{db}` converts the migrations of {title} and writes them to {}",
                migrations.display()
            )
        }
    }
}
