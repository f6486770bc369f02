use std::io::{self, Write};

use anstyle::AnsiColor;

use super::document::{Block, Style};
use super::escape::{visible, visible_text};
use super::layout;
use super::{Envelope, Outcome, Render, Report};

/// For people, on a terminal or in a log.
pub(super) struct Table;

impl Render for Table {
    fn render(&self, report: &Report, envelope: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        if let Some(text) = &report.text {
            return out.write_all(text.as_bytes());
        }
        let mut page = Page { out, color: envelope.canvas.color, started: false, after_space: true };
        for block in &report.document.blocks {
            page.block(block, envelope.canvas.width)?;
        }
        if report.summary().is_some() {
            let style = match report.outcome {
                Outcome::Clean => Style::Good,
                Outcome::Findings => Style::Warning,
                Outcome::Trouble => Style::Bad,
            };
            page.space()?;
            page.text(&report.sentence(), style)?;
            page.end_line()?;
        }
        Ok(())
    }
}

struct Page<'a> {
    out: &'a mut dyn Write,
    color: bool,
    started: bool,
    /// Whether the next line stands apart from what is above it.
    after_space: bool,
}

impl Page<'_> {
    fn block(&mut self, block: &Block, width: usize) -> io::Result<()> {
        match block {
            Block::Heading(spans) => {
                self.space()?;
                for span in spans {
                    let style = if span.style == Style::Plain { Style::Strong } else { span.style };
                    self.text(&visible(&span.text), style)?;
                }
                self.end_line()
            }
            Block::Line(spans) => {
                if self.after_space {
                    self.space()?;
                }
                for span in spans {
                    self.text(&visible(&span.text), span.style)?;
                }
                self.end_line()
            }
            Block::Table { header, rows } => {
                self.space()?;
                for line in layout::table(header, rows, width) {
                    for (text, style) in line {
                        self.text(&text, style)?;
                    }
                    self.end_line()?;
                }
                self.after_space = true;
                Ok(())
            }
            Block::Code { text, .. } => {
                self.space()?;
                for line in text.lines() {
                    let line = visible_text(line);
                    if !line.is_empty() {
                        write!(self.out, "    {line}")?;
                    }
                    self.end_line()?;
                }
                self.after_space = true;
                Ok(())
            }
        }
    }

    /// An empty line, unless nothing is above it.
    fn space(&mut self) -> io::Result<()> {
        self.after_space = false;
        if self.started { writeln!(self.out) } else { Ok(()) }
    }

    fn text(&mut self, text: &str, style: Style) -> io::Result<()> {
        let ansi = ansi(style);
        if self.color && !ansi.is_plain() {
            write!(self.out, "{ansi}{text}{ansi:#}")
        } else {
            write!(self.out, "{text}")
        }
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.started = true;
        writeln!(self.out)
    }
}

fn ansi(style: Style) -> anstyle::Style {
    match style {
        Style::Plain => anstyle::Style::new(),
        Style::Strong => anstyle::Style::new().bold(),
        Style::Dim => anstyle::Style::new().dimmed(),
        Style::Good => AnsiColor::Green.on_default(),
        Style::Warning => AnsiColor::Yellow.on_default(),
        Style::Bad => AnsiColor::Red.on_default().bold(),
        Style::Code => AnsiColor::Cyan.on_default(),
    }
}
