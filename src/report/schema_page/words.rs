//! What both forms of a page say in the same words.

use std::borrow::Cow;

use super::{ColumnEntry, Constraint, IndexEntry, Reference, SchemaPage, TablePage};
use crate::base::rule::RowRule;
use crate::report::diagram::SMALL;
use crate::report::document::{Cell, Span, Style};
use crate::sql::{display_name, quote};

/// A table of the page: titles and rows.
pub(super) type Rows = (Vec<&'static str>, Vec<Vec<Cell>>);

/// Running text; what stands between backticks is code.
pub(super) fn prose(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some((before, (code, behind))) =
        rest.split_once('`').and_then(|(before, behind)| Some((before, behind.split_once('`')?)))
    {
        if code.trim().is_empty() {
            break;
        }
        if !before.is_empty() {
            spans.push(before.into());
        }
        spans.push(Span::new(code, Style::Code));
        rest = behind;
    }
    if !rest.is_empty() {
        spans.push(rest.into());
    }
    spans
}

/// A name as it is shown: in quotes when there would be nothing to see.
pub(in crate::report) fn shown(name: &str) -> Cow<'_, str> {
    if name.trim().is_empty() { Cow::Owned(quote(name)) } else { Cow::Borrowed(name) }
}

fn shown_list(names: &[String]) -> String {
    names.iter().map(|name| shown(name)).collect::<Vec<_>>().join(", ")
}

/// What is said of the diagram below it.
pub(super) fn diagram_legend(page: &SchemaPage) -> &'static str {
    if page.tables.len() <= SMALL {
        "Each line leads from a foreign key to the column it references. Large tables show only some of their columns, \
         keys first."
    } else {
        "Each line leads from a foreign key to the column it references. Only key columns are shown."
    }
}

/// The titles of the table of all tables, of which the third is of numbers.
pub(super) const OVERVIEW: [&str; 5] = ["Table", "About", "Columns", "References", "Referenced by"];

/// The first sentence of what is said of a table.
pub(super) fn first_sentence(about: &[String]) -> String {
    let Some(text) = about.first() else { return String::new() };
    let end = text.match_indices(['.', ';']).map(|(at, _)| at).find(|&at| {
        let next = text.get(at + 1..).unwrap_or_default();
        next.is_empty() || next.starts_with(' ')
    });
    text.get(..end.unwrap_or(text.len())).unwrap_or(text).trim_start_matches("- ").to_owned()
}

fn code(text: impl Into<String>) -> Cell {
    let text = text.into();
    if text.is_empty() { Cell::default() } else { Span::new(text, Style::Code).into() }
}

fn cell(spans: Vec<Span>) -> Cell {
    Cell { spans, number: false }
}

/// Columns; a title without anything below it is left out.
pub(super) fn columns(table: &TablePage) -> Rows {
    let rows = table.columns.iter().map(|column| {
        let mut name = vec![Span::new(shown(&column.name), Style::Code)];
        if let Some(spec) = &column.spec_name {
            name.push(Span::new(" (specification: ", Style::Dim));
            name.push(Span::new(spec.name.as_str(), Style::Code));
            name.push(Span::new(")", Style::Dim));
        }
        let keys: Vec<&str> = column.keys.iter().map(|key| key.as_str()).collect();
        vec![
            cell(name),
            code(column.declared_type.as_str()),
            if column.nullable { "yes".into() } else { "no".into() },
            code(column.default.as_deref().unwrap_or_default()),
            keys.join(", ").into(),
            cell(values(table, column)),
        ]
    });
    without_empty(vec!["Column", "Type", "Null", "Default", "Key", "Values"], rows.collect())
}

fn values(table: &TablePage, column: &ColumnEntry) -> Vec<Span> {
    let mut parts: Vec<Vec<Span>> = Vec::new();
    if let Some(expression) = &column.generated {
        parts.push(vec!["generated: ".into(), Span::new(expression.as_str(), Style::Code)]);
    }
    if let Some(collation) = &column.collation {
        parts.push(vec!["compared by ".into(), Span::new(collation.as_str(), Style::Code)]);
    }
    parts.extend(column.comment.as_deref().map(prose));
    // What the specification lists is not all where the ledger excuses other values.
    let spec_name = column.spec_name.as_ref().map_or(&column.name, |spec| &spec.name);
    let more = table.deviations.iter().filter(|entry| {
        entry.rule == RowRule::Enum.into()
            && entry.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(spec_name))
    });
    let more = more.filter_map(|entry| entry.actual.as_deref());
    parts.extend(more.map(|values| vec![format!("here also {values}").into()]));
    let mut spans = Vec::new();
    for part in parts {
        if !spans.is_empty() {
            spans.push("; ".into());
        }
        spans.extend(part);
    }
    spans
}

fn without_empty(titles: Vec<&'static str>, rows: Vec<Vec<Cell>>) -> Rows {
    drop_empty(titles, rows, |cell| cell.spans.iter().all(|span| span.text.is_empty()))
}

/// Columns in which no row has anything are left out.
pub(super) fn drop_empty<T>(
    titles: Vec<&'static str>,
    rows: Vec<Vec<T>>,
    empty: impl Fn(&T) -> bool,
) -> (Vec<&'static str>, Vec<Vec<T>>) {
    let kept: Vec<bool> = (0..titles.len())
        .map(|at| rows.iter().any(|row| row.get(at).is_some_and(|cell| !empty(cell))))
        .collect();
    let keep = |at: usize| kept.get(at).copied().unwrap_or_default();
    let titles = titles.into_iter().enumerate().filter(|(at, _)| keep(*at)).map(|(_, title)| title).collect();
    let rows = rows
        .into_iter()
        .map(|row| row.into_iter().enumerate().filter(|(at, _)| keep(*at)).map(|(_, cell)| cell).collect())
        .collect();
    (titles, rows)
}

pub(super) fn constraints(constraints: &[Constraint]) -> Rows {
    let rows = constraints.iter().map(|constraint| {
        vec![
            constraint.kind.into(),
            code(constraint.name.as_deref().unwrap_or_default()),
            code(constraint.definition.as_str()),
        ]
    });
    without_empty(vec!["Constraint", "Name", "Definition"], rows.collect())
}

pub(super) fn indexes(indexes: &[IndexEntry]) -> Rows {
    let rows = indexes.iter().map(|index| {
        vec![
            code(index.name.as_str()),
            if index.unique { "yes".into() } else { "".into() },
            code(index.on.as_str()),
            code(index.filter.as_deref().unwrap_or_default()),
            cell(prose(&index.about.join(" "))),
        ]
    });
    without_empty(vec!["Index", "Unique", "On", "Where", "About"], rows.collect())
}

/// In the tables of [`references`] this column has the name of a table, which the page links to.
pub(super) const LINKED: usize = 1;

/// Foreign keys, seen from the child or from the parent.
pub(super) fn references(references: &[Reference], from_child: bool) -> Rows {
    let rows = references.iter().map(|reference| {
        let child = code(shown_list(&reference.child_columns));
        let parent = match reference.parent_columns.as_slice() {
            [] => "no primary key".into(),
            columns => code(shown_list(columns)),
        };
        let mut notes = Vec::new();
        if !reference.parent_exists {
            notes.push("not in this schema");
        }
        if reference.optional {
            notes.push("optional");
        }
        if reference.unique {
            notes.push("one at most");
        }
        if reference.deferred {
            notes.push("checked at commit");
        }
        let (own, table, its) = match from_child {
            true => (child, reference.parent.as_str(), parent),
            false => (parent, reference.child.as_str(), child),
        };
        let actions = [reference.on_delete, reference.on_update].map(Cell::from);
        let [on_delete, on_update] = actions;
        vec![own, code(table), its, on_delete, on_update, notes.join(", ").into()]
    });
    let titles = vec!["Columns", "Table", "Its columns", "On delete", "On update", "Notes"];
    without_empty(titles, rows.collect())
}

/// Differences from the specification, other names first.
pub(super) fn deviations(table: &TablePage) -> Rows {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let renamed = table.spec_name.iter().map(|spec| (spec, table.name.as_str()));
    let columns =
        table.columns.iter().filter_map(|column| Some((column.spec_name.as_ref()?, column.name.as_str())));
    for (spec, live) in renamed.chain(columns) {
        rows.push(vec![
            "name".into(),
            code(live),
            code(spec.name.as_str()),
            code(live),
            spec.reason.as_str().into(),
        ]);
    }
    for deviation in &table.deviations {
        let side = |text: &Option<String>| match text {
            Some(text) => code(text.as_str()),
            None => "—".into(),
        };
        rows.push(vec![
            deviation.rule.as_str().into(),
            code(deviation.name.as_deref().unwrap_or_default()),
            side(&deviation.expected),
            side(&deviation.actual),
            deviation.reason.as_str().into(),
        ]);
    }
    (vec!["What", "Object", "Specification", "Here", "Reason"], rows)
}

/// `t (a) → u (b), ON DELETE …`
pub(in crate::report) fn reference_text(reference: &Reference) -> String {
    let side = |table: &str, columns: &[String]| match columns {
        [] => display_name(table),
        columns => format!("{} ({})", display_name(table), columns.join(", ")),
    };
    format!(
        "{} → {}, ON DELETE {}, ON UPDATE {}",
        side(&reference.child, &reference.child_columns),
        side(&reference.parent, &reference.parent_columns),
        reference.on_delete,
        reference.on_update
    )
}

/// The tables that a table references, or is referenced by, each once.
pub(super) fn neighbours(references: &[Reference], parents: bool) -> Vec<&str> {
    let mut names: Vec<&str> = references
        .iter()
        .map(|reference| if parents { reference.parent.as_str() } else { reference.child.as_str() })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What is said of a table in one line; of a virtual one of which nothing is said, what it is.
pub(super) fn about(table: &TablePage) -> Vec<Span> {
    match first_sentence(&table.about) {
        text if text.is_empty() && table.module.is_some() => kind(table).unwrap_or_default(),
        text => prose(&text),
    }
}

/// What kind of table it is, when it is no plain one.
pub(super) fn kind(table: &TablePage) -> Option<Vec<Span>> {
    let mut spans: Vec<Span> = Vec::new();
    let parts = [
        ("specification: ", table.spec_name.as_ref().map(|spec| spec.name.clone())),
        ("virtual table: ", table.module.clone()),
        ("", (!table.options.is_empty()).then(|| table.options.join(", "))),
    ];
    for (what, text) in parts.into_iter().filter_map(|(what, text)| Some((what, text?))) {
        if !spans.is_empty() {
            spans.push(" · ".into());
        }
        spans.extend([what.into(), Span::new(text, Style::Code)]);
    }
    (!spans.is_empty()).then_some(spans)
}
