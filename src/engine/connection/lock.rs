//! BEGIN, COMMIT and the like, with patience.

use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::engine::diagnosis::errors;

/// Pauses between two tries, in milliseconds; the last one repeats. As SQLite's own busy handler has them.
const PAUSES: [u64; 12] = [1, 2, 5, 8, 10, 15, 20, 25, 25, 25, 50, 100];

/// Waits for locks up to `timeout` (to the millisecond, at most some 24 days).
pub(crate) fn wait_for_locks(conn: &Connection, timeout: Duration) -> rusqlite::Result<()> {
    conn.busy_timeout(timeout.min(Duration::from_millis(i32::MAX as u64)))
}

/// Runs `sql` (BEGIN, COMMIT, a setting), again and again while another connection is in the way, for `timeout` at the most. The
/// observer hears of it when there is something to wait for. It ends with SQLite's INTERRUPT when the job is to end.
pub(crate) fn patiently(
    conn: &Connection,
    sql: &str,
    timeout: Duration,
    job: Job<'_>,
) -> rusqlite::Result<()> {
    patient(conn, timeout, job, || conn.execute_batch(sql))
}

/// The same for whatever `run` does.
pub(crate) fn patient<T>(
    conn: &Connection,
    timeout: Duration,
    job: Job<'_>,
    run: impl Fn() -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    // SQLite's own handler would wait without a word, and without looking at the interrupt.
    wait_for_locks(conn, Duration::ZERO)?;
    let mut patience = Patience::new(timeout);
    let result = loop {
        match run() {
            Err(error) if errors::is_busy(&error) && patience.once_more(job) => {}
            other => break other,
        }
    };
    wait_for_locks(conn, timeout)?;
    match result {
        Err(error) if errors::is_busy(&error) && job.is_stopped() => Err(errors::interrupt()),
        other => other,
    }
}

/// Reads, again and again while a connection that shares our cache writes what is to be read: for the locks of a shared
/// cache SQLite's own handler does not wait (<https://www.sqlite.org/sharedcache.html#table_level_locking>).
pub(crate) fn reading<T>(timeout: Duration, job: Job<'_>, mut read: impl FnMut() -> Result<T>) -> Result<T> {
    let mut patience = Patience::new(timeout);
    loop {
        match read() {
            Err(error) if errors::is_shared_cache(&error) && patience.once_more(job.quietly()) => {}
            other => return other,
        }
    }
}

/// How long is still waited for a lock.
pub(crate) struct Patience {
    timeout: Duration,
    started: Instant,
    tries: usize,
}

impl Patience {
    pub(crate) fn new(timeout: Duration) -> Patience {
        Patience { timeout, started: Instant::now(), tries: 0 }
    }

    /// Waits a little; `false` when it has waited long enough. The observer hears of it when there is something to wait for.
    pub(crate) fn once_more(&mut self, job: Job<'_>) -> bool {
        if self.tries == 0 {
            job.tell(Event::WaitingForLock { timeout: self.timeout });
        }
        let left = self.timeout.saturating_sub(self.started.elapsed());
        if left.is_zero() || job.is_stopped() {
            return false;
        }
        let pause = PAUSES.get(self.tries).or(PAUSES.last()).copied().unwrap_or_default();
        self.tries += 1;
        thread::sleep(Duration::from_millis(pause).min(left));
        true
    }
}
