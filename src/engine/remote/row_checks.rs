//! The check of rows on a server: all of it in one request, and so of one moment.
//!
//! A statement counts the rows that break each of some checks in one pass over a table; the keys of the first are behind a
//! CASE, and looked for only where there are some:
//!
//! ```sql
//! SELECT n0, u0, CASE WHEN u0 THEN (SELECT … LIMIT 5) END, … FROM (SELECT count(*) FILTER (WHERE …) AS n0, … FROM t)
//! ```
//!
//! A statement that the server refuses may do so for one of its checks: it is divided, and everything is asked again.

use rusqlite::types::Value;

use super::database::Remote;
use super::exact::{Exact, exactly_as_text};
use super::transport::TableOfValues;
use crate::base::error::Result;
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::engine::catalog::rows::literal;
use crate::engine::row_checks::functions::{Tally, key};
use crate::engine::row_checks::render::{CheckedTable, Formats, and, collated};
use crate::engine::row_checks::{Answer, conclude, of_single_rows};
use crate::row_checks::{Checked, FIRST, TableChecks, Test, UniqueTerm, ValuePlan};

/// Checks in one statement, and about the longest statement, in bytes.
const AT_ONCE: usize = 100;
const LONGEST: usize = 100_000;

/// A statement, and the checks that it makes of a table.
struct Question {
    table: usize,
    checks: Vec<usize>,
    sql: String,
}

/// Checks the rows; see [`crate::engine::Engine::check_values`].
pub(super) fn check(remote: &Remote, plan: &ValuePlan, job: Job<'_>) -> Result<Checked> {
    let mut checked = Checked { findings: Vec::new(), unchecked: plan.unchecked.clone() };
    let tables: Vec<(&TableChecks, CheckedTable)> =
        plan.tables.iter().map(|table| (table, CheckedTable::of(table, Formats::BySql))).collect();
    let mut questions: Vec<Question> =
        tables.iter().enumerate().flat_map(|(at, (table, sql))| questions(at, table, sql)).collect();
    if questions.is_empty() {
        return Ok(checked);
    }
    remote.verify_utf8()?;
    job.tell(Event::Progress { what: "checking the rows", done: 0, total: None });
    let answers = loop {
        let statements: Vec<&str> = questions.iter().map(|question| question.sql.as_str()).collect();
        let answers = remote.server.ask(&statements, job)?;
        if answers.len() != questions.len() {
            return Err(remote.server.trouble("the answer is not complete"));
        }
        let is_refused: Vec<bool> = answers.iter().map(Result::is_err).collect();
        let is_divisible = |(question, refused): (&Question, &bool)| *refused && question.checks.len() > 1;
        if !questions.iter().zip(&is_refused).any(is_divisible) {
            break answers;
        }
        let divided = questions.into_iter().zip(is_refused).flat_map(|(question, refused)| {
            match tables.get(question.table).filter(|_| refused && question.checks.len() > 1) {
                Some((table, sql)) => {
                    (question.checks.iter()).map(|&i| of_rows(question.table, table, sql, &[i])).collect()
                }
                None => vec![question],
            }
        });
        questions = divided.collect();
    };
    let mut found: Vec<Vec<(usize, Answer)>> = tables.iter().map(|_| Vec::new()).collect();
    for (question, answer) in questions.iter().zip(answers) {
        let answer = answer.map(|table| tallies(&table, question.checks.len()));
        for (n, &i) in question.checks.iter().enumerate() {
            let one = match &answer {
                Err(why) => Err(why.clone()),
                Ok(tallies) => Ok(tallies
                    .as_ref()
                    .and_then(|tallies| tallies.get(n).cloned())
                    .ok_or_else(|| remote.server.trouble("the answer does not fit the request"))?),
            };
            found.get_mut(question.table).into_iter().for_each(|found| found.push((i, one.clone())));
        }
    }
    for ((table, sql), answers) in tables.iter().zip(found) {
        conclude(table, sql, answers, &mut checked);
    }
    Ok(checked)
}

/// The statements for the checks of a table.
fn questions(at: usize, table: &TableChecks, sql: &CheckedTable) -> Vec<Question> {
    let mut all = Vec::new();
    let mut some: Vec<usize> = Vec::new();
    let mut length = 0;
    for i in of_single_rows(&table.checks) {
        let more = 2 * sql.is_bad(&table.checks, i).len() + sql.is_unexplained(&table.checks, i).len();
        if !some.is_empty() && (some.len() == AT_ONCE || length + more > LONGEST) {
            all.push(of_rows(at, table, sql, &some));
            (some, length) = (Vec::new(), 0);
        }
        some.push(i);
        length += more;
    }
    if !some.is_empty() {
        all.push(of_rows(at, table, sql, &some));
    }
    for (i, check) in table.checks.iter().enumerate() {
        let sql = match &check.test {
            Test::Unique { terms, filter } => repeats(sql, terms, filter.as_deref()),
            Test::ForeignKey { parent, parent_columns } => {
                let there = sql.without_parent(&check.stated.columns, parent, parent_columns);
                let first = first_keys(sql, "c.", &format!("{there} LIMIT {FIRST}"));
                format!("SELECT n, n, CASE WHEN n THEN {first} END FROM (SELECT count(*) AS n {there})")
            }
            _ => continue,
        };
        all.push(Question { table: at, checks: vec![i], sql });
    }
    all
}

/// The checks of single rows, in one pass.
fn of_rows(at: usize, table: &TableChecks, sql: &CheckedTable, some: &[usize]) -> Question {
    let (mut asked, mut counted) = (Vec::new(), Vec::new());
    for (n, &i) in some.iter().enumerate() {
        let bad = sql.is_bad(&table.checks, i);
        let first = format!("FROM {} NOT INDEXED WHERE {bad} LIMIT {FIRST}", sql.name());
        asked.push(format!("n{n}, u{n}, CASE WHEN u{n} THEN {} END", first_keys(sql, "", &first)));
        let unexplained = sql.is_unexplained(&table.checks, i);
        counted.push(format!(
            "count(*) FILTER (WHERE {bad}) AS n{n}, count(*) FILTER (WHERE ({bad}) AND {unexplained}) AS u{n}"
        ));
    }
    let sql = format!(
        "SELECT {} FROM (SELECT {} FROM {} NOT INDEXED)",
        asked.join(", "),
        counted.join(", "),
        sql.name()
    );
    Question { table: at, checks: some.to_vec(), sql }
}

/// Rows that have the same as another one; the first are those of the first groups.
fn repeats(sql: &CheckedTable, terms: &[UniqueTerm], filter: Option<&str>) -> String {
    // Beside a term stand names that no column of the table has.
    let names: Vec<String> = (0..terms.len()).map(|n| format!("planctl_v{n}")).collect();
    let same: Vec<String> =
        terms.iter().zip(&names).map(|(term, name)| format!("{} = {name}", collated(term))).collect();
    let first = format!(
        "FROM {} WHERE EXISTS (SELECT 1 FROM first WHERE {}){} ORDER BY {} LIMIT {FIRST}",
        sql.name(),
        same.join(" AND "),
        and(filter),
        sql.key().join(", ")
    );
    let names = names.join(", ");
    format!(
        "WITH repeated(planctl_n, {names}) AS MATERIALIZED ({}), \
         first AS (SELECT {names} FROM (SELECT *, sum(planctl_n) OVER (ROWS UNBOUNDED PRECEDING) - planctl_n AS before \
         FROM repeated LIMIT {FIRST}) WHERE before < {FIRST}), counted(n) AS (SELECT coalesce(sum(planctl_n), 0) FROM repeated) \
         SELECT n, n, CASE WHEN n THEN {} END FROM counted",
        sql.groups(terms, filter),
        first_keys(sql, "", &first)
    )
}

/// The keys of the rows that are `there`, as one text.
fn first_keys(sql: &CheckedTable, alias: &str, there: &str) -> String {
    if sql.key().is_empty() {
        return "NULL".to_owned();
    }
    let parts: Vec<String> = sql.key().iter().map(|key| exactly_as_text(&format!("{alias}{key}"))).collect();
    format!("(SELECT group_concat(k, ';') FROM (SELECT {} AS k {there}))", parts.join(" || ',' || "))
}

/// What a statement with so many checks has found; `None` where that is none of it.
fn tallies(answer: &TableOfValues, checks: usize) -> Option<Vec<Tally>> {
    let [row] = answer.rows.as_slice() else { return None };
    let (found, []) = row.as_chunks::<3>() else { return None };
    let tallies: Option<Vec<Tally>> = found.iter().map(tally).collect();
    tallies.filter(|tallies| tallies.len() == checks)
}

fn tally(found: &[Value; 3]) -> Option<Tally> {
    let [Value::Integer(rows), Value::Integer(unexplained), keys] = found else { return None };
    let first = match keys {
        Value::Null => Vec::new(),
        Value::Text(keys) => keys.split(';').map(shown_key).collect::<Option<_>>()?,
        _ => return None,
    };
    Some(Tally { rows: u64::try_from(*rows).ok()?, unexplained: *unexplained > 0, first })
}

fn shown_key(said: &str) -> Option<String> {
    let parts = said.split(',').map(|part| Some(literal(Exact::of_text(part)?.as_ref())));
    parts.collect::<Option<Vec<_>>>().map(key)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use rusqlite::Connection;

    use super::*;
    use crate::engine::row_checks::render::Formats;
    use crate::row_checks::RowKey;
    use crate::schema::Ident;

    #[test]
    fn what_a_unique_column_is_called_makes_no_difference() {
        for name in ["a", "n", "v0", "before", "g", "first", "k", "rowid", "true"] {
            let conn = Connection::open_in_memory().unwrap();
            let sql = crate::sql::quote(name);
            let rows = "(1, 'x'), (2, 'y'), (3, 'z'), (4, 'y')";
            conn.execute_batch(&format!("CREATE TABLE t (id, {sql}); INSERT INTO t VALUES {rows}")).unwrap();
            let key = RowKey::Columns(vec![Ident::from("id")]);
            let checks = TableChecks { table: Ident::from("t"), key, checks: Vec::new() };
            let table = CheckedTable::of(&checks, Formats::BySql);
            let asked = repeats(&table, &[UniqueTerm { sql, collation: None }], None);
            let found: (i64, Option<String>) =
                conn.query_row(&asked, [], |row| Ok((row.get(0)?, row.get(2)?))).unwrap();
            let [two, four] = ["2", "4"].map(|id| {
                let key = format!("SELECT {}", exactly_as_text(id));
                conn.query_row(&key, [], |row| row.get::<_, String>(0)).unwrap()
            });
            assert_eq!(found, (2, Some(format!("{two};{four}"))), "{name}");
        }
    }
}
