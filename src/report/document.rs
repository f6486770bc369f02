//! What a person reads, before any format has its way with it.

use super::bars::Share;
use crate::base::rule::RuleCode;
use crate::base::words::thousands;

/// A sequence of blocks, top to bottom.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Document {
    /// The blocks.
    pub blocks: Vec<Block>,
}

/// One block of a [`Document`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// A heading above what follows.
    Heading(Vec<Span>),
    /// One paragraph; a terminal shows it as one line.
    Line(Vec<Span>),
    /// Running text, which a terminal wraps at spaces.
    Paragraph(String),
    /// A table. Every row has as many cells as `header`.
    Table {
        /// Column titles.
        header: Vec<String>,
        /// Rows.
        rows: Vec<Vec<Cell>>,
    },
    /// A table that is for looking things up: where there is folding, it is folded.
    Folded {
        /// What it holds.
        title: String,
        /// Column titles.
        header: Vec<String>,
        /// Rows.
        rows: Vec<Vec<Cell>>,
    },
    /// The rows of a query. Where they do not fit side by side, a terminal shows one value a line.
    Rows {
        /// Column titles.
        header: Vec<String>,
        /// Rows.
        rows: Vec<Vec<Cell>>,
        /// What a terminal draws behind each row; empty when nothing is drawn.
        bars: Vec<Share>,
    },
    /// What is expected and what is there, side by side.
    Differences {
        /// What stands side by side.
        sides: Versus,
        /// By table.
        groups: Vec<Differences>,
    },
    /// What only has a sentence to say: a terminal shows a line of each.
    Messages {
        /// The file that they are about, if they are about one.
        file: Option<String>,
        /// The messages, sorted.
        rows: Vec<Message>,
    },
    /// A line that is only for those who want to know everything.
    Remark(String),
    /// Text that is shown as it is, in a fixed-width font.
    Code {
        /// `sql`, `text`, …
        language: &'static str,
        /// The text, line breaks included.
        text: String,
    },
}

impl Document {
    /// Completes the commands that its sentences name.
    pub fn with_commands(&mut self, completed: &dyn Fn(&str) -> String) {
        for block in &mut self.blocks {
            match block {
                Block::Heading(spans) | Block::Line(spans) => {
                    spans.iter_mut().for_each(|span| span.text = completed(&span.text));
                }
                Block::Paragraph(text) | Block::Remark(text) => *text = completed(text),
                Block::Messages { rows, .. } => {
                    rows.iter_mut()
                        .filter_map(|row| row.help.as_mut())
                        .for_each(|help| *help = completed(help));
                }
                Block::Table { .. }
                | Block::Folded { .. }
                | Block::Rows { .. }
                | Block::Differences { .. }
                | Block::Code { .. } => {}
            }
        }
    }
}

/// What stands side by side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Versus {
    /// What the spec says, and what the database has.
    SpecAndDatabase,
    /// What the migrations make, and what the database has.
    MigrationsAndDatabase,
    /// Where one starts, and where one wants to be.
    FromAndTo,
}

impl Versus {
    /// Their names.
    pub(super) fn titles(self) -> [&'static str; 2] {
        match self {
            Versus::SpecAndDatabase => ["spec", "database"],
            Versus::MigrationsAndDatabase => ["migrations", "database"],
            Versus::FromAndTo => ["from", "to"],
        }
    }

    /// In the order of their names.
    pub(super) fn in_order<T>(self, [expected, actual]: [T; 2]) -> [T; 2] {
        match self {
            Versus::SpecAndDatabase | Versus::MigrationsAndDatabase => [expected, actual],
            Versus::FromAndTo => [actual, expected],
        }
    }
}

/// The differences of one table, view or the like.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Differences {
    /// Its name, its live name when that is another one, and its place in the spec.
    pub title: Vec<Span>,
    /// The differences, sorted.
    pub rows: Vec<Difference>,
}

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The severity, in its colour.
    pub severity: Span,
    /// The rule's code.
    pub rule: RuleCode,
    /// What differs, without the name of its table.
    pub object: Vec<Span>,
    /// The same with it.
    pub path: Vec<Span>,
    /// Whether it is a table or a view itself.
    pub is_whole: bool,
    /// The name, as SQL has it, with which a side begins that says what a table or column is.
    pub begins: Option<String>,
    /// What either side has, in full; `None` where it is missing.
    pub sides: [Option<String>; 2],
    /// What else a reader should know.
    pub note: Option<String>,
    /// Where the spec speaks of it, if it does.
    pub place: Option<Place>,
}

/// Where something is stated, for a reader who has the title of its table above it, and for one who has not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The line in the file that the title names, or file and line.
    pub line: String,
    /// File, line and column.
    pub whole: String,
    /// Whether it is the place that the title names.
    pub is_in_title: bool,
}

/// A finding that has a sentence and no sides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Line and column in its file.
    pub place: String,
    /// The severity, in its colour.
    pub severity: Span,
    /// The rule's code.
    pub rule: RuleCode,
    /// What is wrong.
    pub text: String,
    /// The line that it is about.
    pub line: String,
    /// Why, and what to do.
    pub help: Option<String>,
    /// Statements that close it, to be pasted.
    pub fix: Vec<String>,
}

/// A cell of a table: one or several lines of spans.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Cell {
    /// The spans, in one line.
    pub spans: Vec<Span>,
    /// Whether it holds a number, to be aligned to the right.
    pub number: bool,
}

/// A run of text in one style.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    /// The text, not escaped: renderers escape it for their format (control characters on a terminal, `<` in HTML, …).
    pub text: String,
    /// How it looks.
    pub style: Style,
}

/// How a run of text looks; each format has its own means for it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Style {
    /// Ordinary text.
    #[default]
    Plain,
    /// Stands out.
    Strong,
    /// Less important.
    Dim,
    /// Went well.
    Good,
    /// Deserves a look.
    Warning,
    /// Went wrong.
    Bad,
    /// A name or a piece of SQL.
    Code,
}

impl Span {
    /// Text in a style.
    pub fn new(text: impl Into<String>, style: Style) -> Span {
        Span { text: text.into(), style }
    }
}

impl From<&str> for Span {
    fn from(text: &str) -> Span {
        Span::new(text, Style::Plain)
    }
}

impl From<String> for Span {
    fn from(text: String) -> Span {
        Span::new(text, Style::Plain)
    }
}

impl<T: Into<Span>> From<T> for Cell {
    fn from(span: T) -> Cell {
        Cell { spans: vec![span.into()], number: false }
    }
}

impl Cell {
    /// How many there are.
    pub fn count(count: impl std::fmt::Display) -> Cell {
        Cell::number(thousands(count))
    }

    /// A number or a time as it stands, aligned to the right.
    pub fn number(value: impl std::fmt::Display) -> Cell {
        Cell { spans: vec![value.to_string().into()], number: true }
    }
}

impl Document {
    /// Adds a heading.
    pub fn heading(&mut self, text: impl Into<Span>) {
        self.blocks.push(Block::Heading(vec![text.into()]));
    }

    /// Adds a paragraph of one style.
    pub fn line(&mut self, text: impl Into<Span>) {
        self.blocks.push(Block::Line(vec![text.into()]));
    }

    /// Adds a paragraph of several spans.
    pub fn spans(&mut self, spans: Vec<Span>) {
        self.blocks.push(Block::Line(spans));
    }

    /// Adds a table.
    pub fn table(&mut self, header: &[&str], rows: Vec<Vec<Cell>>) {
        self.blocks.push(Block::Table { header: header.iter().map(|&h| h.to_owned()).collect(), rows });
    }
}
