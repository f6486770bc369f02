//! Where the boxes of a diagram stand and how the lines between them run. Pure: sizes in, places out.
//!
//! The layered method of Sugiyama, Tagawa and Toda (<https://doi.org/10.1109/TSMC.1981.4308636>), from left to right:
//! parents stand left of their children ([`layers`]), lines over more than one layer get a place of their own in each
//! layer that they pass, the order within the layers is chosen for few crossings ([`order`]), and then everything is
//! moved next to what it is linked to ([`place`]). Each part of the graph is laid out alone; [`pack`] puts the parts
//! together. Nothing is random and nothing depends on the machine: the same graph has the same layout.

use super::shape::{GAP, Layout, Link, Node, Part};
use super::{layers, order, pack, place};

/// Layers are not made lower than this.
const LOW: i32 = 400;

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
