//! What a diagram is made of: boxes, arrows and where they are.

/// Between boxes of one layer, and around the whole.
pub(super) const GAP: i32 = 24;

/// How far a line that leads back to its own box reaches out of it.
pub(super) const LOOP: i32 = 26;

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

/// A connected part of the graph, laid out on its own.
pub(super) struct Part {
    /// Indexes of nodes and their boxes.
    pub(super) boxes: Vec<(usize, Rect)>,
    /// Indexes of links and their lines.
    pub(super) routes: Vec<(usize, Route)>,
    pub(super) width: i32,
    pub(super) height: i32,
}
