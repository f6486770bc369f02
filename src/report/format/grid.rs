//! Tables on a grid of characters. comfy-table gives the columns their widths and wraps what is in them; this module
//! says how narrow a column may become, so that a name is broken only where no other arrangement fits.

use comfy_table::{
    Cell as GridCell, CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Row,
    Table, TableStyle, Width,
};
use unicode_width::UnicodeWidthStr;

use super::style::styled;
use crate::base::escape::visible;
use crate::report::bars::Share;
use crate::report::document::{Span, Style};
use crate::report::{Canvas, Cell};

/// Between two columns.
const GAP: usize = 2;
/// A column is not made narrower than this to fit the others in, unless all that it holds is narrower.
const LEAST: usize = 8;
/// A sentence can be read in a column as wide as that.
const READABLE: usize = 24;
/// Stands in a row of its own where lines across all columns go. No text of a cell looks like it: what is shown has no
/// control characters in it.
const MARKER: &str = "\u{1}";

const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction(' '))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none().junction(' '));

/// A table that is to be laid out.
pub(crate) struct Grid {
    columns: Vec<Column>,
    rows: Vec<GridRow>,
}

/// How a column may be squeezed.
pub(crate) struct Column {
    title: String,
    /// Lines up to this width stay whole.
    keep: usize,
}

enum GridRow {
    Cells(Vec<Lines>),
    /// Lines across all columns.
    Across(Vec<String>),
}

/// What is in a cell, line by line.
pub(crate) struct Lines {
    lines: Vec<Vec<Span>>,
    number: bool,
}

impl Column {
    /// A column that wraps at spaces.
    pub(crate) fn wrapping(title: &str) -> Column {
        Column::keeping(title, 0)
    }

    /// A column that wraps at spaces, but only what is wider than `keep`.
    pub(crate) fn keeping(title: &str, keep: usize) -> Column {
        Column { title: title.to_owned(), keep }
    }

    /// A column whose lines stay whole.
    pub(crate) fn whole(title: &str) -> Column {
        Column::keeping(title, usize::MAX)
    }
}

impl From<&Cell> for Lines {
    fn from(cell: &Cell) -> Lines {
        Lines { lines: vec![cell.spans.clone()], number: cell.number }
    }
}

impl From<Vec<Vec<Span>>> for Lines {
    fn from(lines: Vec<Vec<Span>>) -> Lines {
        Lines { lines, number: false }
    }
}

impl Lines {
    /// One line, aligned to the right.
    pub(crate) fn number(span: Span) -> Lines {
        Lines { lines: vec![vec![span]], number: true }
    }
}

/// Lays out a table of cells, each of which is one line when there is room.
pub(crate) fn table(header: &[String], rows: &[Vec<Cell>], canvas: Canvas) -> Vec<String> {
    let mut grid = Grid::new(header.iter().map(|title| Column::wrapping(title)).collect());
    for row in rows {
        grid.row(row.iter().map(Lines::from).collect());
    }
    grid.lines(canvas)
}

/// A bar that is shorter than this shows nothing.
const LEAST_BAR: usize = 10;

/// Lays out the rows of a query, with a bar behind each where there are bars. Where the values of a row do not fit side by
/// side without a word being broken, or wrapped so often that it takes more lines, each row is a list of its values.
pub(crate) fn rows(header: &[String], rows: &[Vec<Cell>], bars: &[Share], canvas: Canvas) -> Vec<String> {
    // Names of columns come from the query: they are no more to be trusted than values.
    let mut grid = Grid::new(header.iter().map(|title| Column::wrapping(&visible(title))).collect());
    for row in rows {
        grid.row(row.iter().map(Lines::from).collect());
    }
    let natural = grid.natural_width();
    if natural > canvas.width {
        let list = one_by_one(header, rows, canvas);
        let table = grid.lines(canvas);
        return if grid.least_width() > canvas.width || table.len() > list.len() { list } else { table };
    }
    let room = canvas.width.saturating_sub(natural + GAP);
    if bars.is_empty() || room < LEAST_BAR {
        return grid.lines(canvas);
    }
    grid.columns.push(Column::whole(""));
    for (row, share) in grid.rows.iter_mut().zip(bars) {
        if let GridRow::Cells(cells) = row {
            cells.push(vec![vec![share.bar(room).into()]].into());
        }
    }
    grid.lines(canvas)
}

fn one_by_one(header: &[String], rows: &[Vec<Cell>], canvas: Canvas) -> Vec<String> {
    let mut grid = Grid::new(vec![Column::whole(""), Column::wrapping("")]);
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            grid.across(vec![String::new()]);
        }
        for (title, cell) in header.iter().zip(row) {
            let title = Span::new(title.as_str(), Style::Dim);
            grid.row(vec![vec![vec![title]].into(), vec![cell.spans.clone()].into()]);
        }
    }
    grid.lines(canvas)
}

/// Wraps a text of one style.
pub(crate) fn paragraph(text: &str, style: Style, canvas: Canvas) -> Vec<String> {
    let mut grid = Grid::new(vec![Column::wrapping("")]);
    grid.row(vec![vec![vec![Span::new(text, style)]].into()]);
    grid.lines(canvas)
}

/// Wraps texts behind their labels; the texts begin below each other.
pub(crate) fn labelled<L: Into<String>>(
    texts: impl IntoIterator<Item = (L, Span)>,
    canvas: Canvas,
) -> Vec<String> {
    let mut grid = Grid::new(vec![Column::whole(""), Column::wrapping("")]);
    for (label, text) in texts {
        grid.row(vec![vec![vec![Span::new(label, Style::Dim)]].into(), vec![vec![text]].into()]);
    }
    grid.lines(canvas)
}

impl Grid {
    pub(crate) fn new(columns: Vec<Column>) -> Grid {
        Grid { columns, rows: Vec::new() }
    }

    /// Adds a row with a cell for each column.
    pub(crate) fn row(&mut self, cells: Vec<Lines>) {
        self.rows.push(GridRow::Cells(cells));
    }

    /// Adds lines that stand across all columns; they are taken as they are, styles included.
    pub(crate) fn across(&mut self, lines: Vec<String>) {
        self.rows.push(GridRow::Across(lines));
    }

    /// Where a single word would leave the columns beside it too narrow to be read, they have room all the same, and the word
    /// is broken.
    fn make_readable(&self, bounds: &mut [usize], room: usize) {
        let widest = bounds.iter().copied().max().unwrap_or_default();
        let beside = bounds.len().saturating_sub(1).max(1);
        if widest * 2 <= room || room.saturating_sub(widest) >= READABLE * beside {
            return;
        }
        let readable = READABLE.min(room / 2 / beside);
        for (bound, natural) in bounds.iter_mut().zip(self.natural_widths()) {
            *bound = (*bound).max(natural.min(readable));
        }
    }

    /// How wide the table is when nothing in it is wrapped.
    fn natural_width(&self) -> usize {
        let widths = self.natural_widths();
        widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
    }

    fn natural_widths(&self) -> Vec<usize> {
        let width = |lines: &Lines| {
            let line = |line: &Vec<Span>| line.iter().map(|span| visible(&span.text).width()).sum::<usize>();
            lines.lines.iter().map(line).max().unwrap_or_default()
        };
        let mut widths: Vec<usize> = self.columns.iter().map(|column| column.title.width()).collect();
        for row in &self.rows {
            let GridRow::Cells(cells) = row else { continue };
            for (widest, cell) in widths.iter_mut().zip(cells) {
                *widest = (*widest).max(width(cell));
            }
        }
        widths
    }

    /// How wide the table has to be for no name in it to be broken.
    pub(crate) fn least_width(&self) -> usize {
        self.bounds().iter().sum::<usize>() + GAP * self.columns.len().saturating_sub(1)
    }

    /// How many lines the table has at the least: those when nothing in it is wrapped.
    pub(crate) fn fewest_lines(&self) -> usize {
        /// The titles, and the rule below them.
        const HEAD: usize = 2;
        let lines = self.rows.iter().map(|row| match row {
            GridRow::Cells(_) => 1,
            GridRow::Across(lines) => lines.len(),
        });
        HEAD + lines.sum::<usize>()
    }

    /// The lines of the table, not wider than the canvas unless there are too many columns for that. Nothing is left
    /// out of it.
    pub(crate) fn lines(&self, canvas: Canvas) -> Vec<String> {
        let in_columns = self.rows.iter().any(|row| matches!(row, GridRow::Cells(_)));
        if !in_columns {
            return self.across_all().flatten().cloned().collect();
        }
        let mut bounds = self.bounds();
        let gaps = GAP * bounds.len().saturating_sub(1);
        let room = canvas.width.saturating_sub(gaps);
        self.make_readable(&mut bounds, room);
        shrink(&mut bounds, room);
        let width = canvas.width.max(bounds.iter().sum::<usize>() + gaps);

        let mut table = Table::new();
        table.force_no_tty().set_content_arrangement(ContentArrangement::Dynamic).set_width(to_u16(width));
        table.load_style(STYLE);
        if self.columns.iter().any(|column| !column.title.is_empty()) {
            let titles =
                self.columns.iter().map(|column| GridCell::new(styled(&column.title, Style::Strong, canvas)));
            table.set_header(titles.collect::<Vec<_>>());
        }
        for row in &self.rows {
            match row {
                GridRow::Cells(cells) => {
                    table.add_row(Row::from(cells.iter().map(|cell| grid_cell(cell, canvas))))
                }
                GridRow::Across(_) => table.add_row(vec![MARKER]),
            };
        }
        let last = bounds.len().saturating_sub(1);
        for (index, (column, bound)) in table.column_iter_mut().zip(&bounds).enumerate() {
            column.set_padding((0, u16::from(index < last)));
            let padding = usize::from(index < last);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(to_u16(bound + padding))));
        }
        self.with_lines_across(table.lines(), canvas)
    }

    /// Puts the lines that stand across all columns where their markers stand, dims the rule below the titles, and cuts
    /// the blanks at the ends.
    fn with_lines_across(&self, laid_out: impl Iterator<Item = String>, canvas: Canvas) -> Vec<String> {
        let mut across = self.across_all();
        let mut below_titles = false;
        let mut lines = Vec::new();
        for line in laid_out {
            let line = line.trim_end();
            if !below_titles && line.starts_with('─') {
                below_titles = true;
                lines.push(styled(line, Style::Dim, canvas));
            } else if line == MARKER {
                lines.extend(across.next().into_iter().flatten().cloned());
            } else {
                lines.push(line.to_owned());
            }
        }
        lines
    }

    fn across_all(&self) -> impl Iterator<Item = &Vec<String>> {
        self.rows.iter().filter_map(|row| match row {
            GridRow::Across(lines) => Some(lines),
            GridRow::Cells(_) => None,
        })
    }

    /// For each column the width below which a line or a word in it would be broken.
    fn bounds(&self) -> Vec<usize> {
        let mut bounds: Vec<usize> = self.columns.iter().map(|column| longest_word(&column.title)).collect();
        for row in &self.rows {
            let GridRow::Cells(cells) = row else { continue };
            for ((bound, column), cell) in bounds.iter_mut().zip(&self.columns).zip(cells) {
                for line in &cell.lines {
                    let text: String = line.iter().map(|span| visible(&span.text)).collect();
                    *bound = (*bound).max(longest_word(&text)).max(text.width().min(column.keep));
                }
            }
        }
        bounds
    }
}

fn grid_cell(cell: &Lines, canvas: Canvas) -> GridCell {
    let line = |line: &Vec<Span>| -> String {
        line.iter().map(|span| styled(&visible(&span.text), span.style, canvas)).collect()
    };
    let text: Vec<String> = cell.lines.iter().map(line).collect();
    let alignment = if cell.number { CellAlignment::Right } else { CellAlignment::Left };
    GridCell::new(text.join("\n")).set_alignment(alignment)
}

/// Spaces at the start belong to the first word.
fn longest_word(text: &str) -> usize {
    let words = text.trim_start_matches(' ');
    let first = words.split(' ').next().map_or(0, |word| text.len() - words.len() + word.width());
    words.split(' ').map(UnicodeWidthStr::width).max().unwrap_or_default().max(first)
}

/// Takes from the widest columns until all fit into `room`, or are as narrow as they may become.
fn shrink(widths: &mut [usize], room: usize) {
    let natural = widths.to_vec();
    let total = |cap: usize| natural.iter().map(|&width| width.min(cap)).sum::<usize>();
    let widest = natural.iter().copied().max().unwrap_or_default().max(LEAST);
    let cap = (LEAST..=widest).rev().find(|&cap| total(cap) <= room).unwrap_or(LEAST);
    for width in widths {
        *width = (*width).min(cap);
    }
}

fn to_u16(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: Canvas = Canvas { width: 80, color: false, whole: true, wraps: false };

    fn header(count: usize) -> Vec<String> {
        vec!["H".to_owned(); count]
    }

    #[test]
    fn columns_are_aligned_and_wrapped_at_spaces() {
        let rows = vec![
            vec!["id".into(), Cell::number(7), "a longer sentence that wraps".into()],
            vec!["計画".into(), Cell::number(123), "".into()],
        ];
        let header = ["Name", "Rows", "Text"].map(str::to_owned);
        assert_eq!(
            table(&header, &rows, Canvas { width: 30, ..PLAIN }),
            [
                "Name  Rows  Text",
                "──────────────────────────────",
                "id       7  a longer sentence",
                "            that wraps",
                "計画   123",
            ]
        );
    }

    /// The state of a database with a long name stood in a column of eight characters.
    #[test]
    fn a_word_as_wide_as_the_table_leaves_room_to_read_what_stands_beside_it() {
        let name = "n".repeat(200);
        let state = "at 9, 3 pending, another schema: the table plans has no column owner";
        let rows = [[Cell::from(name.clone()), Cell::from(state.to_owned())]];
        let mut grid = Grid::new(vec![Column::wrapping("database"), Column::wrapping("state")]);
        rows.iter().for_each(|row| grid.row(row.iter().map(Lines::from).collect()));
        let lines = grid.lines(PLAIN);
        assert!(lines.iter().all(|line| line.width() <= 80), "{lines:#?}");
        let wide = |line: &String| line.rsplit("  ").next().map_or(0, UnicodeWidthStr::width);
        assert!(lines.iter().skip(2).map(wide).max() >= Some(READABLE), "{lines:#?}");
        // One that fits stays whole.
        let name = "n".repeat(50);
        let mut grid = Grid::new(vec![Column::wrapping("database"), Column::wrapping("state")]);
        grid.row([Cell::from(name.clone()), Cell::from(state.to_owned())].iter().map(Lines::from).collect());
        assert!(grid.lines(PLAIN).iter().any(|line| line.starts_with(&format!("{name} "))));
    }

    #[test]
    fn lines_across_all_columns_stand_where_they_were_put_whatever_a_cell_says() {
        let mut grid = Grid::new(vec![Column::wrapping("A"), Column::wrapping("B")]);
        grid.across(vec!["first".to_owned()]);
        grid.row(vec![(&Cell::from(MARKER)).into(), (&Cell::from("")).into()]);
        grid.across(vec![String::new(), "second, and wider than the columns".to_owned()]);
        assert_eq!(
            grid.lines(PLAIN),
            ["A      B", "────────", "first", "\\u{1}", "", "second, and wider than the columns"]
        );
    }

    fn letters(text: &str) -> String {
        let mut letters: Vec<char> = text.chars().filter(|c| !matches!(c, ' ' | '─' | 'H')).collect();
        letters.sort_unstable();
        letters.into_iter().collect()
    }

    proptest! {
        /// Laws: no line is too wide, nothing is left out, and no word is broken when all longest words fit.
        #[test]
        fn nothing_is_left_out_and_no_word_is_broken_that_fits(
            rows in proptest::collection::vec(proptest::collection::vec("[a-z計]{0,12}( [a-z計]{1,12}){0,4}", 4), 1..5),
            width in 40_usize..120,
            color in any::<bool>(),
        ) {
            let cell = |text: &String| Cell::from(Span::new(text.as_str(), Style::Code));
            let cells: Vec<Vec<Cell>> = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
            let lines = table(&header(4), &cells, Canvas { width, color, whole: true, wraps: false }).join("\n");
            let plain = anstream::adapter::strip_str(&lines).to_string();
            for line in plain.lines() {
                prop_assert!(line.width() <= width, "{line:?}");
            }
            prop_assert_eq!(letters(&plain.replace('\n', " ")), letters(&rows.concat().concat()));
            let longest = |column: usize| rows.iter().map(|row| longest_word(&row[column])).max().unwrap_or(0);
            if (0..4).map(|column| longest(column).max(1)).sum::<usize>() + 3 * GAP <= width {
                let found: Vec<&str> = plain.split_whitespace().collect();
                for word in rows.iter().flatten().flat_map(|text| text.split_whitespace()) {
                    prop_assert!(found.contains(&word), "{word:?} is broken in\n{plain}");
                }
            }
        }
    }
}
