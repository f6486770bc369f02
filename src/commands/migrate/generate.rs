//! `planctl migrate generate`: writes the pair of files that takes the schema of the migrations to the spec's.

use std::path::PathBuf;

use crate::audit::comparison::Sides;
use crate::audit::ledger::read_ledger;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::{Location, SourceFile};
use crate::commands::audit::of_schema;
use crate::commands::changing::{Resumed, change, resume};
use crate::commands::scratch::own_migrations;
use crate::commands::scripts::{HAZARD_ON_DOWN, known, tell};
use crate::commands::{Context, scratch};
use crate::ddl;
use crate::engine::{self, Call, DatabaseName};
use crate::generate::{
    Ask, DownStop, ScriptPair, Spec, Terms, down_text, goal_of, hints, refuse_broken, script_pair,
    stops_back, up_text, without_rows,
};
use crate::migrations::{MigrationSet, NewFile, new_pair};
use crate::report::wire::pair::{self as wire, Generated, GeneratedPair, Pair};
use crate::report::{Report, Span, Style};
use crate::schema::{Ident, Schema};
use crate::sql::{SqliteVersion, Target, statements, tokens};

/// What `migrate generate` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GenerateRequest {
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// The name between `V<n>__` and `.sql`, as it was typed.
    pub name: String,
    /// The spec's DDL file.
    pub spec: PathBuf,
    /// The ledger of documented deviations, when there is one.
    pub deviations: Option<PathBuf>,
    /// The oldest SQLite that must be able to run the pair.
    pub sqlite_version: SqliteVersion,
    /// Where the migration must run.
    pub target: Target,
    /// Whether the migration may drop data.
    pub allow_destructive: bool,
    /// The database whose rows are to survive; it need not exist.
    pub db: DatabaseName,
}

const COMMAND: &str = "migrate generate";

/// Writes the pair, or nothing when the schemas do not differ.
///
/// # Errors
/// When spec, ledger or migrations are wrong, when the way needs a decision that nobody made, and when it could not be
/// proven; then nothing is written.
pub fn run(ctx: &mut Context<'_>, request: &GenerateRequest, ask: &mut Ask<'_>) -> Result<Report> {
    let dir = request.migrations.as_path();
    let resumed = resume(COMMAND, &[dir], |_| Ok(true))?;
    let set = if dir.exists() {
        own_migrations(dir)?
    } else {
        MigrationSet { dir: dir.to_owned(), migrations: Vec::new() }
    };
    // A name that cannot be one is found before any work is done.
    let version = set.next_version(ctx.started)?;
    let [up, down] = new_pair(&set, &request.name, version)?;
    let from = if set.migrations.is_empty() {
        Schema::default()
    } else {
        scratch::all_applied(ctx, &set)?.inspect()?
    };
    let spec = SourceFile::read(&request.spec)?;
    let ledger = read_ledger(request.deviations.as_deref())?;
    let sides = Sides::of(&spec, &ledger, &from, ctx.job)?;
    let mut goal = goal_of(&sides, ctx.started.date())?;
    let of_the_file = goal.pragmas.take_out_those_of_the_file();
    let hints = hints(&spec, &ledger, &sides)?;
    refuse_broken(&sides, &goal, &hints, ctx.started.date())?;
    let of_application = engine::needs_of_application(&goal, ctx.job)?;
    if let Some(call) = of_application.functions.first() {
        return Err(cannot_be_called(call, &spec));
    }
    let db = request.db.file().filter(|db| db.exists());
    let terms = Terms {
        sqlite: request.sqlite_version,
        target: request.target,
        allow_destructive: request.allow_destructive,
        hints,
        spec: Some(Spec { file: &spec, has_ledger: true }),
        db,
        job: ctx.job,
    };
    let mut report = Report::new(COMMAND);
    tell_resumed(&mut report, &resumed);
    let scripts = script_pair(&of_schema(&from), &goal, &terms, ask)?;
    let Some(scripts) = scripts else {
        report.body = Some(Generated { version: None, written: None }.into());
        tell_nothing_to_do(&mut report, request.spec.display());
        tell_settings(&mut report, &of_the_file);
        return Ok(report);
    };
    let (up, down) = written(up, down, &scripts);
    change(COMMAND, &[dir], std::iter::once(&up).chain(&down), &[], None)?.done();
    let written = GeneratedPair {
        pair: tell_files(&mut report, &up, down.as_ref(), &scripts),
        down_stops: scripts.down_stops.iter().map(down_stop).collect(),
        without_rows: scripts.untested.iter().map(untested).collect(),
        known: known(&scripts),
    };
    report.body = Some(Generated { version: Some(version), written: Some(written) }.into());
    tell(&mut report, &scripts);
    tell_settings(&mut report, &of_the_file);
    for sentence in stops_back(&scripts) {
        report.document.line(format!("{HAZARD_ON_DOWN}stops, and changes nothing, where {sentence}"));
    }
    let proven = if scripts.with_rows {
        "proven on a shadow database with rows: up, the same rows, down, the same schema as before"
    } else {
        "proven on a shadow database: up, down, the same schema as before"
    };
    report.document.line(Span::new(proven, Style::Good));
    if let Some(sentence) = scratch::stood_in(&of_application.registered()) {
        report.document.line(sentence);
    }
    for sentence in without_rows(&scripts) {
        report.document.line(sentence);
    }
    Ok(report)
}

/// No shadow database can hold rows whose check, key or value is what an unknown function gives: neither the proof nor
/// `check` could say anything of them.
fn cannot_be_called(call: &Call, spec: &SourceFile) -> Error {
    let Call { function, object } = call;
    let message = format!(
        "{} calls {function}(), which is not a SQLite function: nothing can be proven without it",
        object.shown()
    );
    Error::new(ErrorKind::Migration, message).at_place(call_in(spec, call)).help(format!(
        "if {function}() is the application's, write this one by hand with `planctl migrate new NAME`, and have the \
         application run it where the function is registered (`planctl::migrate`)"
    ))
}

/// Where the spec has the call.
fn call_in(spec: &SourceFile, call: &Call) -> Option<Location> {
    let all = statements(spec.text());
    let statement = all.iter().find(|statement| {
        ddl::created(statement.text).is_some_and(|(kind, name)| {
            matches!(kind, ddl::Kind::Table | ddl::Kind::Index) && name == call.object
        })
    })?;
    let words = tokens(statement.text).zip(tokens(statement.text).skip(1));
    let (word, _) = words.into_iter().find(|(word, open)| {
        open.is_punct("(") && word.can_be_name() && word.unquoted().eq_ignore_ascii_case(&call.function)
    })?;
    Some(spec.span(statement.start + word.start, statement.start + word.end()))
}

/// Says which settings of the spec no migration can see to.
fn tell_settings(report: &mut Report, of_the_file: &[&str]) {
    if !of_the_file.is_empty() {
        let (names, are) = (of_the_file.join(", "), if of_the_file.len() == 1 { "is" } else { "are" });
        report.document.line(format!(
            "{names} {are} left to whoever creates the database: no migration can set how a file is written"
        ));
    }
}

fn down_stop(stop: &DownStop) -> wire::DownStop {
    let columns = stop.columns.iter().map(|column| column.as_str().to_owned());
    wire::DownStop { table: stop.table.as_str().to_owned(), columns: columns.collect() }
}

fn untested((table, reason): &(Ident, String)) -> wire::WithoutRows {
    wire::WithoutRows { table: table.as_str().to_owned(), reason: reason.clone() }
}

/// Says that `wanted` is what the migrations produce already.
pub(super) fn tell_nothing_to_do(report: &mut Report, wanted: impl std::fmt::Display) {
    let message = format!("nothing to do: the migrations already produce {wanted}");
    report.document.line(Span::new(message, Style::Good));
}

/// Says what a killed run had begun, and this one has finished.
pub(super) fn tell_resumed(report: &mut Report, resumed: &Resumed) {
    for path in &resumed.new {
        let name = Span::new(path.display().to_string(), Style::Code);
        let line = vec!["created ".into(), name, ", which a run that was killed had begun".into()];
        report.document.spans(line);
    }
}

/// Says which files there are now.
pub(super) fn tell_files(
    report: &mut Report,
    up: &NewFile,
    down: Option<&NewFile>,
    scripts: &ScriptPair,
) -> Pair {
    let path = |file: &NewFile| file.path.display().to_string();
    let (up, down) = (path(up), down.map(path));
    for path in [Some(&up), down.as_ref()].into_iter().flatten() {
        report.document.spans(vec!["created ".into(), Span::new(path.as_str(), Style::Code)]);
    }
    Pair { up, down, steps: scripts.up.len() }
}

/// The files; no second one where there is no way back.
pub(in crate::commands) fn written(
    up: NewFile,
    down: NewFile,
    scripts: &ScriptPair,
) -> (NewFile, Option<NewFile>) {
    let stem = up.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let down = NewFile { text: down_text(&stem, scripts), ..down };
    (NewFile { text: up_text(&stem, scripts), ..up }, Some(down).filter(|_| scripts.irreversible.is_none()))
}
