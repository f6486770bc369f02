//! Which layer each box stands in.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::shape::{GAP, Link, Node};

/// The layer of each node, from 0 on the left. The two ends of a link are never in the same layer, and a parent is left
/// of its child unless a cycle of links makes that impossible. No layer is empty, and none is higher than `limit`
/// unless a single box is.
pub(super) fn assign(nodes: &[Node], links: &[Link], limit: i32) -> Vec<usize> {
    let rank = without_cycles(nodes.len(), links);
    let (mut before, mut after) = (vec![BTreeSet::new(); nodes.len()], vec![BTreeSet::new(); nodes.len()]);
    for link in links.iter().filter(|link| link.child != link.parent) {
        let (left, right) = if rank[link.parent] < rank[link.child] {
            (link.parent, link.child)
        } else {
            (link.child, link.parent)
        };
        before[right].insert(left);
        after[left].insert(right);
    }
    let mut layers = Layers { of: vec![0; nodes.len()], heights: Vec::new(), limit };
    // What has most behind it goes first: what has nothing behind it can as well stand further to the right.
    let depth = depths(&rank, &after);
    let mut waiting: Vec<usize> = before.iter().map(BTreeSet::len).collect();
    let key = |node: usize, least: usize| (least, Reverse(depth[node]), Reverse(after[node].len()), node);
    let mut ready: BTreeSet<_> =
        (0..nodes.len()).filter(|&node| waiting[node] == 0).map(|node| key(node, 0)).collect();
    while let Some((least, _, _, node)) = ready.pop_first() {
        layers.put(node, nodes[node].height, least);
        for &next in &after[node] {
            waiting[next] -= 1;
            if waiting[next] == 0 {
                let least = before[next].iter().map(|&left| layers.of[left] + 1).max().unwrap_or_default();
                ready.insert(key(next, least));
            }
        }
    }
    // A parent that only distant children have moves towards them.
    let mut from_the_right: Vec<usize> = (0..nodes.len()).collect();
    from_the_right.sort_by_key(|&node| Reverse((layers.of[node], node)));
    for node in from_the_right {
        let Some(next) = after[node].iter().map(|&right| layers.of[right]).min() else { continue };
        let better = (layers.of[node] + 1..next)
            .rev()
            .find(|&layer| layers.heights[layer] + nodes[node].height + GAP <= limit);
        if let (Some(layer), true) = (better, before[node].len() < after[node].len()) {
            layers.heights[layers.of[node]] -= nodes[node].height + GAP;
            layers.heights[layer] += nodes[node].height + GAP;
            layers.of[node] = layer;
        }
    }
    let used: BTreeSet<usize> = layers.of.iter().copied().collect();
    layers.of.iter().map(|layer| used.range(..layer).count()).collect()
}

struct Layers {
    of: Vec<usize>,
    heights: Vec<i32>,
    limit: i32,
}

impl Layers {
    /// Puts a node into the first layer from `least` on that has room for it.
    fn put(&mut self, node: usize, height: i32, least: usize) {
        let room = |used: i32| used == 0 || used + height + GAP <= self.limit;
        let layer = (least..self.heights.len()).find(|&at| room(self.heights[at]));
        let layer = layer.unwrap_or(self.heights.len().max(least));
        self.heights.resize(self.heights.len().max(layer + 1), 0);
        self.heights[layer] += height + GAP;
        self.of[node] = layer;
    }
}

/// How long the longest way to the right is, from each node. Along `rank` there are no cycles.
fn depths(rank: &[usize], after: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut nodes: Vec<usize> = (0..rank.len()).collect();
    nodes.sort_by_key(|&node| Reverse(rank[node]));
    let mut depths = vec![0; rank.len()];
    for node in nodes {
        depths[node] = after[node].iter().map(|&next| depths[next] + 1).max().unwrap_or_default();
    }
    depths
}

/// An order of the nodes in which few parents stand behind their children: the heuristic of Eades, Lin and Smyth
/// (<https://doi.org/10.1016/0020-0190(93)90079-O>). What only has children comes first, what only has parents last;
/// when neither is left, what has most children over parents.
fn without_cycles(count: usize, links: &[Link]) -> Vec<usize> {
    let (mut parents, mut children) = (vec![BTreeSet::new(); count], vec![BTreeSet::new(); count]);
    for link in links.iter().filter(|link| link.child != link.parent) {
        parents[link.child].insert(link.parent);
        children[link.parent].insert(link.child);
    }
    let mut left: BTreeSet<usize> = (0..count).collect();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    while !left.is_empty() {
        let next = left.iter().copied().max_by_key(|&node| {
            let (ups, downs) = (parents[node].len(), children[node].len());
            let class = if ups == 0 { 2 } else { usize::from(downs == 0) };
            (class, Reverse(ups.saturating_sub(downs)), downs.saturating_sub(ups), Reverse(node))
        });
        let Some(node) = next else { break };
        left.remove(&node);
        if children[node].is_empty() && !parents[node].is_empty() {
            last.push(node);
        } else {
            first.push(node);
        }
        for parent in std::mem::take(&mut parents[node]) {
            children[parent].remove(&node);
        }
        for child in std::mem::take(&mut children[node]) {
            parents[child].remove(&node);
        }
    }
    first.extend(last.into_iter().rev());
    let mut rank = vec![0; count];
    for (at, node) in first.into_iter().enumerate() {
        rank[node] = at;
    }
    rank
}
