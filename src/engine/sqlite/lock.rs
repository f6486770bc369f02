//! BEGIN, COMMIT and the like, with patience.

use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::connect::wait_for_locks;
use super::errors;
use crate::progress::{Event, Interrupt, Observer};

/// Pauses between two tries, in milliseconds; the last one repeats. As SQLite's own busy handler has them.
const PAUSES: [u64; 12] = [1, 2, 5, 8, 10, 15, 20, 25, 25, 25, 50, 100];

/// Runs `sql` (BEGIN, COMMIT, a setting), again and again while another connection is in the way, for `timeout` at the most. The
/// observer hears of it when there is something to wait for. Raising `interrupt` ends the wait with SQLite's BUSY.
pub(super) fn patiently(
    conn: &Connection,
    sql: &str,
    timeout: Duration,
    observer: &mut dyn Observer,
    interrupt: &Interrupt,
) -> rusqlite::Result<()> {
    // SQLite's own handler would wait without a word, and without looking at the interrupt.
    wait_for_locks(conn, Duration::ZERO)?;
    let started = Instant::now();
    let mut pauses = PAUSES.iter().copied();
    let mut pause = 0;
    let result = loop {
        match conn.execute_batch(sql) {
            Err(error) if errors::is_busy(&error) => {
                if pause == 0 {
                    observer.event(Event::WaitingForLock { timeout });
                }
                let left = timeout.saturating_sub(started.elapsed());
                if left.is_zero() || interrupt.is_raised() {
                    break Err(error);
                }
                pause = pauses.next().unwrap_or(pause);
                thread::sleep(Duration::from_millis(pause).min(left));
            }
            other => break other,
        }
    };
    wait_for_locks(conn, timeout)?;
    result
}
