//! The parts of a diagram, put together on one sheet.

use super::shape::{GAP, Layout, Node, Part, Point, Rect};

/// Between two parts.
const PART_GAP: i32 = 2 * GAP;

/// Puts the largest part first, the others in rows, and below them what is linked to nothing, in columns. The sheet is
/// `wide` or as wide as its widest part.
pub(super) fn pack(
    nodes: &[Node],
    link_count: usize,
    mut parts: Vec<Part>,
    alone: &[usize],
    wide: i32,
) -> Layout {
    let mut sheet = Layout {
        boxes: vec![Rect::default(); nodes.len()],
        routes: vec![Default::default(); link_count],
        ..Layout::default()
    };
    parts.sort_by_key(|part| std::cmp::Reverse(part.boxes.len()));
    let (mut x, mut y, mut row) = (GAP, GAP, 0);
    for part in parts {
        if x > GAP && x + part.width + GAP > wide {
            (x, y, row) = (GAP, y + row + PART_GAP, 0);
        }
        for (node, rect) in part.boxes {
            sheet.boxes[node] = Rect { x: rect.x + x, y: rect.y + y, ..rect };
        }
        for (link, mut route) in part.routes {
            route.points.iter_mut().for_each(|point| *point = Point { x: point.x + x, y: point.y + y });
            sheet.routes[link] = route;
        }
        sheet.width = sheet.width.max(x + part.width + GAP);
        x += part.width + PART_GAP;
        row = row.max(part.height);
        sheet.height = y + row + GAP;
    }
    let top = if sheet.height == 0 { GAP } else { sheet.height + PART_GAP - GAP };
    in_columns(nodes, alone, top, wide.max(sheet.width), &mut sheet);
    sheet
}

/// Each box into the column that is shortest so far.
fn in_columns(nodes: &[Node], alone: &[usize], top: i32, wide: i32, sheet: &mut Layout) {
    let Some(width) = alone.iter().map(|&node| nodes[node].width).max() else { return };
    let fitting = usize::try_from((wide - GAP) / (width + GAP)).unwrap_or_default();
    let mut bottoms = vec![top; fitting.clamp(1, alone.len())];
    for &node in alone {
        let Some((column, bottom)) = bottoms.iter_mut().enumerate().min_by_key(|(_, bottom)| **bottom) else {
            continue;
        };
        let x = GAP + i32::try_from(column).unwrap_or_default() * (width + GAP);
        let Node { width, height } = nodes[node];
        sheet.boxes[node] = Rect { x, y: *bottom, width, height };
        *bottom += height + GAP;
        sheet.height = sheet.height.max(*bottom);
        sheet.width = sheet.width.max(x + width + GAP);
    }
}
