//! The page as a Markdown file, for a repository. It reads well as it is, so no more is escaped than has to be.

use std::collections::{BTreeMap, HashMap};

use super::words::{self, LINKED, Rows};
use super::{SchemaPage, TablePage, TriggerEntry, ViewPage, mermaid};
use crate::base::escape::visible;
use crate::report::diagram::Diagram;
use crate::report::document::{Cell, Span, Style};
use crate::report::format::markdown::fence;
use crate::report::harmless::harmless_sql;
use crate::sql::Pragma;

const HEAD: &str = "# Database schema

<!-- Made by `planctl schema docs`. What is changed here by hand is lost; `planctl check --docs` says when it is not up
to date. -->
";

pub(super) fn page(page: &SchemaPage) -> String {
    let mut out = Page { text: HEAD.to_owned(), anchors: anchors(page) };
    out.paragraphs(&page.about);
    for setting in &page.settings {
        let line = Pragma::set(&setting.name, &setting.value);
        out.text.push_str(&format!("\n{}\n", code(&line, false)));
    }
    if page.tables.is_empty() && page.views.is_empty() {
        out.text.push_str("\nThe schema is empty.\n");
    }
    if !page.tables.is_empty() {
        out.text.push_str(&format!("\n## Diagram\n\n{}\n", words::diagram_legend(page)));
        match mermaid::diagram(&Diagram::of(page)) {
            Some(diagram) => out.text.push_str(&format!("\n```mermaid\n{diagram}```\n")),
            None => out.text.push_str(
                "\nThere are more tables and keys than Mermaid draws; `planctl schema docs --format html` draws them.\n",
            ),
        }
        out.text.push_str("\n## Tables\n");
        out.overview(&page.tables);
        page.tables.iter().for_each(|table| out.table(table));
    }
    if !page.views.is_empty() {
        out.text.push_str("\n## Views\n");
        page.views.iter().for_each(|view| out.view(view));
    }
    out.text
}

struct Page {
    text: String,
    /// By the name of a table, the name of its heading.
    anchors: HashMap<String, String>,
}

/// The names that GitHub and GitLab give to headings: letters and digits in lower case, hyphens for spaces, a number
/// behind what was there before.
fn anchors(page: &SchemaPage) -> HashMap<String, String> {
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchor = |heading: &str| {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let slug: String = heading.trim().to_lowercase().chars().filter(kept).collect();
        let slug = slug.replace(' ', "-");
        let count = used.entry(slug.clone()).or_default();
        *count += 1;
        if *count == 1 { slug } else { format!("{slug}-{}", *count - 1) }
    };
    for heading in ["Database schema", "Diagram", "Tables"] {
        anchor(heading);
    }
    page.tables.iter().map(|table| (table.name.to_ascii_lowercase(), anchor(&visible(&table.name)))).collect()
}

impl Page {
    fn paragraphs(&mut self, paragraphs: &[String]) {
        let mut in_list = false;
        for paragraph in paragraphs {
            let item = paragraph.strip_prefix("- ");
            if !(in_list && item.is_some()) {
                self.text.push('\n');
            }
            in_list = item.is_some();
            match item {
                Some(item) => self.text.push_str(&format!("- {}\n", line(&words::prose(item)))),
                None => self.text.push_str(&format!("{}\n", line(&words::prose(paragraph)))),
            }
        }
    }

    fn linked(&self, table: &str) -> String {
        match self.anchors.get(&table.to_ascii_lowercase()) {
            // Where nothing is left of a name, sites differ in what its heading is called.
            Some(anchor) if anchor.starts_with(char::is_alphanumeric) => {
                format!("[{}](#{anchor})", code(&words::shown(table), true))
            }
            _ => code(&words::shown(table), true),
        }
    }

    fn overview(&mut self, tables: &[TablePage]) {
        let links =
            |names: Vec<&str>| names.into_iter().map(|name| self.linked(name)).collect::<Vec<_>>().join(", ");
        let rows = tables.iter().map(|table| {
            vec![
                self.linked(&table.name),
                spans(&words::prose(&words::first_sentence(&table.about)), true),
                table.columns.len().to_string(),
                links(words::neighbours(&table.references, true)),
                links(words::neighbours(&table.referenced_by, false)),
            ]
        });
        let (titles, rows) = words::drop_empty(words::OVERVIEW.to_vec(), rows.collect(), String::is_empty);
        let rule: String =
            titles.iter().map(|title| if *title == "Columns" { "---:|" } else { "---|" }).collect();
        self.text.push_str(&format!("\n{}|{rule}\n", row(&titles)));
        rows.iter().for_each(|cells| self.text.push_str(&row(cells)));
    }

    fn table(&mut self, table: &TablePage) {
        self.text.push_str(&format!("\n### {}\n", heading(&table.name)));
        if let Some(kind) = words::kind(table) {
            self.text.push_str(&format!("\n{}\n", line(&kind)));
        }
        self.paragraphs(&table.about);
        self.rows(None, words::columns(table), None);
        self.rows(Some("Constraints"), words::constraints(&table.constraints), None);
        self.rows(Some("Indexes"), words::indexes(&table.indexes), None);
        self.rows(Some("References"), words::references(&table.references, true), Some(LINKED));
        self.rows(Some("Referenced by"), words::references(&table.referenced_by, false), Some(LINKED));
        self.triggers(&table.triggers);
        self.rows(Some("Differs from the specification on purpose"), words::deviations(table), None);
        if let Some(sql) = &table.sql {
            self.sql(sql);
        }
    }

    fn view(&mut self, view: &ViewPage) {
        self.text.push_str(&format!("\n### {}\n", heading(&view.name)));
        self.paragraphs(&view.about);
        self.sql(&view.sql);
        self.triggers(&view.triggers);
    }

    fn triggers(&mut self, triggers: &[TriggerEntry]) {
        if !triggers.is_empty() {
            self.text.push_str("\n**Triggers**\n");
        }
        for trigger in triggers {
            let event = if trigger.event.is_empty() {
                String::new()
            } else {
                format!(": {}", code(&trigger.event, false))
            };
            self.text.push_str(&format!("\n{}{event}\n", code(&trigger.name, false)));
            self.paragraphs(&trigger.about);
            self.sql(&trigger.sql);
        }
    }

    fn sql(&mut self, sql: &str) {
        let text = harmless_sql(sql);
        let fence = fence(&text);
        self.text.push_str(&format!("\n{fence}sql\n{}\n{fence}\n", text.trim_end_matches('\n')));
    }

    /// A table under its title; nothing when it has no rows.
    fn rows(&mut self, title: Option<&str>, (titles, rows): Rows, linked: Option<usize>) {
        if rows.is_empty() {
            return;
        }
        if let Some(title) = title {
            self.text.push_str(&format!("\n**{title}**\n"));
        }
        self.text.push('\n');
        self.text.push_str(&row(&titles));
        self.text.push_str(&format!("|{}\n", "---|".repeat(titles.len())));
        for cells in rows {
            let cell = |(at, cell): (usize, &Cell)| match cell.spans.as_slice() {
                [name] if linked == Some(at) => self.linked(&name.text),
                all => spans(all, true),
            };
            let cells: Vec<String> = cells.iter().enumerate().map(cell).collect();
            self.text.push_str(&row(&cells));
        }
    }
}

fn row(cells: &[impl AsRef<str>]) -> String {
    let mut text = String::from("|");
    for cell in cells {
        match cell.as_ref() {
            "" => text.push_str(" |"),
            cell => text.push_str(&format!(" {cell} |")),
        }
    }
    text.push('\n');
    text
}

/// A name as a heading: plain where that is clear.
fn heading(name: &str) -> String {
    spans(&[words::shown(name).as_ref().into()], false)
}

/// A paragraph: its first characters must not make it a list, a heading or a rule.
fn line(text: &[Span]) -> String {
    let text = spans(text, false);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.chars().next() {
        Some(c @ ('-' | '+' | '=' | '#' | ' ')) => {
            format!("&#{};{}", u32::from(c), text.get(1..).unwrap_or_default())
        }
        Some(_) if digits > 0 && text.get(digits..).is_some_and(|rest| rest.starts_with(['.', ')'])) => {
            let (number, rest) = text.split_at(digits);
            format!("{number}\\{rest}")
        }
        _ => text,
    }
}

fn spans(spans: &[Span], in_table: bool) -> String {
    let span = |span: &Span| match span.style {
        _ if span.text.is_empty() => String::new(),
        Style::Code => code(&span.text, in_table),
        _ => escape(&span.text),
    };
    spans.iter().map(span).collect()
}

/// Text that means nothing but itself, in a table and elsewhere.
fn escape(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // Between two letters it is never emphasis.
            '_' if before.is_alphanumeric() && chars.peek().is_some_and(|next| next.is_alphanumeric()) => {
                out.push(c)
            }
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '$' | '@' => out.push_str(&format!("&#{};", u32::from(c))),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// A piece of code. Between backticks nothing can be escaped but a pipe in a table; what needs more becomes an element.
fn code(text: &str, in_table: bool) -> String {
    let text = visible(text);
    let plain = !text.contains(['`', '\\', '$'])
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.is_empty();
    if plain {
        return format!("`{}`", if in_table { text.replace('|', "\\|") } else { text.into_owned() });
    }
    let mut out = String::from("<code>");
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '`' | '\\' | '$' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '@'
            | '"' | ':' => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push_str("</code>");
    out
}
