use std::borrow::Cow;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::escape::visible;
use crate::error::Error;

const RED: Style = AnsiColor::Red.on_default().bold();
const BLUE: Style = AnsiColor::Blue.on_default().bold();
const BOLD: Style = Style::new().bold();

/// Writes an error as rustc does: what, where, the line with a caret, background, what to do. Always with styles;
/// `out` strips them where they are not wanted.
///
/// # Errors
/// Those of `out`.
pub fn write_error(error: &Error, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{RED}error{RED:#}{BOLD}: {}{BOLD:#}", lines(error.message(), 7))?;
    let mut margin = 0;
    if let Some(at) = error.location() {
        let number = at.line.to_string();
        margin = number.len();
        let place = at.to_string();
        writeln!(out, "{:margin$}{BLUE}-->{BLUE:#} {}", "", visible(&place))?;
        if !at.text.is_empty() {
            let (text, column) = excerpt(&at.text, at.column.saturating_sub(1));
            let before: String = text.chars().take(column).collect();
            // A tab has no width of its own: both lines show the same escaped text up to the caret.
            let indent = visible(&before.replace('\t', "    ")).width();
            let line = text.replace('\t', "    ");
            writeln!(out, "{:margin$} {BLUE}|{BLUE:#}", "")?;
            writeln!(out, "{BLUE}{number} |{BLUE:#} {}", visible(&line))?;
            writeln!(out, "{:margin$} {BLUE}|{BLUE:#} {:indent$}{RED}^{RED:#}", "", "")?;
        }
    }
    for note in error.notes() {
        writeln!(out, "{:margin$} {BLUE}={BLUE:#} {BOLD}note{BOLD:#}: {}", "", lines(note, margin + 9))?;
    }
    if let Some(help) = error.help_text() {
        writeln!(out, "{:margin$} {BLUE}={BLUE:#} {BOLD}help{BOLD:#}: {}", "", lines(help, margin + 9))?;
    }
    Ok(())
}

/// How many characters of a line are shown. Minified SQL, or a file that is no text at all, may have one line of megabytes.
const LINE_SHOWN: usize = 200;

/// The part of a line around `column` (from 0), and the column in that part.
fn excerpt(line: &str, column: usize) -> (Cow<'_, str>, usize) {
    if line.chars().nth(LINE_SHOWN).is_none() {
        return (line.into(), column);
    }
    let skipped = column.saturating_sub(LINE_SHOWN / 2);
    let mut rest = line.chars().skip(skipped);
    let mut shown: String = if skipped > 0 { "…".to_owned() } else { String::new() };
    shown.extend(rest.by_ref().take(LINE_SHOWN));
    if rest.next().is_some() {
        shown.push('…');
    }
    (shown.into(), column - skipped + usize::from(skipped > 0))
}

/// A line that a build service would take for a command of its own, indented or not
/// (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>), begins with an escape: a name
/// with line breaks, in a message of SQLite's, could make one.
fn harmless(line: Cow<'_, str>) -> Cow<'_, str> {
    let start = line.trim_start();
    match start.strip_prefix(':').or_else(|| start.strip_prefix('#')) {
        Some(rest) if start.starts_with("::") || start.starts_with("##[") => {
            let first = if start.starts_with(':') { "3a" } else { "23" };
            Cow::Owned(format!("\\u{{{first}}}{rest}"))
        }
        _ => line,
    }
}

/// Text of perhaps several lines, escaped, the further lines indented below the first.
fn lines(text: &str, indent: usize) -> String {
    let lines: Vec<_> = text.lines().map(|line| harmless(visible(line))).collect();
    lines.join(&format!("\n{:indent$}", ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::source::SourceFile;

    fn plain(error: &Error) -> String {
        let mut out = anstream::StripStream::new(Vec::new());
        write_error(error, &mut out).unwrap();
        String::from_utf8(out.into_inner()).unwrap()
    }

    #[test]
    fn an_error_shows_its_line_with_a_caret_below_the_column() {
        let file = SourceFile::new("V2__b.sql", "SELECT 1;\n\tSELECT 計 oops FROM t;\n");
        let offset = file.text().find("oops").unwrap();
        let error = Error::new(ErrorKind::Sql, "no such column: oops")
            .at(file.location(offset))
            .note("first\nsecond")
            .help("mend it");
        assert_eq!(
            plain(&error),
            "error: no such column: oops\n --> V2__b.sql:2:11\n  |\n2 |     SELECT 計 oops FROM t;\n  \
             |               ^\n  = note: first\n          second\n  = help: mend it\n"
        );
    }

    #[test]
    fn of_a_long_line_the_part_around_the_caret_is_shown() {
        let line = format!("{}oops{}", "a".repeat(5000), "é".repeat(5000));
        let file = SourceFile::new("V2__b.sql", line.as_str());
        let text = plain(&Error::new(ErrorKind::Sql, "no").at(file.location(5000)));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[3].starts_with("1 | …aaa") && lines[3].ends_with("ééé…"), "{text}");
        assert_eq!(lines[3].chars().count(), "1 | ".len() + LINE_SHOWN + 2);
        let caret = lines[4].find('^').unwrap();
        let below: String = lines[3].chars().skip(caret).take(4).collect();
        assert_eq!(below, "oops");
        let start = plain(&Error::new(ErrorKind::Sql, "no").at(file.location(0)));
        assert!(start.lines().nth(3).unwrap().starts_with("1 | aaa"), "{start}");
    }

    #[test]
    fn a_hostile_message_cannot_forge_a_line() {
        let error = Error::new(ErrorKind::Sql, "no such table: \u{1b}[2Jx\u{202e}").help("a\rb");
        assert_eq!(plain(&error), "error: no such table: \\u{1b}[2Jx\\u{202e}\n = help: a\\rb\n");
    }
}
