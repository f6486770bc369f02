//! `planctl backfill` for applications: [`Backfiller`].

use std::cell::RefCell;
use std::time::Duration;

use super::database::IntoDatabase;
use crate::backfill::{BackfillSpec, Outcome};
use crate::base::error::{FrontEnd, Result};
use crate::base::job::Job;
use crate::base::progress::{Interrupt, Observer, Silent};
use crate::engine::{Access, OpenOptions};

/// What to fill, and how.
#[derive(Clone, Debug)]
pub struct Backfiller {
    spec: BackfillSpec,
    dry_run: bool,
    lock_timeout: Duration,
    interrupt: Interrupt,
}

impl Backfiller {
    /// Fills what `spec` says.
    pub fn new(spec: BackfillSpec) -> Backfiller {
        let OpenOptions { lock_timeout } = OpenOptions::default();
        Backfiller { spec, dry_run: false, lock_timeout, interrupt: Interrupt::new() }
    }

    /// Whether nothing is written, and only what would be is told.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Backfiller {
        self.dry_run = dry_run;
        self
    }

    /// How long to wait for a lock that another connection holds; 30 seconds unless it is said.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Backfiller {
        self.lock_timeout = timeout;
        self
    }

    /// Raising `interrupt` stops the backfill, after which the database is as it was.
    #[must_use]
    pub fn interrupt(mut self, interrupt: Interrupt) -> Backfiller {
        self.interrupt = interrupt;
        self
    }

    /// Gives every row its true root ancestor, in one transaction. What is refused (`abort`) writes nothing, and is part of
    /// the outcome.
    ///
    /// # Errors
    /// Those of [`Engine::backfill`](crate::engine::Engine::backfill), and of opening the database.
    pub fn run<'a, How>(&self, database: impl IntoDatabase<'a, How>) -> Result<Outcome> {
        self.run_with(database, &mut Silent)
    }

    /// [`Backfiller::run`], telling `observer` what happens.
    ///
    /// # Errors
    /// As [`Backfiller::run`].
    pub fn run_with<'a, How>(
        &self,
        database: impl IntoDatabase<'a, How>,
        observer: &mut dyn Observer,
    ) -> Result<Outcome> {
        let observer = RefCell::new(observer);
        let job = Job::new(&observer, &self.interrupt);
        let access = if self.dry_run { Access::ReadOnly } else { Access::ReadWrite { create: false } };
        let filled = database
            .into_database()
            .with(access, self.lock_timeout, job, |engine| engine.backfill(&self.spec, self.dry_run, job));
        filled.map_err(|error| error.told_by(FrontEnd::Library("Backfiller")))
    }
}

/// [`Backfiller::run`] without options.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use planctl::roots::BackfillSpec;
///
/// let mut conn = planctl::rusqlite::Connection::open_in_memory()?;
/// conn.execute_batch(
///     "CREATE TABLE plans (id TEXT PRIMARY KEY, parent TEXT, root TEXT);
///      INSERT INTO plans VALUES ('a', NULL, NULL), ('b', 'a', NULL), ('c', 'b', NULL);",
/// )?;
/// let outcome = planctl::backfill(&mut conn, &BackfillSpec::new("plans", "id", "parent", "root"))?;
/// assert_eq!((outcome.filled, outcome.max_depth), (3, 2));
/// let root: String = conn.query_row("SELECT root FROM plans WHERE id = 'c'", [], |row| row.get(0))?;
/// assert_eq!(root, "a");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`Backfiller::run`].
pub fn backfill<'a, How>(database: impl IntoDatabase<'a, How>, spec: &BackfillSpec) -> Result<Outcome> {
    Backfiller::new(spec.clone()).run(database)
}
