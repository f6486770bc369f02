use std::io::{self, Write};

use time::format_description::well_known::Rfc3339;

use crate::base::escape::visible;
use crate::base::finding::Finding;
use crate::report::finding::file;
use crate::report::summary::Standing;
use crate::report::{Case, Envelope, Render, Report, Verdict};

/// One test suite as CI servers read it: a failed test case per finding, a skipped one for what is excused.
pub(crate) struct Junit;

impl Render for Junit {
    fn render(&self, report: &Report, envelope: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        let summary = report.summary().unwrap_or_default();
        let (mut failures, mut errors, mut skipped) =
            (summary.open(), 0, summary.documented + summary.baseline);
        for case in report.cases.iter() {
            match case.verdict {
                Verdict::Passed => {}
                Verdict::Failed => failures += 1,
                Verdict::Error => errors += 1,
                Verdict::Skipped => skipped += 1,
            }
        }
        // Where each has a case of its own, the error of the whole only sums up theirs.
        let whole = report.error.as_ref().filter(|_| errors == 0);
        errors += usize::from(whole.is_some());
        let passed = usize::from(failures == 0 && errors == 0 && report.cases.is_empty());
        let tests = report.findings.len() + report.cases.len() + usize::from(whole.is_some()) + passed;
        let name = xml(&format!("planctl {}", report.command));
        let class = xml(&format!("planctl.{}", report.command.replace(' ', ".")));
        let counts =
            format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"");
        let timestamp = envelope.started.format(&Rfc3339).unwrap_or_default();
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<testsuites name=\"planctl\" {counts}>")?;
        writeln!(out, "  <testsuite name=\"{name}\" {counts} timestamp=\"{}\">", xml(&timestamp))?;
        writeln!(out, "    <properties>")?;
        writeln!(out, "      <property name=\"planctl\" value=\"{}\"/>", xml(envelope.version))?;
        writeln!(out, "      <property name=\"run_id\" value=\"{}\"/>", envelope.run_id)?;
        writeln!(out, "    </properties>")?;
        for finding in &report.findings {
            case(finding, &class, out)?;
        }
        for case in report.cases.iter() {
            one_of_many(&case, &class, out)?;
        }
        if let Some(error) = whole {
            let place = error.location().map_or(String::new(), |at| format!("{at}: "));
            writeln!(out, "    <testcase classname=\"{class}\" name=\"run\">")?;
            let message = xml(&format!("{place}{}", error.message()));
            let details: Vec<String> =
                error.notes().iter().map(String::as_str).chain(error.help_text()).map(xml).collect();
            writeln!(
                out,
                "      <error type=\"trouble\" message=\"{message}\">{}</error>",
                details.join("\n")
            )?;
            writeln!(out, "    </testcase>")?;
        }
        if passed == 1 {
            writeln!(out, "    <testcase classname=\"{class}\" name=\"nothing found\"/>")?;
        }
        writeln!(out, "  </testsuite>\n</testsuites>")
    }
}

fn one_of_many(case: &Case, class: &str, out: &mut dyn Write) -> io::Result<()> {
    let (state, message) = (case.state, xml(&case.message));
    write!(out, "    <testcase classname=\"{class}\" name=\"{}\"", xml(&case.name))?;
    match case.verdict {
        Verdict::Passed => return writeln!(out, "/>"),
        Verdict::Failed => writeln!(out, ">\n      <failure type=\"{state}\" message=\"{message}\"/>")?,
        Verdict::Error => writeln!(out, ">\n      <error type=\"{state}\" message=\"{message}\"/>")?,
        Verdict::Skipped => writeln!(out, ">\n      <skipped message=\"{message}\"/>")?,
    }
    writeln!(out, "    </testcase>")
}

fn case(finding: &Finding, class: &str, out: &mut dyn Write) -> io::Result<()> {
    let name = xml(&format!("{}: {}", finding.rule, finding.object.path()));
    let database = finding.database.as_ref().map(|name| xml(&format!(".{name}"))).unwrap_or_default();
    write!(out, "    <testcase classname=\"{class}{database}\" name=\"{name}\"")?;
    if let Some(place) = &finding.location {
        write!(out, " file=\"{}\" line=\"{}\"", xml(&file(place)), place.line)?;
    }
    writeln!(out, ">")?;
    let message = xml(&finding.sentence());
    match (finding.standing(), &finding.excuse) {
        (Standing::Documented, Some(excuse)) => {
            writeln!(out, "      <skipped message=\"deviation: {}\"/>", xml(&excuse.reason))?;
        }
        (Standing::Baseline, _) => writeln!(out, "      <skipped message=\"known drift: {message}\"/>")?,
        _ => {
            write!(out, "      <failure type=\"{}\" message=\"{message}\">", finding.rule)?;
            for (label, value) in [("expected", &finding.expected), ("actual", &finding.actual)] {
                if let Some(value) = value {
                    write!(out, "\n{label}: {}", xml(value))?;
                }
            }
            if let Some(place) = &finding.location {
                write!(out, "\nat: {}", xml(&place.to_string()))?;
            }
            writeln!(out, "\n      </failure>")?;
        }
    }
    writeln!(out, "    </testcase>")
}

/// Text for XML 1.0, in an element and in an attribute alike. What XML has no place for is shown as an escape; U+FFFE
/// and U+FFFF, which it forbids too, are replaced.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}
