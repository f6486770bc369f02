//! Expected and actual side by side, for every width of a terminal.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use super::grid;
use super::grid::{Column, Grid, Lines};
use super::wrap::wrapped;
use crate::base::escape::visible;
use crate::report::Canvas;
use crate::report::document::{Difference, Differences, Span, Style, Versus};

/// In the wide form what one side says wraps only when it is longer.
const SIDE: usize = 32;

/// Lays out differences, in the form that takes the fewest lines. Where there is room, each is one row, and a table with
/// one difference has no line of its own. Where there is not, each is a sentence in one line, with its sides below it where
/// they do not fit. No name is broken that fits into a line at all.
pub(crate) fn lines(sides: Versus, groups: &[Differences], canvas: Canvas) -> Vec<String> {
    let sides = sides.titles();
    let both = [Titles::OfSeveral, Titles::All];
    let narrow = both.map(|titles| narrow(sides, groups, titles, canvas).lines(canvas));
    let mut shortest = narrow.into_iter().min_by_key(Vec::len).unwrap_or_default();
    // Where both take as many, it is columns.
    let mut at_most = shortest.len();
    for titles in both {
        let grid = wide(sides, groups, titles, canvas);
        // Columns take the most time to lay out, and more often than not their titles alone make them longer.
        if grid.fewest_lines() > at_most || grid.least_width() > canvas.width {
            continue;
        }
        let lines = grid.lines(canvas);
        if lines.len() <= at_most {
            at_most = lines.len().saturating_sub(1);
            shortest = lines;
        }
    }
    shortest
}

/// How much further in the further lines of a title stand.
const BELOW: usize = 4;

/// Which tables have a line of their own above their differences.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Titles {
    /// Those of which there is more to say than one difference; else the object is called by its full name.
    OfSeveral,
    /// Those of which there is more to say than that they are missing, or should not be there.
    All,
}

impl Titles {
    fn has(self, group: &Differences) -> bool {
        match group.rows.as_slice() {
            [row] => self == Titles::All && !row.is_whole,
            _ => true,
        }
    }
}

fn wide(
    [expected, actual]: [&'static str; 2],
    groups: &[Differences],
    titles: Titles,
    canvas: Canvas,
) -> Grid {
    let mut grid = Grid::new(vec![
        Column::whole("rule"),
        Column::wrapping("object"),
        Column::keeping(expected, SIDE),
        Column::keeping(actual, SIDE),
        Column::whole("line"),
    ]);
    fill(&mut grid, groups, titles, canvas, |grid, row, object| {
        let [one, other] = row.abridged();
        grid.row(vec![
            vec![rule(row)].into(),
            vec![object].into(),
            vec![vec![side(one)]].into(),
            vec![vec![side(other)]].into(),
            place(row),
        ]);
    });
    grid
}

/// No columns: a line for each, and the two sides below it where they do not fit into it.
fn narrow(names: [&'static str; 2], groups: &[Differences], titles: Titles, canvas: Canvas) -> Grid {
    let mut grid = Grid::new(vec![Column::whole("")]);
    let width = |spans: &[Span]| spans.iter().map(|span| visible(&span.text).width()).sum::<usize>();
    fill(&mut grid, groups, titles, canvas, |grid, row, object| {
        let mut said = rule(row);
        said.push(" ".into());
        said.extend(object);
        let line = (!row.place.is_empty()).then(|| Span::new(format!("  line {}", row.place), Style::Dim));
        // What is missing, or should not be there, needs no word for its side.
        let sides = row.abridged();
        let both = match &sides {
            [Some(one), Some(other)] => format!(": {} {one}, {} {other}", names[0], names[1]),
            [Some(only), None] | [None, Some(only)] => format!(": {only}"),
            [None, None] => String::new(),
        };
        let whole: Vec<Span> = said.iter().cloned().chain([both.into()]).chain(line.clone()).collect();
        if width(&whole) <= canvas.width {
            grid.across(wrapped(&whole, BELOW, canvas));
            return;
        }
        said.extend(line);
        grid.across(wrapped(&said, BELOW, canvas));
        let labels = names.iter().map(|name| format!("    {name}"));
        let there =
            labels.zip(sides).filter_map(|(label, side)| Some((label, Span::new(side?, Style::Plain))));
        grid.across(grid::labelled(there, canvas));
    });
    grid
}

fn fill(
    grid: &mut Grid,
    groups: &[Differences],
    titles: Titles,
    canvas: Canvas,
    add: impl Fn(&mut Grid, &Difference, Vec<Span>),
) {
    for group in groups {
        if titles.has(group) {
            grid.across(wrapped(&group.title, BELOW, canvas));
        }
        for row in &group.rows {
            add(grid, row, object(group, row, titles));
            if let Some(note) = &row.note {
                grid.across(grid::labelled([("    note", Span::new(note.as_str(), Style::Dim))], canvas));
            }
        }
    }
}

/// What differs: below the title of its table by its own name, else by its full one.
fn object(group: &Differences, row: &Difference, titles: Titles) -> Vec<Span> {
    if titles.has(group) { row.object.clone() } else { row.path.clone() }
}

fn rule(row: &Difference) -> Vec<Span> {
    vec![row.severity.clone(), " ".into(), row.rule.as_str().into()]
}

fn side(text: Option<Cow<'_, str>>) -> Span {
    match text {
        Some(text) => Span::new(text, Style::Plain),
        None => Span::new("—", Style::Dim),
    }
}

fn place(row: &Difference) -> Lines {
    Lines::number(Span::new(row.place.as_str(), Style::Dim))
}
