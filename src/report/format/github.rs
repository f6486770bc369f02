use std::io::{self, Write};

use crate::base::escape::visible;
use crate::base::finding::Finding;
use crate::base::severity::Severity;
use crate::report::finding::file;
use crate::report::summary::Standing;
use crate::report::{Envelope, Render, Report};

/// Workflow commands that GitHub turns into annotations
/// (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).
pub(crate) struct Github;

impl Render for Github {
    fn render(&self, report: &Report, envelope: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        // What is excused is the same in every run: it is for those who want to know everything.
        let whole = envelope.canvas.whole;
        for finding in report.findings.iter().filter(|finding| whole || finding.is_open()) {
            annotate(finding, out)?;
        }
        if let Some(error) = &report.error {
            let place = error.location().map(|at| (at.file.to_string_lossy(), at.line, at.column));
            let place = place.as_ref().map(|(file, line, column)| (file.as_ref(), *line, *column));
            let help = error.help_text().map(|help| format!("help: {help}"));
            let message = [error.message()].into_iter().chain(help.as_deref());
            command("error", place, "planctl", message, out)?;
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
    let mut message = finding.lines();
    match &finding.excuse {
        Some(excuse) => message.push(format!("deviation: {}", excuse.reason)),
        None if finding.in_baseline => message.push("known drift".to_owned()),
        None => {}
    }
    let place = finding.location.as_ref().map(|at| (file(at), at.line, at.column));
    let place = place.as_ref().map(|(file, line, column)| (file.as_str(), *line, *column));
    let rule = finding.rule.as_str();
    let title = finding.database.as_ref().map_or(rule.to_owned(), |name| format!("{name}: {rule}"));
    command(level, place, &title, message.iter().map(String::as_str), out)
}

fn command<'a>(
    level: &str,
    place: Option<(&str, usize, usize)>,
    title: &str,
    message: impl Iterator<Item = &'a str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "::{level} ")?;
    if let Some((file, line, column)) = place {
        write!(out, "file={},line={line},col={column},", property(file))?;
    }
    // The toolkit writes a line break as %0A, which an annotation shows as one.
    let lines: Vec<String> = message.map(data).collect();
    writeln!(out, "title={}::{}", property(title), lines.join("%0A"))
}

/// As `escapeData` of the official toolkit; line breaks inside of `text` are shown as escapes.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25")
}

/// As `escapeProperty` of the official toolkit.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
