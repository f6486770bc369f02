//! One of many things that a command was about, for the formats that have a line or a case for each.

use std::fmt;

use serde::{Serialize, Serializer};

/// Many things of the same kind, each made when it is written, so that they need not be there all at once.
pub struct Each<T> {
    count: usize,
    of: Box<dyn Fn(usize) -> Option<T>>,
}

impl<T> Each<T> {
    /// So many; `of` makes each of them from its number.
    pub fn new(count: usize, of: impl Fn(usize) -> Option<T> + 'static) -> Each<T> {
        Each { count, of: Box::new(of) }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = T> {
        (0..self.count).filter_map(&self.of)
    }
}

impl<T: 'static> Default for Each<T> {
    fn default() -> Each<T> {
        Each::new(0, |_| None)
    }
}

impl<T> fmt::Debug for Each<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of them", self.count)
    }
}

impl<T: Serialize> Serialize for Each<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// One of many things that a command was about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// A word for how it stands.
    pub state: &'static str,
    /// The version that it is at, where that is known.
    pub version: Option<i64>,
    /// What a test would say of it.
    pub verdict: Verdict,
    /// How it stands, in a few words.
    pub message: String,
}

/// What a test would say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// All is well.
    Passed,
    /// Something was found.
    Failed,
    /// It could not be looked at, or the work failed.
    Error,
    /// Nobody looked at it.
    Skipped,
}
