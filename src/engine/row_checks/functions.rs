//! Functions that SQLite calls while it checks rows.

use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

use crate::engine::catalog::rows::literal;
use crate::row_checks::text::{is_timestamp, is_ulid, is_uuid};
use crate::row_checks::{FIRST, TimeOfDay, Timestamp};

/// Registers what [`super::render`] calls. Only statements of our own can call them, not what stands in a schema.
pub(crate) fn register(conn: &Connection) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    conn.create_scalar_function("planctl_ulid", 1, flags, |context| Ok(judge(context.get_raw(0), is_ulid)))?;
    conn.create_scalar_function("planctl_uuid", 1, flags, |context| Ok(judge(context.get_raw(0), is_uuid)))?;
    conn.create_scalar_function("planctl_timestamp", 3, flags, |context| {
        let wanted = Timestamp {
            time: match context.get_raw(1) {
                ValueRef::Integer(0) => TimeOfDay::Optional,
                ValueRef::Integer(1) => TimeOfDay::Required,
                _ => TimeOfDay::Absent,
            },
            utc: matches!(context.get_raw(2), ValueRef::Integer(1)),
        };
        Ok(judge(context.get_raw(0), |text| is_timestamp(text, wanted)))
    })?;
    conn.create_aggregate_function("planctl_bad", -1, flags, Bad)
}

/// Removes them. One that is in use stays, and does no harm.
pub(crate) fn remove(conn: &Connection) {
    for (name, arguments) in
        [("planctl_ulid", 1), ("planctl_uuid", 1), ("planctl_timestamp", 3), ("planctl_bad", -1)]
    {
        drop(conn.remove_function(name, arguments));
    }
}

/// As a CHECK sees it: NULL passes, and what is not text fails.
fn judge(value: ValueRef<'_>, is: impl Fn(&[u8]) -> bool) -> Option<bool> {
    match value {
        ValueRef::Null => None,
        ValueRef::Text(text) => Some(is(text)),
        _ => Some(false),
    }
}

/// Rows that break one check.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Tally {
    /// How many.
    pub(crate) rows: u64,
    /// Whether some of them break no other check of the same cause.
    pub(crate) unexplained: bool,
    /// The keys of the first.
    pub(crate) first: Vec<String>,
}

/// `planctl_bad(unexplained, key…)`: counts, and keeps the first keys. Its result is for [`Tally::read`].
struct Bad;

impl Aggregate<Tally, String> for Bad {
    fn init(&self, _: &mut Context<'_>) -> Result<Tally> {
        Ok(Tally::default())
    }

    fn step(&self, context: &mut Context<'_>, tally: &mut Tally) -> Result<()> {
        tally.rows += 1;
        tally.unexplained |= matches!(context.get_raw(0), ValueRef::Integer(1));
        if tally.first.len() < FIRST && context.len() > 1 {
            tally.first.push(key((1..context.len()).map(|i| literal(context.get_raw(i))).collect()));
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, tally: Option<Tally>) -> Result<String> {
        let Tally { rows, unexplained, first } = tally.unwrap_or_default();
        serde_json::to_string(&(rows, unexplained, first))
            .map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))
    }
}

impl Tally {
    /// What `planctl_bad` returned.
    pub(crate) fn read(value: ValueRef<'_>) -> Result<Tally> {
        let (rows, unexplained, first) = serde_json::from_slice(value.as_bytes()?)
            .map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))?;
        Ok(Tally { rows, unexplained, first })
    }

    /// Adds what was found in rows that come after these.
    pub(crate) fn add(&mut self, later: Tally) {
        self.rows += later.rows;
        self.unexplained |= later.unexplained;
        let missing = FIRST.saturating_sub(self.first.len());
        self.first.extend(later.first.into_iter().take(missing));
    }
}

/// A key of these parts.
pub(crate) fn key(mut parts: Vec<String>) -> String {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            format!("({})", parts.join(", "))
        }
    }
}
