//! The order of boxes and lines within each layer, chosen for few crossings.

use std::collections::BTreeMap;

use super::shape::{Link, Node};

/// Rounds of the search at most, and without success.
const ROUNDS: usize = 24;
const IDLE: usize = 6;

/// The layers with all that passes through them.
pub(super) struct Grid {
    /// What stands in the layers: first the boxes, by the number of their node, then passages.
    pub(super) items: Vec<Item>,
    /// The items of each layer, from the top.
    pub(super) layers: Vec<Vec<usize>>,
    /// The pieces of lines, each from a layer to the next one.
    pub(super) pieces: Vec<Piece>,
    /// For each link, the items that its line runs through, from the left; empty where it leads back to its own box.
    pub(super) ways: Vec<Vec<usize>>,
    /// The number of each piece at the left and at the right of an item.
    left: Vec<Vec<usize>>,
    right: Vec<Vec<usize>>,
    /// Where in its layer an item stands.
    place: Vec<usize>,
}

/// A box, or the place at which lines pass a layer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Item {
    pub(super) layer: usize,
    pub(super) height: i32,
    pub(super) is_box: bool,
}

/// A piece of one or several lines; `y` is where it meets the item, below its upper edge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Piece {
    pub(super) left: usize,
    pub(super) left_y: i32,
    pub(super) right: usize,
    pub(super) right_y: i32,
}

impl Grid {
    /// The graph with a passage in each layer that a line passes. Lines that begin at the same place on the left share
    /// their passages: many children of one parent become one line that branches.
    pub(super) fn new(nodes: &[Node], links: &[Link], layer_of: &[usize]) -> Grid {
        let mut items: Vec<Item> = nodes
            .iter()
            .zip(layer_of)
            .map(|(node, &layer)| Item { layer, height: node.height, is_box: true })
            .collect();
        let mut passages: BTreeMap<(usize, i32, usize), usize> = BTreeMap::new();
        let (mut pieces, mut ways) = (Vec::new(), Vec::new());
        for link in links {
            if link.child == link.parent {
                ways.push(Vec::new());
                continue;
            }
            let ends = [(link.child, link.child_y), (link.parent, link.parent_y)];
            let [(from, from_y), (to, to_y)] = match layer_of[link.child] < layer_of[link.parent] {
                true => ends,
                false => [ends[1], ends[0]],
            };
            let mut way = vec![from];
            for layer in layer_of[from] + 1..layer_of[to] {
                way.push(*passages.entry((from, from_y, layer)).or_insert_with(|| {
                    items.push(Item { layer, height: 0, is_box: false });
                    items.len() - 1
                }));
            }
            way.push(to);
            for (at, pair) in way.windows(2).enumerate() {
                let left_y = if at == 0 { from_y } else { 0 };
                let right_y = if at + 2 == way.len() { to_y } else { 0 };
                pieces.push(Piece { left: pair[0], left_y, right: pair[1], right_y });
            }
            ways.push(way);
        }
        pieces.sort_unstable();
        pieces.dedup();
        let (mut left, mut right) = (vec![Vec::new(); items.len()], vec![Vec::new(); items.len()]);
        for (number, piece) in pieces.iter().enumerate() {
            right[piece.left].push(number);
            left[piece.right].push(number);
        }
        let layer_count = items.iter().map(|item| item.layer + 1).max().unwrap_or_default();
        let place = vec![0; items.len()];
        let mut grid =
            Grid { items, layers: vec![Vec::new(); layer_count], pieces, ways, left, right, place };
        grid.first_order();
        grid
    }

    /// Depth first: what belongs together starts out together.
    fn first_order(&mut self) {
        let mut seen = vec![false; self.items.len()];
        let mut starts: Vec<usize> = (0..self.items.len()).collect();
        starts.sort_by_key(|&item| (self.items[item].layer, item));
        for start in starts {
            let mut open = vec![start];
            while let Some(item) = open.pop() {
                if std::mem::replace(&mut seen[item], true) {
                    continue;
                }
                self.layers[self.items[item].layer].push(item);
                open.extend(self.left[item].iter().rev().map(|&piece| self.pieces[piece].left));
                open.extend(self.right[item].iter().rev().map(|&piece| self.pieces[piece].right));
            }
        }
        for layer in 0..self.layers.len() {
            self.note_places(layer);
        }
    }

    fn note_places(&mut self, layer: usize) {
        for (at, &item) in self.layers[layer].iter().enumerate() {
            self.place[item] = at;
        }
    }

    /// Sweeps to and fro, each layer by the mean of its neighbours, and keeps the best.
    pub(super) fn reduce_crossings(&mut self) {
        let mut best = (self.crossings(), self.layers.clone());
        let mut idle = 0;
        for round in 0..ROUNDS {
            if best.0 == 0 || idle == IDLE {
                break;
            }
            let count = self.layers.len();
            for step in 1..count {
                if round % 2 == 0 {
                    self.sort_layer(step, true);
                } else {
                    self.sort_layer(count - 1 - step, false);
                }
            }
            self.swap_neighbours();
            let crossings = self.crossings();
            idle += 1;
            if crossings < best.0 {
                best = (crossings, self.layers.clone());
                idle = 0;
            }
        }
        self.layers = best.1;
        for layer in 0..self.layers.len() {
            self.note_places(layer);
        }
        for layer in 0..self.layers.len() {
            self.centre_passages(layer);
        }
    }

    /// Moves passages to the middle of their layer as far as that makes no crossing more. A passage at the end of a layer
    /// would draw all that is behind it past that end, and the layers would become a staircase.
    fn centre_passages(&mut self, layer: usize) {
        let middle = self.layers[layer].len() / 2;
        for at in (0..middle).rev() {
            for at in at..middle {
                if !self.swap_if_free(layer, at, true) {
                    break;
                }
            }
        }
        for at in middle + 1..self.layers[layer].len() {
            for at in (middle..at).rev() {
                if !self.swap_if_free(layer, at, false) {
                    break;
                }
            }
        }
    }

    /// Swaps a passage with the box below it, or above it, unless lines would cross more often.
    fn swap_if_free(&mut self, layer: usize, at: usize, passage_above: bool) -> bool {
        let (upper, lower) = (self.layers[layer][at], self.layers[layer][at + 1]);
        let (passage, other) = if passage_above { (upper, lower) } else { (lower, upper) };
        let free = !self.items[passage].is_box
            && self.items[other].is_box
            && self.crossings_of(lower, upper) <= self.crossings_of(upper, lower);
        if free {
            self.layers[layer].swap(at, at + 1);
            (self.place[upper], self.place[lower]) = (at + 1, at);
        }
        free
    }

    /// Where a piece meets the item at one of its ends, in places of the layer.
    fn end(&self, piece: usize, at_left: bool) -> f64 {
        let piece = self.pieces[piece];
        let (item, y) = if at_left { (piece.left, piece.left_y) } else { (piece.right, piece.right_y) };
        let height = f64::from(self.items[item].height.max(1));
        self.place[item] as f64 + f64::from(y) / height
    }

    fn sort_layer(&mut self, layer: usize, by_left: bool) {
        let mean = |item: usize| {
            let pieces = if by_left { &self.left[item] } else { &self.right[item] };
            let sum: f64 = pieces.iter().map(|&piece| self.end(piece, by_left)).sum();
            (!pieces.is_empty()).then(|| sum / pieces.len() as f64)
        };
        let mut moving: Vec<(f64, usize)> =
            self.layers[layer].iter().filter_map(|&item| Some((mean(item)?, item))).collect();
        moving.sort_by(|a, b| a.0.total_cmp(&b.0));
        // What has no neighbours on that side keeps its place.
        let mut moving = moving.into_iter();
        let fixed: Vec<bool> = self.layers[layer].iter().map(|&item| mean(item).is_none()).collect();
        for (at, fixed) in fixed.into_iter().enumerate() {
            if !fixed && let Some((_, item)) = moving.next() {
                self.layers[layer][at] = item;
            }
        }
        self.note_places(layer);
    }

    /// Swaps what stands side by side as long as that makes crossings fewer.
    fn swap_neighbours(&mut self) {
        for _ in 0..8 {
            let mut better = false;
            for layer in 0..self.layers.len() {
                for at in 1..self.layers[layer].len() {
                    let (upper, lower) = (self.layers[layer][at - 1], self.layers[layer][at]);
                    if self.crossings_of(upper, lower) > self.crossings_of(lower, upper) {
                        self.layers[layer].swap(at - 1, at);
                        (self.place[upper], self.place[lower]) = (at, at - 1);
                        better = true;
                    }
                }
            }
            if !better {
                break;
            }
        }
    }

    /// How often the lines of two items of a layer cross when the first stands above the second.
    fn crossings_of(&self, upper: usize, lower: usize) -> usize {
        let count = |pieces: &[Vec<usize>], at_left: bool| {
            let ends = |item: usize| -> Vec<f64> {
                pieces[item].iter().map(|&piece| self.end(piece, at_left)).collect()
            };
            let below = ends(lower);
            ends(upper).iter().map(|end| below.iter().filter(|other| *other < end).count()).sum::<usize>()
        };
        count(&self.left, true) + count(&self.right, false)
    }

    /// How often lines cross.
    pub(super) fn crossings(&self) -> usize {
        let mut by_layer: Vec<Vec<(f64, f64)>> = vec![Vec::new(); self.layers.len()];
        for (number, piece) in self.pieces.iter().enumerate() {
            by_layer[self.items[piece.left].layer].push((self.end(number, true), self.end(number, false)));
        }
        by_layer.into_iter().map(inversions).sum()
    }
}

/// Pairs that stand one way on the left and the other way on the right.
fn inversions(mut ends: Vec<(f64, f64)>) -> usize {
    ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut heights: Vec<f64> = ends.iter().map(|end| end.1).collect();
    heights.sort_by(f64::total_cmp);
    heights.dedup();
    // A Fenwick tree over the heights on the right.
    let mut tree = vec![0usize; heights.len() + 1];
    let mut found = 0;
    let mut i = 0;
    while i < ends.len() {
        let group = ends[i..].iter().take_while(|end| end.0 == ends[i].0).count();
        // Lines from the same place do not cross each other: they are counted before any is added.
        for end in &ends[i..i + group] {
            let mut at = heights.partition_point(|height| *height <= end.1);
            let mut not_below = 0;
            while at > 0 {
                not_below += tree[at];
                at -= at & at.wrapping_neg();
            }
            found += i - not_below;
        }
        for end in &ends[i..i + group] {
            let mut at = heights.partition_point(|height| *height < end.1) + 1;
            while at < tree.len() {
                tree[at] += 1;
                at += at & at.wrapping_neg();
            }
        }
        i += group;
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn inversions_are_those_that_one_counts_one_by_one(ends in prop::collection::vec((0u8..9, 0u8..9), 0..40)) {
            let ends: Vec<(f64, f64)> = ends.into_iter().map(|(a, b)| (f64::from(a), f64::from(b))).collect();
            let crosses = |a: &(f64, f64), b: &(f64, f64)| a.0 < b.0 && a.1 > b.1;
            let slow: usize = ends.iter().map(|a| ends.iter().filter(|b| crosses(a, b)).count()).sum();
            prop_assert_eq!(inversions(ends), slow);
        }
    }

    #[test]
    fn a_grid_that_can_be_drawn_without_crossings_is() {
        // Two parents with three children each, named so that their order is mixed.
        let nodes = vec![Node { width: 100, height: 60 }; 8];
        let link = |child, parent| Link { child, child_y: 30, parent, parent_y: 10 };
        let links: Vec<Link> = (2..8).map(|child| link(child, child % 2)).collect();
        let mut grid = Grid::new(&nodes, &links, &[0, 0, 1, 1, 1, 1, 1, 1]);
        grid.reduce_crossings();
        assert_eq!(grid.crossings(), 0);
    }
}
