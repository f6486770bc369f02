//! The diagram in Mermaid's language (<https://mermaid.js.org/syntax/entityRelationshipDiagram.html>), which GitHub,
//! GitLab and many editors draw.

use std::collections::HashSet;

use crate::base::escape::visible;
use crate::report::diagram::{Box, Diagram, Line, Row};

/// Mermaid draws no text of more than 50,000 characters and no more than 500 lines, unless it is configured to
/// (<https://mermaid.js.org/config/schema-docs/config.html>).
const MOST_TEXT: usize = 48_000;
const MOST_LINES: usize = 500;

/// The diagram; without columns when they would make it too large, `None` when it is too large even so.
pub(super) fn diagram(diagram: &Diagram<'_>) -> Option<String> {
    if diagram.lines.len() > MOST_LINES {
        return None;
    }
    [true, false].into_iter().map(|rows| text(diagram, rows)).find(|text| text.chars().count() <= MOST_TEXT)
}

fn text(diagram: &Diagram<'_>, with_rows: bool) -> String {
    let names = names(diagram);
    let mut out = String::from("erDiagram\n");
    for (table, name) in diagram.boxes.iter().zip(&names) {
        if !with_rows || table.rows.is_empty() {
            out.push_str(&format!("    {name}\n"));
            continue;
        }
        out.push_str(&format!("    {name} {{\n"));
        table.rows.iter().for_each(|row| out.push_str(&attribute(row)));
        out.push_str("    }\n");
    }
    for line in &diagram.lines {
        let of = |number: usize| names.get(number).map_or("\"?\"", String::as_str);
        out.push_str(&format!(
            "    {} {} {} : {}\n",
            of(line.parent.0),
            cardinality(line),
            of(line.child.0),
            label(line)
        ));
    }
    out
}

/// The names of the boxes, in quotes: what is not allowed between them is written as something that is, and what then
/// looks the same gets a number.
fn names(diagram: &Diagram<'_>) -> Vec<String> {
    let mut seen = HashSet::new();
    let name = |table: &Box<'_>| {
        let plain = quotable(table.name);
        let numbered = (2..).map(|number| format!("{plain} ({number})"));
        let name = std::iter::once(plain.clone()).chain(numbered).find(|name| seen.insert(name.clone()));
        format!("\"{}\"", name.unwrap_or(plain))
    };
    diagram.boxes.iter().map(name).collect()
}

/// Text for between quotes. Mermaid's grammar has no escapes there, and its lexer stops at a percent sign and a
/// backslash (<https://github.com/mermaid-js/mermaid/blob/develop/packages/mermaid/src/diagrams/er/parser/erDiagram.jison>);
/// `#` and `;` would make an entity, `<` an element of the page.
fn quotable(text: &str) -> String {
    let text: String = visible(text)
        .chars()
        .map(|c| match c {
            '"' => '\'',
            '\\' => '/',
            '%' => '٪',
            '#' => '＃',
            ';' => '；',
            '<' => '‹',
            '>' => '›',
            '`' => '\'',
            c => c,
        })
        .collect();
    if text.trim().is_empty() { "(empty)".to_owned() } else { text }
}

/// Whether Mermaid reads it as one word. The marks of keys are no words, in any case.
fn is_word(text: &str) -> bool {
    let is_mark = ["pk", "fk", "uk", "ak"].iter().any(|mark| text.eq_ignore_ascii_case(mark));
    !is_mark
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The nearest word; what cannot be in one becomes `_`.
fn word(text: &str, when_empty: &str) -> String {
    if text.is_empty() || is_word(text) {
        return if text.is_empty() { when_empty.to_owned() } else { text.to_owned() };
    }
    let word: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if is_word(&word) { word } else { format!("_{word}") }
}

/// `TEXT plan_id PK, FK`: type, name and keys. What cannot be written so is told as the column's comment.
fn attribute(row: &Row<'_>) -> String {
    let declared_type = row.declared_type;
    // An argument, as in DECIMAL(10,2), is all that a type may have besides a word.
    let arguments =
        declared_type.split_once('(').and_then(|(name, rest)| Some((name, rest.strip_suffix(')')?)));
    let shown = match arguments {
        Some((name, arguments)) if is_word(name) && arguments.bytes().all(|b| b.is_ascii_digit()) => {
            declared_type.to_owned()
        }
        _ => word(declared_type, "untyped"),
    };
    let keys: Vec<&str> = row.keys.iter().map(|key| key.as_str()).collect();
    let mut line = format!("        {shown} {}", word(row.name, "_"));
    if !keys.is_empty() {
        line.push_str(&format!(" {}", keys.join(", ")));
    }
    if !is_word(row.name) {
        line.push_str(&format!(" \"{}\"", quotable(row.name)));
    }
    line.push('\n');
    line
}

/// The parent's side, then the child's.
fn cardinality(line: &Line<'_>) -> String {
    let parent = if line.reference.optional { "|o" } else { "||" };
    let child = if line.reference.unique { "o|" } else { "o{" };
    format!("{parent}--{child}")
}

fn label(line: &Line<'_>) -> String {
    format!("\"{}\"", quotable(&line.reference.child_columns.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_mermaid_cannot_read_becomes_one_and_is_told_beside_it() {
        let of = |name: &str, declared_type: &str| {
            attribute(&Row { name, declared_type, keys: &[] }).trim().to_owned()
        };
        assert_eq!(of("plan_id", "TEXT"), "TEXT plan_id");
        assert_eq!(of("fk", "PK"), "_PK _fk \"fk\"");
        assert_eq!(of("a b", "VARCHAR(20)"), "VARCHAR(20) a_b \"a b\"");
        assert_eq!(of("1st-über", "DECIMAL(10,2)"), "DECIMAL_10_2_ _1st__ber \"1st-über\"");
        assert_eq!(of("", ""), "untyped _ \"(empty)\"");
        assert_eq!(of("say \"%\"\n", "x"), "x say_____ \"say '٪'/n\"");
    }
}
