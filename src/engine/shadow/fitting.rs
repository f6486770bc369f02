//! Values that fit every row of a table, found by trying.

use std::collections::BTreeSet;

use rusqlite::{Connection, Result};

use super::donor::Donor;
use super::seed;
use crate::base::job::Job;
use crate::engine::catalog::inspect::main_name;
use crate::engine::catalog::rows::{rows, values};
use crate::engine::connection::connect;
use crate::engine::connection::stubs::execute;
use crate::plan::Vacancy;
use crate::schema::{Ident, Table};
use crate::sql::quote;

/// How many combinations of candidates are tried before it is given up.
const TRIES: usize = 400;

/// Finds them; the table is as it was then.
pub(crate) fn values_for_all(
    conn: &Connection,
    donor: Option<&Donor>,
    table: &Table,
    vacant: &[Vacancy],
    job: Job<'_>,
) -> Result<Option<Vec<String>>> {
    execute(conn, "SAVEPOINT fitting")?;
    let found = Fitting { conn, table, vacant, job }.find(donor);
    execute(conn, "ROLLBACK TO fitting")?;
    execute(conn, "RELEASE fitting")?;
    found
}

struct Fitting<'a> {
    conn: &'a Connection,
    table: &'a Table,
    vacant: &'a [Vacancy],
    job: Job<'a>,
}

impl Fitting<'_> {
    fn find(&self, donor: Option<&Donor>) -> Result<Option<Vec<String>>> {
        seed::without_triggers(self.conn)?;
        let any = format!("SELECT EXISTS (SELECT 1 FROM {})", main_name(&self.table.name));
        if !self.conn.query_row(&any, [], |row| row.get::<_, bool>(0))? {
            return Ok(None);
        }
        // What a new row holds by itself needs no script to give it.
        let by_itself: Option<Vec<String>> =
            self.vacant.iter().map(|vacancy| vacancy.by_itself.clone()).collect();
        if let Some(values) = by_itself
            && self.all_take(&values)?
        {
            return Ok(Some(values));
        }
        if self.vacant.iter().any(|vacancy| self.choices(vacancy).is_empty()) {
            return Ok(None);
        }
        let columns: Vec<&Ident> = self.vacant.iter().map(|vacancy| &vacancy.column).collect();
        let is_key = self.vacant.iter().any(|vacancy| vacancy.candidates.is_empty());
        let lent = donor.filter(|_| !is_key).map(|donor| donor.commonest(&self.table.name, &columns));
        for values in lent.unwrap_or_default() {
            if self.all_take(&values)? {
                return Ok(Some(values));
            }
        }
        if let Some(values) = self.combination()? {
            return Ok(Some(values));
        }
        for values in if is_key { Vec::new() } else { self.held(&columns)? } {
            if self.all_take(&values)? {
                return self.plainer(values).map(Some);
            }
        }
        Ok(None)
    }

    /// What a column may be given, the plainest first.
    fn choices<'v>(&self, vacancy: &'v Vacancy) -> Vec<&'v String> {
        vacancy.by_itself.iter().chain(&vacancy.candidates).collect()
    }

    /// The first combination of candidates that fits, in the order of their plainness.
    fn combination(&self) -> Result<Option<Vec<String>>> {
        let choices: Vec<Vec<&String>> = self.vacant.iter().map(|vacancy| self.choices(vacancy)).collect();
        let mut at = vec![0; choices.len()];
        for _ in 0..TRIES {
            let values: Option<Vec<String>> =
                choices.iter().zip(&at).map(|(of, &at)| of.get(at).map(|value| (*value).clone())).collect();
            let Some(values) = values else { return Ok(None) };
            if self.all_take(&values)? {
                return Ok(Some(values));
            }
            // The next one: like a counter whose digits are the columns.
            let mut digits = at.iter_mut().zip(&choices);
            let moved = digits.any(|(digit, of)| {
                *digit = if *digit + 1 < of.len() { *digit + 1 } else { 0 };
                *digit != 0
            });
            if !moved {
                break;
            }
        }
        Ok(None)
    }

    /// The values that the rows hold, each combination once, short ones first.
    fn held(&self, columns: &[&Ident]) -> Result<Vec<Vec<String>>> {
        let shown: Vec<String> =
            columns.iter().map(|name| format!("quote({})", quote(name.as_str()))).collect();
        let sql = format!("SELECT {} FROM {}", shown.join(", "), main_name(&self.table.name));
        let found: BTreeSet<Vec<String>> = rows(self.conn, &sql, [], |row| values(row, 0))?;
        let mut found: Vec<Vec<String>> = found.into_iter().collect();
        found.sort_by_key(|values| values.iter().map(String::len).sum::<usize>());
        Ok(found)
    }

    /// The same with a plainer value in each column that takes one.
    fn plainer(&self, mut values: Vec<String>) -> Result<Vec<String>> {
        for (i, vacancy) in self.vacant.iter().enumerate() {
            for candidate in self.choices(vacancy) {
                let mut plainer = values.clone();
                if let Some(value) = plainer.get_mut(i) {
                    value.clone_from(candidate);
                }
                if self.all_take(&plainer)? {
                    values = plainer;
                    break;
                }
            }
        }
        Ok(values)
    }

    /// Whether SQLite takes these values into all rows at once.
    fn all_take(&self, values: &[String]) -> Result<bool> {
        connect::check(self.job)?;
        let set: Vec<String> = self
            .vacant
            .iter()
            .zip(values)
            .map(|(vacancy, value)| format!("{} = {value}", quote(vacancy.column.as_str())))
            .collect();
        let update = format!("UPDATE OR ABORT {} SET {}", main_name(&self.table.name), set.join(", "));
        execute(self.conn, "SAVEPOINT candidate")?;
        let taken = match execute(self.conn, &update) {
            Err(error) if crate::engine::diagnosis::errors::is_interrupt(&error) => return Err(error),
            result => result.is_ok(),
        };
        execute(self.conn, "ROLLBACK TO candidate")?;
        execute(self.conn, "RELEASE candidate")?;
        Ok(taken)
    }
}
