//! A server's database that is open.

use std::ops::ControlFlow;

use rusqlite::types::Value;

use super::exact::Exact;
use super::fetch;
use super::transport::hrana::Hrana;
use super::transport::http::Http;
use super::transport::rqlite::Rqlite;
use super::transport::{Asked, Transport};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::engine::catalog::columns::{columns, named};
use crate::engine::catalog::inspect::main_name;
use crate::engine::catalog::rows;
use crate::engine::connection::Sqlite;
use crate::engine::contract::loss::{Loss, Lost};
use crate::engine::contract::options::{Clean, OpenOptions};
use crate::engine::contract::server_name::{ServerKind, ServerName};
use crate::engine::migrate::{history, loss};
use crate::sql::quote;

/// A server's database that is open: what was fetched of it.
pub(crate) struct Remote {
    pub(super) server: Box<dyn Transport>,
    pub(super) kind: ServerKind,
    /// Whether foreign keys are enforced while a migration runs.
    pub(super) enforces_keys: bool,
    /// What the schema was found to be, where it has to be what the last migration left.
    pub(super) clean: Option<Clean>,
    /// Its schema and its history, with no rows of any other table.
    pub(super) shadow: Sqlite,
}

impl Remote {
    /// Fetches the schema and the history of a server.
    ///
    /// # Errors
    /// `Server` when it cannot be reached or refuses; `Database` when its schema cannot be read here; `Interrupted`.
    pub(crate) fn open(name: &ServerName, options: OpenOptions, job: Job<'_>) -> Result<Remote> {
        let http = Http::new(name, options.lock_timeout, job);
        let server: Box<dyn Transport> = match name.kind {
            ServerKind::Rqlite => Box::new(Rqlite(http)),
            ServerKind::Libsql => Box::new(Hrana(http)),
        };
        let (mut shadow, enforces) = fetch::shadow(&*server, &name.to_string(), job)?;
        shadow.lock_timeout = options.lock_timeout;
        // A libSQL stream switches them off for itself.
        let enforces_keys = enforces && name.kind == ServerKind::Rqlite;
        Ok(Remote { server, kind: name.kind, enforces_keys, clean: None, shadow })
    }

    /// Fetches it anew.
    pub(super) fn fetch(&mut self, job: Job<'_>) -> Result<()> {
        let (shadow, _) = fetch::shadow(&*self.server, &self.shadow.name, job)?;
        self.shadow = Sqlite { lock_timeout: self.shadow.lock_timeout, ..shadow };
        Ok(())
    }

    /// Whether the schema is what the last migration left, where that is asked for. What is sent next is done only while it
    /// is the one that was fetched.
    pub(super) fn verify_clean(&self) -> Result<()> {
        history::verify_clean(&self.shadow, self.clean.as_ref())
    }

    /// The losses with what there is of each; nothing is lost of what there is nothing of.
    pub(super) fn counted(&self, lost: &[Lost], job: Job<'_>) -> Result<Vec<Lost>> {
        let losses = || lost.iter().flat_map(|lost| &lost.losses).filter(|loss| loss.object.is_none());
        let asked: Vec<String> = losses().map(|loss| self.counting(loss)).collect::<Result<_>>()?;
        let statements: Vec<&str> = asked.iter().map(String::as_str).collect();
        let answers = if asked.is_empty() { Vec::new() } else { self.server.ask(&statements, job)? };
        let mut counts = Vec::with_capacity(answers.len());
        for answer in answers {
            let rows = answer.map_err(|message| self.server.trouble(&message))?.rows;
            counts.push(match rows.first().and_then(|row| row.first()) {
                Some(Value::Integer(count)) => count.unsigned_abs(),
                _ => return Err(self.server.trouble("the answer does not fit the request")),
            });
        }
        let mut counts = counts.into_iter();
        loss::counted_by(lost, |_| Ok(counts.next().unwrap_or_default()))
    }

    /// The query that counts a loss. What an earlier step of the way back makes is not there yet.
    fn counting(&self, loss: &Loss) -> Result<String> {
        let there = columns(&self.shadow.conn, "main", loss.table.as_str());
        let there = there.map_err(|error| self.shadow.trouble(error))?;
        let column = loss.column.as_ref();
        if there.is_empty() || column.is_some_and(|column| named(&there, column.as_str()).is_none()) {
            return Ok("SELECT 0".to_owned());
        }
        let what = column.map_or("*".to_owned(), |column| quote(column.as_str()));
        Ok(format!("SELECT count({what}) FROM {}", main_name(&loss.table)))
    }

    /// See [`crate::engine::Engine::texts`].
    pub(super) fn texts_of(
        &self,
        table: &str,
        columns: &[&str],
        job: Job<'_>,
    ) -> Result<Vec<Vec<Option<String>>>> {
        let mut rows = Vec::new();
        for answer in self.server.read(&[&rows::texts(table, columns)], job)? {
            rows.extend(answer.map_err(|message| self.server.trouble(&message))?.rows);
        }
        let text = |value| match value {
            Value::Text(text) => Some(text),
            _ => None,
        };
        Ok(rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect())
    }

    /// Refuses a database whose texts come as other bytes than those of UTF-8.
    ///
    /// # Errors
    /// `Database`.
    pub(super) fn verify_utf8(&self) -> Result<()> {
        let encoding: String = (self.shadow.conn)
            .pragma_query_value(None, "encoding", |row| row.get(0))
            .map_err(|error| self.shadow.trouble(error))?;
        if encoding == "UTF-8" {
            return Ok(());
        }
        let message =
            format!("{} stores text as {encoding}, which planctl reads in files alone", self.shadow.name);
        Err(Error::new(ErrorKind::Database, message)
            .help("take a copy of it as a file, and name that with --db"))
    }

    /// Runs queries whose columns are [`exactly`](super::exact::exactly) expressions, all at one moment; the message of the
    /// first that the server refuses.
    pub(super) fn exact_rows(
        &self,
        asked: &[Asked<'_>],
        job: Job<'_>,
        take: &mut dyn FnMut(usize, Vec<Exact>) -> Result<ControlFlow<()>>,
    ) -> Result<Result<(), String>> {
        self.verify_utf8()?;
        let mut row = |at: usize, said: Vec<Value>| {
            let row: Option<Vec<Exact>> = said.into_iter().map(Exact::of).collect();
            let row = row.ok_or_else(|| self.server.trouble("the answer contains an invalid value"))?;
            take(at, row)
        };
        self.server.rows(asked, &mut row, job)
    }
}
