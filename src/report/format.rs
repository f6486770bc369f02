use std::io;

use time::OffsetDateTime;
use ulid::Ulid;

use super::{Report, RowWriter};

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

    /// Whether what it writes of `report` is a result: the trouble that there was is told, or a part was done. What is
    /// none takes no file's place.
    fn is_result(&self, report: &Report) -> bool {
        let _ = report;
        true
    }

    /// Writes rows as they come; `None` for formats that have to see them all first.
    fn rows(&self) -> Option<Box<dyn RowWriter>> {
        None
    }
}

/// What the results of a command are about; it decides which formats the command offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// One thing of its own: a schema, a run of migrations.
    Itself,
    /// Findings, each with its place.
    Findings,
    /// Rows of a query.
    Rows,
}

/// A format that reports can be written in.
pub struct Format {
    /// Its name: the value of `--format`.
    pub name: &'static str,
    /// One line for `--help`.
    pub summary: &'static str,
    /// The commands that offer it, by what their results are about.
    pub offered: &'static [About],
    /// Writes it.
    pub renderer: &'static dyn Render,
}

/// Every format; the first one is the default.
pub static FORMATS: &[Format] = &[
    format("table", "For people, on a terminal or in a log", ALL, &super::table::Table),
    format("json", "One JSON document", ALL, &super::json::Json),
    format(
        "csv",
        "RFC 4180, for spreadsheets and programs",
        &[About::Rows],
        &super::csv::Csv { escapes_formulas: false },
    ),
    format(
        "markdown",
        "A comment on a pull request",
        &[About::Findings, About::Rows],
        &super::markdown::Markdown,
    ),
    format("github", "Annotations in GitHub Actions", FINDINGS, &super::github::Github),
    format("sarif", "SARIF 2.1.0, for code scanning", FINDINGS, &super::sarif::Sarif),
    format("junit", "JUnit XML, for CI servers", FINDINGS, &super::junit::Junit),
    format("html", "One page without network access", FINDINGS, &super::html::Html),
];

/// `csv` in which a text stays a text wherever it is opened.
static CSV_OF_TEXTS: Format = format(
    "csv",
    "RFC 4180, for spreadsheets that calculate",
    &[About::Rows],
    &super::csv::Csv { escapes_formulas: true },
);

const ALL: &[About] = &[About::Itself, About::Findings, About::Rows];
const FINDINGS: &[About] = &[About::Findings];

const fn format(
    name: &'static str,
    summary: &'static str,
    offered: &'static [About],
    renderer: &'static dyn Render,
) -> Format {
    Format { name, summary, offered, renderer }
}

impl Format {
    /// The format of that name.
    pub fn named(name: &str) -> Option<&'static Format> {
        FORMATS.iter().find(|format| format.name == name)
    }
}

impl Format {
    /// The same format with texts escaped that a spreadsheet would take for formulas; `None` for those that no spreadsheet
    /// opens.
    pub fn escaping_formulas(&self) -> Option<&'static Format> {
        (self.name == CSV_OF_TEXTS.name).then_some(&CSV_OF_TEXTS)
    }
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
