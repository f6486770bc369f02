use std::io::{self, Write};

use crate::base::error::{Error, ErrorKind};
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
            trouble(error, out)?;
        }
        writeln!(out, "planctl {}: {}", report.command, visible(&report.sentence()))
    }
}

/// One annotation for each problem, so that each stands where it is.
fn trouble(error: &Error, out: &mut dyn Write) -> io::Result<()> {
    if !error.parts().is_empty() {
        return error.parts().iter().try_for_each(|part| trouble(part, out));
    }
    // Of the files of a project, even where no line is to blame; a database is in no change that somebody reviews.
    let named = error.path().filter(|_| error.kind() == ErrorKind::Migration);
    let place = match error.location() {
        Some(at) => Some((at.file.to_string_lossy(), Some((at.line, at.column)))),
        None => named.map(|file| (file.to_string_lossy(), None)),
    };
    let place = place.as_ref().map(|(file, at)| (file.as_ref(), *at));
    let help = error.help_text().map(|help| format!("help: {help}"));
    let message = [error.message()].into_iter().chain(help.as_deref());
    command("error", place, "planctl", message, out)
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
    let place = finding.location.as_ref().map(|at| (file(at), Some((at.line, at.column))));
    let place = place.as_ref().map(|(file, at)| (file.as_str(), *at));
    let rule = finding.rule.as_str();
    let title = finding.database.as_ref().map_or(rule.to_owned(), |name| format!("{name}: {rule}"));
    command(level, place, &title, message.iter().map(String::as_str), out)
}

fn command<'a>(
    level: &str,
    place: Option<(&str, Option<(usize, usize)>)>,
    title: &str,
    message: impl Iterator<Item = &'a str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "::{level} ")?;
    if let Some((file, at)) = place {
        write!(out, "file={},", property(file))?;
        if let Some((line, column)) = at {
            write!(out, "line={line},col={column},")?;
        }
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
