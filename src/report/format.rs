pub(crate) mod csv;
pub(crate) mod github;
pub(crate) mod grid;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod sarif;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod table_of_differences;
pub(crate) mod wrap;

use super::render::Render;

/// What the results of a command are about; it decides which formats the command offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// One thing of its own: a schema, a run of migrations.
    Itself,
    /// A text: DDL, code.
    Text,
    /// Findings, each with its place.
    Findings,
    /// Rows of a query.
    Rows,
    /// Many things of the same kind: the databases of a fleet.
    Many,
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
    format("table", "For people, on a terminal or in a log", ALL, &self::table::Table),
    format("json", "One JSON document", ALL, &self::json::Json),
    format(
        "csv",
        "RFC 4180, for spreadsheets and programs",
        &[About::Rows, About::Many],
        &self::csv::Csv { escapes_formulas: false },
    ),
    format(
        "markdown",
        "A comment on a pull request",
        &[About::Findings, About::Rows, About::Many],
        &self::markdown::Markdown,
    ),
    format("github", "Annotations in GitHub Actions", FINDINGS, &self::github::Github),
    format("sarif", "SARIF 2.1.0, for code scanning", FINDINGS, &self::sarif::Sarif),
    format("junit", "JUnit XML, for CI servers", &[About::Findings, About::Many], &self::junit::Junit),
    format("html", "One page without network access", FINDINGS, &self::html::Html),
];

/// `csv` in which a text stays a text wherever it is opened.
static CSV_OF_TEXTS: Format = format(
    "csv",
    "RFC 4180, for spreadsheets that calculate",
    &[About::Rows],
    &self::csv::Csv { escapes_formulas: true },
);

const ALL: &[About] = &[About::Itself, About::Text, About::Findings, About::Rows, About::Many];
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
