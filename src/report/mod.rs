//! Results as the outside sees them: one [`Report`], and a renderer per format.
//!
//! A command fills a report; formats read it. A report holds the same result three times over, each in the form that
//! some formats need: `body` for JSON, `findings` for the formats that speak of findings (github, sarif, junit), and
//! `document` for those that a person reads (table, markdown, html).

mod abridge;
mod bars;
mod case;
mod diagram;
mod document;
mod document_of_findings;
mod finding;
mod format;
mod harmless;
mod outcome;
mod render;
mod rows;
pub mod schema_page;
mod summary;
pub mod wire;

pub use crate::base::error::write_error;
pub use crate::base::finding::Finding;
pub use crate::base::severity::Severity;
pub use bars::Share;
pub use case::{Case, Each, Verdict};
pub use document::{Block, Cell, Document, Span, Style, Versus};
pub(crate) use format::wrap::wrapped as lines_of;
pub use format::{About, FORMATS, Format};
pub use outcome::Outcome;
pub use render::{Canvas, Envelope, Head, Render, RowWriter};
pub use rows::RowSink;

pub use summary::Summary;

use std::borrow::Cow;
use std::fmt;

use crate::base::error::Error;
use crate::base::rule::RuleCode;

/// What a rule is about, for the formats that explain rules (sarif).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuleInfo {
    /// Which.
    pub code: RuleCode,
    /// One sentence: what it means when the rule raises its voice.
    pub summary: &'static str,
    /// What to do about it.
    pub help: &'static str,
}

/// The result of one command.
#[derive(Debug)]
pub struct Report {
    /// The command as typed: `migrate up`.
    pub command: Cow<'static, str>,
    /// What it came to.
    pub outcome: Outcome,
    /// The command's own keys of the JSON document; what is around them is added by the renderer.
    pub body: Option<wire::Body>,
    /// What was found, sorted.
    pub findings: Vec<Finding>,
    /// What was compared or checked, each with what it is: `("Database", "app.db")`. For the format that is kept and
    /// passed on without the command line that it came from.
    pub subjects: Vec<(&'static str, String)>,
    /// Tables and views that were looked at by nobody, because they are somebody else's.
    pub ignored: Vec<String>,
    /// The file that findings without a place of their own are about, by the name of their database: the spec that does not
    /// have an extra table. Code scanning drops results without a file.
    pub files: Vec<(Option<String>, String)>,
    /// The rules that could have found something; `None` for commands that do not speak of findings.
    pub rules: Option<Vec<RuleInfo>>,
    /// The many things that it is about, for the formats that have a line or a case for each; empty where it is about one.
    pub cases: Each<Case>,
    /// What a person reads on stdout.
    pub document: Document,
    /// A result that is a text of its own (a script, DDL, a man page): the format `table` writes it byte for byte in
    /// place of the document.
    pub text: Option<String>,
    /// The trouble that ended the run after a part of it was done (earlier migrations stay).
    pub error: Option<Error>,
    /// How many of the error's notes, from the first, the document says as well: who reads both is told once.
    pub told: usize,
}

impl Report {
    /// A clean report of `command` with nothing in it yet.
    pub fn new(command: impl Into<Cow<'static, str>>) -> Report {
        Report {
            command: command.into(),
            outcome: Outcome::Clean,
            body: None,
            findings: Vec::new(),
            subjects: Vec::new(),
            ignored: Vec::new(),
            files: Vec::new(),
            rules: None,
            cases: Each::default(),
            document: Document::default(),
            text: None,
            error: None,
            told: 0,
        }
    }

    /// The report of a `command` that came to nothing but trouble.
    pub fn trouble(command: impl Into<Cow<'static, str>>, error: Error) -> Report {
        Report { outcome: Outcome::Trouble, error: Some(error), ..Report::new(command) }
    }

    /// Adds what is compared or checked: what it is, and its name.
    pub fn is_about(&mut self, what: &'static str, name: impl fmt::Display) {
        self.subjects.push((what, name.to_string()));
    }

    /// The file that a finding without a place of its own is about.
    pub(crate) fn file_of(&self, finding: &Finding) -> Option<&str> {
        self.files.iter().find(|(database, _)| *database == finding.database).map(|(_, file)| file.as_str())
    }

    /// The counts; `None` for commands that do not speak of findings.
    pub fn summary(&self) -> Option<Summary> {
        (self.rules.is_some() || !self.findings.is_empty())
            .then(|| Summary { ignored: self.ignored.len(), ..Summary::of(&self.findings) })
    }

    /// How [`Report::sentence`] looks.
    pub(crate) fn standing(&self) -> Style {
        match self.outcome {
            Outcome::Clean => Style::Good,
            Outcome::Findings if self.summary().is_some_and(|summary| summary.errors > 0) => Style::Bad,
            Outcome::Findings => Style::Warning,
            Outcome::Trouble => Style::Bad,
        }
    }

    /// What it came to, in a few words: the counts where findings were looked for to the end.
    pub(crate) fn sentence(&self) -> String {
        let is_audit = self.command == "audit";
        match (self.summary(), &self.error) {
            (Some(summary), None) => summary.sentence(is_audit),
            (Some(summary), Some(_)) if summary.open() > 0 => {
                format!("{}, then stopped by an error", summary.sentence(is_audit))
            }
            (_, Some(_)) => "stopped by an error".to_owned(),
            (None, None) => self.outcome.as_str().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
