//! What a long operation tells the outside while it runs, and how the outside stops it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Something that happened while an operation runs.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Another process holds the lock; the operation waits for it.
    WaitingForLock {
        /// How long at the most.
        timeout: Duration,
    },
    /// A migration begins to run.
    MigrationStarted {
        /// `V7__align_plans_schema`
        label: &'a str,
        /// Whether it is taken back rather than applied.
        down: bool,
    },
    /// A migration was committed.
    MigrationFinished {
        /// `V7__align_plans_schema`
        label: &'a str,
        /// Whether it was taken back rather than applied.
        down: bool,
        /// From BEGIN to COMMIT.
        took: Duration,
    },
    /// A statement begins to run (shown with `-v`).
    Statement {
        /// The statement as it stands in the file.
        sql: &'a str,
    },
    /// Part of a long step is done.
    Progress {
        /// What is being done: "reading v3_plans".
        what: &'a str,
        /// Units done.
        done: u64,
        /// Units in all, where that can be known.
        total: Option<u64>,
    },
}

/// Receives [`Event`]s. Called on the thread that does the work: it must be quick.
pub trait Observer {
    /// Takes notice of one event.
    fn event(&mut self, event: Event<'_>);
}

/// An observer that takes no notice.
pub struct Silent;

impl Observer for Silent {
    fn event(&mut self, _: Event<'_>) {}
}

/// A flag that a signal handler raises and that operations look at. Clones share the flag.
#[derive(Clone, Default, Debug)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// A flag that is not raised.
    pub fn new() -> Interrupt {
        Interrupt::default()
    }

    /// The flag itself, for a signal handler.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// Whether the user asked to stop.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
