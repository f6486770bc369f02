//! Results as the outside sees them: one [`Report`], and a renderer per format.
//!
//! A command fills a report; formats read it. A report holds the same result three times over, each in the form that
//! some formats need: `data` for JSON, `findings` for the formats that speak of findings (github, sarif, junit), and
//! `document` for those that a person reads (table, markdown, html).

mod document;
mod finding;

pub use document::{Block, Cell, Document, Span, Style};
pub use finding::{Deviation, Finding, Object, Place, Severity};

use crate::error::Error;

/// What a run came to; it decides the exit status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Done, nothing found: exit status 0.
    Clean,
    /// Something was found (drift, a failed check, a refused cycle): exit status 1.
    Findings,
    /// Trouble: exit status 2.
    Trouble,
}

impl Outcome {
    /// The word that stands for it in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Clean => "clean",
            Outcome::Findings => "findings",
            Outcome::Trouble => "trouble",
        }
    }
}

/// The result of one command.
#[derive(Debug)]
pub struct Report {
    /// The command as typed: `migrate up`.
    pub command: &'static str,
    /// What it came to.
    pub outcome: Outcome,
    /// The command's own keys of the JSON document, in order. The envelope (`planctl`, `run_id`, `command`,
    /// `outcome`) is added by the renderer.
    pub data: serde_json::Map<String, serde_json::Value>,
    /// What was found, sorted.
    pub findings: Vec<Finding>,
    /// What a person reads on stdout.
    pub document: Document,
    /// The trouble that ended the run after a part of it was done (earlier migrations stay).
    pub error: Option<Error>,
}

impl Report {
    /// A clean report of `command` with nothing in it yet.
    pub fn new(command: &'static str) -> Report {
        Report {
            command,
            outcome: Outcome::Clean,
            data: serde_json::Map::new(),
            findings: Vec::new(),
            document: Document::default(),
            error: None,
        }
    }
}
