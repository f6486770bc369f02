//! What came of a fleet, as a report: in groups for people, a line or a case for each database where that is asked for.

use std::rc::Rc;
use std::sync::Arc;

use super::FleetRequest;
use super::rows::{NOT_STARTED, Row, Rows};
use crate::base::error::{Error, ErrorKind};
use crate::base::words::thousands;
use crate::commands::counted;
use crate::commands::migrate::loss;
use crate::engine::{DatabaseName, Lost};
use crate::fleets::{Cause, FIRST, Group, groups};
use crate::migrations::Version;
use crate::report::wire::fleet::{self as wire, State};
use crate::report::wire::{Body, Trouble};
use crate::report::{Case, Cell, Each, Outcome, Report, Span, Style, Verdict};

/// Why a run ended before everyone had a turn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Early {
    pub(super) kind: ErrorKind,
    pub(super) why: String,
    pub(super) notes: Vec<String>,
    pub(super) help: Option<String>,
    /// Whether the notes, or a question, have said already what would be lost.
    pub(super) losses_are_told: bool,
}

impl Early {
    pub(super) fn new(kind: ErrorKind, why: String, help: Option<String>) -> Early {
        Early { kind, why, notes: Vec::new(), help, losses_are_told: false }
    }
}

/// What was done with them.
#[derive(Clone, Debug)]
pub(super) enum Did {
    /// They were looked at.
    Look,
    /// They were compared with a spec.
    Audit,
    /// Their migrations were applied, which drops this in all together that no migration made.
    Up(Vec<Lost>),
    /// Their migrations were reverted, which destroys this in all together.
    Down(Vec<Lost>),
}

/// All of them: what they are called, and what came of them.
struct Fleet {
    names: Arc<[DatabaseName]>,
    rows: Rows,
}

impl Fleet {
    fn name(&self, number: usize) -> String {
        self.names.get(number).map(|name| name.display().to_string()).unwrap_or_default()
    }

    fn names(&self, numbers: &[usize]) -> Vec<String> {
        numbers.iter().map(|number| self.name(*number)).collect()
    }

    /// The first of a group.
    fn first<K>(&self, group: &Group<K>) -> Option<&Row> {
        self.rows.get(*group.first.first()?)
    }

    /// The sentence for those that failed for the same cause.
    fn cause(&self, group: &Group<Cause>) -> String {
        let error = self.error_of(group);
        error.map_or_else(|| group.key.to_string(), |error| group.key.sentence(error))
    }

    fn error_of(&self, group: &Group<Cause>) -> Option<&Error> {
        self.first(group)?.failure.as_ref().map(|failure| &*failure.error)
    }
}

/// The report on all of them, of a run that may have ended early.
pub(super) fn report(
    command: &'static str,
    did: Did,
    of: &FleetRequest,
    rows: Rows,
    early: Option<Early>,
) -> Report {
    let fleet = Rc::new(Fleet { names: Arc::clone(&of.databases), rows });
    let mut report = Report::new(command);
    let stand = |(number, row): (usize, &Row)| {
        let schema = row.other().map(|variant| variant.name.clone());
        let broken = row.broken().next().is_some();
        row.failure.is_none().then_some((number, (row.state, row.version, schema, broken)))
    };
    let standing = groups(fleet.rows.iter().filter_map(stand));
    let cause = |(number, row): (usize, &Row)| Some((number, row.failure.as_ref()?.cause.clone()));
    let causes = groups(fleet.rows.iter().filter_map(cause));
    let unchecked = groups(fleet.rows.iter().flat_map(|(number, row)| {
        let unchecked = row.values.iter().flat_map(|values| &values.unchecked);
        unchecked.map(move |what| (number, what.clone()))
    }));
    show_standing(&mut report, &standing, &fleet);
    show_causes(&mut report, &causes, &fleet);
    show_unchecked(&mut report, &unchecked, &fleet);
    let failed = fleet.rows.count(State::Failed);
    let found = fleet.rows.iter().any(|(_, row)| row.verdict() == Verdict::Failed);
    let style = match (failed + fleet.rows.count(State::NotBegun), found) {
        (1.., _) => Style::Bad,
        (_, true) => Style::Warning,
        _ => Style::Good,
    };
    let judged = fleet.rows.iter().any(|(_, row)| row.variant.is_some());
    let good = if judged { ", clean" } else { " already" };
    report.document.line(Span::new(summary(&standing, failed, fleet.rows.len(), good), style));
    if found {
        report.outcome = Outcome::Findings;
    }
    if let Did::Up(lost) | Did::Down(lost) = &did
        && early.as_ref().is_none_or(|early| !early.losses_are_told)
    {
        loss::show(&mut report, lost);
    }
    report.error = error(&causes, &fleet, failed, early);
    report.told = causes.len().min(FIRST);
    if report.error.is_some() {
        report.outcome = Outcome::Trouble;
    }
    report.cases = {
        let fleet = Rc::clone(&fleet);
        Each::new(fleet.rows.len(), move |number| {
            let row = fleet.rows.get(number)?;
            Some(Case {
                name: fleet.name(number),
                state: row.state.as_str(),
                version: row.version,
                verdict: row.verdict(),
                message: row.sentence(),
            })
        })
    };
    report.body = Some(body(did, &Groups { standing, causes, unchecked }, fleet));
    report
}

/// Databases of which the same is to be said.
struct Groups {
    standing: Vec<Group<Stand>>,
    causes: Vec<Group<Cause>>,
    unchecked: Vec<Group<String>>,
}

type Stand = (State, Option<Version>, Option<String>, bool);

fn first<K>(group: &Group<K>, fleet: &Fleet) -> Cell {
    let mut text = fleet.names(&group.first).join(", ");
    if group.count > group.first.len().min(FIRST) {
        text.push_str(", …");
    }
    text.into()
}

fn show_standing(report: &mut Report, groups: &[Group<Stand>], fleet: &Fleet) {
    let row = |group: &Group<Stand>| {
        let (state, version, schema, _) = &group.key;
        let style = match state {
            State::Current | State::Migrated | State::Reverted => Style::Good,
            State::Behind | State::NotBegun => Style::Warning,
            State::Drifted | State::Failed => Style::Bad,
        };
        let other = fleet.first(group).and_then(Row::other).filter(|_| schema.is_some());
        let text = match other {
            Some(variant) => format!("{}: {}", state.as_str(), variant.sentence()),
            None if *state == State::NotBegun => NOT_STARTED.to_owned(),
            None => state.as_str().to_owned(),
        };
        vec![
            Cell::number(thousands(group.count)),
            Cell::number(version.map_or_else(|| "none".to_owned(), |version| version.to_string())),
            Span::new(text, style).into(),
            first(group, fleet),
        ]
    };
    if !groups.is_empty() {
        let header = ["count", "version", "state", "databases"];
        report.document.table(&header, groups.iter().map(row).collect());
    }
}

fn show_causes(report: &mut Report, causes: &[Group<Cause>], fleet: &Fleet) {
    let row = |group: &Group<Cause>| {
        let cause = Span::new(fleet.cause(group), Style::Bad).into();
        vec![Cell::number(thousands(group.count)), cause, first(group, fleet)]
    };
    if !causes.is_empty() {
        report.document.table(&["failed", "cause", "databases"], causes.iter().map(row).collect());
    }
}

fn show_unchecked(report: &mut Report, unchecked: &[Group<String>], fleet: &Fleet) {
    let row = |group: &Group<String>| {
        vec![Cell::number(thousands(group.count)), group.key.as_str().into(), first(group, fleet)]
    };
    if !unchecked.is_empty() {
        let header = ["count", "not checked", "databases"];
        report.document.table(&header, unchecked.iter().map(row).collect());
    }
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
        (waiting, NOT_STARTED),
    ] {
        parts.extend((count > 0).then(|| format!("{} {what}", thousands(count))));
    }
    format!("{}: {}", counted(total, "database"), parts.join(" · "))
}

/// One error for all that failed: that of the most frequent cause says what to do.
fn error(causes: &[Group<Cause>], fleet: &Fleet, failed: usize, early: Option<Early>) -> Option<Error> {
    let failures = || format!("{} of {} failed", thousands(failed), counted(fleet.rows.len(), "database"));
    let kind = early.as_ref().map_or(ErrorKind::Database, |early| early.kind);
    let mut whole = match (failed, &early) {
        (0, None) => return None,
        (0, Some(early)) => Error::new(kind, early.why.clone()),
        (_, Some(early)) => Error::new(kind, format!("{}; {}", failures(), early.why)),
        (_, None) => Error::new(kind, failures()),
    };
    for group in causes.iter().take(FIRST) {
        whole = whole.note(format!("{}: {}", thousands(group.count), fleet.cause(group)));
    }
    let of_cause = causes.first().filter(|_| causes.len() == 1).and_then(|group| fleet.error_of(group));
    let (notes, help) = early.map(|early| (early.notes, early.help)).unwrap_or_default();
    whole = notes.into_iter().fold(whole, Error::note);
    match help.or_else(|| of_cause?.help_text().map(str::to_owned)) {
        Some(help) => Some(whole.help(help)),
        None => Some(whole),
    }
}

fn body(did: Did, of: &Groups, fleet: Rc<Fleet>) -> Body {
    let group = |group: &Group<Stand>| {
        let (state, version, schema, _) = group.key.clone();
        wire::Group { state, version, schema, databases: group.count, first: fleet.names(&group.first) }
    };
    let failures = |group: &Group<Cause>| wire::Failures {
        cause: fleet.cause(group),
        databases: group.count,
        first: fleet.names(&group.first),
    };
    let unchecked = of.unchecked.iter().map(|group| wire::Unchecked {
        what: group.key.clone(),
        databases: group.count,
        first: fleet.names(&group.first),
    });
    let whole = wire::Fleet {
        groups: of.standing.iter().map(group).collect(),
        failures: of.causes.iter().map(failures).collect(),
        more: (),
        databases: {
            let fleet = Rc::clone(&fleet);
            Each::new(fleet.rows.len(), move |number| {
                Some(database(fleet.name(number), fleet.rows.get(number)?))
            })
        },
    };
    match did {
        Did::Look => with(whole, wire::Seen { schemas: schemas(&fleet) }).into(),
        Did::Audit => {
            let (seen, unchecked) = (wire::Seen { schemas: schemas(&fleet) }, unchecked.collect());
            with(whole, wire::Audited { seen, unchecked }).into()
        }
        Did::Up(lost) => with(whole, wire::Migrated { lost: loss::wire(&lost) }).into(),
        Did::Down(lost) => with(whole, wire::Reverted { lost: loss::wire(&lost) }).into(),
    }
}

fn with<A, B>(fleet: wire::Fleet<A>, more: B) -> wire::Fleet<B> {
    let wire::Fleet { groups, failures, databases, .. } = fleet;
    wire::Fleet { groups, failures, more, databases }
}

/// The other schemas, each once.
fn schemas(fleet: &Fleet) -> Vec<wire::Variant> {
    let others = groups(fleet.rows.iter().filter_map(|(number, row)| {
        row.other().map(|variant| (number, (variant.version, variant.name.clone())))
    }));
    let variant = |group: &Group<_>| {
        let variant = fleet.first(group).and_then(Row::other)?;
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
        findings: row.values.as_ref().map(|values| values.found.iter().map(Into::into).collect()),
        error: row.failure.as_ref().map(|failure| Trouble::of(&failure.error)),
    }
}
