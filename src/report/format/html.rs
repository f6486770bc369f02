use std::io::{self, Write};

use time::format_description::well_known::Rfc3339;

use crate::base::error::Error;
use crate::base::escape::visible;
use crate::report::document::{Block, Cell, Difference, Differences, Message, Span, Style};
use crate::report::harmless::{harmless_sql, harmless_text};
use crate::report::summary::RuleSummary;
use crate::report::{Envelope, Render, Report};

/// One file that needs no network, for a browser on a desk or a phone, by day or by night.
pub(crate) struct Html;

impl Render for Html {
    fn render(&self, report: &Report, envelope: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        let title = escape(&format!("planctl {}", report.command));
        let class = match report.standing() {
            Style::Good => "good",
            Style::Warning => "warning",
            _ => "bad",
        };
        let first = report.subjects.first().map(|(_, name)| format!(": {}", escape(name)));
        out.write_all(head(&format!("{title}{}", first.unwrap_or_default()), "", "").as_bytes())?;
        writeln!(out, "<h1>{title}</h1>")?;
        subjects(&report.subjects, out)?;
        writeln!(out, "<p class=\"summary {class}\">{}</p>", escape(&report.sentence()))?;
        if let Some(error) = &report.error {
            trouble(error, report.told, out)?;
        }
        // Which steps ran stands above what they found.
        let blocks = &report.document.blocks;
        let steps = blocks.iter().take_while(|block| matches!(block, Block::Table { .. })).count();
        let (steps, found) = blocks.split_at(steps);
        steps.iter().try_for_each(|block| write_block(block, out))?;
        by_rule(report, out)?;
        found.iter().try_for_each(|block| write_block(block, out))?;
        if let Some(text) = &report.text {
            code(text, out)?;
        }
        // People need no fractions of a second.
        let started = envelope.started.replace_nanosecond(0).unwrap_or(envelope.started);
        let started = started.format(&Rfc3339).unwrap_or_default();
        let (version, run_id) = (envelope.version, envelope.run_id);
        writeln!(out, "<footer>planctl {version} · run {run_id} · {}</footer>", escape(&started))?;
        writeln!(out, "</main>\n</body>\n</html>")
    }
}

const HEAD: &str = "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'{policy}\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
";

/// The page up to its first line. `title` is escaped; `style` is added to the style sheet of all pages, and `policy` to
/// what they may do: be looked at.
pub(crate) fn head(title: &str, style: &str, policy: &str) -> String {
    let sheet = format!("{}{style}", include_str!("html.css"));
    HEAD.replace("{policy}", policy).replace("{style}", &sheet).replace("{title}", title)
}

fn subjects(subjects: &[(&str, String)], out: &mut dyn Write) -> io::Result<()> {
    if subjects.is_empty() {
        return Ok(());
    }
    writeln!(out, "<dl>")?;
    for (what, name) in subjects {
        writeln!(out, "<div><dt>{what}</dt><dd><code>{}</code></dd></div>", escape(name))?;
    }
    writeln!(out, "</dl>")
}

/// How often each rule found something; not where that is said by one finding.
fn by_rule(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.findings.len() < 2 {
        return Ok(());
    }
    let rules = RuleSummary::of(&report.findings);
    let mut header = vec!["rule"];
    let titles = ["findings", "deviations", "known drift"];
    let used = [0, 1, 2].map(|column| rules.iter().any(|rule| rule.counts[column] > 0));
    header.extend(titles.iter().zip(used).filter(|(_, used)| *used).map(|(title, _)| title));
    header.push("meaning");
    let row = |summary: &RuleSummary| {
        let mut rule: Vec<Span> = Vec::new();
        rule.extend(summary.severity.into_iter().flat_map(|severity| [severity.into(), " ".into()]));
        rule.push(summary.rule.as_str().into());
        let mut cells = vec![Cell { spans: rule, number: false }];
        let counts = summary.counts.iter().zip(used).filter(|(_, used)| *used);
        cells.extend(counts.map(|(count, _)| Cell::count(count)));
        let info = report.rules.iter().flatten().find(|info| info.code == summary.rule);
        cells.push(info.map_or("", |info| info.summary).into());
        cells
    };
    let rows: Vec<Vec<Cell>> = rules.iter().map(row).collect();
    writeln!(out, "<h2>By rule</h2>")?;
    table(" class=\"rules\"", &header, &rows, out)
}

fn trouble(error: &Error, told: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section class=\"trouble\">\n<p><strong class=\"bad\">error</strong>: {}</p>",
        prose(error.message())
    )?;
    if let Some(at) = error.location() {
        writeln!(out, "<p class=\"dim\">{}</p>", escape(&at.to_string()))?;
        if !at.text.is_empty() {
            code(&at.text, out)?;
        }
    }
    for note in error.notes().iter().skip(told) {
        writeln!(out, "<p>note: {}</p>", prose(note))?;
    }
    if let Some(help) = error.help_text() {
        writeln!(out, "<p>help: {}</p>", prose(help))?;
    }
    writeln!(out, "</section>")
}

fn write_block(block: &Block, out: &mut dyn Write) -> io::Result<()> {
    match block {
        Block::Heading(spans) => writeln!(out, "<h2>{}</h2>", spans_html(spans)),
        Block::Line(spans) => writeln!(out, "<p>{}</p>", sentence_html(spans)),
        Block::Paragraph(text) => writeln!(out, "<p>{}</p>", prose(text)),
        Block::Table { header, rows } | Block::Rows { header, rows, .. } => table("", header, rows, out),
        Block::Folded { title, header, rows } => {
            let (title, count) = (escape(title), rows.len());
            writeln!(out, "<details>\n<summary>{title} <span class=\"dim\">({count})</span></summary>")?;
            table("", header, rows, out)?;
            writeln!(out, "</details>")
        }
        Block::Differences { sides, groups } => {
            let rows: Vec<Vec<_>> =
                groups.iter().map(|group| group.rows.iter().map(difference).collect()).collect();
            let part = |(group, rows): (&Differences, _)| (spans_html(&group.title), rows);
            let parts: Vec<Part<'_>> = groups.iter().zip(rows.iter().map(Vec::as_slice)).map(part).collect();
            let table = table_in_parts(" class=\"sides\"", &Difference::titles(*sides), &parts);
            write!(out, "<h2>Differences</h2>\n{table}")
        }
        Block::Messages { file, rows } => {
            Message::table(file.as_deref(), rows).iter().try_for_each(|block| match block {
                Block::Table { header, rows } => table_with(sentence_html, "", header, rows, out),
                other => write_block(other, out),
            })
        }
        Block::Remark(text) => writeln!(out, "<p>{}</p>", prose(text)),
        Block::Code { text, .. } => code(text, out),
    }
}

fn table(class: &str, header: &[impl AsRef<str>], rows: &[Vec<Cell>], out: &mut dyn Write) -> io::Result<()> {
    table_with(spans_html, class, header, rows, out)
}

fn table_with(
    html: fn(&[Span]) -> String,
    class: &str,
    header: &[impl AsRef<str>],
    rows: &[Vec<Cell>],
    out: &mut dyn Write,
) -> io::Result<()> {
    let cell = |cell: &Cell| (html(&cell.spans), cell.number);
    let rows: Vec<Vec<_>> = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    out.write_all(table_of(class, header, &rows).as_bytes())
}

fn cell_html(cell: &Cell) -> (String, bool) {
    (spans_html(&cell.spans), cell.number)
}

fn difference(row: &Difference) -> Vec<(String, bool)> {
    let [one, other] = row.abridged();
    let [whole, other_whole] = row.sides.each_ref().map(Option::as_deref);
    let sides = [side(whole, one.as_deref()), side(other_whole, other.as_deref())];
    row.row(sides, |cell| cell_html(&cell))
}

/// What one side has. Where it is long only the part that differs is seen until it is unfolded.
fn side(whole: Option<&str>, abridged: Option<&str>) -> (String, bool) {
    let html = match (whole, abridged) {
        (Some(whole), Some(abridged)) if whole != abridged => format!(
            "<details class=\"whole\"><summary><code>{}</code></summary><code>{}</code></details>",
            escape(abridged),
            escape(whole)
        ),
        (Some(whole), _) => format!("<code>{}</code>", escape(whole)),
        (None, _) => "<span class=\"dim\">—</span>".to_owned(),
    };
    (html, false)
}

/// A table of cells that are HTML already, each with whether it is a number. On a phone each row becomes a card: then
/// the titles are shown in front of the cells.
pub(crate) fn table_of(class: &str, header: &[impl AsRef<str>], rows: &[Vec<(String, bool)>]) -> String {
    table_in_parts(class, header, &[(String::new(), rows)])
}

/// Rows of a table that belong together, and what is said above them, as HTML; empty where it goes without saying.
type Part<'a> = (String, &'a [Vec<(String, bool)>]);

fn table_in_parts(class: &str, header: &[impl AsRef<str>], parts: &[Part<'_>]) -> String {
    let titles: Vec<String> = header.iter().map(|title| escape(title.as_ref())).collect();
    let first = parts.first().and_then(|(_, rows)| rows.first());
    // The box scrolls sideways by itself when it is too narrow. Browsers let the keyboard into one that does: with
    // tabindex, each of the others would be a stop at which there is nothing to do.
    let mut out = format!("<div class=\"wide\">\n<table{class}>\n<thead>\n<tr>\n");
    for (column, title) in titles.iter().enumerate() {
        let number = first.and_then(|row| row.get(column)).is_some_and(|cell| cell.1);
        let class = if number { " class=\"number\"" } else { "" };
        out.push_str(&format!("<th{class} scope=\"col\">{title}</th>"));
    }
    out.push_str("</tr>\n</thead>\n");
    for (title, rows) in parts {
        out.push_str("<tbody>\n");
        if !title.is_empty() {
            let columns = titles.len();
            out.push_str(&format!(
                "<tr class=\"part\"><th colspan=\"{columns}\" scope=\"rowgroup\">{title}</th></tr>\n"
            ));
        }
        rows.iter().for_each(|row| table_row(&titles, row, &mut out));
        out.push_str("</tbody>\n");
    }
    out.push_str("</table>\n</div>\n");
    out
}

fn table_row(titles: &[String], row: &[(String, bool)], out: &mut String) {
    out.push_str("<tr>");
    for (title, (cell, number)) in titles.iter().zip(row) {
        let class = if *number { " class=\"number\"" } else { "" };
        // One element around all that a cell holds: in a card it stands beside the title.
        out.push_str(&format!("<td{class} data-title=\"{title}\"><div>{cell}</div></td>"));
    }
    out.push_str("</tr>\n");
}

fn code(text: &str, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(code_block(text).as_bytes())
}

/// SQL that is shown as it is.
pub(crate) fn sql_block(sql: &str) -> String {
    code_block(&harmless_sql(sql))
}

/// Text that is shown as it is.
fn code_block(text: &str) -> String {
    let text = escape_visible(&harmless_text(text));
    format!("<pre><code>{text}</code></pre>\n")
}

pub(crate) fn spans_html(spans: &[Span]) -> String {
    spans.iter().map(span_html).collect()
}

/// What planctl says itself, as opposed to names and values.
fn sentence_html(spans: &[Span]) -> String {
    spans.iter().map(|span| styled_html(prose(&span.text), span.style)).collect()
}

/// A sentence for an element: what stands in backticks as a word of its own is code.
fn prose(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    let around = |at: usize| Some((pieces.get(at.checked_sub(1)?)?, pieces.get(at + 1)?));
    let is_word = |at: usize| {
        around(at).is_some_and(|(before, after)| {
            (before.is_empty() || before.ends_with([' ', '('])) && !after.starts_with(char::is_alphanumeric)
        })
    };
    if !(1..pieces.len()).step_by(2).all(is_word) {
        return escape(text);
    }
    let html = pieces.iter().enumerate().map(|(at, piece)| match at % 2 {
        0 => escape(piece),
        _ => format!("<code>{}</code>", escape(piece)),
    });
    html.collect()
}

fn span_html(span: &Span) -> String {
    styled_html(escape(&span.text), span.style)
}

fn styled_html(text: String, style: Style) -> String {
    match style {
        _ if text.is_empty() => text,
        Style::Plain => text,
        Style::Strong => format!("<strong>{text}</strong>"),
        Style::Dim => format!("<span class=\"dim\">{text}</span>"),
        Style::Good => format!("<span class=\"good\">{text}</span>"),
        Style::Warning => format!("<strong class=\"warning\">{text}</strong>"),
        Style::Bad => format!("<strong class=\"bad\">{text}</strong>"),
        Style::Code => format!("<code>{text}</code>"),
    }
}

/// Text of one line for an element or a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    escape_visible(&visible(text))
}

/// Text for an element or a quoted attribute.
fn escape_visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_backticks_is_code_and_what_only_has_them_stays_as_it_is() {
        for (text, html) in [
            ("run `planctl audit --data` first", "run <code>planctl audit --data</code> first"),
            ("`a < b`: (`c`).", "<code>a &lt; b</code>: (<code>c</code>)."),
            ("no code", "no code"),
            ("a ` alone", "a ` alone"),
            ("a`b`c", "a`b`c"),
        ] {
            assert_eq!(prose(text), html);
        }
    }
}
