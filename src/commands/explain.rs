//! `--explain` of `planctl audit` and `migrate lint`: what a rule means, why it matters, what raises it and how to excuse
//! it. Needs neither a database nor a spec: the example of a rule is audited in memory, so that what is shown of it is what happens.

use time::{Date, Month};

use crate::audit::rules::{Rule, rule};
use crate::audit::{Audit, Ledger, compare, draft_deviations};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::nearest::nearest;
use crate::base::rule::{AuditRule, Difference, GateRule, LintRule, RuleCode};
use crate::base::severity::Severity;
use crate::base::source::SourceFile;
use crate::engine;
use crate::migrations::lint;
use crate::report::wire::audit as wire;
use crate::report::{Block, Document, Report, RuleInfo, Span, Style};

/// What raises a rule: the parts of `Rule::example`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Example {
    /// The spec's DDL.
    pub spec: String,
    /// The database's DDL.
    pub database: String,
    /// The ledger, for rules about the ledger.
    pub ledger: String,
}

impl Example {
    /// The parts of a rule's example; lines before the first label belong to the spec.
    pub fn of(rule: Rule) -> Example {
        let mut example = Example::default();
        let mut part = &mut example.spec;
        for line in rule.example.lines() {
            let (label, text) = line.split_at_checked("database: ".len()).unwrap_or(("", line));
            part = match label.trim_end() {
                "spec:" => &mut example.spec,
                "database:" => &mut example.database,
                "ledger:" => &mut example.ledger,
                _ => part,
            };
            // A statement a line: a terminal has 80 columns.
            part.push_str(&text.replace("; CREATE ", ";\nCREATE "));
            part.push('\n');
        }
        example
    }

    /// Audits it.
    ///
    /// # Errors
    /// When SQLite refuses one of its sides, or the ledger cannot be read.
    pub fn audit(&self) -> Result<Audit> {
        let spec = SourceFile::new("spec.sql", self.spec.as_str());
        let database =
            engine::spec_database(&SourceFile::new("database.sql", self.database.as_str()), Job::quiet())?
                .schema()?;
        let ledger = Ledger::parse(&SourceFile::new("deviations.toml", self.ledger.as_str()))?;
        // Any day does: what is shown must not depend on the day.
        let today = Date::from_calendar_date(2026, Month::January, 1).unwrap_or(Date::MIN);
        compare(&spec, &ledger, &database, false, today)
    }
}

/// Entries for the ledger that excuse the rule's example, with the reason left open; `None` for rules about the ledger
/// itself, which is fixed and not excused.
///
/// # Errors
/// As [`Example::audit`].
pub fn excuse(code: AuditRule) -> Result<Option<String>> {
    let mut text = match code {
        AuditRule::Ledger(_) => return Ok(None),
        // What the rows hold is no part of the example's schema.
        AuditRule::Rows(_) => {
            format!("[[deviation]]\nrule = \"{code}\"\ntable = \"t\"\nname = \"a\"\nreason = \"\"\n")
        }
        AuditRule::Schema(_) => {
            let audit = Example::of(rule(code)).audit()?;
            draft_deviations(audit.findings.iter().filter(|finding| finding.rule == code.into()))
        }
    };
    text = text.trim_start().replace("reason = \"\"", "reason = \"\" # required: why it is intended");
    let renamed = match code {
        AuditRule::Schema(Difference::MissingTable) => Some("table = \"plans\"\nlive = \"v3_plans\""),
        AuditRule::Schema(Difference::MissingColumn) => Some("table = \"t\"\ncolumn = \"b\"\nlive = \"c\""),
        _ => None,
    };
    if let Some(names) = renamed {
        text.push_str(&format!(
            "\n# or, if it has a different name in the database:\n[[rename]]\n{names}\nreason = \"\" # required: why\n"
        ));
    }
    Ok(Some(text))
}

/// Explains a rule of lint or of the gate: what it is, why that is wrong and what to do.
fn in_short(code: RuleCode, document: &mut Document) {
    let RuleInfo { summary, help, .. } = rule_info(code);
    let group = if matches!(code, RuleCode::Lint(_)) { "lint" } else { "check" };
    let name = Span::new(code.as_str(), Style::Strong);
    let group = format!(" ({group}, ");
    document.spans(vec![name, group.into(), severity(code), "): ".into(), summary.into()]);
    document.blocks.push(Block::Paragraph(help.to_owned()));
    let RuleCode::Lint(lint_rule) = code else { return };
    document.line(if lint::rule(lint_rule).needs_schema() {
        "Silence it for one file, on a line of its own in it:"
    } else {
        "Silence it for one statement, on a line of its own above it:"
    });
    document.blocks.push(Block::Code { language: "sql", text: allow(lint_rule) });
    document.line("In a file that was applied, which cannot be edited, silence it in planctl.toml:");
    let entry = format!("[[lint.allow]]\nversion = 1\nrule = \"{lint_rule}\"\nreason = \"\" # required: why");
    document.blocks.push(Block::Code { language: "toml", text: entry });
}

/// What silences a lint rule.
fn allow(rule: LintRule) -> String {
    format!("-- planctl:allow {rule} REASON")
}

/// What a rule is, for the formats that explain rules.
pub(super) fn rule_info(code: impl Into<RuleCode>) -> RuleInfo {
    let code = code.into();
    let (summary, help) = match code {
        RuleCode::Audit(code) => (rule(code).summary, rule(code).why),
        RuleCode::Lint(code) => (lint::rule(code).summary, lint::rule(code).explanation),
        RuleCode::Gate(GateRule::MigrationFailed) => (
            "a migration fails on a shadow database",
            "A migration that fails without any rows fails on every database. The statement and SQLite's words say why.",
        ),
        RuleCode::Gate(GateRule::MigrationTest) => (
            "a migration test does not get what it expects",
            "Fix the migration, or the test if it is the expectation that is wrong.",
        ),
        RuleCode::Gate(GateRule::RoundTrip) => (
            "a migration fails on rows that its schema allows, or its down does not restore the schema before it",
            "Make the migration cope with the rows, and the down restore the schema. If rows like the generated ones cannot exist, show in the `-- given` of a test what rows look like.",
        ),
        RuleCode::Gate(GateRule::BrokenReport) => (
            "a report cannot be read, or does not run on the schema that the migrations produce",
            "A report is a file of the reports folder: a header of comment lines and one SELECT. The message says what is wrong with it.",
        ),
        RuleCode::Gate(GateRule::OutdatedDocs) => (
            "a page about the schema is out of date",
            "A page that `planctl schema docs` wrote is up to date when writing it again changes nothing.",
        ),
        RuleCode::Gate(GateRule::OutdatedModels) => (
            "a file of classes is out of date",
            "A file that `planctl schema models` wrote is up to date when writing it again, as its head says, changes nothing.",
        ),
    };
    RuleInfo { code, summary, help }
}

/// Explains a rule of any group; without one, lists those of the command.
///
/// # Errors
/// [`ErrorKind::Usage`] with the nearest name when there is no such rule.
pub fn run(
    command: &'static str,
    name: Option<&str>,
    own: impl Iterator<Item = impl Into<RuleCode>>,
) -> Result<Report> {
    // `--explain` alone names none.
    let name = name.filter(|name| !name.is_empty());
    let explained: Vec<RuleCode> = match name {
        None => own.map(Into::into).collect(),
        Some(name) => vec![RuleCode::parse(name).ok_or_else(|| unknown(command, name))?],
    };
    let mut report = Report::new(command);
    let rules = explained.iter().map(|rule| on_wire(*rule)).collect::<Result<_>>()?;
    report.body = Some(wire::Explained { rules }.into());
    match (name, explained.as_slice()) {
        (Some(_), [RuleCode::Audit(rule)]) => one(*rule, &mut report.document)?,
        (Some(_), [rule]) => in_short(*rule, &mut report.document),
        (_, rules) => list(command, rules, &mut report.document),
    }
    Ok(report)
}

fn unknown(command: &str, name: &str) -> Error {
    let help = match nearest(name, RuleCode::all().map(RuleCode::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`planctl {command} --explain` lists the rules"),
    };
    Error::new(ErrorKind::Usage, format!("there is no rule `{name}`")).help(help)
}

/// How bad it is what a rule finds, where the settings do not say otherwise.
fn severity_of(code: RuleCode) -> Severity {
    match code {
        RuleCode::Audit(code) => rule(code).severity,
        RuleCode::Lint(code) => lint::rule(code).severity,
        RuleCode::Gate(_) => Severity::Error,
    }
}

fn severity(code: RuleCode) -> Span {
    match severity_of(code) {
        Severity::Error => Span::new("error", Style::Bad),
        Severity::Warning => Span::new("warning", Style::Warning),
    }
}

fn one(code: AuditRule, document: &mut Document) -> Result<()> {
    let rule = rule(code);
    document.heading(code.as_str());
    document.spans(vec![severity(code.into()), ": ".into(), rule.summary.into()]);
    document.blocks.push(Block::Paragraph(rule.why.to_owned()));
    let Example { spec, database, ledger } = Example::of(rule);
    for (title, language, text) in
        [("Spec", "sql", spec), ("Database", "sql", database), ("Ledger", "toml", ledger)]
    {
        if !text.is_empty() {
            document.heading(title);
            document.blocks.push(Block::Code { language, text });
        }
    }
    match excuse(code)? {
        Some(text) => {
            document.heading("If it is intended, in the ledger");
            document.blocks.push(Block::Code { language: "toml", text });
        }
        None => document.blocks.push(Block::Paragraph(MENDED.to_owned())),
    }
    Ok(())
}

/// What to do about a finding that the ledger itself is.
pub const MENDED: &str =
    "This is about the ledger itself and cannot be excused: remove the entry, or update it.";

fn list(command: &str, rules: &[RuleCode], document: &mut Document) {
    let row = |code: &RuleCode| {
        let summary = rule_info(*code).summary;
        vec![Span::new(code.as_str(), Style::Code).into(), severity(*code).into(), summary.into()]
    };
    document.table(&["rule", "severity", "what it finds"], rules.iter().map(row).collect());
    document.line(format!(
        "`planctl {command} --explain RULE` says why it matters, what raises it and how to excuse it"
    ));
}

fn on_wire(code: RuleCode) -> Result<wire::Rule> {
    let RuleInfo { summary, help, .. } = rule_info(code);
    let example = |rule| {
        let Example { spec, database, ledger } = Example::of(rule);
        wire::Example { spec, database, ledger: (!ledger.is_empty()).then_some(ledger) }
    };
    let (example, excuse) = match code {
        RuleCode::Audit(code) => (Some(example(rule(code))), excuse(code)?),
        RuleCode::Lint(rule) => (None, Some(allow(rule))),
        RuleCode::Gate(_) => (None, None),
    };
    Ok(wire::Rule { rule: code, severity: severity_of(code), summary, why: help, example, excuse })
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
