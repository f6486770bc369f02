//! Expected and actual side by side, for every width of a terminal.

use unicode_width::UnicodeWidthStr;

use super::grid;
use super::grid::{Column, GAP, Grid, Lines};
use super::style::styled;
use crate::base::escape::visible;
use crate::report::Canvas;
use crate::report::document::{Difference, Differences, Span, Style};

/// In the wide form what one side says wraps only when it is longer.
const SIDE: usize = 32;
/// As long as the longest rule with its severity: it stays on one line.
const RULE: usize = "error unmodelled-difference".len();

/// Lays out differences. Where there is room, each is one row. Where there is not, the rule and the object stand below
/// each other in one column, so that both sides still stand side by side; and sides with a word that is too long for
/// that stand below each other across all columns. No name is broken that fits into a line at all.
pub(crate) fn lines(sides: [&'static str; 2], groups: &[Differences], canvas: Canvas) -> Vec<String> {
    let wide = wide(sides, groups, canvas);
    if wide.least_width() <= canvas.width {
        wide.lines(canvas)
    } else {
        narrow(sides, groups, canvas).lines(canvas)
    }
}

fn wide([expected, actual]: [&'static str; 2], groups: &[Differences], canvas: Canvas) -> Grid {
    let mut grid = Grid::new(vec![
        Column::whole("Rule"),
        Column::wrapping("Object"),
        Column::keeping(expected, SIDE),
        Column::keeping(actual, SIDE),
        Column::whole("Line"),
    ]);
    fill(&mut grid, groups, canvas, |grid, row| {
        grid.row(vec![
            vec![rule(row)].into(),
            vec![row.object.clone()].into(),
            vec![vec![side(&row.expected)]].into(),
            vec![vec![side(&row.actual)]].into(),
            place(row),
        ]);
    });
    grid
}

fn narrow(titles: [&'static str; 2], groups: &[Differences], canvas: Canvas) -> Grid {
    let mut grid = Grid::new(vec![
        Column::keeping("Finding", RULE),
        Column::wrapping(titles[0]),
        Column::wrapping(titles[1]),
        Column::whole("Line"),
    ]);
    let rows = || groups.iter().flat_map(|group| &group.rows);
    let width = |spans: &[Span]| spans.iter().map(|span| visible(&span.text).width()).sum::<usize>();
    let finding = |row: &Difference| finding(row).iter().map(|line| width(line)).max().unwrap_or_default();
    let what = rows().map(finding).max().unwrap_or_default();
    let line = rows().map(|row| row.place.width()).max().unwrap_or_default().max("Line".len());
    let share = canvas.width.saturating_sub(what + line + 3 * GAP) / 2;
    fill(&mut grid, groups, canvas, |grid, row| {
        let sides = [side(&row.expected), side(&row.actual)];
        let [expected, actual] = sides.clone().map(|side| Lines::from(vec![vec![side]]));
        if sides.iter().all(|side| grid::longest_word(&visible(&side.text)) <= share) {
            grid.row(vec![self::finding(row).into(), expected, actual, place(row)]);
            return;
        }
        let empty = || Lines::from(Vec::new());
        grid.row(vec![self::finding(row).into(), empty(), empty(), place(row)]);
        let labels = titles.map(|title| format!("    {}", title.to_lowercase()));
        grid.across(grid::labelled(labels.into_iter().zip(sides), canvas));
    });
    grid
}

fn fill(grid: &mut Grid, groups: &[Differences], canvas: Canvas, add: impl Fn(&mut Grid, &Difference)) {
    for (number, group) in groups.iter().enumerate() {
        let mut title = vec![title(&group.title, canvas)];
        if number > 0 {
            title.insert(0, String::new());
        }
        grid.across(title);
        for row in &group.rows {
            add(grid, row);
            if let Some(note) = &row.note {
                grid.across(grid::labelled([("    note", Span::new(note.as_str(), Style::Dim))], canvas));
            }
        }
    }
}

fn title(spans: &[Span], canvas: Canvas) -> String {
    spans.iter().map(|span| styled(&visible(&span.text), span.style, canvas)).collect()
}

fn rule(row: &Difference) -> Vec<Span> {
    vec![row.severity.clone(), " ".into(), row.rule.as_str().into()]
}

/// The rule, and the object below it, further in: where a finding begins is seen at a glance.
fn finding(row: &Difference) -> Vec<Vec<Span>> {
    let mut lines = vec![rule(row)];
    lines.extend(
        row.object.iter().map(|span| vec!["  ".into(), Span::new(span.text.trim_start(), span.style)]),
    );
    lines
}

fn side(text: &Option<String>) -> Span {
    match text {
        Some(text) => Span::from(text.as_str()),
        None => Span::new("—", Style::Dim),
    }
}

fn place(row: &Difference) -> Lines {
    Lines::number(Span::new(row.place.as_str(), Style::Dim))
}
