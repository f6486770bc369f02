//! What a long operation tells the outside while it runs, and how the outside stops it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::words::counted;

/// Something that happened while an operation runs.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Another process holds the lock; the operation waits for it.
    WaitingForLock {
        /// How long at the most.
        timeout: Duration,
    },
    /// A server has not answered, or is not ready; it is asked again.
    WaitingForServer {
        /// How long at the most.
        timeout: Duration,
    },
    /// A password or a token stands on the command line, which every user of the machine can read.
    SecretInArguments,
    /// A database's file has more than one name. SQLite keeps a journal or a write-ahead log under the name by which the file
    /// was opened: what is in one under another name is not seen. Told each time that it is opened.
    HardLinked {
        /// The file, as it was named.
        file: &'a Path,
        /// How many more databases of a fleet are like it.
        more: usize,
    },
    /// Tables and views that somebody else keeps in the database are not part of the result.
    LeftOut {
        /// Their names.
        names: &'a [String],
    },
    /// A migration begins to run.
    MigrationStarted {
        /// `V7__align_plans_schema`
        label: &'a str,
        /// Whether it is reverted rather than applied.
        down: bool,
    },
    /// A migration is reverted to see what that destroys; all of it is rolled back.
    TriedBack {
        /// `V7__align_plans_schema`
        label: &'a str,
    },
    /// A migration was committed.
    MigrationFinished {
        /// `V7__align_plans_schema`
        label: &'a str,
        /// Whether it was reverted rather than applied.
        down: bool,
        /// From BEGIN to the end of the foreign-key check.
        took: Duration,
    },
    /// A statement begins to run (shown with `-v`).
    Statement {
        /// The statement as it stands in the file.
        sql: &'a str,
    },
    /// The statement that began last has run.
    StatementFinished {
        /// How long it ran.
        took: Duration,
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
    /// So many databases of a fleet have had their turn.
    Fleet {
        /// What is being done: "reading", "migrating".
        what: &'a str,
        /// How many had their turn, those that failed among them.
        done: usize,
        /// How many of them failed.
        failed: usize,
        /// How many there are.
        total: usize,
    },
    /// Something of the kind happened on a shadow database, which nobody asked for (shown with `-vv`).
    OnScratch(&'a Event<'a>),
}

/// A duration as people say it: `12 ms`, `3.4 s`, `2 min 5 s`. Below a millisecond nothing is worth telling apart.
pub fn human(duration: Duration) -> String {
    match duration.as_millis() {
        0 => "< 1 ms".to_owned(),
        millis @ 1..1_000 => format!("{millis} ms"),
        1_000..60_000 if duration.subsec_millis() < 50 => format!("{} s", duration.as_secs()),
        1_000..59_950 => format!("{:.1} s", duration.as_secs_f64()),
        59_950..60_000 => "1 min 0 s".to_owned(),
        _ => format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60),
    }
}

/// A size as people say it: `512 bytes`, `2.4 MB`, `229 kB`.
pub fn bytes(count: u64) -> String {
    let (unit, name) = match count {
        0..1_000 => return counted(count, "byte"),
        1_000..999_500 => (1e3, "kB"),
        999_500..999_500_000 => (1e6, "MB"),
        _ => (1e9, "GB"),
    };
    let size = count as f64 / unit;
    if size < 9.95 { format!("{size:.1} {name}") } else { format!("{size:.0} {name}") }
}

/// Receives [`Event`]s. Called on the thread that does the work: it must be quick.
pub trait Observer {
    /// Takes notice of one event.
    fn event(&mut self, event: Event<'_>);
}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn event(&mut self, event: Event<'_>) {
        (**self).event(event);
    }
}

/// An observer that takes no notice.
#[derive(Clone, Copy, Default, Debug)]
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

    /// Asks what looks at it to stop, from any thread.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// The flag itself, for a signal handler.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// Whether it was raised.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        for (millis, text) in [
            (0, "< 1 ms"),
            (12, "12 ms"),
            (999, "999 ms"),
            (1_000, "1 s"),
            (3_400, "3.4 s"),
            (59_949, "59.9 s"),
            (59_999, "1 min 0 s"),
            (125_000, "2 min 5 s"),
        ] {
            assert_eq!(human(Duration::from_millis(millis)), text);
        }
        assert_eq!(human(Duration::from_micros(999)), "< 1 ms");
        for (count, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (2_449, "2.4 kB"),
            (229_400, "229 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (12_300_000, "12 MB"),
            (2_400_000_000_000, "2400 GB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }
}
