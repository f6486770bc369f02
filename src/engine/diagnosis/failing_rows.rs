//! The rows that a failing statement wanted to write or to index.

use rusqlite::Connection;

use super::arriving::{Arriving, columns_of};
use crate::base::words::counted;
use crate::ddl;
use crate::engine::Columns;
use crate::engine::catalog::columns::free_rowid_name;
use crate::engine::catalog::rows::firsts;
use crate::schema::{IndexKey, IndexTerm};
use crate::sql::{QueryColumns, display_name, quote};

/// How many rows are named.
const SHOWN: usize = 5;

/// Where the rows come from that a statement wanted to write or to index.
pub(crate) struct Source {
    /// A query that gives them.
    query: String,
    /// What the table's columns are called in it.
    names: QueryColumns,
    /// The columns that identify a row, and their values in the query.
    key: Vec<String>,
    table: String,
    /// What the user calls it.
    title: String,
}

impl Source {
    /// The rows that `CREATE UNIQUE INDEX … ON table (…) [WHERE …]` reads, and what it indexes.
    pub(crate) fn indexed(conn: &Connection, statement: &str) -> Option<(Source, Vec<String>)> {
        let index = ddl::create_index(statement.trim_end_matches(';')).ok().filter(|index| index.unique)?;
        let mut source = Source::whole(conn, index.table.as_str())?;
        if let Some(filter) = &index.filter {
            source.query = format!("{} WHERE {}\n", source.query, filter.text);
        }
        let expression = |key: &IndexKey| {
            let term = match &key.term {
                IndexTerm::Column(name) => name.shown(),
                IndexTerm::Expr(expr) => expr.text.clone(),
            };
            let collate = key.collation.as_ref().map(|name| format!(" COLLATE {}", display_name(name)));
            term + &collate.unwrap_or_default()
        };
        Some((source, index.keys.iter().map(expression).collect()))
    }

    /// The rows on their way to a table, which is called `title`.
    pub(crate) fn arriving(rows: &Arriving, title: &str) -> Source {
        let Arriving { table, query, names, key, .. } = rows.clone();
        Source { query, names, key, table, title: title.to_owned() }
    }

    /// All rows of a table.
    pub(crate) fn whole(conn: &Connection, table: &str) -> Option<Source> {
        let columns = columns_of(conn, table)?;
        // Whatever has no key has a rowid.
        let rowid = free_rowid_name(&columns).filter(|_| columns.iter().all(|column| column.key == 0));
        let names = QueryColumns::called(columns.iter().map(|column| column.name.as_str()));
        let all = columns.iter().map(|c| format!("{} AS {}", quote(&c.name), names.name(&c.name)));
        let all: Vec<String> = rowid.map(str::to_owned).into_iter().chain(all).collect();
        let query = format!("SELECT {} FROM main.{}", all.join(", "), quote(table));
        let key = columns.into_iter().filter(|column| column.key > 0).map(|column| column.name);
        let key = key.chain(rowid.map(str::to_owned)).collect();
        Some(Source { query, names, key, table: table.to_owned(), title: table.to_owned() })
    }

    /// Whether its rows are those of this table.
    pub(crate) fn is_of(&self, table: &str) -> bool {
        self.table.eq_ignore_ascii_case(table)
    }

    /// The rows that have NULL in `column`.
    pub(crate) fn nulls(&self, conn: &Connection, column: &str) -> Option<String> {
        self.failing(conn, &format!("{} IS NULL", self.column(column)), &format!("with NULL in {column}"))
    }

    /// A column by a name that cannot be taken for a string where there is no such column.
    pub(crate) fn column(&self, name: &str) -> String {
        format!("{}.{}", quote(&self.table), quote(name))
    }

    /// The rows for which `condition` over the table is true: "a: 2 rows with NULL in x: id 1, 3".
    pub(crate) fn failing(&self, conn: &Connection, condition: &str, what: &str) -> Option<String> {
        let condition = self.names.in_text(condition, &self.table);
        let condition = format!("FROM ({}) AS {} WHERE {condition}", self.query, quote(&self.table));
        let count: i64 =
            conn.query_row(&format!("SELECT count(*) {condition}"), [], |row| row.get(0)).ok()?;
        if count == 0 {
            // What SQLite refused was not understood.
            return None;
        }
        let (rows, keys) = (counted(count, "row"), self.keys(conn, &condition, count));
        Some(format!("{}: {rows} {what}{keys}", self.title))
    }

    /// The values that more than one row has in these expressions over the table, which a message shows as `columns`.
    pub(crate) fn duplicates(
        &self,
        conn: &Connection,
        expressions: &[String],
        columns: &str,
    ) -> Option<String> {
        let expressions: Vec<_> = expressions.iter().map(|e| self.names.in_text(e, &self.table)).collect();
        let not_null: Vec<String> = expressions.iter().map(|e| format!("({e}) IS NOT NULL")).collect();
        let groups = format!(
            "SELECT {} AS v, count(*) AS n FROM ({}) AS {} WHERE {} GROUP BY {} HAVING count(*) > 1",
            as_text(&expressions),
            self.query,
            quote(&self.table),
            not_null.join(" AND "),
            expressions.join(", ")
        );
        let total = format!("SELECT count(*), sum(n) FROM ({groups})");
        let (values, rows): (i64, i64) =
            conn.query_row(&total, [], |row| Ok((row.get(0)?, row.get(1)?))).ok()?;
        // None of them is refused for another one.
        if values == 0 {
            return None;
        }
        let shown = format!("SELECT v || ' (' || n || ' rows)' FROM ({groups}) LIMIT {SHOWN}");
        let mut shown: Vec<String> = firsts(conn, &shown, []).ok()?;
        if usize::try_from(values).unwrap_or(usize::MAX) > shown.len() {
            shown.push("…".to_owned());
        }
        let (values, shown) = (counted(values, "value"), shown.join(", "));
        Some(format!("{}({columns}): {} share {values}: {shown}", self.title, counted(rows, "row")))
    }

    /// ": id = 1; id = 2; …"
    fn keys(&self, conn: &Connection, condition: &str, count: i64) -> String {
        if self.key.is_empty() {
            return String::new();
        }
        let quoted: Vec<String> = self.key.iter().map(|name| self.names.name(name)).collect();
        let sql = format!("SELECT {} {condition} LIMIT {SHOWN}", as_text(&quoted));
        let Ok(mut shown) = firsts::<String, Vec<_>>(conn, &sql, []) else { return String::new() };
        if usize::try_from(count).unwrap_or(usize::MAX) > shown.len() {
            shown.push("…".to_owned());
        }
        format!(": {} {}", self.key.join(", "), shown.join(", "))
    }
}

/// The table and the column that are named; where the schema has no such pair, what is in front of the last dot is the table.
pub(crate) fn split(conn: &Connection, only: &Columns) -> (String, String) {
    let sql = "SELECT t.name, c.name FROM main.sqlite_schema t, pragma_table_xinfo(t.name, 'main') c
               WHERE t.type = 'table' AND t.name || '.' || c.name = ?1";
    let pair = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    conn.query_row(sql, [&only.0], pair).unwrap_or_else(|_| {
        let (table, column) = only.0.rsplit_once('.').unwrap_or(("", &only.0));
        (table.to_owned(), column.to_owned())
    })
}

/// An expression for these values as SQL writes them: one bare, several in parentheses.
fn as_text(expressions: &[impl AsRef<str>]) -> String {
    let values: Vec<String> =
        expressions.iter().map(|expression| format!("quote({})", expression.as_ref())).collect();
    match values.as_slice() {
        [one] => one.clone(),
        many => format!("'(' || {} || ')'", many.join(" || ', ' || ")),
    }
}
