//! `planctl check`: the CI gate. No database.
//!
//! One step after the other, each on what the one before has shown to be sound: lint reads the files, the migrations
//! run on a shadow database, each is reverted and applied again, the result is audited, and the reports are compiled
//! on it. A step that ends in trouble is a finding here: the gate says all that it can in one report. A step whose files
//! cannot be read (no spec, say) does not keep the others from running; the exit status says that not all was checked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::audit::{self, FailOn};
use super::explain::rule_info;
use super::migrate::test;
use super::migrate::test::{Results, Tried};
use super::schema::docs::{self, Checked};
use super::schema::models::{self, ModelFiles};
use super::{Context, counted, scratch};
use crate::audit::comparison::Sides;
use crate::audit::{Ledger, Others};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::finding::{Finding, Object};
use crate::base::progress::human;
use crate::base::rule::{GateRule, RuleCode};
use crate::base::severity::Severity;
use crate::base::source::SourceFile;
use crate::engine::Engine;
use crate::migrations::lint::{self, LintOptions, Policy};
use crate::migrations::{Migration, MigrationSet, Version};
use crate::queries;
use crate::report::wire::check::{Check, CheckStep};
use crate::report::{Block, Cell, Document, Outcome, Report, Span, Style};
use crate::schema::Schema;
use crate::sql::{SqliteVersion, Target, statements};
use crate::verify::schema_lint;
use crate::verify::test::trip::TripOutcome;

/// What `check` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckRequest {
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// The spec's DDL file.
    pub spec: PathBuf,
    /// The ledger of deviations, when there is one.
    pub deviations: Option<PathBuf>,
    /// The folder of migration tests; it need not exist.
    pub tests: PathBuf,
    /// The folder of reports; it need not exist.
    pub reports: PathBuf,
    /// The page about the schema that has to be up to date, if there is one.
    pub docs: Option<PathBuf>,
    /// The files of classes that have to be up to date.
    pub models: Vec<PathBuf>,
    /// The oldest SQLite that must be able to run the migrations.
    pub sqlite_version: SqliteVersion,
    /// Where the migrations must run.
    pub target: Target,
    /// What the project makes of the lint rules.
    pub policy: Policy,
    /// Which tables are somebody else's.
    pub others: Others,
    /// Which findings give exit status 1.
    pub fail_on: CheckFailOn,
}

/// Which findings of the gate give exit status 1.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct CheckFailOn {
    /// Those of the audit.
    pub audit: FailOn,
    /// All others.
    pub others: FailOn,
}

/// The step that holds the result against the specification.
const AUDIT: &str = "audit";

/// The step of the round trips, as it is called in JSON.
const ROUND_TRIPS: &str = "up, down, up";

/// Runs the gate.
///
/// # Errors
/// When the migrations cannot be read. What is wrong with migrations that could be read is a finding. What keeps a
/// single step from running (the spec, the ledger or a test cannot be read) is the error of the report.
pub fn run(ctx: &mut Context<'_>, request: &CheckRequest) -> Result<Report> {
    let set = scratch::own_migrations(&request.migrations)?;
    if set.migrations.is_empty() && !is_unwritten(&request.spec)? {
        return Err(not_generated(ctx, request));
    }
    let mut gate = Gate { fail_on: request.fail_on, is_empty: set.migrations.is_empty(), ..Gate::default() };
    lint_files(ctx, request, &set, &mut gate)?;
    let count = counted(set.migrations.len(), "migration");
    let started = Instant::now();
    match scratch::all_applied(ctx, &set) {
        Ok(mut engine) => {
            gate.step("migrate up", count, started.elapsed(), Vec::new());
            test_migrations(ctx, request, &set, &mut gate)?;
            judge_schema(ctx, request, engine.as_mut(), &mut gate)?;
        }
        Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
        Err(error) => {
            let found = vec![trouble_finding(GateRule::MigrationFailed, &error.without_rollback())];
            gate.step("migrate up", count, started.elapsed(), found);
            gate.notes.push("the other steps did not run: they need migrations that apply".to_owned().into());
            if let Err(error) = sources(request) {
                gate.not_run(AUDIT, Duration::ZERO, error)?;
            }
        }
    }
    Ok(gate.report(request))
}

/// Whether a specification says nothing, or is not there: then there may be no migration either.
fn is_unwritten(spec: &Path) -> Result<bool> {
    Ok(!spec.exists() || statements(SourceFile::read(spec)?.text()).is_empty())
}

/// A specification without any migration: what is wrong with it comes first.
fn not_generated(ctx: &Context<'_>, request: &CheckRequest) -> Error {
    let read = sources(request)
        .and_then(|(spec, ledger)| Sides::of(&spec, &ledger, &Schema::default(), ctx.job).map(drop));
    read.err().unwrap_or_else(|| {
        let spec = request.spec.display();
        scratch::no_migrations(&request.migrations).help(format!(
            "`planctl migrate generate NAME` writes the first from {spec}; --migrations names another folder"
        ))
    })
}

/// What the files say. Where a migration fails is told by the next step.
fn lint_files(
    ctx: &mut Context<'_>,
    request: &CheckRequest,
    set: &MigrationSet,
    gate: &mut Gate,
) -> Result<()> {
    let started = Instant::now();
    let tested = lint::tested_versions(&request.tests)?;
    let options = LintOptions { sqlite_version: request.sqlite_version, target: request.target, tested };
    let wanted = schema_lint::Wanted::read(&request.spec, request.deviations.as_deref());
    let linted = schema_lint::lint_all(ctx, set, &options, wanted.as_ref())?;
    let found = request.policy.apply(set, linted.findings, &linted.known);
    let files = counted(file_count(set, &request.policy), "file");
    let checked = format!("{files}{}", from_on(request.policy.from));
    gate.step("lint", checked, started.elapsed(), found);
    Ok(())
}

/// Where a check of the files began, if not with the first.
fn from_on(from: Option<Version>) -> String {
    from.map_or(String::new(), |from| format!(" from version {from} on"))
}

/// The project's tests, and each migration that is not older than `[lint] from` up, down and up again: what is applied
/// can no longer be changed, whatever its down leaves.
fn test_migrations(
    ctx: &mut Context<'_>,
    request: &CheckRequest,
    set: &MigrationSet,
    gate: &mut Gate,
) -> Result<()> {
    let started = Instant::now();
    let chosen: Vec<&Migration> =
        set.migrations.iter().filter(|file| request.policy.concerns(file.version)).collect();
    let read = if request.tests.exists() { test::read_tests(set, &request.tests) } else { Ok(Vec::new()) };
    let (tests, unread) = match read {
        Ok(tests) => (tests, None),
        Err(error) => (Vec::new(), Some((started.elapsed(), error))),
    };
    let trial = test::Trial {
        trips: chosen,
        tests: tests.iter().collect(),
        examples: &tests,
        seed: test::DEFAULT_SEED,
        all_apply: true,
    };
    let Tried { tests, trips, .. } = test::try_out(ctx, set, &trial)?;
    // They run side by side: each kind has its share of the time.
    let (of_tests, of_trips): (Duration, Duration) =
        (tests.iter().map(|test| test.took).sum(), trips.iter().map(|trip| trip.took).sum());
    let (took, both) = (started.elapsed(), of_tests + of_trips);
    let of_tests = if both.is_zero() { both } else { took.mul_f64(of_tests.div_duration_f64(both)) };
    let of_trips = took.saturating_sub(of_tests);
    match unread {
        None => {
            let results = Results { tests, trips: Vec::new() };
            let checked = counted(results.tests.len(), "test");
            gate.step("migration tests", checked, of_tests, results.findings());
            results.details(&mut gate.details);
        }
        Some((took, error)) => gate.not_run("migration tests", took, error)?,
    }
    let results = Results { tests: Vec::new(), trips };
    for trip in &results.trips {
        let of_values = trip.notes.iter().map(|note| format!("{}: {note}", trip.label()));
        gate.notes.extend(of_values.map(|text| Note { text, aside: true }));
        if let TripOutcome::NotRun(reason) = &trip.outcome {
            gate.notes.push(format!("{}: not run: {reason}", trip.label()).into());
        }
    }
    let rows: u64 = results.trips.iter().flat_map(|trip| &trip.tables).map(|table| table.rows).sum();
    let count = counted(results.trips.len(), "migration");
    let checked = format!("{count}, {}{}", counted(rows, "row"), from_on(request.policy.from));
    gate.step(ROUND_TRIPS, checked, of_trips, results.findings());
    results.details(&mut gate.details);
    Ok(())
}

/// What the migrations made, against the specification and the reports.
fn judge_schema(
    ctx: &mut Context<'_>,
    request: &CheckRequest,
    engine: &mut dyn Engine,
    gate: &mut Gate,
) -> Result<()> {
    let started = Instant::now();
    let live = audit::of_schema(&engine.inspect()?);
    gate.notes.extend(scratch::stood_in(&engine.of_application()?).map(Note::from));
    match sources(request) {
        Err(_) if gate.is_empty && !request.spec.exists() => {}
        Ok((spec, ledger)) => against_spec(ctx, request, gate, &live, (&spec, &ledger), started)?,
        Err(error) => gate.not_run(AUDIT, started.elapsed(), error)?,
    }
    models_are_current(ctx, request, gate, &live)?;
    if !request.reports.exists() {
        return Ok(());
    }
    let started = Instant::now();
    let compiled = queries::files(&request.reports).and_then(|files| {
        let found = broken_reports(engine, &files)?;
        Ok((files.len(), found))
    });
    match compiled {
        Ok((count, found)) => gate.step("reports", counted(count, "report"), started.elapsed(), found),
        Err(error) => gate.not_run("reports", started.elapsed(), error)?,
    }
    Ok(())
}

/// The files of classes, each against what would be written today.
fn models_are_current(
    ctx: &mut Context<'_>,
    request: &CheckRequest,
    gate: &mut Gate,
    live: &Schema,
) -> Result<()> {
    let files = ModelFiles {
        spec: request.spec.clone(),
        deviations: request.deviations.clone(),
        migrations: Some(request.migrations.clone()),
    };
    for file in &request.models {
        let started = Instant::now();
        match models::outdated(ctx, file, &files, live) {
            Ok(found) => {
                let found = found.into_iter().collect();
                gate.step("models", file.display().to_string(), started.elapsed(), found);
            }
            Err(error) => gate.not_run("models", started.elapsed(), error)?,
        }
    }
    Ok(())
}

/// The reports that cannot be read, or not be run on this schema.
fn broken_reports(engine: &mut dyn Engine, files: &[queries::File]) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for file in files {
        match file.read().and_then(|query| engine.query_columns(&query)) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => found.push(trouble_finding(GateRule::BrokenReport, &error)),
        }
    }
    Ok(found)
}

/// What the schema is held against.
fn sources(request: &CheckRequest) -> Result<(SourceFile, Ledger)> {
    Ok((SourceFile::read(&request.spec)?, audit::read_ledger(request.deviations.as_deref())?))
}

/// The steps that need the specification.
fn against_spec(
    ctx: &Context<'_>,
    request: &CheckRequest,
    gate: &mut Gate,
    live: &Schema,
    (spec, ledger): (&SourceFile, &Ledger),
    started: Instant,
) -> Result<()> {
    match audit::compare_but(&request.others, spec, ledger, live, ctx.started.date(), ctx.job) {
        Ok((found, ignored)) => {
            gate.ignored = ignored;
            let objects = live.tables.len() + live.views.len() + live.triggers.len();
            let checked = format!("{} against {}", counted(objects, "object"), spec.path().display());
            gate.step(AUDIT, checked, started.elapsed(), found.findings);
        }
        Err(error) => return gate.not_run(AUDIT, started.elapsed(), error),
    }
    let Some(file) = &request.docs else { return Ok(()) };
    let started = Instant::now();
    let deviations = request.deviations.as_deref();
    let page = Checked { file, migrations: &request.migrations, spec, ledger: (ledger, deviations) };
    match docs::outdated(&page, live) {
        Ok(found) => {
            gate.step("docs", file.display().to_string(), started.elapsed(), found.into_iter().collect());
            Ok(())
        }
        Err(error) => gate.not_run("docs", started.elapsed(), error),
    }
}

/// What a reader should know besides.
struct Note {
    text: String,
    /// Whether only those want to know who want to know everything: values that nobody but the generator would write.
    aside: bool,
}

impl From<String> for Note {
    fn from(text: String) -> Note {
        Note { text, aside: false }
    }
}

#[derive(Default)]
struct Gate {
    steps: Vec<CheckStep>,
    findings: Vec<Finding>,
    /// What the findings of tests have no room for.
    details: Document,
    troubles: Vec<Error>,
    /// What a reader should know besides.
    notes: Vec<Note>,
    /// Whether there is no migration yet.
    is_empty: bool,
    fail_on: CheckFailOn,
    /// Whether one of the findings gives exit status 1.
    failed: bool,
    /// Tables that are somebody else's.
    ignored: Vec<String>,
}

impl Gate {
    fn step(&mut self, name: &'static str, checked: String, took: Duration, found: Vec<Finding>) {
        let documented = found.iter().filter(|finding| finding.excuse.is_some()).count();
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let findings = found.len() - documented;
        self.failed |=
            audit::fails(&found, if name == AUDIT { self.fail_on.audit } else { self.fail_on.others });
        self.steps.push(CheckStep {
            database: None,
            name,
            checked,
            findings,
            documented,
            took_ms,
            not_run: None,
        });
        self.findings.extend(found);
    }

    /// A step that could not run.
    ///
    /// # Errors
    /// `error` itself when it is `Interrupted`: that ends all steps.
    fn not_run(&mut self, name: &'static str, took: Duration, error: Error) -> Result<()> {
        if error.kind() == ErrorKind::Interrupted {
            return Err(error);
        }
        self.step(name, String::new(), took, Vec::new());
        if let Some(step) = self.steps.last_mut() {
            step.not_run = Some(error.to_string());
        }
        self.troubles.push(error);
        Ok(())
    }

    fn report(self, request: &CheckRequest) -> Report {
        let mut report = Report::new("check");
        report.is_about("Migrations", request.migrations.display());
        report.is_about("Spec", request.spec.display());
        if let Some(file) = &request.deviations {
            report.is_about("Deviations", file.display());
        }
        report.files = vec![(None, request.spec.display().to_string())];
        steps_table(&mut report.document, &self.steps);
        report.findings = self.findings;
        report.rules = Some(RuleCode::all().map(rule_info).collect());
        report.document.findings(&report.findings);
        report.ignored = self.ignored;
        report.document.left_out(&report.ignored);
        report.document.blocks.extend(self.details.blocks);
        let ignored = report.ignored.clone();
        let notes = self.notes.iter().map(|note| note.text.clone()).collect();
        report.body = Some(Check { ignored, steps: self.steps, notes }.into());
        for Note { text, aside } in self.notes {
            if aside { report.document.blocks.push(Block::Remark(text)) } else { report.document.line(text) }
        }
        if self.failed {
            report.outcome = Outcome::Findings;
        }
        let (stopped, mut told) = (self.troubles.len(), BTreeSet::new());
        // What several steps read is said once.
        let mut troubles: Vec<Error> =
            self.troubles.into_iter().filter(|trouble| told.insert(trouble.to_string())).collect();
        if troubles.len() < 2 {
            report.error = troubles.pop();
        } else {
            let message = format!("{stopped} steps of the check could not run");
            let error = troubles
                .iter()
                .fold(Error::new(ErrorKind::File, message), |error, part| error.note(part.to_string()));
            report.error = Some(error.parts_of(troubles));
        }
        if report.error.is_some() {
            report.outcome = Outcome::Trouble;
        }
        report
    }
}

fn steps_table(document: &mut Document, steps: &[CheckStep]) {
    let rows = steps.iter().map(|step| {
        let result = match (step.findings, step.documented) {
            _ if step.not_run.is_some() => Span::new("not run", Style::Bad),
            (0, 0) => Span::new("ok", Style::Good),
            (0, n) => Span::new(format!("ok, {}", counted(n, "deviation")), Style::Good),
            (n, _) => Span::new(counted(n, "finding"), Style::Bad),
        };
        vec![
            Cell::from(if step.name == ROUND_TRIPS { "round trips" } else { step.name }),
            Cell::from(step.checked.as_str()),
            result.into(),
            Cell::number(human(Duration::from_millis(step.took_ms))),
        ]
    });
    document.table(&["step", "checked", "result", "took"], rows.collect());
}

fn file_count(set: &MigrationSet, policy: &Policy) -> usize {
    let linted = set.migrations.iter().filter(|migration| policy.concerns(migration.version));
    linted.map(|migration| 1 + usize::from(migration.down.is_some())).sum()
}

/// Trouble that a migration made, as a finding of the gate.
pub(super) fn trouble_finding(rule: GateRule, error: &Error) -> Finding {
    let mut message = error.message().to_owned();
    for more in error.notes().iter().map(String::as_str).chain(error.help_text()) {
        message.push_str("; ");
        message.push_str(&more.lines().map(str::trim).collect::<Vec<_>>().join(" "));
    }
    let location = error.location();
    let finding = Finding::new(rule, Severity::Error, Object::file(location), message);
    Finding { location: location.cloned(), ..finding }
}
