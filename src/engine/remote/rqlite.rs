//! rqlite's HTTP API (<https://rqlite.io/docs/api/>).

use std::fs::File;

use rusqlite::types::Value;
use serde::Deserialize;

use super::http::{Failed, Http};
use super::transport::{Answer, TableOfValues, Transport, Written};
use crate::base::error::Result;
use crate::base::job::Job;

/// An rqlite cluster, by any of its nodes.
pub(super) struct Rqlite(pub(super) Http);

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    results: Vec<Outcome>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Outcome {
    error: Option<String>,
    #[serde(default)]
    columns: Vec<String>,
    #[serde(default)]
    values: Vec<Vec<serde_json::Value>>,
    #[serde(default)]
    rows_affected: u64,
}

impl Rqlite {
    /// The results of the statements. A node that has lost its leader says so in an answer that is none.
    fn understood(&self, answer: serde_json::Value, count: usize) -> Result<Vec<Outcome>, Failed> {
        let response: Response = serde_json::from_value(answer).map_err(|error| {
            Failed::Lost(self.0.trouble("the answer is not one of rqlite's").caused_by(error))
        })?;
        if let Some(error) = response.error {
            return Err(Failed::Lost(self.0.trouble(&error)));
        }
        let is_complete =
            response.results.len() == count || response.results.iter().any(|outcome| outcome.error.is_some());
        match is_complete {
            true => Ok(response.results),
            false => Err(Failed::Lost(self.0.trouble("the answer is not complete"))),
        }
    }
}

impl Transport for Rqlite {
    fn read(&self, statements: &[&str], job: Job<'_>) -> Result<Vec<Answer>> {
        // What a majority of the nodes has committed, and all of one moment.
        let path = "/db/query?level=strong&transaction";
        let results = self.0.read(path, &serde_json::json!(statements), job, |answer| {
            self.understood(answer, statements.len())
        })?;
        Ok(results.into_iter().map(answered).collect())
    }

    fn write(&self, statements: &[&str], _: Job<'_>) -> Result<Written, Failed> {
        // Not /db/request, which goes on behind a statement that fails.
        let answer = self.0.post("/db/execute?transaction", &serde_json::json!(statements))?;
        let results = self.understood(answer, statements.len())?;
        let failed = results.iter().position(|outcome| outcome.error.is_some());
        if let Some((at, outcome)) = failed.and_then(|at| Some((at, results.get(at)?))) {
            let said = outcome.error.clone().unwrap_or_default();
            return Ok(Written::Refused { at: Some(at), said, shown: Vec::new() });
        }
        Ok(Written::Done(results.iter().map(|outcome| outcome.rows_affected).collect()))
    }

    fn copy(&self, to: File) -> Option<Result<(), Failed>> {
        // The leader's, whoever is asked.
        Some(self.0.download("/db/backup", to))
    }

    fn trouble(&self, what: &str) -> crate::base::error::Error {
        self.0.trouble(what)
    }
}

fn answered(outcome: Outcome) -> Answer {
    match outcome.error {
        Some(error) => Err(error),
        None => {
            let rows = outcome.values.into_iter().map(|row| row.into_iter().map(value).collect()).collect();
            Ok(TableOfValues { columns: outcome.columns, rows })
        }
    }
}

fn value(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Integer(flag.into()),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => Value::Integer(number),
            None => Value::Real(number.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(text) => Value::Text(text),
        other => Value::Text(other.to_string()),
    }
}
