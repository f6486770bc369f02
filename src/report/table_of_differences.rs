//! Expected and actual side by side, for every width of a terminal.

use super::Canvas;
use super::document::{Difference, Differences, Span, Style};
use super::escape::visible;
use super::grid::{self, Column, Grid, Lines};
use super::style::styled;

/// In the wide form what one side says wraps only when it is longer.
const SIDE: usize = 32;
/// As long as the longest rule with its severity: it stays on one line.
const RULE: usize = "error unmodelled-difference".len();

/// Lays out differences. Where there is room, each is one row; where there is not, the rule and the object stand below
/// each other in one column, so that both sides still stand side by side and no name is broken.
pub(super) fn lines(groups: &[Differences], canvas: Canvas) -> Vec<String> {
    let wide = Grid::new(vec![
        Column::whole("Rule"),
        Column::wrapping("Object"),
        Column::keeping("Spec", SIDE),
        Column::keeping("Database", SIDE),
        Column::whole("Line"),
    ]);
    let wide =
        filled(wide, groups, canvas, |row| vec![vec![rule(row)].into(), vec![row.object.clone()].into()]);
    if wide.least_width() <= canvas.width {
        return wide.lines(canvas);
    }
    let narrow = Grid::new(vec![
        Column::keeping("Finding", RULE),
        Column::wrapping("Spec"),
        Column::wrapping("Database"),
        Column::whole("Line"),
    ]);
    filled(narrow, groups, canvas, |row| {
        // Further in than the rule: where a finding begins is seen at a glance.
        let object = std::iter::once("  ".into()).chain(row.object.iter().cloned()).collect();
        vec![vec![rule(row), object].into()]
    })
    .lines(canvas)
}

fn filled(
    mut grid: Grid,
    groups: &[Differences],
    canvas: Canvas,
    what: impl Fn(&Difference) -> Vec<Lines>,
) -> Grid {
    for (number, group) in groups.iter().enumerate() {
        let mut title = vec![title(&group.title, canvas)];
        if number > 0 {
            title.insert(0, String::new());
        }
        grid.across(title);
        for row in &group.rows {
            let mut cells = what(row);
            cells.extend([side(&row.expected), side(&row.actual)]);
            cells.push(Lines::number(Span::new(row.place.as_str(), Style::Dim)));
            grid.row(cells);
            if let Some(note) = &row.note {
                grid.across(grid::paragraph(&format!("note: {note}"), Style::Dim, 2, canvas));
            }
        }
    }
    grid
}

fn title(spans: &[Span], canvas: Canvas) -> String {
    spans.iter().map(|span| styled(&visible(&span.text), span.style, canvas)).collect()
}

fn rule(row: &Difference) -> Vec<Span> {
    vec![row.severity.clone(), " ".into(), row.rule.as_str().into()]
}

fn side(text: &Option<String>) -> Lines {
    let span = match text {
        Some(text) => Span::from(text.as_str()),
        None => Span::new("—", Style::Dim),
    };
    vec![vec![span]].into()
}
