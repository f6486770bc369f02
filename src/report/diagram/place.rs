//! Coordinates of a part whose layers and orders are settled.

use super::order::{Grid, Item};
use super::shape::{GAP, LOOP, Link, Node, Point, Rect, Route};

/// Between a line and what it passes.
const LINE_GAP: i32 = 14;
/// Between two layers at least, and what steep lines may add.
const CHANNEL: i32 = 54;
const CHANNEL_MORE: i32 = 50;
/// Between two lines that lead back to the same box.
const LOOP_STEP: i32 = 9;
const SWEEPS: usize = 12;

/// A part with its coordinates, from (0, 0).
pub(super) struct Placed {
    pub(super) boxes: Vec<Rect>,
    pub(super) routes: Vec<Route>,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// Gives every box its rectangle and every line its points.
pub(super) fn place(nodes: &[Node], links: &[Link], grid: &Grid) -> Placed {
    let tops = tops(grid);
    // The columns of the layers, from left to right.
    let reaches = reaches(links, nodes.len());
    let beside = |node: usize| reaches.iter().filter(|(of, _)| *of == node).map(|(_, reach)| *reach).max();
    let (mut lefts, mut x) = (Vec::new(), 0);
    let mut rights = Vec::new();
    for (number, layer) in grid.layers.iter().enumerate() {
        let boxes = layer.iter().filter(|&&item| grid.items[item].is_box);
        let width = boxes.map(|&node| nodes[node].width + beside(node).unwrap_or_default()).max();
        lefts.push(x);
        x += width.unwrap_or_default();
        rights.push(x);
        let pieces = grid.pieces.iter().filter(|piece| grid.items[piece.left].layer == number);
        let climb = pieces
            .map(|piece| (tops[piece.left] + piece.left_y - tops[piece.right] - piece.right_y).abs())
            .max();
        x += CHANNEL + (climb.unwrap_or_default() / 8).min(CHANNEL_MORE);
    }
    let boxes: Vec<Rect> = nodes
        .iter()
        .enumerate()
        .map(|(node, size)| Rect {
            x: lefts[grid.items[node].layer],
            y: tops[node],
            width: size.width,
            height: size.height,
        })
        .collect();
    let routes = links
        .iter()
        .zip(&grid.ways)
        .zip(&reaches)
        .map(|((link, way), (_, reach))| match way.as_slice() {
            [] => back_to_itself(boxes[link.child], link, *reach),
            way => along(way, link, &boxes, &tops, &lefts, &rights, grid),
        })
        .collect();
    Placed {
        width: rights.last().copied().unwrap_or_default(),
        height: boxes.iter().map(|rect| rect.bottom()).chain(tops).max().unwrap_or_default(),
        boxes,
        routes,
    }
}

/// For each link its child and, where it leads back to its own box, how far it reaches out of it: the further, the more
/// of them it goes around.
fn reaches(links: &[Link], nodes: usize) -> Vec<(usize, i32)> {
    let span = |link: &Link| (link.child_y - link.parent_y).abs();
    let mut loops: Vec<usize> = (0..links.len()).filter(|&at| links[at].child == links[at].parent).collect();
    loops.sort_by_key(|&at| (span(&links[at]), at));
    let mut found: Vec<(usize, i32)> = links.iter().map(|link| (link.child, 0)).collect();
    let mut next = vec![LOOP; nodes];
    for at in loops {
        let reach = &mut next[links[at].child];
        found[at].1 = *reach;
        *reach += LOOP_STEP;
    }
    found
}

fn back_to_itself(rect: Rect, link: &Link, reach: i32) -> Route {
    let (from, to) = (rect.y + link.child_y, rect.y + link.parent_y);
    let point = |x, y| Point { x, y };
    Route {
        points: vec![
            point(rect.right(), from),
            point(rect.right() + reach, (from + to) / 2),
            point(rect.right(), to),
        ],
    }
}

fn along(
    way: &[usize],
    link: &Link,
    boxes: &[Rect],
    tops: &[i32],
    lefts: &[i32],
    rights: &[i32],
    grid: &Grid,
) -> Route {
    let from_child = way.first() == Some(&link.child);
    let mut points = Vec::new();
    for (at, &item) in way.iter().enumerate() {
        let layer = grid.items[item].layer;
        if !grid.items[item].is_box {
            points.push(Point { x: lefts[layer], y: tops[item] });
            points.push(Point { x: rights[layer], y: tops[item] });
            continue;
        }
        let y = tops[item] + if item == link.child { link.child_y } else { link.parent_y };
        if at == 0 {
            points.push(Point { x: boxes[item].right(), y });
            // To the edge of the layer, past boxes that are wider.
            points.push(Point { x: rights[layer], y });
        } else {
            points.push(Point { x: lefts[layer], y });
        }
    }
    points.dedup();
    if !from_child {
        points.reverse();
    }
    Route { points }
}

/// The upper edge of each item: next to what it is linked to, in the order of its layer and clear of what is above.
fn tops(grid: &Grid) -> Vec<i32> {
    let mut tops: Vec<f64> = vec![0.0; grid.items.len()];
    for layer in &grid.layers {
        for (&item, offset) in layer.iter().zip(offsets(layer, grid)) {
            tops[item] = offset;
        }
    }
    let count = grid.layers.len();
    for sweep in 0..SWEEPS {
        let last = sweep + 2 >= SWEEPS;
        for step in 0..count {
            let layer = if sweep % 2 == 0 { step } else { count - 1 - step };
            align(layer, last || sweep % 2 == 0, last || sweep % 2 == 1, grid, &mut tops);
        }
    }
    let least = tops.iter().copied().fold(f64::INFINITY, f64::min);
    tops.iter().map(|top| (top - least).round() as i32).collect()
}

/// Where the items of a layer would stand if each were as high as it can.
fn offsets(layer: &[usize], grid: &Grid) -> Vec<f64> {
    let mut y = 0;
    let mut found = Vec::with_capacity(layer.len());
    let mut above: Option<Item> = None;
    for &item in layer {
        let item = grid.items[item];
        if let Some(above) = above {
            y += above.height + if above.is_box && item.is_box { GAP } else { LINE_GAP };
        }
        found.push(f64::from(y));
        above = Some(item);
    }
    found
}

/// Moves a layer towards its neighbours. Among all ways to stand in this order and clear of each other, the one with the
/// least sum of squared distances from where each would like to be: isotonic regression, by pooling what is in each
/// other's way.
fn align(layer: usize, by_left: bool, by_right: bool, grid: &Grid, tops: &mut [f64]) {
    let items = &grid.layers[layer];
    let mut wishes: Vec<(f64, f64)> = items.iter().map(|&item| (tops[item], 0.05)).collect();
    let at: std::collections::BTreeMap<usize, usize> =
        items.iter().enumerate().map(|(at, &item)| (item, at)).collect();
    for piece in &grid.pieces {
        // A line that passes through several layers should be straight.
        let passages = [piece.left, piece.right].iter().filter(|&&item| !grid.items[item].is_box).count();
        let weight = [1.0, 2.0, 8.0][passages];
        let mut wish = |item: usize, y: f64| {
            if let Some(&at) = at.get(&item) {
                wishes[at].0 = (wishes[at].0 * wishes[at].1 + y * weight) / (wishes[at].1 + weight);
                wishes[at].1 += weight;
            }
        };
        let down = f64::from(piece.left_y - piece.right_y);
        if by_left {
            wish(piece.right, tops[piece.left] + down);
        }
        if by_right {
            wish(piece.left, tops[piece.right] - down);
        }
    }
    let offsets = offsets(items, grid);
    // Blocks of items that stand as close as they may: mean, weight, number.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for ((wish, weight), offset) in wishes.into_iter().zip(&offsets) {
        let mut block = (wish - offset, weight, 1);
        while let Some(above) = blocks.pop_if(|above| above.0 >= block.0) {
            let weight = above.1 + block.1;
            block = ((above.0 * above.1 + block.0 * block.1) / weight, weight, above.2 + block.2);
        }
        blocks.push(block);
    }
    let placed = blocks.iter().flat_map(|&(mean, _, count)| std::iter::repeat_n(mean, count));
    for ((&item, offset), mean) in items.iter().zip(&offsets).zip(placed) {
        tops[item] = mean + offset;
    }
}
