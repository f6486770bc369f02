//! `planctl migrate status`: what the history and the files say of each version. Writes nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{drift, exists, millis, moment, stands_at};
use crate::audit::Others;
use crate::base::error::{Error, Result};
use crate::base::finding::Finding;
use crate::base::progress::human;
use crate::base::source::SourceFile;
use crate::commands::scratch::own_migrations;
use crate::commands::{Context, counted, database_word, word};
use crate::diff::Change;
use crate::engine::{
    self, Access, Applied, Backfilled, DatabaseName, Engine, Entry, FileChange, History, OpenOptions, State,
    compare, squash_to_record, verify_squash,
};
use crate::migrations::MigrationSet;
use crate::plan::{cannot_bring_back, hazards};
use crate::report::wire::status::{self as wire, Down, SchemaState};
use crate::report::{Cell, Document, Outcome, Report, Span, Style, Versus};

/// What `migrate status` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusRequest {
    /// The database file.
    pub db: DatabaseName,
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// Pending migrations count as a finding (exit status 1).
    pub check: bool,
    /// Which tables are somebody else's.
    pub others: Others,
    /// Record files as they are now that differ from what was applied in white space alone.
    pub accept_whitespace: bool,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
}

const COMMAND: &str = "migrate status";

/// Shows how each version stands. Reads only, unless white space is to be accepted; a database that does not exist has
/// everything pending.
///
/// # Errors
/// Unreadable files, databases and histories.
pub fn run(ctx: &mut Context<'_>, request: &StatusRequest) -> Result<Report> {
    let set = own_migrations(&request.migrations)?;
    let exists = exists(&request.db)?;
    let open = OpenOptions { lock_timeout: request.lock_timeout };
    let accepted = match request.accept_whitespace {
        true => {
            let mut engine = engine::open(&request.db, Access::ReadWrite { create: false }, open, ctx.job)?;
            Some(engine.accept_white_space(&set, ctx.job)?)
        }
        false => None,
    };
    let mut live = match exists {
        true => Some(engine::open(&request.db, Access::ReadOnly, open, ctx.job)?),
        false => None,
    };
    let Standing { history, schema, drift } = match &mut live {
        Some(engine) => standing(ctx, request, &set, &mut **engine)?,
        None => Standing { history: History::default(), schema: SchemaState::Unknown, drift: Ok(Vec::new()) },
    };
    let entries = compare(&set, &history);
    let count = |test: fn(State) -> bool| entries.iter().filter(|entry| test(entry.state)).count();
    let pending = count(|state| state == State::Pending);
    let squashed = count(|state| state == State::Squashed) > 0;
    let problems = count(|state| !matches!(state, State::Applied | State::Pending | State::Squashed));

    let mut report = Report::new(COMMAND);
    let body = wire::Status {
        database: request.db.display().to_string(),
        exists,
        version: history.newest(),
        applied: history.applied.len(),
        pending,
        problems,
        schema,
        drift: drift.iter().flatten().map(wire_change).collect(),
        migrations: entries.iter().map(wire_version).collect(),
        accepted: accepted.clone(),
    };
    report.body = Some(body.into());
    if !entries.is_empty() {
        let header = ["version", "name", "state", "applied on", "took", "down"];
        report.document.table(&header, entries.iter().map(row).collect());
    }
    tell_of_entries(&mut report.document, &entries);
    tell_of_squash(&mut report.document, &set, &history);
    if let Some(accepted) = &accepted {
        report.document.line(Span::new(recorded(accepted.len()), Style::Good));
    }
    let standing = if exists {
        stands_at(&request.db, history.newest())
    } else {
        format!("there is no database {} yet", request.db.display())
    };
    let style = if problems > 0 { Style::Bad } else { Style::Plain };
    let line = format!("{standing}; {pending} pending, {}", counted(problems, "problem"));
    report.document.line(Span::new(line, style));
    if schema == SchemaState::Changed {
        show_drift(&mut report, &changed(history.applied.last()), &drift);
        if let (Ok(changes), 0, 0) = (&drift, pending, problems) {
            report.document.line(way_out(changes, request));
        }
    }
    if request.check && (pending > 0 || squashed || problems > 0 || schema == SchemaState::Changed) {
        report.outcome = Outcome::Findings;
    }
    Ok(report)
}

/// A database at one moment.
struct Standing {
    history: History,
    schema: SchemaState,
    /// How the schema differs from what the last migration left, where it does.
    drift: Result<Vec<Change>>,
}

/// Looks at it, and once more where somebody wrote between the looks: a history and a schema of two moments would differ
/// where nothing does. It is tried as long as for a lock.
fn standing(
    ctx: &mut Context<'_>,
    request: &StatusRequest,
    set: &MigrationSet,
    live: &mut dyn Engine,
) -> Result<Standing> {
    let started = Instant::now();
    let mut seen = live.history_and_schema()?;
    loop {
        let (history, now) = &seen;
        let schema = since_the_last(history, now);
        let Some(newest) = history.newest().filter(|_| schema == SchemaState::Changed) else {
            return Ok(Standing { history: seen.0, schema, drift: Ok(Vec::new()) });
        };
        let drift = drift::differences(ctx, set, newest, live, &request.others).map(|drift| drift.changes);
        let later = live.history_and_schema()?;
        if later == seen {
            // What was put back, or is spelled in another way, is what the migration left.
            let as_left = matches!(&drift, Ok(changes) if changes.is_empty());
            let schema = if as_left { SchemaState::AsLeft } else { schema };
            return Ok(Standing { history: seen.0, schema, drift });
        }
        if started.elapsed() > request.lock_timeout {
            let error = engine::changed_meanwhile(&request.db.display().to_string());
            return Err(request.db.about(error));
        }
        seen = later;
    }
}

/// What there is to know of a migration that stands for others.
fn tell_of_squash(document: &mut Document, set: &MigrationSet, history: &History) {
    if let Some(squash) = squash_to_record(set, history) {
        let (label, version) = (squash.file.label(), squash.file.version);
        let count = history.applied.iter().filter(|applied| applied.version <= version).count();
        let text = format!(
            "{label} replaces {count} migrations, all of which are applied; `planctl migrate up` records it in their place, \
             without running it"
        );
        document.line(Span::new(text, Style::Warning));
    }
    if let Err(error) = verify_squash(set, history) {
        let help = error.help_text().map(|help| format!("; {help}")).unwrap_or_default();
        document.line(Span::new(format!("{error}{help}"), Style::Bad));
    }
}

/// What became of the schema since the last migration, as far as its fingerprint tells.
fn since_the_last(history: &History, now: &str) -> SchemaState {
    match history.left_schema() {
        Some(left) if left == now => SchemaState::AsLeft,
        Some(_) => SchemaState::Changed,
        None => SchemaState::Unknown,
    }
}

/// What there is to know of single migrations.
fn tell_of_entries(document: &mut Document, entries: &[Entry<'_>]) {
    let mut line = |entry: &Entry<'_>, text: String, style| {
        document.line(Span::new(format!("{}: {text}", entry.label()), style))
    };
    for entry in entries {
        for what in lost(entry) {
            line(entry, format!("its down cannot bring back {what}"), Style::Dim);
        }
        let destroyed = destroyed(entry);
        if !destroyed.is_empty() {
            let hazards = if destroyed.len() == 1 { "hazard" } else { "hazards" };
            line(entry, format!("{hazards} on down: {}", destroyed.join("; ")), Style::Dim);
        }
    }
    for entry in entries {
        if let State::Changed(FileChange::WhiteSpace(since)) = entry.state {
            let way =
                if entry.is_acceptable() { "; --accept-whitespace records it as it is now" } else { "" };
            line(entry, format!("its file {}{way}", since.sentence()), Style::Warning);
        }
        if entry.down_differs() {
            let text = "its down file differs from the stored script, which `migrate down` runs; --from-files runs the file";
            line(entry, text.to_owned(), Style::Warning);
        }
    }
}

fn recorded(accepted: usize) -> String {
    match accepted {
        0 => "no applied file differs in white space alone: nothing was recorded".to_owned(),
        1 => "1 file is recorded as it is now".to_owned(),
        several => format!("{several} files are recorded as they are now"),
    }
}

/// That the schema is not the one of the newest migration.
fn changed(newest: Option<&Applied>) -> String {
    let label = newest.map(Applied::label).unwrap_or_default();
    match newest.and_then(|newest| newest.record.as_ref()) {
        Some(record) if !record.ran_here() => {
            format!("{label} was recorded without being run, and the live schema is not what it leaves")
        }
        _ => format!("the live schema is no longer what {label} left"),
    }
}

fn show_drift(report: &mut Report, changed: &str, drift: &Result<Vec<Change>, Error>) {
    match drift {
        Err(error) => {
            let text = format!(
                "{changed}; what changed is unknown, because the migrations do not run on an empty database: {error}"
            );
            report.document.line(Span::new(text, Style::Warning));
        }
        Ok(changes) => {
            report.document.heading(Span::new(format!("{changed}:"), Style::Warning));
            let findings: Vec<Finding> = changes.iter().map(drift::finding).collect();
            let (places, sides) = (BTreeMap::new(), Versus::MigrationsAndDatabase);
            report.document.findings_of(&findings, &places, sides);
        }
    }
}

/// What ends it, whichever of both is wanted.
fn way_out(changes: &[Change], request: &StatusRequest) -> String {
    format!(
        "`planctl migrate adopt NAME` turns it into a migration; `planctl schema diff {} {} --sql{}` prints the script that undoes it",
        database_word(&request.db),
        word(&request.migrations),
        drift::allowing(changes),
    )
}

fn wire_change(change: &Change) -> wire::Drift {
    let finding = drift::finding(change);
    wire::Drift {
        rule: finding.rule,
        object: (&finding.object).into(),
        expected: finding.expected,
        actual: finding.actual,
        message: finding.message,
    }
}

fn wire_version(entry: &Entry<'_>) -> wire::Version {
    let record = entry.applied.and_then(|applied| applied.record.as_ref());
    let difference = match entry.state {
        State::Changed(FileChange::Text) => Some(wire::Difference::Text),
        State::Changed(FileChange::WhiteSpace(since)) => {
            Some(match (since.line_endings, since.mark, since.last_breaks) {
                (Some(_), None, None) => wire::Difference::LineEndings,
                (None, Some(_), None) => wire::Difference::ByteOrderMark,
                (None, None, Some(_)) => wire::Difference::LastLineBreak,
                _ => wire::Difference::WhiteSpace,
            })
        }
        State::Changed(FileChange::Name) => Some(wire::Difference::Name),
        _ => None,
    };
    wire::Version {
        version: entry.version,
        name: entry.name().to_owned(),
        state: match entry.state {
            State::Applied => wire::State::Applied,
            State::Pending => wire::State::Pending,
            State::Changed(_) => wire::State::Changed,
            State::Missing => wire::State::Missing,
            State::OutOfOrder => wire::State::OutOfOrder,
            State::Squashed => wire::State::Squashed,
        },
        difference,
        applied_on: entry.applied.map(|applied| moment(applied.applied_on)),
        took_ms: record.and_then(|record| record.took).map(millis),
        rows_backfilled: record.map(|record| record.rows_backfilled),
        backfilled: record.map(|record| record.backfilled.iter().map(wire_backfilled).collect()),
        run_id: record.map(|record| record.run_id.clone()),
        down: down(entry),
        down_differs: entry.down_differs(),
        lost: lost(entry),
        hazards: destroyed(entry),
        file: entry.file.map(|file| file.up.path().display().to_string()),
    }
}

fn wire_backfilled(step: &Backfilled) -> wire::Backfilled {
    let Backfilled { table, rows, first } = step.clone();
    wire::Backfilled { table, rows, first }
}

fn row(entry: &Entry<'_>) -> Vec<Cell> {
    let style = match entry.state {
        State::Applied => Style::Good,
        State::Pending | State::Squashed => Style::Warning,
        State::Changed(_) | State::Missing | State::OutOfOrder => Style::Bad,
    };
    let record = entry.applied.and_then(|applied| applied.record.as_ref());
    vec![
        Cell::number(entry.version),
        Span::new(entry.name(), Style::Strong).into(),
        Span::new(entry.state.as_str(), style).into(),
        entry.applied.map(|applied| moment(applied.applied_on)).unwrap_or_default().into(),
        Cell::number(record.and_then(|record| record.took).map(human).unwrap_or_default()),
        down(entry).as_str().into(),
    ]
}

/// Where the script is that would take it back.
fn down(entry: &Entry<'_>) -> Down {
    let stored = entry.applied.and_then(|applied| applied.record.as_ref()?.down.as_ref());
    match (stored, entry.file) {
        (Some(_), _) => Down::Stored,
        (None, Some(file)) if file.down.is_some() => Down::File,
        (None, Some(file)) if file.irreversible().is_some() => Down::Irreversible,
        _ => Down::None,
    }
}

/// What the script that would take it back says that it cannot bring back.
fn lost(entry: &Entry<'_>) -> Vec<String> {
    cannot_bring_back(way_back(entry).unwrap_or_default()).map(str::to_owned).collect()
}

/// What the script that would revert what is applied says that it destroys.
fn destroyed(entry: &Entry<'_>) -> Vec<String> {
    let text = way_back(entry).filter(|_| entry.applied.is_some());
    hazards(text.unwrap_or_default()).map(|(what, _)| what.to_owned()).collect()
}

/// The script that would take it back.
fn way_back<'a>(entry: &Entry<'a>) -> Option<&'a str> {
    let stored = entry.applied.and_then(|applied| applied.record.as_ref()?.down.as_ref());
    let file = entry.file.and_then(|file| file.down.as_ref());
    stored.map(|down| down.sql.as_str()).or_else(|| file.map(SourceFile::text))
}
