//! What came of a fleet, as a report: in groups for people, a line or a case for each database where that is asked for.

use std::sync::Arc;

use super::FleetRequest;
use super::crew::{Came, Failure};
use super::judge::Variant;
use crate::base::error::{Error, ErrorKind};
use crate::base::finding::Finding;
use crate::base::words::thousands;
use crate::commands::counted;
use crate::commands::migrate::loss;
use crate::engine::Lost;
use crate::fleets::{Cause, FIRST, Group, Standing, groups};
use crate::migrations::Version;
use crate::report::wire::fleet::{self as wire, State};
use crate::report::wire::{Body, Trouble};
use crate::report::{Case, Cell, Outcome, Report, Span, Style, Verdict};

/// What came of one database.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) state: State,
    pub(super) version: Option<Version>,
    pub(super) pending: usize,
    /// What was applied or reverted; `None` where nothing could be.
    pub(super) migrations: Option<Vec<Version>>,
    pub(super) variant: Option<Arc<Variant>>,
    /// What its rows break; `None` where nobody looked.
    pub(super) values: Option<Vec<Finding>>,
    pub(super) failure: Option<Failure>,
}

impl Row {
    /// One that stands like this.
    pub(super) fn at(standing: &Standing) -> Row {
        Row {
            state: State::Current,
            version: standing.version,
            pending: standing.pending.len(),
            migrations: None,
            variant: None,
            values: None,
            failure: None,
        }
    }

    /// One that was looked at.
    pub(super) fn seen<T>(came: Option<Came<T>>, row: impl FnOnce(T) -> Row) -> Row {
        match came {
            Some(Ok(seen)) => row(seen),
            Some(Err(mut failure)) => Row {
                state: State::Failed,
                version: failure.version,
                migrations: Some(std::mem::take(&mut failure.migrations)).filter(|done| !done.is_empty()),
                failure: Some(failure),
                ..Row::at(&Standing::default())
            },
            None => Row { state: State::NotBegun, ..Row::at(&Standing::default()) },
        }
    }

    fn other(&self) -> Option<&Arc<Variant>> {
        self.variant.as_ref().filter(|variant| variant.is_other)
    }

    fn breaks_values(&self) -> bool {
        self.values.as_ref().is_some_and(|found| found.iter().any(Finding::is_open))
    }

    /// How it stands, in a few words.
    fn sentence(&self) -> String {
        if let Some(failure) = &self.failure {
            return failure.error.to_string();
        }
        if self.state == State::NotBegun {
            return "not begun".to_owned();
        }
        let mut parts = vec![match self.version {
            Some(version) => format!("at {version}"),
            None => "no migrations applied".to_owned(),
        }];
        parts.extend((self.pending > 0).then(|| format!("{} pending", self.pending)));
        match (&self.migrations, self.state) {
            (Some(done), _) if done.is_empty() => parts.push("nothing to do".to_owned()),
            (Some(done), _) => {
                let done: Vec<String> = done.iter().map(Version::to_string).collect();
                parts.push(format!("{} {}", self.state.as_str(), done.join(", ")));
            }
            (None, _) => {}
        }
        match (self.other(), &self.variant) {
            (Some(other), _) => parts.push(format!("another schema: {}", other.sentence())),
            (None, Some(_)) => parts.push("clean".to_owned()),
            (None, None) => {}
        }
        let broken = self.values.iter().flatten().filter(|finding| finding.is_open());
        parts.extend(broken.map(|finding| finding.message.clone()));
        parts.join(", ")
    }

    fn verdict(&self) -> Verdict {
        match self.state {
            State::Current | State::Migrated | State::Reverted => Verdict::Passed,
            State::Behind | State::Drifted => Verdict::Failed,
            State::NotBegun => Verdict::Skipped,
            State::Failed => Verdict::Error,
        }
    }
}

/// Why a run ended before everyone had a turn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Early {
    pub(super) kind: ErrorKind,
    pub(super) why: String,
    pub(super) notes: Vec<String>,
    pub(super) help: Option<String>,
}

impl Early {
    pub(super) fn new(kind: ErrorKind, why: String, help: Option<String>) -> Early {
        Early { kind, why, notes: Vec::new(), help }
    }
}

/// What was done with them.
#[derive(Clone, Debug)]
pub(super) enum Did {
    /// They were looked at.
    Look,
    /// Their migrations were applied.
    Up,
    /// Their migrations were reverted, which destroys this in all together.
    Down(Vec<Lost>),
}

/// The report on all of them.
pub(super) fn report(command: &'static str, fleet: &FleetRequest, rows: Vec<Row>) -> Report {
    report_of_run(command, Did::Look, fleet, rows, None)
}

/// The same, of a run that may have ended early.
pub(super) fn report_of_run(
    command: &'static str,
    did: Did,
    fleet: &FleetRequest,
    rows: Vec<Row>,
    early: Option<Early>,
) -> Report {
    let name =
        |number: usize| fleet.databases.get(number).map(|db| db.display().to_string()).unwrap_or_default();
    let mut report = Report::new(command);
    let stand = |(number, row): (usize, &Row)| {
        let schema = row.other().map(|variant| variant.name.clone());
        row.failure.is_none().then_some((number, (row.state, row.version, schema, row.breaks_values())))
    };
    let standing = groups(rows.iter().enumerate().filter_map(stand));
    let causes = groups(
        rows.iter()
            .enumerate()
            .filter_map(|(number, row)| row.failure.as_ref().map(|failure| (number, failure.cause.clone()))),
    );
    show_standing(&mut report, &standing, &rows, &name);
    show_causes(&mut report, &causes, &rows, &name);
    let failed = rows.iter().filter(|row| row.failure.is_some()).count();
    let not_begun = rows.iter().filter(|row| row.state == State::NotBegun).count();
    let found = rows.iter().any(|row| row.verdict() == Verdict::Failed);
    let style = match (failed + not_begun, found) {
        (1.., _) => Style::Bad,
        (_, true) => Style::Warning,
        _ => Style::Good,
    };
    let judged = rows.iter().any(|row| row.variant.is_some());
    let good = if judged { ", clean" } else { " already" };
    report.document.line(Span::new(summary(&standing, failed, rows.len(), good), style));
    if found {
        report.outcome = Outcome::Findings;
    }
    // What a refusal is about is in its error.
    if let Did::Down(lost) = &did
        && early.as_ref().is_none_or(|early| early.notes.is_empty())
    {
        loss::show(&mut report, lost);
    }
    report.error = error(&causes, &rows, failed, early);
    if report.error.is_some() {
        report.outcome = Outcome::Trouble;
    }
    report.cases = cases(&rows, &name);
    report.body = Some(body(did, &standing, &causes, &rows, &name));
    report
}

type Stand = (State, Option<Version>, Option<String>, bool);

fn first(numbers: &[usize], count: usize, name: &dyn Fn(usize) -> String) -> Cell {
    let mut text = numbers.iter().map(|number| name(*number)).collect::<Vec<_>>().join(", ");
    if count > numbers.len().min(FIRST) {
        text.push_str(", …");
    }
    text.into()
}

fn show_standing(report: &mut Report, groups: &[Group<Stand>], rows: &[Row], name: &dyn Fn(usize) -> String) {
    let row = |group: &Group<Stand>| {
        let (state, version, schema, _) = &group.key;
        let of = group.first.first().and_then(|number| rows.get(*number));
        let style = match state {
            State::Current | State::Migrated | State::Reverted => Style::Good,
            State::Behind | State::NotBegun => Style::Warning,
            State::Drifted | State::Failed => Style::Bad,
        };
        let other = of.and_then(Row::other).filter(|_| schema.is_some());
        let text = match other {
            Some(variant) => format!("{}: {}", state.as_str(), variant.sentence()),
            None => state.as_str().replace('-', " "),
        };
        vec![
            Cell::number(thousands(group.count)),
            Cell::number(version.map_or_else(|| "none".to_owned(), |version| version.to_string())),
            Span::new(text, style).into(),
            first(&group.first, group.count, name),
        ]
    };
    if !groups.is_empty() {
        let header = ["databases", "version", "state", "first of them"];
        report.document.table(&header, groups.iter().map(row).collect());
    }
}

fn show_causes(report: &mut Report, causes: &[Group<Cause>], rows: &[Row], name: &dyn Fn(usize) -> String) {
    let row = |group: &Group<Cause>| {
        vec![
            Cell::number(thousands(group.count)),
            Span::new(cause(group, rows), Style::Bad).into(),
            first(&group.first, group.count, name),
        ]
    };
    if !causes.is_empty() {
        report.document.table(&["failed", "cause", "first of them"], causes.iter().map(row).collect());
    }
}

fn error_of<'r>(group: &Group<Cause>, rows: &'r [Row]) -> Option<&'r Error> {
    let first = group.first.first().and_then(|number| rows.get(*number))?;
    first.failure.as_ref().map(|failure| &*failure.error)
}

fn cause(group: &Group<Cause>, rows: &[Row]) -> String {
    error_of(group, rows).map_or_else(|| group.key.to_string(), |error| group.key.sentence(error))
}

/// "9,855 databases: 9,812 at 9, clean · 40 at 8 · 3 with other schemas · 2 failed"
fn summary(groups: &[Group<Stand>], failed: usize, total: usize, good: &str) -> String {
    let mut parts = Vec::new();
    let (mut others, mut values, mut waiting) = (0, 0, 0);
    for Group { key: (state, version, schema, broken), count, .. } in groups {
        let at = version.map_or_else(|| "without migrations".to_owned(), |version| format!("at {version}"));
        let count = *count;
        match (state, schema, broken) {
            (State::NotBegun, ..) => waiting += count,
            (_, Some(_), _) => others += count,
            (_, None, true) => values += count,
            (State::Current | State::Drifted, ..) => parts.push(format!("{} {at}{good}", thousands(count))),
            (State::Behind, ..) => parts.push(format!("{} {at}", thousands(count))),
            (State::Migrated | State::Reverted, ..) => {
                let to = version.map_or_else(|| "nothing".to_owned(), |version| version.to_string());
                parts.push(format!("{} {} to {to}", thousands(count), state.as_str()));
            }
            (State::Failed, ..) => {}
        }
    }
    for (count, what) in [
        (others, "with other schemas"),
        (values, "with rows that the spec forbids"),
        (failed, "failed"),
        (waiting, "not begun"),
    ] {
        parts.extend((count > 0).then(|| format!("{} {what}", thousands(count))));
    }
    format!("{}: {}", counted(total, "database"), parts.join(" · "))
}

/// One error for all that failed: that of the most frequent cause says what to do.
fn error(causes: &[Group<Cause>], rows: &[Row], failed: usize, early: Option<Early>) -> Option<Error> {
    let of = counted(rows.len(), "database");
    let failures = format!("{} of {of} failed", thousands(failed));
    let kind = early.as_ref().map_or(ErrorKind::Database, |early| early.kind);
    let mut whole = match (failed, &early) {
        (0, None) => return None,
        (0, Some(early)) => Error::new(kind, early.why.clone()),
        (_, Some(early)) => Error::new(kind, format!("{failures}; {}", early.why)),
        (_, None) => Error::new(kind, failures),
    };
    for group in causes.iter().take(FIRST) {
        whole = whole.note(format!("{}: {}", thousands(group.count), cause(group, rows)));
    }
    let of_cause = causes.first().filter(|_| causes.len() == 1).and_then(|group| error_of(group, rows));
    let (notes, help) = early.map(|early| (early.notes, early.help)).unwrap_or_default();
    whole = notes.into_iter().fold(whole, Error::note);
    match help.or_else(|| of_cause?.help_text().map(str::to_owned)) {
        Some(help) => Some(whole.help(help)),
        None => Some(whole),
    }
}

fn cases(rows: &[Row], name: &dyn Fn(usize) -> String) -> Vec<Case> {
    let case = |(number, row): (usize, &Row)| Case {
        name: name(number),
        state: row.state.as_str(),
        version: row.version,
        verdict: row.verdict(),
        message: row.sentence(),
    };
    rows.iter().enumerate().map(case).collect()
}

fn body(
    did: Did,
    standing: &[Group<Stand>],
    causes: &[Group<Cause>],
    rows: &[Row],
    name: &dyn Fn(usize) -> String,
) -> Body {
    let first = |numbers: &[usize]| numbers.iter().map(|number| name(*number)).collect();
    let group = |group: &Group<Stand>| {
        let (state, version, schema, _) = group.key.clone();
        wire::Group { state, version, schema, databases: group.count, first: first(&group.first) }
    };
    let failures = |group: &Group<Cause>| wire::Failures {
        cause: cause(group, rows),
        databases: group.count,
        first: first(&group.first),
    };
    let fleet = wire::Fleet {
        groups: standing.iter().map(group).collect(),
        failures: causes.iter().map(failures).collect(),
        more: wire::Migrated {},
        databases: rows.iter().enumerate().map(|(number, row)| database(name(number), row)).collect(),
    };
    match did {
        Did::Look => with(fleet, wire::Seen { schemas: schemas(rows) }).into(),
        Did::Up => fleet.into(),
        Did::Down(lost) => with(fleet, wire::Reverted { lost: loss::wire(&lost) }).into(),
    }
}

fn with<A, B>(fleet: wire::Fleet<A>, more: B) -> wire::Fleet<B> {
    let wire::Fleet { groups, failures, databases, .. } = fleet;
    wire::Fleet { groups, failures, more, databases }
}

/// The other schemas, each once.
fn schemas(rows: &[Row]) -> Vec<wire::Variant> {
    let others = groups(rows.iter().enumerate().filter_map(|(number, row)| {
        row.other().map(|variant| (number, (variant.version, variant.name.clone())))
    }));
    let variant = |group: &Group<_>| {
        let variant = group.first.first().and_then(|number| rows.get(*number)).and_then(Row::other)?;
        Some(wire::Variant {
            schema: variant.name.clone(),
            version: variant.version,
            databases: group.count,
            findings: variant.findings.iter().map(Into::into).collect(),
        })
    };
    others.iter().filter_map(variant).collect()
}

fn database(name: String, row: &Row) -> wire::Database {
    wire::Database {
        database: name,
        state: row.state,
        version: row.version,
        migrations: row.migrations.clone(),
        pending: row.pending,
        schema: row.other().map(|variant| variant.name.clone()),
        findings: row.values.as_ref().map(|found| found.iter().map(Into::into).collect()),
        error: row.failure.as_ref().map(|failure| Trouble::of(&failure.error)),
    }
}
