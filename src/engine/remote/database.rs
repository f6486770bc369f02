//! A server's database that is open.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value;

use super::fetch;
use super::hrana::Hrana;
use super::http::{Failed, Http};
use super::rqlite::Rqlite;
use super::transport::Transport;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::engine::catalog::rows;
use crate::engine::connection::copy::create_private;
use crate::engine::connection::{Sqlite, connect, copy};
use crate::engine::contract::loss::{Loss, LossKind, Lost};
use crate::engine::contract::options::{Clean, OpenOptions};
use crate::engine::contract::server_name::{ServerKind, ServerName};
use crate::engine::diagnosis::errors;
use crate::engine::migrate::history;
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
    pub(super) fn counted(&self, mut lost: Vec<Lost>, job: Job<'_>) -> Result<Vec<Lost>> {
        let asks = |loss: &Loss| matches!(loss.kind, LossKind::Rows | LossKind::Values);
        let of = |loss: &Loss| {
            let column = loss.column.as_ref().map_or("*".to_owned(), |column| quote(column.as_str()));
            format!("SELECT count({column}) FROM main.{}", quote(loss.table.as_str()))
        };
        let asked: Vec<String> =
            lost.iter().flat_map(|lost| &lost.losses).filter(|loss| asks(loss)).map(of).collect();
        if !asked.is_empty() {
            let statements: Vec<&str> = asked.iter().map(String::as_str).collect();
            let mut answers = self.server.read(&statements, job)?.into_iter();
            for loss in lost.iter_mut().flat_map(|lost| &mut lost.losses).filter(|loss| asks(loss)) {
                // A table that an earlier step of the way back makes is not there yet.
                let rows = answers.next().and_then(Result::ok).map(|answer| answer.rows).unwrap_or_default();
                loss.count = match rows.first().and_then(|row| row.first()) {
                    Some(Value::Integer(count)) => Some(u64::try_from(*count).unwrap_or_default()),
                    _ => Some(0),
                };
            }
        }
        for lost in &mut lost {
            lost.losses.retain(|loss| loss.count != Some(0));
        }
        lost.retain(|lost| !lost.is_harmless());
        Ok(lost)
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

    /// Copies the whole database into a new file that only its owner can read.
    pub(super) fn copy(&self, to: &Path) -> Result<()> {
        let copied = match self.server.copy(create_private(to)?) {
            Some(Ok(())) => Connection::open(connect::plain(to))
                .and_then(|copy| copy.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())))
                .map_err(|error| errors::database(error, &to.display().to_string())),
            Some(Err(Failed::Nobody(error) | Failed::Lost(error) | Failed::Other(error))) => Err(error),
            None => Err(self.without_copy()),
        };
        copied.inspect_err(|_| copy::remove(to))
    }

    fn without_copy(&self) -> Error {
        self.refused("copy a database").help("take a copy with the server's own means")
    }

    /// What planctl does with files and not with servers.
    pub(super) fn refused(&self, what: &str) -> Error {
        Error::new(ErrorKind::Usage, format!("planctl does not {what} on a server ({})", self.shadow.name))
    }

    pub(super) fn not_written(&self) -> Error {
        self.refused("write rows to a database")
    }

    pub(super) fn without_rows(&self) -> Error {
        self.refused("read the rows of a database")
            .help("take a copy of it as a file, and name that with --db")
    }
}
