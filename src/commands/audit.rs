//! `planctl audit`: the live schema against the spec DDL.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use time::Date;

use super::scratch;
use super::{Context, counted};
use crate::audit::rules::RULES;
use crate::audit::values::{Spec, plan};
use crate::audit::{
    Audit, Baseline, Finding, Ledger, Names, Object, Terms, audit, draft_deviations, value_findings,
};
use crate::commands::closing::{kept, newly_broken};
use crate::ddl;
use crate::diff::{self, Change, diff};
use crate::engine::{self, Access, Engine, OpenOptions, Renaming};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::single;
use crate::report::{self, Outcome, Report, RuleInfo, SPEC_AND_DATABASE, Severity};
use crate::schema::{Ident, Pragmas, Schema};
use crate::source::{Location, SourceFile};
use crate::sql::SqliteVersion;
use crate::values::Unchecked;

/// What `audit` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRequest {
    /// Whose schema is audited.
    pub subject: AuditSubject,
    /// The spec's DDL file.
    pub spec: PathBuf,
    /// The ledger of documented deviations, when there is one.
    pub deviations: Option<PathBuf>,
    /// Whether the ledger excuses nothing: then it only says which objects are the same under two names.
    pub strict: bool,
    /// The file of findings that are known and not yet mended.
    pub baseline: Option<PathBuf>,
    /// What to write down of what is found.
    pub record: Option<Record>,
    /// Whether the rows are checked as well.
    pub data: bool,
    /// Which findings give exit status 1.
    pub fail_on: FailOn,
    /// The oldest SQLite that must be able to run the statements that findings come with.
    pub sqlite_version: SqliteVersion,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
}

/// What to write down of the findings that nothing excuses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// Into a baseline file.
    Baseline {
        /// The file.
        file: PathBuf,
        /// Whether an existing file may grow.
        accept_new: bool,
    },
    /// Into a ledger, as drafts without a reason.
    Deviations {
        /// The ledger; made when it does not exist.
        file: PathBuf,
    },
}

/// Whose schema is audited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuditSubject {
    /// A live database, opened read-only.
    Database(PathBuf),
    /// What the migrations of this folder produce on a scratch database.
    Migrations(PathBuf),
}

/// Which findings give exit status 1. Findings that the ledger or the baseline excuses never do.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum FailOn {
    /// Errors only.
    Error,
    /// Errors and warnings.
    #[default]
    Warning,
    /// None.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity gives exit status 1.
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            FailOn::Error => severity >= Severity::Error,
            FailOn::Warning => true,
            FailOn::Never => false,
        }
    }
}

/// Audits a schema and reports what was found.
///
/// # Errors
/// When the spec, the ledger, the migrations or the database cannot be read, or SQLite refuses the spec.
pub fn run(ctx: &mut Context<'_>, request: &AuditRequest) -> Result<Report> {
    let spec = SourceFile::read(&request.spec)?;
    let ledger = read_ledger(request.deviations.as_deref())?;
    let mut engine = match &request.subject {
        AuditSubject::Database(db) => {
            let options = OpenOptions { lock_timeout: request.lock_timeout };
            engine::open(db, Access::ReadOnly, options)?
        }
        AuditSubject::Migrations(dir) => scratch::migrated(ctx, dir)?,
    };
    let live = engine.inspect()?;
    let sides = Sides::of(&spec, &ledger, &live)?;
    let mut audit = sides.audit(request.strict, ctx.started.date());
    let mut notes = Vec::new();
    if request.data {
        let (found, unchecked) = sides.values(ctx, &mut *engine, request.strict)?;
        audit.add(found, &spec);
        notes.extend(unchecked.iter().map(Unchecked::to_string));
    }
    // Texts that could not be compared count as different: nothing of that may be told or recorded.
    ctx.interrupt.heed()?;
    if let Some(file) = &request.baseline {
        let baseline = Baseline::parse(&SourceFile::read(file)?)?;
        let stale = apply_baseline(&mut audit, &baseline);
        if stale > 0 {
            let entries = if stale == 1 { "1 entry matches" } else { &format!("{stale} entries match") };
            let file = file.display();
            notes.push(format!(
                "{file}: {entries} nothing any more; --write-baseline {file} takes what is mended out"
            ));
        }
    }
    match &request.record {
        Some(Record::Baseline { file, accept_new }) => {
            notes.push(write_baseline(&mut audit, file, *accept_new)?);
        }
        Some(Record::Deviations { file }) => notes.push(write_deviations(&audit, file)?),
        None => {}
    }
    let mut report = report(&audit, request.fail_on);
    sides.fixes(&audit, &mut report.findings, request.sqlite_version);
    report.file = Some(request.spec.display().to_string());
    if !notes.is_empty() {
        report.data.insert("notes".to_owned(), serde_json::json!(notes));
        notes.into_iter().for_each(|note| report.document.line(note));
    }
    if audit.findings.iter().any(|finding| finding.is_open() && finding.change.is_some()) {
        report.document.line("`planctl migrate generate NAME` writes the migration that closes this");
    }
    Ok(report)
}

/// Marks what the baseline has; gives the number of its entries that match nothing.
fn apply_baseline(audit: &mut Audit, baseline: &Baseline) -> usize {
    for finding in &mut audit.findings {
        finding.in_baseline = finding.excuse.is_none() && baseline.has(finding);
    }
    let matched = Baseline::of(audit.findings.iter().filter(|finding| finding.in_baseline));
    baseline.len() - matched.len()
}

/// Records what is open. An existing file only shrinks, unless new findings are accepted.
fn write_baseline(audit: &mut Audit, file: &Path, accept_new: bool) -> Result<String> {
    let found = Baseline::of(audit.findings.iter().filter(|finding| finding.excuse.is_none()));
    let baseline = if file.exists() && !accept_new {
        Baseline::parse(&SourceFile::read(file)?)?.shrunk_to(&found)
    } else {
        found
    };
    fs::write(file, baseline.text()?).map_err(|error| Error::file(file, error))?;
    apply_baseline(audit, &baseline);
    let left = audit.findings.iter().filter(|finding| finding.is_open()).count();
    let mut note = format!("{}: {} recorded", file.display(), counted(baseline.len(), "finding"));
    if left > 0 {
        note.push_str(&format!(
            ", {} left out because the file only shrinks; --accept-new adds them",
            counted(left, "finding")
        ));
    }
    Ok(note)
}

/// Appends drafts for what is open to the ledger.
fn write_deviations(audit: &Audit, file: &Path) -> Result<String> {
    let drafted: Vec<&Finding> = audit
        .findings
        .iter()
        .filter(|finding| finding.is_open() && !finding.rule.code.ends_with("-deviation"))
        .collect();
    if drafted.is_empty() {
        return Ok(format!("{}: nothing to add", file.display()));
    }
    let text = draft_deviations(drafted.iter().copied());
    let mut ledger = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file)
        .map_err(|error| Error::file(file, error))?;
    ledger.write_all(text.as_bytes()).map_err(|error| Error::file(file, error))?;
    let count = counted(drafted.len(), "finding");
    Ok(format!("{}: {count} added; write the reason of each, an empty one is refused", file.display()))
}

/// Reads the ledger; without one, nothing is documented.
///
/// # Errors
/// As [`SourceFile::read`] and [`Ledger::parse`].
pub fn read_ledger(path: Option<&Path>) -> Result<Ledger> {
    match path {
        Some(path) => Ledger::parse(&SourceFile::read(path)?),
        None => Ok(Ledger::default()),
    }
}

fn report(audit: &Audit, fail_on: FailOn) -> Report {
    let mut report = Report::new("audit");
    report.findings = audit.findings.iter().map(wire).collect();
    report.rules = Some(rules());
    let tables = audit.tables.iter().map(|(name, location)| (name.clone(), place(location)));
    report.document.findings_of(&report.findings, &tables.collect(), SPEC_AND_DATABASE);
    if fails(&report.findings, fail_on) {
        report.outcome = Outcome::Findings;
    }
    report
}

/// Whether findings that nothing excuses give exit status 1.
pub(super) fn fails(findings: &[report::Finding], fail_on: FailOn) -> bool {
    let open = |finding: &&report::Finding| finding.deviation.is_none() && !finding.baseline;
    findings.iter().filter(open).any(|finding| fail_on.fails(finding.severity))
}

/// The audit's rules for the formats that explain them.
pub(super) fn rules() -> Vec<RuleInfo> {
    RULES.iter().map(|rule| RuleInfo { code: rule.code, summary: rule.summary, help: rule.why }).collect()
}

/// A finding as the outside sees it.
pub(super) fn wire(finding: &Finding) -> report::Finding {
    let object = |object: &Object| report::Object {
        kind: object.kind.to_owned(),
        table: object.table.clone(),
        name: object.name.clone(),
    };
    report::Finding {
        rule: finding.rule.code.to_owned(),
        severity: finding.severity,
        object: object(&finding.object),
        live_object: finding.live_object.as_ref().map(object),
        expected: finding.expected.clone(),
        actual: finding.actual.clone(),
        message: finding.message.clone(),
        show: match (&finding.expected, &finding.actual) {
            (None, None) => report::Show::Message,
            _ => report::Show::Sides { note: finding.note.clone() },
        },
        spec: finding.location.as_ref().map(place),
        deviation: finding
            .excuse
            .as_ref()
            .map(|excuse| report::Deviation { reason: excuse.reason.clone(), link: excuse.link.clone() }),
        baseline: finding.in_baseline,
        fix: Vec::new(),
    }
}

pub(super) fn place(location: &Location) -> report::Place {
    report::Place { file: location.file.display().to_string(), line: location.line, column: location.column }
}

/// Audits a schema against a spec.
///
/// # Errors
/// `Sql` when SQLite refuses the spec; `Config` when the ledger names what the spec does not have, or renames to a
/// name that is taken.
pub fn compare(
    spec: &SourceFile,
    ledger: &Ledger,
    live: &Schema,
    strict: bool,
    today: Date,
) -> Result<Audit> {
    Ok(Sides::of(spec, ledger, live)?.audit(strict, today))
}

/// Holds the rows of `engine`, whose schema is `live`, against what the spec states of them. What is found belongs into
/// the audit ([`Audit::add`]); what could not be checked must be said.
///
/// # Errors
/// As [`compare`], and `Database`, `Locked` and `Interrupted` while the rows are read.
pub fn values(
    ctx: &mut Context<'_>,
    engine: &mut dyn Engine,
    spec: &SourceFile,
    ledger: &Ledger,
    live: &Schema,
    strict: bool,
) -> Result<(Vec<Finding>, Vec<Unchecked>)> {
    Sides::of(spec, ledger, live)?.values(ctx, engine, strict)
}

/// The spec in the database's names, and the database.
pub(super) struct Sides<'a> {
    spec: &'a SourceFile,
    ledger: &'a Ledger,
    live: &'a Schema,
    expected: Schema,
    /// For each rename of the ledger, whether the database has the object under its live name.
    applied: Vec<bool>,
    changes: Vec<Change>,
    /// Views and triggers that do not compile.
    broken: Vec<Change>,
}

impl<'a> Sides<'a> {
    pub(super) fn of(spec: &'a SourceFile, ledger: &'a Ledger, live: &'a Schema) -> Result<Sides<'a>> {
        // A spec that states what is there to the letter need not be run.
        if ledger.renames.is_empty() && ddl::states_exactly(spec.text(), live) {
            ledger.check_names(live)?;
            let expected = Schema { pragmas: Pragmas::default(), ..live.clone() };
            let found = engine::broken(live)?;
            let broken = diff::broken((&expected, &found), (live, &found));
            let (applied, changes) = (Vec::new(), Vec::new());
            return Ok(Sides { spec, ledger, live, expected, applied, changes, broken });
        }
        let mut reference = engine::reference_beside(spec, live)?;
        let mut expected = reference.schema()?;
        ledger.check_names(&expected)?;
        let applied: Vec<bool> = ledger.renames.iter().map(|rename| ledger.applies(rename, live)).collect();
        if !ledger.renames.is_empty() {
            let renames = ledger.renames.iter().zip(&applied).filter(|(_, applied)| **applied);
            let renamings: Vec<Renaming> = renames
                .map(|(rename, _)| Renaming {
                    table: rename.table.clone(),
                    column: rename.column.clone(),
                    to: rename.live.clone(),
                })
                .collect();
            reference.rename(&renamings).map_err(|error| in_ledger(error, ledger))?;
            expected = reference.schema()?;
        }
        let changes = diff(&expected, live, &mut *reference.meaning());
        let of_spec = engine::broken(&expected)?;
        // Where nothing differs, the same things are broken.
        let of_live = if changes.is_empty() { of_spec.clone() } else { engine::broken(live)? };
        let broken = diff::broken((&expected, &of_spec), (live, &of_live));
        Ok(Sides { spec, ledger, live, expected, applied, changes, broken })
    }

    /// What the spec asks for in the database's names, with what the ledger excuses left as it is.
    ///
    /// # Errors
    /// When what is excused cannot be told apart from what has to change.
    pub(super) fn goal(&self, today: Date) -> Result<Schema> {
        let found = audit(&self.changes, self.spec, self.terms(&[], false, today));
        let excused = found.findings.iter().filter(|finding| finding.excuse.is_some());
        let excused: BTreeSet<usize> = excused.filter_map(|finding| finding.change).collect();
        kept(self.expected.clone(), self.live, &self.changes, &excused)
    }

    /// The names that the database has for a table and column of the spec.
    pub(super) fn live_names(&self, table: &Ident, column: Option<&Ident>) -> (Ident, Option<Ident>) {
        let applied = self.ledger.renames.iter().zip(&self.applied).filter(|(_, applied)| **applied);
        let of_table: Vec<_> = applied.map(|(rename, _)| rename).filter(|r| r.table == *table).collect();
        let live = |column: Option<&Ident>| {
            of_table.iter().find(|r| r.column.as_ref() == column).map(|rename| rename.live.clone())
        };
        let name = live(None).unwrap_or_else(|| table.clone());
        (name, column.map(|column| live(Some(column)).unwrap_or_else(|| column.clone())))
    }

    /// Adds to findings the statement that closes them, where one does.
    fn fixes(&self, audit: &Audit, findings: &mut [report::Finding], sqlite: SqliteVersion) {
        for (finding, wire) in audit.findings.iter().zip(findings).filter(|(finding, _)| finding.is_open()) {
            let change = finding.change.and_then(|i| self.changes.get(i));
            let step = change.and_then(|change| single(self.live, &self.expected, change, sqlite));
            let rendered = engine::render(step.as_slice());
            wire.fix = rendered.into_iter().flat_map(|rendered| rendered.statements).collect();
        }
    }

    fn audit(&self, strict: bool, today: Date) -> Audit {
        audit(&self.changes, self.spec, self.terms(&self.broken, strict, today))
    }

    fn terms<'t>(&'t self, broken: &'t [Change], strict: bool, today: Date) -> Terms<'t> {
        Terms { broken, ledger: self.ledger, applied: &self.applied, strict, today }
    }

    /// Refuses a goal with a view or trigger that does not compile and that the ledger does not excuse, where it would have
    /// to be made first.
    ///
    /// # Errors
    /// `Sql` with the place in the spec.
    pub(super) fn refuse_broken(&self, goal: &Schema, today: Date) -> Result<()> {
        let found = newly_broken(self.live, goal)?;
        // Once it is made, both sides have it.
        let broken = diff::broken((goal, &found), (goal, &found));
        let found = audit(&[], self.spec, self.terms(&broken, false, today));
        let is_open = |finding: &&Finding| finding.is_open() && finding.rule.code.starts_with("broken-");
        let mut found = found.findings.iter().filter(is_open);
        let Some(first) = found.next() else { return Ok(()) };
        let error = found.fold(broken_object(first), |error, more| error.note(more.message.clone()));
        Err(error.help(format!(
            "every statement that uses it would fail: correct it, or leave it out; where it is meant, a [[deviation]] of \
             the ledger with rule = \"{}\" says why",
            first.rule.code
        )))
    }

    fn values(
        &self,
        ctx: &mut Context<'_>,
        engine: &mut dyn Engine,
        strict: bool,
    ) -> Result<(Vec<Finding>, Vec<Unchecked>)> {
        let renames = self.ledger.renames.iter().zip(&self.applied).filter(|(_, applied)| **applied);
        let names = Names::of(renames.map(|(rename, _)| rename));
        let deviations = if strict { &[][..] } else { &self.ledger.deviations };
        let spec = Spec { source: self.spec, schema: &self.expected, names: &names };
        let plan = plan(spec, self.live, deviations);
        let checked = engine.check_values(&plan.checks, ctx.observer, &ctx.interrupt)?;
        let today = ctx.started.date();
        let found = value_findings(&plan, &checked.findings, &names, self.ledger, strict, today);
        Ok((found, checked.unchecked))
    }
}

/// The error of a view or trigger that nobody could use.
pub(super) fn broken_object(finding: &Finding) -> Error {
    let error = Error::new(ErrorKind::Sql, finding.message.clone());
    match &finding.location {
        Some(location) => error.at(location.clone()),
        None => error,
    }
}

fn in_ledger(error: Error, ledger: &Ledger) -> Error {
    match ledger.renames.first() {
        Some(rename) => error.at(rename.location.clone()).help("check the [[rename]] entries of the ledger"),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fail_on_is_a_threshold() {
        let fails = |on: FailOn| [Severity::Warning, Severity::Error].map(|severity| on.fails(severity));
        assert_eq!(fails(FailOn::Error), [false, true]);
        assert_eq!(fails(FailOn::Warning), [true, true]);
        assert_eq!(fails(FailOn::Never), [false, false]);
    }
}
