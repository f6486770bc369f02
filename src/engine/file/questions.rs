//! Questions about the rows of a real database, asked before a plan.

use std::borrow::Cow;
use std::collections::HashSet;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Rows};

use crate::base::error::Result;
use crate::base::job::Job;
use crate::engine::catalog::inspect::main_name;
use crate::engine::catalog::rows::firsts;
use crate::engine::connection::Sqlite;
use crate::engine::connection::connect;
use crate::engine::diagnosis::errors;
use crate::engine::{Asked, OffendingRows, Question};
use crate::plan::{Bad, Condition};
use crate::schema::{Ident, names_in};
use crate::sql::{Affinity, QueryColumns, display_name, quote, quote_string};

/// How many rows are named.
const SHOWN: usize = 5;

impl Sqlite {
    /// The answer, where the question makes sense in this database.
    ///
    /// # Errors
    /// `Interrupted`.
    pub(crate) fn ask_rows(&self, question: &Question) -> Result<Option<OffendingRows>> {
        if question.columns.is_empty() {
            return Ok(None);
        }
        errors::answer(self.standing(question)).map_err(|error| self.trouble(error))
    }

    fn standing(&self, question: &Question) -> rusqlite::Result<OffendingRows> {
        let view = View::of(question);
        match &question.asked {
            Asked::Rows => {
                let bad = self.count(&format!("SELECT count(*) FROM {}", main_name(&question.table)))?;
                Ok(OffendingRows { bad, first: Vec::new() })
            }
            Asked::Condition(condition) => self.in_the_way(&view, condition),
            Asked::Values(column) => {
                let column = view.column(column)?;
                let bad = self.count(&format!("{} WHERE {column} IS NOT NULL", view.counted()))?;
                Ok(OffendingRows { bad, first: Vec::new() })
            }
            Asked::Nulls(column) => {
                let column = view.column(column)?;
                let bad = self.count(&format!("{} WHERE {column} IS NULL", view.counted()))?;
                Ok(OffendingRows { bad, first: Vec::new() })
            }
            Asked::Converted { column, from, to } => {
                let sql = format!("{} SELECT {} FROM {}", view.with, view.column(column)?, view.title);
                let mut statement = self.conn.prepare(&sql)?;
                changed(statement.query([])?, *from, *to, self.job())
            }
        }
    }

    fn count(&self, sql: &str) -> rusqlite::Result<u64> {
        self.conn.query_row(sql, [], |row| row.get(0)).map(i64::unsigned_abs)
    }

    fn in_the_way(&self, view: &View<'_>, condition: &Condition) -> rusqlite::Result<OffendingRows> {
        let View { with, title, .. } = view;
        let (counted, listed) = match &condition.bad {
            Bad::Rows(is_bad) => {
                let is_bad = view.text(is_bad);
                let first = view.question.columns.first().map(|(_, new)| new.as_str());
                let shown: Vec<String> = (first.iter())
                    .map(|name| {
                        let heading = quote_string(&format!("{} = ", display_name(name)));
                        format!("{heading} || quote({})", view.columns.name(name))
                    })
                    .collect();
                (
                    format!("{} WHERE {is_bad}", view.counted()),
                    format!("{with} SELECT {} FROM {title} WHERE {is_bad} LIMIT {SHOWN}", shown.join(", ")),
                )
            }
            Bad::Repeats { keys, only } => {
                let keys: Vec<_> = keys.iter().map(|key| view.text(key)).collect();
                let only = view.text(only.as_deref().unwrap_or("1"));
                let set: Vec<String> = keys.iter().map(|key| format!("{key} IS NOT NULL")).collect();
                let values: Vec<String> = keys.iter().map(|key| format!("quote({key})")).collect();
                let grouped = format!(
                    "SELECT min(({}) COLLATE BINARY) AS shown, count(*) AS n FROM {title} WHERE ({only}\n) AND {} GROUP BY {} HAVING count(*) > 1",
                    values.join(" || ', ' || "),
                    set.join(" AND "),
                    keys.join(", ")
                );
                (
                    format!("{with} SELECT coalesce(sum(n), 0) FROM ({grouped})"),
                    format!("{with} SELECT shown FROM ({grouped}) LIMIT {SHOWN}"),
                )
            }
        };
        let bad = self.count(&counted)?;
        let first = errors::answer(firsts(&self.conn, &listed, []))?;
        Ok(OffendingRows { bad, first: first.unwrap_or_default() })
    }
}

/// The table of a question under the names that the question uses.
struct View<'q> {
    question: &'q Question,
    /// `WITH title(names) AS (…)`
    with: String,
    title: String,
    columns: QueryColumns,
}

impl View<'_> {
    fn of(question: &Question) -> View<'_> {
        let columns = QueryColumns::called(question.columns.iter().map(|(_, new)| new.as_str()));
        let asked = named(question);
        // Without the columns of which nothing is asked: a wide table may have as many questions as columns.
        let pairs =
            question.columns.iter().enumerate().filter(|(at, (_, new))| *at == 0 || asked.contains(new));
        let (old, names): (Vec<_>, Vec<_>) =
            pairs.map(|(_, (old, new))| (quote(old.as_str()), columns.name(new.as_str()))).unzip();
        let title = quote(question.title.as_str());
        let table = main_name(&question.table);
        let with = format!("WITH {title}({}) AS (SELECT {} FROM {table})", names.join(", "), old.join(", "));
        View { question, with, title, columns }
    }

    /// An expression of the question as one over the view.
    fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.columns.in_text(text, self.question.title.as_str())
    }

    fn counted(&self) -> String {
        format!("{} SELECT count(*) FROM {}", self.with, self.title)
    }

    /// A column as SQL names it. One that is not there would be a string to SQLite.
    fn column(&self, name: &Ident) -> rusqlite::Result<String> {
        match self.question.columns.iter().any(|(_, new)| new == name) {
            true => Ok(self.columns.name(name.as_str())),
            false => Err(rusqlite::Error::InvalidColumnName(name.to_string())),
        }
    }
}

/// What a question may call a column.
fn named(question: &Question) -> HashSet<Ident> {
    match &question.asked {
        Asked::Rows => HashSet::new(),
        Asked::Values(column) | Asked::Nulls(column) | Asked::Converted { column, .. } => {
            HashSet::from([column.clone()])
        }
        Asked::Condition(condition) => match &condition.bad {
            Bad::Rows(is_bad) => names_in(is_bad).collect(),
            Bad::Repeats { keys, only } => keys.iter().chain(only).flat_map(|text| names_in(text)).collect(),
        },
    }
}

/// The values that are not the same any more when they were stored with one affinity, then with the other one, and then
/// with the first again. SQLite itself stores them.
fn changed(
    mut rows: Rows<'_>,
    from: Affinity,
    to: Affinity,
    job: Job<'_>,
) -> rusqlite::Result<OffendingRows> {
    let scratch = Connection::open_in_memory()?;
    scratch.execute_batch(&format!(
        "CREATE TABLE there (v {}); CREATE TABLE back (v {}); INSERT INTO there VALUES (NULL); INSERT INTO back VALUES (NULL);",
        to.as_str(),
        from.as_str()
    ))?;
    let mut there = scratch.prepare("UPDATE there SET v = ?1")?;
    let mut back = scratch.prepare("UPDATE back SET v = (SELECT v FROM there)")?;
    let mut differs = scratch.prepare(
        "SELECT quote(?1) || ' becomes ' || quote(there.v) FROM there, back \
         WHERE NOT (typeof(back.v) = typeof(?1) AND +back.v IS ?1)",
    )?;
    let mut standing = OffendingRows { bad: 0, first: Vec::new() };
    while let Some(row) = rows.next()? {
        let value = row.get_ref(0)?;
        if value == ValueRef::Null {
            continue;
        }
        connect::check(job)?;
        let value = ToSqlOutput::Borrowed(value);
        there.execute([&value])?;
        back.execute([])?;
        let found: Option<String> = differs.query_row([&value], |row| row.get(0)).optional()?;
        if let Some(example) = found {
            standing.bad += 1;
            if standing.first.len() < SHOWN {
                standing.first.push(example);
            }
        }
    }
    Ok(standing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Part;

    /// The SQL literals that do not come back the same.
    fn lost(from: Affinity, to: Affinity, values: &[&str]) -> Vec<String> {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(&format!("CREATE TABLE t (v {})", from.as_str())).unwrap();
        for value in values {
            conn.execute_batch(&format!("INSERT INTO t VALUES ({value})")).unwrap();
        }
        let mut statement = conn.prepare("SELECT v FROM t").unwrap();
        let standing = changed(statement.query([]).unwrap(), from, to, Job::quiet()).unwrap();
        assert_eq!(usize::try_from(standing.bad).unwrap(), standing.first.len());
        standing.first
    }

    /// A wide table may have as many questions as columns: each is as long as what it asks.
    #[test]
    fn a_question_reads_the_columns_that_it_names_and_the_first() {
        let columns: Vec<(Ident, Ident)> = ["id", "a", "b", "true", "d"]
            .map(|name| (Ident::new(format!("old_{name}")), Ident::new(name)))
            .into();
        let asked = |asked: Asked| {
            let (table, title) = (Ident::new("old"), Ident::new("t"));
            let question = Question { table, title, columns: columns.clone().into(), asked };
            View::of(&question).with
        };
        let condition = |bad| {
            asked(Asked::Condition(Condition {
                table: Ident::new("t"),
                bad,
                what: String::new(),
                of: Part::Column(Ident::new("a")),
                way_out: None,
            }))
        };
        assert_eq!(asked(Asked::Rows), r#"WITH "t"("id") AS (SELECT "old_id" FROM main."old")"#);
        assert_eq!(
            asked(Asked::Nulls(Ident::new("B"))),
            r#"WITH "t"("id", "b") AS (SELECT "old_id", "old_b" FROM main."old")"#
        );
        assert_eq!(
            condition(Bad::Rows("NOT (\"A\" > 'd' AND t.[true])".to_owned())),
            r#"WITH "t"("id", "a", "planctl_true", "d") AS (SELECT "old_id", "old_a", "old_true", "old_d" FROM main."old")"#
        );
        assert_eq!(
            condition(Bad::Repeats { keys: vec!["b".to_owned()], only: Some("d > 1".to_owned()) }),
            r#"WITH "t"("id", "b", "d") AS (SELECT "old_id", "old_b", "old_d" FROM main."old")"#
        );
    }

    #[test]
    fn a_value_is_lost_when_it_does_not_come_back_the_same() {
        use Affinity::{Blob, Integer, Numeric, Real, Text};
        assert_eq!(
            lost(Text, Integer, &["'5'", "'00123'", "'x'", "NULL", "x'00ff'", "' 7'", "'1e3'"]),
            ["'00123' becomes 123", "' 7' becomes 7", "'1e3' becomes 1000"]
        );
        assert_eq!(lost(Text, Real, &["'5'", "'5.0'"]), ["'5' becomes 5.0"]);
        assert_eq!(
            lost(Integer, Real, &["5", "9007199254740993", "'x'"]),
            ["9007199254740993 becomes 9007199254740992.0"]
        );
        assert_eq!(lost(Blob, Text, &["'a'", "5", "x'61'", "2.5"]), ["5 becomes '5'", "2.5 becomes '2.5'"]);
        assert!(lost(Real, Integer, &["5.0", "5.5", "1e300"]).is_empty());
        assert!(lost(Integer, Text, &["5", "-9223372036854775808", "'x'"]).is_empty());
        assert!(lost(Numeric, Integer, &["5", "5.5", "'x'"]).is_empty());
    }
}
