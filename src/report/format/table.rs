use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::style::styled;
use super::{grid, table_of_differences};
use crate::base::escape::visible;
use crate::report::document::{Block, Span, Style};
use crate::report::harmless::harmless_text;
use crate::report::{Canvas, Envelope, Render, Report};

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
        if report.summary().is_some() {
            page.apart()?;
            let mut spans = vec![Span::new(report.sentence(), report.standing())];
            let folded: Vec<String> = report.document.blocks.iter().filter_map(folded_title).collect();
            if !envelope.canvas.whole && !folded.is_empty() {
                spans.push(Span::new(format!("; -v lists what is {}", folded.join(" and ")), Style::Dim));
            }
            page.spans(&spans, Style::Plain)?;
        }
        Ok(())
    }

    /// An error is not part of it.
    fn is_result(&self, report: &Report) -> bool {
        report.error.is_none() || report.text.is_none() && !report.document.blocks.is_empty()
    }
}

/// What a folded table holds, as part of a sentence.
fn folded_title(block: &Block) -> Option<String> {
    match block {
        Block::Folded { title, .. } => Some(title.to_lowercase()),
        _ => None,
    }
}

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
    fn block(&mut self, block: &Block) -> io::Result<()> {
        match block {
            Block::Heading(spans) => self.heading(spans),
            Block::Line(spans) => {
                if self.above == Above::Figure {
                    self.apart()?;
                }
                self.spans(spans, Style::Plain)
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
        self.spans(spans, Style::Strong)?;
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

    fn spans(&mut self, spans: &[Span], plain: Style) -> io::Result<()> {
        let mut column = 0;
        for span in spans {
            let style = if span.style == Style::Plain { plain } else { span.style };
            let text = visible(&span.text);
            if !self.canvas.terminal {
                write!(self.out, "{}", styled(&text, style, self.canvas))?;
                continue;
            }
            for word in text.split_inclusive(' ') {
                if column > 0 && column + word.trim_end().width() > self.canvas.width {
                    writeln!(self.out)?;
                    column = 0;
                }
                write!(self.out, "{}", styled(word, style, self.canvas))?;
                column += word.width();
            }
        }
        self.above = Above::Line;
        writeln!(self.out)
    }
}
