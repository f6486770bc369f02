use proptest::prelude::*;

use super::layers;
use super::layout::layout;
use super::order::Grid;
use super::shape::{Layout, Link, Node, Point, Rect};

/// A graph of up to 30 boxes: links of every kind, to itself, twice, and round in circles.
fn graphs() -> impl Strategy<Value = (Vec<Node>, Vec<Link>)> {
    let node = (80..260, 26..260).prop_map(|(width, height)| Node { width, height });
    prop::collection::vec(node, 1..30).prop_flat_map(|nodes| {
        let count = nodes.len();
        let link = (0..count, 0.05..0.95f64, 0..count, 0.05..0.95f64);
        let heights: Vec<i32> = nodes.iter().map(|node| node.height).collect();
        let links = prop::collection::vec(link, 0..45).prop_map(move |links| {
            let at = |node: usize, part: f64| (f64::from(heights[node]) * part) as i32;
            links
                .into_iter()
                .map(|(child, a, parent, b)| Link {
                    child,
                    child_y: at(child, a),
                    parent,
                    parent_y: at(parent, b),
                })
                .collect::<Vec<_>>()
        });
        (Just(nodes), links)
    })
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

/// Whether a point is on the left or right edge of a box.
fn on_side(point: Point, rect: Rect) -> bool {
    (point.x == rect.x || point.x == rect.right()) && (rect.y..=rect.bottom()).contains(&point.y)
}

/// What a piece of a line can touch: an S stays between its ends.
fn bounds(a: Point, b: Point) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Rect { x, y, width: (a.x - b.x).abs().max(1), height: (a.y - b.y).abs().max(1) }
}

fn check(nodes: &[Node], links: &[Link], placed: &Layout) -> Result<(), TestCaseError> {
    let sheet = Rect { x: 0, y: 0, width: placed.width, height: placed.height };
    let inside = |rect: Rect| {
        rect.x >= 0 && rect.y >= 0 && rect.right() <= sheet.width && rect.bottom() <= sheet.height
    };
    for (at, (rect, node)) in placed.boxes.iter().zip(nodes).enumerate() {
        prop_assert_eq!((rect.width, rect.height), (node.width, node.height));
        prop_assert!(inside(*rect), "box {} is not on the sheet", at);
        for other in &placed.boxes[..at] {
            prop_assert!(!overlap(*rect, *other), "{:?} and {:?}", rect, other);
        }
    }
    for (link, route) in links.iter().zip(&placed.routes) {
        let (child, parent) = (placed.boxes[link.child], placed.boxes[link.parent]);
        let (first, last) = (*route.points.first().unwrap(), *route.points.last().unwrap());
        prop_assert!(on_side(first, child) && first.y == child.y + link.child_y, "{:?} {:?}", route, child);
        prop_assert!(on_side(last, parent) && last.y == parent.y + link.parent_y, "{:?} {:?}", route, parent);
        for pair in route.points.windows(2) {
            let piece = bounds(pair[0], pair[1]);
            prop_assert!(inside(piece), "{:?} leaves the sheet", route);
            for rect in &placed.boxes {
                prop_assert!(!overlap(piece, *rect), "{:?} runs through {:?}", route, rect);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// No two boxes overlap, no line runs through a box, each ends at its two boxes, and all is on the sheet.
    #[test]
    fn a_layout_is_clean((nodes, links) in graphs(), wide in 300..1600i32) {
        let placed = layout(&nodes, &links, wide);
        check(&nodes, &links, &placed)?;
        prop_assert_eq!(layout(&nodes, &links, wide), placed, "twice the same");
    }

    /// Parents stand left of their children wherever there are no cycles, and no layer is empty.
    #[test]
    fn layers_follow_the_links((nodes, links) in graphs(), limit in 200..3000i32) {
        // Without cycles: children come behind their parents.
        let links: Vec<Link> = links
            .into_iter()
            .map(|link| if link.child < link.parent { Link { child: link.parent, parent: link.child, ..link } } else { link })
            .collect();
        let layer_of = layers::assign(&nodes, &links, limit);
        for link in links.iter().filter(|link| link.child != link.parent) {
            prop_assert!(layer_of[link.parent] < layer_of[link.child]);
        }
        let count = layer_of.iter().max().unwrap() + 1;
        prop_assert!((0..count).all(|layer| layer_of.contains(&layer)));
    }

    /// The search never makes it worse.
    #[test]
    fn crossings_become_fewer((nodes, links) in graphs()) {
        let layer_of = layers::assign(&nodes, &links, 2000);
        let mut grid = Grid::new(&nodes, &links, &layer_of);
        let before = grid.crossings();
        grid.reduce_crossings();
        prop_assert!(grid.crossings() <= before);
    }
}

fn boxes(count: usize) -> Vec<Node> {
    vec![Node { width: 150, height: 60 }; count]
}

fn link(child: usize, parent: usize) -> Link {
    Link { child, child_y: 40, parent, parent_y: 20 }
}

#[test]
fn a_cycle_and_a_box_that_leads_to_itself_are_drawn() {
    let links = [link(0, 1), link(1, 2), link(2, 0), link(1, 1), link(1, 1)];
    let placed = layout(&boxes(3), &links, 1200);
    check(&boxes(3), &links, &placed).unwrap();
    let reach = |at: usize| placed.routes[at].points[1].x;
    assert!(reach(3) != reach(4), "two loops at one box do not cover each other");
}

#[test]
fn many_children_of_one_parent_fill_the_page_and_not_a_tower() {
    let links: Vec<Link> = (1..41).map(|child| link(child, 0)).collect();
    let placed = layout(&boxes(41), &links, 1240);
    check(&boxes(41), &links, &placed).unwrap();
    assert!(placed.width <= 1240 && placed.height < 1000, "{} × {}", placed.width, placed.height);
}

#[test]
fn what_is_linked_to_nothing_stands_side_by_side() {
    let placed = layout(&boxes(12), &[], 1200);
    assert!(placed.width <= 1200 && placed.height < 300, "{} × {}", placed.width, placed.height);
    assert_eq!(layout(&[], &[], 1200), Layout::default());
}
