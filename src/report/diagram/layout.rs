//! Where the boxes of a diagram stand and how the lines between them run. Pure: sizes in, places out.
//!
//! The layered method of Sugiyama, Tagawa and Toda (<https://doi.org/10.1109/TSMC.1981.4308636>), from left to right:
//! parents stand left of their children ([`layers`]), lines over more than one layer get a place of their own in each
//! layer that they pass, the order within the layers is chosen for few crossings ([`order`]), and then everything is
//! moved next to what it is linked to ([`place`]). Each part of the graph is laid out alone; [`pack`] puts the parts
//! together. Nothing is random and nothing depends on the machine: the same graph has the same layout.

use super::{layers, order, pack, place};

/// Between boxes of one layer, and around the whole.
pub(super) const GAP: i32 = 24;
/// How far a line that leads back to its own box reaches out of it.
pub(super) const LOOP: i32 = 26;

/// Layers are not made lower than this.
const LOW: i32 = 400;

/// A box to be placed, in pixels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Node {
    pub(super) width: i32,
    pub(super) height: i32,
}

/// A line from a child's box to its parent's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Link {
    pub(super) child: usize,
    /// Where it begins, below the upper edge of the child's box.
    pub(super) child_y: i32,
    pub(super) parent: usize,
    /// Where it ends, below the upper edge of the parent's box.
    pub(super) parent_y: i32,
}

/// A placed box.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Rect {
    pub(super) fn right(self) -> i32 {
        self.x + self.width
    }

    pub(super) fn bottom(self) -> i32 {
        self.y + self.height
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Point {
    pub(super) x: i32,
    pub(super) y: i32,
}

/// How a line runs, from the child to the parent. Between points of the same height it is straight, between others it
/// leaves and arrives horizontally and stays between them. A line back to its own box has three points, of which the
/// one in the middle says how far it reaches out.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Route {
    pub(super) points: Vec<Point>,
}

/// A whole diagram.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Layout {
    /// In the order of the nodes.
    pub(super) boxes: Vec<Rect>,
    /// In the order of the links.
    pub(super) routes: Vec<Route>,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// Lays out a graph for a page that shows `wide` pixels side by side.
pub(super) fn layout(nodes: &[Node], links: &[Link], wide: i32) -> Layout {
    let mut parts = Vec::new();
    let mut alone = Vec::new();
    for members in components(nodes.len(), links) {
        if let [only] = members[..]
            && !links.iter().any(|link| link.child == only)
        {
            alone.push(only);
        } else {
            parts.push(part(nodes, links, members, wide));
        }
    }
    pack::pack(nodes, links.len(), parts, &alone, wide)
}

/// A connected part of the graph, laid out on its own.
pub(super) struct Part {
    /// Indexes of nodes and their boxes.
    pub(super) boxes: Vec<(usize, Rect)>,
    /// Indexes of links and their lines.
    pub(super) routes: Vec<(usize, Route)>,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// The connected parts, each in the order of the nodes.
fn components(count: usize, links: &[Link]) -> Vec<Vec<usize>> {
    let mut neighbours = vec![Vec::new(); count];
    for link in links {
        neighbours[link.child].push(link.parent);
        neighbours[link.parent].push(link.child);
    }
    let mut seen = vec![false; count];
    let mut found = Vec::new();
    for start in 0..count {
        if seen[start] {
            continue;
        }
        seen[start] = true;
        let (mut members, mut open) = (Vec::new(), vec![start]);
        while let Some(node) = open.pop() {
            members.push(node);
            for &next in &neighbours[node] {
                if !std::mem::replace(&mut seen[next], true) {
                    open.push(next);
                }
            }
        }
        members.sort_unstable();
        found.push(members);
    }
    found
}

fn part(nodes: &[Node], links: &[Link], members: Vec<usize>, wide: i32) -> Part {
    let local = |node: usize| members.binary_search(&node).unwrap_or_default();
    let own: Vec<Node> = members.iter().map(|&node| nodes[node]).collect();
    let (numbers, own_links): (Vec<usize>, Vec<Link>) = links
        .iter()
        .enumerate()
        .filter(|(_, link)| members.binary_search(&link.child).is_ok())
        .map(|(number, link)| {
            (number, Link { child: local(link.child), parent: local(link.parent), ..*link })
        })
        .unzip();
    let placed = best(&own, &own_links, wide);
    Part {
        boxes: members.iter().copied().zip(placed.boxes).collect(),
        routes: numbers.into_iter().zip(placed.routes).collect(),
        width: placed.width,
        height: placed.height,
    }
}

/// Tries layers of several heights: many children of one parent make a tower when they all stand in one layer, and a
/// band when the layers are low. The lowest part that fits on the page is best; crossings count, too.
fn best(nodes: &[Node], links: &[Link], wide: i32) -> place::Placed {
    let total: i32 = nodes.iter().map(|node| node.height + GAP).sum();
    let try_limit = |limit: i32| {
        let layer_of = layers::assign(nodes, links, limit);
        let mut grid = order::Grid::new(nodes, links, &layer_of);
        grid.reduce_crossings();
        let crossings = i32::try_from(grid.crossings()).unwrap_or(i32::MAX / 64);
        let placed = place::place(nodes, links, &grid);
        let too_wide = (placed.width + 2 * GAP - wide).max(0);
        (placed.height.saturating_add(3 * too_wide).saturating_add(crossings.saturating_mul(12)), placed)
    };
    let mut best = try_limit(total + 1);
    for parts in [2, 3, 4, 5, 7] {
        // Lower than a screen need not be.
        if total / parts >= LOW {
            let other = try_limit(total / parts);
            if other.0 < best.0 {
                best = other;
            }
        }
    }
    best.1
}
