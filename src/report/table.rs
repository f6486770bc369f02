use std::io::{self, Write};

use super::document::{Block, Span, Style};
use super::escape::{visible, visible_text};
use super::style::styled;
use super::{Canvas, Envelope, Render, Report};
use super::{grid, table_of_differences};

/// For people, on a terminal or in a log.
pub(super) struct Table;

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
            page.spans(&[Span::new(report.sentence(), report.standing())], Style::Plain)?;
        }
        Ok(())
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
            Block::Folded { title, header, rows } => {
                self.heading(&[title.as_str().into()])?;
                self.figure(grid::table(header, rows, self.canvas))
            }
            Block::Differences { sides, groups } => {
                self.figure(table_of_differences::lines(*sides, groups, self.canvas))
            }
            Block::Code { text, .. } => {
                let indented = |line: &str| match visible_text(line) {
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
        for span in spans {
            let style = if span.style == Style::Plain { plain } else { span.style };
            write!(self.out, "{}", styled(&visible(&span.text), style, self.canvas))?;
        }
        self.above = Above::Line;
        writeln!(self.out)
    }
}
