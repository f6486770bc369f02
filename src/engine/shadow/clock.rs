//! Another time and another chance on a shadow database: what a migration writes there and nowhere else depends on them.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value;
use rusqlite::{Connection, Result, params_from_iter};

/// SQLite makes none that is longer than this.
const LONGEST: usize = 1_000_000_000;

/// When it is.
const NOW: &str = "2001-02-03 04:05:06.789";

/// SQLite's functions that know the time, each with how many arguments it has before the one that says when.
const FUNCTIONS: [(&str, usize); 6] =
    [("date", 0), ("time", 0), ("datetime", 0), ("julianday", 0), ("unixepoch", 0), ("strftime", 1)];

/// The words that are the time.
const WORDS: [(&str, &str); 3] =
    [("current_timestamp", "datetime"), ("current_date", "date"), ("current_time", "time")];

/// Makes it another time for all that runs on `conn`, and what comes by chance always the same: one number or, by another
/// `chance`, one that no remainder and no comparison takes for it.
pub(crate) fn shift(conn: &Connection, chance: bool) -> Result<()> {
    let (number, byte) = if chance { (1_i64, 0x01_u8) } else { (-2, 0xfe) };
    conn.create_scalar_function("random", 0, FunctionFlags::SQLITE_UTF8, move |_| Ok(number))?;
    conn.create_scalar_function("randomblob", 1, FunctionFlags::SQLITE_UTF8, move |call| {
        Ok(vec![byte; usize::try_from(call.get::<i64>(0)?).unwrap_or(1).clamp(1, LONGEST)])
    })?;
    // Defaults, indexes and CHECKs may call them as they may call SQLite's own.
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    let own = Arc::new(Mutex::new(Connection::open_in_memory()?));
    for (name, before) in FUNCTIONS {
        let own = own.clone();
        conn.create_scalar_function(name, -1, flags, move |call| asked(&own, name, before, call))?;
    }
    for (word, name) in WORDS {
        let own = own.clone();
        conn.create_scalar_function(word, 0, flags, move |_| answer(&own, name, &[text(NOW)]))?;
    }
    let own = own.clone();
    conn.create_scalar_function("timediff", 2, flags, move |call| {
        answer(&own, "timediff", &[then(call.get(0)?), then(call.get(1)?)])
    })
}

fn asked(own: &Mutex<Connection>, name: &str, before: usize, call: &Context<'_>) -> Result<Value> {
    let mut arguments = (0..call.len()).map(|at| call.get(at)).collect::<Result<Vec<Value>>>()?;
    if arguments.len() == before {
        arguments.push(text(NOW));
    } else if let Some(when) = arguments.get_mut(before) {
        *when = then(std::mem::replace(when, Value::Null));
    }
    answer(own, name, &arguments)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn then(when: Value) -> Value {
    match when {
        Value::Text(now) if now.eq_ignore_ascii_case("now") => text(NOW),
        other => other,
    }
}

/// What SQLite says.
fn answer(own: &Mutex<Connection>, name: &str, arguments: &[Value]) -> Result<Value> {
    let own = own.lock().unwrap_or_else(PoisonError::into_inner);
    let places = vec!["?"; arguments.len()].join(", ");
    let mut statement = own.prepare_cached(&format!("SELECT {name}({places})"))?;
    statement.query_row(params_from_iter(arguments), |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_asks_for_the_time_has_another_one() {
        let conn = Connection::open_in_memory().unwrap();
        shift(&conn, true).unwrap();
        let of =
            |sql: &str| conn.query_row(&format!("SELECT {sql}"), [], |row| row.get::<_, String>(0)).unwrap();
        for (sql, is) in [
            ("CURRENT_TIMESTAMP", "2001-02-03 04:05:06"),
            ("CURRENT_DATE", "2001-02-03"),
            ("datetime()", "2001-02-03 04:05:06"),
            ("datetime('NOW', '+1 day')", "2001-02-04 04:05:06"),
            ("strftime('%Y')", "2001"),
            ("strftime('%Y', 'now')", "2001"),
            ("strftime('%Y', '2020-01-01')", "2020"),
            ("date('2020-01-01', '+1 month')", "2020-02-01"),
        ] {
            assert_eq!(of(sql), is, "{sql}");
        }
        conn.execute_batch(
            "CREATE TABLE t (a DEFAULT CURRENT_TIMESTAMP, b AS (date(a)), CHECK (date(a) IS NOT NULL));
             CREATE INDEX i ON t (date(a)); INSERT INTO t DEFAULT VALUES",
        )
        .unwrap();
        assert_eq!(of("b FROM t"), "2001-02-03");
    }
}
