//! Tables on a grid of characters: column widths and the wrapping of styled text.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::document::{Cell, Span, Style};
use super::escape::visible;

/// Between two columns.
const GAP: usize = 2;
/// A column is not made narrower than this to fit the others in.
const LEAST: usize = 8;

/// A line of styled text.
pub(super) type Line = Vec<(String, Style)>;

/// Lays out a table: lines of text not wider than `width`, unless there are too many columns for that.
pub(super) fn table(header: &[String], rows: &[Vec<Cell>], width: usize) -> Vec<Line> {
    let mut widths: Vec<usize> = header.iter().map(|title| visible(title).width()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.spans.iter().map(|span| visible(&span.text).width()).sum());
        }
    }
    shrink(&mut widths, width.saturating_sub(GAP * header.len().saturating_sub(1)));
    let titles: Vec<Cell> =
        header.iter().map(|title| Span::new(title.as_str(), Style::Strong).into()).collect();
    let mut lines = Vec::with_capacity(rows.len() + 2);
    lay_out_row(&titles, &widths, &mut lines);
    let rule: Vec<String> = widths.iter().map(|&width| "─".repeat(width)).collect();
    lines.push(vec![(rule.join(&" ".repeat(GAP)), Style::Dim)]);
    for row in rows {
        lay_out_row(row, &widths, &mut lines);
    }
    lines
}

/// Takes from the widest columns until all fit into `room`.
fn shrink(widths: &mut [usize], room: usize) {
    let natural = widths.to_vec();
    let fits = |cap: usize| natural.iter().map(|&width| width.min(cap)).sum::<usize>() <= room;
    let widest = natural.iter().copied().max().unwrap_or_default();
    if fits(widest) {
        return;
    }
    let cap = (LEAST..widest).rev().find(|&cap| fits(cap)).unwrap_or(LEAST);
    let mut spare = room.saturating_sub(natural.iter().map(|&width| width.min(cap)).sum());
    for (width, &natural) in widths.iter_mut().zip(&natural) {
        *width = natural.min(cap);
        if natural > cap && spare > 0 {
            *width += 1;
            spare -= 1;
        }
    }
}

fn lay_out_row(row: &[Cell], widths: &[usize], lines: &mut Vec<Line>) {
    let cells: Vec<Vec<Line>> =
        row.iter().zip(widths).map(|(cell, &width)| wrap(&cell.spans, width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or_default();
    for number in 0..height {
        let mut line = Line::new();
        // Spaces are written only before further text: no line ends in blanks.
        let mut pending = 0;
        for ((cell, wrapped), &width) in row.iter().zip(&cells).zip(widths) {
            let part = wrapped.get(number).map_or(&[][..], Vec::as_slice);
            let used: usize = part.iter().map(|(text, _)| text.width()).sum();
            let free = width.saturating_sub(used);
            let (before, after) = if cell.number { (free, 0) } else { (0, free) };
            if used > 0 {
                line.push((" ".repeat(pending + before), Style::Plain));
                line.extend_from_slice(part);
                pending = after + GAP;
            } else {
                pending += width + GAP;
            }
        }
        line.retain(|(text, _)| !text.is_empty());
        lines.push(line);
    }
}

/// Breaks text at spaces, and a word that is longer than a line anywhere. Nothing is left out.
fn wrap(spans: &[Span], width: usize) -> Vec<Line> {
    let width = width.max(1);
    let texts: Vec<(Cow<'_, str>, Style)> =
        spans.iter().map(|span| (visible(&span.text), span.style)).collect();
    let chars: Vec<(char, Style)> =
        texts.iter().flat_map(|(text, style)| text.chars().map(move |c| (c, *style))).collect();
    let mut lines = Vec::new();
    let mut rest = chars.as_slice();
    while !rest.is_empty() {
        let mut used = 0;
        let fitting = rest.iter().take_while(|(c, _)| {
            used += c.width().unwrap_or_default();
            used <= width
        });
        // A character that is wider than the column has a line of its own.
        let fitting = fitting.count().max(1);
        let (line, after) = if fitting == rest.len() || rest.get(fitting).is_some_and(|(c, _)| *c == ' ') {
            rest.split_at(fitting)
        } else {
            match rest[..fitting].iter().rposition(|(c, _)| *c == ' ').filter(|&space| space > 0) {
                Some(space) => rest.split_at(space),
                None => rest.split_at(fitting),
            }
        };
        let blanks = line.iter().rev().take_while(|(c, _)| *c == ' ').count();
        lines.push(runs(&line[..line.len() - blanks]));
        let blanks = after.iter().take_while(|(c, _)| *c == ' ').count();
        rest = &after[blanks..];
    }
    lines
}

fn runs(chars: &[(char, Style)]) -> Line {
    let mut line = Line::new();
    for &(c, style) in chars {
        match line.last_mut() {
            Some((text, last)) if *last == style => text.push(c),
            _ => line.push((c.to_string(), style)),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(line: &Line) -> String {
        line.iter().map(|(text, _)| text.as_str()).collect()
    }

    #[test]
    fn columns_are_aligned_and_wrapped_at_spaces() {
        let rows = vec![
            vec!["id".into(), Cell::number(7), "a longer sentence that wraps".into()],
            vec!["計画".into(), Cell::number(123), "".into()],
        ];
        let lines = table(&["Name".to_owned(), "Rows".to_owned(), "Text".to_owned()], &rows, 30);
        let lines: Vec<String> = lines.iter().map(text).collect();
        assert_eq!(
            lines,
            [
                "Name  Rows  Text",
                "────  ────  ──────────────────",
                "id       7  a longer sentence",
                "            that wraps",
                "計画   123",
            ]
        );
    }

    fn letters(text: &str) -> String {
        text.chars().filter(|c| *c != ' ').collect()
    }

    proptest! {
        #[test]
        fn nothing_is_left_out_and_no_line_is_too_wide(
            words in proptest::collection::vec("[a-z計 ]{0,30}", 1..5), width in 40_usize..120,
        ) {
            let header: Vec<String> = words.iter().map(|_| "H".to_owned()).collect();
            let row: Vec<Cell> = words.iter().map(|word| word.as_str().into()).collect();
            let lines = table(&header, &[row], width);
            for line in &lines {
                prop_assert!(text(line).width() <= width);
                prop_assert!(!text(line).ends_with(' ') || text(line).trim().is_empty());
            }
            // Column by column: what wrapping gives is the text again, but for blanks.
            for word in &words {
                let wrapped: String = wrap(&[word.as_str().into()], 9).iter().map(text).collect();
                prop_assert_eq!(letters(&wrapped), letters(word));
            }
        }
    }
}
