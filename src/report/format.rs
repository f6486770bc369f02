use std::io;

use time::OffsetDateTime;
use ulid::Ulid;

use super::Report;

/// What every report is wrapped in.
#[derive(Clone, PartialEq, Debug)]
pub struct Envelope {
    /// The version of planctl.
    pub version: &'static str,
    /// Names the run.
    pub run_id: Ulid,
    /// When the run started, UTC.
    pub started: OffsetDateTime,
    /// What the report is written on; only `table` looks at it.
    pub canvas: Canvas,
}

/// What a report is written on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Canvas {
    /// Columns of text.
    pub width: usize,
    /// Whether colours are wanted.
    pub color: bool,
    /// Whether what is only for looking things up is shown on a terminal.
    pub whole: bool,
    /// Whether it is a terminal, which would break long lines anywhere.
    pub terminal: bool,
}

/// Writes a report in one format.
pub trait Render: Sync {
    /// Writes `report`.
    ///
    /// # Errors
    /// Those of `out`.
    fn render(&self, report: &Report, envelope: &Envelope, out: &mut dyn io::Write) -> io::Result<()>;
}

/// A format that reports can be written in.
pub struct Format {
    /// Its name: the value of `--format`.
    pub name: &'static str,
    /// One line for `--help`.
    pub summary: &'static str,
    /// Whether only commands that speak of findings offer it.
    pub findings_only: bool,
    /// Writes it.
    pub renderer: &'static dyn Render,
}

/// Every format; the first one is the default.
pub static FORMATS: &[Format] = &[
    format("table", "For people, on a terminal or in a log", false, &super::table::Table),
    format("json", "One JSON document", false, &super::json::Json),
    format("markdown", "A comment on a pull request", true, &super::markdown::Markdown),
    format("github", "Annotations in GitHub Actions", true, &super::github::Github),
    format("sarif", "SARIF 2.1.0, for code scanning", true, &super::sarif::Sarif),
    format("junit", "JUnit XML, for CI servers", true, &super::junit::Junit),
    format("html", "One page without network access", true, &super::html::Html),
];

const fn format(
    name: &'static str,
    summary: &'static str,
    findings_only: bool,
    renderer: &'static dyn Render,
) -> Format {
    Format { name, summary, findings_only, renderer }
}

impl Format {
    /// The format of that name.
    pub fn named(name: &str) -> Option<&'static Format> {
        FORMATS.iter().find(|format| format.name == name)
    }
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
