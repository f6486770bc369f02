//! What is sent to a server as one: the statements of a migration, each with what it is about.
//!
//! All of it is tried in memory first, on a database with the schema and the history of the server: what SQLite refuses
//! there is told with its place, and never leaves the house. What depends on rows only the server can tell.

use rusqlite::Connection;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::SourceFile;
use crate::engine::catalog::fingerprint::schema_mark;
use crate::engine::catalog::inspect::has_table;
use crate::engine::contract::server_name::ServerKind;
use crate::engine::diagnosis::errors;
use crate::engine::diagnosis::explain;
use crate::engine::script::data_step;
use crate::engine::script::steps;
use crate::engine::script::text::{CHECK, Script, check, in_main};
use crate::migrations::{Step, Version};
use crate::sql::{HISTORY, RECORDS, Taken, Target, Token, quote, quote_string, taken, temporary, tokens};

/// One statement of a request.
pub(super) struct Part {
    pub(super) sql: String,
    pub(super) about: About,
}

/// What a statement of a request is about: so much has to be known where the server refuses it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum About {
    /// That the database is still as it was when it was read.
    Unchanged,
    /// planctl's own bookkeeping.
    Own,
    /// A statement of the script, by its bytes there.
    Statement { start: usize, end: usize },
    /// A check of a data step, of foreign keys or of what would be lost: the reason, and the place of a data step.
    Check { reason: String, start: Option<usize> },
    /// That the query of an assertion finds nothing: the reason, and the query's bytes in the script.
    Assertion { reason: String, start: usize, end: usize },
    /// The rows that the check behind it stumbles over.
    Shown,
    /// How many rows a data step wrote.
    Backfilled,
    /// That the schema has become what it became in memory.
    SameSchema,
}

/// A request in the making.
pub(super) struct Request {
    pub(super) parts: Vec<Part>,
    kind: ServerKind,
    /// Where the data step begins whose statements are being written.
    data_step: Option<usize>,
    /// The assertion whose statements are being written, by the bytes of its query.
    assertion: Option<(usize, usize)>,
    /// Whether there is a table for what data steps did.
    takes_notes: bool,
    /// Kind and name of temporary objects that the script makes.
    temporary: Vec<(&'static str, String)>,
}

/// The mark of the schema, without the tables of virtual tables, which are their module's business.
fn mark() -> String {
    schema_mark(&format!(
        " AND tbl_name <> '{CHECK}' AND NOT EXISTS (SELECT 1 FROM (SELECT name AS v FROM main.sqlite_master \
         WHERE sql LIKE 'CREATE VIRTUAL TABLE%') WHERE substr(tbl_name, 1, length(v) + 1) = v || '_')"
    ))
}

fn marked(conn: &Connection) -> rusqlite::Result<String> {
    conn.query_row(&format!("SELECT {}", mark()), [], |row| row.get::<_, String>(0))
}

/// The versions that are applied and their checksums, in a few bytes however many there are: a migration that is applied,
/// taken back or accepted makes another one of it.
const HISTORY_MARK: &str = "(SELECT count(*) || ':' || coalesce(max(version), 0) || ':' || \
     coalesce(sum(version % 1000000007), 0) || ':' || coalesce(sum(CAST(substr(checksum, -12) AS INTEGER)), 0) \
     FROM main.refinery_schema_history)";

impl Request {
    /// One that begins with the check that schema and history are still as `conn` has them. rqlite's nodes run a request each
    /// for itself, and VACUUM renews what SQLite counts of a schema: only what is stored can be compared.
    pub(super) fn on(conn: &Connection, kind: ServerKind) -> rusqlite::Result<Request> {
        let mut request = Request::empty(kind);
        let history = if has_table(conn, HISTORY)? {
            let known: String = conn.query_row(&format!("SELECT {HISTORY_MARK}"), [], |row| row.get(0))?;
            format!("{HISTORY_MARK} = '{known}'")
        } else {
            format!("NOT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE lower(name) = '{HISTORY}')")
        };
        let schema = format!("{} = '{}'", mark(), marked(conn)?);
        request.unchanged(&format!("SELECT {history} AND {schema}"));
        Ok(request)
    }

    /// One that begins with the check that the schema is still as `conn` has it.
    pub(super) fn on_schema(conn: &Connection, kind: ServerKind) -> rusqlite::Result<Request> {
        let mut request = Request::empty(kind);
        request.unchanged(&format!("SELECT {} = '{}'", mark(), marked(conn)?));
        Ok(request)
    }

    fn empty(kind: ServerKind) -> Request {
        let (parts, data_step, assertion, temporary) = Default::default();
        Request { parts, kind, data_step, assertion, takes_notes: false, temporary }
    }

    /// Has nothing of the request happen unless `query` gives what is true: the database is then another one than was read.
    pub(super) fn unchanged(&mut self, query: &str) {
        self.checked("unchanged", query, About::Unchanged);
    }

    /// What the part with this number is about.
    pub(super) fn about(&self, at: Option<usize>) -> Option<&About> {
        self.parts.get(at?).map(|part| &part.about)
    }

    /// A statement of ours.
    pub(super) fn own(&mut self, sql: &str) {
        self.push(in_main(sql), About::Own);
    }

    /// The statements and data steps of a script.
    ///
    /// # Errors
    /// `Sql` with the place of a statement that cannot be part of a request.
    pub(super) fn script(&mut self, file: &SourceFile, steps: &[Step<'_>]) -> Result<()> {
        let has_data_steps = steps.iter().any(|step| matches!(step, Step::Backfill { .. }));
        if has_data_steps && !self.takes_notes {
            self.takes_notes = true;
            self.own(data_step::NOTES);
        }
        for step in steps {
            match step {
                Step::Sql { text, start } => {
                    let end = start + text.len();
                    let words: Vec<Token<'_>> = tokens(text).collect();
                    match taken(&words, self.kind.target()) {
                        Taken::Run => {
                            self.temporary.extend(temporary(&words));
                            self.push((*text).to_owned(), About::Statement { start: *start, end });
                        }
                        Taken::Idle => {}
                        Taken::Refused { why, help } => {
                            let error = Error::new(ErrorKind::Sql, why).at(file.span(*start, end));
                            return Err(error.help(help));
                        }
                    }
                }
                Step::Assert { reason, text, start } => {
                    let (start, end) = (*start, start + text.len());
                    self.push(steps::find("TABLE main.", text), About::Statement { start, end });
                    self.assertion = Some((start, end));
                    steps::judge(self, reason);
                    self.assertion = None;
                }
                Step::Backfill { spec, start } => {
                    self.data_step = Some(*start);
                    data_step::write(self, spec);
                    self.data_step = None;
                }
            }
        }
        Ok(())
    }

    /// Drops the temporary objects that the script has made: the connection that has them is everybody's.
    pub(super) fn drop_temporary(&mut self) {
        // Triggers and views before the tables that they are on.
        for (kind, name) in std::mem::take(&mut self.temporary).into_iter().rev() {
            self.push(format!("DROP {kind} IF EXISTS temp.{}", quote(&name)), About::Own);
        }
    }

    /// Writes the history row of a migration, and planctl's own record of it.
    pub(super) fn record(&mut self, row: &HistoryRow<'_>, has_data_steps: bool) {
        let text = quote_string;
        let optional = |value: Option<&str>| value.map_or("NULL".to_owned(), text);
        let HistoryRow { version, name, applied_on, checksum, record } = row;
        self.own(&format!(
            "INSERT INTO main.{HISTORY}(version, name, applied_on, checksum) VALUES({version}, {}, {}, '{checksum}')",
            text(name),
            text(applied_on)
        ));
        let [rows, list] =
            if has_data_steps { [data_step::NOTED_ROWS, data_step::NOTED_STEPS] } else { ["0", "NULL"] };
        let down = record.down.as_ref();
        self.own(&format!(
            "INSERT OR REPLACE INTO main.{RECORDS}(version, applied_on, checksum, run_id, took_ms, rows_backfilled, backfilled, \
             tokens_checksum, down_sql, down_checksum, schema_before, schema_after) VALUES({version}, {}, '{checksum}', {}, -1, \
             {rows}, {list}, {}, {}, {}, {}, {})",
            text(applied_on),
            text(&record.run_id),
            optional(record.tokens.map(|sum| sum.to_string()).as_deref()),
            optional(down.map(|down| down.sql.as_str())),
            optional(down.map(|down| down.checksum.to_string()).as_deref()),
            text(&record.schema_before),
            text(&record.schema_after)
        ));
        if has_data_steps {
            self.own(data_step::NO_NOTES);
        }
    }

    /// Ends with the check that the schema is what `conn` has now, on which the parts so far have run.
    pub(super) fn end(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let query = format!("SELECT {} = '{}'", mark(), marked(conn)?);
        self.checked("the same schema", &query, About::SameSchema);
        Ok(())
    }

    /// The statements, in order.
    pub(super) fn statements(&self) -> Vec<&str> {
        self.parts.iter().map(|part| part.sql.as_str()).collect()
    }

    /// Runs the parts from the `from`th on in memory. Where `rows_are_missing`, what depends on rows is passed over.
    ///
    /// # Errors
    /// The part that SQLite refuses, with its words.
    pub(super) fn try_on(
        &self,
        conn: &Connection,
        from: usize,
        rows_are_missing: bool,
    ) -> Result<(), (usize, rusqlite::Error)> {
        for (at, part) in self.parts.iter().enumerate().skip(from) {
            match conn.execute_batch(&part.sql) {
                Ok(()) => {}
                Err(error)
                    if errors::is_constraint(&error) && part.about.depends_on_rows(rows_are_missing) => {}
                Err(error) => return Err((at, error)),
            }
        }
        Ok(())
    }

    fn push(&mut self, sql: String, about: About) {
        self.parts.push(Part { sql, about });
    }

    fn checked(&mut self, reason: &str, query: &str, about: About) {
        let [table, question, end] = check(reason, query);
        self.own(&table);
        self.push(in_main(&question), about);
        self.own(&end);
    }
}

impl Script for Request {
    /// A server has no use for comments.
    fn line(&mut self, _: &str) {}

    fn statement(&mut self, sql: &str) {
        // How many rows a data step has written, a server says of the statement that writes them.
        let counts = self.data_step.is_some() && sql.starts_with("UPDATE ");
        self.push(in_main(sql), if counts { About::Backfilled } else { About::Own });
    }

    fn place(&self) -> Target {
        self.kind.target()
    }

    fn show(&mut self, query: &str) {
        // rqlite gives no rows in a transaction.
        if self.kind == ServerKind::Libsql {
            self.push(in_main(query), About::Shown);
        }
    }

    fn check(&mut self, reason: &str, query: &str) {
        let reason_of = || reason.to_owned();
        let about = match self.assertion {
            Some((start, end)) => About::Assertion { reason: reason_of(), start, end },
            None => About::Check { reason: reason_of(), start: self.data_step },
        };
        self.checked(reason, query, about);
    }
}

impl About {
    /// Whether rows may stop it that are not in memory: those of an assertion never are, others may have been `missing`.
    fn depends_on_rows(&self, missing: bool) -> bool {
        match self {
            About::Assertion { .. } => true,
            About::Unchanged | About::Own | About::SameSchema => false,
            About::Statement { .. } | About::Check { .. } | About::Shown | About::Backfilled => missing,
        }
    }
}

/// What is written into the two tables of the history.
pub(super) struct HistoryRow<'a> {
    pub(super) version: Version,
    pub(super) name: &'a str,
    pub(super) applied_on: String,
    pub(super) checksum: u64,
    pub(super) record: &'a crate::engine::Record,
}

/// What a server has to say of a statement of a script, with its place.
pub(super) fn refused_statement(file: &SourceFile, (start, end): (usize, usize), said: &str) -> Error {
    let text = file.text().get(start..end).unwrap_or_default();
    let error = Error::new(ErrorKind::Sql, said.to_owned()).at(file.span(start, end));
    explain::shown_lines(text).into_iter().fold(error, Error::note)
}
