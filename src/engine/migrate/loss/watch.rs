//! Rows that one statement deletes or overwrites, counted while it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::functions::FunctionFlags;
use rusqlite::types::Null;
use rusqlite::{Connection, Result};

use crate::engine::catalog::registered;

/// The function that the triggers call.
pub(super) const WATCH: &str = "planctl_watch";

/// Triggers that count for the time of one statement, each for its key.
pub(super) struct Watch<K> {
    keys: Vec<K>,
    counts: Arc<[AtomicU64]>,
}

impl<K> Watch<K> {
    pub(super) fn begin(conn: &Connection, keys: Vec<K>, triggers: &[String]) -> Result<Watch<K>> {
        let counts: Arc<[AtomicU64]> = keys.iter().map(|_| AtomicU64::new(0)).collect();
        let shared = Arc::clone(&counts);
        conn.create_scalar_function(WATCH, 1, FunctionFlags::SQLITE_UTF8, move |context| {
            let at = usize::try_from(context.get::<i64>(0)?).ok();
            if let Some(count) = at.and_then(|at| shared.get(at)) {
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok(Null)
        })?;
        let watch = Watch { keys, counts };
        for trigger in triggers {
            if let Err(error) = conn.execute_batch(trigger) {
                watch.end(conn)?;
                return Err(error);
            }
        }
        Ok(watch)
    }

    /// Removes them, and tells what they counted.
    pub(super) fn end(self, conn: &Connection) -> Result<Vec<(K, u64)>> {
        for at in 0..self.keys.len() {
            conn.execute_batch(&format!("DROP TRIGGER IF EXISTS temp.{WATCH}_{at}"))?;
        }
        registered::remove_function(conn, WATCH, 1)?;
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        Ok(self.keys.into_iter().zip(counts).collect())
    }
}
