use std::io::{self, Write};

use super::style::styled;
use super::wrap::wrapped;
use super::{grid, table_of_differences};
use crate::base::escape::{harmless, visible};
use crate::report::document::{Block, Document, Message, Span, Style};
use crate::report::document_of_findings::{DEVIATIONS, IGNORED_TABLES, KNOWN_DRIFT};
use crate::report::harmless::harmless_text;
use crate::report::{Canvas, Case, Each, Envelope, Render, Report, Verdict};

/// For people, on a terminal or in a log.
pub(crate) struct Table;

impl Render for Table {
    fn render(&self, report: &Report, envelope: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        if let Some(text) = &report.text {
            return out.write_all(text.as_bytes());
        }
        let mut page = Page { out, canvas: envelope.canvas, above: Above::Nothing };
        for block in &report.document.blocks {
            page.block(block)?;
        }
        if envelope.canvas.whole && !report.cases.is_empty() {
            page.cases(&report.cases)?;
        }
        if report.summary().is_some() {
            page.apart()?;
            let mut spans = vec![Span::new(report.sentence(), report.standing())];
            if !envelope.canvas.whole {
                let more = more(&report.document, true);
                spans.extend(more.map(|more| Span::new(format!(" (-v {more})"), Style::Dim)));
            }
            page.spans(&spans, Style::Plain, 0)?;
        } else if let Some(more) = more(&report.document, false).filter(|_| !envelope.canvas.whole) {
            page.spans(&[Span::new(format!("-v {more}"), Style::Dim)], Style::Plain, 0)?;
        }
        Ok(())
    }

    /// An error is not part of it.
    fn is_result(&self, report: &Report) -> bool {
        report.error.is_none() || report.text.is_none() && !report.document.blocks.is_empty()
    }
}

/// What `-v` does besides; behind the counts, what they count need not be named again.
fn more(document: &Document, is_counted: bool) -> Option<String> {
    let is_helped = |block: &Block| match block {
        Block::Messages { rows, .. } => rows.iter().any(|row| row.help.is_some()),
        _ => false,
    };
    let says = document.blocks.iter().any(is_helped).then(|| "says what to do".to_owned());
    let mut kinds: Vec<String> = Vec::new();
    let counts = |title: &str| is_counted && [DEVIATIONS, KNOWN_DRIFT, IGNORED_TABLES].contains(&title);
    let counted: usize = document
        .blocks
        .iter()
        .map(|block| match block {
            Block::Folded { title, rows, .. } if counts(title) => rows.len(),
            _ => 0,
        })
        .sum();
    kinds.extend((counted > 0).then(|| if counted == 1 { "it" } else { "them" }.to_owned()));
    for block in &document.blocks {
        let kind = match block {
            Block::Folded { title, .. } if counts(title) => continue,
            Block::Folded { title, .. } => title.to_lowercase(),
            Block::Remark(_) => "remarks".to_owned(),
            _ => continue,
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let lists = (!kinds.is_empty()).then(|| format!("lists {}", kinds.join(" and ")));
    let does: Vec<String> = says.into_iter().chain(lists).collect();
    (!does.is_empty()).then(|| does.join(" and "))
}

/// How much further in than a message what belongs to it stands.
const BELOW: usize = 4;

struct Page<'a> {
    out: &'a mut dyn Write,
    canvas: Canvas,
    above: Above,
}

/// What stands above the next line; it decides whether an empty line comes between.
#[derive(PartialEq)]
enum Above {
    Nothing,
    Heading,
    Line,
    /// A table or a piece of code.
    Figure,
}

impl Page<'_> {
    /// A line for each.
    fn cases(&mut self, cases: &Each<Case>) -> io::Result<()> {
        self.apart()?;
        cases.iter().try_for_each(|case| {
            let style = match case.verdict {
                Verdict::Passed => Style::Plain,
                Verdict::Failed | Verdict::Skipped => Style::Warning,
                Verdict::Error => Style::Bad,
            };
            let spans = [
                Span::new(format!("{}: ", case.name), Style::Plain),
                Span::new(case.message.as_str(), style),
            ];
            self.spans(&spans, Style::Plain, BELOW)
        })
    }

    fn block(&mut self, block: &Block) -> io::Result<()> {
        match block {
            Block::Heading(spans) => self.heading(spans),
            Block::Line(spans) => {
                if self.above == Above::Figure {
                    self.apart()?;
                }
                self.spans(spans, Style::Plain, 0)
            }
            Block::Remark(text) if self.canvas.whole => self.block(&Block::Line(vec![text.as_str().into()])),
            Block::Remark(_) => Ok(()),
            Block::Messages { file, rows } => {
                if self.above == Above::Figure {
                    self.apart()?;
                }
                rows.iter().try_for_each(|row| self.message(file.as_deref(), row))
            }
            Block::Paragraph(text) => self.figure(grid::paragraph(text, Style::Plain, self.canvas)),
            Block::Table { header, rows } => self.figure(grid::table(header, rows, self.canvas)),
            Block::Rows { header, rows, bars } => self.figure(grid::rows(header, rows, bars, self.canvas)),
            // Its counts are in the last line.
            Block::Folded { .. } if !self.canvas.whole => Ok(()),
            Block::Folded { title, header, rows } => {
                self.heading(&[title.as_str().into()])?;
                self.figure(grid::table(header, rows, self.canvas))
            }
            Block::Differences { sides, groups } => {
                self.figure(table_of_differences::lines(*sides, groups, self.canvas))
            }
            Block::Code { text, .. } => {
                let indented = |line: &str| match harmless_text(line) {
                    line if line.is_empty() => String::new(),
                    line => format!("    {line}"),
                };
                self.figure(text.lines().map(indented).collect())
            }
        }
    }

    fn heading(&mut self, spans: &[Span]) -> io::Result<()> {
        self.apart()?;
        self.spans(spans, Style::Strong, 0)?;
        self.above = Above::Heading;
        Ok(())
    }

    fn figure(&mut self, lines: Vec<String>) -> io::Result<()> {
        if self.above != Above::Heading {
            self.apart()?;
        }
        for line in lines {
            writeln!(self.out, "{line}")?;
        }
        self.above = Above::Figure;
        Ok(())
    }

    /// An empty line, unless nothing is above it.
    fn apart(&mut self) -> io::Result<()> {
        if self.above == Above::Nothing { Ok(()) } else { writeln!(self.out) }
    }

    /// A line, or several where it is wrapped; further ones `hanging` columns further in.
    fn spans(&mut self, spans: &[Span], plain: Style, hanging: usize) -> io::Result<()> {
        let style = |span: &Span| if span.style == Style::Plain { plain } else { span.style };
        let spans: Vec<Span> = spans.iter().map(|span| Span::new(span.text.as_str(), style(span))).collect();
        self.above = Above::Line;
        if self.canvas.wraps {
            return wrapped(&spans, hanging, self.canvas)
                .iter()
                .try_for_each(|line| writeln!(self.out, "{line}"));
        }
        for (at, span) in spans.iter().enumerate() {
            let text = visible(&span.text);
            let text = if at == 0 { harmless(text) } else { text };
            write!(self.out, "{}", styled(&text, span.style, self.canvas))?;
        }
        writeln!(self.out)
    }

    /// A line of place, rule and sentence; below it what can be pasted. Who wants to know everything is shown what it is
    /// about, too, and told what to do.
    fn message(&mut self, file: Option<&str>, message: &Message) -> io::Result<()> {
        let mut spans = Vec::new();
        if let Some(file) = file {
            spans.push(Span::new(format!("{file}:{}: ", message.place), Style::Strong));
        }
        spans.extend([
            message.severity.clone(),
            " ".into(),
            Span::new(message.rule.as_str(), Style::Code),
            format!(": {}", message.text).into(),
        ]);
        self.spans(&spans, Style::Plain, BELOW)?;
        let mut below = Vec::new();
        if self.canvas.whole {
            below.extend((!message.line.is_empty()).then_some(("", message.line.as_str(), Style::Dim)));
            below.extend(message.help.as_deref().map(|help| ("help: ", help, Style::Plain)));
        }
        below.extend(message.fix.iter().map(|fix| ("", fix.as_str(), Style::Code)));
        for (label, text, style) in below {
            let label = format!("{:BELOW$}{label}", "");
            self.spans(&[Span::new(label, Style::Dim), Span::new(text, style)], Style::Plain, 0)?;
        }
        Ok(())
    }
}
