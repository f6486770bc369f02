use std::io::{self, Write};

use super::escape::visible;
use super::finding::{Finding, Severity};
use super::summary::Standing;
use super::{Envelope, Render, Report};

/// Workflow commands that GitHub turns into annotations
/// (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).
pub(super) struct Github;

impl Render for Github {
    fn render(&self, report: &Report, _: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        for finding in &report.findings {
            annotate(finding, out)?;
        }
        if let Some(error) = &report.error {
            let place = error.location().map(|at| (at.file.to_string_lossy(), at.line, at.column));
            let place = place.as_ref().map(|(file, line, column)| (file.as_ref(), *line, *column));
            let help = error.help_text().map_or(String::new(), |help| format!(" ({help})"));
            command("error", place, "planctl", &format!("{}{help}", error.message()), out)?;
        }
        writeln!(out, "planctl {}: {}", report.command, visible(&report.sentence()))
    }
}

fn annotate(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let level = match (finding.standing(), finding.severity) {
        (Standing::Open, Severity::Error) => "error",
        (Standing::Open, Severity::Warning) => "warning",
        (Standing::Documented | Standing::Baseline, _) => "notice",
    };
    let mut message = format!("{}: {}", finding.object.path(), finding.message);
    match &finding.deviation {
        Some(deviation) => message.push_str(&format!(" (documented: {})", deviation.reason)),
        None if finding.baseline => message.push_str(" (in the baseline)"),
        None => {}
    }
    let place = finding.spec.as_ref().map(|place| (place.file.as_str(), place.line, place.column));
    command(level, place, &finding.rule, &message, out)
}

fn command(
    level: &str,
    place: Option<(&str, usize, usize)>,
    title: &str,
    message: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "::{level} ")?;
    if let Some((file, line, column)) = place {
        write!(out, "file={},line={line},col={column},", property(file))?;
    }
    writeln!(out, "title={}::{}", property(title), data(message))
}

/// As `escapeData` of the official toolkit; line breaks are already shown as escapes.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25")
}

/// As `escapeProperty` of the official toolkit.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
