//! An error as people see it.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::Error;
use crate::base::escape::{harmless, visible};
use crate::base::location::Location;

/// The styles of an error's parts.
struct Styles {
    red: Style,
    blue: Style,
    bold: Style,
}

const COLOURED: Styles = Styles {
    red: AnsiColor::Red.on_default().bold(),
    blue: AnsiColor::Blue.on_default().bold(),
    bold: Style::new().bold(),
};
const PLAIN: Styles = Styles { red: Style::new(), blue: Style::new(), bold: Style::new() };

/// Writes an error as rustc does: what, where, the line underlined, background, what to do. Of the line, what fits into
/// the terminal's `width` is shown, so that it does not wrap it, and texts are wrapped at spaces; a log has no width.
/// Always with styles; `out` strips them where they are not wanted.
///
/// # Errors
/// Those of `out`.
pub fn write_error(error: &Error, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    write_styled(error, width, &COLOURED, out)
}

/// As [`write_error`], without styles.
pub(crate) fn write_plain(error: &Error, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    write_styled(error, width, &PLAIN, out)
}

fn write_styled(error: &Error, width: Option<usize>, styles: &Styles, out: &mut dyn Write) -> io::Result<()> {
    let Styles { red, blue, bold } = styles;
    writeln!(out, "{red}error{red:#}{bold}: {}{bold:#}", lines(error.message(), 7, width))?;
    let mut margin = 0;
    if let Some(at) = error.location() {
        let number = at.line.to_string();
        margin = number.len();
        let place = at.to_string();
        writeln!(out, "{:margin$}{blue}-->{blue:#} {}", "", visible(&place))?;
        if !at.text.is_empty() {
            let Excerpt { text, indent, carets } =
                excerpt(at, width.unwrap_or(LOG_WIDTH).saturating_sub(margin + 3));
            writeln!(out, "{:margin$} {blue}|{blue:#}", "")?;
            writeln!(out, "{blue}{number} |{blue:#} {text}")?;
            writeln!(out, "{:margin$} {blue}|{blue:#} {:indent$}{red}{}{red:#}", "", "", "^".repeat(carets))?;
        }
    }
    let notes = if error.parts().is_empty() { error.notes() } else { &[] };
    let notes = notes.iter().map(|note| ("note", note.as_str()));
    for (word, text) in notes.chain(error.help_text().map(|help| ("help", help))) {
        let text = lines(text, margin + 9, width);
        writeln!(out, "{:margin$} {blue}={blue:#} {bold}{word}{bold:#}: {text}", "")?;
    }
    for part in error.parts() {
        writeln!(out)?;
        write_styled(part, width, styles, out)?;
    }
    Ok(())
}

/// What is shown of a line.
struct Excerpt {
    text: String,
    /// Columns in front of the carets.
    indent: usize,
    carets: usize,
}

/// The part of a line around what is meant that fits into `width` columns. Minified SQL, or a file that is no text at
/// all, may have one line of megabytes.
fn excerpt(at: &Location, width: usize) -> Excerpt {
    const CUT: &str = "…";
    let start = at.column.saturating_sub(1);
    // Both ends may be marked as cut.
    let mut room = width.max(20) - 2;
    let mut rest = at.text.chars().skip(start);
    let mut meant = String::new();
    let mut cut = !fill(&mut meant, &mut room, &mut rest.by_ref().take(at.length.max(1)));
    // What leads up to it says most: it has the first claim to the room that is left.
    let mut lead = room - room / 4;
    room -= lead;
    let before: Vec<char> = at.text.chars().take(start).collect();
    let mut left = 0;
    for &c in before.iter().rev() {
        let columns = shown(c).width();
        if columns > lead {
            break;
        }
        lead -= columns;
        left += 1;
    }
    room += lead;
    let mut text = if left < before.len() { CUT.to_owned() } else { String::new() };
    text.extend(before.iter().skip(before.len() - left).map(|&c| shown(c)));
    let (indent, carets) = (text.width(), meant.width().max(1));
    text.push_str(&meant);
    cut = cut || !fill(&mut text, &mut room, &mut rest);
    if cut {
        text.push_str(CUT);
    }
    Excerpt { text, indent, carets }
}

/// Adds characters while there is room for them; whether there was for all.
fn fill(text: &mut String, room: &mut usize, chars: &mut dyn Iterator<Item = char>) -> bool {
    for c in chars {
        let piece = shown(c);
        let Some(left) = room.checked_sub(piece.width()) else { return false };
        *room = left;
        text.push_str(&piece);
    }
    true
}

/// A character as it is shown: a tab, which has no width of its own, as four spaces.
fn shown(c: char) -> String {
    match c {
        '\t' => "    ".to_owned(),
        c => visible(c.encode_utf8(&mut [0; 4])).into_owned(),
    }
}

/// Columns of a line of SQL that a log shows: what rustc takes.
const LOG_WIDTH: usize = 140;

/// Text of perhaps several lines, escaped, the further lines indented below the first; wrapped at spaces to `width`.
fn lines(text: &str, indent: usize, width: Option<usize>) -> String {
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(indent).max(20));
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = harmless(visible(line));
        if line.width() <= room {
            lines.push(line.into_owned());
            continue;
        }
        let mut rest = line.as_ref();
        while !rest.is_empty() {
            let end = wrapped(rest, room);
            let (now, then) = rest.split_at(end);
            lines.push(now.trim_end().to_owned());
            rest = then.trim_start();
        }
    }
    lines.join(&format!("\n{:indent$}", ""))
}

/// Where the part of `text` ends that fits into `room` columns: in front of a word, behind the first at the least.
fn wrapped(text: &str, room: usize) -> usize {
    let mut end = 0;
    let mut columns = 0;
    for word in text.split_inclusive(' ') {
        columns += word.width();
        if end > 0 && columns - usize::from(word.ends_with(' ')) > room {
            break;
        }
        end += word.len();
    }
    in_front_of_code(text, end, room).unwrap_or(end)
}

/// Where the words in backticks begin that a break at `end` would part, where they fit into a line of their own: they are
/// to be copied.
fn in_front_of_code(text: &str, end: usize, room: usize) -> Option<usize> {
    let (before, behind) = text.split_at(end);
    if behind.is_empty() || before.matches('`').count() % 2 == 0 {
        return None;
    }
    let start = before.get(..before.rfind('`')?)?.rfind(' ')? + 1;
    let close = end + behind.find('`')?;
    let rest = text.get(close..)?;
    let code = text.get(start..close + rest.find(' ').unwrap_or(rest.len()))?;
    (code.width() <= room).then_some(start)
}

impl Error {
    /// The error as the program `planctl` shows it, without colours: what, where, the line with what is meant underlined,
    /// background, what to do. Several lines, each with its end; nothing is wrapped.
    ///
    /// ```
    /// use planctl::migrate::Migrator;
    ///
    /// let migrator = Migrator::from_texts([("V1__plans.sql", "CREATE TABLE plans (id);\nSELEC 1;")]).unwrap();
    /// let mut conn = planctl::rusqlite::Connection::open_in_memory().unwrap();
    /// let failed = migrator.up(&mut conn).unwrap_err();
    /// assert!(failed.error.rendered().starts_with(
    ///     "error: near \"SELEC\": syntax error\n --> migrations/V1__plans.sql:2:1\n  |\n2 | SELEC 1;\n  | ^"
    /// ));
    /// ```
    pub fn rendered(&self) -> String {
        let mut out = Vec::new();
        // Writing to memory cannot fail.
        drop(write_plain(self, None, &mut out));
        String::from_utf8_lossy(&out).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::ErrorKind;
    use crate::base::source::SourceFile;

    fn plain(error: &Error) -> String {
        let mut out = Vec::new();
        write_plain(error, Some(80), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_error_shows_its_line_with_a_caret_below_the_column() {
        let file = SourceFile::new("V2__b.sql", "SELECT 1;\n\tSELECT 計 oops FROM t;\n");
        let offset = file.text().find("oops").unwrap();
        let error = Error::new(ErrorKind::Sql, "no such column: oops")
            .at(file.location(offset))
            .note("first\nsecond")
            .help("fix it");
        assert_eq!(
            plain(&error),
            "error: no such column: oops\n --> V2__b.sql:2:11\n  |\n2 |     SELECT 計 oops FROM t;\n  \
             |               ^^^^\n  = note: first\n          second\n  = help: fix it\n"
        );
    }

    #[test]
    fn of_a_long_line_the_part_around_what_is_meant_is_shown() {
        let line = format!("{}oops{}", "a".repeat(5000), "計".repeat(5000));
        let file = SourceFile::new("V2__b.sql", line.as_str());
        let text = plain(&Error::new(ErrorKind::Sql, "no").at(file.span(5000, 5004)));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[3].starts_with("1 | …aaa") && lines[3].ends_with("計計計…"), "{text}");
        assert!((75..=80).contains(&lines[3].width()), "{text}");
        let caret = lines[4].find('^').unwrap();
        let below: String = lines[3].chars().skip(caret).take(4).collect();
        assert_eq!((below.as_str(), lines[4].matches('^').count()), ("oops", 4));
        let start = plain(&Error::new(ErrorKind::Sql, "no").at(file.location(0)));
        assert!(start.lines().nth(3).unwrap().starts_with("1 | aaa"), "{start}");
        assert!(start.lines().all(|line| line.width() <= 80), "{start}");
    }

    #[test]
    fn the_parts_of_an_error_are_shown_like_errors_of_their_own() {
        let file = SourceFile::new("V2__b.sql", "SELECT oops");
        let part = Error::new(ErrorKind::Sql, "no such column: oops").at(file.location(7)).help("fix it");
        let error = Error::new(ErrorKind::Migration, "2 problems")
            .note("told twice")
            .parts_of(vec![part, Error::new(ErrorKind::File, "V3__c.sql: permission denied")]);
        assert_eq!(
            plain(&error),
            "error: 2 problems\n\nerror: no such column: oops\n --> V2__b.sql:1:8\n  |\n1 | SELECT oops\n  \
             |        ^^^^\n  = help: fix it\n\nerror: V3__c.sql: permission denied\n"
        );
    }

    #[test]
    fn on_a_terminal_texts_are_wrapped_at_spaces() {
        let error = Error::new(ErrorKind::Sql, "no").help("0123456 ".repeat(12) + &"x".repeat(90));
        let text = plain(&error);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], format!(" = help: {}", "0123456 ".repeat(9).trim_end()));
        assert_eq!(lines[2].trim_start(), "0123456 ".repeat(3).trim_end());
        assert_eq!(lines[3].trim_start(), "x".repeat(90), "one that is too long stays whole");
        assert_eq!(error.rendered().lines().count(), 2);
        let help = |text: &str| {
            let text = plain(&Error::new(ErrorKind::Sql, "no").help(text));
            text.lines().skip(1).map(|line| line.trim_start().to_owned()).collect::<Vec<_>>()
        };
        let words = "0123456 ".repeat(8);
        let first = format!("= help: {}", words.trim_end());
        assert_eq!(help(&format!("{words}`a b c d e f` g")), [first.as_str(), "`a b c d e f` g"]);
        let long = format!("`{}`", "a b ".repeat(30).trim_end());
        assert!(help(&format!("{words}{long}"))[0].contains("`a b"), "what does not fit is broken");
        assert!(help(&format!("{words}it`s a b c d e f"))[0].contains("it`s a"), "one alone is no code");
    }

    #[test]
    fn what_is_underlined_may_be_wide_or_unseen() {
        let shown = |line: &str, meant: &str| {
            let file = SourceFile::new("a.sql", line);
            let at = line.find(meant).unwrap();
            let text = plain(&Error::new(ErrorKind::Sql, "no").at(file.span(at, at + meant.len())));
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            [lines[3].clone(), lines[4].clone()]
        };
        assert_eq!(shown("SELECT 計画 x", "計画"), ["1 | SELECT 計画 x", "  |        ^^^^"]);
        assert_eq!(
            shown("SELECT a\u{202e}b x", "a\u{202e}b"),
            ["1 | SELECT a\\u{202e}b x", "  |        ^^^^^^^^^^"]
        );
        assert_eq!(shown("\tש x", "ש"), ["1 |     ש x", "  |     ^"]);
    }

    #[test]
    fn a_hostile_message_cannot_forge_a_line() {
        let error = Error::new(ErrorKind::Sql, "no such table: \u{1b}[2Jx\u{202e}").help("a\rb");
        assert_eq!(plain(&error), "error: no such table: \\u{1b}[2Jx\\u{202e}\n = help: a\\rb\n");
    }
}
