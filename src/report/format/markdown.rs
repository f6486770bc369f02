use std::borrow::Cow;
use std::io::{self, Write};

use crate::base::error::Error;
use crate::base::escape::visible;
use crate::base::words::{counted, thousands};
use crate::report::document::{Block, Cell, Difference, Differences, Message, Span, Style, Versus};
use crate::report::harmless::harmless_text;
use crate::report::{Envelope, Outcome, Render, Report};

/// A comment on a pull request, in GitHub's Markdown.
pub(crate) struct Markdown;

/// A table with more rows, or a text with more lines, is folded.
const FOLD: usize = 20;
/// GitHub refuses comments of more than 65,536 characters: tables end before that, and say so.
const MOST: usize = 60_000;

const REST: &str = "\n… the rest is omitted for length\n";

impl Render for Markdown {
    fn render(&self, report: &Report, envelope: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        let mut page = String::new();
        let sign = match report.outcome {
            Outcome::Clean => "✅",
            Outcome::Findings => "⚠️",
            Outcome::Trouble => "❌",
        };
        page.push_str(&format!(
            "{sign} **planctl {}**: {}\n",
            escape(&report.command),
            escape(&report.sentence())
        ));
        if let Some(error) = &report.error {
            trouble(error, report.told, &mut page);
        }
        for block in &report.document.blocks {
            if page.len() > MOST {
                page.push_str(REST);
                break;
            }
            write_block(block, &mut page);
        }
        if let Some(text) = &report.text {
            code("sql", text, &mut page);
        }
        page.push_str(&format!("\n<sub>planctl {}, run {}</sub>\n", envelope.version, envelope.run_id));
        out.write_all(page.as_bytes())
    }
}

fn trouble(error: &Error, told: usize, page: &mut String) {
    let place = error.location().map_or(String::new(), |at| format!("{}: ", code_span(&at.to_string())));
    page.push_str(&format!("\n**error**: {place}{}\n", prose(error.message())));
    if let Some(at) = error.location().filter(|at| !at.text.is_empty()) {
        code("", &at.text, page);
    }
    for note in error.notes().iter().skip(told) {
        page.push_str(&format!("\nnote: {}\n", prose(note)));
    }
    if let Some(help) = error.help_text() {
        page.push_str(&format!("\nhelp: {}\n", prose(help)));
    }
}

fn write_block(block: &Block, page: &mut String) {
    match block {
        Block::Heading(spans) => page.push_str(&format!("\n#### {}\n", spans_text(spans))),
        Block::Line(spans) => page.push_str(&format!("\n{}\n", line_text(spans))),
        Block::Paragraph(text) => page.push_str(&format!("\n{}\n", line_text(&[text.as_str().into()]))),
        Block::Table { header, rows } | Block::Rows { header, rows, .. } => {
            let write = |page: &mut String| table(header, rows, page);
            if rows.len() > FOLD {
                fold(&counted(rows.len(), "row"), false, page, write)
            } else {
                write(page)
            }
        }
        Block::Folded { title, header, rows } => {
            let title = format!("{} ({})", escape(title), rows.len());
            fold(&title, false, page, |page| table(header, rows, page));
        }
        Block::Differences { sides, groups } => differences(*sides, groups, page),
        Block::Messages { file, rows } => {
            Message::table(file.as_deref(), rows).iter().for_each(|block| write_block(block, page));
        }
        Block::Remark(text) => page.push_str(&format!("\n{}\n", line_text(&[text.as_str().into()]))),
        Block::Code { language, text } => code(language, text, page),
    }
}

/// A fold per table; all are open when there are not many differences.
fn differences(sides: Versus, groups: &[Differences], page: &mut String) {
    let open = groups.iter().map(|group| group.rows.len()).sum::<usize>() <= FOLD;
    for (number, group) in groups.iter().enumerate() {
        if page.len() > MOST {
            page.push_str(&format!(
                "\n… and {} more tables, omitted for length\n",
                thousands(groups.len() - number)
            ));
            return;
        }
        let rows: Vec<Vec<Cell>> =
            group.rows.iter().map(|row| row.row(row.abridged().map(side), |cell| cell)).collect();
        let count = counted(rows.len(), "finding");
        let title = format!("{} · {count}", spans_text(&group.title));
        fold(&title, open, page, |page| table(&Difference::titles(sides), &rows, page));
    }
}

fn side(text: Option<Cow<'_, str>>) -> Cell {
    match text {
        Some(text) => Span::new(text, Style::Code).into(),
        None => Span::new("—", Style::Dim).into(),
    }
}

/// `summary` is escaped already.
fn fold(summary: &str, open: bool, page: &mut String, write: impl FnOnce(&mut String)) {
    let open = if open { " open" } else { "" };
    page.push_str(&format!("\n<details{open}><summary>{summary}</summary>\n"));
    write(page);
    page.push_str("\n</details>\n");
}

fn table(header: &[impl AsRef<str>], rows: &[Vec<Cell>], page: &mut String) {
    let titles: Vec<String> = header.iter().map(|title| escape(title.as_ref())).collect();
    page.push_str(&format!("\n| {} |\n|", titles.join(" | ")));
    for column in 0..header.len() {
        let numbers = rows.first().and_then(|row| row.get(column)).is_some_and(|cell| cell.number);
        page.push_str(if numbers { "---:|" } else { "---|" });
    }
    page.push('\n');
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| spans_text(&cell.spans)).collect();
        let line = format!("| {} |\n", cells.join(" | "));
        if page.len() + line.len() > MOST {
            page.push_str(&format!(
                "\n… and {} more rows, omitted for length\n",
                thousands(rows.len() - number)
            ));
            return;
        }
        page.push_str(&line);
    }
}

fn code(language: &str, text: &str, page: &mut String) {
    let text = harmless_text(text);
    let fence = fence(&text);
    let lines = text.lines().count();
    let write = |page: &mut String| {
        let room = MOST.saturating_sub(page.len());
        let end =
            (0..=room.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or_default();
        page.push_str(&format!("\n{fence}{language}\n{}\n{fence}\n", text[..end].trim_end_matches('\n')));
        if end < text.len() {
            page.push_str("\n… and more, omitted for length\n");
        }
    };
    if lines > FOLD { fold(&format!("{lines} lines"), false, page, write) } else { write(page) }
}

/// A fence ends at a run of backticks as long as itself: this one is longer than any in the text.
pub(crate) fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(3.max(longest + 1))
}

fn spans_text(spans: &[Span]) -> String {
    spans.iter().map(|span| span_text(span, escape)).collect()
}

/// A paragraph: its first characters must not make it a list, a heading or a rule.
fn line_text(spans: &[Span]) -> String {
    let text: String = spans.iter().map(|span| span_text(span, prose)).collect();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.as_bytes() {
        [b'-' | b'+' | b'=' | b' ', ..] => format!("&#{};{}", text.as_bytes()[0], &text[1..]),
        bytes if digits > 0 && matches!(bytes.get(digits), Some(b'.' | b')')) => {
            format!("{}&#{};{}", &text[..digits], bytes[digits], &text[digits + 1..])
        }
        _ => text,
    }
}

fn span_text(span: &Span, written: impl Fn(&str) -> String) -> String {
    let text = written(&span.text);
    match span.style {
        _ if text.is_empty() => text,
        Style::Code => code_span(&span.text),
        // Unlike `**`, the element opens and closes whatever stands beside it.
        Style::Strong | Style::Bad | Style::Warning => format!("<strong>{text}</strong>"),
        Style::Plain | Style::Dim | Style::Good => text,
    }
}

fn code_span(text: &str) -> String {
    let plain = |c: char| {
        c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | ':' | '\'' | '(' | ')' | ',' | '=')
    };
    if text.chars().all(plain) { format!("`{text}`") } else { format!("<code>{}</code>", escape(text)) }
}

/// A sentence of planctl's: what is between two backticks is code. A cell of a table may hold anything.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let is_even = parts.len() % 2 == 1;
    if !is_even || parts.iter().skip(1).step_by(2).any(|code| code.trim().is_empty()) {
        return escape(text);
    }
    let part = |(at, part): (usize, &&str)| if at % 2 == 1 { code_span(part) } else { escape(part) };
    parts.iter().enumerate().map(part).collect()
}

/// Text that means nothing but itself, in a table and elsewhere: what could be structure becomes a character reference,
/// which CommonMark never takes for structure; an empty comment behind `@` and `#` keeps GitHub from mentioning people
/// and linking issues, and inside `://` from linking.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let text = visible(text);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '&' | '<' | '>' | '|' | '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '!' | '$' | '"' => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            '#' | '@' => out.push_str(&format!("&#{};<!-- -->", u32::from(c))),
            ':' if chars.peek() == Some(&'/') => out.push_str(":<!-- -->"),
            // GitHub links `www.` on its own.
            'w' | 'W' if matches!(chars.peek(), Some('w' | 'W')) => out.push_str(&format!("{c}<!-- -->")),
            c => out.push(c),
        }
    }
    out
}
