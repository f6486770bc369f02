//! rqlite's HTTP API (<https://rqlite.io/docs/api/>).

use std::fs::File;

use rusqlite::types::Value;
use serde::Deserialize;
use serde_json::json;

use super::http::{Failed, Http};
use super::{Answer, Asked, TableOfValues, TakeRow, Transport, Written};
use crate::base::error::Result;
use crate::base::job::Job;
use crate::queries;

/// An rqlite cluster, by any of its nodes.
pub(crate) struct Rqlite(pub(crate) Http);

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
    /// What each of the queries gives, all of one moment.
    fn asked(&self, level: &str, body: serde_json::Value, count: usize, job: Job<'_>) -> Result<Vec<Answer>> {
        let path = format!("/db/query?level={level}&transaction");
        let results = self.0.read(&path, &body, job, |answer| self.understood(answer, count))?;
        Ok(results.into_iter().map(answered).collect())
    }

    /// The results of the statements. A node that has lost its leader says so in an answer that is none.
    fn understood(&self, answer: serde_json::Value, count: usize) -> Result<Vec<Outcome>, Failed> {
        let not_rqlite = || Failed::Other(self.0.other_program("the answer is not rqlite's"));
        // Without a leader there may be nothing in it at all.
        let known = ["results", "error", "time"];
        let is_known = answer
            .as_object()
            .is_some_and(|object| object.is_empty() || known.iter().any(|name| object.contains_key(*name)));
        let response: Response =
            serde_json::from_value(answer).ok().filter(|_| is_known).ok_or_else(not_rqlite)?;
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
        // It is an entry of the log, behind whatever was sent before.
        self.asked("strong", json!(statements), statements.len(), job)
    }

    fn ask(&self, statements: &[&str], job: Job<'_>) -> Result<Vec<Answer>> {
        // `strong` has every node run the query, and all writes wait for it.
        self.asked("linearizable", json!(statements), statements.len(), job)
    }

    fn rows(&self, asked: &[Asked<'_>], take: &mut TakeRow<'_>, job: Job<'_>) -> Result<Result<(), String>> {
        let parameters = |asked: &Asked<'_>| {
            let values = asked.values.iter().map(|bound| (bound.name.clone(), json(&bound.value)));
            json!([asked.sql, values.collect::<serde_json::Map<_, _>>()])
        };
        let body: Vec<serde_json::Value> = asked.iter().map(parameters).collect();
        let answers = self.asked("linearizable", json!(body), asked.len(), job)?;
        for (at, answer) in answers.into_iter().enumerate() {
            let rows = match answer {
                Ok(table) => table.rows,
                Err(message) => return Ok(Err(message)),
            };
            for row in rows {
                if take(at, row)?.is_break() {
                    return Ok(Ok(()));
                }
            }
        }
        Ok(Ok(()))
    }

    fn write(&self, statements: &[&str], _: Job<'_>) -> Result<Written, Failed> {
        // Not /db/request, which goes on behind a statement that fails.
        let answer = self.0.post("/db/execute?transaction", &json!(statements))?;
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

/// A parameter's value; rqlite takes an array of bytes for a blob.
fn json(value: &queries::Value<'_>) -> serde_json::Value {
    match value {
        queries::Value::Null => serde_json::Value::Null,
        queries::Value::Integer(number) => json!(number),
        queries::Value::Real(number) => json!(number),
        queries::Value::Text(text) => json!(text),
        queries::Value::Blob(bytes) => json!(bytes),
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
