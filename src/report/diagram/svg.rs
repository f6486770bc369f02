//! The diagram as SVG, for an HTML page: no script, no font and no colour of its own (the page has them). What a script
//! needs to know is in it: tables are numbered in their order, and a line has the numbers of its two ends.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::distant::Distant;
use super::layout::layout;
use super::shape::{Layout, Link, Node, Point, Rect, Route};
use super::{Box, Diagram, Line, Row};
use crate::base::escape::visible;
use crate::report::format::html::escape;
use crate::report::schema_page::shown;

/// A page is about this wide; what is wider takes the whole window.
pub(in crate::report) const PAGE: i32 = 1240;
/// Sheets that are tried for a diagram that does not fit on a page, and the shape of the window that they are for.
const SHEETS: [i32; 4] = [PAGE, 1800, 2500, 3400];
const WINDOW: (i32, i32) = (8, 5);
/// What a sheet of paper shows of a drawing without making it too small to read.
const PAPER: (i32, i32) = (1300, 1750);
/// Of a fixed-width font of 12 pixels: the width of a character and the height of a line.
const CHAR: f64 = 7.23;
const LINE: i32 = 19;
/// The title's line.
const TITLE: i32 = 26;
const PAD: i32 = 9;
/// Longer names are cut; the whole name is told by the tooltip.
const NAME: usize = 34;
const TYPE: usize = 16;
/// The letters of the keys, on the left of a row.
const KEYS: i32 = 26;

/// The SVG of a diagram; `anchor` gives the address of a table's section.
pub(in crate::report) fn svg(diagram: &Diagram<'_>, anchor: impl Fn(usize) -> String) -> Svg {
    let nodes: Vec<Node> = diagram.boxes.iter().map(size).collect();
    let links: Vec<Link> = diagram.lines.iter().map(|line| link(line, &diagram.lines)).collect();
    let placed = in_a_window(&nodes, &links);
    let (width, height) = (placed.width, placed.height);
    let tiny = if width > PAPER.0 || height > PAPER.1 { " tiny" } else { "" };
    let mut out = format!(
        "<svg class=\"er{tiny}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"group\" aria-label=\"Entity-relationship diagram\" xmlns=\"http://www.w3.org/2000/svg\">\n"
    );
    for (line, route) in diagram.lines.iter().zip(&placed.routes) {
        draw_line(line, route, &mut out);
    }
    for (number, (table, rect)) in diagram.boxes.iter().zip(&placed.boxes).enumerate() {
        draw_box(table, *rect, &anchor(number), &mut out);
    }
    out.push_str("</svg>\n");
    Svg { text: out, broad: width > PAGE }
}

/// A drawing.
pub(in crate::report) struct Svg {
    pub(in crate::report) text: String,
    /// Whether it is wider than a page.
    pub(in crate::report) broad: bool,
}

/// The layout that is seen largest when all of it is in the window; the narrowest of those that are about as large.
fn in_a_window(nodes: &[Node], links: &[Link]) -> Layout {
    let extent = |placed: &Layout| placed.width.max(placed.height * WINDOW.0 / WINDOW.1).max(PAGE);
    let mut best = layout(nodes, links, PAGE);
    for wide in SHEETS.into_iter().filter(|&wide| wide > PAGE) {
        if extent(&best) <= wide {
            break;
        }
        let other = layout(nodes, links, wide);
        if extent(&other) * 11 / 10 < extent(&best) {
            best = other;
        }
    }
    best
}

fn size(table: &Box<'_>) -> Node {
    let text = |text: &str, most: usize| (cut(text, most).width() as f64 * CHAR).ceil() as i32;
    let title = text(table.name, NAME) + text(table.name, NAME) / 20;
    let rows = table.rows.iter().map(|row| {
        let gap = if row.declared_type.is_empty() { 0 } else { 12 };
        KEYS + text(row.name, NAME) + gap + text(row.declared_type, TYPE)
    });
    let more = more(table).map(|more| KEYS + text(&more, NAME));
    let lines = table.rows.len() + usize::from(more.is_some());
    let widest = rows.chain([title]).chain(more).max().unwrap_or_default();
    let below = if lines == 0 { 0 } else { 6 + LINE * i32::try_from(lines).unwrap_or(i32::MAX / 64) };
    Node { width: (widest + 2 * PAD).max(110), height: TITLE + below }
}

/// What stands for the columns that are not shown.
fn more(table: &Box<'_>) -> Option<String> {
    let what = if table.rows.is_empty() { "" } else { " more" };
    match table.more {
        0 => table.is_virtual.then(|| "virtual table".to_owned()),
        1 => Some(format!("1{what} column")),
        more => Some(format!("{more}{what} columns")),
    }
}

/// Where a line meets a box: at the column's row, or at the title. Where lines of both kinds lead to the same row, those
/// that may lead nowhere end a little lower: their signs would cover each other.
fn link(line: &Line<'_>, all: &[Line<'_>]) -> Link {
    let y = |(_, row): (usize, Option<usize>)| match row {
        Some(row) => TITLE + 3 + LINE * i32::try_from(row).unwrap_or_default() + LINE / 2,
        None => TITLE / 2,
    };
    let (mut child_y, mut parent_y) = (y(line.child), y(line.parent));
    let other_kind =
        |other: &Line<'_>| other.parent == line.parent && other.reference.optional != line.reference.optional;
    if all.iter().any(other_kind) {
        parent_y += if line.reference.optional { 5 } else { -4 };
    }
    if line.child == line.parent {
        (child_y, parent_y) = (child_y + 6, parent_y - 2);
    }
    Link { child: line.child.0, child_y, parent: line.parent.0, parent_y }
}

/// A name as it is shown.
fn name_text(text: &str) -> String {
    cut(&shown(text), NAME)
}

/// At most so many columns of text, with control characters made visible.
fn cut(text: &str, most: usize) -> String {
    let text = visible(text);
    if text.width() <= most {
        return text.into_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if kept.width() + 2 > most {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept
}

fn draw_box(table: &Box<'_>, rect: Rect, anchor: &str, out: &mut String) {
    let Rect { x, y, width, height } = rect;
    let class = if table.exists { "table" } else { "table missing" };
    let name = escape(&name_text(table.name));
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(out, "<g class=\"{class}\">");
    if !table.exists {
        let _ = writeln!(out, "<title>{}: not in this schema</title>", escape(table.name));
    } else if name_text(table.name) != table.name {
        let _ = writeln!(out, "<title>{}</title>", escape(table.name));
    }
    let _ = writeln!(
        out,
        "<rect class=\"box\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"5\"/>"
    );
    let (open, close) = match table.exists {
        true => (format!("<a href=\"#{}\">", escape(anchor)), "</a>"),
        false => (String::new(), ""),
    };
    let (text_x, text_y) = (x + PAD, y + TITLE - 8);
    let _ = write!(out, "{open}<text class=\"name\" x=\"{text_x}\" y=\"{text_y}\">{name}</text>");
    Distant::of(&name_text(table.name), rect).draw(out);
    let _ = writeln!(out, "{close}\n<g class=\"near\">");
    let more = more(table);
    if !table.rows.is_empty() || more.is_some() {
        let line_y = y + TITLE;
        let _ = writeln!(out, "<path class=\"rule\" d=\"M{x} {line_y}h{width}\"/>");
    }
    let row_y = |row: usize| y + TITLE + 3 + LINE * i32::try_from(row).unwrap_or_default() + 14;
    for (number, row) in table.rows.iter().enumerate() {
        draw_row(row, rect, row_y(number), out);
    }
    if let Some(more) = more {
        let (x, y) = (x + PAD + KEYS, row_y(table.rows.len()));
        let _ = writeln!(out, "<text class=\"type\" x=\"{x}\" y=\"{y}\">{more}</text>");
    }
    out.push_str("</g>\n");
    out.push_str("</g>\n");
}

fn draw_row(row: &Row<'_>, rect: Rect, y: i32, out: &mut String) {
    let x = rect.x + PAD;
    if let Some(key) = row.keys.first() {
        let _ = write!(out, "<text class=\"key\" x=\"{x}\" y=\"{y}\">{}</text>", key.as_str());
    }
    let (name_x, type_x) = (x + KEYS, rect.right() - PAD);
    let name = escape(&name_text(row.name));
    let declared_type = escape(&cut(row.declared_type, TYPE));
    let _ = write!(out, "<text x=\"{name_x}\" y=\"{y}\">{name}</text>");
    if !declared_type.is_empty() {
        let _ = write!(out, "<text class=\"type end\" x=\"{type_x}\" y=\"{y}\">{declared_type}</text>");
    }
    out.push('\n');
}

fn draw_line(line: &Line<'_>, route: &Route, out: &mut String) {
    let [first, .., last] = route.points.as_slice() else { return };
    let is_loop = line.child.0 == line.parent.0;
    let title = escape(&crate::report::schema_page::reference_text(line.reference));
    let (child, parent) = (line.child.0, line.parent.0);
    let _ = writeln!(out, "<g class=\"line\" data-ends=\"{child} {parent}\"><title>{title}</title>");
    let path = if is_loop { around(route) } else { along(&route.points) };
    // The second path is what a pointer finds.
    let _ = writeln!(out, "<path d=\"{path}\"/><path class=\"hit\" d=\"{path}\"/>");
    let leaves = |from: &Point, to: Option<&Point>| to.is_none_or(|to| to.x >= from.x);
    let out_of_child = is_loop || leaves(first, route.points.get(1));
    let before_last = route.points.iter().rev().nth(1);
    let out_of_parent = is_loop || leaves(last, before_last);
    let _ = writeln!(
        out,
        "<path d=\"{}{}\"/>",
        child_end(*first, out_of_child, line),
        parent_end(*last, out_of_parent, line)
    );
    if line.reference.optional {
        let x = last.x + if out_of_parent { 12 } else { -12 };
        let _ = writeln!(out, "<circle cx=\"{x}\" cy=\"{}\" r=\"3.5\"/>", last.y);
    }
    out.push_str("</g>\n");
}

/// Many children, or one: a crow's foot, or a bar.
fn child_end(at: Point, to_the_right: bool, line: &Line<'_>) -> String {
    let sign = if to_the_right { 1 } else { -1 };
    let Point { x, y } = at;
    if line.reference.unique {
        return format!("M{} {}v8", x + 7 * sign, y - 4);
    }
    let tip = x + 11 * sign;
    format!("M{tip} {y}L{x} {}M{tip} {y}L{x} {}", y - 5, y + 5)
}

/// One parent; that there may be none is told by a circle.
fn parent_end(at: Point, to_the_right: bool, line: &Line<'_>) -> String {
    let sign = if to_the_right { 1 } else { -1 };
    let Point { x, y } = at;
    let bar = |away: i32| format!("M{} {}v8", x + away * sign, y - 4);
    if line.reference.optional { bar(5) } else { format!("{}{}", bar(5), bar(8)) }
}

/// Straight where the height stays, an S where it changes.
fn along(points: &[Point]) -> String {
    let mut path = String::new();
    for (at, point) in points.iter().enumerate() {
        let Point { x, y } = *point;
        match at.checked_sub(1).and_then(|before| points.get(before)) {
            None => drop(write!(path, "M{x} {y}")),
            Some(from) if from.y == y => drop(write!(path, "H{x}")),
            Some(from) => {
                let middle = (from.x + x) / 2;
                let _ = write!(path, "C{middle} {} {middle} {y} {x} {y}", from.y);
            }
        }
    }
    path
}

/// Out of the box, up or down, and back.
fn around(route: &Route) -> String {
    let [from, out, to] = route.points.as_slice() else { return String::new() };
    let far = out.x - 4;
    let radius = 8.min((to.y - from.y).abs() / 2);
    let turn = if to.y < from.y { -radius } else { radius };
    format!(
        "M{} {}H{}Q{far} {} {far} {}V{}Q{far} {} {} {}H{}",
        from.x,
        from.y,
        far - radius,
        from.y,
        from.y + turn,
        to.y - turn,
        to.y,
        far - radius,
        to.y,
        to.x
    )
}
