//! The check of rows on SQLite: one pass over a table for all rules that are about single rows.
//!
//! The pass is one aggregate query without a WHERE, with a term for each check:
//!
//! ```sql
//! SELECT planctl_bad(1, "id") FILTER (WHERE "a" IS NULL),
//!        planctl_bad(1, "id") FILTER (WHERE NOT json_valid("b")), … FROM main."t" NOT INDEXED
//! ```
//!
//! A row that breaks nothing costs what its conditions cost, and no call: the same as one `SELECT count(*) … WHERE` over
//! all of them. A row that breaks something is counted and, when it is among the first, named, without being looked at
//! again; once a check has named its first, the rest of its rows are counted by SQLite alone (`scan.rs`). Duplicates take one GROUP BY, which an index serves where there is one; parents one anti-join per key.
//!
//! All reading happens in one transaction, so that all counts are of the same moment.

mod formats;
pub(crate) mod functions;
pub(crate) mod render;
mod scan;

use std::cell::Cell;

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, params_from_iter};

use self::functions::Tally;
use self::render::{CheckedTable, Formats, Term};
use crate::base::error::Result;
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::engine::catalog::rows::literal;
use crate::engine::connection::connect;
use crate::engine::diagnosis::errors;
use crate::row_checks::{Checked, FIRST, TableChecks, Test, Unchecked, ValueCheck, ValueFinding, ValuePlan};

/// Checks in one statement. SQLite allows 2,000 result columns.
const AT_ONCE: usize = 1_000;

/// Checks the rows; see [`crate::engine::Engine::check_values`].
pub(crate) fn check(conn: &Connection, db: &str, plan: &ValuePlan, job: Job<'_>) -> Result<Checked> {
    let trouble = |error| errors::database(error, db);
    let setup = Setup::of(conn).map_err(trouble)?;
    let checked = in_transaction(conn, plan, job);
    drop(setup);
    checked.map_err(trouble)
}

/// What the checks need of a connection, for as long as this lives.
struct Setup<'c> {
    conn: &'c Connection,
    quoted_strings: bool,
}

impl<'c> Setup<'c> {
    fn of(conn: &'c Connection) -> rusqlite::Result<Setup<'c>> {
        functions::register(conn)?;
        let quoted_strings = conn.db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML)?;
        let setup = Setup { conn, quoted_strings };
        // A column that is missing must be an error, and not a string.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        Ok(setup)
    }
}

impl Drop for Setup<'_> {
    fn drop(&mut self) {
        functions::remove(self.conn);
        drop(self.conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, self.quoted_strings));
    }
}

fn in_transaction(conn: &Connection, plan: &ValuePlan, job: Job<'_>) -> rusqlite::Result<Checked> {
    // All counts are of one moment; whoever hands over a connection inside a transaction has seen to that.
    let _snapshot = conn.is_autocommit().then(|| conn.unchecked_transaction()).transpose()?;
    let mut checked = Checked { findings: Vec::new(), unchecked: plan.unchecked.clone() };
    for table in &plan.tables {
        connect::check(job)?;
        let what = format!("checking {}", table.table);
        let tell = |done, total| job.tell(Event::Progress { what: &what, done, total: Some(total) });
        Pass {
            conn,
            table,
            sql: CheckedTable::of(table, Formats::ByFunctions),
            tell: &tell,
            read: Cell::new((0, 0)),
        }
        .run(&mut checked)?;
    }
    Ok(checked)
}

/// The checks of one table.
struct Pass<'a> {
    conn: &'a Connection,
    table: &'a TableChecks,
    sql: CheckedTable,
    /// Hears how far the checks are.
    tell: &'a dyn Fn(u64, u64),
    /// How often the table was read so far, and how often it will be.
    read: Cell<(u64, u64)>,
}

/// What one check came to: its rows, or why it could not be made.
pub(crate) type Answer = Result<Tally, String>;

impl Pass<'_> {
    fn run(&self, checked: &mut Checked) -> rusqlite::Result<()> {
        let checks = &self.table.checks;
        let rows = of_single_rows(checks);
        let passes = rows.chunks(AT_ONCE).len() + checks.len() - rows.len();
        self.read.set((0, passes as u64));
        self.tell(0);
        let mut answers: Vec<(usize, Answer)> = Vec::new();
        for some in rows.chunks(AT_ONCE) {
            answers.extend(self.row_checks(some)?);
            self.read_again();
        }
        for (i, check) in checks.iter().enumerate() {
            let answer = match &check.test {
                Test::Unique { terms, filter } => self.unique(terms, filter.as_deref()),
                Test::ForeignKey { parent, parent_columns } => {
                    let sql = self.sql.anti_join(&check.stated.columns, parent, parent_columns);
                    self.conn.query_row(&sql, [], |row| Tally::read(row.get_ref(0)?))
                }
                _ => continue,
            };
            answers.push((i, evaluated(answer)?));
            self.read_again();
        }
        conclude(self.table, &self.sql, answers, checked);
        Ok(())
    }

    /// All of these in one pass. What can't be compiled is found out before; when a condition fails on some row
    /// (malformed JSON under `json_extract`), each is evaluated by itself, so that only that one is lost.
    fn row_checks(&self, some: &[usize]) -> rusqlite::Result<Vec<(usize, Answer)>> {
        if let Ok(answers) = evaluated(self.scan(some))? {
            return Ok(answers);
        }
        let mut answers = Vec::new();
        let mut sound = Vec::new();
        for &i in some {
            match evaluated(self.conn.prepare(&self.sql.scan(&self.table.checks, &[(i, Term::Keys)], None)))?
            {
                Ok(_) => sound.push(i),
                Err(why) => answers.push((i, Err(why))),
            }
        }
        match evaluated(self.scan(&sound))? {
            Ok(found) => answers.extend(found),
            Err(_) => {
                for i in sound {
                    match evaluated(self.scan(&[i]))? {
                        Ok(found) => answers.extend(found),
                        Err(why) => answers.push((i, Err(why))),
                    }
                }
            }
        }
        Ok(answers)
    }

    /// Tells that the table is being read, up to that block.
    fn tell(&self, block: u64) {
        let (read, passes) = self.read.get();
        (self.tell)(read * scan::BLOCKS as u64 + block, passes * scan::BLOCKS as u64);
    }

    fn read_again(&self) {
        let (read, passes) = self.read.get();
        self.read.set((read + 1, passes));
        self.tell(0);
    }

    fn scan(&self, some: &[usize]) -> rusqlite::Result<Vec<(usize, Answer)>> {
        let tallies = scan::scan(self.conn, &self.sql, &self.table.checks, some, &|block| self.tell(block))?;
        Ok(some.iter().copied().zip(tallies.into_iter().map(Ok)).collect())
    }

    /// Rows of groups with more than one; the first are those of the first groups.
    fn unique(
        &self,
        terms: &[crate::row_checks::UniqueTerm],
        filter: Option<&str>,
    ) -> rusqlite::Result<Tally> {
        let mut tally = Tally::default();
        let mut groups: Vec<Value> = Vec::new();
        let mut named = 0;
        let mut statement = self.conn.prepare(&self.sql.groups(terms, filter))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let count = u64::try_from(row.get::<_, i64>(0)?).unwrap_or_default();
            tally.rows += count;
            if named < FIRST {
                named += usize::try_from(count).unwrap_or(FIRST);
                for column in 1..=terms.len() {
                    groups.push(row.get(column)?);
                }
            }
        }
        tally.unexplained = tally.rows > 0;
        if let Some(sql) = self.sql.members(terms, filter, groups.len() / terms.len().max(1))
            && !groups.is_empty()
        {
            let mut statement = self.conn.prepare(&sql)?;
            let mut rows = statement.query(params_from_iter(groups))?;
            while let Some(row) = rows.next()? {
                let parts = (0..self.sql.key_len()).map(|i| row.get_ref(i).map(literal));
                tally.first.push(functions::key(parts.collect::<rusqlite::Result<Vec<_>>>()?));
            }
        }
        Ok(tally)
    }
}

/// The checks that one pass can make, by their numbers.
pub(crate) fn of_single_rows(checks: &[ValueCheck]) -> Vec<usize> {
    let is_row = |check: &ValueCheck| !matches!(check.test, Test::Unique { .. } | Test::ForeignKey { .. });
    checks.iter().enumerate().filter(|(_, check)| is_row(check)).map(|(i, _)| i).collect()
}

/// Adds what the checks of a table came to, each by its number.
pub(crate) fn conclude(
    table: &TableChecks,
    sql: &CheckedTable,
    mut answers: Vec<(usize, Answer)>,
    checked: &mut Checked,
) {
    answers.sort_by_key(|(i, _)| *i);
    for (i, answer) in answers {
        let Some(check) = table.checks.get(i) else { continue };
        match answer {
            // Every such row is told by another check already.
            Ok(tally) if !tally.unexplained => {}
            Ok(tally) => checked.findings.push(ValueFinding {
                stated: check.stated.clone(),
                table: table.table.clone(),
                rows: tally.rows,
                key: sql.key_names(),
                first_keys: tally.first,
            }),
            Err(why) => checked.unchecked.push(Unchecked {
                table: table.table.clone(),
                what: Some(what(check)),
                why,
                location: None,
            }),
        }
    }
}

/// Tells what is wrong with an expression (inner error) from trouble with the database (outer error).
fn evaluated<T>(result: rusqlite::Result<T>) -> rusqlite::Result<Result<T, String>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error @ rusqlite::Error::SqlInputError { .. }) => Ok(Err(errors::message(&error))),
        Err(error) => match error.sqlite_error_code() {
            // SQLITE_ERROR: what is not there (a function, a collation, a column), and what a function itself raises.
            Some(ErrorCode::Unknown | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
                Ok(Err(errors::message(&error)))
            }
            _ => Err(error),
        },
    }
}

/// A check in a few words.
fn what(check: &ValueCheck) -> String {
    let stated = &check.stated;
    match (&check.test, stated.columns.first()) {
        (Test::Null { .. } | Test::Promise(_) | Test::Meant { .. } | Test::Type { .. }, Some(column)) => {
            format!("{} of column {}", stated.expected, column.shown())
        }
        _ => stated.expected.clone(),
    }
}
