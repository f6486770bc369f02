//! The page as one HTML file: no network, for a desk and a phone, by day and by night. All of it is there without script.

use super::figure::{POLICY, figure};
use super::words::{self, LINKED, Rows};
use super::{SchemaPage, TablePage, TriggerEntry, ViewPage};
use crate::report::document::Cell;
use crate::report::format::html::{escape, head, spans_html, sql_block, table_of};
use crate::sql::Pragma;

pub(super) fn page(page: &SchemaPage) -> String {
    let mut out = head("Database schema", include_str!("page.css"), POLICY);
    out.push_str("<h1>Database schema</h1>\n");
    out.push_str(&paragraphs(&page.about));
    for setting in &page.settings {
        let line = Pragma::set(&setting.name, &setting.value);
        out.push_str(&format!("<p><code>{}</code></p>\n", escape(&line)));
    }
    if page.tables.is_empty() && page.views.is_empty() {
        out.push_str("<p>The schema is empty.</p>\n");
    }
    if !page.tables.is_empty() {
        out.push_str(&figure(page, |name| anchor("t", name)));
        out.push_str(&overview(page));
        page.tables.iter().for_each(|entry| table(entry, page, &mut out));
    }
    if !page.views.is_empty() {
        out.push_str("<h2 id=\"views\">Views</h2>\n");
        page.views.iter().for_each(|entry| view(entry, &mut out));
    }
    out.push_str("<footer>Made by <code>planctl schema docs</code></footer>\n</main>\n</body>\n</html>\n");
    out
}

/// The address of a section: the name, with what cannot stand in one as hexadecimal digits behind a dot. Two names
/// never have the same one.
fn anchor(kind: &str, name: &str) -> String {
    let mut out = format!("{kind}-");
    for byte in name.to_ascii_lowercase().bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => out.push(char::from(byte)),
            byte => out.push_str(&format!(".{byte:02x}")),
        }
    }
    out
}

fn linked(name: &str, page: &SchemaPage) -> String {
    let text = escape(&words::shown(name));
    let known = page.tables.iter().any(|table| table.name.eq_ignore_ascii_case(name));
    if known {
        format!("<a href=\"#{}\"><code>{text}</code></a>", anchor("t", name))
    } else {
        format!("<code>{text}</code>")
    }
}

fn paragraphs(paragraphs: &[String]) -> String {
    let mut out = String::new();
    let mut in_list = false;
    for paragraph in paragraphs {
        let item = paragraph.strip_prefix("- ");
        if in_list != item.is_some() {
            out.push_str(if in_list { "</ul>\n" } else { "<ul>\n" });
            in_list = item.is_some();
        }
        let text = spans_html(&words::prose(item.unwrap_or(paragraph)));
        out.push_str(&if in_list { format!("<li>{text}</li>\n") } else { format!("<p>{text}</p>\n") });
    }
    if in_list {
        out.push_str("</ul>\n");
    }
    out
}

fn overview(page: &SchemaPage) -> String {
    let links = |names: Vec<&str>| names.iter().map(|name| linked(name, page)).collect::<Vec<_>>().join(", ");
    let rows: Vec<Vec<(String, bool)>> = page
        .tables
        .iter()
        .map(|table| {
            vec![
                (linked(&table.name, page), false),
                (spans_html(&words::about(table)), false),
                (table.columns.len().to_string(), true),
                (links(words::neighbours(&table.references, true)), false),
                (links(words::neighbours(&table.referenced_by, false)), false),
            ]
        })
        .collect();
    let (titles, rows) = words::drop_empty(words::OVERVIEW.to_vec(), rows, |(text, _)| text.is_empty());
    format!("<h2 id=\"tables\">Tables</h2>\n{}", table_of(" class=\"list\"", &titles, &rows))
}

fn table(table: &TablePage, page: &SchemaPage, out: &mut String) {
    let id = anchor("t", &table.name);
    out.push_str(&format!("<section id=\"{id}\">\n<h2>{}</h2>\n", escape(&words::shown(&table.name))));
    if let Some(kind) = words::kind(table) {
        out.push_str(&format!("<p class=\"dim\">{}</p>\n", spans_html(&kind)));
    }
    out.push_str(&paragraphs(&table.about));
    let mut add = |title: &str, (titles, rows): Rows, link: Option<usize>| {
        if rows.is_empty() {
            return;
        }
        if !title.is_empty() {
            out.push_str(&format!("<h3>{title}</h3>\n"));
        }
        let cell = |(at, cell): (usize, &Cell)| match cell.spans.as_slice() {
            [name] if link == Some(at) => (linked(&name.text, page), false),
            spans => (spans_html(spans), cell.number),
        };
        let rows: Vec<Vec<(String, bool)>> =
            rows.iter().map(|row| row.iter().enumerate().map(cell).collect()).collect();
        out.push_str(&table_of("", &titles, &rows));
    };
    add("", words::columns(table), None);
    add("Constraints", words::constraints(&table.constraints), None);
    add("Indexes", words::indexes(&table.indexes), None);
    add("References", words::references(&table.references, true), Some(LINKED));
    add("Referenced by", words::references(&table.referenced_by, false), Some(LINKED));
    add("Differs from the specification on purpose", words::deviations(table), None);
    out.push_str(&triggers(&table.triggers));
    if let Some(sql) = &table.sql {
        out.push_str(&sql_block(sql));
    }
    out.push_str("</section>\n");
}

fn view(view: &ViewPage, out: &mut String) {
    out.push_str(&format!(
        "<section id=\"{}\">\n<h2>{}</h2>\n{}{}{}</section>\n",
        anchor("v", &view.name),
        escape(&words::shown(&view.name)),
        paragraphs(&view.about),
        sql_block(&view.sql),
        triggers(&view.triggers)
    ));
}

fn triggers(triggers: &[TriggerEntry]) -> String {
    let mut out = String::new();
    if !triggers.is_empty() {
        out.push_str("<h3>Triggers</h3>\n");
    }
    for trigger in triggers {
        let name = escape(&trigger.name);
        out.push_str(&format!(
            "<p><code>{name}</code> <span class=\"dim\">{}</span></p>\n",
            escape(&trigger.event)
        ));
        out.push_str(&paragraphs(&trigger.about));
        out.push_str(&sql_block(&trigger.sql));
    }
    out
}
