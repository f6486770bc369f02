//! A page about a schema: what `schema docs` writes, as a Markdown file, as one HTML page, or as data.
//!
//! The same schema gives the same bytes: no date, no version, no name of a database is in it.

mod entries;
mod figure;
mod html;
mod markdown;
mod mermaid;
mod words;

pub(super) use words::{reference_text, shown};

pub use entries::{
    ColumnEntry, Constraint, DeviationEntry, IndexEntry, KeyKind, Reference, Renamed, SchemaPage, Setting,
    TablePage, TriggerEntry, ViewPage,
};

/// In which form a page is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PageFormat {
    /// GitHub's Markdown, with a Mermaid diagram.
    Markdown,
    /// One HTML file that needs no network, with an SVG diagram.
    Html,
}

impl SchemaPage {
    /// The page as a text.
    pub fn text(&self, format: PageFormat) -> String {
        match format {
            PageFormat::Markdown => markdown::page(self),
            PageFormat::Html => html::page(self),
        }
    }
}
