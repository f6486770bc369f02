//! `planctl migrate squash`: one migration in the place of all up to a version.

mod text;

use std::path::{Path, PathBuf};
use std::time::Duration;

use self::text::{Made, no_value, written};
use super::exists;
use super::generate::tell_resumed;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::words::counted;
use crate::commands::changing::{change, resume};
use crate::commands::{Context, scratch};
use crate::engine::{
    self, Access, DatabaseName, DownOptions, DownTarget, History, OnLoss, OpenOptions, Scratch, Snapshot,
    UpOptions, plan_up,
};
use crate::generate::{Ask, ScriptPair, Terms, script_pair};
use crate::migrations::testing::{self};
use crate::migrations::{Migration, MigrationSet, NewFile, Replaced, Version, label};
use crate::plan::Hints;
use crate::report::wire::pair as wire;
use crate::report::{Report, Span, Style};
use crate::schema::Schema;
use crate::sql::{SqliteVersion, Target};

/// What `migrate squash` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SquashRequest {
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// The folder of migration tests; it need not exist.
    pub tests: PathBuf,
    /// The newest version that the squashed migration stands for; it is its own.
    pub to: Version,
    /// The database, which must have all of them or none; it need not exist.
    pub db: DatabaseName,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
    /// The oldest SQLite that must be able to run it.
    pub sqlite_version: SqliteVersion,
    /// Where it must run.
    pub target: Target,
}

const COMMAND: &str = "migrate squash";

/// Writes the squashed migration and removes what it stands for, once it is proven to make the same schema and the same rows.
///
/// # Errors
/// `Usage` when no migration has the version; `Migration` when what the migrations make depends on more than themselves, when
/// the proof fails, and when the database has only some of them; those of reading it; `File`. No file is changed then.
pub fn run(ctx: &mut Context<'_>, request: &SquashRequest, ask: &mut Ask<'_>) -> Result<Report> {
    let dir = request.migrations.as_path();
    let folders = [dir, request.tests.as_path()];
    let resumed = resume(COMMAND, &folders, |_| Ok(true))?;
    let set = scratch::some_migrations(dir)?;
    let old: Vec<&Migration> = plan_up(&set, &History::default(), Some(request.to))?;
    let mut report = Report::new(COMMAND);
    tell_resumed(&mut report, &resumed);
    let [_, _, ..] = old.as_slice() else {
        let only = old.first().map(|only| only.label()).unwrap_or_default();
        report.body = Some(wire::Squashed { version: request.to, ..wire::Squashed::default() }.into());
        let line = format!("nothing to do: {only} is the only migration up to version {}", request.to);
        report.document.line(Span::new(line, Style::Good));
        return Ok(report);
    };
    must_not_be_between(ctx, request, &set)?;
    let made = make(ctx, &set, request.to, engine::scratch(ctx.job)?)?;
    must_be_constant(ctx, &set, &made, request.to)?;
    let files = squashed(ctx, request, &set, &old, &made, ask)?;
    prove(ctx, dir, &files, &made)?;
    let tests = tests_of(&request.tests, request.to)?;
    let ups = old.iter().map(|file| file.up.path().to_owned());
    let downs = old.iter().filter_map(|file| file.down.as_ref()).map(|down| down.path().to_owned());
    let removed: Vec<PathBuf> = tests.into_iter().chain(downs).chain(ups).collect();
    change(COMMAND, &folders, &files, &removed, None)?.done();
    tell(&mut report, request, &files, &removed, &old, &made);
    Ok(report)
}

/// Refuses to remove files that the database needs to get there.
fn must_not_be_between(ctx: &Context<'_>, request: &SquashRequest, set: &MigrationSet) -> Result<()> {
    let SquashRequest { db, to, lock_timeout, .. } = request;
    if !exists(db)? {
        return Ok(());
    }
    let options = OpenOptions { lock_timeout: *lock_timeout };
    let history = engine::open(db, Access::ReadOnly, options, ctx.job)?.history()?;
    let Some(newest) = history.newest().filter(|newest| newest < to) else { return Ok(()) };
    if plan_up(set, &history, Some(*to))?.is_empty() {
        return Ok(());
    }
    let message = format!("{} is at version {newest}, and needs the files up to version {to}", db.display());
    Err(db
        .about(Error::new(ErrorKind::Migration, message))
        .help(format!("run `planctl migrate up --to {to}` first; no file was changed")))
}

fn make(
    ctx: &mut Context<'_>,
    set: &MigrationSet,
    to: Version,
    mut shadow: Box<dyn Scratch>,
) -> Result<Made> {
    let options = UpOptions { to: Some(to), ..UpOptions::of(ctx.run_id) };
    if let Some(error) = shadow.migrate_up(set, &options, ctx.job.quietly()).error {
        return Err(error.note("it ran on a shadow database; no file was changed"));
    }
    if let Some(function) = shadow.of_application()?.functions.first() {
        let message = format!("the migrations call {function}(), which is not a SQLite function");
        return Err(Error::new(ErrorKind::Migration, message)
            .help("only the application knows what it gives: squash up to the version before"));
    }
    let schema = crate::commands::audit::of_schema(&shadow.inspect()?);
    for table in schema.tables.values().filter(|table| table.is_virtual()) {
        let count = format!("SELECT 1 FROM {} LIMIT 1", crate::sql::quote(table.name.as_str()));
        if shadow.run(&count, 1).is_ok_and(|answer| answer.count > 0) {
            let message = format!("the migrations put rows into the virtual table {}", table.name.shown());
            return Err(Error::new(ErrorKind::Migration, message)
                .help("what its module keeps cannot be compared: squash up to the version before"));
        }
    }
    let (rows, counters) = (shadow.rows(None)?, shadow.counters()?);
    Ok(Made { schema, rows, counters })
}

/// Refuses what depends on when, or by chance, the migrations run.
fn must_be_constant(ctx: &mut Context<'_>, set: &MigrationSet, made: &Made, to: Version) -> Result<()> {
    for chance in [true, false] {
        let again = make(ctx, set, to, engine::scratch_at_another_time(chance, ctx.job)?)?;
        if let Some(what) = difference(&made.rows, &again.rows) {
            let message = format!("what the migrations write into {what} differs each time that they run");
            return Err(Error::new(ErrorKind::Migration, message).help(
                "it depends on the time or on chance, and no migration can replace that: squash up to the version before the \
                 one that writes it",
            ));
        }
    }
    Ok(())
}

/// The first table and column in which two databases differ: `t.created_at`.
fn difference(one: &Snapshot, other: &Snapshot) -> Option<String> {
    for (name, rows) in &one.tables {
        let Some(others) = other.tables.get(name) else { return Some(name.shown().to_string()) };
        if rows == others {
            continue;
        }
        let differs = rows.rows.iter().zip(&others.rows).find_map(|((_, row), (_, other))| {
            row.iter().zip(other).position(|(value, other)| value != other)
        });
        let column = differs.and_then(|at| rows.columns.get(at)).map(|column| format!(".{}", column.shown()));
        return Some(format!("{}{}", name.shown(), column.unwrap_or_default()));
    }
    None
}

/// The files of the squashed migration.
fn squashed(
    ctx: &mut Context<'_>,
    request: &SquashRequest,
    set: &MigrationSet,
    old: &[&Migration],
    made: &Made,
    ask: &mut Ask<'_>,
) -> Result<Vec<NewFile>> {
    let terms = Terms {
        sqlite: request.sqlite_version,
        target: request.target,
        allow_destructive: true,
        hints: Hints::default(),
        spec: None,
        db: None,
        job: ctx.job,
    };
    let mut goal = made.schema.clone();
    goal.pragmas = crate::ddl::stated_pragmas(&goal.pragmas);
    goal.pragmas.take_out_those_of_the_file();
    let scripts: Option<ScriptPair> = script_pair(&Schema::default(), &goal, &terms, ask)?;
    let Some(scripts) = scripts else {
        let message = format!("the migrations up to version {} make nothing", request.to);
        return Err(Error::new(ErrorKind::Migration, message)
            .help("no migration can replace them: squash up to a later version"));
    };
    if let Some(what) = no_value(made) {
        let message = format!("{what} has text that is not UTF-8, which no file can hold");
        return Err(Error::new(ErrorKind::Migration, message).help("squash up to the version before"));
    }
    // What stands for others goes on to do so, for databases that have not been there meanwhile.
    let replaced: Vec<Replaced> =
        (old.iter()).flat_map(|file| file.replaced().into_iter().chain([Replaced::of(file)])).collect();
    let name = free_name(&replaced);
    let last = old.last().map(|last| last.up.path().to_owned()).unwrap_or_default();
    let digits = last.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let width = digits.bytes().skip(1).take_while(u8::is_ascii_digit).count();
    let stem = format!("V{:0width$}__{name}", request.to);
    let [up, down] = written(&label(request.to, &name), &replaced, &scripts, made);
    Ok([(".sql", up), (".down.sql", down)]
        .into_iter()
        .map(|(ending, text)| NewFile { path: set.dir.join(format!("{stem}{ending}")), text })
        .collect())
}

/// A name that none of them has: a database tells by it what it has recorded.
fn free_name(old: &[Replaced]) -> String {
    let is_taken = |name: &str| old.iter().any(|file| file.name == name);
    let names = std::iter::once("squashed".to_owned()).chain((2..).map(|n: u32| format!("squashed_{n}")));
    names.into_iter().find(|name| !is_taken(name)).unwrap_or_default()
}

/// Runs the very texts that are to be written: the same schema, the same rows, and the way back to nothing.
fn prove(ctx: &mut Context<'_>, dir: &Path, files: &[NewFile], made: &Made) -> Result<()> {
    let texts = files.iter().filter_map(|file| Some((file.path.file_name()?.to_str()?, file.text.as_str())));
    let set = MigrationSet::from_texts(dir, texts)?;
    let mut shadow = engine::scratch(ctx.job)?;
    let options = UpOptions::of(ctx.run_id);
    let unproven = |what: &str| {
        Error::new(ErrorKind::Migration, format!("the squashed migration could not be proven: {what}"))
            .note("no file was changed")
    };
    if let Some(error) = shadow.migrate_up(&set, &options, ctx.job.quietly()).error {
        return Err(unproven(&error.to_string()));
    }
    let schema = crate::commands::audit::of_schema(&shadow.inspect()?);
    let changes = crate::diff::diff(&made.schema, &schema, &mut *shadow.equivalence())?;
    if let Some(change) = changes.first() {
        return Err(unproven(&super::drift::sentence(change)));
    }
    if let Some(what) = difference(&made.rows, &shadow.rows(None)?) {
        return Err(unproven(&format!("{what} has other rows")));
    }
    if made.counters != shadow.counters()? {
        return Err(unproven("a counter of AUTOINCREMENT is different"));
    }
    let down =
        DownOptions { target: DownTarget::Above(0), from_files: true, on_loss: OnLoss::Allow, backup: None };
    if let Some(error) = shadow.migrate_down(&set, &down, ctx.job.quietly()).error {
        return Err(unproven(&error.to_string()));
    }
    let left = shadow.inspect()?;
    match left.tables.is_empty() && left.views.is_empty() && left.triggers.is_empty() {
        true => Ok(()),
        false => Err(unproven("its down leaves something")),
    }
}

/// The tests of versions that go.
fn tests_of(dir: &Path, to: Version) -> Result<Vec<PathBuf>> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let files = testing::by_version(dir)?;
    Ok(files.into_iter().filter(|(version, _)| *version <= to).map(|(_, path)| path).collect())
}

fn tell(
    report: &mut Report,
    request: &SquashRequest,
    files: &[NewFile],
    removed: &[PathBuf],
    old: &[&Migration],
    made: &Made,
) {
    let shown = |path: &Path| path.display().to_string();
    let rows = made.rows.tables.values().map(|table| table.rows.len()).sum();
    for file in files {
        report.document.spans(vec!["created ".into(), Span::new(shown(&file.path), Style::Code)]);
    }
    for path in removed {
        report.document.spans(vec!["removed ".into(), Span::new(shown(path), Style::Code)]);
    }
    let line = format!(
        "proven on a shadow database: it makes what {} made, with {}; its down removes everything",
        counted(old.len(), "migration"),
        if rows == 0 { "no rows".to_owned() } else { counted(rows, "row") },
    );
    report.document.line(Span::new(line, Style::Good));
    report.document.line(format!(
        "a database that has all of them follows with `planctl migrate up`; one that has only some needs `planctl migrate up \
         --to {}` with the files as they were",
        request.to
    ));
    let body = wire::Squashed {
        version: request.to,
        created: files.iter().map(|file| shown(&file.path)).collect(),
        removed: removed.iter().map(|path| shown(path)).collect(),
        replaced: old.iter().map(|file| file.version).collect(),
        rows,
    };
    report.body = Some(body.into());
}
