//! `planctl audit --explain`: what a rule means, why it matters, what raises it and how to excuse it. Needs neither a
//! database nor a spec: the example of a rule is audited on scratch, so that what is shown of it is what happens.

use serde_json::{Value, json};
use time::{Date, Month};

use super::audit::compare;
use crate::audit::rules::{self, RULES, Rule};
use crate::audit::{Audit, Ledger, draft_deviations};
use crate::engine;
use crate::error::{Error, ErrorKind, Result};
use crate::job::Job;
use crate::migrations::lint;
use crate::nearest::nearest;
use crate::report::{Block, Document, Report, Severity, Span, Style};
use crate::source::SourceFile;

/// What raises a rule: the parts of [`Rule::example`].
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
    pub fn of(rule: &Rule) -> Example {
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
            part.push_str(text);
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
            engine::reference(&SourceFile::new("database.sql", self.database.as_str()), Job::quiet())?
                .schema()?;
        let ledger = Ledger::parse(&SourceFile::new("deviations.toml", self.ledger.as_str()))?;
        // Any day does: what is shown must not depend on the day.
        let today = Date::from_calendar_date(2026, Month::January, 1).unwrap_or(Date::MIN);
        compare(&spec, &ledger, &database, false, today)
    }
}

/// Entries for the ledger that excuse the rule's example, with the reason left open; `None` for rules about the ledger
/// itself, which is mended and not excused.
///
/// # Errors
/// As [`Example::audit`].
pub fn excuse(rule: &Rule) -> Result<Option<String>> {
    if rule.code.ends_with("-deviation") {
        return Ok(None);
    }
    let mut text = match rule.code {
        // What the rows hold is no part of the example's schema.
        code if code.starts_with("value-") => {
            format!("[[deviation]]\nrule = \"{code}\"\ntable = \"t\"\nname = \"a\"\nreason = \"\"\n")
        }
        code => {
            let audit = Example::of(rule).audit()?;
            draft_deviations(audit.findings.iter().filter(|finding| finding.rule.code == code))
        }
    };
    text = text.trim_start().replace("reason = \"\"", "reason = \"\" # required: why it is meant");
    let renamed = match rule.code {
        "missing-table" => Some("table = \"plans\"\nlive = \"v3_plans\""),
        "missing-column" => Some("table = \"t\"\ncolumn = \"b\"\nlive = \"c\""),
        _ => None,
    };
    if let Some(names) = renamed {
        text.push_str(&format!(
            "\n# or, when it has another name in the database:\n[[rename]]\n{names}\nreason = \"\" # required: why\n"
        ));
    }
    Ok(Some(text))
}

/// Explains a lint rule: what it is, why that is wrong and what to do.
fn lint_rule(rule: &lint::Rule) -> Report {
    let mut report = Report::new("audit");
    let severity = match rule.severity {
        Severity::Error => Span::new("error", Style::Bad),
        Severity::Warning => Span::new("warning", Style::Warning),
    };
    let code = Span::new(rule.code, Style::Strong);
    report.document.spans(vec![code, " (lint, ".into(), severity, "): ".into(), rule.summary.into()]);
    report.document.blocks.push(Block::Paragraph(rule.explanation.to_owned()));
    let excuse = format!("-- planctl:allow {} REASON", rule.code);
    report.document.line(if rule.needs_schema() {
        "Silence it for one file, on a line of its own in it:"
    } else {
        "Silence it for one statement, on a line of its own above it:"
    });
    report.document.blocks.push(Block::Code { language: "sql", text: excuse.clone() });
    let wire = json!({
        "rule": rule.code, "severity": rule.severity, "summary": rule.summary, "why": rule.explanation,
        "excuse": excuse,
    });
    report.data.insert("rules".to_owned(), vec![wire].into());
    report
}

/// Explains a rule; without one, lists them all.
///
/// # Errors
/// [`ErrorKind::Usage`] with the nearest name when there is no such rule.
pub fn run(code: Option<&str>) -> Result<Report> {
    if let Some(rule) = code.filter(|code| rules::rule(code).is_none()).and_then(lint::rule) {
        return Ok(lint_rule(rule));
    }
    let mut report = Report::new("audit");
    let explained: Vec<&Rule> = match code {
        Some(code) => vec![named(code)?],
        None => RULES.iter().collect(),
    };
    let wire = explained.iter().map(|rule| wire(rule)).collect::<Result<Vec<Value>>>()?;
    report.data.insert("rules".to_owned(), wire.into());
    match explained.as_slice() {
        [rule] if code.is_some() => one(rule, &mut report.document)?,
        rules => list(rules, &mut report.document),
    }
    Ok(report)
}

fn named(code: &str) -> Result<&'static Rule> {
    rules::rule(code).ok_or_else(|| {
        let codes = RULES.iter().map(|rule| rule.code).chain(lint::RULES.iter().map(|rule| rule.code));
        let help = match nearest(code, codes) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`planctl audit --explain` lists the rules".to_owned(),
        };
        Error::new(ErrorKind::Usage, format!("there is no rule `{code}`")).help(help)
    })
}

fn severity(rule: &Rule) -> Span {
    match rule.severity {
        Severity::Error => Span::new("error", Style::Bad),
        Severity::Warning => Span::new("warning", Style::Warning),
    }
}

fn one(rule: &Rule, document: &mut Document) -> Result<()> {
    document.heading(rule.code);
    document.spans(vec![severity(rule), ": ".into(), rule.summary.into()]);
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
    match excuse(rule)? {
        Some(text) => {
            document.heading("To excuse it, in the ledger");
            document.blocks.push(Block::Code { language: "toml", text });
        }
        None => document.blocks.push(Block::Paragraph(MENDED.to_owned())),
    }
    Ok(())
}

/// What to do about a finding that the ledger itself is.
pub const MENDED: &str =
    "This is about the ledger itself and is not excused: take the entry out, or bring it up to date.";

fn list(rules: &[&Rule], document: &mut Document) {
    let row = |rule: &&Rule| {
        vec![Span::new(rule.code, Style::Code).into(), severity(rule).into(), rule.summary.into()]
    };
    document.table(&["Rule", "Severity", "What it finds"], rules.iter().map(row).collect());
    document.line("`planctl audit --explain RULE` says why it matters, what raises it and how to excuse it");
}

fn wire(rule: &Rule) -> Result<Value> {
    let Example { spec, database, ledger } = Example::of(rule);
    let ledger = (!ledger.is_empty()).then_some(ledger);
    Ok(json!({
        "rule": rule.code,
        "severity": rule.severity,
        "summary": rule.summary,
        "why": rule.why,
        "example": { "spec": spec, "database": database, "ledger": ledger },
        "excuse": excuse(rule)?,
    }))
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
