//! What stands behind SQLite's message when a statement fails: the rows in the way, and what usually helps.

use rusqlite::Connection;

use crate::sql::{Token, quote, tokens};

/// How many rows are named.
const SHOWN: usize = 5;

/// Background for a failing statement.
#[derive(Default, Debug)]
pub(super) struct Explained {
    pub(super) notes: Vec<String>,
    pub(super) help: Option<String>,
    /// Whether rows, not the statement, are the cause.
    pub(super) data: bool,
}

/// Explains `said`, SQLite's message on `statement`. Called while the transaction is still open, so that tables which
/// the migration made are there to be looked at. Looking never makes things worse: what cannot be found out is left out.
pub(super) fn explain(conn: &Connection, statement: &str, said: &str) -> Explained {
    if let Some(columns) = said.strip_prefix("NOT NULL constraint failed: ") {
        let (table, column) = split_name(columns);
        let rows = Source::of(conn, statement, table).and_then(|source| source.nulls(conn, column));
        return Explained {
            notes: rows.into_iter().collect(),
            help: Some(format!(
                "give these rows a value first, or fill it in on the way: coalesce({column}, …)"
            )),
            data: true,
        };
    }
    if let Some(columns) = said.strip_prefix("UNIQUE constraint failed: ") {
        let names: Vec<(&str, &str)> = columns.split(", ").map(split_name).collect();
        let table = names.first().map_or("", |(table, _)| table);
        let columns: Vec<&str> = names.iter().map(|(_, column)| *column).collect();
        let rows = Source::of(conn, statement, table).and_then(|source| source.duplicates(conn, &columns));
        return Explained {
            notes: rows.into_iter().collect(),
            help: Some("decide which of these rows to keep, and merge or delete the others first".to_owned()),
            data: true,
        };
    }
    if said.starts_with("CHECK constraint failed") || said == "constraint failed" {
        return Explained {
            help: Some("correct the rows that do not satisfy the check first".to_owned()),
            data: true,
            ..Explained::default()
        };
    }
    Explained { help: help(statement, said), ..Explained::default() }
}

fn help(statement: &str, said: &str) -> Option<String> {
    let help = if let Some(name) = said.strip_prefix("no such table: ") {
        format!("is {name} made by a migration with a later version, or under another name?")
    } else if said.starts_with("Cannot add a NOT NULL column") {
        "give the column a DEFAULT, or rebuild the table".to_owned()
    } else if said.starts_with("Cannot add a column with non-constant default") {
        "SQLite adds such a column only to an empty table: add it with a constant default and UPDATE the rows, or rebuild the table"
            .to_owned()
    } else if said.starts_with("error in view ") || said.starts_with("error in trigger ") {
        "drop what reads the table before it is changed, and make it again afterwards".to_owned()
    } else if said.contains("should this be a string literal in single-quotes") {
        "double quotes are for names: write the string as '…'".to_owned()
    } else if said.starts_with("cannot VACUUM") {
        "VACUUM does not work inside a transaction: run it by hand".to_owned()
    } else if said.contains("already exists") && tokens(statement).next().is_some_and(|t| t.is_word("CREATE"))
    {
        "did an earlier version make it, or somebody by hand? `planctl migrate baseline` takes over a database that has it"
            .to_owned()
    } else {
        return None;
    };
    Some(help)
}

/// `t.c` → (`t`, `c`)
fn split_name(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}

/// Where the rows come from that a statement wanted to write or to index.
struct Source {
    /// A query that gives them, with the columns' names of the table.
    query: String,
    /// The columns that identify a row, and their values in the query.
    key: Vec<String>,
    table: String,
}

impl Source {
    /// The rows of `INSERT INTO table … SELECT …` and of `CREATE UNIQUE INDEX … ON table`.
    fn of(conn: &Connection, statement: &str, table: &str) -> Option<Source> {
        let words: Vec<Token<'_>> = tokens(statement).collect();
        let first = words.first()?;
        let columns = columns(conn, table)?;
        let key: Vec<String> = columns.iter().filter(|c| c.key).map(|c| c.name.clone()).collect();
        if first.is_word("CREATE") {
            let rowid = if key.is_empty() { "rowid, " } else { "" };
            let query = format!("SELECT {rowid}* FROM main.{}", quote(table));
            let key = if key.is_empty() { vec!["rowid".to_owned()] } else { key };
            return Some(Source { query, key, table: table.to_owned() });
        }
        if !first.is_word("INSERT") && !first.is_word("REPLACE") {
            return None;
        }
        let into = words.iter().position(|token| token.is_word("INTO"))?;
        let mut rest = words.get(into + 1..)?;
        // [schema .] table
        if rest.get(1)?.is_punct(".") {
            rest = rest.get(2..)?;
        }
        rest = rest.get(1..)?;
        let mut names: Vec<String> = Vec::new();
        if rest.first()?.is_punct("(") {
            let close = rest.iter().position(|token| token.is_punct(")"))?;
            let list = rest.get(1..close)?;
            names.extend(list.iter().filter(|token| token.can_be_name()).map(Token::unquoted));
            rest = rest.get(close + 1..)?;
        } else {
            names.extend(columns.iter().filter(|c| !c.generated).map(|c| c.name.clone()));
        }
        let start = rest.first()?;
        if !["SELECT", "WITH"].iter().any(|word| start.is_word(word)) {
            return None;
        }
        let select = statement.get(start.start..)?.trim_end().trim_end_matches(';');
        let list: Vec<String> = names.iter().map(|name| quote(name)).collect();
        let query =
            format!("WITH planctl_source({}) AS ({select}\n) SELECT * FROM planctl_source", list.join(", "));
        let key = if key.iter().all(|k| names.iter().any(|n| n.eq_ignore_ascii_case(k))) {
            key
        } else {
            Vec::new()
        };
        Some(Source { query, key, table: table.to_owned() })
    }

    /// The rows that have NULL in `column`.
    fn nulls(&self, conn: &Connection, column: &str) -> Option<String> {
        let condition = format!("FROM ({}) WHERE {} IS NULL", self.query, quote(column));
        let count: i64 =
            conn.query_row(&format!("SELECT count(*) {condition}"), [], |row| row.get(0)).ok()?;
        let rows = if count == 1 { "row has" } else { "rows have" };
        let first = self.keys(conn, &condition, count);
        Some(format!("{}.{column}: {count} {rows} NULL{first}", self.table))
    }

    /// The values that more than one row has in `columns`.
    fn duplicates(&self, conn: &Connection, columns: &[&str]) -> Option<String> {
        let list: Vec<String> = columns.iter().map(|column| quote(column)).collect();
        let (list, values) = (list.join(", "), as_text(columns));
        let not_null: Vec<String> = columns.iter().map(|c| format!("{} IS NOT NULL", quote(c))).collect();
        let groups = format!(
            "SELECT {values} AS v, count(*) AS n FROM ({}) WHERE {} GROUP BY {list} HAVING n > 1",
            self.query,
            not_null.join(" AND ")
        );
        let total = format!("SELECT count(*), sum(n) FROM ({groups})");
        let (values, rows): (i64, i64) =
            conn.query_row(&total, [], |row| Ok((row.get(0)?, row.get(1)?))).ok()?;
        // Values that are equal only by the collation of the column that they were to go to.
        if values == 0 {
            return None;
        }
        let mut statement = conn.prepare(&format!("SELECT v, n FROM ({groups}) LIMIT {SHOWN}")).ok()?;
        let shown = statement
            .query_map([], |row| Ok(format!("{} ({} rows)", row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))
            .ok()?;
        let mut shown = shown.collect::<rusqlite::Result<Vec<_>>>().ok()?;
        if usize::try_from(values).unwrap_or(usize::MAX) > shown.len() {
            shown.push("…".to_owned());
        }
        let columns = columns.join(", ");
        let what = if values == 1 { "value" } else { "values" };
        Some(format!("{}({columns}): {rows} rows share {values} {what}: {}", self.table, shown.join(", ")))
    }

    /// ": id = 1; id = 2; …"
    fn keys(&self, conn: &Connection, condition: &str, count: i64) -> String {
        if self.key.is_empty() {
            return String::new();
        }
        let names: Vec<&str> = self.key.iter().map(String::as_str).collect();
        let sql = format!("SELECT {} {condition} LIMIT {SHOWN}", as_text(&names));
        let shown = conn.prepare(&sql).and_then(|mut statement| {
            statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()
        });
        let Ok(mut shown) = shown else { return String::new() };
        if usize::try_from(count).unwrap_or(usize::MAX) > shown.len() {
            shown.push("…".to_owned());
        }
        format!(": {} {}", names.join(", "), shown.join(", "))
    }
}

/// An expression for the values of these columns as SQL writes them: one bare, several in parentheses.
fn as_text(columns: &[&str]) -> String {
    let values: Vec<String> = columns.iter().map(|column| format!("quote({})", quote(column))).collect();
    match values.as_slice() {
        [one] => one.clone(),
        many => format!("'(' || {} || ')'", many.join(" || ', ' || ")),
    }
}

struct Column {
    name: String,
    key: bool,
    generated: bool,
}

fn columns(conn: &Connection, table: &str) -> Option<Vec<Column>> {
    let sql = "SELECT name, pk > 0, hidden > 1 FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1";
    let mut statement = conn.prepare(sql).ok()?;
    let rows = statement
        .query_map([table], |row| Ok(Column { name: row.get(0)?, key: row.get(1)?, generated: row.get(2)? }))
        .ok()?;
    let columns = rows.collect::<rusqlite::Result<Vec<_>>>().ok()?;
    (!columns.is_empty()).then_some(columns)
}
