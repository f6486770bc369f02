//! `planctl migrate status`: what the history and the files say of each version. Writes nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::{drift, exists, millis, moment, stands_at};
use crate::audit::Others;
use crate::base::error::{Error, Result};
use crate::base::finding::Finding;
use crate::base::progress::human;
use crate::base::source::SourceFile;
use crate::commands::scratch::own_migrations;
use crate::commands::{Context, database_word, word};
use crate::diff::{self, Change};
use crate::engine::{
    self, Access, Applied, Backfilled, DatabaseName, Entry, FileChange, History, OpenOptions, State, compare,
};
use crate::plan::{cannot_bring_back, hazards};
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
/// JSON: `database`, `exists`, `version` (the newest applied, or null), `applied`, `pending`, `problems` (changed, missing
/// and out of order), `schema` (`as-left`, `changed` since the last migration, or `unknown` where planctl did not apply it),
/// `drift` (how the schema changed since: `rule, object, expected, actual, message`),
/// and `migrations`, oldest first: `version, name, state` (`applied`, `pending`, `changed`, `missing`, `out-of-order`),
/// `difference` (of a changed one: `text`, `line-endings`, `last-line-break`, `byte-order-mark`, `white-space` for several of
/// these and for any other, `name`), `applied_on, took_ms, rows_backfilled, backfilled`
/// (of each data step that wrote rows: `table`, `rows`, and the ids of the `first` of them), `run_id`, `down` (`stored`,
/// `file`, `irreversible`, `none`), `down_differs` (whether the down file is another one than the stored script), `lost` (what the down says that it cannot bring back), `hazards` (what the down of an
/// applied one says that it destroys) and `file`; null where it is not known. With accepted white space `accepted`, the
/// versions whose files were recorded.
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
    let (history, fingerprint) = match &mut live {
        Some(engine) => (engine.history()?, Some(engine.schema_fingerprint()?)),
        None => (History::default(), None),
    };
    let entries = compare(&set, &history);
    let count = |test: fn(State) -> bool| entries.iter().filter(|entry| test(entry.state)).count();
    let pending = count(|state| state == State::Pending);
    let problems = count(|state| !matches!(state, State::Applied | State::Pending));
    let schema = since_the_last(&history, fingerprint);
    let drift = match (&mut live, history.newest()) {
        (Some(live), Some(newest)) if schema == "changed" => {
            drift::differences(ctx, &set, newest, &mut **live, &request.others).map(|drift| drift.changes)
        }
        _ => Ok(Vec::new()),
    };
    // What was put back, or is spelled in another way, is what the migration left.
    let schema = match &drift {
        Ok(changes) if schema == "changed" && changes.is_empty() => "as-left",
        _ => schema,
    };

    let mut report = Report::new(COMMAND);
    let data = &mut report.data;
    data.insert("database".into(), json!(request.db.display().to_string()));
    data.insert("exists".into(), json!(exists));
    data.insert("version".into(), json!(history.newest()));
    data.insert("applied".into(), json!(history.applied.len()));
    data.insert("pending".into(), json!(pending));
    data.insert("problems".into(), json!(problems));
    data.insert("schema".into(), json!(schema));
    data.insert("drift".into(), drift.iter().flatten().map(wire_change).collect());
    data.insert("migrations".into(), entries.iter().map(wire).collect());

    if !entries.is_empty() {
        let header = ["version", "name", "state", "applied on", "took", "down"];
        report.document.table(&header, entries.iter().map(row).collect());
    }
    tell_of_entries(&mut report.document, &entries);
    if let Some(accepted) = &accepted {
        report.document.line(Span::new(recorded(accepted.len()), Style::Good));
        report.data.insert("accepted".into(), json!(accepted));
    }
    let standing = if exists {
        stands_at(&request.db, history.newest())
    } else {
        format!("there is no database {} yet", request.db.display())
    };
    let style = if problems > 0 { Style::Bad } else { Style::Plain };
    report.document.line(Span::new(format!("{standing}; {pending} pending, {problems} in trouble"), style));
    if schema == "changed" {
        let left = history.applied.last().map(Applied::label).unwrap_or_default();
        show_drift(&mut report, &left, &drift);
        if let (Ok(changes), 0, 0) = (&drift, pending, problems) {
            report.document.line(way_out(changes, request));
        }
    }
    if request.check && (pending > 0 || problems > 0 || schema == "changed") {
        report.outcome = Outcome::Findings;
    }
    Ok(report)
}

/// What became of the schema since the last migration, as far as its fingerprint tells.
fn since_the_last(history: &History, fingerprint: Option<String>) -> &'static str {
    let left = history.applied.last().and_then(|applied| applied.record.as_ref());
    match (left, fingerprint) {
        (Some(record), _) if record.schema_after.is_empty() => "unknown",
        (Some(record), Some(now)) if record.schema_after == now => "as-left",
        (Some(_), Some(_)) => "changed",
        _ => "unknown",
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
        for what in destroyed(entry) {
            line(entry, format!("with its down, {what}"), Style::Dim);
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

fn show_drift(report: &mut Report, left: &str, drift: &Result<Vec<Change>, Error>) {
    let changed = format!("the live schema is no longer what {left} left");
    match drift {
        Err(error) => {
            let text = format!(
                "{changed}; what changed cannot be told, for the migrations do not run on scratch: {error}"
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
    let is_lost = |change: &Change| {
        matches!(change.difference, diff::Difference::ExtraTable | diff::Difference::ExtraColumn)
    };
    format!(
        "`planctl migrate adopt NAME` writes it down as a migration; `planctl schema diff {} {} --sql{}` prints the script \
         that takes it back",
        database_word(&request.db),
        word(&request.migrations),
        if changes.iter().any(is_lost) { " --allow-destructive" } else { "" },
    )
}

fn wire_change(change: &Change) -> Value {
    let finding = drift::finding(change);
    json!({
        "rule": finding.rule.as_str(),
        "object": {"kind": finding.object.kind, "table": finding.object.table, "name": finding.object.name},
        "expected": finding.expected,
        "actual": finding.actual,
        "message": finding.message,
    })
}

fn wire(entry: &Entry<'_>) -> Value {
    let record = entry.applied.and_then(|applied| applied.record.as_ref());
    let difference = match entry.state {
        State::Changed(FileChange::Text) => Some("text"),
        State::Changed(FileChange::WhiteSpace(since)) => Some(since.as_str()),
        State::Changed(FileChange::Name) => Some("name"),
        _ => None,
    };
    json!({
        "version": entry.version,
        "name": entry.name(),
        "state": entry.state.as_str(),
        "difference": difference,
        "applied_on": entry.applied.map(|applied| moment(applied.applied_on)),
        "took_ms": record.and_then(|record| record.took).map(millis),
        "rows_backfilled": record.map(|record| record.rows_backfilled),
        "backfilled": record.map(|record| record.backfilled.iter().map(wire_backfilled).collect::<Value>()),
        "run_id": record.map(|record| record.run_id.as_str()),
        "down": down(entry),
        "down_differs": entry.down_differs(),
        "lost": lost(entry),
        "hazards": destroyed(entry),
        "file": entry.file.map(|file| file.up.path().display().to_string()),
    })
}

fn wire_backfilled(step: &Backfilled) -> Value {
    json!({"table": step.table, "rows": step.rows, "first": step.first})
}

fn row(entry: &Entry<'_>) -> Vec<Cell> {
    let style = match entry.state {
        State::Applied => Style::Good,
        State::Pending => Style::Warning,
        State::Changed(_) | State::Missing | State::OutOfOrder => Style::Bad,
    };
    let record = entry.applied.and_then(|applied| applied.record.as_ref());
    vec![
        Cell::number(entry.version),
        Span::new(entry.name(), Style::Strong).into(),
        Span::new(entry.state.as_str(), style).into(),
        entry.applied.map(|applied| moment(applied.applied_on)).unwrap_or_default().into(),
        Cell::number(record.and_then(|record| record.took).map(human).unwrap_or_default()),
        down(entry).into(),
    ]
}

/// Where the script is that would take it back.
fn down(entry: &Entry<'_>) -> &'static str {
    let stored = entry.applied.and_then(|applied| applied.record.as_ref()?.down.as_ref());
    match (stored, entry.file) {
        (Some(_), _) => "stored",
        (None, Some(file)) if file.down.is_some() => "file",
        (None, Some(file)) if file.irreversible().is_some() => "irreversible",
        _ => "none",
    }
}

/// What the script that would take it back says that it cannot bring back.
fn lost(entry: &Entry<'_>) -> Vec<String> {
    cannot_bring_back(way_back(entry).unwrap_or_default()).map(str::to_owned).collect()
}

/// What the script that would take back what is applied says that it destroys.
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
